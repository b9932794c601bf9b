"""Placing tasks one after the other with longest waits, overlapping steps and setup crews, compiled by numba.

Serial schedule generation: what is placed stays, except that a step which would wait too long moves the step before it
in its job. Steps between which waiting is limited are placed together, as a *chain*.
"""

from __future__ import annotations

from orderopt.solvers.compiled.jit import hot_kernel, inner_kernel
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE
from orderopt.solvers.scheduling.kernels import earliest, fit, setup_minutes

MOST_MOVES = 2_000
"""Times that steps of one chain are moved before the chain is given up."""


@inner_kernel
def _span_at(arrays, calendar, work, is_end):
    """Return the span in which an amount of open minutes is reached: as the end of work, or where more could follow."""
    low, high = arrays.calendar_ptr[calendar], arrays.calendar_ptr[calendar + 1]
    while low < high:
        middle = (low + high) // 2
        done = arrays.before[middle] + arrays.closes[middle] - arrays.opens[middle]
        if done > work or (is_end and done == work):
            high = middle
        else:
            low = middle + 1
    return low


@inner_kernel
def worked(arrays, calendar, minute):
    """Return the open minutes before a real minute."""
    low, high = arrays.calendar_ptr[calendar], arrays.calendar_ptr[calendar + 1]
    first = low
    while low < high:
        middle = (low + high) // 2
        if arrays.opens[middle] <= minute:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return 0
    return arrays.before[low - 1] + min(minute, arrays.closes[low - 1]) - arrays.opens[low - 1]


@inner_kernel
def start_of(arrays, calendar, work):
    """Return the latest real minute at which some open minutes have passed and it is open (FOREVER: none)."""
    if work < 0:
        return -FOREVER
    span = _span_at(arrays, calendar, work, False)
    if span == arrays.calendar_ptr[calendar + 1]:
        return FOREVER
    return arrays.opens[span] + work - arrays.before[span]


@inner_kernel
def end_of(arrays, calendar, work):
    """Return the earliest real minute at which some open minutes have passed (FOREVER: never)."""
    span = _span_at(arrays, calendar, work, True)
    if span == arrays.calendar_ptr[calendar + 1]:
        return FOREVER
    return arrays.opens[span] + work - arrays.before[span]


@inner_kernel
def _batch_at(arrays, extras, alternative, start, setup):
    """Return when the first transfer batch of a planned task is done."""
    calendar = arrays.resource_calendar[arrays.alt_resource[alternative]]
    return end_of(arrays, calendar, worked(arrays, calendar, start) + setup + extras.alt_head[alternative])


@inner_kernel
def _crew_free(crews, count, crew, start, end):
    """Return a minute before which a setup cannot lie because its crew is busy (NONE: it can)."""
    for entry in range(count):
        if crews[entry, 0] == crew and crews[entry, 1] < end and crews[entry, 2] > start:
            return crews[entry, 2]
    return NONE


@inner_kernel
def _place(arrays, extras, crews, count, resource, slot, alternative, minute, least, free_at, family, next_fixed, kin):
    """Return start, end, setup, the next fixed task and the end of the setup of a task on a slot.

    Parameters
    ----------
    least
        Real minute behind which the tail of the work lies (NONE: there is no tail).
    kin
        Family of each fixed task.
    """
    calendar, crew = arrays.resource_calendar[resource], extras.resource_crew[resource]
    breakable = arrays.alt_breakable[alternative] == 1
    while True:
        setup = setup_minutes(arrays, resource, family, arrays.alt_family[alternative])
        work = setup + arrays.alt_work[alternative]
        at = max(minute, free_at)
        if least != NONE and setup < FOREVER:
            tail = worked(arrays, calendar, least) + extras.alt_tail[alternative]
            at = max(at, start_of(arrays, calendar, tail - work))
        start, end = (FOREVER, FOREVER) if at >= FOREVER else fit(arrays, calendar, at, work, breakable)
        ready = start
        while start < FOREVER and setup > 0:
            ready = end_of(arrays, calendar, worked(arrays, calendar, start) + setup)
            busy_until = NONE if crew == NONE else _crew_free(crews, count, crew, start, ready)
            if busy_until == NONE:
                break
            start, end = fit(arrays, calendar, busy_until, work, breakable)
        if next_fixed == arrays.slot_fixed_ptr[slot + 1]:
            return start, end, setup, next_fixed, ready
        task = arrays.slot_fixed_task[next_fixed]
        if end <= arrays.fixed_start[task] and start < FOREVER:
            return start, end, setup, next_fixed, ready
        free_at = max(free_at, arrays.fixed_end[task])
        family = kin[next_fixed]
        next_fixed += 1


@hot_kernel
def place_chains(
    arrays, extras, order, last, floor, chosen, free_choice, starts, ends, setups, slots, kin, crews, count, log
):
    """Place chains one after the other.

    Parameters
    ----------
    order
        First task of each chain; what a chain waits for stands before it.
    last
        Shape (T): last task of the chain that begins with a task.
    floor
        Shape (T): earliest start of each task; overwritten.
    chosen, free_choice
        Alternative of each task; with `free_choice` overwritten by the one that ends first.
    starts, ends, setups
        Shape (T): the schedule; FOREVER, FOREVER, 0 before.
    slots
        Shape (S, 3): since when each slot is free, its family, the position of its next fixed task.
    kin
        Family in which each fixed task leaves its slot.
    crews, count
        Shape (…, 3): crew, start and end of setups; how many there are already (shape 1).
    log
        Shape (T, 5): scratch.
    """
    for position in range(len(order)):
        first = order[position]
        task, moves = first, 0
        while first <= task <= last[first]:
            if arrays.task_is_fixed[task] == 1:
                starts[task], ends[task] = arrays.fixed_start[task], arrays.fixed_end[task]
                setups[task] = arrays.fixed_setup[task]
                log[task, 0] = NONE
                task += 1
                continue
            log[task, 0] = NONE
            minute, has_before = earliest(arrays, task, ends)
            minute, least = max(minute, floor[task]), NONE
            if has_before:
                before = chosen[task - 1]
                hand_over = ends[task - 1]
                if extras.alt_overlaps[before] == 1 and hand_over < FOREVER:
                    least = hand_over + arrays.alt_lag[before]
                    hand_over = _batch_at(arrays, extras, before, starts[task - 1], setups[task - 1])
                minute = max(minute, hand_over + arrays.alt_lag[before])
            low, high = arrays.alt_ptr[task], arrays.alt_ptr[task + 1]
            if not free_choice:
                low, high = chosen[task], chosen[task] + 1
            best_slot, best_fixed, best_ready = NONE, 0, 0
            for alternative in range(low, high):
                resource = arrays.alt_resource[alternative]
                for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
                    begin, finish, setup, fixed, ready = _place(
                        arrays, extras, crews, count[0], resource, slot, alternative, minute, least,
                        slots[slot, 0], slots[slot, 1], slots[slot, 2], kin,
                    )  # fmt: skip
                    if finish < ends[task]:
                        starts[task], ends[task], setups[task] = begin, finish, setup
                        chosen[task], best_slot, best_fixed, best_ready = alternative, slot, fixed, ready
            if best_slot == NONE:
                break
            log[task, 0], log[task, 1] = best_slot, slots[best_slot, 0]
            log[task, 2], log[task, 3] = slots[best_slot, 1], slots[best_slot, 2]
            log[task, 4] = count[0]
            slots[best_slot, 0], slots[best_slot, 1] = ends[task], arrays.alt_family[chosen[task]]
            slots[best_slot, 2] = best_fixed
            crew = extras.resource_crew[arrays.alt_resource[chosen[task]]]
            if crew != NONE and setups[task] > 0:
                crews[count[0], 0], crews[count[0], 1], crews[count[0], 2] = crew, starts[task], best_ready
                count[0] += 1
            if task > first and arrays.task_is_fixed[task - 1] == 0:
                excess = starts[task] - ends[task - 1] - extras.alt_wait[chosen[task - 1]]
                if excess > 0:
                    moves += 1
                    if moves > MOST_MOVES:
                        break
                    floor[task - 1] = starts[task - 1] + excess
                    for other in range(task, task - 2, -1):
                        _take_back(starts, ends, setups, slots, log, count, other)
                    task -= 1
                    continue
            task += 1
        if task <= last[first]:  # some step found no place: the whole chain has none
            for other in range(task, first - 1, -1):
                if log[other, 0] != NONE and ends[other] < FOREVER and arrays.task_is_fixed[other] == 0:
                    _take_back(starts, ends, setups, slots, log, count, other)


@inner_kernel
def _take_back(starts, ends, setups, slots, log, count, task):
    """Undo the last placing."""
    slot = log[task, 0]
    slots[slot, 0], slots[slot, 1], slots[slot, 2] = log[task, 1], log[task, 2], log[task, 3]
    count[0] = log[task, 4]
    starts[task], ends[task], setups[task] = FOREVER, FOREVER, 0
