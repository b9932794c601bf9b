"""Minimum and multiple (frePPLe test ``supplier``, item C).

On hand 10, orders of 100 (today) and 100 (in 31 days), a supplier with a lead time of 21 days, minimum 125, multiple
100. When planned, there is one purchase of 200; 10 ship today, 90 after 21 days, 100 on time, and 10 are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.scenarios.tables import plan_tables, text

from orderopt.rules.judge import judge_plan
from orderopt.stages.plan import plan
from orderopt.tables.read import read_snapshot

if TYPE_CHECKING:
    from orderopt.models.plan import Plan


def order(*, on_hand: int = 10, **offer: Any) -> Plan:
    return plan_tables(tables(on_hand=on_hand, **offer))


def tables(*, on_hand: int = 10, **offer: Any) -> dict[str, Any]:
    """Return the two orders, the stock and the supplier."""
    lines = [("TODAY", "2026-01-01T00:00"), ("LATER", "2026-02-01T00:00")]
    return {
        "settings": {"horizon_start": "2026-01-01T00:00"},
        "items": [{"item_id": "C"}],
        "customers": [{"customer_id": "K"}],
        "orders": [{"order_id": name, "customer_id": "K"} for name, _ in lines],
        "order_lines": [
            {"order_id": name, "line_no": "1", "item_id": "C", "quantity": 100, "due_at": due, "may_split": 1}
            for name, due in lines
        ],
        "stock": [{"item_id": "C", "on_hand": on_hand}],
        "suppliers": [{"supplier_id": "S"}],
        "offers": [
            {
                "supplier_id": "S",
                "item_id": "C",
                "lead_time_days": 21,
                "unit_price": 1,
                "min_quantity": 125,
                "lot_multiple": 100,
                **offer,
            }
        ],
    }


def test_one_purchase_of_two_hundred_serves_both_orders_and_ten_are_left() -> None:
    plan = order()
    assert text(plan.purchases, "quantity", "order_at", "receive_at") == [
        ("200", "2026-01-01 00:00", "2026-01-22 00:00")
    ]
    assert sorted(text(plan.allocation, "order_id", "source_type", "quantity")) == [
        ("LATER", "supplier", "100"),
        ("TODAY", "stock", "10"),
        ("TODAY", "supplier", "90"),
    ]
    bought = plan.pegging[plan.pegging["supply_type"] == "purchase"]
    assert plan.purchases["quantity"].sum() - bought["quantity"].sum() == 10


@pytest.mark.parametrize("strategy", ["greedy", "lagrangian", "highs", "milp", "milp_cbc", "cpsat", "auto"])
def test_every_strategy_of_allocation_buys_for_both_at_once(strategy: str) -> None:
    snapshot = read_snapshot(tables())
    made = plan(snapshot, strategy=f"{strategy}+dispatch", time_limit=4.0, workers=1)
    assert judge_plan(snapshot, made.to_frames()).is_correct
    assert text(made.purchases, "quantity", "receive_at") == [("200", "2026-01-22 00:00")]
    assert text(made.promises, "order_id", "on_time") == [("TODAY", "False"), ("LATER", "True")]


def test_ten_leave_today_ninety_after_three_weeks_and_the_later_order_is_in_time() -> None:
    plan = order()
    pegs = text(plan.pegging, "supply_type", "demand_id", "quantity", "available_at")
    assert sorted(pegs) == [
        ("purchase", "LATER/1", "100", "2026-01-22 00:00"),
        ("purchase", "TODAY/1", "90", "2026-01-22 00:00"),
        ("stock", "TODAY/1", "10", "2026-01-01 00:00"),
    ]
    assert text(plan.promises, "order_id", "promised_at", "on_time") == [
        ("TODAY", "2026-01-22 00:00", "False"),
        ("LATER", "2026-01-22 00:00", "True"),
    ]


def test_other_minima_and_multiples_are_kept_as_well() -> None:
    assert text(order(min_quantity=250).purchases, "quantity") == [("300",)]
    assert text(order(lot_multiple=95, min_quantity=1).purchases, "quantity") == [("190",)]
    assert text(order(on_hand=0).purchases, "quantity") == [("200",)]
    assert text(order(on_hand=200).purchases, "quantity") == []
