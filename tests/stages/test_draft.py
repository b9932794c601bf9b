from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.properties.hand_made import at, line, plant, step

from orderopt.models.item import BomLine
from orderopt.models.network import Offer, ProductionUnit, Receipt, Stock, Supplier
from orderopt.models.result import SourceType
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.draft import Draft, develop
from orderopt.stages.net import Netting, by_urgency
from orderopt.stages.shares import keep_shares
from orderopt.stages.sourcing_question import ask
from orderopt.stages.supply import Ledger, Part

D = Decimal


def developed(snapshot: Snapshot, *chosen: tuple[SourceType, str | None]) -> Draft:
    """Develop a choice of one source for each line, the most urgent line first."""
    made = Plant(snapshot)
    ledger = Ledger(made)
    rest = tuple((each, each.quantity) for each in by_urgency(made))
    question = ask(made, ledger, rest)
    supplies = {supply.name: supply for supply in ledger.supplies("P")}
    parts = [
        Part(wanted, kind, None if kind is SourceType.STOCK else source, quantity, supplies.get(source or ""))
        for (wanted, quantity), (kind, source) in zip(rest, chosen, strict=True)
    ]
    return develop(made, ledger, Netting((), rest), parts, question)


def told(draft: Draft) -> list[tuple[str, str, str | None]]:
    return [(part.line.order_id, str(part.source_type), part.source_id) for part in draft.parts]


UNIT, STOCK, SUPPLIER, UNSERVED = SourceType.UNIT, SourceType.STOCK, SourceType.SUPPLIER, SourceType.UNSERVED


def two_ways(**more: Any) -> Snapshot:
    return plant([line("A", 2, due=9), line("B", 2, due=10)], [step("U1", 30), step("V1", 40)], **more)


def test_every_choice_gets_its_supply_and_says_why_beside_the_others() -> None:
    draft = developed(two_ways(), (UNIT, "U"), (UNIT, "V"))
    assert told(draft) == [("A", "unit", "U"), ("B", "unit", "V")]
    assert all(part.supply is not None and part.supply.free == 0 for part in draft.parts)
    first, second = (part.reason for part in draft.parts)
    assert first.startswith("costs least: 60.00")
    assert "instead of V 80.00" in first
    assert second.startswith("balances load and cost: 80.00")


def test_a_source_that_turns_out_empty_gives_way_to_the_next_best() -> None:
    stock = [Stock(item_id="P", on_hand=3)]
    draft = developed(two_ways(stock=stock), (STOCK, "P@"), (STOCK, "P@"))
    assert told(draft) == [("A", "stock", "P@"), ("B", "unit", "U")]


def test_where_every_source_fails_the_line_is_unserved_with_every_cause() -> None:
    snapshot = plant(
        [line("A", 2, due=9), line("B", 2, due=10)],
        [step("U1", 30)],
        bom=[BomLine(item_id="P", component_id="C", quantity_per=1)],
        stock=[Stock(item_id="C", on_hand=2)],
    )
    draft = developed(snapshot, (UNIT, "U"), (UNIT, "U"))
    assert told(draft) == [("A", "unit", "U"), ("B", "unserved", None)]
    assert draft.parts[1].reason == "unit U: nothing supplies 2 of component C"
    assert [job.line.order_id for job in draft.ledger.jobs] == ["A"]


def test_lines_due_first_are_developed_first_whatever_their_priority() -> None:
    snapshot = plant(
        [line("A", 2, due=9), line("B", 2, due=5)],
        [step("U1", 30)],
        bom=[BomLine(item_id="P", component_id="C", quantity_per=1)],
        stock=[Stock(item_id="C", on_hand=2)],
    )
    draft = developed(snapshot, (UNIT, "U"), (UNIT, "U"))
    assert told(draft) == [("B", "unit", "U"), ("A", "unserved", None)]


def test_what_the_allocation_left_unserved_stays_so() -> None:
    assert told(developed(two_ways(), (UNSERVED, None), (UNIT, "U"))) == [("A", "unserved", None), ("B", "unit", "U")]


def test_a_purchase_and_a_late_receipt_are_realised_too() -> None:
    snapshot = plant(
        [line("A", 2, due=9), line("B", 2, due=10)],
        suppliers=[Supplier(supplier_id="Z")],
        offers=[Offer(supplier_id="Z", item_id="P", lead_time_days=1, unit_price=3)],
        receipts=[Receipt(receipt_id="R", item_id="P", quantity=2, available_at=at(20))],
    )
    draft = developed(snapshot, (SUPPLIER, "Z"), (STOCK, "R"))
    assert told(draft) == [("A", "supplier", "Z"), ("B", "receipt", "R")]
    assert draft.parts[1].reason == "on its way"
    assert [purchase.quantity for purchase in draft.ledger.purchases] == [2]


# ------------------------------------------------------------------------------------------------ shares


def shared(share: str | None) -> Snapshot:
    units = [ProductionUnit(unit_id="U", max_share=share), ProductionUnit(unit_id="V")]
    return two_ways(production_units=units)


def kept(snapshot: Snapshot, *chosen: tuple[SourceType, str]) -> list[str | None] | None:
    """Return who serves after units above their share have given up some; None where nothing changes."""
    made = Plant(snapshot)
    rest = tuple((each, each.quantity) for each in by_urgency(made))
    question = ask(made, Ledger(made), rest)
    parts = [
        Part(wanted, kind, source, quantity) for (wanted, quantity), (kind, source) in zip(rest, chosen, strict=True)
    ]
    found = keep_shares(made, parts, developed(snapshot, *chosen).parts, question, set())
    return None if found is None else sorted(part.source_id or "" for part in found)


def test_a_unit_above_its_share_hands_over_to_another() -> None:
    assert kept(shared("0.5"), (UNIT, "U"), (UNIT, "U")) == ["U", "V"]


def test_units_that_keep_to_their_share_give_up_nothing() -> None:
    assert kept(shared("0.5"), (UNIT, "U"), (UNIT, "V")) is None
    assert kept(shared("0.49"), (UNIT, "U"), (UNIT, "V")) is not None
    assert kept(shared(None), (UNIT, "U"), (UNIT, "U")) is None
