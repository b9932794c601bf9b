"""Shipments, the lanes they travel and the parts on board."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.departures import parse_departures
from orderopt.rules.exact import MICRO, Bools, Ints, Texts, build_ints, to_micros
from orderopt.rules.names import Names, pair
from orderopt.rules.wall_clock import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.models.network import Lane
    from orderopt.rules.decided import Table
    from orderopt.rules.given import Given
    from orderopt.rules.parts import Parts, Places

NO_LIMIT = 2**62
"""Capacity of a lane without one."""


class Lanes:
    """Lanes as arrays; the last entry of each array is what holds for an unknown lane (code -1).

    Attributes
    ----------
    rows
        The lanes in table order.
    lead
        Minutes from departure to arrival, rounded up.
    """

    def __init__(self, given: Given, places: Places) -> None:
        self._given = given
        self.rows: list[Lane] = list(
            {(lane.origin, lane.destination, lane.mode or ""): lane for lane in given.snapshot.lanes}.values()
        )
        self._modes = Names([lane.mode or "" for lane in self.rows])
        self._places = places.names
        self._pairs = self._pair(
            places.names.codes([lane.origin for lane in self.rows]),
            places.names.codes([lane.destination for lane in self.rows]),
        )
        modes = self._modes.codes([lane.mode or "" for lane in self.rows])
        self._names = Names(pair(self._pairs, modes, max(len(self._modes), 1)))
        self.lead = build_ints([*(-(-to_micros(lane.lead_time_hours) * 60 // MICRO) for lane in self.rows), 0])
        self.capacity = build_ints(
            [
                *(NO_LIMIT if lane.capacity is None else to_micros(lane.capacity) for lane in self.rows),
                NO_LIMIT,
            ]
        )
        self.cost_fixed = build_ints([*(to_micros(lane.cost_fixed) for lane in self.rows), 0])
        self.cost_per_unit = [*(to_micros(lane.cost_per_unit) for lane in self.rows), 0]
        self.has_timetable: Bools = np.array([*(lane.departs is not None for lane in self.rows), False], dtype=np.bool_)

    def _pair(self, origins: Ints, destinations: Ints) -> Ints:
        return pair(origins, destinations, max(len(self._places), 1))

    def find(self, origins: Texts, destinations: Texts, modes: Texts) -> Ints:
        """Return the lane of each shipment, -1 where there is none."""
        pairs = self._pair(self._places.codes(origins), self._places.codes(destinations))
        return self._names.codes(pair(pairs, self._modes.codes(modes), max(len(self._modes), 1)))

    def leads(self, origins: Ints, destinations: Ints) -> Bools:
        """Return whether a lane leads from each origin to each destination (codes of places)."""
        return np.asarray(np.isin(self._pair(origins, destinations), self._pairs[self._pairs >= 0]), dtype=np.bool_)

    def departures(self, lane: int, since: int, until: int) -> Ints:
        """Return when shipments leave by the timetable of a lane within [since, until], sorted."""
        timetable = parse_departures(self.rows[lane].departs or "")
        edges = self._given.clock.to_local(build_ints([since, until])) // DAY
        days = np.arange(edges[0] - 1, edges[1] + 2, dtype=np.int64)
        local = [days[(days + 3) % 7 == weekday] * DAY + minute for weekday, minute in timetable]
        times = np.unique(self._given.clock.to_utc(np.concatenate(local)))
        return np.asarray(times[(times >= since) & (times <= until)], dtype=np.int64)


class Freight:
    """Rows of ``shipments`` and their links with parts.

    Attributes
    ----------
    lane
        Code of the lane of each shipment, -1 where there is none.
    link_shipment, link_part
        A pair of rows (of shipments, of allocation) for each part on board.
    strangers
        Row of a shipment and a name on board that is no part.
    """

    def __init__(self, given: Given, table: Table, parts: Parts, places: Places) -> None:
        self.table = table
        self.size = table.size
        self.lanes = Lanes(given, places)
        self.lane = self.lanes.find(table.text("origin"), table.text("destination"), table.text("mode"))
        self.origin = places.names.codes(table.text("origin"))
        self.destination = places.names.codes(table.text("destination"))
        self.depart, self.arrive = table.ints("depart_at"), table.ints("arrive_at")
        self.quantity = table.ints("quantity")
        self._parts, self._places = parts, places
        self.strangers: list[tuple[int, str]] = []
        links = list(self._read_links())
        self.link_shipment = build_ints([shipment for shipment, _ in links])
        self.link_part = build_ints([part for _, part in links])

    @cached_property
    def _rows_by_name(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(self._parts.names.tolist()):
            rows.setdefault(name, []).append(row)
        return rows

    def _read_links(self) -> Iterator[tuple[int, int]]:
        """Match what each shipment lists with parts; ids may hold slashes, and blanks between words."""
        num_words = max((name.count(" ") for name in self._rows_by_name), default=0) + 1
        for shipment, text in enumerate(self.table.text("lines").tolist()):
            words = text.split(" ")
            place = 0
            while place < len(words):
                for count in range(min(num_words, len(words) - place), 0, -1):
                    rows = self._rows_by_name.get(" ".join(words[place : place + count]))
                    if rows is not None:
                        yield shipment, rows[0] if len(rows) == 1 else self._best_row(shipment, rows)
                        break
                else:
                    count = 1
                    if words[place]:
                        self.strangers.append((shipment, words[place]))
                place += count

    def _best_row(self, shipment: int, rows: list[int]) -> int:
        """Return the part that a shipment can mean where several share a name."""
        places = self._places
        for row in rows:
            origins = (places.origin[row], places.site[row])
            if places.destination[row] == self.destination[shipment] and self.origin[shipment] in origins:
                return row
        return rows[0]

    @cached_property
    def num_shipments(self) -> Ints:
        """Number of shipments that list each part."""
        return np.asarray(np.bincount(self.link_part, minlength=self._parts.size), dtype=np.int64)

    @cached_property
    def arrival(self) -> Ints:
        """Minute at which each part has arrived in full; 0 where that is not known."""
        arrival = np.where(self.is_arrival_known, self._parts.available, 0)
        shipped = np.full(self._parts.size, np.iinfo(np.int64).min, dtype=np.int64)
        np.maximum.at(shipped, self.link_part, self.arrive[self.link_shipment])
        travels = self._places.travels & (self.num_shipments > 0)
        return np.asarray(np.where(travels, shipped, arrival), dtype=np.int64)

    @cached_property
    def is_arrival_known(self) -> Bools:
        """Whether the plan says when each part arrives."""
        is_bad = np.zeros(self._parts.size, dtype=np.bool_)
        is_bad[self.link_part[~self.table.is_given("arrive_at")[self.link_shipment]]] = True
        shipped = (self.num_shipments > 0) & ~is_bad
        return np.asarray(np.where(self._places.travels, shipped, self._parts.is_available_known), dtype=np.bool_)

    def name(self, row: int) -> str:
        """Return the subject of a finding about a shipment."""
        return f"shipment {self.table.text('shipment_id')[row]}"
