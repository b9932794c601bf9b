"""CTP and cause.

No stock, component 4 days away, 2 h a unit, 8 h a day, machine booked to the end of d3, transit 1 day. When 12 are
asked, they are made d5 to d7 and promised for d8, and the cause is the component; with a 3-day component, promised for
d7; with a free machine, still d8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.scenarios.tables import ALL_WEEK, plan_tables, text

if TYPE_CHECKING:
    from orderopt.models.plan import Plan


def ask(*, lead_time_days: int = 4, is_booked: bool = True, quantity: int = 12) -> Plan:
    """Ask when 12 can be promised; d1 is Monday 2026-01-05."""
    tables: dict[str, Any] = {
        "settings": {"horizon_start": "2026-01-05T00:00"},
        "items": [{"item_id": name} for name in ("PUMP", "CASTING", "OTHER")],
        "customers": [{"customer_id": "C"}],
        "orders": [{"order_id": "ASKED", "customer_id": "C"}],
        "order_lines": [
            {
                "order_id": "ASKED",
                "line_no": "1",
                "item_id": "PUMP",
                "quantity": quantity,
                "due_at": "2026-01-05T00:00",
                "destination": "CUSTOMER",
            }
        ],
        "production_units": [{"unit_id": "PLANT"}],
        "resources": [{"resource_id": "MACHINE", "unit_id": "PLANT", "calendar_id": "DAY"}],
        "calendars": ALL_WEEK,
        "operations": [
            {"item_id": item, "unit_id": "PLANT", "op_no": 10, "resource_id": "MACHINE", "minutes_per_unit": 120}
            for item in ("PUMP", "OTHER")
        ],
        "bom": [{"item_id": "PUMP", "component_id": "CASTING", "quantity_per": 1}],
        "suppliers": [{"supplier_id": "FOUNDRY"}],
        "offers": [{"supplier_id": "FOUNDRY", "item_id": "CASTING", "lead_time_days": lead_time_days, "unit_price": 1}],
        "lanes": [{"origin": "PLANT", "destination": "CUSTOMER", "lead_time_hours": 24}],
    }
    if is_booked:
        tables["fixed_tasks"] = [
            {
                "task_id": "BOOKED",
                "job_id": "B",
                "item_id": "OTHER",
                "unit_id": "PLANT",
                "op_no": 10,
                "resource_id": "MACHINE",
                "setup_minutes": 0,
                "start": "2026-01-05T08:00",
                "end": "2026-01-07T16:00",
                "quantity": 12,
                "frozen": 1,
            }
        ]
    return plan_tables(tables)


def made(plan: Plan) -> tuple[str, ...]:
    """Return start and end of the work on the pumps."""
    schedule = plan.schedule
    (times,) = text(schedule[schedule["item_id"] == "PUMP"], "start", "end")
    return times


def test_twelve_are_made_on_d5_to_d7_and_promised_for_d8_because_of_the_component() -> None:
    plan = ask()
    assert made(plan) == ("2026-01-09 08:00", "2026-01-11 16:00")
    assert text(plan.promises, "promised_at", "bottleneck") == [("2026-01-12 16:00", "material: CASTING from FOUNDRY")]
    assert "waits for component CASTING from FOUNDRY (4 d)" in plan.promises["explanation"][0]


def test_with_a_component_three_days_away_they_are_promised_for_d7() -> None:
    plan = ask(lead_time_days=3)
    assert made(plan) == ("2026-01-08 08:00", "2026-01-10 16:00")
    assert text(plan.promises, "promised_at") == [("2026-01-11 16:00",)]


def test_with_a_free_machine_they_are_still_promised_for_d8() -> None:
    plan = ask(is_booked=False)
    assert text(plan.promises, "promised_at", "bottleneck") == [("2026-01-12 16:00", "material: CASTING from FOUNDRY")]


def test_with_a_component_two_days_away_the_booked_machine_is_the_cause() -> None:
    plan = ask(lead_time_days=2)
    assert made(plan) == ("2026-01-08 08:00", "2026-01-10 16:00")
    assert ask(lead_time_days=2, is_booked=False).promises["promised_at"][0] < plan.promises["promised_at"][0]


@pytest.mark.parametrize(
    ("quantity", "promised"), [(4, "2026-01-10 16:00"), (5, "2026-01-11 10:00"), (16, "2026-01-13 16:00")]
)
def test_other_quantities_take_as_many_days_as_they_need(quantity: int, promised: str) -> None:
    assert text(ask(quantity=quantity).promises, "promised_at") == [(promised,)]
