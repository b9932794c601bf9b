"""A snapshot as arrays: what the rules compare a plan with.

Every array of attributes has one more entry than there are names: the last is what holds for an unknown name
(code -1), so that garbled plans can be judged without special cases.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from orderopt.models.calendar import CalendarException, Shift
from orderopt.rules.exact import MICRO, Ints, build_ints, to_micros
from orderopt.rules.lines import Lines
from orderopt.rules.names import Names
from orderopt.rules.open_time import OpenTime, build_spans
from orderopt.rules.routing import Changeovers, Resources, Routings
from orderopt.rules.wall_clock import DAY, WallClock, to_minute

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from orderopt.models.item import BomLine
    from orderopt.models.network import Stock
    from orderopt.models.snapshot import Snapshot

Row = TypeVar("Row", Shift, CalendarException)


def _by_calendar(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.calendar_id].append(row)
    return dict(found)


@dataclass(frozen=True, eq=False)
class Given:
    """The facts of a snapshot by code; codes are positions in the `Names` of each kind."""

    snapshot: Snapshot

    @cached_property
    def clock(self) -> WallClock:
        """The plan's clock."""
        return WallClock(self.snapshot.settings.timezone)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The plan's time zone."""
        return self.snapshot.settings.zone

    @cached_property
    def horizon_start(self) -> int:
        """Begin of the horizon, in minutes since the epoch."""
        return to_minute(self.snapshot.settings.horizon_start)

    @cached_property
    def start(self) -> int:
        """The planning start: nothing new begins before."""
        return to_minute(self.snapshot.settings.start)

    @cached_property
    def horizon_end(self) -> int:
        """End of the window in which loads are compared."""
        if self.snapshot.settings.horizon_end is not None:
            return to_minute(self.snapshot.settings.horizon_end)
        return max(self.horizon_start + DAY, int(self.lines.due[:-1].max(initial=self.horizon_start)))

    @cached_property
    def items(self) -> Names:
        """Items."""
        return Names(self.snapshot.item)

    @cached_property
    def quantity_step(self) -> Ints:
        """Step of each item in millionths."""
        return build_ints([*(to_micros(item.quantity_step) for item in self.snapshot.item.values()), 1])

    @cached_property
    def units(self) -> Names:
        """Production units."""
        return Names(self.snapshot.unit)

    @cached_property
    def unit_quality(self) -> Ints:
        """Share of good output of each unit in millionths."""
        return build_ints([*(to_micros(unit.quality) for unit in self.snapshot.unit.values()), MICRO])

    @cached_property
    def suppliers(self) -> Names:
        """Suppliers."""
        return Names(self.snapshot.supplier)

    @cached_property
    def supplier_quality(self) -> Ints:
        """Share of good pieces of each supplier in millionths."""
        return build_ints([*(to_micros(supplier.quality) for supplier in self.snapshot.supplier.values()), MICRO])

    @cached_property
    def lines(self) -> Lines:
        """Lines that are to be planned."""
        return Lines(self.snapshot, self.items)

    @cached_property
    def resources(self) -> Resources:
        """Machines and crews."""
        return Resources(self.snapshot, self.units, self.changeovers.families)

    @cached_property
    def changeovers(self) -> Changeovers:
        """Changeovers between families."""
        return Changeovers(self.snapshot)

    @cached_property
    def routings(self) -> Routings:
        """Routings with their steps and eligible resources."""
        return Routings(self.snapshot, self.items, self.units, self.resources, self.changeovers.families)

    @cached_property
    def stocks(self) -> dict[str, Stock]:
        """Stock by the name that pegging gives it."""
        return {stock.name: stock for stock in self.snapshot.stock}

    @cached_property
    def bom(self) -> dict[str, list[BomLine]]:
        """Components by item."""
        found: dict[str, list[BomLine]] = defaultdict(list)
        for row in self.snapshot.bom:
            found[row.item_id].append(row)
        return dict(found)

    @cached_property
    def _shifts(self) -> dict[str, list[Shift]]:
        return _by_calendar(self.snapshot.calendars)

    @cached_property
    def _exceptions(self) -> dict[str, list[CalendarException]]:
        return _by_calendar(self.snapshot.calendar_exceptions)

    def open_time(self, calendar_id: str | None, since: int, until: int) -> OpenTime:
        """Return the open time of a calendar within [since, until)."""
        if calendar_id is None:
            return OpenTime(build_spans(self.clock, None, (), since, until))
        shifts, exceptions = self._shifts.get(calendar_id, ()), self._exceptions.get(calendar_id, ())
        return OpenTime(build_spans(self.clock, shifts, exceptions, since, until))
