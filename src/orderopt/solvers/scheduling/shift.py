"""Placing the tasks of a schedule anew in the order in which they stand."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Ints, ShopArrays, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate, line_arrivals, sequence_order
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.serial import place_anew, place_held


def left_shift(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with the same alternatives and sequences, everything as early as possible.

    No task ends later than it did.
    """
    if problem.extras is not None:
        anew = place_anew(problem, schedule)
        return anew if (anew.end <= schedule.end).all() else place_held(problem, schedule)
    return _place_again(problem.arrays, schedule)


def held_back(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with nothing earlier than it stands: what waits for a shared departure goes on waiting."""
    if problem.extras is not None:
        return place_held(problem, schedule)
    release = np.maximum(problem.arrays.task_release, schedule.start)
    return _place_again(problem.arrays._replace(task_release=release), schedule)


def settled(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with the same alternatives and sequences and the best times for them that are known.

    Where waiting never pays that is everything as early as possible; else lines that would be early are put off.
    """
    early = left_shift(problem, schedule)
    if not problem.rewards_waiting or problem.extras is not None:
        return early
    found = [put_off(problem, each) for each in (early, held_back(problem, schedule)) if each.is_complete]
    return min(found, key=lambda each: evaluate(problem, each).total, default=early)


def put_off(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with the last steps of early lines as late as pays, as far as nothing else has to move.

    Sequences stay, so that no setup changes; tasks are looked at from the last to the first.
    """
    charges, arrays = problem.charges, problem.arrays
    if charges is None or problem.extras is not None or not schedule.is_complete:
        return schedule
    gains = charges.early > charges.flow
    gains &= line_arrivals(problem, schedule) < arrays.line_due
    start, end = schedule.start.copy(), schedule.end.copy()
    last = problem.last_end(end)
    order, slot_of = _slots(arrays, schedule)
    ahead = np.full(int(arrays.slot_ptr[-1]), FOREVER, dtype=np.int64)
    for task in order[::-1].tolist():
        job = int(arrays.task_job[task])
        line = int(arrays.job_line[job])
        is_last = task == int(arrays.job_ptr[job + 1]) - 1
        if is_last and line != NONE and gains[line] and not arrays.task_is_fixed[task]:
            limit = min(int(ahead[slot_of[task]]), _leave_by(problem, job, int(arrays.line_due[line])))
            for fed in arrays.feed_task[arrays.feed_ptr[job] : arrays.feed_ptr[job + 1]]:
                limit = min(limit, int(start[fed]))
            if charges.makespan > 0:
                limit = min(limit, last)
            start[task], end[task] = _latest(problem, schedule, task, limit)
        ahead[slot_of[task]] = start[task]
    return ShopSchedule(schedule.alternative, start, end, schedule.setup)


def _slots(arrays: ShopArrays, schedule: ShopSchedule) -> tuple[Ints, Ints]:
    """Return all tasks in order of time, and the slot of each."""
    order = sequence_order(schedule)
    slot_of = np.empty(len(order), dtype=np.int64)
    low = np.full(int(arrays.slot_ptr[-1]), np.iinfo(np.int64).min)
    kernels.share_out(arrays, order, schedule.alternative, schedule.start, schedule.end, low, slot_of)
    return order, slot_of


def _leave_by(problem: ShopProblem, job: int, arrival: int) -> int:
    """Return the latest end of a job whose output arrives by a minute (before all minutes: there is none)."""
    arrays = problem.arrays
    leave, table = arrival - int(arrays.job_lead[job]), int(arrays.job_timetable[job])
    if table == NONE:
        return leave
    times = arrays.timetable_at[arrays.timetable_ptr[table] : arrays.timetable_ptr[table + 1]]
    place = int(np.searchsorted(times, leave, side="right"))
    return int(times[place - 1]) if place else -FOREVER


def _latest(problem: ShopProblem, schedule: ShopSchedule, task: int, limit: int) -> tuple[int, int]:
    """Return the latest start and end of a task that ends by a minute, never earlier than it stands."""
    arrays, alternative = problem.arrays, int(schedule.alternative[task])
    stands = int(schedule.start[task]), int(schedule.end[task])
    open_time = problem.open_time(int(arrays.alt_resource[alternative]))
    minutes, breakable = (
        int(arrays.alt_work[alternative] + schedule.setup[task]),
        bool(arrays.alt_breakable[alternative]),
    )
    if limit <= stands[1] or minutes == 0:
        return stands
    if breakable:
        begin = open_time.start_of(open_time.worked(limit) - minutes)
        found = open_time.fit(begin, minutes, breakable=True)
        return found if found[0] >= stands[0] and found[1] <= limit else stands
    for span in range(int(np.searchsorted(open_time.opens, limit)) - 1, -1, -1):
        begin = min(limit, int(open_time.closes[span])) - minutes
        if begin < stands[0]:
            return stands
        if begin >= open_time.opens[span]:
            return begin, begin + minutes
    return stands


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
    num_slots = int(arrays.slot_ptr[-1])
    order, slot_of = _slots(arrays, schedule)
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
