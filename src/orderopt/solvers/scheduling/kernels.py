"""The hot loops of scheduling, compiled by numba: fitting tasks into open hours and list scheduling.

All kernels work on :class:`~orderopt.solvers.compiled.shop.ShopArrays` alone.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE

READY, FREE = 0, 1


@njit(cache=True, nogil=True)
def _span_after(closes, first, last, minute):
    """Return the first span in [first, last) that closes after a minute."""
    while first < last:
        middle = (first + last) // 2
        if closes[middle] > minute:
            last = middle
        else:
            first = middle + 1
    return first


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def setup_minutes(arrays, resource, before, after):
    """Return the minutes of a changeover."""
    size = arrays.setup_size[resource]
    if size == 0 or before == NONE or after == 0:
        return 0
    return arrays.setup_minutes[arrays.setup_ptr[resource] + before * size + after]


@njit(cache=True, nogil=True)
def _setup_cost(arrays, resource, before, after):
    size = arrays.setup_size[resource]
    if size == 0 or before == NONE or after == 0:
        return 0.0
    return arrays.setup_cost[arrays.setup_ptr[resource] + before * size + after]


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _fixed_families(arrays):
    """Return the family in which each fixed task leaves its slot."""
    families = np.zeros(len(arrays.slot_fixed_task), dtype=np.int64)
    for position in range(len(families)):
        task = arrays.slot_fixed_task[position]
        families[position] = arrays.alt_family[arrays.alt_ptr[task]]
    return families


@njit(cache=True, nogil=True)
def _initial_slots(arrays):
    num_slots = arrays.slot_ptr[-1]
    free_at = np.full(num_slots, -FOREVER, dtype=np.int64)
    family = np.empty(num_slots, dtype=np.int64)
    for resource in range(len(arrays.resource_calendar)):
        for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
            family[slot] = arrays.resource_initial[resource]
    return free_at, family, arrays.slot_fixed_ptr[:-1].copy()


@njit(cache=True, nogil=True)
def _earliest(arrays, task, end):
    """Return the earliest start that release, the step before and the components allow."""
    job = arrays.task_job[task]
    minute = max(arrays.task_release[task], arrays.start[0])
    for link in range(arrays.link_ptr[task], arrays.link_ptr[task + 1]):
        minute = max(minute, end[arrays.job_ptr[arrays.link_job[link] + 1] - 1])
    return minute, task > arrays.job_ptr[job]


@njit(cache=True, nogil=True)
def place_in_order(arrays, order, chosen, free_choice):
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
    free_at, family, next_fixed = _initial_slots(arrays)
    fixed_family = _fixed_families(arrays)
    for task in order:
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            setup[task] = arrays.fixed_setup[task]
            continue
        minute, has_step_before = _earliest(arrays, task, end)
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
    return start, end, setup


@njit(cache=True, nogil=True)
def dispatch(arrays, due, weight, mean_work, mean_setup, look_ahead, setup_scale, noise):
    """List scheduling in time with the apparent tardiness cost rule (ATC, with setups ATCS).

    Whenever a resource is free, the waiting task with the highest index starts. The index is that of Lee,
    Bhaskaran & Pinedo, "A heuristic to minimize the total weighted tardiness with sequence-dependent
    setups", IIE Transactions 29 (1997), on the slack that the rest of the job leaves, with the minutes until the
    task could start counted as setup.

    Parameters
    ----------
    due, weight
        Shape (T): latest end of each task for its line to be in time, and cost of a minute late.
    mean_work, mean_setup
        Scale of the exponents, in minutes.
    look_ahead, setup_scale
        The parameters k1 and k2 of the rule.
    noise
        Shape (T): factors on the index.

    Returns
    -------
    chosen, start, end, setup
        Arrays of shape (T).
    """
    num_tasks = len(arrays.task_job)
    start = np.full(num_tasks, FOREVER, dtype=np.int64)
    end = np.full(num_tasks, FOREVER, dtype=np.int64)
    setup = np.zeros(num_tasks, dtype=np.int64)
    chosen = arrays.alt_ptr[:-1].copy()
    free_at, family, next_fixed = _initial_slots(arrays)
    fixed_family = _fixed_families(arrays)
    num_slots = len(free_at)
    num_resources = len(arrays.resource_calendar)
    waits_for = np.zeros(num_tasks, dtype=np.int64)
    for task in range(num_tasks):
        waits_for[task] = arrays.link_ptr[task + 1] - arrays.link_ptr[task]
        waits_for[task] += task > arrays.job_ptr[arrays.task_job[task]]
    # waiting tasks of each resource, as linked lists over the alternatives
    head = np.full(num_resources, NONE, dtype=np.int64)
    following = np.full(len(arrays.alt_resource), NONE, dtype=np.int64)
    owner = np.empty(len(arrays.alt_resource), dtype=np.int64)
    for task in range(num_tasks):
        for alternative in range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]):
            owner[alternative] = task
    asleep = np.ones(num_slots, dtype=np.int64)
    placed = np.zeros(num_tasks, dtype=np.int64)
    events = [(np.int64(0), np.int64(0), np.int64(0))]
    events.clear()
    finished = [np.int64(0)]
    finished.clear()
    for task in range(num_tasks):
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            setup[task] = arrays.fixed_setup[task]
            placed[task] = 1
            finished.append(np.int64(task))
        elif waits_for[task] == 0:
            ready, _ = _earliest(arrays, task, end)
            heapq.heappush(events, (np.int64(ready), np.int64(READY), np.int64(task)))
    while len(finished) > 0 or len(events) > 0:
        while len(finished) > 0:
            task = finished.pop()
            job = arrays.task_job[task]
            last_task = arrays.job_ptr[job + 1] - 1
            if task < last_task:
                waits_for[task + 1] -= 1
                if waits_for[task + 1] == 0 and placed[task + 1] == 0:
                    ready, _ = _earliest(arrays, task + 1, end)
                    ready = max(ready, end[task] + arrays.alt_lag[chosen[task]])
                    heapq.heappush(events, (np.int64(ready), np.int64(READY), np.int64(task + 1)))
            else:
                for feed in range(arrays.feed_ptr[job], arrays.feed_ptr[job + 1]):
                    fed = arrays.feed_task[feed]
                    waits_for[fed] -= 1
                    if waits_for[fed] == 0 and placed[fed] == 0:
                        ready, has_step_before = _earliest(arrays, fed, end)
                        if has_step_before:
                            ready = max(ready, end[fed - 1] + arrays.alt_lag[chosen[fed - 1]])
                        heapq.heappush(events, (np.int64(ready), np.int64(READY), np.int64(fed)))
        if len(events) == 0:
            break
        now, kind, subject = heapq.heappop(events)
        if kind == READY:
            if now >= FOREVER // 2:
                continue  # waits for something that never ends
            for alternative in range(arrays.alt_ptr[subject], arrays.alt_ptr[subject + 1]):
                resource = arrays.alt_resource[alternative]
                following[alternative] = head[resource]
                head[resource] = alternative
                for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
                    if asleep[slot] == 1:
                        asleep[slot] = 0
                        heapq.heappush(events, (np.int64(now), np.int64(FREE), np.int64(slot)))
            continue
        slot = subject
        resource = NONE
        low, high = 0, num_resources  # the resource of the slot
        while low < high:
            middle = (low + high) // 2
            if arrays.slot_ptr[middle + 1] > slot:
                high = middle
            else:
                low = middle + 1
        resource = low
        best, best_index = NONE, -1.0
        best_start, best_end, best_setup, best_fixed = FOREVER, FOREVER, 0, 0
        earliest_start = FOREVER
        previous, alternative = NONE, head[resource]
        while alternative != NONE:
            task = owner[alternative]
            if placed[task] == 1:  # taken elsewhere: unlink
                if previous == NONE:
                    head[resource] = following[alternative]
                else:
                    following[previous] = following[alternative]
                alternative = following[alternative]
                continue
            begin, finish, minutes, fixed = place(
                arrays,
                resource,
                slot,
                alternative,
                now,
                free_at[slot],
                family[slot],
                next_fixed[slot],
                arrays.fixed_end,
                fixed_family,
            )
            if finish < FOREVER:
                earliest_start = min(earliest_start, begin)
                work = max(arrays.alt_work[alternative], 1)
                slack = max(due[task] - (finish - begin) - begin, 0)
                waste = minutes + begin - now
                index = noise[task] * (weight[task] + 1e-9) / work
                index *= np.exp(-slack / (look_ahead * mean_work))
                index *= np.exp(-waste / (setup_scale * mean_setup))
                index /= 1.0 + _setup_cost(arrays, resource, family[slot], arrays.alt_family[alternative])
                if index > best_index or (index == best_index and task < owner[best]):
                    best, best_index = alternative, index
                    best_start, best_end, best_setup, best_fixed = begin, finish, minutes, fixed
            previous = alternative
            alternative = following[alternative]
        if best == NONE:
            asleep[slot] = 1
            continue
        task = owner[best]
        chosen[task], placed[task] = best, 1
        start[task], end[task], setup[task] = best_start, best_end, best_setup
        free_at[slot], family[slot], next_fixed[slot] = best_end, arrays.alt_family[best], best_fixed
        finished.append(np.int64(task))
        heapq.heappush(events, (np.int64(max(best_end, now)), np.int64(FREE), np.int64(slot)))
    return chosen, start, end, setup


@njit(cache=True, nogil=True)
def heads(arrays):
    """Return the earliest start and end of each task if it had its resources to itself."""
    num_tasks = len(arrays.task_job)
    start = np.full(num_tasks, FOREVER, dtype=np.int64)
    end = np.full(num_tasks, FOREVER, dtype=np.int64)
    for task in range(num_tasks):
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            continue
        minute, has_step_before = _earliest(arrays, task, end)
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
    return start, end


@njit(cache=True, nogil=True)
def tails(arrays, job_limit, stretch):
    """Return the latest end and start of each task such that every job ends by its limit.

    Parameters
    ----------
    job_limit
        Shape (J): latest end of each job.
    stretch
        Shape (C): real minutes that an open minute of each calendar takes (1 gives a valid bound, more an
        estimate).
    """
    num_tasks = len(arrays.task_job)
    latest_end = np.full(num_tasks, FOREVER, dtype=np.int64)
    latest_start = np.full(num_tasks, FOREVER, dtype=np.int64)
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
    return latest_end, latest_start


@njit(cache=True, nogil=True)
def urgency(arrays):
    """Return the cost of a minute late of the line (or lines) that each job ends up in."""
    num_jobs = len(arrays.job_line)
    weight = np.zeros(num_jobs, dtype=np.float64)
    for job in range(num_jobs - 1, -1, -1):
        if arrays.job_line[job] != NONE:
            weight[job] = arrays.line_weight[arrays.job_line[job]]
        for feed in range(arrays.feed_ptr[job], arrays.feed_ptr[job + 1]):
            weight[job] = max(weight[job], weight[arrays.task_job[arrays.feed_task[feed]]])
    return weight
