from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.properties.hand_made import at, line, plant

from orderopt.models.network import Lane, Stock
from orderopt.models.order import OrderLine
from orderopt.models.result import SourceType, SupplyType
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.promise import promise
from orderopt.stages.ship import Transport, ship
from orderopt.stages.supply import Part, Supply

D = Decimal


def world(*lines: OrderLine, lanes: list[Lane]) -> Plant:
    snapshot: Snapshot = plant(lines, lanes=lanes, stock=[Stock(item_id="P", on_hand=1, site="S")])
    return Plant(snapshot)


def part(made: Plant, number: int, quantity: int, available: int, kind: SupplyType = SupplyType.RECEIPT) -> Part:
    """Return a part of a line served from something that lies at S."""
    supply = Supply(kind, f"s{number}", "P", D(0), available, "S")
    return Part(made.snapshot.planned_lines[number], SourceType.RECEIPT, "S", D(quantity), supply)


def shipped(transport: Transport) -> list[tuple[int, int, list[tuple[str, Decimal]], Decimal]]:
    """Return (departure, arrival, load, cost) of each shipment."""
    return [
        (each.depart, each.arrive, [(aboard.line.order_id, quantity) for aboard, quantity in each.load], each.cost)
        for each in transport.shipments
    ]


def to(name: str, quantity: int = 3, due: float = 99, **more: Any) -> OrderLine:
    return line(name, quantity, due, destination="D", **more)


def test_a_part_without_destination_stays_where_it_is() -> None:
    made = world(line("A", 3, due=9), lanes=[])
    parts = [part(made, 0, 3, 77)]
    transport = ship(made, parts)
    assert (shipped(transport), transport.arrival[id(parts[0])]) == ([], 77)


def test_without_a_timetable_every_part_leaves_alone_at_once_in_as_many_shipments_as_it_needs() -> None:
    lane = Lane(origin="S", destination="D", lead_time_hours=1, cost_fixed=10, cost_per_unit=2, capacity=2)
    made = world(to("A", 5), to("B", 1), lanes=[lane])
    parts = [part(made, 0, 5, 30), part(made, 1, 1, 30)]
    assert shipped(ship(made, parts)) == [
        (30, 90, [("A", 2)], 14),
        (30, 90, [("A", 2)], 14),
        (30, 90, [("A", 1)], 12),
        (30, 90, [("B", 1)], 12),
    ]


def timetable(**more: Any) -> Lane:
    """Return a lane that leaves every day at 10:00 and 16:00; the start is 08:00."""
    return Lane(origin="S", destination="D", departs="*/10:00; */16:00", lead_time_hours=1, cost_fixed=10, **more)


def test_what_leaves_together_is_one_shipment() -> None:
    made = world(to("A"), to("B"), to("C"), lanes=[timetable()])
    parts = [part(made, 0, 3, 10), part(made, 1, 3, 120), part(made, 2, 3, 121)]
    assert shipped(ship(made, parts)) == [(120, 180, [("A", 3), ("B", 3)], 10), (480, 540, [("C", 3)], 10)]


def test_the_costlier_delay_boards_first_where_there_is_not_room_for_both() -> None:
    made = world(to("A"), to("B", tardiness_cost=9 * 1440), lanes=[timetable(capacity=4)])
    transport = ship(made, [part(made, 0, 3, 10), part(made, 1, 3, 10)])
    assert shipped(transport) == [(120, 180, [("B", 3)], 10), (480, 540, [("A", 3)], 10)]


def test_room_that_is_left_is_used_by_a_smaller_part_but_a_part_that_fits_whole_is_not_torn() -> None:
    made = world(to("A", 3), to("B", 3), to("C", 1), lanes=[timetable(capacity=4)])
    transport = ship(made, [part(made, 0, 3, 10), part(made, 1, 3, 20), part(made, 2, 1, 30)])
    assert shipped(transport) == [(120, 180, [("A", 3), ("C", 1)], 10), (480, 540, [("B", 3)], 10)]


def test_a_part_that_no_shipment_holds_is_torn_and_arrives_with_its_last_piece() -> None:
    made = world(to("A", 9), lanes=[timetable(capacity=4)])
    parts = [part(made, 0, 9, 10)]
    transport = ship(made, parts)
    assert [(depart, load) for depart, _, load, _ in shipped(transport)] == [
        (120, [("A", 4)]),
        (480, [("A", 4)]),
        (1440 + 120, [("A", 1)]),
    ]
    assert transport.arrival[id(parts[0])] == 1440 + 180


def test_a_torn_part_leaves_early_room_to_others_where_it_has_to_wait_for_its_last_piece() -> None:
    made = world(to("A", 6, due=0), to("B", 2, due=0), lanes=[timetable(capacity=4)])
    parts = [part(made, 0, 6, 10), part(made, 1, 2, 20)]
    transport = ship(made, parts)
    assert [(depart, load) for depart, _, load, _ in shipped(transport)] == [
        (120, [("A", 2), ("B", 2)]),
        (480, [("A", 4)]),
    ]


def test_the_lane_is_chosen_by_freight_and_lateness_together() -> None:
    lanes = [
        Lane(origin="S", destination="D", mode="sea", lead_time_hours=9, cost_fixed=1),
        Lane(origin="S", destination="D", mode="air", lead_time_hours=1, cost_fixed=100),
    ]
    for due, mode in ((9, "sea"), (8, "sea"), (7, "air")):
        made = world(to("A", due=due), lanes=lanes)
        (shipment,) = ship(made, [part(made, 0, 3, 0)]).shipments
        assert shipment.lane.mode == mode


def test_stock_leaves_only_after_the_release_of_its_line() -> None:
    made = world(to("A", release_at=at(3)), lanes=[timetable()])
    ((depart, *_),) = shipped(ship(made, [part(made, 0, 3, 0, SupplyType.STOCK)]))
    assert depart == 480


# ------------------------------------------------------------------------------------------------ promises


def test_a_line_is_promised_with_its_last_part_and_late_by_so_much() -> None:
    made = world(line("A", 5, due=1), lanes=[])
    parts = [part(made, 0, 2, 30), part(made, 0, 3, 95)]
    (outlook,) = promise(made, parts, ship(made, parts))
    assert (outlook.promised, outlook.tardiness, outlook.served, outlook.last) == (95, 35, 5, parts[1])
    assert not outlook.is_on_time


def test_a_line_that_is_served_in_part_is_not_on_time_even_where_nothing_is_late() -> None:
    made = world(line("A", 5, due=1), lanes=[])
    parts = [part(made, 0, 2, 30), Part(made.snapshot.planned_lines[0], SourceType.UNSERVED, None, D(3))]
    (outlook,) = promise(made, parts, ship(made, parts))
    assert (outlook.promised, outlook.tardiness, outlook.served, outlook.is_on_time) == (30, 0, 2, False)


def test_a_line_of_which_nothing_is_served_has_no_promise_and_is_not_late() -> None:
    made = world(line("A", 5, due=-1), line("B", 1, due=0), lanes=[])
    parts = [Part(made.snapshot.planned_lines[0], SourceType.UNSERVED, None, D(5)), part(made, 1, 1, 0)]
    first, second = promise(made, parts, ship(made, parts))
    assert (first.promised, first.tardiness, first.served, first.last) == (None, 0, 0, None)
    assert second.is_on_time
