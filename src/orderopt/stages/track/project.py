"""When supply will be ready and order lines will arrive, by what is reported and what the plan says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import ShipmentState, SupplyState
from orderopt.models.life.supply_order import SupplyOrder, name_peg_label
from orderopt.stages.book import Book

_OVER = frozenset({SupplyState.DONE, SupplyState.CLOSED})
_NO_TIME = timedelta(0)


@dataclass
class Projection:
    """Dates as they look at the moment of a command.

    Parameters
    ----------
    book
        Where supply orders and lanes are looked up.
    assumed
        By supply order, when it is ready instead of what is known: for questions of the kind "what if".

    Notes
    -----
    The rest of a supply order takes as long as the plan gave it, measured on the clock and not in shifts: an
    estimate between two plans, not a plan.
    """

    book: Book
    assumed: Mapping[str, datetime] = field(default_factory=dict)
    _ready: dict[str, datetime] = field(default_factory=dict)

    def find_ready(self, supply: SupplyOrder) -> datetime:
        """Return when a supply order will be ready, or was."""
        key = supply.supply_id
        if key not in self._ready:
            self._ready[key] = self.assumed.get(key) or supply.due_at  # also ends a circle of components
            self._ready[key] = self._find_ready(supply)
        return self._ready[key]

    def _find_ready(self, supply: SupplyOrder) -> datetime:
        if supply.supply_id in self.assumed:
            return self.assumed[supply.supply_id]
        course = supply.progress.whole
        if supply.state in _OVER:
            return course.last_at or supply.due_at
        told = course.expected.value if course.expected else None
        ready = datetime.fromisoformat(told) if told else supply.due_at
        duration = supply.due_at - supply.starts_at if supply.starts_at else _NO_TIME
        if course.started_at is None:
            begins = max([self.book.at, *self._find_components(supply)])
            return max(ready, begins + duration)
        if not told:
            ready = max(ready, course.started_at + duration)
        return max(ready, self.book.at)

    def _find_components(self, supply: SupplyOrder) -> list[datetime]:
        found = self.book.find(SupplyOrder, {name_peg_label(supply_id=supply.supply_id): "1"})
        return [self.find_ready(one) for one in found if one.state is not SupplyState.CANCELLED]

    def find_arrival(self, case: OrderCase, line: CaseLine) -> datetime | None:
        """Return when the last unit of a line will arrive, or did; None if nothing is known."""
        sent = [one for one in case.shipments if one.is_live and one.quantity(line.line_no)]
        arrivals = [one.expected_at for one in sent if one.expected_at is not None]
        if sent and all(one.state is ShipmentState.DELIVERED for one in sent) and line.counts.open == ZERO:
            return max(arrivals)
        arrivals += self._find_supplied(case, line)
        unshipped = line.counts.open > ZERO and line.counts.qc_passed > line.counts.shipped
        promise = line.dates.last_promise
        if unshipped and promise is not None:
            soonest = self.book.at + self._find_transit(sent[0].site if sent else "", case, line)
            arrivals += [soonest] if soonest > promise else []
        return max(arrivals, default=None)

    def _find_supplied(self, case: OrderCase, line: CaseLine) -> list[datetime]:
        arrivals = []
        for supply in self.book.find(SupplyOrder, {name_peg_label(order_id=case.key): "1"}):
            meant = any((peg.order_id, peg.line_no) == (case.key, line.line_no) for peg in supply.pegs)
            if meant and supply.state is not SupplyState.CANCELLED:
                arrivals.append(self.find_ready(supply) + self._find_transit(supply.site, case, line))
        return arrivals

    def _find_transit(self, site: str, case: OrderCase, line: CaseLine) -> timedelta:
        destination = line.ask.destination or case.head.destination
        lanes = self.book.master.lanes_from.get((site, destination), ()) if site and destination else ()
        return min((timedelta(hours=float(lane.lead_time_hours)) for lane in lanes), default=_NO_TIME)
