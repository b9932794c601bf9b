"""Ship policies (frePPLe ``demand_policy`` A to D).

20 due on 5 January, 10 on hand, 10 more on 10 January. Any: 10, and 10 late; no lateness: 10, and 10 short; complete
and no lateness: nothing.

The tables say a policy by what splitting is allowed and what being late and being short cost. "Complete" alone (one
delivery of 20 on 10 January, put together from two supplies) they cannot say: a line that may not split has one source.
What can be said is that the *promise* of a line that may split is for all of it, the 10th.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios.tables import plan_tables, text

if TYPE_CHECKING:
    from orderopt.models.plan import Plan


def deliver(**line: Any) -> Plan:
    return plan_tables(
        {
            "settings": {"horizon_start": "2026-01-01T00:00"},
            "items": [{"item_id": "P"}],
            "customers": [{"customer_id": "K"}],
            "orders": [{"order_id": "O", "customer_id": "K"}],
            "order_lines": [
                {"order_id": "O", "line_no": "1", "item_id": "P", "quantity": 20, "due_at": "2026-01-05T00:00", **line}
            ],
            "stock": [{"item_id": "P", "on_hand": 10}],
            "receipts": [{"receipt_id": "R", "item_id": "P", "quantity": 10, "available_at": "2026-01-10T00:00"}],
        }
    )


def parts(plan: Plan) -> list[tuple[str, ...]]:
    return sorted(text(plan.allocation, "source_type", "quantity"))


def promise(plan: Plan) -> tuple[str, ...]:
    (found,) = text(plan.promises, "promised_at", "quantity", "tardiness_minutes", "on_time")
    return found


def test_any_takes_ten_in_time_and_ten_late() -> None:
    plan = deliver(may_split=1)
    assert parts(plan) == [("receipt", "10"), ("stock", "10")]
    assert promise(plan) == ("2026-01-10 00:00", "20", str(5 * 1440), "False")


def test_no_lateness_takes_ten_in_time_and_leaves_ten_short() -> None:
    # five days late would cost 5 × 1000, leaving a half unserved 0.5 × 2000
    plan = deliver(may_split=1, tardiness_cost=1000, unserved_cost=2000)
    assert parts(plan) == [("stock", "10"), ("unserved", "10")]
    assert promise(plan) == ("2026-01-01 00:00", "10", "0", "False")


def test_complete_and_no_lateness_takes_nothing() -> None:
    plan = deliver(may_split=0, tardiness_cost=1000, unserved_cost=2000)
    assert parts(plan) == [("unserved", "20")]
    assert promise(plan) == ("", "0", "0", "False")


def test_complete_takes_one_supply_that_holds_all_of_it_however_late() -> None:
    plan = plan_tables(
        {
            "settings": {"horizon_start": "2026-01-01T00:00"},
            "items": [{"item_id": "P"}],
            "customers": [{"customer_id": "K"}],
            "orders": [{"order_id": "O", "customer_id": "K"}],
            "order_lines": [
                {"order_id": "O", "line_no": "1", "item_id": "P", "quantity": 20, "due_at": "2026-01-05T00:00"}
            ],
            "stock": [{"item_id": "P", "on_hand": 10}],
            "receipts": [{"receipt_id": "R", "item_id": "P", "quantity": 20, "available_at": "2026-01-10T00:00"}],
        }
    )
    assert parts(plan) == [("receipt", "20")]
    assert promise(plan) == ("2026-01-10 00:00", "20", str(5 * 1440), "False")
