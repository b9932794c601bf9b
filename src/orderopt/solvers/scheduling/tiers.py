"""Scheduling tier by tier: what matters most first, then the next without giving any of that up again.

This is the sequential (preemptive) method of lexicographic optimisation. A strategy minimises one sum, so each tier is
searched for with the tiers before it made dear and those behind it made cheap; a schedule is kept only if no tier
before has got worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import ShopTerms, evaluate
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.solver import SchedulingStrategy

DEAR = (1e2, 1e4, 1e7)
"""By what the cost of tiers before the one that is searched for is multiplied, in one search after the other.

A small factor lets a search move freely but may lead it to where a tier before is given up; a large one does not.
"""

CHEAP = 1e-9
"""By what the cost of tiers behind the one that is searched for is multiplied."""

SHOP_TERMS = ("tardiness", "late", "earliness", "flow", "makespan", "production", "setup", "fairness")
"""Terms that a schedule decides on."""


@dataclass(frozen=True)
class ShopTier:
    """Terms of a schedule that count together, and which share of the time is for them."""

    terms: tuple[str, ...]
    share: float


class ByTiers:
    """Runs a strategy once for each tier that costs anything.

    Parameters
    ----------
    strategy
        Searches.
    tiers
        The most important first.
    """

    def __init__(self, strategy: SchedulingStrategy, tiers: Sequence[ShopTier]) -> None:
        self.strategy, self.tiers = strategy, tiers

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the schedule that is best tier by tier; never one that is worse so than `start`."""
        best = start if start is not None and start.is_complete else None
        last: Outcome[ShopSchedule] | None = None
        for number, tier in enumerate(self.tiers):
            for dear in DEAR if number else (1.0,):
                if last is not None and (budget.is_over or best is None):
                    break
                part = budget.part(tier.share * budget.seconds / (len(DEAR) if number else 1))
                known = None if isinstance(self.strategy, Dispatch) else best  # it goes its own ways without a start
                last = self.strategy.schedule(reweight(problem, self._factors(number, dear)), part, start=known)
                best = self._better(problem, best, last.answer)
        assert last is not None
        if best is None:
            return last
        return Outcome(Status.FEASIBLE, best, evaluate(problem, best).total, None, "every tier was searched for")

    def _better(
        self, problem: ShopProblem, best: ShopSchedule | None, found: ShopSchedule | None
    ) -> ShopSchedule | None:
        if found is None or not found.is_complete:
            return best
        return found if best is None or self.values(problem, found) < self.values(problem, best) else best

    def values(self, problem: ShopProblem, schedule: ShopSchedule) -> list[float]:
        """Return what each tier costs, such that lists compare as schedules do."""
        terms = evaluate(problem, schedule)
        return [_round(sum(float(getattr(terms, term)) for term in tier.terms)) for tier in self.tiers]

    def _factors(self, number: int, dear: float) -> dict[str, float]:
        factors = dict.fromkeys(SHOP_TERMS, CHEAP)
        for place, tier in enumerate(self.tiers[: number + 1]):
            factors |= dict.fromkeys(tier.terms, 1.0 if place == number else dear)
        return factors


def _round(value: float) -> float:
    """Return a cost without the last digits, which sums in another order may change."""
    return float(f"{value:.9g}")


def reweight(problem: ShopProblem, factors: Mapping[str, float]) -> ShopProblem:
    """Return the problem with the cost of each term multiplied."""
    assert set(factors) == set(SHOP_TERMS) <= set(ShopTerms.__dataclass_fields__)
    arrays, charges = problem.arrays, problem.charges
    if charges is not None:
        charges = replace(
            charges,
            late=charges.late * factors["late"],
            early=charges.early * factors["earliness"],
            flow=charges.flow * factors["flow"],
            makespan=charges.makespan * factors["makespan"],
        )
    scaled = arrays._replace(
        line_weight=np.asarray(arrays.line_weight * factors["tardiness"]),
        alt_cost=np.asarray(arrays.alt_cost * factors["production"]),
        resource_minute_cost=np.asarray(arrays.resource_minute_cost * factors["production"]),
        setup_cost=np.asarray(arrays.setup_cost * factors["setup"]),
    )
    return replace(
        problem, arrays=scaled, charges=charges, fairness_weight=problem.fairness_weight * factors["fairness"]
    )
