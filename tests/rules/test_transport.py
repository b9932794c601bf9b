"""Rule *transport*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import add, at, build_plan, build_workshop, change, codes, drop, judge

from orderopt.models.network import Lane

D = Decimal


def found(tables, **given):
    return codes(judge(tables, **given))


def with_lane(row, **cells):
    lanes = list(build_workshop().lanes)
    lanes[row] = lanes[row].model_copy(update=cells)
    return lanes


def test_a_part_that_should_travel_is_on_a_shipment():
    assert "NOT_SHIPPED" in found(drop(build_plan(), "shipments", 0))
    assert "NOT_SHIPPED" in found(change(build_plan(), "shipments", 0, lines=None))


def test_a_part_that_is_collected_is_on_none():
    tables = change(build_plan(), "shipments", 0, lines="O1/1/1 O1/2/1", quantity=D(15), cost=D("17.5"))
    assert "SHIPPED_WITHOUT_NEED" in found(tables)


@pytest.mark.parametrize("destination", [None, "U1", "S1"])
def test_where_the_destination_is_the_origin_nothing_travels(destination):
    lines = list(build_workshop().order_lines)
    lines[0] = lines[0].model_copy(update={"destination": destination})
    tables = drop(build_plan(), "shipments", 0)
    tables = change(tables, "promises", 0, promised_at=at(1, "00:20"), tardiness_minutes=0, on_time=True)
    assert judge(tables, order_lines=lines).is_correct
    assert "SHIPPED_WITHOUT_NEED" in found(build_plan(), order_lines=lines)


def test_a_source_without_a_lane_to_the_destination_cannot_serve():
    assert "DESTINATION_NOT_REACHED" in found(build_plan(), lanes=build_workshop().lanes[1:])
    assert "DESTINATION_NOT_REACHED" not in found(build_plan())


def test_a_lane_may_lead_from_the_unit_itself():
    tables = change(build_plan(), "shipments", 0, origin="U1")
    assert judge(tables, lanes=with_lane(0, origin="U1")).is_correct


def test_a_lane_that_is_not_there_is_caught():
    for column in ("origin", "destination", "mode"):
        assert "UNKNOWN_LANE" in found(change(build_plan(), "shipments", 0, **{column: "X"}))
    assert "UNKNOWN_LANE" in found(change(build_plan(), "shipments", 0, mode=None))


def test_a_lane_may_have_no_mode():
    assert judge(change(build_plan(), "shipments", 0, mode=None), lanes=with_lane(0, mode=None)).is_correct


def test_a_shipment_goes_where_its_parts_go():
    assert "WRONG_WAY" in found(change(build_plan(), "shipments", 0, lines="O2/2/1", quantity=D(1), cost=D("10.5")))


def test_what_is_no_part_cannot_be_on_board():
    says = list(judge(change(build_plan(), "shipments", 0, lines="O1/1/1 O7/1/1")).violations)
    assert [(finding.code, finding.value, finding.row) for finding in says] == [("UNKNOWN_PART", "O7/1/1", 2)]


def test_a_part_listed_twice_is_caught():
    assert found(change(build_plan(), "shipments", 0, lines="O1/1/1 O1/1/1")) == {"PART_LISTED_TWICE"}


def test_the_quantity_is_that_of_the_parts_on_board():
    tables = change(build_plan(), "shipments", 0, quantity=D(9), cost=D("14.5"))
    assert found(tables) == {"SHIPMENT_QUANTITY"}


def test_an_empty_shipment_is_caught():
    tables = add(
        build_plan(), "shipments", "S-9", "S1", "CUST", "road", at(1, "00:20"), at(2, "00:20"), D(1), D("10.5"), ""
    )
    assert found(tables) == {"SHIPMENT_QUANTITY"}


def test_a_shipment_carries_at_most_the_capacity():
    assert found(build_plan(), lanes=with_lane(0, capacity=D("9.9"))) == {"LANE_CAPACITY"}
    assert found(build_plan(), lanes=with_lane(0, capacity=D(10))) == set()


def split(first, second, cost=(13, 12)):
    """Return the plan with the first part on two shipments of so much each."""
    tables = change(build_plan(), "shipments", 0, quantity=D(first), cost=D(cost[0]))
    return add(
        tables,
        "shipments",
        "S-9",
        "S1",
        "CUST",
        "road",
        at(1, "00:20"),
        at(2, "00:20"),
        D(second),
        D(cost[1]),
        "O1/1/1",
    )


def test_a_part_above_the_capacity_travels_in_several_shipments():
    lanes = with_lane(0, capacity=D(6))
    assert judge(split(6, 4), lanes=lanes).is_correct
    assert found(split(6, 3, (13, "11.5")), lanes=lanes) == {"SHIPMENT_QUANTITY"}
    assert found(split(6, 5, (13, "12.5")), lanes=lanes) == {"SHIPMENT_QUANTITY"}


def test_a_part_travels_on_one_lane():
    lanes = [
        *build_workshop().lanes,
        Lane(origin="S1", destination="CUST", mode="air", lead_time_hours=D(24), cost_per_unit=D(3)),
    ]
    tables = change(split(6, 4), "shipments", 2, mode="air", cost=D(12))
    assert found(tables, lanes=lanes) == {"TWO_LANES"}


def test_arrival_is_the_lead_time_after_departure():
    assert "ARRIVAL" in found(change(build_plan(), "shipments", 1, arrive_at=at(2, "11:59")))
    rounded_up = with_lane(1, lead_time_hours=D("47.99"))  # 2,879.4 minutes
    assert found(build_plan(), lanes=rounded_up) == set()
    assert "ARRIVAL" in found(build_plan(), lanes=with_lane(1, lead_time_hours=D("47.98")))


def test_the_cost_is_that_of_the_lane():
    assert found(change(build_plan(), "shipments", 0, cost=D("15.000001"))) == {"SHIPMENT_COST"}


def test_without_a_timetable_a_shipment_leaves_at_once():
    early = change(build_plan(), "shipments", 0, depart_at=at(1, "00:19"), arrive_at=at(2, "00:19"))
    assert "DEPARTS_TOO_EARLY" in found(change(early, "promises", 0, promised_at=at(2, "00:19"), tardiness_minutes=19))
    late = change(build_plan(), "shipments", 0, depart_at=at(1, "00:21"), arrive_at=at(2, "00:21"))
    assert found(change(late, "promises", 0, promised_at=at(2, "00:21"), tardiness_minutes=21)) == {"DEPARTS_TOO_LATE"}


def ship_at(day, clock):
    tables = change(build_plan(), "shipments", 1, depart_at=at(day, clock), arrive_at=at(day + 2, clock))
    due = 4
    late = max(int((at(day + 2, clock) - at(due, "00:00")).total_seconds()) // 60, 0)
    return change(tables, "promises", 3, promised_at=at(day + 2, clock), tardiness_minutes=late)


def test_a_timetable_sets_the_departures():
    assert found(ship_at(0, "12:01")) == {"NOT_A_DEPARTURE", "DEPARTURE_SKIPPED"}
    assert found(ship_at(0, "11:59")) == {"NOT_A_DEPARTURE"}


def test_a_departure_with_room_is_not_skipped():
    says = list(judge(ship_at(2, "12:00")).violations)
    assert [finding.code for finding in says] == ["DEPARTURE_SKIPPED"]
    assert "2026-01-05 12:00" in says[0].says


def test_nothing_departs_before_it_is_available():
    receipts = [build_workshop().receipts[0].model_copy(update={"available_at": at(0, "12:01")})]
    tables = change(build_plan(), "pegging", 6, available_at=at(0, "12:01"), needed_at=at(0, "12:01"))
    assert found(tables, receipts=receipts) == {"DEPARTS_TOO_EARLY"}
    later = ship_at(2, "12:00")
    on_wednesday = {**tables, "shipments": later["shipments"], "promises": later["promises"]}
    assert found(on_wednesday, receipts=receipts) == set()


def two_on_the_ship(first_day, second_day, first=1, second=3):
    """Return plan and given tables with two receipts that serve the line to the port."""
    first, second = D(first), D(second)
    given = build_workshop()
    receipts = [
        given.receipts[0].model_copy(update={"quantity": first}),
        given.receipts[0].model_copy(update={"receipt_id": "R2", "quantity": second}),
    ]
    tables = change(
        ship_at(first_day, "12:00"),
        "allocation",
        4,
        source_type="receipt",
        source_id="R2",
        supply_id="R2",
        quantity=second,
    )
    tables = change(tables, "allocation", 3, quantity=first)
    tables = change(tables, "shipments", 1, quantity=first)
    tables = change(tables, "pegging", 6, quantity=first)
    tables = add(tables, "pegging", "receipt", "R2", "TABLE", second, "line", "O2/2", at(0, "10:00"), at(0, "10:00"))
    tables = add(
        tables,
        "shipments",
        "S-3",
        "S1",
        "PORT",
        "ship",
        at(second_day, "12:00"),
        at(second_day + 2, "12:00"),
        second,
        D(20),
        "O2/2/2",
    )
    arrive = at(max(first_day, second_day) + 2, "12:00")
    late = max(int((arrive - at(4, "00:00")).total_seconds()) // 60, 0)
    tables = change(
        tables, "promises", 3, quantity=first + second, promised_at=arrive, tardiness_minutes=late, on_time=late == 0
    )
    lines = list(given.order_lines)
    lines[3] = lines[3].model_copy(update={"quantity": first + second})
    return tables, {"receipts": receipts, "order_lines": lines}


def test_one_shipment_leaves_each_departure():
    tables, given = two_on_the_ship(0, 0)
    assert found(tables, **given) == {"DEPARTURE_TWICE"}


def test_a_full_departure_may_be_left_to_others():
    tables, given = two_on_the_ship(0, 2, first=3, second=3)
    assert found(tables, **given) == set()


def test_a_departure_that_still_has_room_is_not_left():
    tables, given = two_on_the_ship(0, 2, first=2, second=3)
    assert found(tables, **given) == {"DEPARTURE_SKIPPED"}


def test_timetables_are_on_the_plans_wall_clock():
    zone = build_workshop().settings.model_copy(update={"timezone": "America/New_York"})
    assert "NOT_A_DEPARTURE" in found(build_plan(), settings=zone)
    assert "NOT_A_DEPARTURE" not in found(build_plan(), settings=zone, lanes=with_lane(1, departs="Mon/07:00"))


def test_ids_with_blanks_are_found_among_the_parts_on_board():
    lines = [
        line.model_copy(update={"order_id": line.order_id.replace("O", "O n ")})
        for line in build_workshop().order_lines
    ]
    orders = [
        order.model_copy(update={"order_id": order.order_id.replace("O", "O n ")}) for order in build_workshop().orders
    ]
    tables = {name: frame.replace("O1", "O n 1").replace("O2", "O n 2") for name, frame in build_plan().items()}
    for name, column in (("pegging", "demand_id"), ("jobs", "parent_id"), ("shipments", "lines")):
        tables[name][column] = [cell and cell.replace("O", "O n ") for cell in tables[name][column]]
    assert judge(tables, order_lines=lines, orders=orders).violations == ()


def test_several_parts_travel_in_one_shipment():
    tables, given = two_on_the_ship(0, 0, first=2, second=3)
    tables = change(drop(tables, "shipments", 2), "shipments", 1, quantity=D(5), lines="O2/2/1 O2/2/2")
    assert judge(tables, **given).violations == ()
    assert found(change(tables, "shipments", 1, quantity=D(4)), **given) == {"SHIPMENT_QUANTITY"}


def test_parts_that_share_a_name_are_told_apart_by_where_they_go():
    workshop = build_workshop()
    orders = [workshop.orders[0].model_copy(update={"order_id": "O1/1"}), *workshop.orders]
    twin = workshop.order_lines[1].model_copy(update={"order_id": "O1/1", "line_no": "1"})
    lines = [*workshop.order_lines, twin]  # O1/1 + 1 + part 1, beside O1 + 1/1 + part 1
    lines[0] = lines[0].model_copy(update={"line_no": "1/1"})
    tables = change(change(build_plan(), "allocation", 0, line_no="1/1"), "promises", 0, line_no="1/1")
    tables = change(change(tables, "pegging", 0, demand_id="O1/1/1"), "jobs", 0, parent_id="O1/1/1")
    tables = change(tables, "shipments", 0, lines="O1/1/1/1")
    collected = ("O1/1", "1", 1, "supplier", "W", "P1", D(5), D(0), "")
    tables = add(tables, "allocation", *collected)
    tables["allocation"] = tables["allocation"].iloc[::-1].reset_index(drop=True)
    tables = add(tables, "pegging", "purchase", "P1", "WOOD", D(5), "line", "O1/1/1", at(1, "00:00"), at(1, "00:00"))
    tables = change(tables, "purchases", 0, quantity=D(20), total=D(30))
    tables = add(tables, "promises", "O1/1", "1", at(2, "00:00"), at(1, "00:00"), D(5), 0, True, None, "")
    tables["schedule"]["line_no"] = tables["schedule"]["line_no"].replace("1", "1/1")
    assert judge(tables, orders=orders, order_lines=lines).violations == ()
