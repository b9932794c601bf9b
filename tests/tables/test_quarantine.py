"""A row that is not used takes along what would be planned wrongly without it, and says so."""

from __future__ import annotations

from typing import Any

import pytest

from orderopt.models.snapshot import Snapshot
from orderopt.tables.read import read_snapshot

Tables = dict[str, list[dict[str, Any]]]


def _withheld(snapshot: Snapshot) -> set[tuple[str | None, int | None]]:
    return {(finding.table, finding.row) for finding in snapshot.findings if finding.code == "WITHHELD"}


def test_a_refused_order_refuses_its_lines_and_names_the_row(tables: Tables):
    tables["orders"][0]["priority"] = "0"

    snapshot = read_snapshot(tables, strict=False)

    assert (snapshot.orders, snapshot.order_lines) == ((), ())
    assert _withheld(snapshot) == {("order_lines", 2), ("order_lines", 3)}
    assert all("row 2 of orders" in finding.says for finding in snapshot.findings if finding.code == "WITHHELD")


def test_a_refused_customer_refuses_orders_and_through_them_lines(tables: Tables):
    tables["customers"].append({"customer_id": "C2"})
    tables["customers"][0]["priority"] = "high"

    snapshot = read_snapshot(tables, strict=False)

    assert _withheld(snapshot) == {("orders", 2), ("order_lines", 2), ("order_lines", 3)}


def test_customers_that_are_all_refused_are_not_made_up_from_the_orders(tables: Tables):
    tables["customers"][0]["priority"] = "high"

    snapshot = read_snapshot(tables, strict=False)

    assert (snapshot.customers, snapshot.orders) == ((), ())


def test_an_unknown_order_is_an_unknown_reference_and_not_a_consequence(tables: Tables):
    tables["order_lines"][0]["order_id"] = "O9"

    snapshot = read_snapshot(tables, strict=False)

    found = [(finding.code, finding.row, finding.column) for finding in snapshot.findings]
    assert found == [("UNKNOWN_REFERENCE", 2, "order_id")]


@pytest.mark.parametrize("fault", [{"quantity_per": "-1"}, {"component_id": "GLUE"}, {"scrap": "x"}])
def test_a_hole_in_a_bill_of_material_withholds_the_production_of_the_item(tables: Tables, fault: dict[str, str]):
    tables["bom"].append({"item_id": "DESK", "component_id": "LAMP", "quantity_per": "1", **fault})

    snapshot = read_snapshot(tables, strict=False)

    assert snapshot.operations == ()
    assert _withheld(snapshot) == {("operations", 2), ("operations", 3), ("operations", 4)}


def test_a_cycle_withholds_its_rows_and_the_production_of_its_items_only(tables: Tables):
    tables["bom"].append({"item_id": "TOP", "component_id": "DESK", "quantity_per": "1"})

    snapshot = read_snapshot(tables, strict=False)

    assert [finding.row for finding in snapshot.findings if finding.code == "BOM_CYCLE"] == [2]
    assert snapshot.bom == ()
    assert snapshot.operations == ()
    assert ("bom", 3) in _withheld(snapshot)


def test_a_refused_routing_row_withholds_the_whole_routing(tables: Tables):
    tables["operations"][2]["fixed_minutes"] = "-5"

    snapshot = read_snapshot(tables, strict=False)

    assert snapshot.operations == ()
    assert _withheld(snapshot) == {("operations", 2), ("operations", 3)}


def test_an_alternative_on_a_lost_resource_is_dropped_and_the_routing_stays(tables: Tables):
    tables["resources"][0]["capacity"] = "0"

    snapshot = read_snapshot(tables, strict=False)

    assert [row.resource_id for row in snapshot.operations] == ["SAW2", "BENCH"]
    assert _withheld(snapshot) == {("operations", 2)}


def test_a_step_that_has_lost_its_only_resource_withholds_the_routing(tables: Tables):
    tables["resources"][2]["capacity"] = "0"

    snapshot = read_snapshot(tables, strict=False)

    assert snapshot.operations == ()
    assert _withheld(snapshot) == {("operations", 2), ("operations", 3), ("operations", 4)}


def test_a_refused_shift_withholds_the_machines_of_its_calendar(tables: Tables):
    tables["calendars"].append({"calendar_id": "day", "weekday": "1", "opens": "16:00", "closes": "08:00"})

    snapshot = read_snapshot(tables, strict=False)

    assert [resource.resource_id for resource in snapshot.resources] == ["SAW2", "BENCH"]
    assert _withheld(snapshot) == {("resources", 2), ("operations", 2)}


def test_a_refused_price_break_withholds_the_whole_offer(tables: Tables):
    tables["offers"].append({**tables["offers"][0], "from_quantity": "10", "currency": "USD"})

    snapshot = read_snapshot(tables, strict=False)

    assert snapshot.offers == ()
    assert _withheld(snapshot) == {("offers", 2)}


def test_a_row_that_only_repeats_another_withholds_nothing(tables: Tables):
    tables["operations"].append(dict(tables["operations"][0]))

    snapshot = read_snapshot(tables, strict=False)

    assert [finding.code for finding in snapshot.findings] == ["DUPLICATE_KEY"]
    assert len(snapshot.operations) == 3


def test_two_different_rows_of_one_key_leave_the_routing_in_doubt(tables: Tables):
    tables["operations"].append({**tables["operations"][0], "minutes_per_unit": "30"})

    snapshot = read_snapshot(tables, strict=False)

    assert snapshot.operations == ()


def _fixed_task(**cells: str) -> dict[str, str]:
    return {
        "task_id": "T1", "job_id": "J1", "item_id": "DESK", "unit_id": "U1", "op_no": "10", "resource_id": "SAW",
        "start": "2026-01-05T08:00", "end": "2026-01-05T09:00", "quantity": "5", **cells,
    }  # fmt: skip


def test_a_fixed_task_without_its_order_stays_and_keeps_its_resource_busy(tables: Tables):
    tables["fixed_tasks"] = [_fixed_task(order_id="O1", line_no="1")]
    tables["order_lines"][0]["quantity"] = "x"

    snapshot = read_snapshot(tables, strict=False)

    assert [(task.order_id, task.line_no) for task in snapshot.fixed_tasks] == [(None, None)]
    assert ("fixed_tasks", 2) in {(finding.table, finding.row) for finding in snapshot.findings}


def test_a_fixed_task_that_cannot_be_read_withholds_its_resource(tables: Tables):
    tables["fixed_tasks"] = [_fixed_task(end="later")]

    snapshot = read_snapshot(tables, strict=False)

    assert [resource.resource_id for resource in snapshot.resources] == ["SAW2", "BENCH"]


def test_a_refused_changeover_withholds_its_machine(tables: Tables):
    tables["setups"] = [{"resource_id": "SAW", "from_family": "*", "to_family": "oak", "minutes": "half an hour"}]

    snapshot = read_snapshot(tables, strict=False)

    assert [resource.resource_id for resource in snapshot.resources] == ["SAW2", "BENCH"]


def test_what_is_withheld_leaves_nothing_that_points_at_it(tables: Tables):
    tables["production_units"][0]["quality"] = "0"

    snapshot = read_snapshot(tables, strict=False)

    assert (snapshot.production_units, snapshot.resources, snapshot.operations) == ((), (), ())
    assert [finding.code for finding in snapshot.findings if finding.table == "order_lines"] == ["NO_SOURCE"]
