"""What the exhaustive planner knows of a snapshot: minutes as ints, quantities and money as fractions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from exhaustive.clock import Clock, Span, count_open, find_first_open
from orderopt.models.item import ANY_FAMILY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from orderopt.models.item import Operation
    from orderopt.models.network import Lane, Offer, ProductionUnit, Quota, Supplier
    from orderopt.models.order import OrderLine
    from orderopt.models.result import FixedTask
    from orderopt.models.snapshot import Snapshot

Marks = tuple["Decimal | None", tuple["Decimal | float | None", ...]]
"""The preference that is given, and how strong, fast and reliable a source is."""

MAX_STEPS = 200
"""How many steps above a need a lawful purchase is looked for."""


@dataclass(frozen=True)
class Buy:
    """A lawful purchase: how much, when it is here, at which price of one unit."""

    quantity: Fraction
    receive: int
    price: Fraction


class Facts:
    """The facts of a snapshot in the numbers of the exhaustive planner.

    Parameters
    ----------
    snapshot
        A snapshot whose references are valid.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.clock = Clock(snapshot)
        self.start = self.clock.minute(snapshot.settings.start)
        self.weight = {term: Fraction(weight) for term, weight in snapshot.settings.weights().items()}
        self.lines = snapshot.planned_lines
        self.line = {line.name: line for line in self.lines}
        self._buys: dict[tuple[str, str, int, Fraction], Buy | None] = {}

    # -- lines ------------------------------------------------------------------------------------------------
    def release(self, line: OrderLine) -> int:
        """Return the minute before which nothing is handed over for a line."""
        return 0 if line.release_at is None else max(0, self.clock.minute(line.release_at))

    def late_cost(self, line: OrderLine) -> Fraction:
        """Return the weighted cost of a minute late."""
        per_day = Fraction(line.daily_tardiness_cost) * Fraction(self.snapshot.priority(line))
        return self.weight["tardiness"] * per_day / 1440

    def arrival_cost(self, line: OrderLine, arrival: int) -> float:
        """Return the weighted cost of a line that arrives at a minute, earliness apart."""
        priority = Fraction(self.snapshot.priority(line))
        late = arrival - self.clock.minute(line.due_at)
        cost = max(0, late) * self.late_cost(line)
        if late > 0:
            cost += self.weight["late"] * priority * (1 if line.late_cost is None else Fraction(line.late_cost))
        cost += self.weight["flow"] * priority * max(0, arrival - self.release(line)) / 1440
        return float(cost)

    def unserved_cost(self, line: OrderLine, quantity: Fraction) -> Fraction:
        """Return the weighted cost of leaving a quantity unserved."""
        full = Fraction(line.full_unserved_cost(self.snapshot.priority(line)))
        return self.weight["unserved"] * full * quantity / Fraction(line.quantity)

    # -- items and units --------------------------------------------------------------------------------------
    def round_up(self, item_id: str, quantity: Fraction) -> Fraction:
        """Return the smallest multiple of the item's step that is not below a quantity."""
        step = Fraction(self.snapshot.item[item_id].quantity_step)
        return math.ceil(quantity / step) * step

    def unit_quality(self, unit_id: str) -> Fraction:
        """Return the share of good output of a unit."""
        return Fraction(self.snapshot.unit[unit_id].quality)

    def work_minutes(self, row: Operation, quantity: Fraction) -> int:
        """Return the working minutes of a step without its setup."""
        efficiency = Fraction(self.snapshot.resource[row.resource_id].efficiency)
        return math.ceil((Fraction(row.fixed_minutes) + quantity * Fraction(row.minutes_per_unit)) / efficiency)

    @cached_property
    def open_spans(self) -> dict[str, tuple[Span, ...]]:
        """Open spans of each resource."""
        return {name: self.clock.open_spans(row.calendar_id) for name, row in self.snapshot.resource.items()}

    @cached_property
    def minute_cost(self) -> dict[str, Fraction]:
        """Weighted cost of a minute of setup or work, for each resource."""
        return {
            name: self.weight["production"] * Fraction(row.cost_per_hour) / 60
            for name, row in self.snapshot.resource.items()
        }

    @cached_property
    def _setups(self) -> dict[tuple[str, str, str], tuple[int, Fraction] | None]:
        return {
            (row.resource_id, row.from_family, row.to_family): (
                None if row.forbidden else (int(row.minutes), Fraction(row.cost))
            )
            for row in self.snapshot.setups
        }

    def changeover(
        self, resource_id: str, before: str | None, after: str | None, *, first: bool
    ) -> tuple[int, Fraction] | None:
        """Return minutes and weighted cost of a changeover; None where it is forbidden.

        Parameters
        ----------
        first
            Whether nothing was done on the resource before, so that `before` is its initial family.
        """
        if after is None or (first and before is None):
            return 0, Fraction(0)
        for family in (before, ANY_FAMILY):
            if family is not None and (resource_id, family, after) in self._setups:
                found = self._setups[resource_id, family, after]
                return None if found is None else (found[0], self.weight["setup"] * found[1])
        return 0, Fraction(0)

    @cached_property
    def fixed_jobs(self) -> dict[str, tuple[FixedTask, ...]]:
        """Fixed tasks of each job, in order of their steps."""
        jobs: dict[str, list[FixedTask]] = {}
        for task in self.snapshot.fixed_tasks:
            jobs.setdefault(task.job_id, []).append(task)
        return {job_id: tuple(sorted(tasks, key=lambda task: task.op_no)) for job_id, tasks in jobs.items()}

    def fixed_family(self, task: FixedTask) -> str | None:
        """Return the setup family of a fixed task, from its row of the routing."""
        rows = self.snapshot.routing.get((task.item_id, task.unit_id), {}).get(task.op_no, ())
        return next((row.family for row in rows if row.resource_id == task.resource_id), None)

    @cached_property
    def unit_minutes(self) -> dict[str, int]:
        """Open minutes times capacity of the resources of each unit that has a routing, over the horizon."""
        settings = self.snapshot.settings
        if settings.horizon_end is not None:
            end = self.clock.minute(settings.horizon_end)
        else:
            end = max([1440, *(self.clock.minute(line.due_at) for line in self.lines)])
        return {
            unit_id: sum(
                resource.capacity * count_open(self.open_spans[resource.resource_id], 0, end)
                for resource in self.snapshot.resources
                if resource.unit_id == unit_id
            )
            for unit_id in sorted({row.unit_id for row in self.snapshot.operations})
        }

    # -- buying -----------------------------------------------------------------------------------------------
    def offers(self, supplier_id: str, item_id: str) -> tuple[Offer, ...]:
        """Return the price breaks of an item at a supplier, in rising order."""
        return self.snapshot.offers_of_item.get(item_id, {}).get(supplier_id, ())

    def suppliers_of(self, item_id: str) -> tuple[str, ...]:
        """Return the suppliers that sell an item and are good enough for it."""
        floor = self.snapshot.item[item_id].quality_floor
        sellers = self.snapshot.offers_of_item.get(item_id, {})
        return tuple(name for name in sellers if self.reaches(self.snapshot.supplier[name], floor))

    def units_of(self, item_id: str) -> tuple[str, ...]:
        """Return the units that can make an item and are good enough for it."""
        floor = self.snapshot.item[item_id].quality_floor
        units = self.snapshot.units_of_item.get(item_id, ())
        return tuple(name for name in units if self.reaches(self.snapshot.unit[name], floor))

    def reaches(self, source: ProductionUnit | Supplier, floor: Decimal | None) -> bool:
        """Say whether a source is rated no lower than a floor."""
        rating = source.quality_rating if source.quality_rating is not None else source.quality
        return floor is None or rating >= floor

    def may_serve(self, line: OrderLine, source: ProductionUnit | Supplier) -> bool:
        """Say whether a source reaches every floor that holds for a line."""
        customer = self.snapshot.customer[self.snapshot.order[line.order_id].customer_id]
        floors = (line.quality_floor, customer.quality_floor, self.snapshot.item[line.item_id].quality_floor)
        return all(self.reaches(source, floor) for floor in floors)

    def weeks_of(self, supplier_id: str, item_id: str) -> range:
        """Return the weeks worth looking at: one, or three where there is a weekly maximum."""
        limited = any(row.max_per_week is not None for row in self.offers(supplier_id, item_id))
        return range(3 if limited else 1)

    def smallest_buy(self, supplier_id: str, item_id: str, week: int, good: Fraction) -> Buy | None:
        """Return the smallest lawful purchase of one week that holds a good quantity, or None.

        Parameters
        ----------
        week
            Weeks after that of the first possible receipt.
        good
            What is needed after the supplier's quality, above 0.
        """
        key = supplier_id, item_id, week, good
        if key not in self._buys:
            self._buys[key] = self._find_buy(*key)
        return self._buys[key]

    def supplier_quality(self, supplier_id: str) -> Fraction:
        """Return the share of good pieces in what a supplier delivers."""
        return Fraction(self.snapshot.supplier[supplier_id].quality)

    def _find_buy(self, supplier_id: str, item_id: str, week: int, good: Fraction) -> Buy | None:
        step = Fraction(self.snapshot.item[item_id].quantity_step)
        least = math.ceil(good / self.supplier_quality(supplier_id) / step)
        for count in range(max(least, 1), least + MAX_STEPS):
            buy = self._read_buy(supplier_id, item_id, week, count * step)
            if buy is not None:
                return buy
        return None

    def _read_buy(self, supplier_id: str, item_id: str, week: int, quantity: Fraction) -> Buy | None:
        offers = [row for row in self.offers(supplier_id, item_id) if row.from_quantity <= quantity]
        if not offers:
            return None
        row = offers[-1]
        if quantity < (row.min_quantity or 0) or (row.lot_multiple and quantity % Fraction(row.lot_multiple)):
            return None
        if row.max_per_week is not None and quantity > row.max_per_week:
            return None
        receive = self._receive(supplier_id, item_id, week, row.lead_time_days)
        return None if receive is None else Buy(quantity, receive, Fraction(row.unit_price))

    def _receive(self, supplier_id: str, item_id: str, week: int, lead_time_days: Decimal) -> int | None:
        spans = self.clock.open_spans(self.snapshot.supplier[supplier_id].calendar_id)
        leads = [row.lead_time_days for row in self.offers(supplier_id, item_id)]
        first = find_first_open(spans, math.ceil(min(leads) * 1440))
        if first is None:
            return None
        monday, next_monday = self.clock.week_start(first, week), self.clock.week_start(first, week + 1)
        receive = find_first_open(spans, max(math.ceil(lead_time_days * 1440), monday if week else 0))
        return None if receive is None or receive >= next_monday else receive

    # -- preference -------------------------------------------------------------------------------------------
    def lack(self, kind: str, name: str, item_id: str) -> Fraction:
        """Return what a unit or supplier lacks of a preference of 1, if that weighs; nothing for what lies there."""
        settings, snapshot = self.snapshot.settings, self.snapshot
        if kind not in {"unit", "supplier"} or not settings.weight_preference:
            return Fraction(0)
        rows = {
            ("supplier", each): self._supplier_marks(each, item_id) for each in snapshot.offers_of_item.get(item_id, {})
        }
        rows |= {
            ("unit", each): self._unit_marks(snapshot.unit[each]) for each in snapshot.units_of_item.get(item_id, ())
        }
        given, own = rows.pop((kind, name))
        if given is not None:
            return 1 - Fraction(given)
        won = weighed = Fraction(0)
        weights = (settings.prefer_strong, settings.prefer_fast, settings.prefer_reliable)
        for place, weight in enumerate(map(Fraction, weights)):
            others = [marks[place] for _, marks in rows.values() if marks[place] is not None]
            if own[place] is not None and others:
                duels = [2 if own[place] > other else 1 if own[place] == other else 0 for other in others]
                won += weight * sum(duels) / (2 * len(duels))
                weighed += weight
        return 1 - won / weighed if weighed else Fraction(0)

    # -- quotas -----------------------------------------------------------------------------------------------
    def beyond_quotas(self, parts: Iterable[tuple[str, str, str, Fraction]]) -> Fraction:
        """Return what sources have beyond their quotas.

        Parameters
        ----------
        parts
            Item, kind, name and quantity of everything that lines get.
        """
        had = {(row.item_id, _quota_name(row)): Fraction(row.so_far) for row in self.snapshot.quotas}
        for item_id, kind, name, quantity in parts:
            if (item_id, (kind, name)) in had:
                had[item_id, (kind, name)] += quantity
        whole: dict[str, Fraction] = {}
        for (item_id, _), quantity in had.items():
            whole[item_id] = whole.get(item_id, Fraction(0)) + quantity
        off = (
            had[row.item_id, _quota_name(row)] - Fraction(row.share) * whole[row.item_id]
            for row in self.snapshot.quotas
        )
        return sum((each for each in off if each > 0), Fraction(0))

    def _supplier_marks(self, name: str, item_id: str) -> Marks:
        offers, supplier = self.offers(name, item_id), self.snapshot.supplier[name]
        most = [math.inf if row.max_per_week is None else row.max_per_week for row in offers]
        return offers[0].preference, (max(most), -min(row.lead_time_days for row in offers), _trust(supplier))

    def _unit_marks(self, unit: ProductionUnit) -> Marks:
        lead = None if unit.usual_lead_days is None else -unit.usual_lead_days
        return unit.preference, (unit.usual_per_week, lead, _trust(unit))

    # -- transport --------------------------------------------------------------------------------------------
    def lanes(self, origins: tuple[str, ...], line: OrderLine) -> tuple[Lane | None, ...]:
        """Return the ways from a source to a line's destination; None means that there is nothing to travel."""
        if line.destination is None or line.destination in origins:
            return (None,)
        return tuple(
            lane for origin in origins for lane in self.snapshot.lanes_from.get((origin, line.destination), ())
        )


def _quota_name(row: Quota) -> tuple[str, str]:
    return ("unit", row.unit_id) if row.unit_id is not None else ("supplier", str(row.supplier_id))


def _trust(source: ProductionUnit | Supplier) -> Decimal:
    rating = source.quality_rating if source.quality_rating is not None else source.quality
    return rating if source.on_time_rate is None else rating * source.on_time_rate


def arrive(facts: Facts, lane: Lane | None, depart: int) -> int:
    """Return the minute at which a departure arrives."""
    return depart if lane is None else depart + math.ceil(lane.lead_time_hours * 60)
