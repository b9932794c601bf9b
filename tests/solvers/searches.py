"""What every search must keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget, seed_of

from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling.local_search import LocalSearch

if TYPE_CHECKING:
    from orderopt.solvers.compiled.shop import ShopProblem


def check_local_search(problem: ShopProblem, seconds: float) -> None:
    """Check that the schedule has no faults, costs what is said, is no worse than its start, and keeps the bound."""
    start, cost = seed_of(problem)
    outcome = LocalSearch().schedule(problem, budget(seconds), start=start)
    made = outcome.require()
    assert Slow(problem).faults(made) == []
    assert outcome.objective == pytest.approx(evaluate(problem, made).total)
    assert outcome.objective <= cost + 1e-9
    assert outcome.bound <= outcome.objective + 1e-9
