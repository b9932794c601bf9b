"""Placing the tasks of a schedule anew in the order in which they stand."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.shop import ShopArrays, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.solvers.scheduling import kernels


def left_shift(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with the same alternatives and sequences, everything as early as possible.

    No task ends later than it did.
    """
    return _place_again(problem.arrays, schedule)


def held_back(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with nothing earlier than it stands: what waits for a shared departure goes on waiting."""
    release = np.maximum(problem.arrays.task_release, schedule.start)
    return _place_again(problem.arrays._replace(task_release=release), schedule)


def _place_again(arrays: ShopArrays, schedule: ShopSchedule) -> ShopSchedule:
    order, chosen = sequence_order(schedule), schedule.alternative.copy()
    start, end, setup = kernels.place_in_order(arrays, order, chosen, False)
    if (end > schedule.end).any():
        # A task took the place that another would have needed: on the slot or, ahead of a fixed task, in the gap.
        start, end, setup = kernels.place_in_order(tie_down(arrays, schedule), order, chosen, False)
    return ShopSchedule(chosen, start, end, setup)


def tie_down(arrays: ShopArrays, schedule: ShopSchedule) -> ShopArrays:
    """Return the question in which each task keeps its slot, and where there are setups its place behind fixed tasks.

    Each slot becomes a resource of its own. On each, tasks follow each other as they did, so that none is later.
    """
    num_slots, order = int(arrays.slot_ptr[-1]), sequence_order(schedule)
    slot_of = np.empty(len(order), dtype=np.int64)
    low = np.full(num_slots, np.iinfo(np.int64).min)
    kernels.share_out(arrays, order, schedule.alternative, schedule.start, schedule.end, low, slot_of)
    fixed = order[arrays.task_is_fixed[order] == 1]
    fixed = fixed[np.argsort(slot_of[fixed], kind="stable")]
    fixed_ptr = np.searchsorted(slot_of[fixed], np.arange(num_slots + 1)).astype(np.int64)
    alt_resource = arrays.slot_ptr[arrays.alt_resource]
    alt_resource[schedule.alternative] = slot_of
    capacity = np.diff(arrays.slot_ptr)
    setup_size = np.repeat(arrays.setup_size, capacity)
    release = arrays.task_release.copy()
    for slot in np.flatnonzero((np.diff(fixed_ptr) > 0) & (setup_size > 0)):
        ends = arrays.fixed_end[fixed[fixed_ptr[slot] : fixed_ptr[slot + 1]]]
        here = np.flatnonzero(slot_of == slot)
        behind = np.searchsorted(ends, schedule.start[here], side="right")
        here, behind = here[behind > 0], behind[behind > 0]
        release[here] = np.maximum(release[here], ends[behind - 1])
    return arrays._replace(
        alt_resource=alt_resource,
        task_release=release,
        resource_calendar=np.repeat(arrays.resource_calendar, capacity),
        resource_minute_cost=np.repeat(arrays.resource_minute_cost, capacity),
        resource_initial=np.repeat(arrays.resource_initial, capacity),
        resource_unit=np.repeat(arrays.resource_unit, capacity),
        slot_ptr=np.arange(num_slots + 1),
        slot_fixed_ptr=fixed_ptr,
        slot_fixed_task=fixed,
        setup_ptr=np.repeat(arrays.setup_ptr, capacity),
        setup_size=setup_size,
    )
