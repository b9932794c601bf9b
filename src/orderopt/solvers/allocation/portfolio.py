"""The strategy ``auto``: greedy, then CP-SAT where it can prove, else prices with local search, then a program."""

from __future__ import annotations

from dataclasses import replace

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import Greedy
from orderopt.solvers.allocation.warm import await_kernels
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, SourcingProblem
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import allocation

SMALL, MEDIUM, LARGE = 3_000, 30_000, 100_000
"""Options times buckets up to which CP-SAT is tried alone, up to which it follows where HiGHS may not be asked, and up
to which HiGHS is: beyond, prices and local search were measured to leave it nothing to find in the same time.

HiGHS cannot count its work, so that reproducible runs go without it.
"""


class Portfolio:
    """Each strategy starts from the best choice so far; the highest bound of all is told."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the best choice of all parts."""
        parts = choose_parts(problem, is_reproducible=budget.is_reproducible)
        budget = await_kernels(budget, search="lagrangian" in parts)
        best = Greedy().allocate(problem, budget, start=start)
        for name, share in parts.items():
            if budget.is_over or best.status is Status.OPTIMAL:
                break
            found = allocation.find(name).allocate(problem, budget.part(budget.seconds * share), start=best.answer)
            best = _better(found, best)
        return best


def choose_parts(problem: SourcingProblem, *, is_reproducible: bool) -> dict[str, float]:
    """Return the strategies that fit the size, with the share of the time that each may take."""
    size = problem.num_options * problem.num_buckets
    if size <= SMALL:
        return {"cpsat": 1.0}
    if not is_reproducible and size <= LARGE:
        return {"lagrangian": 0.4, "highs": 0.6}
    if is_reproducible and size <= MEDIUM:
        return {"lagrangian": 0.7, "cpsat": 0.3}
    return {"lagrangian": 1.0}


def _better(found: Outcome[Assignment], best: Outcome[Assignment]) -> Outcome[Assignment]:
    """Return the cheaper outcome (the later one if they cost the same) with the higher bound of both."""
    if found.answer is None or found.objective is None:
        return best
    chosen = found if best.objective is None or found.objective <= best.objective else best
    bounds = [each.bound for each in (found, best) if each.bound is not None]
    return replace(chosen, bound=max(bounds, default=None))
