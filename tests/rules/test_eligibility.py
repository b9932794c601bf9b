"""Rule *eligible*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import MONDAY, add, at, build_plan, build_workshop, change, codes, judge

from orderopt.models.network import Stock

D = Decimal


@pytest.mark.parametrize("row", [0, 1, 2, 3])
def test_a_part_without_its_supply_is_caught(row):
    assert "UNKNOWN_SUPPLY" in codes(judge(change(build_plan(), "allocation", row, supply_id="nothing")))


def test_a_job_of_another_item_does_not_serve_a_line():
    found = codes(judge(change(build_plan(), "allocation", 0, supply_id="J2", source_id="U2")))
    assert "SUPPLY_ITEM" in found


@pytest.mark.parametrize(("row", "source"), [(0, "U2"), (1, "X"), (2, "S2"), (3, "R2")])
def test_a_part_names_the_source_of_its_supply(row, source):
    assert "SUPPLY_SOURCE" in codes(judge(change(build_plan(), "allocation", row, source_id=source)))


@pytest.mark.parametrize("source", ["BOLT@", "BOLT", None])
def test_stock_without_a_site_goes_by_its_id(source):
    stock = [Stock(item_id="BOLT", on_hand=D(100))]
    tables = change(build_plan(), "allocation", 2, source_id=source, supply_id="BOLT@")
    tables = change(change(tables, "pegging", 2, supply_id="BOLT@"), "pegging", 5, supply_id="BOLT@")
    assert judge(tables, stock=stock).is_correct


def test_a_job_at_a_unit_without_routing_is_caught():
    found = judge(change(build_plan(), "jobs", 1, unit_id="U1")).violations
    assert ("NO_ROUTING", 3) in {(finding.code, finding.row) for finding in found}


def test_a_job_made_for_nothing_known_is_caught():
    assert "UNKNOWN_PARENT" in codes(judge(change(build_plan(), "jobs", 0, parent_id="O7/1")))
    assert "UNKNOWN_PARENT" in codes(judge(change(build_plan(), "jobs", 1, parent_id="J7")))


def test_a_task_on_a_resource_that_its_step_does_not_name_is_caught():
    found = [
        finding
        for finding in judge(change(build_plan(), "schedule", 1, resource_id="M1")).violations
        if finding.code == "RESOURCE_NOT_ELIGIBLE"
    ]
    assert [(finding.subject, finding.row) for finding in found] == [("task T2 on M1", 3)]


def test_a_task_on_an_unknown_resource_is_caught():
    assert "RESOURCE_NOT_ELIGIBLE" in codes(judge(change(build_plan(), "schedule", 1, resource_id="M9")))


def test_an_alternative_resource_of_the_step_is_fine():
    operations = build_workshop().operations
    other = operations[1].model_copy(update={"resource_id": "M3"})
    machine = build_workshop().resources[1].model_copy(update={"resource_id": "M3"})
    tables = change(build_plan(), "schedule", 1, resource_id="M3")
    resources = [*build_workshop().resources, machine]
    assert judge(tables, operations=[*operations, other], resources=resources).is_correct


def test_a_task_of_a_step_that_is_not_in_the_routing_is_caught():
    assert "UNKNOWN_STEP" in codes(judge(change(build_plan(), "schedule", 1, op_no=30)))


def test_a_task_without_job_is_caught():
    assert "UNKNOWN_JOB" in codes(judge(change(build_plan(), "schedule", 1, job_id="J7")))


def test_a_task_has_item_unit_and_quantity_of_its_job():
    assert "TASK_OF_OTHER_JOB" in codes(judge(change(build_plan(), "schedule", 1, item_id="LEG")))
    assert "TASK_OF_OTHER_JOB" in codes(judge(change(build_plan(), "schedule", 1, unit_id="U2")))
    assert codes(judge(change(build_plan(), "schedule", 1, quantity=D(9)))) == {"TASK_QUANTITY"}


def test_a_purchase_of_an_item_nobody_offers_is_caught():
    tables = add(build_plan(), "purchases", "P2", "W", "BOLT", D(5), MONDAY, at(1, "00:00"), D(0), D(0), "")
    assert codes(judge(tables)) == {"NO_OFFER"}
