"""Serial placing of whole schedules, for shops with longest waits, overlapping steps or setup crews."""

from __future__ import annotations

import heapq

import numpy as np

from orderopt.solvers.compiled.extras import Extras
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.kernels_serial import place_chains


def place_anew(problem: ShopProblem, schedule: ShopSchedule, *, free_choice: bool = False) -> ShopSchedule:
    """Return a schedule that keeps all rules, its chains placed in the order in which another schedule begins them.

    Parameters
    ----------
    schedule
        Need not keep the longest waits, nor mind the crews.
    free_choice
        Whether each task goes where it ends first, instead of where it stands.
    """
    last = _chains(problem, schedule)
    return _place(problem, schedule.alternative, _order(problem, schedule, last), last, None, free_choice)


def place_held(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return a lawful schedule with setups and exact times as far as they follow; nothing is earlier than it stands."""
    last = np.arange(problem.num_tasks)
    return _place(problem, schedule.alternative, sequence_order(schedule), last, schedule.start, False)


def _extras(problem: ShopProblem) -> Extras:
    assert problem.extras is not None
    return problem.extras


def _chains(problem: ShopProblem, schedule: ShopSchedule) -> Ints:
    """Return the last task of the chain that begins with each task; NONE within chains."""
    arrays, extras = problem.arrays, _extras(problem)
    limited = np.concatenate(([0], np.cumsum(extras.alt_wait < FOREVER)))
    is_limited = limited[arrays.alt_ptr[1:]] > limited[arrays.alt_ptr[:-1]]
    last = np.arange(problem.num_tasks)
    for task in range(problem.num_tasks - 2, -1, -1):
        joined = is_limited[task] and arrays.task_job[task + 1] == arrays.task_job[task]
        if joined and not arrays.task_is_fixed[task]:
            last[task], last[task + 1] = last[task + 1], NONE
    return last


def _order(problem: ShopProblem, schedule: ShopSchedule, last: Ints) -> Ints:
    """Return the first task of each chain such that each stands behind what it waits for, else by time."""
    arrays = problem.arrays
    head = np.maximum.accumulate(np.where(last != NONE, np.arange(len(last)), 0))
    waiting = np.zeros(len(last), dtype=np.int64)
    behind: list[list[int]] = [[] for _ in range(len(last))]
    for task in range(len(last)):
        own = int(head[task])
        feeders = arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]]
        found = {int(head[arrays.job_ptr[job + 1] - 1]) for job in feeders}
        if task == own and task > arrays.job_ptr[arrays.task_job[task]]:
            found.add(int(head[task - 1]))
        for other in found:
            behind[other].append(own)
            waiting[own] += 1
    heads = np.flatnonzero(last != NONE).tolist()
    ready = [(_begin(schedule, task, int(last[task])), int(schedule.end[task]), int(task)) for task in heads]
    heap = [each for each in ready if not waiting[each[2]]]
    key = {each[2]: each for each in ready}
    heapq.heapify(heap)
    order = []
    while heap:
        task = int(heapq.heappop(heap)[2])
        order.append(task)
        for other in behind[task]:
            waiting[other] -= 1
            if not waiting[other]:
                heapq.heappush(heap, key[other])
    return np.array(order, dtype=np.int64)


def _begin(schedule: ShopSchedule, first: int, last: int) -> int:
    """Return when a chain would begin if its steps followed each other at once and none began earlier than it does."""
    begin, elapsed = int(schedule.start[first]), 0
    for task in range(first, last):
        elapsed += int(schedule.end[task] - schedule.start[task])
        begin = max(begin, int(schedule.start[task + 1]) - elapsed)
    return begin


def _place(
    problem: ShopProblem, alternative: Ints, order: Ints, last: Ints, floor: Ints | None, free_choice: bool
) -> ShopSchedule:
    arrays, extras, num_tasks = problem.arrays, _extras(problem), problem.num_tasks
    free_at, family, next_fixed, kin = kernels.initial_slots(arrays)
    crews, count = _begun_setups(problem)
    start, end = (np.full(num_tasks, FOREVER, dtype=np.int64) for _ in range(2))
    setup, chosen = np.zeros(num_tasks, dtype=np.int64), alternative.copy()
    place_chains(
        arrays,
        extras,
        order,
        last.astype(np.int64),
        np.zeros(num_tasks, dtype=np.int64) if floor is None else floor.copy(),
        chosen,
        free_choice,
        start,
        end,
        setup,
        np.ascontiguousarray(np.stack((free_at, family, next_fixed), axis=1)),
        kin,
        crews,
        count,
        np.full((num_tasks, 5), NONE, dtype=np.int64),
    )
    return ShopSchedule(chosen, start, end, setup)


def _begun_setups(problem: ShopProblem) -> tuple[Ints, Ints]:
    """Return the setups of fixed tasks that keep crews busy, with room for all others, and how many they are."""
    arrays, extras = problem.arrays, _extras(problem)
    crews, count = np.zeros((problem.num_tasks, 3), dtype=np.int64), 0
    for task in np.flatnonzero((arrays.task_is_fixed == 1) & (arrays.fixed_setup > 0)).tolist():
        resource = int(arrays.alt_resource[arrays.alt_ptr[task]])
        if extras.resource_crew[resource] != NONE:
            open_time, start = problem.open_time(resource), int(arrays.fixed_start[task])
            until = open_time.end_of(open_time.worked(start) + int(arrays.fixed_setup[task]))
            crews[count] = extras.resource_crew[resource], start, min(until, int(arrays.fixed_end[task]))
            count += 1
    return crews, np.array([count], dtype=np.int64)
