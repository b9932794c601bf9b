"""Quota: two suppliers share an item 60 to 40; the first is behind and gets all."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scenarios.tables import plan_tables, text

from orderopt.rules.judge import judge_plan
from orderopt.stages.plan import plan
from orderopt.tables.read import read_snapshot


def tables(*so_far: int, quantity: int = 100, second_price: float = 1, **settings: Any) -> dict[str, Any]:
    """Return a line that may be split between FIRST and SECOND, who have had so much each."""
    sources = (("FIRST", "0.6", 1), ("SECOND", "0.4", second_price))
    line = {"order_id": "O", "line_no": "1", "item_id": "P", "quantity": quantity, "due_at": "2026-02-01T00:00"}
    return {
        "settings": {"horizon_start": "2026-01-05T00:00"} | settings,
        "items": [{"item_id": "P"}],
        "customers": [{"customer_id": "K"}],
        "orders": [{"order_id": "O", "customer_id": "K"}],
        "order_lines": [line | {"may_split": 1}],
        "suppliers": [{"supplier_id": name} for name, _, _ in sources],
        "offers": [
            {"supplier_id": name, "item_id": "P", "lead_time_days": 2, "unit_price": price}
            for name, _, price in sources
        ],
        "quotas": [
            {"item_id": "P", "supplier_id": name, "share": share, "so_far": had}
            for (name, share, _), had in zip(sources, so_far, strict=True)
        ],
    }


def shared(made: Any) -> dict[str, str]:
    return dict(text(made.allocation, "source_id", "quantity"))


def test_all_goes_to_the_first_which_catches_up_to_660_of_1100() -> None:
    made = plan_tables(tables(500, 500))
    assert shared(made) == {"FIRST": "100"}
    (reason,) = made.allocation["reason"]
    assert reason.endswith("quota of FIRST/SECOND, FIRST catches up: 600/500 of 1100, agreed 660/440")
    assert made.summary.terms["quota"] == pytest.approx(60)  # SECOND has 500 of 440


@pytest.mark.parametrize(
    ("so_far", "quantity", "parts"),
    [
        ((0, 0), 100, {"FIRST": "60", "SECOND": "40"}),
        ((500, 300), 100, {"FIRST": "40", "SECOND": "60"}),
        ((500, 500), 400, {"FIRST": "340", "SECOND": "60"}),
        ((1000, 100), 50, {"SECOND": "50"}),
    ],
)
def test_shares_are_counted_from_the_begin_of_the_agreement(
    so_far: tuple[int, int], quantity: int, parts: dict[str, str]
) -> None:
    made = plan_tables(tables(*so_far, quantity=quantity))
    assert dict(sorted(shared(made).items())) == parts


@pytest.mark.parametrize("strategy", ["greedy", "lagrangian", "highs", "milp", "milp_cbc", "cpsat", "auto"])
def test_every_strategy_of_allocation_keeps_to_quotas(strategy: str) -> None:
    for so_far, expected in (((500, 500), {"FIRST": "100"}), ((500, 300), {"FIRST": "40", "SECOND": "60"})):
        snapshot = read_snapshot(tables(*so_far))
        made = plan(snapshot, strategy=f"{strategy}+dispatch", time_limit=5.0, workers=1)
        assert judge_plan(snapshot, made.to_frames()).is_correct
        assert dict(sorted(shared(made).items())) == expected


def test_a_price_above_the_weight_of_quotas_wins() -> None:
    cheap = {"second_price": "0.5", "weight_quota": "0.4"}
    assert shared(plan_tables(tables(500, 500, **cheap))) == {"SECOND": "100"}
    assert shared(plan_tables(tables(500, 500, **(cheap | {"weight_quota": "0.6"})))) == {"FIRST": "100"}
