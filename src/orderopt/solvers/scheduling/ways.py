"""Schedules as numbers kept by tabu search, as chains with heads and tails, and back; and where such search applies."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.solvers.scheduling.graph import chains, slots_of
from orderopt.solvers.scheduling.kernels_graph import Facts
from orderopt.solvers.scheduling.kernels_tabu import Ways, measure

MOST_ARCS = 1 << 22
"""Places for pairs of tasks whose order is tabu; where there are more pairs some share a place."""


def is_longest_way(problem: ShopProblem) -> bool:
    """Whether cost grows with one longest way alone: one line, open hours without end, nothing fixed, no other cost."""
    arrays = problem.arrays
    weighted = arrays.line_weight > 0
    several = len(arrays.line_due) == 1 and bool(weighted.all()) and int((arrays.job_line != NONE).sum()) > 1
    lone_cost = len(arrays.alt_cost) == 0 or float(np.ptp(arrays.alt_cost)) == 0.0
    used = arrays.resource_calendar[arrays.alt_resource]
    return bool(
        several
        and lone_cost
        and not used.any()
        and not arrays.task_is_fixed.any()
        and (arrays.job_timetable == NONE).all()
        and not arrays.setup_cost.any()
        and not (arrays.resource_minute_cost.any() and arrays.setup_minutes.any())
        and problem.fairness_weight == 0.0
        and problem.charges is None
        and problem.extras is None
        and not (arrays.setup_minutes >= FOREVER).any()
    )


def is_parallel(problem: ShopProblem) -> bool:
    """Whether a longest way is the end of a row of tasks: every job is one task that can start at once."""
    arrays = problem.arrays
    task = np.repeat(np.arange(problem.num_tasks), np.diff(arrays.alt_ptr))
    pairs = task * problem.num_resources + arrays.alt_resource
    return bool(
        is_longest_way(problem)
        and problem.num_jobs == problem.num_tasks
        and len(arrays.link_job) == 0
        and (arrays.job_line != NONE).all()
        and int(np.ptp(arrays.job_lead)) == 0
        and int(arrays.task_release.max()) <= int(arrays.start[0])
        and len(np.unique(pairs)) == len(pairs)
    )


def keep_schedule(problem: ShopProblem, schedule: ShopSchedule) -> Ints:
    """Return alternative, slot, start and place in the order of each task, shape (4, T)."""
    order = sequence_order(schedule)
    rank = np.empty(problem.num_tasks, dtype=np.int64)
    rank[order] = np.arange(problem.num_tasks)
    slot = slots_of(problem, schedule, order)
    return np.stack((schedule.alternative, slot, schedule.start, rank)).astype(np.int64)


def build_ways(problem: ShopProblem, kept: Ints) -> Ways:
    """Return the chains of a kept schedule, not timed yet."""
    size, num_slots = problem.num_tasks, int(problem.arrays.slot_ptr[-1])
    order = np.lexsort((kept[3], kept[2]))
    before, after, first = chains(kept[1][order], order, num_slots)
    state = np.zeros((size, 10), dtype=np.int64)
    state[:, 0], state[:, 1], state[:, 2], state[:, 3] = kept[0], kept[1], before, after
    num_arcs = min(MOST_ARCS, 1 << int(size**2).bit_length())

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    return Ways(
        state=state,
        first=first,
        order=order,
        degree=zeros(size),
        path=zeros(size),
        row=zeros(size),
        heads=zeros(size),
        move=zeros(2, 6),
        arcs=zeros(num_arcs),
        places=zeros(size, num_slots),
    )


def as_timed_schedule(problem: ShopProblem, facts: Facts, kept: Ints) -> ShopSchedule:
    """Return the schedule in which each task of a kept one starts as early as its neighbours allow."""
    ways = build_ways(problem, kept)
    measure(facts, ways)
    chosen, start, length = ways.state[:, 0].copy(), ways.state[:, 5].copy(), ways.state[:, 6]
    return ShopSchedule(chosen, start, start + length, length - problem.arrays.alt_work[chosen])
