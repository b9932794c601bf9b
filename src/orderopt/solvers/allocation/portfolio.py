"""The strategy ``auto``: greedy, then CP-SAT where it can prove, else HiGHS and CP-SAT one after the other."""

from __future__ import annotations

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import Greedy
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, SourcingProblem
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import allocation

SMALL, LARGE = 3_000, 400_000
"""Options times buckets up to which CP-SAT is tried alone, and beyond which only HiGHS is."""


class Portfolio:
    """Each strategy starts from the best choice so far."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the best choice of all parts."""
        best = Greedy().allocate(problem, budget, start=start)
        size = problem.num_options * problem.num_buckets
        shares = {"cpsat": 1.0} if size <= SMALL else {"highs": 0.7, "cpsat": 0.3} if size <= LARGE else {"highs": 1.0}
        for name, share in shares.items():
            if budget.is_over or best.status is Status.OPTIMAL:
                break
            part = budget.part(budget.seconds * share)
            found = allocation.find(name).allocate(problem, part, start=best.answer)
            if _is_better(found, best):
                best = found
        return best


def _is_better(found: Outcome[Assignment], best: Outcome[Assignment]) -> bool:
    if found.answer is None or found.objective is None:
        return False
    return best.objective is None or found.objective <= best.objective
