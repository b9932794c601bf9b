"""The strategy ``auto``: a dispatch seed, local search, then a proof or large neighbourhoods where they pay."""

from __future__ import annotations

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling.bounded import Bounded, without_bound
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.kinds import is_longest_way, is_one_row, is_parallel

PROOF_TASKS, MAKESPAN_TASKS, ROW_TASKS, WINDOW_TASKS = 150, 300, 25, 600
"""Up to how many tasks the whole model may prove something; the same where cost is one longest way, whose bounds are
good, and for one machine; and up to how many windows of the model may still gain on local search."""


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
        for name, share in _shares(problem):
            if outcome.status is Status.OPTIMAL or budget.is_over:
                break
            part = budget.part(budget.seconds * share)
            strategy = without_bound(scheduling.find(name))
            outcome = _better(outcome, strategy.schedule(problem, part, start=outcome.answer))
        return outcome


def with_bound() -> Bounded:
    """Return the strategy as it is used alone, with a bound beside its schedule."""
    return Bounded(Portfolio())


def _shares(problem: ShopProblem) -> tuple[tuple[str, float], ...]:
    """Return which strategies follow each other, with their shares of the time."""
    if problem.extras is not None:
        return (("cpsat", 0.9),) if problem.num_tasks <= WINDOW_TASKS else ()
    if is_longest_way(problem):
        if problem.num_tasks <= MAKESPAN_TASKS and not is_parallel(problem):
            return (("local_search", 0.3), ("cpsat", 0.25), ("local_search", 1.0))
        return (("local_search", 1.0),)
    if is_one_row(problem) and problem.num_tasks > ROW_TASKS:
        return (("local_search", 1.0),)
    if problem.num_tasks <= PROOF_TASKS:
        return (("local_search", 0.4), ("cpsat", 0.6))
    return (("local_search", 0.7), ("lns", 0.3)) if problem.num_tasks <= WINDOW_TASKS else (("local_search", 1.0),)


def _better(one: Outcome[ShopSchedule], other: Outcome[ShopSchedule]) -> Outcome[ShopSchedule]:
    """Return the cheaper answer with the better of both bounds."""
    assert one.objective is not None
    assert other.objective is not None
    best = other if other.objective < one.objective else one
    bound = max(one.bound or 0.0, other.bound or 0.0)
    proven = Status.OPTIMAL in {one.status, other.status} and best.objective == min(one.objective, other.objective)
    return Outcome(Status.OPTIMAL if proven else best.status, best.answer, best.objective, bound, best.reason)
