"""The strategy ``auto``: a dispatch seed, local search, then a proof or large neighbourhoods where they pay."""

from __future__ import annotations

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling.dispatch import Dispatch

PROOF_TASKS, WINDOW_TASKS = 150, 600
"""Up to how many tasks the whole model may prove something, and windows of it may still gain on local search."""


class Portfolio:
    """A seed first, then what fits the size, each from the best schedule so far; never worse than the seed."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule of all parts."""
        outcome = Dispatch().schedule(problem, budget, start=start)
        if outcome.answer is None or outcome.objective is None:
            # List scheduling came to a dead end; only the whole model looks for a way around it.
            fits = problem.num_tasks <= WINDOW_TASKS and not budget.is_over
            return scheduling.find("cpsat").schedule(problem, budget) if fits else outcome
        shares = _shares(problem)
        for name, share in shares.items():
            if outcome.status is Status.OPTIMAL or budget.is_over:
                break
            part = budget.part(budget.seconds * share)
            outcome = _better(outcome, scheduling.find(name).schedule(problem, part, start=outcome.answer))
        return outcome


def _shares(problem: ShopProblem) -> dict[str, float]:
    """Return which strategies have which share of the time."""
    lines = len(problem.arrays.line_due)
    if problem.num_jobs > 5 * lines and problem.num_tasks <= 10 * PROOF_TASKS:
        return {"local_search": 0.2, "cpsat": 0.8}  # a makespan: its bound propagates well
    if problem.num_tasks <= PROOF_TASKS:
        return {"local_search": 0.4, "cpsat": 0.6}
    return {"local_search": 0.7, "lns": 0.3} if problem.num_tasks <= WINDOW_TASKS else {"local_search": 1.0}


def _better(one: Outcome[ShopSchedule], other: Outcome[ShopSchedule]) -> Outcome[ShopSchedule]:
    """Return the cheaper answer with the better of both bounds."""
    assert one.objective is not None
    assert other.objective is not None
    best = other if other.objective < one.objective else one
    bound = max(one.bound or 0.0, other.bound or 0.0)
    proven = Status.OPTIMAL in {one.status, other.status} and best.objective == min(one.objective, other.objective)
    return Outcome(Status.OPTIMAL if proven else best.status, best.answer, best.objective, bound, best.reason)
