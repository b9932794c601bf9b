"""The hot loops of scheduling, compiled by numba: fitting tasks into open hours, one after the other.

All kernels work on :class:`~orderopt.solvers.compiled.shop.ShopArrays` alone.
"""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, inner_kernel
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopArrays


@inner_kernel
def _span_after(closes, first, last, minute):
    """Return the first span in [first, last) that closes after a minute."""
    while first < last:
        middle = (first + last) // 2
        if closes[middle] > minute:
            last = middle
        else:
            first = middle + 1
    return first


@inner_kernel
def next_open(arrays, calendar, minute):
    """Return the first open minute at or after a minute (FOREVER: none)."""
    last = arrays.calendar_ptr[calendar + 1]
    span = _span_after(arrays.closes, arrays.calendar_ptr[calendar], last, minute)
    return FOREVER if span == last else max(minute, arrays.opens[span])


@hot_kernel
def fit(arrays, calendar, minute, work, breakable):
    """Return start and end of the first stretch of open minutes at or after a minute (FOREVER: none)."""
    first, last = arrays.calendar_ptr[calendar], arrays.calendar_ptr[calendar + 1]
    span = _span_after(arrays.closes, first, last, minute)
    if span == last:
        return FOREVER, FOREVER
    start = max(minute, arrays.opens[span])
    if start + work <= arrays.closes[span]:
        return start, start + work
    if not breakable:
        span += 1
        while span < last and arrays.closes[span] - arrays.opens[span] < work:
            span += 1
        if span == last:
            return FOREVER, FOREVER
        return arrays.opens[span], arrays.opens[span] + work
    target = arrays.before[span] + start - arrays.opens[span] + work
    low, high = span, last  # the first span by whose close the work is done
    while low < high:
        middle = (low + high) // 2
        if arrays.before[middle] + arrays.closes[middle] - arrays.opens[middle] >= target:
            high = middle
        else:
            low = middle + 1
    if low == last:
        return FOREVER, FOREVER
    return start, arrays.opens[low] + target - arrays.before[low]


@inner_kernel
def setup_minutes(arrays, resource, before, after):
    """Return the minutes of a changeover."""
    size = arrays.setup_size[resource]
    if size == 0 or before == NONE or after == 0:
        return 0
    return arrays.setup_minutes[arrays.setup_ptr[resource] + before * size + after]


@inner_kernel
def setup_cost(arrays, resource, before, after):
    """Return the cost of a changeover, without the cost of its minutes."""
    size = arrays.setup_size[resource]
    if size == 0 or before == NONE or after == 0:
        return 0.0
    return arrays.setup_cost[arrays.setup_ptr[resource] + before * size + after]


@inner_kernel
def place(arrays, resource, slot, alternative, minute, free_at, family, next_fixed, fixed_end, fixed_family):
    """Return the first place for a task on a slot, after what stands there already.

    Fixed tasks ahead are stepped over; what the slot looks like behind them is returned too, so that the caller
    can commit: (start, end, setup, position of the next fixed task).
    """
    calendar = arrays.resource_calendar[resource]
    while True:
        setup = setup_minutes(arrays, resource, family, arrays.alt_family[alternative])
        start, end = fit(
            arrays,
            calendar,
            max(minute, free_at),
            setup + arrays.alt_work[alternative],
            arrays.alt_breakable[alternative] == 1,
        )
        if next_fixed == arrays.slot_fixed_ptr[slot + 1]:
            return start, end, setup, next_fixed
        task = arrays.slot_fixed_task[next_fixed]
        if end <= arrays.fixed_start[task] and start < FOREVER:
            return start, end, setup, next_fixed
        free_at = max(free_at, arrays.fixed_end[task])
        family = fixed_family[next_fixed]
        next_fixed += 1


def initial_slots(arrays: ShopArrays) -> tuple[Ints, Ints, Ints, Ints]:
    """Return how slots stand before anything is placed.

    Returns
    -------
    free_at, family, next_fixed
        Arrays of shape (S): since when each slot is free, its setup family, the position of its next fixed task.
    fixed_family
        The family in which each fixed task leaves its slot.
    """
    num_slots = int(arrays.slot_ptr[-1])
    return (
        np.full(num_slots, -FOREVER, dtype=np.int64),
        np.repeat(arrays.resource_initial, np.diff(arrays.slot_ptr)),
        arrays.slot_fixed_ptr[:-1].copy(),
        arrays.alt_family[arrays.alt_ptr[arrays.slot_fixed_task]],
    )


@inner_kernel
def earliest(arrays, task, end):
    """Return the earliest start that release, the step before and the components allow."""
    job = arrays.task_job[task]
    minute = max(arrays.task_release[task], arrays.start[0])
    for link in range(arrays.link_ptr[task], arrays.link_ptr[task + 1]):
        minute = max(minute, end[arrays.job_ptr[arrays.link_job[link] + 1] - 1])
    return minute, task > arrays.job_ptr[job]


def place_in_order(arrays: ShopArrays, order: Ints, chosen: Ints, free_choice: bool) -> tuple[Ints, Ints, Ints]:
    """Place tasks one after the other, each as early as what was placed before allows.

    Parameters
    ----------
    order
        All tasks, each after those it waits for.
    chosen
        Alternative of each task.
    free_choice
        True: `chosen` is overwritten by the alternative that ends first (ties: the cheaper).

    Returns
    -------
    start, end, setup
        Arrays of shape (T); FOREVER where a task found no place.
    """
    num_tasks = len(arrays.task_job)
    start = np.full(num_tasks, FOREVER, dtype=np.int64)
    end = np.full(num_tasks, FOREVER, dtype=np.int64)
    setup = np.zeros(num_tasks, dtype=np.int64)
    _place_in_order(arrays, order, chosen, free_choice, start, end, setup, *initial_slots(arrays))
    return start, end, setup


@hot_kernel
def _place_in_order(arrays, order, chosen, free_choice, start, end, setup, free_at, family, next_fixed, fixed_family):
    for position in range(len(order)):
        task = order[position]
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            setup[task] = arrays.fixed_setup[task]
            continue
        minute, has_step_before = earliest(arrays, task, end)
        if has_step_before:
            minute = max(minute, end[task - 1] + arrays.alt_lag[chosen[task - 1]])
        first, last = arrays.alt_ptr[task], arrays.alt_ptr[task + 1]
        if not free_choice:
            first, last = chosen[task], chosen[task] + 1
        best_slot = NONE
        best_fixed = 0
        for alternative in range(first, last):
            resource = arrays.alt_resource[alternative]
            for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
                begin, finish, minutes, fixed = place(
                    arrays,
                    resource,
                    slot,
                    alternative,
                    minute,
                    free_at[slot],
                    family[slot],
                    next_fixed[slot],
                    arrays.fixed_end,
                    fixed_family,
                )
                better = finish < end[task]
                if finish == end[task] and finish < FOREVER and alternative != chosen[task]:
                    better = arrays.alt_cost[alternative] < arrays.alt_cost[chosen[task]]
                if better:
                    start[task], end[task], setup[task] = begin, finish, minutes
                    chosen[task], best_slot, best_fixed = alternative, slot, fixed
        if best_slot != NONE:
            free_at[best_slot] = end[task]
            family[best_slot] = arrays.alt_family[chosen[task]]
            next_fixed[best_slot] = best_fixed


@hot_kernel
def share_out(arrays, order, chosen, start, end, free_at, slot_of):
    """Give each task of a schedule a slot of its resource: of those free at its start, the one free last.

    Parameters
    ----------
    order
        All tasks in order of start and end.
    chosen, start, end
        Shape (T): the schedule.
    free_at
        Shape (S): lower than any minute; overwritten.
    slot_of
        Shape (T): receives the slots.
    """
    for position in range(len(order)):
        task = order[position]
        resource = arrays.alt_resource[chosen[task]]
        found = arrays.slot_ptr[resource]
        for slot in range(found + 1, arrays.slot_ptr[resource + 1]):
            if free_at[slot] <= start[task] and (free_at[found] > start[task] or free_at[slot] > free_at[found]):
                found = slot
        slot_of[task] = found
        free_at[found] = end[task]


def heads(arrays: ShopArrays) -> tuple[Ints, Ints]:
    """Return the earliest start and end of each task if it had its resources to itself."""
    start = np.full(len(arrays.task_job), FOREVER, dtype=np.int64)
    end = np.full(len(arrays.task_job), FOREVER, dtype=np.int64)
    _heads(arrays, start, end)
    return start, end


@hot_kernel
def _heads(arrays, start, end):
    for task in range(len(start)):
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            continue
        minute, has_step_before = earliest(arrays, task, end)
        if has_step_before:
            lag = FOREVER
            for alternative in range(arrays.alt_ptr[task - 1], arrays.alt_ptr[task]):
                lag = min(lag, arrays.alt_lag[alternative])
            minute = max(minute, end[task - 1] + lag)
        if minute >= FOREVER:
            continue
        for alternative in range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]):
            calendar = arrays.resource_calendar[arrays.alt_resource[alternative]]
            begin, finish = fit(
                arrays, calendar, minute, arrays.alt_work[alternative], arrays.alt_breakable[alternative] == 1
            )
            start[task], end[task] = min(start[task], begin), min(end[task], finish)


def tails(arrays: ShopArrays, job_limit: Ints, stretch: Floats) -> tuple[Ints, Ints]:
    """Return the latest end and start of each task such that every job ends by its limit.

    Parameters
    ----------
    job_limit
        Shape (J): latest end of each job.
    stretch
        Shape (C): real minutes that an open minute of each calendar takes (1 gives a valid bound, more an
        estimate).
    """
    latest_end = np.full(len(arrays.task_job), FOREVER, dtype=np.int64)
    latest_start = np.full(len(arrays.task_job), FOREVER, dtype=np.int64)
    _tails(arrays, job_limit, stretch, latest_end, latest_start)
    return latest_end, latest_start


@hot_kernel
def _tails(arrays, job_limit, stretch, latest_end, latest_start):
    for job in range(len(job_limit) - 1, -1, -1):
        limit = job_limit[job]
        for feed in range(arrays.feed_ptr[job], arrays.feed_ptr[job + 1]):
            limit = min(limit, latest_start[arrays.feed_task[feed]])
        for task in range(arrays.job_ptr[job + 1] - 1, arrays.job_ptr[job] - 1, -1):
            if arrays.task_is_fixed[task] == 1:
                latest_end[task], latest_start[task] = arrays.fixed_end[task], arrays.fixed_start[task]
            else:
                shortest = FOREVER
                for alternative in range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]):
                    calendar = arrays.resource_calendar[arrays.alt_resource[alternative]]
                    shortest = min(shortest, np.int64(arrays.alt_work[alternative] * stretch[calendar]))
                latest_end[task] = limit
                latest_start[task] = limit - shortest
            limit = latest_start[task]
            if task > arrays.job_ptr[job]:
                lag = FOREVER
                for alternative in range(arrays.alt_ptr[task - 1], arrays.alt_ptr[task]):
                    lag = min(lag, arrays.alt_lag[alternative])
                limit -= lag


def urgency(arrays: ShopArrays) -> Floats:
    """Return the cost of a minute late of the line (or lines) that each job ends up in."""
    weight = np.zeros(len(arrays.job_line))
    _urgency(arrays, weight)
    return weight


@hot_kernel
def _urgency(arrays, weight):
    for job in range(len(weight) - 1, -1, -1):
        if arrays.job_line[job] != NONE:
            weight[job] = arrays.line_weight[arrays.job_line[job]]
        for feed in range(arrays.feed_ptr[job], arrays.feed_ptr[job + 1]):
            weight[job] = max(weight[job], weight[arrays.task_job[arrays.feed_task[feed]]])
