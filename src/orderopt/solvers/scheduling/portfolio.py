"""The strategy ``auto``: a dispatch seed, then a proof where it is in reach, else large neighbourhoods."""

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
    """A seed first; then the strategy that fits the size; never worse than the seed."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule of all parts."""
        outcome = Dispatch().schedule(problem, budget, start=start)
        if outcome.answer is None or outcome.objective is None:
            return outcome
        names = ("cpsat", "lns") if problem.num_tasks <= PROOF_TASKS else ("lns",)
        for left, name in zip(range(len(names), 0, -1), names, strict=True):
            if outcome.status is Status.OPTIMAL or budget.is_over:
                break
            share = budget.seconds / len(names) if budget.is_reproducible else budget.remaining / left
            found = scheduling.find(name).schedule(problem, budget.part(share), start=outcome.answer)
            outcome = _better(outcome, found)
        return outcome


def _better(one: Outcome[ShopSchedule], other: Outcome[ShopSchedule]) -> Outcome[ShopSchedule]:
    """Return the cheaper answer with the better of both bounds."""
    assert one.objective is not None and other.objective is not None
    best = other if other.objective < one.objective else one
    bound = max(one.bound or 0.0, other.bound or 0.0)
    proven = Status.OPTIMAL in {one.status, other.status} and best.objective == min(one.objective, other.objective)
    return Outcome(Status.OPTIMAL if proven else best.status, best.answer, best.objective, bound, best.reason)
