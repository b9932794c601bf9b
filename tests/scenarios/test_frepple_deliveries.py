"""frePPLe's models planned by orderopt: no later and no shorter than their own expected plans."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from benchmarks.converters.frepple.cases import split_source
from benchmarks.converters.frepple.convert import convert
from benchmarks.converters.frepple.source import read_csv_folder, read_xml
from benchmarks.outside.delivery import NOTHING, Kpis, judge_deliveries
from benchmarks.outside.frepple import Case, find_case, find_cases, plan_case, plan_jobshop
from benchmarks.outside.reference import read_reference

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from orderopt.models.plan import Plan

QUICK = (
    "constraints_material_1--item-3",
    "constraints_resource_1",
    "demand_policy--item-A",
    "demand_policy--item-G",
    "demand_policy--order-H",
    "demand_status--item-1",
    "operation_available--1-item-20-days",
    "operation_batchwindow--6-item",
    "skills",
    "supplier--Component-B",
    "make-to-order--A-end-item",
    "operation-routing",
    "resource-efficiency",
)
"""Cases that are planned in a moment, one or two of each kind."""

NOT_YET = {
    "constraints_leadtime_1": "a need is made by one job, where several in parallel would be faster",
    "constraints_resource_4": "a line is made by one job at a unit, where several in parallel would be faster",
    "operation_available--3-item": "a line is made by one job at a unit, where several in parallel would be faster",
    "operation_available--4-item": "a line is made by one job at a unit, where several would fit into the open days",
    "demand_policy--item-C": "a line that may not split has one supply; stock and receipt are not delivered together",
    "demand_policy--item-F": "a line that may not split has one supply; stock and receipt are not delivered together",
    "demand-policies--product-1": "a line is late as a whole, so that nothing is gained by delivering a part in time",
    "operation_available--5-item": "takes longer than its time limit",
}


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "frepple"


def planned(folder: Path, name: str) -> tuple[Plan, Kpis, Kpis]:
    made, comparison = plan_case(find_case(folder, name), time_limit=20.0, workers=1)
    assert comparison.theirs is not None
    return made, comparison.ours, comparison.theirs


@pytest.mark.parametrize("name", QUICK)
def test_a_plan_is_no_later_and_no_shorter_than_theirs(folder: Path, name: str) -> None:
    _, ours, theirs = planned(folder, name)
    assert ours.is_no_worse_than(theirs), (ours, theirs)


@pytest.mark.slow
def test_all_other_plans_are_no_later_and_no_shorter_than_theirs(folder: Path) -> None:
    worse = {}
    for case in find_cases(folder):
        if case.name in QUICK or case.name in NOT_YET:
            continue
        _, comparison = plan_case(case, time_limit=20.0, workers=1)
        if comparison.theirs is not None and not comparison.ours.is_no_worse_than(comparison.theirs):
            worse[case.name] = comparison
    assert worse == {}


def test_colours_are_28_unit_days_late_with_8_days_of_setup(folder: Path) -> None:
    made, comparison = plan_case(find_case(folder, "setup_1"), time_limit=90.0, workers=1)
    assert (comparison.ours.late_days, comparison.setup_days) == (28, 8)
    assert comparison.theirs is not None
    assert comparison.theirs.late_days == 28
    assert made.summary.status == "OPTIMAL"


def test_one_purchase_of_200_serves_90_late_and_100_on_time(folder: Path) -> None:
    made, ours, _ = planned(folder, "supplier--Component-C")
    assert list(made.purchases.quantity) == [200]
    first, second = (made.pegging[made.pegging.demand_id == f"order {n} for item C/1"] for n in (1, 2))
    start = made.snapshot.settings.horizon_start
    assert [(peg.quantity, (peg.available_at - start).days) for peg in first.itertuples()] == [(10, 0), (90, 21)]
    assert [peg.quantity for peg in second.itertuples()] == [100]
    assert ours == Kpis(Decimal(110), Decimal(90), Decimal(0), Decimal(0), Decimal(1890))


def test_a_demand_that_takes_parts_gets_10_in_time_and_10_late(folder: Path) -> None:
    _, ours, _ = planned(folder, "demand_policy--item-A")
    assert ours == Kpis(Decimal(10), Decimal(10), Decimal(0), Decimal(0), Decimal(50))


def test_stock_on_a_sheet_comes_over(folder: Path) -> None:
    case = find_case(folder, "demand-policies--product-1")
    assert [(stock.item_id, stock.on_hand) for stock in case.snapshot.stock] == [("product 1", 10)]


# ------------------------------------------------------------------------------------------------ job shop


@pytest.mark.parametrize("due_hours", [929, 930])
def test_a_job_shop_is_never_said_to_be_better_than_it_can_be(folder: Path, due_hours: int) -> None:
    path = folder / "fixtures/jobshop_ft10.jsp"
    made, comparison = plan_jobshop(path, due_hours=due_hours, time_limit=3.0, workers=1)
    last = (made.schedule.end.max() - made.snapshot.settings.horizon_start).total_seconds() / 3600
    assert last >= 930
    if due_hours == 929:
        assert comparison.ours.late_days > 0
        assert made.summary.bound is not None
        assert made.summary.bound <= 1 / 24, "a plan that is one hour late exists: one job of one piece at 930"


# ----------------------------------------------------------------------------------------------- references


WHOLE_MODELS = (
    "constraints_leadtime_1",
    "constraints_resource_1",
    "constraints_resource_4",
    pytest.param("operation_available", marks=pytest.mark.slow),
)


def published(folder: Path, model: str) -> dict[str, str]:
    with (folder / "engine_tests/kpis.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["test"] == model and row["plantype"] == "1"]
    return rows[0]


def summed(cases: Iterable[Case]) -> Kpis:
    total = NOTHING
    for case in cases:
        reference = read_reference(case.folder, case.snapshot)
        assert reference is not None
        total += judge_deliveries(case.snapshot, reference)
    return total


@pytest.mark.parametrize("model", WHOLE_MODELS)
def test_references_of_all_cases_add_up_to_what_is_published_of_the_model(folder: Path, model: str) -> None:
    source = read_xml(folder / "engine_tests" / model / "model.xml")
    assert all(convert(part).snapshot is not None for part in split_source(source))
    row = published(folder, model)
    total = summed(find_cases(folder / "engine_tests" / model))
    assert total.on_time == Decimal(row["ontime_qty"])
    assert total.late == Decimal(row["late_qty"])
    assert total.short == Decimal(row["short_qty"])
    assert total.late_days == Decimal(row["late_qty_days"])


def test_models_changed_by_a_script_have_no_reference(folder: Path) -> None:
    case = find_case(folder, "operation_autofence--1-item")
    assert read_reference(case.folder, case.snapshot) is None


def test_a_cookbook_reference_is_matched_to_orders_by_due_date(folder: Path) -> None:
    case = find_case(folder, "operation-alternate")
    assert read_csv_folder(case.folder).name == "operation-alternate"
    reference = read_reference(case.folder, case.snapshot)
    assert reference is not None
    assert sum(delivery.quantity for delivery in reference) == 750
