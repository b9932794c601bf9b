from __future__ import annotations

import pytest
from tests.properties.hand_made import line, plant, step

from orderopt.models.item import BomLine, Setup
from orderopt.models.network import Lane, Offer, Resource, Stock, Supplier
from orderopt.models.snapshot import Snapshot
from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.cpsat.integrated import decide
from orderopt.stages.candidates import gather


def answer(snapshot: Snapshot, top: float, seconds: float = 20.0):
    told: list[Progress] = []
    candidates = gather(Plant(snapshot))
    outcome = decide(candidates.problem, Budget(seconds=seconds, workers=1, on_progress=told.append), top)
    return candidates, outcome, told


def cases() -> dict[str, tuple[Snapshot, float]]:
    """Return plants with the cost of their best plan, by hand; machines cost 1 a minute, a line 1 a minute late."""
    two = [line("A", 2, due=0.5), line("B", 1, due=0.5)]
    bolts = {
        "bom": [BomLine(item_id="P", component_id="C", quantity_per=2)],
        "stock": [Stock(item_id="C", on_hand=3)],
        "suppliers": [Supplier(supplier_id="Z")],
        "offers": [Offer(supplier_id="Z", item_id="C", lead_time_days=0, unit_price=5, min_quantity=4)],
    }
    colours = {
        "resources": [Resource(resource_id="U1", unit_id="U", cost_per_hour=60, initial_family="blue")],
        "setups": [Setup(resource_id="U1", from_family="*", to_family="red", minutes=10, cost=3)],
    }
    return {
        "the shorter job first": (plant(two, [step("U1", 30)]), 90 + 60),
        "unserved where that is cheaper": (plant([line("A", 2, due=2, unserved_cost=59)], [step("U1", 30)]), 59),
        "bought in lots": (plant([line("A", 2, due=9)], [step("U1", 30)], **bolts), 60 + 4 * 5),
        "a changeover": (plant([line("A", 1, due=9)], [step("U1", 30, family="red")], **colours), 30 + 10 + 3),
        "freight": (
            plant(
                [line("A", 3, due=9, destination="D")],
                [step("U1", 10)],
                lanes=[Lane(origin="U", destination="D", cost_fixed=7, cost_per_unit=1, capacity=2)],
            ),
            30 + 2 * 7 + 3,
        ),
    }


@pytest.mark.parametrize("name", cases())
def test_the_one_model_finds_and_proves_the_cost_worked_out_by_hand(name: str) -> None:
    snapshot, cost = cases()[name]
    _, outcome, told = answer(snapshot, top=cost + 1000)
    assert outcome.status is Status.OPTIMAL
    assert outcome.objective == pytest.approx(cost, abs=0.01)
    assert outcome.bound == pytest.approx(cost, abs=0.01)
    assert told
    assert all(word.stage == "integrate" for word in told)


@pytest.mark.parametrize("name", cases())
def test_where_nothing_beats_what_is_known_that_is_proven(name: str) -> None:
    snapshot, cost = cases()[name]
    _, outcome, _ = answer(snapshot, top=cost - 0.5)
    assert (outcome.status, outcome.answer, outcome.bound) == (Status.INFEASIBLE, None, cost - 0.5)


def test_the_answer_names_what_is_made_and_what_is_bought() -> None:
    snapshot, cost = cases()["bought in lots"]
    candidates, outcome, _ = answer(snapshot, top=cost + 1)
    choice = outcome.require()
    assert len(choice.jobs) == 1
    assert sum(choice.lots.values()) == 4
    assert sum(quantity for *_, quantity in choice.pegs) == 4_000_000
    assert candidates.is_exact
