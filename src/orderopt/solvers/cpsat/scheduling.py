"""The strategy ``cpsat``: one model of the whole shop, started from a dispatch schedule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.search import run
from orderopt.solvers.cpsat.shop_model import ShopModel
from orderopt.solvers.cpsat.shop_rules import post_rules
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.bounded import Bounded
from orderopt.solvers.scheduling.dispatch import Dispatch, settled
from orderopt.solvers.scheduling.limits import find_heads, job_limits, safe_horizon

ROUNDING = 1e-3
"""How far a schedule may be from what its model says, where times have to be kept as the model has them."""


class CpSatScheduling:
    """The whole question as one CP-SAT model with a complete hint; proves optimality where it can."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule found and the bound proven."""
        seed = Dispatch().schedule(problem, budget, start=start)
        if seed.status is Status.OPTIMAL:
            return seed
        heads, horizon = find_heads(problem), safe_horizon(problem)
        is_known = seed.answer is not None and seed.objective is not None
        if not is_known and heads.start.max(initial=0) >= FOREVER:
            return seed  # some task never fits, whatever the sequences are
        best, cost = (seed.answer, seed.objective) if is_known else (None, _dearest(problem, horizon))
        assert cost is not None
        limits = job_limits(problem, heads, cost, horizon)
        latest, _ = kernels.tails(problem.relaxed, limits, np.ones(len(problem.open_times)))
        latest = np.minimum(latest, limits[problem.arrays.task_job])
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
            found = settled(problem, shop.read_back(search.solver))
            value = evaluate(problem, found).total
            if found.is_complete and (best is None or value < cost):
                best, cost = found, value
        if best is None:
            return replace(seed, status=search.status, bound=bound)
        is_read = not problem.rewards_waiting or cost <= search.objective / shop.scale + ROUNDING * (1.0 + cost)
        proven = (search.status is Status.OPTIMAL and is_read) or cost <= bound * (1 + 1e-9)
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


def _dearest(problem: ShopProblem, horizon: int) -> float:
    """Return a cost that no schedule within a horizon exceeds."""
    arrays = problem.arrays
    late = np.maximum(horizon + arrays.job_lead.max(initial=0) + 7 * 1440 - arrays.line_due, 0)
    minutes = arrays.setup_minutes[arrays.setup_minutes < FOREVER].max(initial=0)
    each = minutes * arrays.resource_minute_cost.max(initial=0.0) + arrays.setup_cost.max(initial=0.0)
    work = np.maximum.reduceat(arrays.alt_cost, arrays.alt_ptr[:-1]).sum() if problem.num_tasks else 0.0
    known = float((late * arrays.line_weight).sum() + work + each * problem.num_tasks + problem.fairness_weight)
    charges = problem.charges
    if charges is None:
        return known
    far, near = arrays.line_due + late, np.minimum(arrays.line_due, 0)
    of_lines = (sum(charges.of_lines(arrays.line_due, each)) for each in (far, near))
    return known + sum(of_lines) + charges.makespan * horizon
