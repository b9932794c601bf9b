from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.properties.hand_made import START, at, fixed, line, plant, step

from orderopt.models.calendar import Shift
from orderopt.models.item import BomLine, Item, Setup
from orderopt.models.network import Lane, Offer, ProductionUnit, Receipt, Resource, Stock, Supplier
from orderopt.models.order import Order
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, ceil_to, ceil_whole

D = Decimal


@given(st.decimals("0.000001", 10_000, places=6), st.sampled_from([D(1), D("0.5"), D(3), D("0.000007")]))
def test_rounding_up_gives_the_smallest_multiple_that_is_not_below(value: Decimal, multiple: Decimal) -> None:
    rounded = ceil_to(value, multiple)
    assert rounded >= value > rounded - multiple
    assert rounded % multiple == 0
    assert ceil_whole(value) - 1 < value <= ceil_whole(value)


def test_work_is_the_fixed_and_the_unit_minutes_over_the_efficiency_rounded_up() -> None:
    made = Plant(
        plant(
            [line("A", 7, due=9)],
            [step("U1", "2.5", fixed_minutes=10)],
            resources=[Resource(resource_id="U1", unit_id="U", efficiency="1.3")],
        )
    )
    (option,) = made.routings["P", "U"][0].alternatives
    assert made.work(option, D(7)) == 22  # (10 + 7 × 2.5) / 1.3 = 21.15
    assert made.work(option, D(0)) == 8


def test_components_are_drawn_by_the_step_they_name_and_else_by_the_first() -> None:
    bom = [
        BomLine(item_id="P", component_id=name, quantity_per=1, op_no=op_no)
        for name, op_no in (("early", None), ("late", 20), ("stray", 99))
    ]
    steps = Plant(plant([line("A", 1, due=9)], [step("U1", 1), step("U1", 1, op_no=20)], bom=bom)).routings["P", "U"]
    assert [[row.component_id for row in each.components] for each in steps] == [["early", "stray"], ["late"]]


def test_a_resource_on_which_a_step_never_fits_is_no_alternative() -> None:
    shifts = [Shift(calendar_id="short", weekday=day, opens="08:00", closes="09:00") for day in range(7)]
    resources = [Resource(resource_id="U1", unit_id="U", calendar_id="short"), Resource(resource_id="U2", unit_id="U")]
    rows = [step("U1", 61, breakable=False), step("U2", 61, breakable=False)]
    made = Plant(plant([line("A", 1, due=9)], rows, resources=resources, calendars=shifts))
    (only,) = made.routings["P", "U"]
    assert [option.operation.resource_id for option in made.usable(only, D(1))] == ["U2"]


def test_poor_quality_starts_more_in_steps() -> None:
    made = Plant(plant([line("A", 1, due=9)], [step("U1", 1)], items=[Item(item_id="P", quantity_step=4)]))
    assert made.started("P", D(9), D("0.9")) == 12


def test_planning_starts_where_what_is_frozen_ends_but_stock_may_be_handed_over_before() -> None:
    made = Plant(
        plant(
            [line("A", 1, due=9, release_at=at(1)), line("B", 1, due=9, release_at=at(5))],
            [step("U1", 1)],
            settings=Policy(horizon_start=START, frozen_until=at(2)),
        )
    )
    first, second = made.snapshot.planned_lines
    assert (made.start, made.release(None), made.release(first), made.release(second)) == (120, 120, 120, 300)
    assert (made.handover(None), made.handover(first), made.handover(second)) == (0, 60, 300)


# ------------------------------------------------------------------------------------------------ ways


def with_lanes(*lanes: Lane, destination: str | None = "D") -> Plant:
    return Plant(
        plant(
            [line("A", 5, due=9, destination=destination)],
            [step("U1", 1)],
            production_units=[ProductionUnit(unit_id="U", site="S")],
            lanes=lanes,
        )
    )


def test_ways_lead_from_the_unit_and_from_its_site_and_staying_is_one_where_the_line_is_at_home() -> None:
    road, air = Lane(origin="S", destination="D"), Lane(origin="U", destination="D", mode="air")
    made = with_lanes(road, air, Lane(origin="X", destination="D"), Lane(origin="S", destination="E"))
    (wanted,) = made.snapshot.planned_lines
    assert made.lanes(("U", "S"), wanted) == (air, road)
    assert made.lanes(("X2", None), wanted) == ()
    assert with_lanes().lanes(("D", "S"), wanted) == (None,)
    assert with_lanes(destination=None).lanes(("U",), with_lanes(destination=None).snapshot.planned_lines[0]) == (None,)


def test_goods_leave_at_once_or_by_the_timetable_and_travel_the_lead_time() -> None:
    at_once = Lane(origin="S", destination="D", lead_time_hours="1.51")
    daily = Lane(origin="S", destination="D", departs="*/16:00", lead_time_hours=2)
    made = with_lanes(at_once, daily)  # the start is Monday 08:00
    assert made.arrival(None, 77) == 77
    assert made.arrival(at_once, 100) == 100 + 91
    assert made.arrival(daily, 480) == 480 + 120
    assert made.arrival(daily, 481) == 480 + 1440 + 120
    assert made.arrival(daily, made.until + 8 * 1440) == FOREVER
    assert made.departures(at_once) is None


def test_departures_keep_their_time_on_the_wall_when_the_clock_changes() -> None:
    snapshot = Snapshot(settings=Policy(horizon_start="2026-03-28T00:00:00+01:00", timezone="Europe/Berlin"))
    made = Plant(snapshot)
    lane = Lane(origin="S", destination="D", departs="*/16:00")
    leaves = made.departures(lane)[:3]
    assert [f"{made.clock.moment(leave):%d %H:%M}" for leave in leaves] == ["28 16:00", "29 16:00", "30 16:00"]


def test_freight_pays_for_every_shipment_that_the_capacity_makes_needed() -> None:
    lane = Lane(origin="S", destination="D", cost_fixed=10, cost_per_unit=2, capacity=4)
    made = with_lanes(lane)
    assert [made.freight(lane, D(quantity)) for quantity in (4, 5)] == [18, 30]
    assert made.freight(None, D(5)) == 0
    assert made.freight(lane.model_copy(update={"capacity": None}), D(5)) == 20


# ------------------------------------------------------------------------------------------------ costs and buying


def test_what_being_late_and_unserved_costs_counts_both_priorities_and_the_weights() -> None:
    snapshot = plant(
        [line("A", 2, due=9, tardiness_cost=1440, unserved_cost=None, unit_price=7)],
        [step("U1", 1)],
        settings=Policy(horizon_start=START, weight_tardiness=2, weight_unserved=3),
    )
    snapshot = snapshot.replace(orders=[Order(order_id="A", customer_id="K", priority=5)])
    made = Plant(snapshot)
    assert made.minute_cost["A/1"] == 1440 * 5 * 2 / 1440
    assert made.unserved_cost["A/1"] == 3 * (2 * 7 + 100 * 1440 * 5)


def test_a_purchase_arrives_after_the_lead_time_when_the_supplier_is_open() -> None:
    offer = Offer(supplier_id="Z", item_id="P", lead_time_days="0.6", unit_price=1)
    shifts = [Shift(calendar_id="day", weekday=day, opens="09:00", closes="10:00") for day in range(7)]
    made = Plant(
        plant(
            [line("A", 1, due=9)],
            suppliers=[Supplier(supplier_id="Z", calendar_id="day")],
            offers=[offer],
            calendars=shifts,
        )
    )
    assert made.receivable("Z", offer) == 25 * 60  # Monday 22:24 is closed; Tuesday 09:00 is 25 hours off


def test_weeks_are_those_of_the_calendar_on_the_wall() -> None:
    made = Plant(plant([line("A", 1, due=9)]))
    assert made.weeks[0] == -8 * 60
    assert [made.week(minute) for minute in (0, 7 * 1440 - 481, 7 * 1440 - 480)] == [0, 0, 1]


def test_families_count_from_one_and_only_where_there_are_setups() -> None:
    rows = [step("U1", 1, family="red"), step("U2", 1, op_no=20, family="red")]
    machine = Resource(resource_id="U1", unit_id="U", initial_family="green")
    made = Plant(
        plant(
            [line("A", 1, due=9)],
            rows,
            resources=[machine, Resource(resource_id="U2", unit_id="U")],
            setups=[Setup(resource_id="U1", from_family="*", to_family="blue", minutes=1)],
        )
    )
    assert made.families == {"U1": {"blue": 1, "red": 2, "green": 3}}


# ------------------------------------------------------------------------------------------------ estimates


def test_the_least_time_and_cost_of_making_are_those_of_the_best_ways_behind_the_components() -> None:
    rows = [step("U1", 10), step("U2", 30), step("U3", 5, op_no=20), step("V1", 60, item="C")]
    made = Plant(
        plant(
            [line("A", 2, due=9)],
            rows,
            bom=[BomLine(item_id="P", component_id="C", quantity_per=1)],
            suppliers=[Supplier(supplier_id="Z")],
            offers=[Offer(supplier_id="Z", item_id="C", lead_time_days=1, unit_price=1)],
        )
    )
    ready, cost = made.estimates.least("P", "U", D(2), None, made.start)
    assert (ready, cost) == (0 + 20 + 10, 20 + 10)  # C could be made at once, in no time at least
    no_maker = Plant(made.snapshot.replace(operations=rows[:3]))
    assert no_maker.estimates.least("P", "U", D(2), None, no_maker.start)[0] == 1440 + 30


def test_a_component_that_nobody_has_makes_an_item_impossible() -> None:
    made = Plant(
        plant([line("A", 1, due=9)], [step("U1", 1)], bom=[BomLine(item_id="P", component_id="C", quantity_per=1)])
    )
    assert made.estimates.least("P", "U", D(1), None, 0)[0] == FOREVER
    assert made.estimates.make("P", "U", D(1), 1.5) == (FOREVER, float("inf"))
    assert made.estimates.have("C", D(1), 1.5) == (FOREVER, float("inf"))


def test_a_component_is_there_when_the_first_stock_receipt_or_running_job_is() -> None:
    snapshot = plant([line("A", 1, due=9)], [step("U1", 1), step("U1", 1, item="C")])
    receipts = [Receipt(receipt_id="R", item_id="C", quantity=1, available_at=at(3))]
    stock = [Stock(item_id="C", on_hand=5, safety_stock=5), Stock(item_id="C", on_hand=1, site="S", available_at=at(2))]
    running = [fixed(-1, 1, item_id="C")]
    for tables, ready in (
        ({"receipts": receipts}, 180),
        ({"receipts": receipts, "stock": stock}, 120),
        ({"receipts": receipts, "stock": stock, "fixed_tasks": running}, 60),
    ):
        assert Plant(snapshot.replace(**tables)).estimates.have("C", D(1), 1.5) == (ready, 0.0)


def test_load_is_compared_over_the_window_up_to_the_horizon_or_the_last_due_date() -> None:
    crew = [Resource(resource_id="U1", unit_id="U", capacity=3)]
    snapshot = plant([line("A", 1, due=48)], [step("U1", 1)], resources=crew)
    assert Plant(snapshot).unit_capacity == [3 * 48 * 60]
    ending = snapshot.replace(settings=Policy(horizon_start=START, horizon_end=START + timedelta(hours=5)))
    assert Plant(ending).unit_capacity == [3 * 5 * 60]
    assert Plant(plant([])).window_end == 1440
    assert Plant(snapshot).clock.moment(0) == START
    assert isinstance(Plant(snapshot).clock.moment(0), datetime)


def test_a_unit_whose_step_is_never_open_is_estimated_as_never_rather_than_failing() -> None:
    snapshot = plant(
        [line("A", 1, due=9)],
        [step("U1", 1)],
        resources=[Resource(resource_id="U1", unit_id="U", calendar_id="never")],
        calendars=[Shift(calendar_id="never", weekday=0, opens="08:00", closes="09:00")],
    )
    closed = snapshot.replace(
        calendar_exceptions=[
            {"calendar_id": "never", "starts_at": at(-3000), "ends_at": at(24 * 365 * 8), "open": False}
        ]
    )
    assert Plant(closed).stretch(0) == pytest.approx(1e6)
    assert Plant(closed).estimates.least("P", "U", D(1), None, 0)[0] == FOREVER
