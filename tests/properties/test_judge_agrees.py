"""The judge and the exhaustive planner, written apart from each other, say the same of the same plan."""

from __future__ import annotations

import pytest
from brute_force import is_tiny, plan_exhaustively
from hypothesis import HealthCheck, assume, given, note, settings
from plants import EXTRAS, Features, describe, plants

from orderopt.models.snapshot import Snapshot
from orderopt.rules.judge import judge_plan


def assert_judge_agrees(snapshot: Snapshot) -> None:
    """Check that the judge finds no fault in the best plan of a tiny plant and adds up the same cost."""
    assume(is_tiny(snapshot))
    note(describe(snapshot))
    best = plan_exhaustively(snapshot)
    verdict = judge_plan(snapshot, best.tables)
    assert verdict.violations == ()
    for term, value in best.terms.items():
        assert float(verdict.scorecard.terms[term]) == pytest.approx(float(value), rel=1e-9, abs=1e-6), term
    assert float(verdict.scorecard.objective) == pytest.approx(float(best.objective), rel=1e-9, abs=1e-6)


@given(plants(size="tiny"))
def test_the_judge_confirms_the_best_plan_of_any_tiny_plant(snapshot: Snapshot) -> None:
    assert_judge_agrees(snapshot)


@pytest.mark.parametrize("name", [name for name in Features.names() if name not in EXTRAS])
def test_the_judge_confirms_the_best_plan_with_each_feature(name: str) -> None:
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(plants(Features.only(name)))
    def check(snapshot: Snapshot) -> None:
        assert_judge_agrees(snapshot)

    check()


@pytest.mark.slow
@settings(max_examples=2000)
@given(plants(size="tiny"))
def test_the_judge_confirms_the_best_plans_of_many_tiny_plants(snapshot: Snapshot) -> None:
    assert_judge_agrees(snapshot)
