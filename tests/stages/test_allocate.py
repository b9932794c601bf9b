from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.properties.hand_made import at, line, plant, step
from tests.stages.drafts import plan_well, rows

from orderopt.models.network import Offer, Receipt, Supplier
from orderopt.models.result import SourceType
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.allocate import allocate, on_ledger, unserved
from orderopt.stages.net import by_urgency
from orderopt.stages.supply import Ledger

D = Decimal


def bought(**more: Any) -> dict[str, Any]:
    return {
        "suppliers": [Supplier(supplier_id="Z", quality=more.pop("quality", 1))],
        "offers": [Offer(**({"supplier_id": "Z", "item_id": "P", "lead_time_days": 1, "unit_price": 3} | more))],
    }


def test_what_is_chosen_becomes_parts_and_the_rest_is_unserved_with_the_reasons() -> None:
    snapshot = plant(
        [line("A", 2, due=99), line("B", 2, due=99, item="Q"), line("C", 1, due=99, unserved_cost="0.5")], **bought()
    )
    made = Plant(snapshot)
    rest = [(each, each.quantity) for each in by_urgency(made)]
    parts, outcome, _ = allocate(made, Ledger(made), rest, Budget(seconds=5.0, workers=1), "greedy")
    assert [
        (part.line.order_id, str(part.source_type), part.source_id, part.quantity, part.reason) for part in parts
    ] == [
        ("A", "supplier", "Z", 2, ""),
        ("B", "unserved", None, 2, "no stock, receipt, unit or supplier offers Q"),
        ("C", "unserved", None, 1, "serving it would cost more than leaving it unserved"),
    ]
    assert outcome.objective == pytest.approx(2 * 3 + 100_000 + 0.5)


def test_reasons_are_said_once() -> None:
    (wanted,) = plant([line("A", 2, due=9)]).planned_lines
    part = unserved(wanted, D(2), ["closed", "far", "closed"])
    assert (part.reason, part.source_type) == ("closed; far", SourceType.UNSERVED)


def test_parts_move_to_another_ledger_with_their_supplies() -> None:
    made = Plant(
        plant([line("A", 2, due=0)], receipts=[Receipt(receipt_id="R", item_id="P", quantity=2, available_at=at(1))])
    )
    first, second = Ledger(made), Ledger(made)
    rest = [(each, each.quantity) for each in by_urgency(made)]
    parts, _, _ = allocate(made, first, rest, Budget(seconds=5.0, workers=1), "greedy")
    (moved,) = on_ledger(made, second, parts)
    assert moved.supply is next(second.supplies("P"))
    assert moved.supply is not parts[0].supply


def test_a_split_line_is_served_in_full_where_its_quantity_is_no_multiple_of_the_step() -> None:
    snapshot = plant([line("A", "2.5", due=99, may_split=True)], [step("U1", 30)])
    made = plan_well(snapshot, "dispatch")
    assert rows(made.allocation, "source_type", "quantity") == [("unit", D("2.5"))]
