"""What no longest way through a shop is shorter than: each machine alone, and machines that share tasks together.

Tasks of one machine are taken with the time that must pass before and after each, and may be cut: Jackson's preemptive
schedule, the bound of J. Carlier, "The one-machine sequencing problem", European Journal of Operational Research 11
(1982). Where tasks have a choice of machines, these share the least work.
"""

from __future__ import annotations

import heapq

import numpy as np

from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem
from orderopt.solvers.scheduling.limits import Heads


def least_longest_way(problem: ShopProblem, heads: Heads) -> int:
    """Return a minute that the last arrival of any schedule does not come before.

    Parameters
    ----------
    problem
        A shop of which :func:`~orderopt.solvers.scheduling.kinds.is_longest_way` is true.
    heads
        Earliest times of its tasks.
    """
    arrays = problem.arrays
    work = np.minimum.reduceat(arrays.alt_work, arrays.alt_ptr[:-1])
    tail = find_tails(problem, work)
    matters = tail >= 0  # others may be done after the last arrival
    bound = int((heads.start + work + tail)[matters].max(initial=0))
    by_machines: dict[tuple[int, ...], list[int]] = {}
    for task in np.flatnonzero(matters).tolist():
        resources = arrays.alt_resource[arrays.alt_ptr[task] : arrays.alt_ptr[task + 1]]
        by_machines.setdefault(tuple(np.unique(resources).tolist()), []).append(task)
    for machines, tasks in by_machines.items():
        places = sum(problem.capacity(machine) for machine in machines)
        if places == 1:
            bound = max(bound, _one_machine(heads.start[tasks], work[tasks], tail[tasks]))
    for machines in by_machines:
        inside = [task for own, tasks in by_machines.items() if set(own) <= set(machines) for task in tasks]
        places = sum(problem.capacity(machine) for machine in machines)
        bound = max(bound, _several_machines(heads.start[inside], work[inside], tail[inside], places))
    return bound


def find_tails(problem: ShopProblem, work: Ints) -> Ints:
    """Return the minutes that must pass from the end of each task to the last arrival (below 0: none need).

    Parameters
    ----------
    work
        Shape (T): least minutes of each task.
    """
    arrays = problem.arrays
    lag = np.minimum.reduceat(arrays.alt_lag, arrays.alt_ptr[:-1])
    tail = np.full(problem.num_tasks, NONE, dtype=np.int64)
    job_tail = np.where(arrays.job_line != NONE, arrays.job_lead, NONE)
    for job in _last_first(problem):
        after = int(job_tail[job])
        for task in range(int(arrays.job_ptr[job + 1]) - 1, int(arrays.job_ptr[job]) - 1, -1):
            if task < arrays.job_ptr[job + 1] - 1 and after >= 0:
                after += int(lag[task]) + int(work[task + 1])
            tail[task] = after
            if after >= 0:
                feeders = arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]]
                job_tail[feeders] = np.maximum(job_tail[feeders], after + int(work[task]))
    return tail


def _last_first(problem: ShopProblem) -> list[int]:
    """Return the jobs in an order in which each comes before those that it waits for."""
    arrays = problem.arrays
    waiting = np.bincount(arrays.link_job, minlength=problem.num_jobs)
    ready, order = np.flatnonzero(waiting == 0).tolist(), []
    while ready:
        job = ready.pop()
        order.append(job)
        first, last = arrays.link_ptr[arrays.job_ptr[job]], arrays.link_ptr[arrays.job_ptr[job + 1]]
        for feeder in arrays.link_job[first:last].tolist():
            waiting[feeder] -= 1
            if waiting[feeder] == 0:
                ready.append(feeder)
    return order


def _one_machine(head: Ints, work: Ints, tail: Ints) -> int:
    """Return the length of Jackson's preemptive schedule: among tasks at hand the one with the longest tail first."""
    waiting: list[tuple[int, int]] = []
    now, longest = 0, 0
    order = np.argsort(head, kind="stable").tolist()
    for place, task in enumerate(order):
        now = max(now, int(head[task]))
        heapq.heappush(waiting, (-int(tail[task]), int(work[task])))
        until = int(head[order[place + 1]]) if place + 1 < len(order) else None
        while waiting and (until is None or now < until):
            after, left = heapq.heappop(waiting)
            done = left if until is None else min(left, until - now)
            now += done
            if done < left:
                heapq.heappush(waiting, (after, left - done))
            else:
                longest = max(longest, now - after)
    return longest


def _several_machines(head: Ints, work: Ints, tail: Ints, places: int) -> int:
    """Return when the last of some tasks arrives if their work is shared out evenly from the earliest heads on."""
    first = np.sort(head)[:places].sum()
    last = np.sort(tail)[:places].sum()
    if len(head) < places:
        return 0
    return int(-(-(int(first) + int(work.sum()) + int(last)) // places))
