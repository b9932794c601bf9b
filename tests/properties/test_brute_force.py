"""The exhaustive planner against cases that were computed by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from brute_force import is_tiny, plan_exhaustively
from exhaustive.clock import Clock, count_open
from hand_made import START, at, fixed, line, plant, step
from hypothesis import assume, given
from plants import Features, plants

from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.item import BomLine, Item, Setup
from orderopt.models.network import Lane, Offer, ProductionUnit, Receipt, Resource, Stock, Supplier
from orderopt.models.order import Order
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot

if TYPE_CHECKING:
    pass


def terms(snapshot: Snapshot) -> dict[str, Decimal]:
    """Return the terms of the best plan that are not 0 and weigh something."""
    weights = snapshot.settings.weights()
    return {term: value for term, value in plan_exhaustively(snapshot).terms.items() if value and weights[term]}


def test_one_job_costs_its_machine_time() -> None:
    assert plan_exhaustively(plant([line("A", 2, due=2)], [step("U1", 30)])).objective == 60


def test_the_shorter_job_goes_first_where_both_are_due_at_once() -> None:
    snapshot = plant([line("A", 2, due=0.5), line("B", 1, due=0.5)], [step("U1", 30)])
    assert terms(snapshot) == {"production": 90, "tardiness": 60}


def test_priorities_turn_the_sequence_round() -> None:
    snapshot = plant([line("A", 2, due=0.5), line("B", 1, due=0.5)], [step("U1", 30)])
    orders = [Order(order_id="A", customer_id="K", priority=5), Order(order_id="B", customer_id="K")]
    assert terms(snapshot.replace(orders=orders)) == {"production": 90, "tardiness": 5 * 30 + 60}


def test_a_line_is_left_unserved_where_that_costs_less() -> None:
    snapshot = plant([line("A", 2, due=2, unserved_cost=59)], [step("U1", 30)])
    assert terms(snapshot) == {"unserved": 59}


def test_the_weight_of_a_term_counts() -> None:
    snapshot = plant([line("A", 2, due=2)], [step("U1", 30)])
    settings = Policy(horizon_start=START, weight_production=3)
    assert plan_exhaustively(snapshot.replace(settings=settings)).objective == 180


def test_the_row_with_exactly_these_families_beats_the_star() -> None:
    snapshot = plant(
        [line("A", 1, due=9, item="P"), line("B", 1, due=9, item="Q")],
        [step("U1", 30, item="P", family="red"), step("U1", 30, item="Q", family="blue")],
        setups=[
            Setup(resource_id="U1", from_family="*", to_family="blue", minutes=60, cost=7),
            Setup(resource_id="U1", from_family="red", to_family="blue", minutes=10, cost=1),
            Setup(resource_id="U1", from_family="*", to_family="red", minutes=60, cost=7),
        ],
    )
    assert terms(snapshot) == {"production": 70, "setup": 1}


def test_the_star_matches_the_same_family_again_and_the_initial_family() -> None:
    snapshot = plant(
        [line("A", 1, due=9), line("B", 1, due=9)],
        [step("U1", 30, family="red")],
        setups=[Setup(resource_id="U1", from_family="*", to_family="red", minutes=5, cost=2)],
    )
    assert terms(snapshot) == {"production": 65, "setup": 2}
    resources = [Resource(resource_id="U1", unit_id="U", cost_per_hour=60, initial_family="red")]
    assert terms(snapshot.replace(resources=resources)) == {"production": 70, "setup": 4}


@pytest.mark.parametrize(("breakable", "late"), [(True, 19 * 60), (False, 22 * 60)])
def test_only_breakable_work_pauses_over_a_closed_night(breakable: bool, late: int) -> None:
    snapshot = plant(
        [line("A", 1, due=4)],
        [step("U1", 300, breakable=breakable)],
        calendars=[Shift(calendar_id="day", weekday=day, opens="06:00", closes="12:00") for day in range(5)],
        resources=[Resource(resource_id="U1", unit_id="U", cost_per_hour=60, calendar_id="day")],
    )
    # Monday 08:00 to 12:00 and Tuesday 06:00 to 07:00, or Tuesday 06:00 to 11:00; due on Monday at 12:00
    assert terms(snapshot) == {"production": 300, "tardiness": late if breakable else late + 60}


def test_later_exceptions_win_over_earlier_ones() -> None:
    shifts = [Shift(calendar_id="day", weekday=0, opens="08:00", closes="12:00")]
    closed = CalendarException(calendar_id="day", starts_at=at(0), ends_at=at(4), open=False)
    opened = CalendarException(calendar_id="day", starts_at=at(1), ends_at=at(2), open=True)
    snapshot = plant([], calendars=shifts, calendar_exceptions=[closed, opened])
    assert count_open(Clock(snapshot).open_spans("day"), 0, 1440) == 60


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 5), (10, 25, 7), (3, 28, 6)])
def test_a_night_in_which_the_clock_changes_is_an_hour_shorter_or_longer(month: int, day: int, hours: int) -> None:
    midnight = datetime(2026, month, day, tzinfo=ZoneInfo("Europe/Berlin"))
    settings = Policy(horizon_start=midnight, timezone="Europe/Berlin")
    night = [Shift(calendar_id="night", weekday=weekday, opens="00:00", closes="06:00") for weekday in range(7)]
    spans = Clock(plant([], settings=settings, calendars=night)).open_spans("night")
    assert count_open(spans, 0, 12 * 60) == hours * 60


def test_poor_quality_starts_more_and_the_step_rounds_up() -> None:
    snapshot = plant(
        [line("A", 3, due=9)],
        [step("U1", 10)],
        production_units=[ProductionUnit(unit_id="U", quality="0.8")],
        items=[Item(item_id="P", quantity_step=2)],
    )
    assert terms(snapshot) == {"production": 40}


def test_steps_follow_each_other_after_the_transfer() -> None:
    snapshot = plant([line("A", 1, due=1)], [step("U1", 30, transfer_minutes="14.5"), step("U2", 30, op_no=20)])
    assert terms(snapshot) == {"production": 60, "tardiness": 15}


def test_the_cheaper_of_two_machines_is_taken_until_it_makes_things_late() -> None:
    machines = [
        Resource(resource_id="U1", unit_id="U", cost_per_hour=60),
        Resource(resource_id="U2", unit_id="U", cost_per_hour=90, efficiency=2),
    ]
    snapshot = plant([line("A", 1, due=9)], [step("U1", 60), step("U2", 60)], resources=machines)
    assert terms(snapshot) == {"production": 45}
    assert terms(snapshot.replace(order_lines=[line("A", 1, due=0.25)])) == {"production": 45, "tardiness": 15}


def test_a_resource_of_capacity_two_does_two_tasks_at_once() -> None:
    lines = [line(name, 1, due=1) for name in "ABC"]
    crew = [Resource(resource_id="U1", unit_id="U", cost_per_hour=60, capacity=2)]
    assert terms(plant(lines, [step("U1", 60)], resources=crew)) == {"production": 180, "tardiness": 60}


def test_stock_above_its_safety_serves_after_it_is_there_and_released() -> None:
    stock = [Stock(item_id="P", on_hand=3, safety_stock=1, available_at=at(2))]
    assert terms(plant([line("A", 2, due=1)], stock=stock)) == {"tardiness": 60}
    assert terms(plant([line("A", 2, due=1, release_at=at(3))], stock=stock)) == {"tardiness": 120}
    assert terms(plant([line("A", 3, due=1)], stock=stock)) == {"unserved": 100_000}


def test_a_line_that_may_split_takes_from_stock_and_makes_the_rest() -> None:
    stock = [Stock(item_id="P", on_hand=1)]
    split = line("A", 3, due=9, may_split=True)
    assert terms(plant([split], [step("U1", 10)], stock=stock)) == {"production": 20}
    refused = line("A", 3, due=9, may_split=True, min_split=2)
    assert terms(plant([refused], [step("U1", 10)], stock=stock)) == {"production": 30}
    assert terms(plant([line("A", 3, due=9)], [step("U1", 10)], stock=stock)) == {"production": 30}


def test_part_of_a_line_may_stay_unserved() -> None:
    stock = [Stock(item_id="P", on_hand=2)]
    assert terms(plant([line("A", 3, due=9, may_split=True, unserved_cost=90)], stock=stock)) == {"unserved": 30}


def offer(price: float, **more: Any) -> dict[str, Any]:
    """Return the tables of one supplier that sells P."""
    row = Offer(supplier_id="V", item_id="P", **({"lead_time_days": 1, "unit_price": price} | more))
    return {"suppliers": [Supplier(supplier_id="V")], "offers": [row]}


def test_a_purchase_keeps_minimum_and_multiple() -> None:
    lines = [line("A", 3, due=24)]
    assert terms(plant(lines, **offer(2, min_quantity=2))) == {"purchase": 6}
    assert terms(plant(lines, **offer(2, min_quantity=5, lot_multiple=2))) == {"purchase": 12}


def test_two_lines_share_one_purchase() -> None:
    lines = [line("A", 1, due=24), line("B", 2, due=24)]
    assert terms(plant(lines, **offer(2, min_quantity=3))) == {"purchase": 6}


def test_the_weekly_maximum_sends_the_second_line_to_the_next_week() -> None:
    lines = [line("A", 2, due=24), line("B", 2, due=24)]
    # the next ISO week begins on Monday at 00:00, 6 days and 16 hours after the start
    late = (6 * 24 + 16 - 24) * 60
    assert terms(plant(lines, **offer(2, max_per_week=3))) == {"purchase": 8, "tardiness": late}


def test_the_price_break_counts_from_its_quantity_on() -> None:
    tables = offer(5)
    tables["offers"] += offer(4, from_quantity=3)["offers"]
    assert terms(plant([line("A", 2, due=24)], **tables)) == {"purchase": 10}
    assert terms(plant([line("A", 3, due=24)], **tables)) == {"purchase": 12}


def test_more_is_bought_than_needed_where_the_price_break_makes_that_cheaper() -> None:
    tables = offer(5)
    tables["offers"] += offer(2, from_quantity=4)["offers"]
    assert terms(plant([line("A", 1, due=24)], **tables)) == {"purchase": 5}
    assert terms(plant([line("A", 2, due=24)], **tables)) == {"purchase": 8}


def test_a_supplier_of_poor_quality_is_asked_for_more_when_it_is_open() -> None:
    tables = offer(2)
    tables["suppliers"] = [Supplier(supplier_id="V", quality="0.5", calendar_id="tuesday")]
    tables["calendars"] = [Shift(calendar_id="tuesday", weekday=1, opens="10:00", closes="11:00")]
    assert terms(plant([line("A", 1, due=24)], **tables)) == {"purchase": 4, "tardiness": 120}


def lane(**more: Any) -> Lane:
    """Return a lane of two hours from U to D."""
    return Lane(**({"origin": "U", "destination": "D", "lead_time_hours": 2} | more))


def test_a_part_arrives_a_lane_later_and_pays_for_it() -> None:
    lines = [line("A", 2, due=1, destination="D")]
    snapshot = plant(lines, [step("U1", 30)], lanes=[lane(cost_fixed=5, cost_per_unit=3)])
    assert terms(snapshot) == {"production": 60, "tardiness": 120, "transport": 11}


def test_without_a_lane_to_the_destination_a_source_is_ruled_out() -> None:
    lines = [line("A", 2, due=1, destination="D")]
    assert terms(plant(lines, [step("U1", 30)], lanes=[lane(origin="V")])) == {"unserved": 100_000}


def test_a_part_that_no_shipment_holds_is_torn_apart() -> None:
    lines = [line("A", 3, due=3, destination="D")]
    at_once = plant(lines, [step("U1", 20)], lanes=[lane(capacity=2, cost_fixed=5, cost_per_unit=1)])
    assert terms(at_once) == {"production": 60, "transport": 13}
    daily = plant(lines, [step("U1", 20)], lanes=[lane(capacity=2, cost_fixed=5, departs="*/09:00")])
    assert terms(daily) == {"production": 60, "transport": 10, "tardiness": 24 * 60}


def test_the_faster_of_two_modes_is_taken_where_it_pays() -> None:
    lanes = [lane(mode="road"), lane(mode="air", lead_time_hours=1, cost_fixed=50)]
    late = plant([line("A", 1, due=1, destination="D")], [step("U1", 30)], lanes=lanes)
    assert terms(late) == {"production": 30, "tardiness": 30, "transport": 50}
    early = plant([line("A", 1, due=3, destination="D")], [step("U1", 30)], lanes=lanes)
    assert terms(early) == {"production": 30}


def test_parts_share_a_departure_until_it_is_full() -> None:
    lines = [line("A", 1, due=3, destination="D"), line("B", 1, due=3, destination="D")]
    daily = lane(departs="*/09:00", cost_fixed=4)
    together = plant(lines, [step("U1", 30)], lanes=[daily])
    assert terms(together) == {"production": 60, "transport": 4}
    full = plant(lines, [step("U1", 30)], lanes=[daily.model_copy(update={"capacity": Decimal(1)})])
    assert terms(full) == {"production": 60, "transport": 8, "tardiness": 24 * 60}


def assembly(**more: Any) -> Snapshot:
    """Return a plant whose P takes two of C, which U2 can make."""
    return plant(
        [line("A", 1, due=2)],
        [step("U1", 60), step("U2", 45, item="C")],
        **({"bom": [BomLine(item_id="P", component_id="C", quantity_per=2)]} | more),
    )


def test_a_component_job_comes_before_the_task_that_draws_it() -> None:
    assert terms(assembly()) == {"production": 150, "tardiness": 30}


def test_components_mix_stock_and_a_job() -> None:
    assert terms(assembly(stock=[Stock(item_id="C", on_hand=1)])) == {"production": 105}


def test_a_receipt_makes_the_task_wait() -> None:
    receipts = [Receipt(receipt_id="R", item_id="C", quantity=2, available_at=at(1.25))]
    assert terms(assembly(receipts=receipts)) == {"production": 60, "tardiness": 15}


def test_scrap_takes_more_of_a_component() -> None:
    bom = [BomLine(item_id="P", component_id="C", quantity_per=2, scrap="0.1")]
    assert terms(assembly(bom=bom, stock=[Stock(item_id="C", on_hand="2.2")])) == {"production": 60}
    # 0.2 more must be made, and a whole one is
    assert terms(assembly(bom=bom, stock=[Stock(item_id="C", on_hand=2)])) == {"production": 105}


def test_one_purchase_serves_two_jobs_with_what_the_lot_leaves() -> None:
    snapshot = plant(
        [line("A", 1, due=99), line("B", 1, due=99)],
        [step("U1", 60)],
        bom=[BomLine(item_id="P", component_id="C", quantity_per="1.5")],
        suppliers=[Supplier(supplier_id="V")],
        offers=[Offer(supplier_id="V", item_id="C", lead_time_days=1, unit_price=10, lot_multiple=3)],
    )
    assert terms(snapshot) == {"production": 120, "purchase": 30}


def test_work_goes_around_a_fixed_task_or_before_it_if_it_fits() -> None:
    operations = [step("U1", 60), step("U1", 60, item="X")]
    late = plant([line("A", 1, due=1)], operations, fixed_tasks=[fixed(0.5, 1.5, item_id="X")])
    assert terms(late) == {"production": 60, "tardiness": 90}
    in_time = plant([line("A", 1, due=1)], operations, fixed_tasks=[fixed(1, 2, item_id="X")])
    assert terms(in_time) == {"production": 60}


def test_a_job_begun_for_one_line_serves_another_where_that_is_cheaper() -> None:
    lines = [line("A", 1, due=9, unserved_cost=10), line("B", 1, due=9)]
    begun = fixed(-1, 0.5, order_id="A", line_no="1")
    assert terms(plant(lines, [step("U1", 60)], fixed_tasks=[begun])) == {"unserved": 10}


def test_a_job_that_has_begun_serves_its_line_and_its_steps_are_finished() -> None:
    snapshot = plant(
        [line("A", 1, due=1)],
        [step("U1", 60), step("U2", 60, op_no=20), step("U3", 30, op_no=30)],
        fixed_tasks=[fixed(-1, 0.5, op_no=20, resource_id="U2", order_id="A", line_no="1")],
    )
    assert terms(snapshot) == {"production": 30}


def test_nothing_new_starts_before_frozen_until() -> None:
    settings = Policy(horizon_start=START, frozen_until=at(1))
    snapshot = plant([line("A", 1, due=1)], [step("U1", 60)], settings=settings)
    assert terms(snapshot) == {"production": 60, "tardiness": 60}


def two_units(**more: Any) -> Snapshot:
    """Return a plant in which U is cheap and V is dear."""
    machines = [
        Resource(resource_id="U1", unit_id="U", cost_per_hour=6),
        Resource(resource_id="V1", unit_id="V", cost_per_hour=60),
    ]
    lines = [line("A", 1, due=9), line("B", 1, due=9)]
    return plant(lines, [step("U1", 60), step("V1", 60)], **({"resources": machines} | more))


def test_a_unit_with_a_share_leaves_the_rest_to_others() -> None:
    assert terms(two_units()) == {"production": 12}
    units = [ProductionUnit(unit_id="U", max_share="0.5"), ProductionUnit(unit_id="V")]
    assert terms(two_units(production_units=units)) == {"production": 66}


def test_fairness_spreads_the_load() -> None:
    settings = Policy(horizon_start=START, weight_fairness=1000)
    assert terms(two_units(settings=settings)) == {"production": 66}
    # over one day two hours at one unit are a spread of 1/12
    unfair = Policy(horizon_start=START, weight_fairness=600)
    assert plan_exhaustively(two_units(settings=unfair)).objective == 12 + 50


def test_ended_orders_are_not_planned() -> None:
    snapshot = plant([line("A", 2, due=2)], [step("U1", 30)])
    cancelled = snapshot.replace(orders=[Order(order_id="A", customer_id="K", status="Cancelled")])
    assert plan_exhaustively(cancelled).objective == 0


@given(plants(size="tiny"))
def test_a_dearer_penalty_never_makes_a_plan_cheaper(snapshot: Snapshot) -> None:
    assume(is_tiny(snapshot))
    settings = snapshot.settings.model_copy(update={"weight_tardiness": snapshot.settings.weight_tardiness * 2})
    dearer = snapshot.replace(settings=settings)
    assert plan_exhaustively(snapshot).objective <= plan_exhaustively(dearer).objective


@given(plants(Features.only("stock", "bom", "units", "setups")))
def test_more_stock_never_makes_a_plan_dearer(snapshot: Snapshot) -> None:
    assume(is_tiny(snapshot))
    more = [row.model_copy(update={"on_hand": row.on_hand + 1}) for row in snapshot.stock]
    assert plan_exhaustively(snapshot.replace(stock=more)).objective <= plan_exhaustively(snapshot).objective
