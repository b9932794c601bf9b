from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.properties.hand_made import line, plant, step

from orderopt.models.network import Lane, Offer, Stock, Supplier
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.candidates import TooLargeError, gather
from orderopt.testing.generate import generate_snapshot

D = Decimal


def sells(item: str, *offers: dict[str, Any]) -> dict[str, Any]:
    rows_of = [
        Offer(**({"supplier_id": "Z", "item_id": item, "lead_time_days": 1, "unit_price": 1} | each)) for each in offers
    ]
    return {"suppliers": [Supplier(supplier_id="Z")], "offers": rows_of}


def candidates(snapshot: Snapshot) -> Any:
    return gather(Plant(snapshot))


def test_every_source_and_way_of_a_line_is_a_candidate() -> None:
    lanes = [
        Lane(origin=origin, destination="D", mode=mode)
        for origin, mode in (("U", "a"), ("U", "b"), ("S", "a"), ("Z", "a"))
    ]
    snapshot = plant(
        [line("A", 2, due=9, destination="D")],
        [step("U1", 30)],
        lanes=lanes,
        stock=[Stock(item_id="P", on_hand=2, site="S")],
        **sells("P", {}),
    )
    (question,) = candidates(snapshot).problem.lines
    assert [(each.job >= 0, each.supply) for each in question.candidates] == [
        (False, 0),
        (False, 1),
        (True, -1),
        (True, -1),
    ]


def test_a_line_that_may_split_has_a_job_of_every_size_and_of_what_the_stock_leaves() -> None:
    snapshot = plant(
        [line("A", 4, due=9, may_split=True, min_split=2)], [step("U1", 30)], stock=[Stock(item_id="P", on_hand="1.5")]
    )
    found = candidates(snapshot)
    made = sorted(part.quantity for part, _ in found.parts[0] if part.job is not None)
    assert made == [2, D("2.5"), 3, 4]
    assert found.is_exact


def test_a_plant_with_too_many_tasks_is_left_to_the_stages() -> None:
    with pytest.raises(TooLargeError):
        candidates(generate_snapshot(200, seed=0))


def test_a_weekly_maximum_offers_as_many_weeks_as_could_be_needed() -> None:
    snapshot = plant([line("A", 5, due=9)], **sells("P", {"max_per_week": 2}))
    weeks = {supply.week for supply in candidates(snapshot).problem.supplies if supply.is_bought}
    assert len(weeks) >= 3


def test_of_two_price_breaks_only_one_holds_in_a_week() -> None:
    snapshot = plant([line("A", 5, due=9)], **sells("P", {"unit_price": 3}, {"unit_price": 2, "from_quantity": 4}))
    first, second = (each for each in candidates(snapshot).problem.supplies if each.is_bought)
    assert first.week == second.week
    assert (first.least, first.most, second.least) == (0, 3, 4)
