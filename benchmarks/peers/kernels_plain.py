"""Kernels of the two plain baselines: list scheduling by ATC(S), and annealing that places all behind a change anew.

They are frozen: they stand for what one writes in a day, so that what better methods gain can be measured against
them, and share nothing with the kernels of orderopt.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numba import njit

from benchmarks.scheduling.instance import NONE, Floats, Ints

NEVER = 1 << 40
READY, FREE = 0, 1
STRIDE = 48
"""Places in the order between two kept states of the machines."""


class PlainShop(NamedTuple):
    """The instance as flat arrays; a slot is one of the identical machines behind a position."""

    option_ptr: Ints
    option_machine: Ints
    option_minutes: Ints
    option_cost: Floats
    family: Ints  # of each operation
    job: Ints  # of each operation
    job_ptr: Ints
    release: Ints  # of each job
    due: Ints  # of each job
    weight: Floats  # of each job
    is_makespan: Ints  # (1)
    slot_ptr: Ints
    setup_ptr: Ints
    setup_size: Ints  # 0: no setups
    setup_minutes: Ints
    initial: Ints
    calendar_ptr: Ints  # (C + 1); calendar 0 is always open
    calendar: Ints  # of each machine
    opens: Ints
    closes: Ints
    before: Ints  # open minutes before each span


@njit(cache=True, nogil=True)
def fit(shop, machine, minute, work):
    """Return start and end of the first `work` open minutes at or after a minute."""
    first, last = shop.calendar_ptr[shop.calendar[machine]], shop.calendar_ptr[shop.calendar[machine] + 1]
    low, high = first, last
    while low < high:
        middle = (low + high) // 2
        if shop.closes[middle] > minute:
            high = middle
        else:
            low = middle + 1
    if low == last:
        return NEVER, NEVER
    start = max(minute, shop.opens[low])
    target = shop.before[low] + start - shop.opens[low] + work
    high = last
    while low < high:
        middle = (low + high) // 2
        if shop.before[middle] + shop.closes[middle] - shop.opens[middle] >= target:
            high = middle
        else:
            low = middle + 1
    if low == last:
        return NEVER, NEVER
    return start, shop.opens[low] + target - shop.before[low]


@njit(cache=True, nogil=True)
def setup_of(shop, machine, before, after):
    """Return the minutes of a changeover."""
    size = shop.setup_size[machine]
    if size == 0 or before == NONE or after == 0:
        return 0
    return shop.setup_minutes[shop.setup_ptr[machine] + before * size + after]


@njit(cache=True, nogil=True)
def slot_families(shop):
    """Return the family each slot stands in at first."""
    families = np.empty(shop.slot_ptr[-1], dtype=np.int64)
    for machine in range(len(shop.calendar)):
        families[shop.slot_ptr[machine] : shop.slot_ptr[machine + 1]] = shop.initial[machine]
    return families


@njit(cache=True, nogil=True)
def dispatch(shop, due, mean_work, mean_setup, look_ahead, setup_scale):
    """List scheduling in time: a free machine takes the waiting operation with the highest ATC(S) index.

    The rule is that of Lee, Bhaskaran & Pinedo, IIE Transactions 29 (1997).

    Parameters
    ----------
    due
        Shape (T): latest end of each operation.
    mean_work, mean_setup
        Scales of the two exponents, in minutes.
    look_ahead, setup_scale
        The parameters of the rule.
    """
    num_operations = len(shop.job)
    start, end = np.zeros(num_operations, dtype=np.int64), np.zeros(num_operations, dtype=np.int64)
    setup, chosen = np.zeros(num_operations, dtype=np.int64), shop.option_ptr[:-1].copy()
    is_placed = np.zeros(num_operations, dtype=np.int64)
    owner = np.empty(len(shop.option_machine), dtype=np.int64)
    for operation in range(num_operations):
        owner[shop.option_ptr[operation] : shop.option_ptr[operation + 1]] = operation
    head = np.full(len(shop.calendar), NONE, dtype=np.int64)  # waiting options of each machine, as linked lists
    following = np.full(len(owner), NONE, dtype=np.int64)
    families = slot_families(shop)
    free_at, is_asleep = np.zeros(len(families), dtype=np.int64), np.ones(len(families), dtype=np.int64)
    machine_of = np.empty(len(families), dtype=np.int64)
    for machine in range(len(shop.calendar)):
        machine_of[shop.slot_ptr[machine] : shop.slot_ptr[machine + 1]] = machine
    events = [(np.int64(shop.release[job]), READY, np.int64(shop.job_ptr[job])) for job in range(len(shop.due))]
    heapq.heapify(events)
    while len(events) > 0:
        now, kind, subject = heapq.heappop(events)
        if kind == READY:
            for option in range(shop.option_ptr[subject], shop.option_ptr[subject + 1]):
                machine = shop.option_machine[option]
                following[option] = head[machine]
                head[machine] = option
                for slot in range(shop.slot_ptr[machine], shop.slot_ptr[machine + 1]):
                    if is_asleep[slot] == 1:
                        is_asleep[slot] = 0
                        heapq.heappush(events, (max(now, free_at[slot]), FREE, np.int64(slot)))
            continue
        slot, machine = subject, machine_of[subject]
        best, best_index, best_setup = NONE, -1.0, 0
        previous, option = NONE, head[machine]
        while option != NONE:
            operation = owner[option]
            if is_placed[operation] == 1:  # taken by another machine
                if previous == NONE:
                    head[machine] = following[option]
                else:
                    following[previous] = following[option]
                option = following[option]
                continue
            minutes = setup_of(shop, machine, families[slot], shop.family[operation])
            work = max(shop.option_minutes[option], 1)
            slack = max(due[operation] - work - minutes - now, 0)
            index = (shop.weight[shop.job[operation]] + 1e-9) / work
            index *= np.exp(-slack / (look_ahead * mean_work)) * np.exp(-minutes / (setup_scale * mean_setup))
            index /= 1.0 + shop.option_cost[option]
            if index > best_index or (index == best_index and operation < owner[best]):
                best, best_index, best_setup = option, index, minutes
            previous = option
            option = following[option]
        if best == NONE:
            is_asleep[slot] = 1
            continue
        operation = owner[best]
        chosen[operation], is_placed[operation], setup[operation] = best, 1, best_setup
        start[operation], end[operation] = fit(shop, machine, now, best_setup + shop.option_minutes[best])
        free_at[slot], families[slot] = end[operation], shop.family[operation]
        heapq.heappush(events, (end[operation], FREE, np.int64(slot)))
        if operation + 1 < shop.job_ptr[shop.job[operation] + 1]:
            heapq.heappush(events, (end[operation], READY, np.int64(operation + 1)))
    return chosen, start, end, setup


@njit(cache=True, nogil=True)
def cost_of(shop, chosen, end):
    """Return makespan or weighted tardiness, and the cost of the options."""
    total, latest = 0.0, 0
    for job in range(len(shop.due)):
        finish = end[shop.job_ptr[job + 1] - 1]
        latest = max(latest, finish)
        if shop.is_makespan[0] == 0:
            total += max(finish - shop.due[job], 0) * shop.weight[job]
    if shop.is_makespan[0] == 1:
        total += latest
    for operation in range(len(chosen)):
        total += shop.option_cost[chosen[operation]]
    return total


@njit(cache=True, nogil=True)
def place_from(shop, order, first, chosen, start, end, setup, states):
    """Place the operations of an order from a kept state on."""
    slots, families = states[0][first // STRIDE].copy(), states[1][first // STRIDE].copy()
    for position in range(first, len(order)):
        if position % STRIDE == 0:
            states[0][position // STRIDE], states[1][position // STRIDE] = slots, families
        operation = order[position]
        job, option = shop.job[operation], chosen[operation]
        ready = shop.release[job] if operation == shop.job_ptr[job] else end[operation - 1]
        machine = shop.option_machine[option]
        best = shop.slot_ptr[machine]
        for slot in range(shop.slot_ptr[machine], shop.slot_ptr[machine + 1]):
            if slots[slot] < slots[best]:
                best = slot
        setup[operation] = setup_of(shop, machine, families[best], shop.family[operation])
        work = setup[operation] + shop.option_minutes[option]
        start[operation], end[operation] = fit(shop, machine, max(ready, slots[best]), work)
        slots[best], families[best] = end[operation], shop.family[operation]


@njit(cache=True, nogil=True)
def move(order, place_of, old, new):
    """Move an operation from one place in the order to another; those between step aside."""
    operation = order[old]
    step = 1 if new > old else -1
    position = old
    while position != new:
        order[position] = order[position + step]
        place_of[order[position]] = position
        position += step
    order[new] = operation
    place_of[operation] = new


@njit(cache=True, nogil=True)
def anneal(shop, order, chosen, num_moves, hot, cold, done_before, done_in_all, reach, seed):
    """Try moves at a temperature that falls with their count; return the best order, options and cost.

    `order` and `chosen` are overwritten by the current schedule, so that a next call can go on.
    """
    np.random.seed(seed)
    count = len(order)
    families = slot_families(shop)
    kept_states = count // STRIDE + 1
    states = (
        np.zeros((kept_states, len(families)), dtype=np.int64),
        np.zeros((kept_states, len(families)), dtype=np.int64),
    )
    states[1][0] = families
    place_of = np.zeros(count, dtype=np.int64)
    for position in range(count):
        place_of[order[position]] = position
    start, end, setup = np.zeros_like(order), np.zeros_like(order), np.zeros_like(order)
    place_from(shop, order, 0, chosen, start, end, setup, states)
    current = cost_of(shop, chosen, end)
    best_order, best_chosen, best = order.copy(), chosen.copy(), current
    new_states = (states[0].copy(), states[1].copy())
    new_start, new_end, new_setup = start.copy(), end.copy(), setup.copy()
    for number in range(num_moves):
        share = min(1.0, (done_before + number) / max(1, done_in_all))
        temperature = hot * (cold / hot) ** share
        operation = np.random.randint(count)
        job, old_place, old_option = shop.job[operation], place_of[operation], chosen[operation]
        num_options = shop.option_ptr[operation + 1] - shop.option_ptr[operation]
        changes_place = num_options == 1 or np.random.random() < 0.6
        new_place = old_place
        if changes_place:
            low, high = 0, count - 1
            if operation > shop.job_ptr[job]:
                low = place_of[operation - 1] + 1
            if operation + 1 < shop.job_ptr[job + 1]:
                high = place_of[operation + 1] - 1
            low, high = max(low, old_place - reach), min(high, old_place + reach)
            new_place = low + np.random.randint(high - low + 1)
        if num_options > 1 and (not changes_place or np.random.random() < 0.2):
            chosen[operation] = shop.option_ptr[operation] + np.random.randint(num_options)
        if new_place == old_place and chosen[operation] == old_option:
            continue
        if new_place != old_place:
            move(order, place_of, old_place, new_place)
        kept = min(old_place, new_place) // STRIDE
        new_start[:], new_end[:], new_setup[:] = start, end, setup
        new_states[0][kept], new_states[1][kept] = states[0][kept], states[1][kept]
        place_from(shop, order, kept * STRIDE, chosen, new_start, new_end, new_setup, new_states)
        cost = cost_of(shop, chosen, new_end)
        if cost <= current or np.random.random() < np.exp((current - cost) / temperature):
            current = cost
            start[:], end[:], setup[:] = new_start, new_end, new_setup
            states[0][kept:], states[1][kept:] = new_states[0][kept:], new_states[1][kept:]
            if cost < best - 1e-9:
                best_order[:], best_chosen[:], best = order, chosen, cost
        else:
            chosen[operation] = old_option
            if new_place != old_place:
                move(order, place_of, new_place, old_place)
    return best_order, best_chosen, best


@njit(cache=True, nogil=True)
def place_all(shop, order, chosen):
    """Return start, end and setup of the operations placed in an order."""
    start, end, setup = np.zeros_like(order), np.zeros_like(order), np.zeros_like(order)
    families = slot_families(shop)
    kept_states = len(order) // STRIDE + 1
    states = (
        np.zeros((kept_states, len(families)), dtype=np.int64),
        np.zeros((kept_states, len(families)), dtype=np.int64),
    )
    states[1][0] = families
    place_from(shop, order, 0, chosen, start, end, setup, states)
    return start, end, setup
