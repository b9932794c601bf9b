"""Wait or make (frePPLe cookbook ``operation-autofence``).

Now is 1 January, making takes 7 days, purchases are confirmed for 30 January (A) and 16 January (B), and one waits for
12 days past the earliest new supply, 8 January, at most. When planned, A is made for 8 January and B waits to the 16th.

The tables say the limit in money: making costs as much as being 12 days late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenarios.tables import plan_tables, text

if TYPE_CHECKING:
    from orderopt.models.plan import Plan

LIMIT = 12
MAKE_HOURS = 7 * 24
A_DAY = 14  # so that an hour of making costs exactly 1


def decide(arrivals: dict[str, str], *, limit: int = LIMIT) -> Plan:
    """Plan an order for each item, of which a purchase is confirmed for a day."""
    return plan_tables(
        {
            "settings": {"horizon_start": "2026-01-01T00:00"},
            "items": [{"item_id": name} for name in arrivals],
            "customers": [{"customer_id": "K"}],
            "orders": [{"order_id": name, "customer_id": "K"} for name in arrivals],
            "order_lines": [
                {
                    "order_id": name,
                    "line_no": "1",
                    "item_id": name,
                    "quantity": 1,
                    "due_at": "2026-01-01T00:00",
                    "tardiness_cost": A_DAY,
                    "unserved_cost": 100_000,
                }
                for name in arrivals
            ],
            "receipts": [
                {"receipt_id": f"PO-{name}", "item_id": name, "quantity": 1, "available_at": f"{day}T00:00"}
                for name, day in arrivals.items()
            ],
            "production_units": [{"unit_id": "PLANT"}],
            "resources": [
                {"resource_id": f"LINE-{name}", "unit_id": "PLANT", "cost_per_hour": limit * A_DAY / MAKE_HOURS}
                for name in arrivals
            ],
            "operations": [
                {
                    "item_id": name,
                    "unit_id": "PLANT",
                    "op_no": 10,
                    "resource_id": f"LINE-{name}",
                    "fixed_minutes": MAKE_HOURS * 60,
                }
                for name in arrivals
            ],
        }
    )


def test_a_is_made_for_the_eighth_and_b_waits_to_the_sixteenth() -> None:
    plan = decide({"A": "2026-01-30", "B": "2026-01-16"})
    assert text(plan.allocation, "order_id", "source_type", "source_id") == [
        ("A", "unit", "PLANT"),
        ("B", "receipt", "PO-B"),
    ]
    assert text(plan.promises, "order_id", "promised_at") == [("A", "2026-01-08 00:00"), ("B", "2026-01-16 00:00")]


def test_the_last_day_that_is_waited_for_is_the_twentieth() -> None:
    plan = decide({"A": "2026-01-21", "B": "2026-01-19"})
    assert text(plan.allocation, "source_type") == [("unit",), ("receipt",)]


def test_a_longer_limit_waits_for_both() -> None:
    plan = decide({"A": "2026-01-30", "B": "2026-01-16"}, limit=24)
    assert text(plan.allocation, "source_type") == [("receipt",), ("receipt",)]
