from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from tests.properties.hand_made import at, fixed, line, plant, step

from orderopt.models.calendar import CalendarException
from orderopt.models.item import BomLine
from orderopt.models.network import Offer, ProductionUnit, Receipt, Resource, Stock, Supplier
from orderopt.models.result import SourceType
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.explode import DEEPEST, buy_part, make_part, procure_running
from orderopt.stages.net import take_running
from orderopt.stages.supply import Ledger, Part, Shortage

D = Decimal


def needs(item: str, component: str, per: Any = 1, **more: Any) -> BomLine:
    return BomLine(item_id=item, component_id=component, quantity_per=per, **more)


def sells(*items: str, **more: Any) -> dict[str, Any]:
    offers = [
        Offer(**({"supplier_id": "Z", "item_id": item, "lead_time_days": 1, "unit_price": 1} | more)) for item in items
    ]
    return {"suppliers": [Supplier(supplier_id="Z")], "offers": offers}


def make(snapshot: Snapshot, quantity: int = 2) -> tuple[Ledger, Part]:
    """Make the first line at U."""
    ledger = Ledger(Plant(snapshot))
    part = Part(snapshot.planned_lines[0], SourceType.UNIT, "U", D(quantity))
    make_part(ledger.plant, ledger, part)
    return ledger, part


def jobs(ledger: Ledger) -> list[tuple[str, Decimal, dict[str, Decimal]]]:
    """Return what every job starts and draws by component."""
    found = []
    for job in ledger.jobs:
        drawn: dict[str, Decimal] = {}
        for draw in job.draws:
            drawn[draw.supply.item_id] = drawn.get(draw.supply.item_id, D(0)) + draw.quantity
        found.append((job.item_id, job.started, drawn))
    return found


def test_a_job_starts_what_quality_and_step_demand_and_draws_for_what_is_started() -> None:
    snapshot = plant(
        [line("A", 4, due=99)],
        [step("U1", 1)],
        bom=[needs("P", "C", 3, scrap="0.5")],
        production_units=[ProductionUnit(unit_id="U", quality="0.8")],
        **sells("C"),
    )
    ledger, part = make(snapshot, 4)
    assert jobs(ledger) == [("P", 5, {"C": D("22.5")})]
    assert (part.supply.free, part.job.line.order_id) == (0, "A")
    assert [purchase.quantity for purchase in ledger.purchases] == [23]


def test_components_come_before_what_is_made_of_them() -> None:
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1), step("U1", 1, item="C"), step("U1", 1, item="E")],
        bom=[needs("P", "C", 2), needs("C", "E", 3)],
    )
    ledger, _ = make(snapshot)
    assert jobs(ledger) == [("E", 12, {}), ("C", 4, {"E": 12}), ("P", 2, {"C": 4})]
    assert [job.parent and job.parent.item_id for job in ledger.jobs] == ["C", "P", None]


def test_what_lies_there_in_time_goes_first_and_only_the_rest_is_made_or_bought() -> None:
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1)],
        bom=[needs("P", "C", 5)],
        stock=[Stock(item_id="C", on_hand=4)],
        receipts=[Receipt(receipt_id="R", item_id="C", quantity=3, available_at=at(9))],
        **sells("C"),
    )
    ledger, _ = make(snapshot)
    assert [(draw.supply.name, draw.quantity) for draw in ledger.jobs[0].draws] == [("C@", 4), ("R", 3), ("", 3)]
    assert [(purchase.quantity, purchase.pegged) for purchase in ledger.purchases] == [(3, 3)]


def test_a_late_receipt_is_waited_for_only_where_that_costs_less_than_buying() -> None:
    late = [Receipt(receipt_id="R", item_id="C", quantity=9, available_at=at(60))]
    for price, drawn in ((10**6, "R"), (1, "")):
        snapshot = plant(
            [line("A", 2, due=50)],
            [step("U1", 1)],
            bom=[needs("P", "C")],
            receipts=late,
            **sells("C", unit_price=price),
        )
        ledger, _ = make(snapshot)
        assert [draw.supply.name for draw in ledger.jobs[0].draws] == [drawn]


def test_the_cheaper_of_making_and_buying_is_taken() -> None:
    for price, made in ((100, True), (1, False)):
        snapshot = plant(
            [line("A", 2, due=99)],
            [step("U1", 1), step("V1", 10, item="C")],
            bom=[needs("P", "C")],
            **sells("C", unit_price=price),
        )
        ledger, _ = make(snapshot)
        assert (len(ledger.jobs) == 2) is made
        assert (len(ledger.purchases) == 1) is not made


def test_a_need_above_the_weekly_maximum_is_bought_over_several_weeks() -> None:
    snapshot = plant([line("A", 10, due=999)], [step("U1", 1)], bom=[needs("P", "C")], **sells("C", max_per_week=4))
    ledger, _ = make(snapshot, 10)
    assert [(purchase.week, purchase.quantity) for purchase in ledger.purchases] == [(0, 4), (1, 4), (2, 2)]


def test_a_shortage_names_the_component_and_leaves_the_ledger_as_it_was() -> None:
    bom = [needs("P", "C"), needs("P", "E")]
    snapshot = plant(
        [line("A", 2, due=99)], [step("U1", 1), step("U1", 1, item="C")], bom=bom, stock=[Stock(item_id="C", on_hand=1)]
    )
    ledger = Ledger(Plant(snapshot))
    part = Part(snapshot.planned_lines[0], SourceType.UNIT, "U", D(2))
    with pytest.raises(Shortage, match="nothing supplies 2 of component E") as caught:
        make_part(ledger.plant, ledger, part)
    assert "E" in caught.value.cause
    assert (ledger.jobs, ledger.purchases) == ([], [])
    assert [supply.free for supply in ledger.supplies("C")] == [1]


def test_a_supplier_that_cannot_deliver_is_named() -> None:
    snapshot = plant([line("A", 2, due=99)], **sells("P", max_per_week=1))
    ledger = Ledger(Plant(snapshot))
    part = Part(snapshot.planned_lines[0], SourceType.SUPPLIER, "Z", D(2))
    with pytest.raises(Shortage, match="supplier Z cannot deliver 2 of P at once"):
        buy_part(ledger.plant, ledger, part)
    smaller = Part(snapshot.planned_lines[0], SourceType.SUPPLIER, "Z", D(1))
    buy_part(ledger.plant, ledger, smaller)
    assert (smaller.supply, ledger.purchases[0].quantity) == (ledger.purchases[0].supply, 1)


def test_a_running_job_draws_only_for_the_steps_that_are_still_open() -> None:
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1), step("U1", 1, op_no=20)],
        bom=[needs("P", "C", op_no=10), needs("P", "E", op_no=20)],
        fixed_tasks=[fixed(-1, 1, quantity=2)],
        **sells("C", "E"),
    )
    ledger = Ledger(Plant(snapshot))
    take_running(ledger.plant, ledger)
    assert procure_running(ledger.plant, ledger) == []
    assert jobs(ledger) == [("P", 2, {"E": 2})]


def test_what_a_running_job_lacks_is_reported() -> None:
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1), step("U1", 1, op_no=20)],
        bom=[needs("P", "E", op_no=20)],
        fixed_tasks=[fixed(-1, 1, quantity=2)],
    )
    ledger = Ledger(Plant(snapshot))
    take_running(ledger.plant, ledger)
    assert procure_running(ledger.plant, ledger) == ["job J: nothing supplies 2 of component E"]
    assert jobs(ledger) == [("P", 2, {})]


def test_a_component_that_is_being_made_is_waited_for_where_nothing_else_is_there() -> None:
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1), step("V1", 1, item="C"), step("V1", 1, item="C", op_no=20)],
        bom=[needs("P", "C")],
        fixed_tasks=[fixed(-1, 1, item_id="C", unit_id="V", resource_id="V1", quantity=3)],
    )
    ledger = Ledger(Plant(snapshot))
    take_running(ledger.plant, ledger)
    part = Part(snapshot.planned_lines[0], SourceType.UNIT, "U", D(2))
    make_part(ledger.plant, ledger, part)
    assert [(draw.supply.name, draw.quantity) for draw in part.job.draws] == [("J", 2)]
    assert [supply.free for supply in ledger.supplies("C")] == [1]


def test_where_the_best_source_of_a_component_fails_the_next_one_is_taken_and_nothing_is_left_of_the_first() -> None:
    closed = [CalendarException(calendar_id="never", starts_at=at(0), ends_at=at(1), open=False)]
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1), step("V1", 1, item="C")],
        bom=[needs("P", "C"), needs("C", "E")],
        resources=[
            Resource(resource_id="U1", unit_id="U"),
            Resource(resource_id="V1", unit_id="V", calendar_id="never"),
        ],
        calendar_exceptions=closed,
        stock=[Stock(item_id="E", on_hand=9)],
        **sells("C"),
    )
    ledger, _ = make(snapshot)
    assert jobs(ledger) == [("P", 2, {"C": 2})]
    assert [supply.free for supply in ledger.supplies("E")] == [9]
    with pytest.raises(Shortage, match="step 10 of C fits into no open window of V1"):
        make(snapshot.replace(offers=[]))


def test_every_cause_is_named_where_all_sources_of_a_component_fail() -> None:
    snapshot = plant(
        [line("A", 2, due=99)],
        [step("U1", 1), step("V1", 1, item="C")],
        bom=[needs("P", "C"), needs("C", "E")],
        **sells("C", max_per_week=1, min_quantity=2),
    )
    with pytest.raises(Shortage) as caught:
        make(snapshot)
    assert set(caught.value.cause.split("; ")) == {
        "nothing supplies 2 of component E",
        "supplier Z cannot deliver 2 of component C",
    }


def test_a_bill_of_material_without_end_is_given_up_with_a_reason() -> None:
    names = ["P", *(f"C{number}" for number in range(DEEPEST + 2))]
    snapshot = plant(
        [line("A", 1, due=99)],
        [step("U1", 1, item=name) for name in names],
        bom=[needs(above, below) for above, below in pairwise(names)],
    )
    with pytest.raises(Shortage, match=f"deeper than {DEEPEST} levels"):
        make(snapshot, 1)
    ledger, _ = make(snapshot.replace(bom=snapshot.bom[:DEEPEST]), 1)
    assert len(ledger.jobs) == DEEPEST + 1
