from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from benchmarks.converters.frepple.__main__ import main
from benchmarks.converters.frepple.convert import Conversion, convert, convert_folder, describe
from benchmarks.converters.frepple.jobshop import build_jobshop
from benchmarks.converters.frepple.source import read_csv_folder, read_duration, read_xml
from benchmarks.converters.frepple.trade import Priorities

from orderopt.models.consistency import find_inconsistencies
from orderopt.tables.read import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from orderopt.models.order import OrderLine
    from orderopt.models.snapshot import Snapshot

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "frepple"


@pytest.fixture(scope="module")
def conversions(folder: Path) -> dict[str, Conversion]:
    return {conversion.name: conversion for conversion in convert_folder(folder)}


def snapshot_of(conversions: dict[str, Conversion], name: str) -> Snapshot:
    snapshot = conversions[name].snapshot
    assert snapshot is not None, conversions[name].reasons
    return snapshot


def test_every_model_is_converted_or_refused_with_reasons(conversions: dict[str, Conversion]) -> None:
    assert len({name.split("--")[0] for name in conversions}) == 58
    for conversion in conversions.values():
        assert (conversion.snapshot is None) == bool(conversion.reasons)
    assert sum(conversion.snapshot is not None for conversion in conversions.values()) >= 50


def test_every_snapshot_fits_together(conversions: dict[str, Conversion]) -> None:
    for conversion in conversions.values():
        if conversion.snapshot is not None:
            assert [finding for finding in find_inconsistencies(conversion.snapshot) if finding.is_error] == []


def test_the_report_names_every_case(conversions: dict[str, Conversion]) -> None:
    report = describe(list(conversions.values()))
    assert all(f"{name}: " in report for name in conversions)


def test_the_command_writes_tables_that_read_back_equal(
    folder: Path, conversions: dict[str, Conversion], tmp_path: Path
) -> None:
    assert main([str(folder / "engine_tests"), str(tmp_path)]) == 0
    assert read_snapshot(tmp_path / "setup_1").replace(findings=()) == snapshot_of(conversions, "setup_1")


# ------------------------------------------------------------------------------------------------------- setup_1


def days_late_and_days_of_setup(snapshot: Snapshot, sequence: Sequence[OrderLine]) -> tuple[Decimal, Decimal]:
    """Run lines one after the other on the one machine, by the rules of the tables."""
    (machine,) = snapshot.resources
    matrix = {(row.from_family, row.to_family): row.minutes for row in snapshot.setups}
    now, before = Decimal(0), machine.initial_family
    late = setup = Decimal(0)
    for line in sequence:
        (operation,) = snapshot.routing[line.item_id, machine.unit_id][10]
        after = operation.family
        change = Decimal(0)
        if after is not None:
            change = matrix.get((before or "", after), matrix.get(("*", after), Decimal(0)))
        now += change + line.quantity * operation.minutes_per_unit
        setup += change
        due = Decimal(int((line.due_at - snapshot.settings.horizon_start) / timedelta(minutes=1)))
        late += max(now - due, Decimal(0)) * line.quantity
        before = after
    return late / 1440, setup / 1440


def test_the_colour_orders_can_be_28_unit_days_late_with_8_days_of_setup_and_no_better(folder: Path) -> None:
    source = read_xml(folder / "engine_tests/setup_1/model.xml")
    snapshot = convert(source, priorities=Priorities.EQUAL).snapshot
    assert snapshot is not None
    best = min(days_late_and_days_of_setup(snapshot, sequence) for sequence in permutations(snapshot.order_lines))
    assert best == (28, 8)


def test_equal_priorities_weigh_one_and_others_fall_with_the_number(folder: Path) -> None:
    source = read_xml(folder / "engine_tests/setup_1/model.xml")
    equal, weighed = convert(source, priorities=Priorities.EQUAL).snapshot, convert(source).snapshot
    assert equal is not None
    assert weighed is not None
    assert {order.priority for order in equal.orders} == {1}
    assert [order.priority for order in weighed.orders] == [7, 6, 5, 4, 3, 2, 1]


def test_setup_rules_hold_in_their_order_and_the_same_colour_needs_nothing(conversions: dict[str, Conversion]) -> None:
    snapshot = snapshot_of(conversions, "setup_1")
    matrix = {(row.from_family, row.to_family): row.minutes / 1440 for row in snapshot.setups}
    assert matrix["green", "red"] == 1
    assert matrix["black", "green"] == 4
    assert matrix["red", "red"] == 0
    assert matrix["*", "red"] == 4
    assert [resource.initial_family for resource in snapshot.resources] == ["green"]


# ----------------------------------------------------------------------------------------------------- job shop


def test_the_job_shop_has_ten_jobs_of_ten_tasks_due_at_hour_930(folder: Path) -> None:
    snapshot = build_jobshop(folder / "fixtures/jobshop_ft10.jsp")
    assert len(snapshot.order_lines) == len(snapshot.resources) == 10
    assert len(snapshot.operations) == 100
    assert {line.due_at for line in snapshot.order_lines} == {datetime(2014, 1, 1, tzinfo=UTC) + timedelta(hours=930)}
    assert sum(operation.fixed_minutes for operation in snapshot.operations) == 60 * 5109
    assert find_inconsistencies(snapshot) == []


def test_the_job_shop_may_be_due_earlier(folder: Path) -> None:
    snapshot = build_jobshop(folder / "fixtures/jobshop_ft10.jsp", due_hours=929)
    assert snapshot.order_lines[0].due_at == datetime(2014, 1, 1, tzinfo=UTC) + timedelta(hours=929)


# ------------------------------------------------------------------------------------------------ what is said


def test_minimum_and_multiple_of_a_purchase_come_over(conversions: dict[str, Conversion]) -> None:
    snapshot = snapshot_of(conversions, "supplier--Component-C")
    (offer,) = snapshot.offers
    assert (offer.lead_time_days, offer.min_quantity, offer.lot_multiple) == (21, 125, 100)
    assert [stock.on_hand for stock in snapshot.stock] == [10]


def test_an_item_inherits_the_suppliers_of_its_group(conversions: dict[str, Conversion]) -> None:
    snapshot = snapshot_of(conversions, "supplier--Component-A")
    assert {offer.supplier_id: offer.lead_time_days for offer in snapshot.offers} == {
        "Supplier of component A": 7,
        "Supplier of components A and B": 14,
    }


def test_a_delivery_operation_is_an_item_made_of_what_it_delivers(conversions: dict[str, Conversion]) -> None:
    snapshot = snapshot_of(conversions, "constraints_resource_1")
    assert {line.item_id for line in snapshot.order_lines} == {"delivery end item"}
    assert [(row.item_id, row.component_id, row.quantity_per) for row in snapshot.bom] == [
        ("delivery end item", "end item", 1)
    ]


def test_working_hours_are_the_hours_in_which_all_calendars_are_open(conversions: dict[str, Conversion]) -> None:
    snapshot = snapshot_of(conversions, "operation_available--6-item")
    (machine,) = (resource for resource in snapshot.resources if resource.resource_id == "6. resource")
    shifts = [shift for shift in snapshot.calendars if shift.calendar_id == machine.calendar_id]
    assert [(shift.weekday, shift.opens, shift.closes) for shift in shifts] == [
        (0, "09:00", "11:00"),
        (1, "09:00", "11:00"),
    ]


def test_members_of_a_resource_group_are_alternatives_with_their_efficiency(conversions: dict[str, Conversion]) -> None:
    snapshot = snapshot_of(conversions, "resource-efficiency")
    assert {resource.resource_id: resource.efficiency for resource in snapshot.resources} == {
        "new machine": Decimal("1.2"),
        "old machine": Decimal("0.75"),
    }


def test_a_demand_with_a_minimum_shipment_of_all_may_not_split(folder: Path) -> None:
    snapshot = convert(read_csv_folder(folder / "cookbook/demand/demand-priorities")).snapshot
    assert snapshot is not None
    assert not any(line.may_split for line in snapshot.order_lines)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("constraints_resource_9", "at the same time"),
        ("resource_tool", "a tool stays with an order"),
        ("resource_pool--3-item-1", "needs the skill 3. nobody can do this"),
        ("flow_alternate_1", "one of several materials"),
        ("operation_split--item-1", "in fixed shares"),
        ("demand_policy--item-B", "void when late"),
        ("distribution_1", "moved between locations"),
        ("operation_approved--1-item", "may still be moved"),
    ],
)
def test_what_cannot_be_said_is_refused_with_its_reason(
    conversions: dict[str, Conversion], case: str, reason: str
) -> None:
    assert conversions[case].snapshot is None
    assert any(reason in text for text in conversions[case].reasons)


@pytest.mark.parametrize(
    ("text", "hours"), [("P1D", 24), ("PT7H", 7), ("P1DT12H", 36), ("168:00:00", 168), ("3600", 1), ("P2W", 336)]
)
def test_durations_are_read_in_every_form(text: str, hours: int) -> None:
    assert read_duration(text) == timedelta(hours=hours)
