"""A strategy with a lower bound beside it: the last part of its time goes into prices on machine time."""

from __future__ import annotations

from dataclasses import replace

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling.bounds import find_bound
from orderopt.solvers.scheduling.kernels_bounds import price_batch
from orderopt.solvers.scheduling.warm import COMPILING_SECONDS, is_compiled
from orderopt.solvers.solver import SchedulingStrategy

SHARE = 0.1
"""Share of the time that is kept for the bound."""

PROBE, WORTH_A_PROBE = 0.02, 5.0
"""Share of the time that finds out whether a bound is in sight, and the seconds from which that is asked."""

IN_SIGHT = 1e-3
"""A bound below this share of the first schedule's cost is not: the search gets the time."""


class Bounded:
    """Searches by another strategy, then raises the bound that it gave.

    Parameters
    ----------
    search
        The strategy that finds the schedule. Strategies that call others call this one of them
        (:func:`without_bound`), so that time goes into one bound only.
    """

    def __init__(self, search: SchedulingStrategy) -> None:
        self.search = search

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the schedule that the other strategy finds, with a bound on all schedules of the problem."""
        probe = PROBE if budget.seconds >= WORTH_A_PROBE else 0.0
        if probe and not is_in_sight(problem, budget.part(probe * budget.seconds)):
            return self.search.schedule(problem, budget.part((1 - probe) * budget.seconds), start=start)
        outcome = self.search.schedule(problem, budget.part((1 - probe - SHARE) * budget.seconds), start=start)
        return raise_bound(problem, outcome, budget.part(SHARE * budget.seconds))


def without_bound(strategy: SchedulingStrategy) -> SchedulingStrategy:
    """Return the search of a strategy alone, for those who call it several times or want no bound."""
    return strategy.search if isinstance(strategy, Bounded) else strategy


def is_in_sight(problem: ShopProblem, budget: Budget) -> bool:
    """Tell whether prices say anything of a problem, by a first schedule and the first prices on it."""
    from orderopt.solvers.scheduling.dispatch import Dispatch

    if not (budget.is_reproducible or is_compiled(price_batch)):
        return True  # nobody knows yet
    first = Dispatch(share=0.5).schedule(problem, replace(budget, on_progress=lambda _: None))
    if first.objective is None or first.answer is None or first.status is Status.OPTIMAL or budget.is_over:
        return True
    found = find_bound(problem, first.answer, seconds=0.5 * budget.seconds, is_over=lambda: budget.is_over)
    return found >= IN_SIGHT * first.objective


def raise_bound(problem: ShopProblem, outcome: Outcome[ShopSchedule], budget: Budget) -> Outcome[ShopSchedule]:
    """Return an outcome with the better of its bound and the one of prices; a bound that is met is a proof."""
    if outcome.answer is None or outcome.objective is None or outcome.status is Status.OPTIMAL or budget.is_over:
        return outcome
    if not budget.is_reproducible and not is_compiled(price_batch) and budget.remaining < COMPILING_SECONDS:
        return outcome  # compiling would take longer than there is time; the next run in this place has it
    found = find_bound(problem, outcome.answer, seconds=budget.seconds, is_over=lambda: budget.is_over)
    bound = min(max(found, outcome.bound or 0.0), outcome.objective)
    budget.on_progress(Progress("schedule", "bound", 0.0, outcome.objective, bound))
    if outcome.objective <= bound * (1 + 1e-9):
        return replace(outcome, status=Status.OPTIMAL, bound=outcome.objective, reason="proven")
    return replace(outcome, bound=bound)
