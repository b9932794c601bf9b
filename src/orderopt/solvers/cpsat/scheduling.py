"""The strategy ``cpsat``: one model of the whole shop, started from a dispatch schedule."""

from __future__ import annotations

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.search import run
from orderopt.solvers.cpsat.shop_model import ShopModel
from orderopt.solvers.cpsat.shop_rules import post_rules
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.bounded import Bounded
from orderopt.solvers.scheduling.dispatch import Dispatch, left_shift
from orderopt.solvers.scheduling.limits import find_heads, job_limits, safe_horizon


class CpSatScheduling:
    """The whole question as one CP-SAT model with a complete hint; proves optimality where it can."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule found and the bound proven."""
        seed = Dispatch().schedule(problem, budget, start=start)
        if seed.answer is None or seed.objective is None or seed.status is Status.OPTIMAL:
            return seed
        best, cost, heads = seed.answer, seed.objective, find_heads(problem)
        limits = job_limits(problem, heads, cost, safe_horizon(problem))
        latest, _ = kernels.tails(problem.arrays, limits, np.ones(len(problem.open_times)))
        shop = post_rules(ShopModel(problem, heads.start, latest, hint=best, tops=cost))
        shop.minimise()

        def tell(objective: float, bound: float) -> None:
            budget.on_progress(
                Progress(
                    "schedule", "CP-SAT", budget.seconds - budget.remaining, objective / shop.scale, bound / shop.scale
                )
            )

        search = run(shop.model, budget, tell=tell)
        bound = heads.bound
        if search.status is not Status.INFEASIBLE:
            bound = max(bound, search.bound / shop.scale)
        if search.has_solution:
            found = left_shift(problem, shop.read_back(search.solver))
            value = evaluate(problem, found).total
            if found.is_complete and value < cost:
                best, cost = found, value
        proven = search.status is Status.OPTIMAL or cost <= bound * (1 + 1e-9)
        return Outcome(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            best,
            cost,
            min(bound, cost),
            "proven" if proven else "time",
        )


def with_bound() -> Bounded:
    """Return the strategy as it is used alone, with a bound beside its schedule."""
    return Bounded(CpSatScheduling())
