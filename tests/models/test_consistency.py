"""Whether tables fit together: each check finds its fault, names its place, and is silent where all is well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.consistency import derive_customers, find_cycles, find_inconsistencies
from orderopt.models.customer import Customer
from orderopt.models.item import BomLine, Item, Operation, Setup
from orderopt.models.network import (
    CapacityChange,
    Lane,
    Offer,
    ProductionUnit,
    Quota,
    Receipt,
    Resource,
    Stock,
    Supplier,
)
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.result import FixedTask
from orderopt.models.snapshot import Snapshot

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def snapshot() -> Snapshot:
    """One desk, made at U1 in Ulm, for a customer who collects it."""
    return Snapshot(
        settings=Policy(horizon_start=START),
        customers=(Customer(customer_id="C1"),),
        items=(Item(item_id="DESK"), Item(item_id="TOP")),
        orders=(Order(order_id="O1", customer_id="C1"),),
        order_lines=(_line(),),
        production_units=(ProductionUnit(unit_id="U1", site="Ulm"), ProductionUnit(unit_id="U2")),
        resources=(Resource(resource_id="SAW", unit_id="U1"),),
        operations=(_operation(),),
        suppliers=(Supplier(supplier_id="S1"),),
    )


def _line(**cells: Any) -> OrderLine:
    return OrderLine(**{"order_id": "O1", "line_no": "1", "item_id": "DESK", "quantity": 1, "due_at": START, **cells})


def _operation(**cells: Any) -> Operation:
    row = {"item_id": "DESK", "unit_id": "U1", "op_no": 10, "resource_id": "SAW", "fixed_minutes": 1}
    return Operation(**{**row, **cells})


def _bom(item_id: str, component_id: str) -> BomLine:
    return BomLine(item_id=item_id, component_id=component_id, quantity_per=Decimal(1))


def _codes(snapshot: Snapshot) -> list[tuple[str, str | None, str | None]]:
    return [(finding.code, finding.table, finding.column) for finding in find_inconsistencies(snapshot)]


def test_a_snapshot_in_which_everything_fits_has_no_findings(snapshot: Snapshot):
    assert find_inconsistencies(snapshot) == []


def test_a_finding_names_the_row_where_rows_are_known(snapshot: Snapshot):
    broken = snapshot.replace(orders=(Order(order_id="O1", customer_id="C9"),))

    with_rows = find_inconsistencies(broken, {"orders": [17]})
    without = find_inconsistencies(broken)

    assert [(finding.row, finding.subject, finding.value) for finding in with_rows] == [(17, "O1", "C9")]
    assert [(finding.row, finding.subject) for finding in without] == [(None, "O1")]


def test_two_rows_of_one_key_are_found_and_the_second_is_blamed(snapshot: Snapshot):
    twice = snapshot.replace(items=(*snapshot.items, Item(item_id="DESK", name="again")))

    findings = find_inconsistencies(twice, {"items": [2, 3, 9]})

    assert [(finding.code, finding.row) for finding in findings] == [("DUPLICATE_KEY", 9)]
    assert "row 2" in findings[0].says


@pytest.mark.parametrize(
    ("tables", "column"),
    [
        ({"orders": (Order(order_id="O1", customer_id="X"),)}, "customer_id"),
        ({"order_lines": (_line(order_id="X"),)}, "order_id"),
        ({"resources": (Resource(resource_id="SAW", unit_id="U1", calendar_id="X"),)}, "calendar_id"),
        ({"suppliers": (Supplier(supplier_id="S1", calendar_id="X"),)}, "calendar_id"),
        ({"bom": (_bom("DESK", "X"),)}, "component_id"),
        ({"operations": (_operation(), _operation(op_no=20, resource_id="X"))}, "resource_id"),
        ({"stock": (Stock(item_id="X", on_hand=1),)}, "item_id"),
        ({"offers": (Offer(supplier_id="X", item_id="TOP", lead_time_days=1, unit_price=1),)}, "supplier_id"),
    ],
)
def test_an_id_that_stands_nowhere_is_found(snapshot: Snapshot, tables: dict[str, Any], column: str):
    table = next(iter(tables))

    assert _codes(snapshot.replace(**tables)) == [("UNKNOWN_REFERENCE", table, column)]


def test_a_calendar_of_exceptions_alone_is_known(snapshot: Snapshot):
    extra = CalendarException(calendar_id="fair", starts_at=START, ends_at=START + timedelta(hours=1), open=True)
    saw = Resource(resource_id="SAW", unit_id="U1", calendar_id="fair")

    assert _codes(snapshot.replace(resources=(saw,), calendar_exceptions=(extra,))) == []


def test_a_calendar_that_is_only_ever_closed_is_a_warning(snapshot: Snapshot):
    closed = CalendarException(calendar_id="fair", starts_at=START, ends_at=START + timedelta(hours=1), open=False)
    saw = Resource(resource_id="SAW", unit_id="U1", calendar_id="fair")
    findings = find_inconsistencies(snapshot.replace(resources=(saw,), calendar_exceptions=(closed,)))

    assert [(finding.code, finding.is_error) for finding in findings] == [("NEVER_OPEN", False)]


@pytest.mark.parametrize(
    ("order_id", "line_no", "found"),
    [("O1", "1", []), (None, None, []), ("O9", "1", ["order_id"]), ("O1", "9", ["line_no"]), (None, "1", ["line_no"])],
)
def test_the_order_of_a_fixed_task_must_be_there(snapshot: Snapshot, order_id: Any, line_no: Any, found: list[str]):
    task = FixedTask(
        task_id="T",
        job_id="J",
        order_id=order_id,
        line_no=line_no,
        item_id="DESK",
        unit_id="U1",
        op_no=10,
        resource_id="SAW",
        start=START,
        end=START,
        quantity=1,
    )

    assert [finding.column for finding in find_inconsistencies(snapshot.replace(fixed_tasks=(task,)))] == found


def test_a_cycle_of_the_bill_of_material_is_spelled_out(snapshot: Snapshot):
    findings = find_inconsistencies(snapshot.replace(bom=(_bom("DESK", "TOP"), _bom("TOP", "DESK"))))

    assert [finding.code for finding in findings] == ["BOM_CYCLE"]
    assert "DESK → TOP → DESK" in findings[0].says


def test_an_item_that_goes_into_itself_is_a_cycle():
    assert find_cycles([_bom("A", "B"), _bom("B", "B")]) == [(["B", "B"], [1])]


def test_separate_cycles_are_told_apart_and_a_diamond_is_none():
    bom = [
        _bom("A", "B"),
        _bom("A", "C"),
        _bom("B", "D"),
        _bom("C", "D"),
        _bom("X", "Y"),
        _bom("Y", "X"),
        _bom("Z", "Z"),
    ]

    assert [cycle for cycle, _ in find_cycles(bom)] == [["X", "Y", "X"], ["Z", "Z"]]


def test_a_resource_of_another_unit_is_found(snapshot: Snapshot):
    wrong = snapshot.replace(operations=(_operation(), _operation(unit_id="U2")))

    assert _codes(wrong) == [("WRONG_UNIT", "operations", "resource_id")]


def test_an_offer_in_another_currency_is_an_error_and_an_order_a_warning(snapshot: Snapshot):
    offer = Offer(supplier_id="S1", item_id="TOP", lead_time_days=1, unit_price=1, currency="USD")
    order = Order(order_id="O1", customer_id="C1", currency="USD")
    findings = find_inconsistencies(snapshot.replace(offers=(offer,), orders=(order,)))

    assert [(finding.table, finding.is_error) for finding in findings] == [("orders", False), ("offers", True)]
    assert {finding.code for finding in findings} == {"FOREIGN_CURRENCY"}


def test_a_lane_from_nowhere_is_a_warning(snapshot: Snapshot):
    lanes = tuple(Lane(origin=origin, destination="Bonn") for origin in ("Ulm", "U2", "S1", "Atlantis"))
    findings = find_inconsistencies(snapshot.replace(lanes=lanes))

    assert [(finding.code, finding.value, finding.is_error) for finding in findings] == [
        ("UNKNOWN_ORIGIN", "Atlantis", False)
    ]


def test_a_routing_that_takes_no_time_is_a_warning(snapshot: Snapshot):
    free = snapshot.replace(operations=(_operation(fixed_minutes=0), _operation(op_no=20, fixed_minutes=0)))

    assert _codes(free) == [("NO_WORK", "operations", "minutes_per_unit")]


@pytest.mark.parametrize(
    "tables",
    [
        {"stock": (Stock(item_id="TOP", on_hand=1),)},
        {"receipts": (Receipt(receipt_id="R", item_id="TOP", quantity=1, available_at=START),)},
        {"offers": (Offer(supplier_id="S1", item_id="TOP", lead_time_days=1, unit_price=1),)},
        {"operations": (_operation(item_id="TOP"),)},
    ],
)
def test_each_kind_of_source_serves_a_line(snapshot: Snapshot, tables: dict[str, Any]):
    wanted = snapshot.replace(order_lines=(_line(item_id="TOP"),))

    assert _codes(wanted) == [("NO_SOURCE", "order_lines", "item_id")]
    assert _codes(wanted.replace(**tables)) == []


def test_stock_that_must_stay_serves_nothing(snapshot: Snapshot):
    kept = snapshot.replace(
        order_lines=(_line(item_id="TOP"),), stock=(Stock(item_id="TOP", on_hand=5, safety_stock=5),)
    )

    assert _codes(kept) == [("NO_SOURCE", "order_lines", "item_id")]


@pytest.mark.parametrize("destination", [None, "Ulm", "U1", "Bonn"])
def test_a_destination_is_reached_at_the_origin_or_by_a_lane(snapshot: Snapshot, destination: str | None):
    lanes = (Lane(origin="Ulm", destination="Bonn"),)

    assert _codes(snapshot.replace(order_lines=(_line(destination=destination),), lanes=lanes)) == []


def test_a_destination_that_no_lane_reaches_is_a_warning(snapshot: Snapshot):
    lanes = (Lane(origin="U2", destination="Bonn"),)
    findings = find_inconsistencies(snapshot.replace(order_lines=(_line(destination="Bonn"),), lanes=lanes))

    found = [(finding.code, finding.column, finding.is_error) for finding in findings]
    assert found == [("NO_SOURCE", "destination", False)]


def test_a_line_of_an_ended_order_needs_no_source(snapshot: Snapshot):
    ended = Order(order_id="O1", customer_id="C1", status="Cancelled")

    assert _codes(snapshot.replace(orders=(ended,), order_lines=(_line(item_id="TOP"),))) == []


def test_without_customers_there_is_one_warning_and_they_come_from_the_orders(snapshot: Snapshot):
    orders = tuple(Order(order_id=name, customer_id=f"C{name}") for name in ("O1", "O2"))
    alone = snapshot.replace(customers=(), orders=orders)

    assert _codes(alone) == [("MISSING_TABLE", "customers", None)]
    assert [customer.customer_id for customer in derive_customers(alone).customers] == ["CO1", "CO2"]
    assert derive_customers(snapshot) is snapshot


def test_findings_come_in_the_order_of_the_tables(snapshot: Snapshot):
    broken = snapshot.replace(
        bom=(_bom("DESK", "X"),),
        orders=(Order(order_id="O1", customer_id="X"),),
        stock=(Stock(item_id="X", on_hand=1),),
    )

    assert [finding.table for finding in find_inconsistencies(broken)] == ["orders", "bom", "stock"]


def test_shifts_make_a_calendar_known(snapshot: Snapshot):
    shift = Shift(calendar_id="day", weekday=0, opens="08:00", closes="16:00")
    saw = Resource(resource_id="SAW", unit_id="U1", calendar_id="day")

    assert _codes(snapshot.replace(resources=(saw,), calendars=(shift,))) == []


def test_a_succession_is_forbidden_only_where_tasks_follow_each_other(snapshot: Snapshot):
    ban = Setup(resource_id="SAW", from_family="a", to_family="b", minutes=0, forbidden=True)
    oven = Resource(resource_id="SAW", unit_id="U1", capacity=2)

    assert _codes(snapshot.replace(setups=(ban,))) == []
    assert _codes(snapshot.replace(setups=(ban,), resources=(oven,))) == [("NO_SEQUENCE", "setups", "forbidden")]


def test_places_change_only_where_there_are_several(snapshot: Snapshot):
    def change(capacity: int) -> CapacityChange:
        times = {"starts_at": "2026-01-05T08:00Z", "ends_at": "2026-01-05T09:00Z"}
        return CapacityChange(resource_id="SAW", capacity=capacity, **times)

    oven = Resource(resource_id="SAW", unit_id="U1", capacity=2)
    assert _codes(snapshot.replace(capacity_changes=(change(1),), resources=(oven,))) == []
    assert _codes(snapshot.replace(capacity_changes=(change(3),), resources=(oven,))) == [
        ("TOO_MANY_PLACES", "capacity_changes", "capacity")
    ]
    assert _codes(snapshot.replace(capacity_changes=(change(0),))) == [("ONE_PLACE", "capacity_changes", "resource_id")]


def test_shares_of_an_item_add_up_to_one_and_are_of_an_item_that_is_ordered(snapshot: Snapshot):
    def quotas(item: str, *shares: str) -> tuple[Quota, ...]:
        sources: tuple[dict[str, str], ...] = ({"unit_id": "U1"}, {"supplier_id": "S1"})
        return tuple(Quota(item_id=item, share=share, **source) for share, source in zip(shares, sources, strict=True))

    assert _codes(snapshot.replace(quotas=quotas("DESK", "0.6", "0.4"))) == []
    assert _codes(snapshot.replace(quotas=quotas("DESK", "0.6", "0.3"))) == [("QUOTA_SHARES", "quotas", "share")] * 2
    assert _codes(snapshot.replace(quotas=quotas("TOP", "0.6", "0.4"))) == [("QUOTA_UNUSED", "quotas", "item_id")] * 2


def test_a_wait_is_no_shorter_than_the_transfer_and_a_step_hands_over_in_one_kind_of_batch(snapshot: Snapshot):
    def step(**more: object) -> Operation:
        return Operation(item_id="DESK", unit_id="U1", op_no=10, resource_id="SAW", minutes_per_unit=1, **more)

    def of(*rows: Operation) -> list[tuple[str, str, str | None]]:
        return _codes(snapshot.replace(operations=rows))

    assert of(step(transfer_minutes=30, max_wait_minutes=30)) == []
    assert of(step(transfer_minutes=30, max_wait_minutes=29)) == [("WAIT_TOO_SHORT", "operations", "max_wait_minutes")]
    assert of(step(transfer_minutes=30, max_wait_minutes="30.5")) == []
    other = step(transfer_batch=2).model_copy(update={"resource_id": "LATHE"})
    found = find_inconsistencies(snapshot.replace(operations=(step(transfer_batch=1), other)))
    assert ("MIXED_BATCHES", "transfer_batch") in [(finding.code, finding.column) for finding in found]
