"""The strategy ``highs`` for allocation: the linear program, rounded, then searched for whole lots."""

from __future__ import annotations

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import assign, complete
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Assignment, Floats, SourcingProblem, assignment_cost
from orderopt.solvers.milp.program import solve
from orderopt.solvers.outcome import Outcome


class HighsAllocation:
    """Rounds the relaxation first, so that there is an answer at once; then lets HiGHS search for whole lots."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the best of the greedy choice, the rounded relaxation and HiGHS's own."""
        best = start if start is not None else assign(problem)
        cost, bound = assignment_cost(problem, best), None
        for whole in (False, True):
            if whole and budget.is_reproducible:
                break  # when it ends depends on the clock
            served = solve(problem, budget, whole=whole)
            if served is None:
                break
            bound = served.bound
            found = complete(problem, _rounded(problem, served.lots))
            value = assignment_cost(problem, found)
            if value < cost:
                best, cost = found, value
                budget.on_progress(Progress("allocate", "HiGHS", budget.seconds - budget.remaining, cost, bound))
        return Outcome(Status.FEASIBLE, best, cost, bound, "time" if budget.is_over else "done")


def _rounded(problem: SourcingProblem, lots: Floats) -> Assignment:
    """Return whole lots: those that are whole already, and for lines served once the option with the most."""
    arrays = problem.arrays
    total = lots.sum(axis=1)
    whole = np.floor(total + 1e-6).astype(np.int64)
    for line in np.flatnonzero(arrays.lots == 1):
        first, last = int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1])
        if last > first and not whole[first:last].any() and total[first:last].max() >= 0.4:
            whole[first + int(np.argmax(total[first:last]))] = 1
    used = lots > 1e-6
    bucket = np.where(used.any(axis=1), used.shape[1] - 1 - np.argmax(used[:, ::-1], axis=1), 0)
    return Assignment(whole, bucket.astype(np.int64))
