"""The strategy ``auto``: a dispatch seed, then a proof where it is in reach, local search, large neighbourhoods."""

from __future__ import annotations

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling.dispatch import Dispatch

PROOF_TASKS = 150
"""Up to this many tasks the whole model is tried first."""


class Portfolio:
    """A seed first, then what fits the size, each from the best schedule so far; never worse than the seed."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule of all parts."""
        outcome = Dispatch().schedule(problem, budget, start=start)
        if outcome.answer is None or outcome.objective is None:
            return outcome
        shares = (
            {"cpsat": 0.5, "local_search": 0.5}
            if problem.num_tasks <= PROOF_TASKS
            else {"local_search": 0.7, "lns": 0.3}
        )
        for name, share in shares.items():
            if outcome.status is Status.OPTIMAL or budget.is_over:
                break
            part = budget.part(budget.seconds * share)
            outcome = _better(outcome, scheduling.find(name).schedule(problem, part, start=outcome.answer))
        return outcome


def _better(one: Outcome[ShopSchedule], other: Outcome[ShopSchedule]) -> Outcome[ShopSchedule]:
    """Return the cheaper answer with the better of both bounds."""
    assert one.objective is not None
    assert other.objective is not None
    best = other if other.objective < one.objective else one
    bound = max(one.bound or 0.0, other.bound or 0.0)
    proven = Status.OPTIMAL in {one.status, other.status} and best.objective == min(one.objective, other.objective)
    return Outcome(Status.OPTIMAL if proven else best.status, best.answer, best.objective, bound, best.reason)
