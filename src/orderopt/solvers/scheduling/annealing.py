"""The kernel of local search: simulated annealing over the order in which tasks are placed.

A schedule is the order of its tasks and an alternative for each; placing them one after the other gives the times,
so that every move is evaluated exactly, with setups, calendars, components and fixed tasks. Only what stands behind
the first changed place is placed again.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE
from orderopt.solvers.scheduling.kernels import (
    _earliest,
    _fixed_families,
    _initial_slots,
    _setup_cost,
    place,
)

STRIDE = 48
"""Places between two kept states of the resources."""


@njit(cache=True, nogil=True)
def _cost(arrays, chosen, end, setup, before):
    """Return the cost of a schedule: lateness, work, setups (FOREVER late where a task has no place)."""
    total = 0.0
    num_lines = len(arrays.line_due)
    latest = arrays.line_floor.copy()
    for job in range(len(arrays.job_line)):
        line = arrays.job_line[job]
        if line == NONE:
            continue
        leave = end[arrays.job_ptr[job + 1] - 1]
        table = arrays.job_timetable[job]
        if table != NONE:
            low, high = arrays.timetable_ptr[table], arrays.timetable_ptr[table + 1]
            last = high
            while low < high:
                middle = (low + high) // 2
                if arrays.timetable_at[middle] >= leave:
                    high = middle
                else:
                    low = middle + 1
            leave = FOREVER if low == last else arrays.timetable_at[low]
        latest[line] = max(latest[line], leave + arrays.job_lead[job])
    for line in range(num_lines):
        late = latest[line] - arrays.line_due[line]
        if late > 0:
            total += late * arrays.line_weight[line]
    for task in range(len(chosen)):
        if arrays.task_is_fixed[task] == 1:
            continue
        alternative = chosen[task]
        resource = arrays.alt_resource[alternative]
        total += arrays.alt_cost[alternative] + setup[task] * arrays.resource_minute_cost[resource]
        total += _setup_cost(arrays, resource, before[task], arrays.alt_family[alternative])
    return total


@njit(cache=True, nogil=True)
def _place_from(arrays, order, first, chosen, start, end, setup, before, states, fixed_family):
    """Place the tasks from a kept state on; returns whether all found a place."""
    free_at, family, next_fixed = states
    slots = free_at[first // STRIDE].copy()
    families = family[first // STRIDE].copy()
    fixed_at = next_fixed[first // STRIDE].copy()
    for position in range(first, len(order)):
        if position % STRIDE == 0:
            free_at[position // STRIDE], family[position // STRIDE] = slots, families
            next_fixed[position // STRIDE] = fixed_at
        task = order[position]
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            setup[task] = arrays.fixed_setup[task]
            continue
        minute, has_step_before = _earliest(arrays, task, end)
        if has_step_before:
            minute = max(minute, end[task - 1] + arrays.alt_lag[chosen[task - 1]])
        alternative = chosen[task]
        resource = arrays.alt_resource[alternative]
        best = NONE
        end[task] = FOREVER
        for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
            begin, finish, minutes, fixed = place(
                arrays,
                resource,
                slot,
                alternative,
                minute,
                slots[slot],
                families[slot],
                fixed_at[slot],
                arrays.fixed_end,
                fixed_family,
            )
            if finish < end[task]:
                start[task], end[task], setup[task] = begin, finish, minutes
                best, best_fixed = slot, fixed
        if best == NONE:
            return False
        before[task] = families[best] if best_fixed == fixed_at[best] else fixed_family[best_fixed - 1]
        slots[best], families[best], fixed_at[best] = end[task], arrays.alt_family[alternative], best_fixed
    return True


@njit(cache=True, nogil=True)
def _bounds(arrays, task, place_of, num_tasks):
    """Return the first and the last place that a task may have, given the places of all others."""
    low, high = 0, num_tasks - 1
    job = arrays.task_job[task]
    if task > arrays.job_ptr[job]:
        low = max(low, place_of[task - 1] + 1)
    for link in range(arrays.link_ptr[task], arrays.link_ptr[task + 1]):
        low = max(low, place_of[arrays.job_ptr[arrays.link_job[link] + 1] - 1] + 1)
    if task + 1 < arrays.job_ptr[job + 1]:
        high = min(high, place_of[task + 1] - 1)
    else:
        for feed in range(arrays.feed_ptr[job], arrays.feed_ptr[job + 1]):
            high = min(high, place_of[arrays.feed_task[feed]] - 1)
    return low, high


@njit(cache=True, nogil=True)
def _move(order, place_of, old, new):
    """Move the task at one place to another; those between step aside."""
    task = order[old]
    step = 1 if new > old else -1
    position = old
    while position != new:
        order[position] = order[position + step]
        place_of[order[position]] = position
        position += step
    order[new] = task
    place_of[task] = new


@njit(cache=True, nogil=True)
def anneal(arrays, order, chosen, movable, num_moves, hot, cold, done_before, done_in_all, reach, seed):
    """Try moves; keep the best schedule.

    Parameters
    ----------
    order, chosen
        The schedule to start from (overwritten by the current one).
    movable
        Tasks that may move.
    num_moves
        Moves to try.
    hot, cold
        First and last temperature, in cost.
    done_before, done_in_all
        Moves tried in earlier calls, and planned in all calls: where the cooling stands.
    reach
        Farthest that a task moves in the order.
    seed
        Of the random numbers.

    Returns
    -------
    best_order, best_chosen, best_cost
    """
    np.random.seed(seed)
    num_tasks = len(order)
    num_states = num_tasks // STRIDE + 1
    free_at, family, next_fixed = _initial_slots(arrays)
    fixed_family = _fixed_families(arrays)
    states = (
        np.zeros((num_states, len(free_at)), dtype=np.int64),
        np.zeros((num_states, len(free_at)), dtype=np.int64),
        np.zeros((num_states, len(free_at)), dtype=np.int64),
    )
    states[0][0], states[1][0], states[2][0] = free_at, family, next_fixed
    place_of = np.zeros(num_tasks, dtype=np.int64)
    for position in range(num_tasks):
        place_of[order[position]] = position
    start, end = np.zeros(num_tasks, dtype=np.int64), np.zeros(num_tasks, dtype=np.int64)
    setup, before = np.zeros(num_tasks, dtype=np.int64), np.full(num_tasks, NONE, dtype=np.int64)
    _place_from(arrays, order, 0, chosen, start, end, setup, before, states, fixed_family)
    current = _cost(arrays, chosen, end, setup, before)
    best_order, best_chosen, best = order.copy(), chosen.copy(), current
    new_states = (states[0].copy(), states[1].copy(), states[2].copy())
    new_start, new_end, new_setup, new_before = start.copy(), end.copy(), setup.copy(), before.copy()
    for move in range(num_moves):
        share = (done_before + move) / max(1, done_in_all)
        temperature = hot * (cold / hot) ** share
        task = movable[np.random.randint(len(movable))]
        old_place, old_alternative = place_of[task], chosen[task]
        num_options = arrays.alt_ptr[task + 1] - arrays.alt_ptr[task]
        changes_place = num_options == 1 or np.random.random() < 0.6
        new_place = old_place
        if changes_place:
            low, high = _bounds(arrays, task, place_of, num_tasks)
            low, high = max(low, old_place - reach), min(high, old_place + reach)
            if high <= low:
                continue
            new_place = low + np.random.randint(high - low + 1)
            if new_place == old_place:
                continue
            _move(order, place_of, old_place, new_place)
        if num_options > 1 and (not changes_place or np.random.random() < 0.2):
            chosen[task] = arrays.alt_ptr[task] + np.random.randint(num_options)
        if new_place == old_place and chosen[task] == old_alternative:
            continue
        first = min(old_place, new_place) // STRIDE * STRIDE
        kept = first // STRIDE
        new_start[:], new_end[:], new_setup[:], new_before[:] = start, end, setup, before
        new_states[0][kept], new_states[1][kept] = states[0][kept], states[1][kept]
        new_states[2][kept] = states[2][kept]
        fits = _place_from(
            arrays, order, first, chosen, new_start, new_end, new_setup, new_before, new_states, fixed_family
        )
        cost = _cost(arrays, chosen, new_end, new_setup, new_before) if fits else np.inf
        if cost <= current or np.random.random() < np.exp((current - cost) / temperature):
            current = cost
            start[:], end[:], setup[:], before[:] = new_start, new_end, new_setup, new_before
            states[0][kept:], states[1][kept:] = new_states[0][kept:], new_states[1][kept:]
            states[2][kept:] = new_states[2][kept:]
            if cost < best - 1e-9:
                best_order[:], best_chosen[:], best = order, chosen, cost
        else:
            chosen[task] = old_alternative
            if new_place != old_place:
                _move(order, place_of, new_place, old_place)
    return best_order, best_chosen, best
