"""The options of an order line: every source that could serve it, by every lane, with what that costs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from orderopt.models.network import Lane
from orderopt.models.order import OrderLine
from orderopt.models.result import SupplyType
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.sourcing import Source
from orderopt.stages.explode import CROWD
from orderopt.stages.supply import ZERO, Ledger, Part, Purchase, Supply, handed_over

NO_LIMIT = Decimal("Infinity")

MOST_WEEKS = 4
"""Weeks over which a line may be bought from a supplier that cannot deliver all of it in one."""


@dataclass(frozen=True, slots=True)
class Week:
    """What a supplier can deliver of an item in one week, all lines together."""

    supplier_id: str
    item_id: str
    week: int
    most: Decimal


@dataclass(frozen=True, slots=True)
class Option:
    """One way to serve a line: a source and a lane; where a supplier cannot deliver all at once, a week of it."""

    kind: Source
    source_id: str
    supply: Supply | None
    lane: Lane | None
    ready: int
    lot: Decimal
    lot_cost: float
    fixed_cost: float
    week: Week | None = None

    def cost(self, quantity: Decimal) -> float:
        """Return the weighted cost of a quantity: work or price, and freight; components and lateness apart."""
        return self.lot_cost * float(quantity / self.lot) + self.fixed_cost


def expected_cost(plant: Plant, part: Part, option: Option) -> float:
    """Return what serving a part by an option should cost, lateness counted."""
    late = max(0, option.ready - plant.due(part.line)) * plant.minute_cost[part.line.name]
    return option.cost(part.quantity) + late  # what else its arrival costs is in the option's fixed cost


class OptionFinder:
    """Finds the options of lines, and says why a source is none.

    Parameters
    ----------
    optimistic
        True: nothing is overstated, so that a bound on the answer is a bound on every plan.

    Attributes
    ----------
    rejected
        Sources that cannot serve a line, with the reason, by line name.
    barred
        Those of them that could, but must not: the reason begins with a code, as in ``QUALITY_FLOOR``.
    """

    def __init__(self, plant: Plant, ledger: Ledger, *, optimistic: bool) -> None:
        self.plant, self.ledger, self.optimistic = plant, ledger, optimistic
        self.rejected: dict[str, list[str]] = defaultdict(list)
        self.barred: dict[str, list[str]] = defaultdict(list)
        settings = plant.snapshot.settings
        self.weight_transport = float(settings.weight_transport)
        self.weight_purchase = float(settings.weight_purchase)
        self._quotes: dict[tuple[str, str, Decimal], tuple[int, Decimal, Purchase] | None] = {}

    def find(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> tuple[Option, ...]:
        """Return every option for a wanted quantity, counted in lots."""
        found = [*self._from_supplies(line, wanted, lot), *self._from_units(line, wanted, lot)]
        found += self._from_suppliers(line, wanted, lot)
        if not found and not self.rejected[line.name]:
            self.rejected[line.name].append(f"no stock, receipt, unit or supplier offers {line.item_id}")
        return tuple(found)

    def _is_good_enough(self, line: OrderLine, source_id: str, kind: SupplyType) -> bool:
        """Whether a unit or supplier reaches the line's quality floor; where it does not, note it."""
        plant = self.plant
        if plant.reaches_floor(line, source_id, kind):
            return True
        is_unit = kind is SupplyType.JOB
        rating = (plant.snapshot.unit if is_unit else plant.snapshot.supplier)[source_id].rating
        reason = f"{'unit' if is_unit else 'supplier'} {source_id}: QUALITY_FLOOR, rated {rating} where "
        reason += f"{plant.quality_floor(line)} is asked"
        ready = self._least_ready(line, source_id, kind)
        if plant.due(line) < ready < FOREVER:
            reason += f"; LEAD_TIME, ready {plant.clock.moment(ready):%Y-%m-%d %H:%M} at the earliest"
        self.rejected[line.name].append(reason)
        self.barred[line.name].append(reason)
        return False

    def _least_ready(self, line: OrderLine, source_id: str, kind: SupplyType) -> int:
        """Return a minute before which a unit or supplier cannot deliver, transport apart."""
        plant = self.plant
        if kind is SupplyType.JOB:
            release = plant.release(line)
            return plant.estimates.least(line.item_id, source_id, ZERO, ZERO, release)[0]
        offers = plant.snapshot.offers_of_item[line.item_id][source_id]
        return min(plant.receivable(source_id, offer) for offer in offers)

    def _ways(self, line: OrderLine, origins: tuple[str | None, ...], source: str) -> tuple[Lane | None, ...]:
        ways = self.plant.lanes(origins, line)
        if not ways:
            self.rejected[line.name].append(f"{source}: no lane leads to {line.destination}")
        return ways

    def _option(
        self,
        line: OrderLine,
        kind: Source,
        source_id: str,
        supply: Supply | None,
        lane: Lane | None,
        available: int,
        lot: Decimal,
        lot_cost: float,
    ) -> Option:
        arrival = self.plant.arrival(lane, available)
        once = self._arrival_charge(line, arrival)
        if lane is None:
            return Option(kind, source_id, supply, lane, arrival, lot, lot_cost, once)
        each = float(lane.cost_per_unit * lot) * self.weight_transport
        if not (self.optimistic and lane.departs is not None):  # else shared by all that leave together
            once += float(lane.cost_fixed) * self.weight_transport
        return Option(kind, source_id, supply, lane, arrival, lot, lot_cost + each, once)

    def _arrival_charge(self, line: OrderLine, arrival: int) -> float:
        """Return what a line that arrives at a minute costs beside its lateness; made later it is never early."""
        charges = self.plant.charges.get(line.name)
        if charges is None or (self.optimistic and line.may_split):
            return 0.0  # the parts of a split line share it
        return charges._replace(early=0.0).cost(self.plant.due(line), arrival)

    def _from_supplies(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        found = []
        for supply in self.ledger.supplies(line.item_id):
            if supply.available >= FOREVER or (not line.may_split and supply.free < wanted):
                continue
            if not self.plant.reaches_floor(line, supply.origin, supply.kind):
                continue  # what its unit or supplier makes anew is barred too, and told of there
            for lane in self._ways(line, (supply.origin, supply.site), supply.name):
                at = handed_over(self.plant, supply, line)
                found.append(self._option(line, Source.SUPPLY, supply.name, supply, lane, at, lot, 0.0))
        return found

    def _from_units(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        plant, found = self.plant, []
        for unit_id in plant.snapshot.units_of_item.get(line.item_id, ()):
            unit = plant.snapshot.unit[unit_id]
            if not self._is_good_enough(line, unit_id, SupplyType.JOB):
                continue
            ways = self._ways(line, (unit_id, unit.site), f"unit {unit_id}")
            if not ways:
                continue
            whole = plant.started(line.item_id, wanted, unit.quality)
            closed = [step.op_no for step in plant.routings[line.item_id, unit_id] if not plant.usable(step, whole)]
            if closed and not line.may_split:
                self.rejected[line.name].append(
                    f"unit {unit_id}: step {closed[0]} fits into no open window of its resources"
                )
                continue
            asked = lot if line.may_split else wanted
            ready, cost = self._make(line, unit_id, asked)
            if ready >= FOREVER:
                self.rejected[line.name].append(f"unit {unit_id}: a component cannot be had")
                continue
            share = cost if asked == lot else cost * float(lot / asked)
            share += plant.dislike(line.item_id, unit_id, is_unit=True) * float(lot)
            found += [self._option(line, Source.UNIT, unit_id, None, lane, ready, lot, share) for lane in ways]
        return found

    def _make(self, line: OrderLine, unit_id: str, quantity: Decimal) -> tuple[int, float]:
        """Return when a unit could have made a quantity, and at what cost."""
        plant, release = self.plant, self.plant.release(line)
        if not self.optimistic:
            ready, cost = plant.estimates.make(line.item_id, unit_id, quantity, CROWD, pooled=True)
            return ready + release - plant.start, cost
        quality = plant.snapshot.unit[unit_id].quality
        if line.may_split:
            return plant.estimates.least(line.item_id, unit_id, ZERO, quantity / quality, release)
        started = plant.started(line.item_id, quantity, quality)
        return plant.estimates.least(line.item_id, unit_id, started, None, release)

    def _from_suppliers(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        plant, found = self.plant, []
        for supplier_id, offers in plant.snapshot.offers_of_item.get(line.item_id, {}).items():
            if not self._is_good_enough(line, supplier_id, SupplyType.PURCHASE):
                continue
            ways = self._ways(line, (supplier_id,), f"supplier {supplier_id}")
            if not ways:
                continue
            if self.optimistic:
                ready = min(plant.receivable(supplier_id, offer) for offer in offers)
                price = float(min(offer.unit_price for offer in offers))
                lot_cost = price * float(lot / plant.snapshot.supplier[supplier_id].quality) * self.weight_purchase
            else:
                quoted = self._quote(supplier_id, line.item_id, wanted)
                weeks = self._weeks(supplier_id, line, wanted, lot) if quoted is None else []
                if weeks:
                    found += [option for week in weeks for option in self._in_week(line, lot, ways, *week)]
                    continue
                if quoted is None:
                    self.rejected[line.name].append(f"supplier {supplier_id}: cannot deliver {wanted} at once")
                    continue
                ready = quoted[0]
                lot_cost = float(quoted[1] * lot / wanted) * self.weight_purchase
            lot_cost += plant.dislike(line.item_id, supplier_id, is_unit=False) * float(lot)
            found += [
                self._option(line, Source.SUPPLIER, supplier_id, None, lane, ready, lot, lot_cost) for lane in ways
            ]
        return found

    def _weeks(
        self, supplier_id: str, line: OrderLine, wanted: Decimal, lot: Decimal
    ) -> list[tuple[int, Decimal, Week]]:
        """Return when the first weeks' worth could be received of what a supplier cannot deliver at once, at what cost.

        Only for a line that may be split, and while a week holds a part that is not too small.
        """
        ledger = self.ledger
        found: list[tuple[int, Decimal, Week]] = []
        whole = ledger.most_at_once(supplier_id, line.item_id, NO_LIMIT)
        most = min(wanted, whole) // lot * lot if line.may_split else ZERO
        mark = ledger.mark()
        while most > 0 and most >= (line.min_split or ZERO) and len(found) < MOST_WEEKS and len(found) * most < wanted:
            quoted = ledger.quote(supplier_id, line.item_id, most)
            if quoted is None:
                break
            ledger.buy(quoted[2])
            week = Week(supplier_id, line.item_id, quoted[2].week, whole)
            found.append((quoted[0], quoted[1] * lot / most, week))
        ledger.rollback(mark)
        return found

    def _in_week(
        self, line: OrderLine, lot: Decimal, ways: tuple[Lane | None, ...], ready: int, lot_cost: Decimal, week: Week
    ) -> list[Option]:
        """Return the options of buying in one week."""
        cost = float(lot_cost) * self.weight_purchase
        cost += self.plant.dislike(line.item_id, week.supplier_id, is_unit=False) * float(lot)
        return [
            replace(self._option(line, Source.SUPPLIER, week.supplier_id, None, lane, ready, lot, cost), week=week)
            for lane in ways
        ]

    def _quote(self, supplier_id: str, item_id: str, wanted: Decimal) -> tuple[int, Decimal, Purchase] | None:
        """Return the ledger's quote, asked once for equal quantities: nothing is bought meanwhile."""
        key = (supplier_id, item_id, wanted)
        if key not in self._quotes:
            self._quotes[key] = self.ledger.quote(supplier_id, item_id, wanted)
        return self._quotes[key]
