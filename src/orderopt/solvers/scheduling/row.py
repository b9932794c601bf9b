"""One machine and single tasks, each due for itself: annealing of their order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.solvers.scheduling.kernels_row import Row, anneal_row, time_row

HOT, COLD = 1.0, 0.001
"""First and last temperature, as shares of what it costs that a mean task comes its own length late."""

MOVES_A_TASK, ROUNDS = 50_000, 100
"""Moves of one cooling for each task, and temperatures of it."""

MOVES_A_SECOND = 2_000_000
"""Moves that a reproducible run plans for a second."""


class Sequencing:
    """One search by one or more workers, each with an order of its own.

    Parameters
    ----------
    problem
        A shop of which :func:`~orderopt.solvers.scheduling.kinds.is_one_row` is true.
    start
        A complete schedule.
    bound
        Lateness that no schedule costs less than.
    """

    def __init__(self, problem: ShopProblem, start: ShopSchedule, bound: float, budget: Budget) -> None:
        self.problem, self.bound, self.budget = problem, bound, budget
        self.best = sequence_order(start)
        self.cost = float(time_row(self._build(self.best)))
        arrays = problem.arrays
        self.hot = HOT * float(arrays.alt_work.mean()) * float(arrays.line_weight.mean()) + 1e-9

    def search(self) -> ShopSchedule:
        """Return the best schedule met: coolings one after the other, each from an order drawn anew or the best."""
        budget, size = self.budget, self.problem.num_tasks
        planned = int(budget.seconds * MOVES_A_SECOND)
        number = 0
        while not self._is_over() and (number == 0 or planned > 0 or not budget.is_reproducible):
            moves = max(ROUNDS, min(planned, MOVES_A_TASK * size) if budget.is_reproducible else MOVES_A_TASK * size)
            planned -= moves
            with ThreadPoolExecutor(budget.workers) as pool:
                chains = [pool.submit(self._cool, number, worker, moves) for worker in range(budget.workers)]
            for chain in chains:
                cost, order = chain.result()
                if cost < self.cost - 1e-9:
                    self.cost, self.best = cost, order
                    budget.on_progress(Progress("schedule", "annealing of an order", 0.0, cost))
            number += 1
        return self._as_schedule()

    def _is_over(self) -> bool:
        return self.budget.is_over or self.cost <= self.bound * (1 + 1e-9)

    def _cool(self, number: int, worker: int, moves: int) -> tuple[float, Ints]:
        random = np.random.default_rng((self.budget.seed, number, worker))
        row, best, cost = self._build(self.best), self.best.copy(), self.cost
        for step in range(ROUNDS):
            if self.budget.is_over:
                break
            heat = self.hot * (COLD / HOT) ** (step / (ROUNDS - 1))
            cost = float(anneal_row(row, best, cost, moves // ROUNDS, heat, int(random.integers(1 << 31))))
        return cost, best

    def _build(self, order: Ints) -> Row:
        arrays, size = self.problem.arrays, self.problem.num_tasks
        resource = int(arrays.alt_resource[0])
        families, at = int(arrays.setup_size[resource]), int(arrays.setup_ptr[resource])
        has_setups = families > 0
        setup = arrays.setup_minutes[at : at + families**2].reshape(families, families)
        line = arrays.job_line
        return Row(
            work=arrays.alt_work,
            release=arrays.task_release,
            family=arrays.alt_family if has_setups else np.zeros(size, dtype=np.int64),
            due=arrays.line_due[line] - arrays.job_lead,
            weight=arrays.line_weight[line],
            setup=np.ascontiguousarray(setup) if has_setups else np.zeros((1, 1), dtype=np.int64),
            initial=int(arrays.resource_initial[resource]) if has_setups else 0,
            begin=int(arrays.start[0]),
            order=order.copy(),
            end=np.zeros(size, dtype=np.int64),
            paid=np.zeros(size),
            fresh=np.zeros(size, dtype=np.int64),
            fresh_end=np.zeros(size, dtype=np.int64),
            fresh_paid=np.zeros(size),
        )

    def _as_schedule(self) -> ShopSchedule:
        row = self._build(self.best)
        time_row(row)
        end = np.empty_like(row.end)
        end[row.order] = row.end
        before = np.empty_like(row.end)
        before[row.order] = np.concatenate(([row.initial], row.family[row.order[:-1]]))
        asks = (before != NONE) & (row.family != 0)
        setup = np.where(asks, row.setup[np.where(asks, before, 0), row.family], 0)
        return ShopSchedule(np.arange(len(end)), end - row.work - setup, end, setup)
