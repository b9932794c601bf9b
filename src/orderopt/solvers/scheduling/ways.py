"""Schedules as numbers kept by tabu search, as chains with heads and tails, and back."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.shop import Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.solvers.scheduling.graph import chains, slots_of
from orderopt.solvers.scheduling.kernels_graph import Facts
from orderopt.solvers.scheduling.kernels_tabu import Ways, measure

MOST_ARCS = 1 << 22
"""Places for pairs of tasks whose order is tabu; where there are more pairs some share a place."""


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
