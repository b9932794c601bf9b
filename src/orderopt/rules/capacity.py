"""Rule *capacity*: a resource does at most as many tasks at once as its capacity says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import Bools, Ints
from orderopt.rules.violation import HEADER_ROWS, build_findings

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
    tasks = facts.tasks
    events = np.concatenate([rows, rows])
    is_start = np.repeat([1, 0], len(rows)).astype(np.int64)
    times = np.where(is_start == 1, tasks.start[events], tasks.end[events])
    order = np.lexsort((is_start, times, tasks.resource[events]))
    events, change = events[order], np.where(is_start[order] == 1, 1, -1)
    running = np.cumsum(change)
    running_planned = np.cumsum(change * tasks.is_planned[events])
    capacity = facts.given.resources.capacity[tasks.resource[events]]
    is_over = (change == 1) & (running > capacity) & (running_planned > 0)

    def build(place: int) -> Finding:
        row = int(events[place])
        return Finding(
            code="CAPACITY_EXCEEDED",
            table="schedule",
            row=row + HEADER_ROWS,
            subject=tasks.name(row),
            says=f"{running[place]} tasks are on the resource from {facts.say(tasks.start[row])}",
            expected=f"at most {capacity[place]} at once",
        )

    yield from build_findings(is_over, build)
