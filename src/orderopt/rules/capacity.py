"""Rule *capacity*: a resource does at most as many tasks at once as its capacity says."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import Bools, Ints
from orderopt.rules.violation import HEADER_ROWS, build_findings
from orderopt.rules.wall_clock import to_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_capacity(facts: Facts) -> Iterator[Finding]:
    """Yield tasks that stand on an occupied resource; fixed tasks among themselves are not judged.

    Intervals are half-open, so a task of zero minutes occupies nothing.
    """
    tasks = facts.tasks
    rows = tasks.order[tasks.end[tasks.order] > tasks.start[tasks.order]]
    is_single = facts.given.resources.capacity[tasks.resource[rows]] == 1
    yield from _judge_single(facts, rows[is_single])
    yield from _judge_many(facts, rows[~is_single])


def _latest_end(facts: Facts, rows: Ints, counts: Bools) -> Ints:
    """Return for each row the place of the counted row before it on its resource that ends last, -1 for none."""
    tasks = facts.tasks
    _, group = np.unique(tasks.resource[rows], return_inverse=True)
    low = int(tasks.end[rows].min(initial=0))
    span = int(tasks.end[rows].max(initial=0)) - low + 2
    ends = group * span + np.where(counts, tasks.end[rows] - low + 1, 0)
    latest = np.maximum.accumulate(ends)
    is_record = np.concatenate([[True], ends[1:] > latest[:-1]])
    holder = np.maximum.accumulate(np.where(is_record, np.arange(len(rows)), 0))
    before = np.concatenate([[-1], holder[:-1]])
    is_same = (before >= 0) & (group[before] == group) & counts[before]
    return np.asarray(np.where(is_same, before, -1), dtype=np.int64)


def _judge_single(facts: Facts, rows: Ints) -> Iterator[Finding]:
    tasks = facts.tasks
    if not len(rows):
        return
    is_planned = tasks.is_planned[rows]
    before_any = _latest_end(facts, rows, np.ones(len(rows), dtype=np.bool_))
    before_planned = _latest_end(facts, rows, is_planned)
    before = np.where(is_planned, before_any, before_planned)
    overlaps = (before >= 0) & (tasks.end[rows[before]] > tasks.start[rows])

    def build(place: int) -> Finding:
        row, other = int(rows[place]), int(rows[before[place]])
        return Finding(
            code="CAPACITY_OVERLAP",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says=f"it starts {facts.say(tasks.start[row])} while task {tasks.table.text('task_id')[other]} is on the "
            f"resource until {facts.say(tasks.end[other])}",
            expected="one task at a time",
        )

    yield from build_findings(overlaps, build)


def _judge_many(facts: Facts, rows: Ints) -> Iterator[Finding]:
    """Count tasks and missing places as they come and go; ends come before begins."""
    tasks, windows = facts.tasks, _windows(facts)
    num_tasks, size = len(rows), len(rows) + len(windows)
    resource = np.concatenate([tasks.resource[rows], windows[:, 0]])
    weight = np.concatenate([np.ones(num_tasks, dtype=np.int64), windows[:, 3]])
    planned = np.concatenate([tasks.is_planned[rows], np.zeros(len(windows), dtype=np.bool_)])
    events = np.concatenate([np.arange(size), np.arange(size)])
    is_start = np.repeat([1, 0], size).astype(np.int64)
    starts = np.concatenate([tasks.start[rows], windows[:, 1]])
    ends = np.concatenate([tasks.end[rows], windows[:, 2]])
    times = np.where(is_start == 1, starts[events], ends[events])
    order = np.lexsort((events < num_tasks, is_start, times, resource[events]))
    events, sign, times = events[order], np.where(is_start[order] == 1, 1, -1), times[order]
    taken = np.cumsum(sign * weight[events])
    running = np.cumsum(sign * (events < num_tasks))
    running_planned = np.cumsum(sign * planned[events])
    capacity = facts.given.resources.capacity[resource[events]]
    is_over = (sign == 1) & (taken > capacity) & (running_planned > 0)

    def build(place: int) -> Finding:
        event = int(events[place])
        row = int(rows[event]) if event < num_tasks else None
        name = f"resource {facts.given.resources.names.index[resource[event]]}" if row is None else tasks.name(row)
        return Finding(
            code="CAPACITY_EXCEEDED",
            table="schedule",
            row=None if row is None else row + HEADER_ROWS,
            subject=name,
            says=f"{running[place]} tasks are on the resource from {facts.say(times[place])}",
            expected=f"at most {capacity[place] - (taken[place] - running[place])} at once",
        )

    yield from build_findings(is_over, build)


def _windows(facts: Facts) -> Ints:
    """Return where places are missing: resource, start, end and how many, apart from each other on each resource.

    Windows are cut to the open time within them; where they overlap, the one that leaves the fewest places counts.
    """
    given, found = facts.given, []
    rows = given.snapshot.capacity_changes
    codes = given.resources.names.codes([row.resource_id for row in rows])
    for code in np.unique(codes[codes >= 0]).tolist():
        own = [rows[place] for place in np.flatnonzero(codes == code)]
        spans = [(to_minute(row.starts_at), to_minute(row.ends_at), row.capacity) for row in own]
        calendar_id = given.resources.calendar_ids[given.resources.calendar[code]]
        cut = [
            (int(inside[0, 0]), int(inside[-1, 1]), capacity)
            for start, end, capacity in spans
            for inside in [given.open_time(calendar_id, start, end).spans]
            if len(inside)
        ]
        marks = sorted({mark for start, end, _ in cut for mark in (start, end)})
        for start, end in itertools.pairwise(marks):
            left = [capacity for begin, until, capacity in cut if begin <= start and end <= until]
            if left:
                found.append((code, start, end, int(given.resources.capacity[code]) - min(left)))
    return np.array(found, dtype=np.int64).reshape(-1, 4)
