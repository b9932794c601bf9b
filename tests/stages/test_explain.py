from __future__ import annotations

from typing import Any

import pytest
from tests.properties.hand_made import START, at, fixed, line, plant, step
from tests.stages.drafts import plan_best, rows

from orderopt.models.calendar import Shift
from orderopt.models.item import BomLine
from orderopt.models.network import Lane, Offer, Receipt, Resource, Stock, Supplier
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.stages.explain import duration


def told(snapshot: Snapshot) -> dict[str, tuple[str | None, str]]:
    """Return bottleneck and explanation of each line."""
    found = rows(plan_best(snapshot).promises, "order_id", "bottleneck", "explanation")
    return {order: (bottleneck, text) for order, bottleneck, text in found}


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h"), (1501, "1 d 1 h"), (1440 + 5, "1 d 5 min"), (2880, "2 d")],
)
def test_minutes_are_said_as_people_say_them(minutes: int, words: str) -> None:
    assert duration(minutes) == words


def test_a_line_that_only_takes_its_work_is_bound_by_it() -> None:
    assert told(plant([line("A", 2, due=9)], [step("U1", 30)]))["A"] == ("work: U1", "on time; work on U1 (1 h)")


def test_a_line_that_waits_for_a_machine_is_bound_by_that_machine() -> None:
    bottleneck, text = told(plant([line("A", 1, due=0.5), line("B", 9, due=9)], [step("U1", 30)]))["B"]
    assert bottleneck == "capacity: U1"
    assert text.startswith("on time; ")
    assert "waits for U1 (30 min)" in text


def test_a_line_that_waits_for_a_component_is_bound_by_it() -> None:
    snapshot = plant(
        [line("A", 1, due=9)],
        [step("U1", 30)],
        bom=[BomLine(item_id="P", component_id="C", quantity_per=1)],
        suppliers=[Supplier(supplier_id="Z")],
        offers=[Offer(supplier_id="Z", item_id="C", lead_time_days=1, unit_price=1)],
    )
    bottleneck, text = told(snapshot)["A"]
    assert bottleneck == "material: C from Z"
    assert "late by 15 h 30 min" in text
    assert "waits for component C from Z (1 d)" in text


def test_a_line_that_waits_for_the_morning_is_bound_by_closed_hours() -> None:
    snapshot = plant(
        [line("A", 1, due=99)],
        [step("U1", 30)],
        calendars=[Shift(calendar_id="c", weekday=1, opens="08:00", closes="09:00")],
        resources=[Resource(resource_id="U1", unit_id="U", calendar_id="c")],
    )
    assert told(snapshot)["A"][0] == "calendar: U1"


def test_a_line_that_is_bought_is_bound_by_the_lead_time_of_the_supplier() -> None:
    snapshot = plant(
        [line("A", 1, due=99)],
        suppliers=[Supplier(supplier_id="Z")],
        offers=[Offer(supplier_id="Z", item_id="P", lead_time_days=1, unit_price=1)],
    )
    assert told(snapshot)["A"] == ("lead_time: supplier Z", "on time; lead time of supplier Z (1 d)")


def test_a_line_that_waits_for_a_receipt_or_travels_long_says_so() -> None:
    receipts = [Receipt(receipt_id="R", item_id="P", quantity=1, available_at=at(5), site="S")]
    lanes = [Lane(origin="S", destination="D", lead_time_hours=7)]
    assert told(plant([line("A", 1, due=99)], receipts=receipts))["A"][0] == "supply: R"
    far = plant([line("A", 1, due=99, destination="D")], receipts=receipts, lanes=lanes)
    assert told(far)["A"] == ("transport: S → D", "on time; on the way S → D (7 h), supply R (5 h)")


def test_releases_and_frozen_time_are_named() -> None:
    released = plant([line("A", 1, due=9, release_at=at(3))], [step("U1", 30)])
    assert told(released)["A"][0] == "release: release of the line"
    frozen = plant([line("A", 1, due=9)], [step("U1", 30)], settings=Policy(horizon_start=START, frozen_until=at(3)))
    assert told(frozen)["A"][0] == "frozen: planning start"


def test_a_running_job_is_bound_by_its_fixed_work() -> None:
    snapshot = plant([line("A", 1, due=9)], [step("U1", 30)], fixed_tasks=[fixed(0, 4, order_id="A", line_no="1")])
    assert told(snapshot)["A"][0] == "frozen: U1"


def test_what_is_left_unserved_is_told_with_the_reason() -> None:
    snapshot = plant(
        [line("A", "2.50", due=9, unserved_cost=1, may_split=True)],
        [step("U1", 30)],
        items=[{"item_id": "P", "quantity_step": "0.5"}],
        stock=[Stock(item_id="P", on_hand=1)],
    )
    bottleneck, text = told(snapshot)["A"]
    assert bottleneck == "supply: P@"
    assert "1.5 unserved: serving it would cost more than leaving it unserved" in text
    nothing: dict[str, Any] = {"stock": []}
    assert told(snapshot.replace(**nothing))["A"] == (
        None,
        "2.5 unserved: serving it would cost more than leaving it unserved",
    )
