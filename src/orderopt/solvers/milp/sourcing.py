"""The strategy ``highs`` for allocation: the linear program, rounded, then searched for whole lots."""

from __future__ import annotations

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import assign, complete
from orderopt.solvers.allocation.slots import build_slots
from orderopt.solvers.allocation.warm import await_kernels
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Assignment, Floats, SourcingProblem, assignment_cost, option_lines
from orderopt.solvers.milp.program import solve
from orderopt.solvers.outcome import Outcome

PROVEN = 1e-6
"""Relative gap up to which a choice counts as proven: what tolerances of solvers leave."""


class HighsAllocation:
    """Rounds the relaxation first, so that there is an answer at once; then lets HiGHS search for whole lots."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the best of the greedy choice, the rounded relaxation and HiGHS's own."""
        budget = await_kernels(budget, search=False)
        slots = build_slots(problem)
        best = start if start is not None else assign(problem, slots)
        cost, bound = assignment_cost(problem, best), None
        for whole in (False, True):
            if whole and budget.is_reproducible:
                break  # when it ends depends on the clock
            hint = complete(problem, best, slots) if whole else None
            served = solve(problem, budget, whole=whole, slots=slots, start=hint, good_enough=PROVEN)
            if served is None:
                break
            bound = served.bound if bound is None else max(bound, served.bound)
            found = complete(problem, round_lots(problem, served.lots), slots)
            value = assignment_cost(problem, found)
            if value < cost:
                best, cost = found, value
                budget.on_progress(Progress("allocate", "HiGHS", budget.seconds - budget.remaining, cost, bound))
        return reply(best, cost, bound, is_over=budget.is_over)


def reply(best: Assignment, cost: float, bound: float | None, *, is_over: bool) -> Outcome[Assignment]:
    """Return the outcome that a choice, its cost and a bound amount to."""
    if bound is not None and cost - bound <= PROVEN * max(1.0, abs(cost)):
        return Outcome(Status.OPTIMAL, best, cost, min(bound, cost), "proven")
    return Outcome(Status.FEASIBLE, best, cost, bound, "time" if is_over else "done")


def round_lots(problem: SourcingProblem, lots: Floats) -> Assignment:
    """Return whole lots: those that are whole already, and for lines served once the option with the most.

    Parameters
    ----------
    lots
        Shape (O, K): lots that each option serves in each bucket.
    """
    arrays = problem.arrays
    total = lots.sum(axis=1)
    whole = np.floor(total + 1e-6).astype(np.int64)
    line = option_lines(problem)
    is_once = arrays.lots[line] == 1
    order = np.lexsort((-np.arange(len(total)), total, line))
    most = order[np.flatnonzero(np.diff(line[order], append=-1))]  # the last of each line: its first largest
    most = most[is_once[most] & (total[most] >= 0.4)]
    served = np.bincount(line, whole, minlength=problem.num_lines)
    whole[most[served[line[most]] == 0]] = 1
    used = lots > 1e-6
    bucket = np.where(used.any(axis=1), used.shape[1] - 1 - np.argmax(used[:, ::-1], axis=1), 0)
    return Assignment(whole, bucket.astype(np.int64))
