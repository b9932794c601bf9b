from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.properties.hand_made import fixed, line, plant, step

from orderopt.models.calendar import Shift
from orderopt.models.item import BomLine, Item
from orderopt.models.network import Lane, Offer, ProductionUnit, Resource, Stock, Supplier
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.allocation.greedy import assign
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.sourcing import Source, assignment_cost
from orderopt.solvers.milp.program import solve
from orderopt.stages.net import by_urgency
from orderopt.stages.sourcing_question import MOST_LOTS, SourcingQuestion, ask
from orderopt.stages.supply import Ledger
from orderopt.testing.generate import generate_snapshot

D = Decimal


def question(snapshot: Snapshot, *, optimistic: bool = False) -> SourcingQuestion:
    """Return the question about all lines in full."""
    made = Plant(snapshot)
    return ask(made, Ledger(made), [(each, each.quantity) for each in by_urgency(made)], optimistic=optimistic)


def bought(**more: Any) -> dict[str, Any]:
    return {
        "suppliers": [Supplier(supplier_id="Z", quality=more.pop("quality", 1))],
        "offers": [Offer(**({"supplier_id": "Z", "item_id": "P", "lead_time_days": 1, "unit_price": 3} | more))],
    }


def test_every_source_and_every_way_is_an_option() -> None:
    snapshot = plant(
        [line("A", 2, due=9, destination="D")],
        [step("U1", 30), step("V1", 30)],
        production_units=[ProductionUnit(unit_id="U", site="S"), ProductionUnit(unit_id="V")],
        lanes=[Lane(origin="S", destination="D", mode=mode, lead_time_hours=1) for mode in ("road", "air")]
        + [Lane(origin="Z", destination="D")],
        stock=[Stock(item_id="P", on_hand=5, site="S")],
        **bought(),
    )
    asked = question(snapshot)
    (options,) = asked.options
    assert [(option.kind, option.source_id, option.lane and option.lane.mode) for option in options] == [
        (Source.SUPPLY, "P@S", "road"),
        (Source.SUPPLY, "P@S", "air"),
        (Source.UNIT, "U", "road"),
        (Source.UNIT, "U", "air"),
        (Source.SUPPLIER, "Z", None),
    ]
    assert asked.rejected == {"A/1": ["unit V: no lane leads to D"]}


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ({}, "no stock, receipt, unit or supplier offers P"),
        (bought(max_per_week=1), "supplier Z: cannot deliver 2 at once"),
        (
            {
                "operations": [step("U1", 30)],
                "production_units": [ProductionUnit(unit_id="U")],
                "resources": [Resource(resource_id="U1", unit_id="U")],
                "bom": [BomLine(item_id="P", component_id="C", quantity_per=1)],
                "items": [Item(item_id="P"), Item(item_id="C")],
            },
            "unit U: a component cannot be had",
        ),
        (
            {
                "operations": [step("U1", 40, breakable=False)],
                "production_units": [ProductionUnit(unit_id="U")],
                "resources": [Resource(resource_id="U1", unit_id="U", calendar_id="c")],
                "calendars": [Shift(calendar_id="c", weekday=0, opens="08:00", closes="09:00")],
            },
            "unit U: step 10 fits into no open window of its resources",
        ),
    ],
)
def test_a_source_that_cannot_serve_is_rejected_with_the_reason(tables: dict[str, Any], reason: str) -> None:
    snapshot = plant([line("A", 2, due=9)], **{key: value for key, value in tables.items() if key != "operations"})
    snapshot = snapshot.replace(operations=tables.get("operations", ()))
    asked = question(snapshot)
    assert asked.options == ((),)
    assert reason in asked.rejected["A/1"]


def test_a_line_that_may_split_is_counted_in_steps_of_its_item_and_in_coarser_lots_where_it_is_large() -> None:
    lines = [
        line("A", 6, due=9),
        line("B", 6, due=9, may_split=True, min_split=3),
        line("C", 4 * MOST_LOTS + 1, due=9, may_split=True),
    ]
    asked = question(plant(lines, [step("U1", 30)], items=[Item(item_id="P", quantity_step=2)]))
    assert (asked.lot, asked.problem.arrays.lots.tolist()) == ((6, 2, 6), [1, 3, 667])
    assert asked.problem.arrays.least_lots.tolist() == [1, 2, 1]


def test_no_part_of_a_line_whose_quantity_is_no_multiple_of_the_step_is_too_small() -> None:
    lines = [
        line("A", "2.5", due=9, may_split=True, min_split=1),
        line("B", "2.5", due=9, may_split=True, min_split="2.5"),
    ]
    arrays = question(plant(lines, [step("U1", 30)])).problem.arrays
    # three lots of one; the last is cut to a half, so that two are needed for at least one
    assert (arrays.lots.tolist(), arrays.least_lots.tolist()) == ([3, 3], [2, 3])


def test_what_a_supplier_cannot_deliver_at_once_is_bought_week_by_week_and_lines_share_the_weeks() -> None:
    lines = [line(name, 7, due=999, may_split=True) for name in "AB"]
    asked = question(plant(lines, **bought(max_per_week=4, quality="0.75")))
    arrays = asked.problem.arrays
    assert [[option.ready for option in found] for found in asked.options] == [[1440, 9600, 19680]] * 2
    assert asked.problem.arrays.pool_amount.tolist() == [3.0] * 3
    assert arrays.draw_pool.tolist() == [0, 1, 2] * 2
    assert arrays.draw_amount.tolist() == [1.0] * 6
    choice = assign(asked.problem)
    assert choice.lots.reshape(2, 3).sum(axis=0).tolist() == [3, 3, 3]


def test_a_week_that_holds_no_lawful_part_is_no_option() -> None:
    lines = [line("A", 7, due=999, may_split=True, min_split=5), line("B", 7, due=999)]
    asked = question(plant(lines, **bought(max_per_week=4)))
    assert asked.options == ((), ())
    assert asked.rejected["A/1"] == ["supplier Z: cannot deliver 7 at once"]


def test_stock_too_small_for_a_whole_line_is_no_option_for_it() -> None:
    stock = [Stock(item_id="P", on_hand=3)]
    assert question(plant([line("A", 4, due=9)], stock=stock)).options == ((),)
    assert len(question(plant([line("A", 4, due=9, may_split=True)], stock=stock)).options[0]) == 1


def test_minutes_of_a_group_are_open_minutes_times_capacity_less_what_is_fixed() -> None:
    snapshot = plant(
        [line("A", 1, due=24)],
        [step("U1", 30), step("U2", 30)],
        resources=[Resource(resource_id="U1", unit_id="U"), Resource(resource_id="U2", unit_id="U", capacity=2)],
        fixed_tasks=[fixed(-1, 2)],
    )
    arrays = question(snapshot, optimistic=True).problem.arrays
    assert arrays.bucket_end[0] == 1440
    assert arrays.group_minutes[0, 0] == 3 * 1440 - 120


def test_components_are_pools_of_what_lies_there_what_is_bought_and_what_is_made() -> None:
    snapshot = plant(
        [line("A", 2, due=9)],
        [step("U1", 30), step("U1", 4, item="C")],
        bom=[
            BomLine(item_id="P", component_id="C", quantity_per=3),
            BomLine(item_id="C", component_id="E", quantity_per=2),
        ],
        resources=[Resource(resource_id="U1", unit_id="U", cost_per_hour=60)],
        stock=[Stock(item_id="C", on_hand=4)],
        suppliers=[Supplier(supplier_id="Z", quality="0.5")],
        offers=[Offer(supplier_id="Z", item_id="E", lead_time_days=1, unit_price=3)],
    )
    arrays = question(snapshot).problem.arrays
    assert arrays.pool_amount.tolist() == [4.0, 0.0]
    assert arrays.pool_buy.tolist() == [np.inf, 6.0]
    assert arrays.pool_make.tolist() == [4.0, np.inf]
    assert (arrays.recipe_pool.tolist(), arrays.recipe_amount.tolist()) == ([1], [2.0])
    assert arrays.draw_amount.tolist() == [6.0]


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_of_the_optimistic_question_is_no_higher_than_any_choice_of_it_or_of_the_real_one(seed: int) -> None:
    snapshot = generate_snapshot(25, seed=seed)
    hopeful, real = question(snapshot, optimistic=True), question(snapshot)
    served = solve(hopeful.problem, Budget(seconds=20.0, workers=1), whole=False)
    assert served is not None
    assert served.bound <= assignment_cost(hopeful.problem, assign(hopeful.problem)) + 1e-6
    assert served.bound <= assignment_cost(real.problem, assign(real.problem)) + 1e-6


def test_a_line_whose_splits_lots_cannot_say_is_left_out_of_the_bound() -> None:
    lines = [line("A", "2.5", due=9, may_split=True), line("B", "2", due=9, may_split=True), line("C", "2.5", due=9)]
    snapshot = plant(lines, [step("U1", 30)])
    assert [each.order_id for each, _ in question(snapshot, optimistic=True).lines] == ["B", "C"]
    odd = snapshot.replace(stock=[Stock(item_id="P", on_hand="0.5")])
    assert [each.order_id for each, _ in question(odd, optimistic=True).lines] == ["C"]
