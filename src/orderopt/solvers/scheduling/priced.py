"""A shop problem cut into buckets of time, as the pricing kernels see it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER, OpenTime
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopProblem
from orderopt.solvers.scheduling.kernels_bounds import PricedShop
from orderopt.solvers.scheduling.limits import Heads


@dataclass(frozen=True)
class Ways:
    """The alternatives of all tasks, those on equal machines as one.

    Attributes
    ----------
    ptr
        Shape (T + 1): ways of each task.
    group, work, lag, cost
        Shape (W): group of machines, open minutes with the shortest setup, minutes behind it, cost.
    resources
        Resources of each group.
    """

    ptr: Ints
    group: Ints
    work: Ints
    lag: Ints
    cost: Floats
    resources: tuple[tuple[int, ...], ...]


def gather_ways(problem: ShopProblem) -> Ways:
    """Return the ways of all tasks; machines that do the same tasks in the same time are one group."""
    arrays = problem.arrays
    work = arrays.alt_work + _least_setups(problem)
    owner = np.repeat(np.arange(problem.num_tasks), np.diff(arrays.alt_ptr))
    moves = arrays.task_is_fixed[owner] == 0
    does: dict[int, list[tuple[int, int, int, float]]] = defaultdict(list)
    for entry in np.flatnonzero(moves):
        does[int(arrays.alt_resource[entry])].append(
            (int(owner[entry]), int(work[entry]), int(arrays.alt_lag[entry]), float(arrays.alt_cost[entry]))
        )
    groups: dict[object, list[int]] = defaultdict(list)
    for resource, tasks in does.items():
        groups[int(arrays.resource_calendar[resource]), tuple(tasks)].append(resource)
    group_of = np.full(problem.num_resources, NONE, dtype=np.int64)
    for number, members in enumerate(groups.values()):
        group_of[members] = number
    first_of = np.array([members[0] for members in groups.values()], dtype=np.int64)
    kept = np.flatnonzero(moves)
    kept = kept[first_of[group_of[arrays.alt_resource[kept]]] == arrays.alt_resource[kept]]
    counts = np.bincount(owner[kept], minlength=problem.num_tasks)
    return Ways(
        ptr=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        group=group_of[arrays.alt_resource[kept]],
        work=work[kept],
        lag=arrays.alt_lag[kept],
        cost=arrays.alt_cost[kept],
        resources=tuple(tuple(members) for members in groups.values()),
    )


def _least_setups(problem: ShopProblem) -> Ints:
    """Return the fewest setup minutes before each alternative, whatever stands before it."""
    arrays = problem.arrays
    least = np.zeros(len(arrays.alt_resource), dtype=np.int64)
    for resource in np.flatnonzero(arrays.setup_size):
        if arrays.resource_initial[resource] == NONE:
            continue  # the first task finds no family and needs no setup
        here = np.flatnonzero(arrays.alt_resource == resource)
        families, counts = np.unique(arrays.alt_family[here], return_counts=True)
        initial = int(arrays.resource_initial[resource])
        for family, count in zip(families.tolist(), counts.tolist(), strict=True):
            before = {initial, *families.tolist()} - ({family} if count == 1 and family != initial else set())
            minutes = min(problem.setup(int(resource), other, family) for other in before)
            least[here[arrays.alt_family[here] == family]] = minutes if minutes < FOREVER else 0
    return least


def cut_time(problem: ShopProblem, ways: Ways, until: int, most: int) -> Ints:
    """Return at most about `most` moments from the start of planning to `until`.

    Openings and closings come first, if they are not too many; the rest divides the open time evenly.
    """
    arrays = problem.arrays
    since = int(arrays.start[0])
    until = max(until, since + 1)
    calendars = sorted({int(arrays.resource_calendar[members[0]]) for members in ways.resources})
    found = {since, until}
    for calendar in calendars:
        open_time = problem.open_times[calendar]
        marks = np.concatenate((open_time.opens, open_time.closes))
        marks = marks[(marks > since) & (marks < until)]
        if len(found) + len(marks) <= most // 2:
            found.update(marks.tolist())
    times = np.array(sorted(found), dtype=np.int64)
    widths = np.diff(times)
    for place in range(len(widths)):
        if not any(problem.open_times[each].between(int(times[place]), int(times[place + 1])) for each in calendars):
            widths[place] = 0
    width = max(1.0, float(widths.sum()) / max(1, most - len(times)))
    pieces = np.maximum(1, np.round(widths / width)).astype(np.int64)
    cut = [
        times[place] + (times[place + 1] - times[place]) * np.arange(pieces[place]) // pieces[place]
        for place in range(len(pieces))
    ]
    return np.unique(np.concatenate([*cut, [until]])).astype(np.int64)


def build_priced(problem: ShopProblem, heads: Heads, ways: Ways, times: Ints) -> tuple[PricedShop, Floats]:
    """Return the problem in buckets, and the open minutes of each group in each of its buckets."""
    arrays = problem.arrays
    calendars = sorted({int(arrays.resource_calendar[members[0]]) for members in ways.resources})
    marks = [_mark(problem.open_times[calendar], times) for calendar in calendars]
    mark_ptr = _ptr([len(each[0]) for each in marks])
    group_calendar = _ints([calendars.index(int(arrays.resource_calendar[each[0]])) for each in ways.resources])
    group_ptr = _ptr(np.diff(mark_ptr)[group_calendar].tolist())
    since = np.zeros(len(ways.group), dtype=np.int64)
    ready = np.repeat(heads.start, np.diff(ways.ptr))
    for number, calendar in enumerate(calendars):
        here = group_calendar[ways.group] == number
        since[here] = worked(problem.open_times[calendar], ready[here])
    waits = np.diff(arrays.feed_ptr)
    line_jobs = np.bincount(arrays.job_line[arrays.job_line != NONE], minlength=len(arrays.line_due))
    own = (arrays.job_line != NONE) & (waits == 0)
    own[own] = line_jobs[arrays.job_line[own]] == 1
    shared = np.flatnonzero((arrays.job_line != NONE) & ~own)
    shared = shared[np.argsort(arrays.job_line[shared], kind="stable")]
    shop = PricedShop(
        times=times,
        mark_ptr=mark_ptr,
        mark=np.concatenate([each[0] for each in marks]),
        mark_start=np.concatenate([each[1] for each in marks]),
        mark_inside=np.concatenate([each[2] for each in marks]),
        mark_end=np.concatenate([each[3] for each in marks]),
        mark_real=np.concatenate([each[4] for each in marks]),
        way_ptr=ways.ptr,
        way_group=ways.group,
        way_work=ways.work,
        way_lag=ways.lag,
        way_cost=ways.cost,
        way_since=since,
        group_calendar=group_calendar,
        group_ptr=group_ptr,
        task_job=arrays.task_job,
        task_end=np.where(arrays.task_is_fixed == 1, arrays.fixed_end, NONE),
        job_ptr=arrays.job_ptr,
        job_lead=arrays.job_lead,
        job_timetable=arrays.job_timetable,
        job_own_line=np.where(own, arrays.job_line, NONE),
        is_root=((waits == 0) & (arrays.job_line == NONE)).astype(np.int64),
        link_ptr=arrays.link_ptr,
        link_job=arrays.link_job,
        line_ptr=_ptr(np.bincount(arrays.job_line[shared], minlength=len(arrays.line_due)).tolist()),
        line_job=shared.astype(np.int64),
        line_due=arrays.line_due,
        line_floor=np.maximum(arrays.line_floor, arrays.line_due + np.where(heads.late > 0, heads.late, -FOREVER)),
        line_weight=arrays.line_weight,
        timetable_ptr=arrays.timetable_ptr,
        timetable_at=arrays.timetable_at,
    )
    return shop, _capacity(problem, ways, times, shop)


def worked(open_time: OpenTime, minutes: Ints) -> Ints:
    """Return the open minutes before each of some real minutes."""
    if not open_time.num_spans:
        return np.zeros_like(minutes)
    span = np.searchsorted(open_time.opens, minutes, side="right") - 1
    at = np.maximum(span, 0)
    inside = np.minimum(minutes, open_time.closes[at]) - open_time.opens[at]
    return np.where(span < 0, 0, open_time.before[at] + inside)


def _mark(open_time: OpenTime, times: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return the breakpoints of a calendar: open minutes, indices of start, inside and end, first minute behind."""
    done = worked(open_time, times)
    mark = np.unique(done)
    last = np.searchsorted(done, mark, side="right") - 1  # the last moment of each breakpoint
    real = np.array([min(open_time.next_open(int(times[place])), FOREVER) for place in last], dtype=np.int64)
    index_start = np.searchsorted(times, real, side="left")
    index_inside = last + 1
    index_end = np.searchsorted(done, mark, side="left")
    beyond = len(times)
    far = int(mark[-1]) + FOREVER
    return (
        np.append(mark, far).astype(np.int64),
        np.append(index_start, beyond).astype(np.int64),
        np.append(index_inside, beyond).astype(np.int64),
        np.append(index_end, beyond).astype(np.int64),
        np.append(real, FOREVER).astype(np.int64),
    )


def _capacity(problem: ShopProblem, ways: Ways, times: Ints, shop: PricedShop) -> Floats:
    """Return the open minutes of each group in each bucket that fixed tasks leave."""
    arrays = problem.arrays
    capacity = np.zeros(int(shop.group_ptr[-1]))
    for group, members in enumerate(ways.resources):
        first, offset = int(shop.mark_ptr[shop.group_calendar[group]]), int(shop.group_ptr[group])
        mark = shop.mark[first : int(shop.mark_ptr[shop.group_calendar[group] + 1])]
        size = len(mark)
        for resource in members:
            open_time = problem.open_time(resource)
            for slot in range(int(arrays.slot_ptr[resource]), int(arrays.slot_ptr[resource + 1])):
                capacity[offset : offset + size - 1] += np.diff(mark)
                tasks = arrays.slot_fixed_task[arrays.slot_fixed_ptr[slot] : arrays.slot_fixed_ptr[slot + 1]]
                upto = 0
                for task in tasks:
                    low = max(upto, open_time.worked(int(arrays.fixed_start[task])))
                    upto = max(upto, open_time.worked(int(arrays.fixed_end[task])))
                    reach = np.clip(mark, low, max(low, upto))
                    capacity[offset : offset + size - 1] -= np.diff(reach)
    return capacity


def _ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64)


def _ptr(counts: list[int]) -> Ints:
    return np.concatenate(([0], np.cumsum(np.array(counts, dtype=np.int64)))).astype(np.int64)
