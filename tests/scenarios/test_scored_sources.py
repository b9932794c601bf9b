"""Scored sources: A is preferred but small, B takes the rest, C is neither good nor fast enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.scenarios.tables import ALL_WEEK, plan_tables, text

from orderopt.rules.judge import judge_plan
from orderopt.stages.plan import plan
from orderopt.tables.read import read_snapshot

if TYPE_CHECKING:
    from orderopt.models.plan import Plan

SOURCES = {"A": (60, 3, "0.992", 10), "B": (200, 5, "0.98", 9), "C": (500, 12, "0.91", "7.5")}
"""Most in a week, days to deliver, quality and price of each supplier."""


def tables(**settings: Any) -> dict[str, Any]:
    """Return 150 that are due in seven days; suppliers deliver from 8 to 16, so that nothing more comes by then."""
    line = {"order_id": "O", "line_no": "1", "item_id": "P", "quantity": 150, "due_at": "2026-01-12T00:00"}
    keys = {"horizon_start": "2026-01-05T00:00", "weight_preference": 30} | settings
    return {
        "settings": keys,
        "items": [{"item_id": "P"}],
        "customers": [{"customer_id": "K"}],
        "orders": [{"order_id": "O", "customer_id": "K"}],
        "order_lines": [line | {"may_split": 1, "quality_floor": "0.95", "tardiness_cost": 1500}],
        "calendars": ALL_WEEK,
        "suppliers": [
            {"supplier_id": name, "quality_rating": quality, "calendar_id": "DAY"}
            for name, (_, _, quality, _) in SOURCES.items()
        ],
        "offers": [
            {"supplier_id": name, "item_id": "P", "lead_time_days": days, "unit_price": price, "max_per_week": most}
            for name, (most, days, _, price) in SOURCES.items()
        ],
    }


def chosen(made: Plan) -> dict[str, str]:
    return dict(sorted(text(made.allocation, "source_id", "quantity")))


def test_a_serves_all_it_can_and_b_the_rest() -> None:
    made = plan_tables(tables())
    assert chosen(made) == {"A": "60", "B": "90"}
    assert text(made.promises, "on_time") == [("True",)]
    # A is the fastest and the most reliable of three, B stands in the middle everywhere
    assert made.summary.terms["preference"] == pytest.approx(60 * (1 - 2 / 3) + 90 * (1 - 1 / 2))


def test_c_is_rejected_for_its_quality_and_its_lead_time() -> None:
    for reason in plan_tables(tables()).allocation["reason"]:
        assert "rejected: supplier C: QUALITY_FLOOR, rated 0.91 where 0.95 is asked; LEAD_TIME, ready 2026-01-17" in (
            reason
        )


@pytest.mark.parametrize("strategy", ["greedy", "lagrangian", "highs", "milp", "milp_cbc", "cpsat", "auto"])
def test_every_strategy_of_allocation_scores_alike(strategy: str) -> None:
    snapshot = read_snapshot(tables())
    made = plan(snapshot, strategy=f"{strategy}+dispatch", time_limit=5.0, workers=1)
    assert judge_plan(snapshot, made.to_frames()).is_correct
    assert chosen(made) == {"A": "60", "B": "90"}


def test_without_preference_the_cheaper_supplier_serves_all() -> None:
    assert chosen(plan_tables(tables(weight_preference=0))) == {"B": "150"}


def test_who_asks_for_strength_alone_gets_the_strongest_that_is_good_enough() -> None:
    assert chosen(plan_tables(tables(prefer_fast=0, prefer_reliable=0))) == {"B": "150"}


def test_a_given_preference_beats_the_told_one() -> None:
    given = tables()
    given["offers"][0]["preference"] = 0
    assert chosen(plan_tables(given)) == {"B": "150"}
