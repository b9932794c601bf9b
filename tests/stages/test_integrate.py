from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.properties.hand_made import at, fixed, line, plant, step
from tests.stages.drafts import plan_best, plan_well, rows

from orderopt.models.item import BomLine, Item
from orderopt.models.network import Offer, Receipt, Supplier
from orderopt.testing.generate import generate_snapshot

D = Decimal


def sells(item: str, *offers: dict[str, Any]) -> dict[str, Any]:
    rows_of = [
        Offer(**({"supplier_id": "Z", "item_id": item, "lead_time_days": 1, "unit_price": 1} | each)) for each in offers
    ]
    return {"suppliers": [Supplier(supplier_id="Z")], "offers": rows_of}


def test_the_one_model_makes_a_split_that_the_stages_do_not() -> None:
    # 3 from stock and 3 made in time; a machine alone would be late
    snapshot = plant(
        [line("A", 6, due=1.5, may_split=True, min_split=3)],
        [step("U1", 30)],
        receipts=[Receipt(receipt_id="R", item_id="P", quantity=3, available_at=at(1))],
    )
    made = plan_best(snapshot)
    assert sorted(rows(made.allocation, "source_type", "quantity")) == [("receipt", 3), ("unit", 3)]
    assert made.summary.terms["tardiness"] == 0


def test_components_may_come_from_a_purchase_and_a_job_together() -> None:
    snapshot = plant(
        [line("A", 4, due=30)],
        [step("U1", 30), step("V1", 300, item="C")],
        bom=[BomLine(item_id="P", component_id="C", quantity_per=1)],
        **sells("C", {"max_per_week": 2, "unit_price": 10, "lead_time_days": 0}),
    )
    made = plan_best(snapshot)
    assert sorted(rows(made.pegging, "supply_type", "item_id", "quantity")) == [
        ("job", "C", 2),
        ("job", "P", 4),
        ("purchase", "C", 2),
    ]


def test_a_running_job_is_a_supply_that_ends_when_its_last_step_does() -> None:
    snapshot = plant(
        [line("A", 2, due=3)],
        [step("U1", 30), step("U1", 30, op_no=20)],
        fixed_tasks=[fixed(0, 1, quantity=2)],
        items=[Item(item_id="P")],
    )
    made = plan_best(snapshot)
    assert rows(made.allocation, "source_type", "supply_id") == [("unit", "J")]
    assert rows(made.promises, "promised_at") == [(at(2),)]


def test_the_integrated_plan_is_never_dearer_than_the_staged_one() -> None:
    snapshot = generate_snapshot(5, seed=1)
    staged = plan_well(snapshot, "cpsat", 2.0).summary.objective
    assert plan_well(snapshot, "integrated", 2.0).summary.objective <= staged + 1e-6
