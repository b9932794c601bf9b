"""Rule *transport*: what has to travel is on shipments that their lanes allow, and leaves in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.cargo import judge_cargo
from orderopt.rules.exact import MICRO, Affine, Ints
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_transport(facts: Facts) -> Iterator[Finding]:
    """Yield parts that do not travel as they must, and shipments that their lane does not allow."""
    yield from _judge_parts(facts)
    yield from _judge_lanes(facts)
    yield from judge_cargo(facts)
    yield from _judge_at_once(facts)
    yield from _judge_timetables(facts)


def _judge_parts(facts: Facts) -> Iterator[Finding]:
    parts, places, freight = facts.parts, facts.places, facts.freight
    is_reached = freight.lanes.leads(places.origin, places.destination) | freight.lanes.leads(
        places.site, places.destination
    )
    yield from build_findings(
        places.travels & ~is_reached & (parts.supply >= 0),
        lambda row: Finding(
            code="DESTINATION_NOT_REACHED",
            table="allocation",
            row=row + HEADER_ROWS,
            subject=parts.name(row),
            says=f"no lane leads from {parts.source[row]} {parts.table.text('source_id')[row]} to "
            f"{places.names.index[places.destination[row]]}",
            expected="a source from which a lane leads to the line's destination",
        ),
    )
    yield from build_findings(
        places.travels & (freight.num_shipments == 0),
        lambda row: Finding(
            code="NOT_SHIPPED",
            table="allocation",
            row=row + HEADER_ROWS,
            subject=parts.name(row),
            says="no shipment lists it",
            expected=f"a shipment to {places.names.index[places.destination[row]]}",
        ),
    )
    yield from build_findings(
        ~places.travels & (freight.num_shipments > 0),
        lambda row: Finding(
            code="SHIPPED_WITHOUT_NEED",
            table="allocation",
            row=row + HEADER_ROWS,
            subject=parts.name(row),
            says="a shipment lists it, but it is collected where it is, or unserved",
            expected="no shipment",
        ),
    )


def _judge_lanes(facts: Facts) -> Iterator[Finding]:
    freight = facts.freight
    lanes, table, lane = freight.lanes, freight.table, freight.lane
    yield from build_findings(
        lane < 0,
        lambda row: Finding(
            code="UNKNOWN_LANE",
            table="shipments",
            row=row + HEADER_ROWS,
            subject=freight.name(row),
            says=f"no lane leads from {table.text('origin')[row]!r} to {table.text('destination')[row]!r} "
            f"by mode {table.text('mode')[row]!r}",
            expected="a row of lanes",
        ),
    )
    yield from build_findings(
        freight.quantity > lanes.capacity[lane],
        lambda row: Finding(
            code="LANE_CAPACITY",
            table="shipments",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=freight.name(row),
            says=f"{say_amount(freight.quantity[row])} is on board",
            expected=f"at most {say_amount(lanes.capacity[lane[row]])}",
        ),
    )
    is_timed = (lane >= 0) & table.is_given("depart_at") & table.is_given("arrive_at")
    arrival = freight.depart + lanes.lead[lane]
    yield from build_findings(
        is_timed & (freight.arrive != arrival),
        lambda row: Finding(
            code="ARRIVAL",
            table="shipments",
            row=row + HEADER_ROWS,
            column="arrive_at",
            subject=freight.name(row),
            says=f"arrive_at is {facts.say(freight.arrive[row])}",
            expected=f"{facts.say(arrival[row])}, the lane's lead time after departure",
        ),
    )
    yield from _judge_costs(facts)


def _judge_costs(facts: Facts) -> Iterator[Finding]:
    freight = facts.freight
    lanes, cost = freight.lanes, freight.table.ints("cost")
    price = Affine(
        [int(fixed) * MICRO for fixed in lanes.cost_fixed], lanes.cost_per_unit, [MICRO] * len(lanes.cost_per_unit)
    )
    quantity = np.maximum(freight.quantity, 0)
    low, high = price.floor(freight.lane, quantity), price.ceil(freight.lane, quantity)
    yield from build_findings(
        (freight.lane >= 0) & ((cost < low) | (cost > high)),
        lambda row: Finding(
            code="SHIPMENT_COST",
            table="shipments",
            row=row + HEADER_ROWS,
            column="cost",
            subject=freight.name(row),
            says=f"cost is {say_amount(cost[row])}",
            expected=f"{say_amount(low[row])}, the lane's cost_fixed and cost_per_unit",
        ),
    )


def _timed_links(facts: Facts) -> Ints:
    """Return the links of which both the availability of the part and the departure are known."""
    freight, parts = facts.freight, facts.parts
    is_timed = freight.table.is_given("depart_at")[freight.link_shipment]
    return np.flatnonzero(
        is_timed & parts.is_available_known[freight.link_part] & (freight.lane[freight.link_shipment] >= 0)
    )


def _judge_at_once(facts: Facts) -> Iterator[Finding]:
    freight, parts = facts.freight, facts.parts
    links = _timed_links(facts)
    shipment, part = freight.link_shipment[links], freight.link_part[links]
    depart, available = freight.depart[shipment], parts.available[part]
    has_timetable = freight.lanes.has_timetable[freight.lane[shipment]]
    is_wrong = (depart < available) | (~has_timetable & (depart > available))

    def build(place: int) -> Finding:
        is_early = depart[place] < available[place]
        row = int(shipment[place])
        return Finding(
            code="DEPARTS_TOO_EARLY" if is_early else "DEPARTS_TOO_LATE",
            table="shipments",
            row=row + HEADER_ROWS,
            column="depart_at",
            subject=freight.name(row),
            says=f"it leaves {facts.say(depart[place])}, and {parts.name(int(part[place]))} is available "
            f"{facts.say(available[place])}",
            expected="a departure not before its parts" if is_early else "a departure at once: there is no timetable",
        )

    yield from build_findings(is_wrong, build)


def _judge_timetables(facts: Facts) -> Iterator[Finding]:
    freight = facts.freight
    is_timed = (freight.lane >= 0) & freight.table.is_given("depart_at")
    has_timetable = freight.lanes.has_timetable[freight.lane] & is_timed
    order = np.flatnonzero(has_timetable)
    order = order[np.lexsort((freight.depart[order], freight.lane[order]))]
    is_twice = (freight.lane[order[1:]] == freight.lane[order[:-1]]) & (
        freight.depart[order[1:]] == freight.depart[order[:-1]]
    )
    yield from build_findings(
        order[1:][is_twice],
        lambda row: Finding(
            code="DEPARTURE_TWICE",
            table="shipments",
            row=row + HEADER_ROWS,
            column="depart_at",
            subject=freight.name(row),
            says=f"another shipment leaves on the lane at {facts.say(freight.depart[row])}",
            expected="one shipment a departure",
        ),
    )
    links = _timed_links(facts)
    for lane in np.unique(freight.lane[order]):
        rows = order[freight.lane[order] == lane]
        on_lane = links[freight.lane[freight.link_shipment[links]] == lane]
        yield from _judge_timetable(facts, int(lane), rows, on_lane)


def _judge_timetable(facts: Facts, lane: int, rows: Ints, links: Ints) -> Iterator[Finding]:
    """Judge the shipments of one lane with a timetable: its departures, and that none with room is skipped."""
    freight, parts = facts.freight, facts.parts
    shipment, part = freight.link_shipment[links], freight.link_part[links]
    available = parts.available[part]
    since = int(min(freight.depart[rows].min(), available.min(initial=freight.depart[rows].min())))
    departures = freight.lanes.departures(lane, since, int(freight.depart[rows].max()))
    yield from build_findings(
        rows[~np.isin(freight.depart[rows], departures)],
        lambda row: Finding(
            code="NOT_A_DEPARTURE",
            table="shipments",
            row=row + HEADER_ROWS,
            column="depart_at",
            subject=freight.name(row),
            says=f"the lane has no departure at {facts.say(freight.depart[row])}",
            expected=f"a departure of {freight.lanes.rows[lane].departs}",
        ),
    )
    room = np.full(len(departures), freight.lanes.capacity[lane], dtype=np.int64)
    place = np.searchsorted(departures, freight.depart[rows])
    is_there = np.isin(freight.depart[rows], departures)
    np.subtract.at(room, place[is_there], freight.quantity[rows[is_there]])
    capacity = int(freight.lanes.capacity[lane])
    begin, end = np.searchsorted(departures, available), np.searchsorted(departures, freight.depart[shipment])
    skipped = np.full(len(links), -1, dtype=np.int64)
    for link in np.flatnonzero(end > begin):
        is_whole = freight.num_shipments[part[link]] == 1
        needed = min(int(parts.quantity[part[link]]), capacity) if is_whole else capacity
        free = np.flatnonzero(room[begin[link] : end[link]] >= needed)
        skipped[link] = begin[link] + free[0] if len(free) else -1

    def build(link: int) -> Finding:
        row = int(shipment[link])
        return Finding(
            code="DEPARTURE_SKIPPED",
            table="shipments",
            row=row + HEADER_ROWS,
            column="depart_at",
            subject=freight.name(row),
            says=f"{parts.name(int(part[link]))} leaves {facts.say(freight.depart[row])}, but is available "
            f"{facts.say(available[link])}, and {facts.say(departures[skipped[link]])} still had room",
            expected="the first departure with room",
        )

    yield from build_findings(skipped >= 0, build)
