"""A lexicographic objective on its way through the stages."""

from __future__ import annotations

from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.scheduling.bounded import without_bound
from orderopt.solvers.scheduling.tiers import SHOP_TERMS, ByTiers, ShopTier, reweight
from orderopt.solvers.solver import SchedulingStrategy

STEP, MOST_STEPS = 100, 3
"""How much more a tier weighs than the next where a choice is made by one sum, and over how many tiers that grows."""


def steepen(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with weights by which one sum ranks plans nearly as the tiers do.

    Choices of sources are made by it: there tiers are no more than very different weights.
    """
    settings = snapshot.settings
    if settings.objective == "weighted":
        return snapshot
    weights, factors = settings.weights(), _factors(settings)
    steeper = {f"weight_{term}": weights[term] * factors[term] for term in weights}
    return snapshot.replace(settings=settings.model_copy(update=steeper))


def rank(strategy: SchedulingStrategy, settings: Policy) -> SchedulingStrategy:
    """Return the strategy that searches for one tier after the other, or the strategy itself without tiers."""
    if settings.objective == "weighted":
        return strategy
    strategy = without_bound(strategy)  # no bound holds tier by tier
    weights = settings.weights()
    found = [
        (tuple(term for term in tier.terms if term in SHOP_TERMS and weights[term]), tier.share)
        for tier in settings.ranked_terms()
    ]
    kept = [(terms, share) for terms, share in found if terms]
    if not kept:
        return strategy
    open_share = max(0.0, 1.0 - sum(share or 0.0 for _, share in kept))
    even = open_share / max(1, sum(share is None for _, share in kept))
    return ByTiers(strategy, [ShopTier(terms, even if share is None else share) for terms, share in kept])


def flatten(problem: ShopProblem, settings: Policy) -> ShopProblem:
    """Return the scheduling question of a steepened snapshot with the weights of its settings."""
    if settings.objective == "weighted":
        return problem
    factors = _factors(settings)
    return reweight(problem, {term: 1.0 / factors[term] for term in SHOP_TERMS})


def _factors(settings: Policy) -> dict[str, int]:
    tiers = settings.ranked_terms()
    return {
        term: STEP ** min(len(tiers) - 1 - place, MOST_STEPS) for place, tier in enumerate(tiers) for term in tier.terms
    }
