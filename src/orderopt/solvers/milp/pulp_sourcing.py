"""The strategies ``milp`` and ``milp_cbc`` for allocation: the program through PuLP, by HiGHS or by CBC."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.allocation.greedy import assign, complete
from orderopt.solvers.allocation.prices import find_prices
from orderopt.solvers.allocation.slots import build_slots
from orderopt.solvers.allocation.warm import await_kernels
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Assignment, SourcingProblem, assignment_cost
from orderopt.solvers.milp.child import solve_in_child
from orderopt.solvers.milp.matrix import build_matrix
from orderopt.solvers.milp.sourcing import reply, round_lots
from orderopt.solvers.outcome import Outcome

PRICES_SHARE = 0.2
"""Share of the time for the bound, which is found by prices: what backends tell through PuLP is not enough for one."""


class PulpAllocation:
    """Solves one program; with one worker its relaxation, whose end does not depend on the clock.

    Parameters
    ----------
    backend
        ``highs`` or ``cbc``.
    """

    def __init__(self, backend: str) -> None:
        self.backend = backend

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the better of the greedy choice and that of the backend."""
        budget = await_kernels(budget, search=True)
        slots = build_slots(problem)
        best = start if start is not None else assign(problem, slots)
        cost = assignment_cost(problem, best)
        bound = find_prices(slots, budget.part(budget.seconds * PRICES_SHARE), target=cost).bound
        if not problem.num_lines or budget.is_over:
            return reply(best, cost, bound, is_over=budget.is_over)
        whole = not budget.is_reproducible
        matrix = build_matrix(slots, exact=whole)
        found = solve_in_child(matrix, budget, backend=self.backend, whole=whole)
        if found is not None:
            lots = np.zeros((problem.num_options, problem.num_buckets))
            own = np.flatnonzero(matrix.slot >= 0)
            lots[slots.places.option[matrix.slot[own]], slots.places.bucket[matrix.slot[own]]] = found.values[own]
            if found.is_optimal:
                bound = max(bound, min(float(matrix.cost @ found.values), cost))
            choice = complete(problem, round_lots(problem, lots), slots)
            value = assignment_cost(problem, choice)
            if value < cost:
                best, cost = choice, value
                budget.on_progress(Progress("allocate", "PuLP", budget.seconds - budget.remaining, cost, bound))
        return reply(best, cost, bound, is_over=budget.is_over)


def with_highs() -> PulpAllocation:
    """Return the strategy ``milp``."""
    return PulpAllocation("highs")


def with_cbc() -> PulpAllocation:
    """Return the strategy ``milp_cbc``."""
    return PulpAllocation("cbc")
