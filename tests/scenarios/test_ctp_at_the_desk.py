"""CTP and cause, asked at the desk: the second review plans with the order added and keeps what it promises.

The machine is booked by another confirmed order: 12 pieces of 2 hours on 3 days of 8 hours. An offer of 4 days makes
the component the cause; with 2 days the machine decides, and the promise is earlier where it is free.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.stages.review.shop import ALICE, BOB, Shop, ask

from orderopt.models.life.review import Aspect, Stage
from orderopt.models.life.supply_order import SupplyKind
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.plan_promiser import PlanPromiser
from orderopt.stages.review.first import CheckOrder, Claim, OverrideWarning
from orderopt.tables.read import read_snapshot

D1 = datetime(2026, 1, 5, tzinfo=UTC)


def day(number: int, hour: int) -> datetime:
    """Return an hour of the day d1, d2, ..."""
    return D1 + timedelta(days=number - 1, hours=hour)


def open_plant(*, lead_time_days: int, is_booked: bool = True) -> Shop:
    """Return a desk of a plant with one machine, perhaps booked to the end of d3."""
    shop = Shop(promiser=PlanPromiser(), now=D1)
    shop.put_all(
        read_snapshot(
            {
                "settings": {"horizon_start": "2026-01-05T00:00"},
                "items": [{"item_id": name} for name in ("PUMP", "CASTING", "OTHER")],
                "customers": [{"customer_id": "C"}],
                "orders": [{"order_id": "X", "customer_id": "C"}],
                "order_lines": [
                    {"order_id": "X", "line_no": "1", "item_id": "OTHER", "quantity": 1, "due_at": "2026-01-05T00:00"}
                ],
                "production_units": [{"unit_id": "PLANT"}],
                "resources": [{"resource_id": "MACHINE", "unit_id": "PLANT", "calendar_id": "DAY"}],
                "calendars": [
                    {"calendar_id": "DAY", "weekday": each, "opens": "08:00", "closes": "16:00"} for each in range(7)
                ],
                "operations": [
                    {
                        "item_id": item,
                        "unit_id": "PLANT",
                        "op_no": 10,
                        "resource_id": "MACHINE",
                        "minutes_per_unit": 120,
                    }
                    for item in ("PUMP", "OTHER")
                ],
                "bom": [{"item_id": "PUMP", "component_id": "CASTING", "quantity_per": 1}],
                "suppliers": [{"supplier_id": "FOUNDRY"}],
                "offers": [
                    {
                        "supplier_id": "FOUNDRY",
                        "item_id": "CASTING",
                        "lead_time_days": lead_time_days,
                        "unit_price": 1,
                    }
                ],
                "lanes": [{"origin": "PLANT", "destination": "CUSTOMER", "lead_time_hours": 24}],
            }
        )
    )
    if is_booked:
        shop.confirm("BOOKING", ask(item_id="OTHER", quantity=12, requested_at=day(3, 16)))
    shop.submit("ASKED", ask(quantity=12, requested_at=day(5, 0), destination="CUSTOMER"))
    shop.pass_first("ASKED", by=ALICE)
    return shop


def find_date(shop: Shop) -> dict[str, str]:
    """Return the figures of the check of the delivery date."""
    checks = shop.do(CheckOrder(order_id="ASKED", stage=Stage.SECONDARY), by=BOB)
    (figures,) = [check.figures for check in checks if check.aspect is Aspect.DATE]
    return dict(figures)


@pytest.mark.parametrize(
    ("lead_time_days", "is_booked", "promised", "cause"),
    [
        (4, True, day(8, 16), "material: CASTING from FOUNDRY"),
        (3, True, day(7, 16), None),
        (4, False, day(8, 16), "material: CASTING from FOUNDRY"),
        (2, True, day(7, 16), None),
        (2, False, day(6, 16), None),
    ],
)
def test_the_check_of_the_date_names_the_promise_and_its_cause(lead_time_days, is_booked, promised, cause):
    figures = find_date(open_plant(lead_time_days=lead_time_days, is_booked=is_booked))
    assert datetime.fromisoformat(figures["promised"]) == promised
    if cause:
        assert figures["cause"] == cause


def test_a_confirmed_order_keeps_what_was_promised():
    shop = open_plant(lead_time_days=4)
    shop.do(Claim(order_id="ASKED"), by=BOB)
    override = OverrideWarning(order_id="ASKED", rule="dates_can_be_kept", line_no="1", code="AGREED")
    shop.do(override, by=BOB)
    case = shop.do(PassSecondary(order_id="ASKED"), by=BOB)
    line = case.line("1")
    assert line.dates.first_promise == line.dates.last_promise == case.promised_at == day(8, 16)
    assert line.dates.cause == "material: CASTING from FOUNDRY"
    assert line.counts.allocated == Decimal(12)
    (supply,) = [one for one in shop.supply().values() if one.item_id == "PUMP"]
    assert (supply.kind, supply.source_id, supply.quantity) == (SupplyKind.MAKE, "PLANT", 12)
    assert (supply.starts_at, supply.due_at) == (day(5, 8), day(7, 16))


def test_a_later_order_is_promised_behind_those_that_are_confirmed():
    shop = open_plant(lead_time_days=0)
    assert datetime.fromisoformat(find_date(shop)["promised"]) == day(7, 16)
    shop.confirm("BEFORE", ask(item_id="OTHER", quantity=4, requested_at=day(4, 16)))
    assert datetime.fromisoformat(find_date(shop)["promised"]) == day(8, 16)
