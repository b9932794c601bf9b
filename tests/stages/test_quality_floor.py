"""Quality floors on the way through the stages: who is left, and why the others are not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.properties.hand_made import fixed, line, plant, step
from tests.stages.test_sourcing_question import question

from orderopt.models.item import BomLine, Item
from orderopt.models.network import Offer, ProductionUnit, Supplier
from orderopt.models.snapshot import Snapshot
from orderopt.rules.judge import judge_plan
from orderopt.stages.plan import plan

D = Decimal


def two_sources(**more: Any) -> dict[str, Any]:
    """Return a unit and a cheaper supplier of P; the supplier is rated 0.9, the unit 0.96."""
    return {
        "operations": [step("U1", 30)],
        "production_units": [ProductionUnit(unit_id="U", quality_rating="0.96")],
        "suppliers": [Supplier(supplier_id="Z", quality_rating="0.9")],
        "offers": [Offer(supplier_id="Z", item_id="P", lead_time_days=2, unit_price=1)],
        **more,
    }


def serving(snapshot: Snapshot, strategy: str) -> tuple[str, str]:
    """Return who serves the only line, and the reason."""
    made = plan(snapshot, strategy=strategy, time_limit=3.0, workers=1)
    assert judge_plan(snapshot, made.to_frames()).is_correct
    (part,) = made.allocation.itertuples()
    return part.source_id or part.source_type, part.reason


@pytest.mark.parametrize("strategy", ["greedy+dispatch", "lagrangian+dispatch", "highs+dispatch", "milp+dispatch",
                                      "cpsat+dispatch", "auto"])  # fmt: skip
def test_every_strategy_passes_over_a_source_below_the_floor_and_says_so(strategy: str) -> None:
    assert serving(plant([line("A", 2, due=50)], **two_sources()), strategy)[0] == "Z"
    source, reason = serving(plant([line("A", 2, due=50, quality_floor="0.95")], **two_sources()), strategy)
    assert source == "U"
    assert reason.endswith("rejected: supplier Z: QUALITY_FLOOR, rated 0.9 where 0.95 is asked")


def test_a_rejected_source_that_would_be_late_as_well_is_told_to_be() -> None:
    asked = question(plant([line("A", 2, due=24, quality_floor="0.95")], **two_sources()))
    reason = (
        "supplier Z: QUALITY_FLOOR, rated 0.9 where 0.95 is asked; LEAD_TIME, ready 2026-01-07 08:00 at the earliest"
    )
    assert asked.rejected == asked.barred == {"A/1": [reason]}


@pytest.mark.parametrize("strategy", ["dispatch", "auto"])
def test_where_nobody_is_good_enough_the_line_is_unserved_and_names_all(strategy: str) -> None:
    source, reason = serving(plant([line("A", 2, due=50, quality_floor="0.97")], **two_sources()), strategy)
    assert source == "unserved"
    assert reason.split("; ") == [
        "unit U: QUALITY_FLOOR, rated 0.96 where 0.97 is asked",
        "supplier Z: QUALITY_FLOOR, rated 0.9 where 0.97 is asked",
    ]


def test_the_highest_of_the_floors_counts() -> None:
    tables = two_sources(items=[Item(item_id="P", quality_floor="0.95")])
    asked = question(plant([line("A", 2, due=50, quality_floor="0.5")], **tables))
    assert [option.source_id for option in asked.options[0]] == ["U"]


def test_a_job_that_has_begun_at_a_unit_below_the_floor_does_not_serve_the_line() -> None:
    begun = fixed(-1, 0.5, order_id="A", line_no="1")
    tables = {"operations": [step("U1", 60)], "production_units": [ProductionUnit(unit_id="U", quality_rating="0.9")]}
    snapshot = plant([line("A", 1, due=9, quality_floor="0.95")], fixed_tasks=[begun], **tables)
    for strategy in ("dispatch", "auto"):
        assert serving(snapshot, strategy)[0] == "unserved"


@pytest.mark.parametrize("strategy", ["dispatch", "auto"])
def test_components_are_bought_where_their_item_allows(strategy: str) -> None:
    tables = two_sources(bom=[BomLine(item_id="P", component_id="C", quantity_per=1)])
    tables["suppliers"].append(Supplier(supplier_id="Y", quality_rating=1))
    tables["offers"] = [
        Offer(supplier_id=name, item_id="C", lead_time_days=1, unit_price=price) for name, price in (("Z", 1), ("Y", 5))
    ]
    for floor, seller in ((None, "Z"), (D("0.95"), "Y")):
        items = [Item(item_id="P"), Item(item_id="C", quality_floor=floor)]
        made = plan(plant([line("A", 2, due=50)], items=items, **tables), strategy=strategy, time_limit=3.0, workers=1)
        assert made.purchases["supplier_id"].tolist() == [seller]
    items = [Item(item_id="P"), Item(item_id="C", quality_floor=1)]
    tables["suppliers"] = tables["suppliers"][:1]
    tables["offers"] = tables["offers"][:1]
    source, reason = serving(plant([line("A", 2, due=50)], items=items, **tables), strategy)
    assert (source, reason) == ("unserved", "unit U: a component cannot be had")
