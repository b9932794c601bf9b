"""Windows in which a resource has fewer places, as fixed tasks that stand on the places it lacks.

A blocker is a job of one fixed task that serves nothing, draws nothing and costs nothing; blockers stand behind all
real jobs and tasks. In this form every strategy knows what to do with them.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from orderopt.solvers.compiled.open_time import OpenTime
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import NONE, Floats, Ints
from orderopt.stages.shop_tasks import TaskArrays


class Blocker(NamedTuple):
    """A place of a resource that is not there from a minute to another."""

    resource: int
    start: int
    end: int


def find_blockers(plant: Plant, tasks: TaskArrays) -> list[Blocker]:
    """Return what stands on the places that resources lack, as far as fixed tasks leave room for it.

    Windows count in open time: they are cut to the first and the last open minute within them, so that tasks that
    pause over closed hours meet them in open time or not at all.
    """
    windows: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for change in plant.snapshot.capacity_changes:
        resource = plant.resource_index[change.resource_id]
        lacks = plant.resources[resource].capacity - change.capacity
        cut = _cut(plant.open_time(resource), plant.clock.tick(change.starts_at), plant.clock.tick(change.ends_at))
        if lacks > 0 and cut is not None:
            windows[resource].append((*cut, lacks))
    found = []
    for resource, lacking in windows.items():
        capacity = plant.resources[resource].capacity
        for start, end in _stretches(lacking, _fixed_on(tasks, resource), capacity):
            cut = _cut(plant.open_time(resource), max(start, plant.start), end)
            if cut is not None:
                found.append(Blocker(resource, *cut))
    return found


def _cut(open_time: OpenTime, start: int, end: int) -> tuple[int, int] | None:
    """Return a span from its first to its last open minute; None if there is none."""
    begin = open_time.next_open(start)
    if begin >= end:
        return None
    return begin, open_time.end_of(open_time.worked(end))


def _fixed_on(tasks: TaskArrays, resource: int) -> list[tuple[int, int]]:
    fixed = np.flatnonzero(tasks.task_is_fixed)
    here = fixed[tasks.alt_resource[tasks.alt_ptr[fixed]] == resource]
    return list(zip(tasks.fixed_start[here].tolist(), tasks.fixed_end[here].tolist(), strict=True))


def _stretches(
    lacking: list[tuple[int, int, int]], fixed: list[tuple[int, int]], capacity: int
) -> list[tuple[int, int]]:
    """Return for each place that is missing the stretches of time for which it is; where windows overlap, most are."""
    marks = sorted({mark for start, end, _ in lacking for mark in (start, end)} | {m for span in fixed for m in span})
    missing = []
    for start, end in itertools.pairwise(marks):
        most = max((lacks for begin, until, lacks in lacking if begin <= start and end <= until), default=0)
        busy = sum(begin <= start and end <= until for begin, until in fixed)
        missing.append((start, end, min(most, max(0, capacity - busy))))
    found = []
    for level in range(1, capacity + 1):
        stretch: tuple[int, int] | None = None
        for start, end, most in missing:
            if most < level:
                continue
            if stretch is not None and stretch[1] == start:
                stretch = stretch[0], end
            else:
                found += [] if stretch is None else [stretch]
                stretch = start, end
        found += [] if stretch is None else [stretch]
    return found


def add_blockers(columns: dict[str, Any], blockers: list[Blocker]) -> dict[str, Any]:
    """Return the columns of tasks, waits and lines of a shop with the blockers behind them."""
    if not blockers:
        return columns
    count = len(blockers)
    resource, start, end = (np.array(column, dtype=np.int64) for column in zip(*blockers, strict=True))
    none, zero, one = (np.full(count, value, dtype=np.int64) for value in (NONE, 0, 1))
    behind: dict[str, Ints | Floats] = {
        "alt_resource": resource,
        "alt_work": zero,
        "alt_family": zero,
        "alt_breakable": one,
        "alt_lag": zero,
        "alt_cost": np.zeros(count),
        "task_job": len(columns["job_line"]) + np.arange(count),
        "task_release": start,
        "task_is_fixed": one,
        "fixed_start": start,
        "fixed_end": end,
        "fixed_setup": zero,
        "job_line": none,
        "job_lead": zero,
        "job_timetable": none,
    }
    more = {name: np.concatenate((columns[name], values)) for name, values in behind.items()}
    for name in ("alt_ptr", "job_ptr"):
        more[name] = np.concatenate((columns[name], columns[name][-1] + np.arange(1, count + 1)))
    for name in ("link_ptr", "feed_ptr"):
        more[name] = np.concatenate((columns[name], np.full(count, columns[name][-1], dtype=np.int64)))
    return columns | more
