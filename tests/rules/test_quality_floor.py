"""Rule *quality floor*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import at, build_plan, build_workshop, change, codes, judge

from orderopt.models.result import FixedTask

D = Decimal


def rows(table, column, name, **cells):
    """Return a table of the workshop in which the rows with a name in a column have other cells."""
    return [
        row.model_copy(update=cells) if getattr(row, column) == name else row
        for row in getattr(build_workshop(), table)
    ]


@pytest.mark.parametrize(
    ("table", "column", "name"),
    [("order_lines", "order_id", "O1"), ("items", "item_id", "TABLE"), ("customers", "customer_id", "C")],
)
def test_a_unit_rated_below_the_floor_of_line_item_or_customer_must_not_serve(table, column, name):
    tables = {
        table: rows(table, column, name, quality_floor=D("0.95")),
        "production_units": rows("production_units", "unit_id", "U1", quality_rating=D("0.949999")),
    }
    found = judge(build_plan(), **tables).violations
    assert ("QUALITY_FLOOR", "part O1/1/1", "its source is rated 0.949999") in [
        (finding.code, finding.subject, finding.says) for finding in found
    ]
    assert codes(judge(build_plan(), **tables)) == {"QUALITY_FLOOR"}
    tables["production_units"] = rows("production_units", "unit_id", "U1", quality_rating=D("0.95"))
    assert judge(build_plan(), **tables).is_correct


def test_a_supplier_without_a_rating_is_as_good_as_its_pieces():
    lines = rows("order_lines", "item_id", "WOOD", quality_floor=D("0.9"))
    assert judge(build_plan(), order_lines=lines).is_correct
    suppliers = rows("suppliers", "supplier_id", "W", quality_rating=D("0.8"))
    found = judge(build_plan(), order_lines=lines, suppliers=suppliers).violations
    assert [(finding.subject, finding.expected) for finding in found] == [
        ("part O1/2/1", "a source rated at least 0.9")
    ]


def test_the_floor_of_an_item_holds_for_what_is_made_and_bought_as_a_component():
    items = rows("items", "item_id", "LEG", quality_floor=D("0.81"))
    assert [finding.subject for finding in judge(build_plan(), items=items).violations] == ["job J2"]
    items = rows("items", "item_id", "WOOD", quality_floor=D("0.9"))
    suppliers = rows("suppliers", "supplier_id", "W", quality_rating=D("0.8"))
    found = judge(build_plan(), items=items, suppliers=suppliers).violations
    assert [finding.subject for finding in found] == ["part O1/2/1", "purchase P1"]


def test_a_line_asks_nothing_of_components_and_of_what_lies_there():
    lines = [row.model_copy(update={"quality_floor": D(1)}) for row in build_workshop().order_lines]
    assert judge(build_plan(), order_lines=lines).is_correct


def test_jobs_that_have_begun_are_facts():
    items = rows("items", "item_id", "LEG", quality_floor=D("0.81"))
    begun = FixedTask(
        task_id="T3", job_id="J2", item_id="LEG", unit_id="U2", op_no=10, resource_id="K",
        start=at(0, "00:00"), end=at(0, "00:50"), quantity=D(50),
    )  # fmt: skip
    tables = change(build_plan(), "schedule", 2, frozen=True)
    fixed = [*build_workshop().fixed_tasks, begun]
    assert codes(judge(tables, items=items, fixed_tasks=fixed)) == set()
