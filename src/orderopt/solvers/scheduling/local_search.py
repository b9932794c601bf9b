"""The strategy ``local_search``: simulated annealing from a dispatch schedule, one run for each worker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate, sequence_order
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.annealing import anneal
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.warm import COMPILING_SECONDS, is_compiled

PLACED_A_SECOND = 1_500_000
"""Tasks that a worker places in a second, as the plan of the cooling assumes."""

SAFETY = 4
"""How much slower than planned a reproducible run may be before the clock cuts it short."""

HOT = 0.004
"""First temperature as a share of the cost of lateness, for one movable task; it falls with their square root."""

CHUNKS = 40
"""Parts of a run; between two of them the clock and the caller are heard."""


class LocalSearch:
    """Anneals; the cooling is planned by the number of moves, so that one worker gives the same answer again."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return a schedule at least as good as `start` (or as dispatch)."""
        seed = Dispatch().schedule(problem, budget, start=start)
        movable = np.flatnonzero(problem.arrays.task_is_fixed == 0).astype(np.int64)
        if seed.answer is None or seed.objective is None or seed.status is Status.OPTIMAL or len(movable) < 2:
            return seed
        if not budget.is_reproducible and not is_compiled(anneal) and budget.remaining < COMPILING_SECONDS:
            return seed  # compiling would take longer than there is time; the next run in this place has it
        bound = find_heads(problem).bound
        rate = PLACED_A_SECOND / (SAFETY if budget.is_reproducible else 1)
        num_moves = int(budget.seconds * rate / (0.5 * problem.num_tasks + 20))
        run = _Run(problem, movable, seed.answer, seed.objective, num_moves, budget)
        with ThreadPoolExecutor(budget.workers) as pool:
            found = list(pool.map(run.anneal, range(budget.workers)))
        best, cost = seed.answer, seed.objective
        for schedule in found:
            value = evaluate(problem, schedule).total if schedule.is_complete else np.inf
            if value < cost:
                best, cost = schedule, value
        proven = cost <= bound * (1 + 1e-9)
        return Outcome(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            best,
            cost,
            min(bound, cost),
            "proven" if proven else "time",
        )


class _Run:
    def __init__(
        self, problem: ShopProblem, movable: Ints, start: ShopSchedule, cost: float, num_moves: int, budget: Budget
    ) -> None:
        self.problem, self.movable, self.start, self.cost = problem, movable, start, cost
        self.num_moves, self.budget = num_moves, budget
        tardiness = evaluate(problem, start).tardiness
        self.hot = max(1e-6, HOT * (tardiness or cost) / np.sqrt(len(movable)))

    def anneal(self, worker: int) -> ShopSchedule:
        arrays, budget = self.problem.arrays, self.budget
        order, chosen = sequence_order(self.start), self.start.alternative.copy()
        best_order, best_chosen, best = order.copy(), chosen.copy(), np.inf
        chunk = max(1, self.num_moves // CHUNKS)
        reach = max(20, len(order) // 4)
        for number in range(CHUNKS):
            if budget.is_over:
                break
            found_order, found_chosen, cost = anneal(
                arrays,
                order,
                chosen,
                self.movable,
                chunk,
                self.hot,
                self.hot / 1000,
                number * chunk,
                self.num_moves,
                reach,
                (budget.seed * 1000 + worker * 101 + number) % (1 << 31),
            )
            if cost < best:
                best_order, best_chosen, best = found_order, found_chosen, cost
                if worker == 0:
                    budget.on_progress(Progress("schedule", "annealing", 0.0, float(min(cost, self.cost))))
        start, end, setup = kernels.place_in_order(arrays, best_order, best_chosen, False)
        return ShopSchedule(best_chosen, start, end, setup)
