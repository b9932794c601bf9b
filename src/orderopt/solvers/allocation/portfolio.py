"""The strategy ``auto``: the greedy choice, then CP-SAT from it while the question is small enough."""

from __future__ import annotations

from orderopt.solvers.allocation.greedy import Greedy
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import SourcingChoice, SourcingProblem
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import allocation

LARGEST = 400_000
"""Options times buckets up to which CP-SAT is worth its building."""


class Portfolio:
    """Greedy, and CP-SAT from its choice."""

    def allocate(self, problem: SourcingProblem, budget: Budget) -> Outcome[SourcingChoice]:
        """Return the better choice."""
        greedy = Greedy().allocate(problem, budget)
        if problem.num_options * problem.num_buckets > LARGEST or budget.is_over:
            return greedy
        found = allocation.find("cpsat").allocate(problem, budget)
        if found.answer is None or found.objective is None or greedy.objective is None:
            return greedy
        if found.objective <= greedy.objective:
            return found
        return Outcome(greedy.status, greedy.answer, greedy.objective, found.bound, found.reason)
