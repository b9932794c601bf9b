"""How long the judge takes for a right plan of 100,000 tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.big_plan import build_big_plan, build_big_snapshot

from orderopt.rules.judge import judge_plan

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


def test_judge_of_a_hundred_thousand_tasks(benchmark: BenchmarkFixture) -> None:
    """Judge every rule and price the plan, tables as a planner makes them."""
    snapshot, tables = build_big_snapshot(20_000, 40), build_big_plan(20_000, 40)
    verdict = benchmark.pedantic(judge_plan, args=(snapshot, tables), rounds=3, warmup_rounds=1)
    assert verdict.is_correct
    assert verdict.scorecard.counts["tasks"] == 100_000
