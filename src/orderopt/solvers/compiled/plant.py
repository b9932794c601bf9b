"""The supply network made ready for planning: clock, open hours, routings in minutes, ways to customers.

Built once from a snapshot. Ids stay ids here; positions exist only for resources, units and calendars, because
every question to a solver needs them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from orderopt.models.departures import parse_departures
from orderopt.models.item import ANY_FAMILY, BomLine, Operation
from orderopt.models.moment import floor_minute
from orderopt.models.network import Lane, Offer, Resource
from orderopt.models.order import OrderLine
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.clock import Clock
from orderopt.solvers.compiled.open_time import ALWAYS, FOREVER, OpenTime, compile_open_times

YEARS = 5
"""How far ahead of the start plans may reach, in years."""

_PAST = 60 * 1440


@dataclass(frozen=True)
class Alternative:
    """One resource that can do a step."""

    operation: Operation
    resource: int
    lag: int
    breakable: bool


@dataclass(frozen=True)
class Step:
    """One step of a routing and what it draws."""

    op_no: int
    alternatives: tuple[Alternative, ...]
    components: tuple[BomLine, ...]


def ceil_whole(value: Decimal) -> int:
    """Return the smallest whole number that is not below a decimal."""
    return int(value.to_integral_value(rounding=ROUND_CEILING))


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """Return the smallest multiple of `step` that is not below `value`."""
    return ceil_whole(value / step) * step if step else value


class Plant:
    """Everything that planning asks about the supply network.

    Parameters
    ----------
    snapshot
        Checked facts.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        settings = snapshot.settings
        self.clock = Clock(settings.horizon_start, settings.zone)
        self.start = self.clock.tick(settings.start)
        since = min([0, *(self.clock.tick(floor_minute(task.start)) for task in snapshot.fixed_tasks)]) - _PAST
        dues = [self.clock.tick(line.due_at) for line in snapshot.planned_lines]
        self.last_due = max(dues, default=0)
        self.window_end = (
            self.clock.tick(settings.horizon_end) if settings.horizon_end is not None else max(self.last_due, 1440)
        )
        self.until = max(self.start, self.window_end, self.last_due) + YEARS * 365 * 1440
        self.open_times_by_id = compile_open_times(snapshot, self.clock, since, self.until)
        names = sorted(self.open_times_by_id)
        self.open_times: tuple[OpenTime, ...] = (ALWAYS, *(self.open_times_by_id[name] for name in names))
        self._calendar = {name: position for position, name in enumerate(names, start=1)}
        self.resources: tuple[Resource, ...] = snapshot.resources
        self.resource_index = {resource.resource_id: position for position, resource in enumerate(self.resources)}
        self.unit_index = {unit.unit_id: position for position, unit in enumerate(snapshot.production_units)}
        self._works: dict[tuple[int, Decimal], int] = {}

    # ---- resources -----------------------------------------------------------------------------------

    def calendar(self, resource: int) -> int:
        """Return the position of a resource's calendar (0 is always open)."""
        name = self.resources[resource].calendar_id
        return 0 if name is None else self._calendar[name]

    def open_time(self, resource: int) -> OpenTime:
        """Return the open hours of a resource."""
        return self.open_times[self.calendar(resource)]

    def supplier_open_time(self, supplier_id: str) -> OpenTime:
        """Return when a supplier delivers."""
        name = self.snapshot.supplier[supplier_id].calendar_id
        return ALWAYS if name is None else self.open_times_by_id[name]

    @cached_property
    def unit_capacity(self) -> list[int]:
        """Open minutes times capacity of each unit in the window in which loads are compared."""
        minutes = [0] * len(self.unit_index)
        for position, resource in enumerate(self.resources):
            open_minutes = self.open_time(position).between(0, self.window_end)
            minutes[self.unit_index[resource.unit_id]] += open_minutes * resource.capacity
        return minutes

    @cached_property
    def families(self) -> dict[str, dict[str, int]]:
        """Setup families of every resource that has setups, counted from 1."""
        families: dict[str, dict[str, int]] = {}
        for setup in self.snapshot.setups:
            known = families.setdefault(setup.resource_id, {})
            for family in (setup.from_family, setup.to_family):
                if family != ANY_FAMILY:
                    known.setdefault(family, len(known) + 1)
        for operation in self.snapshot.operations:
            if operation.family is not None and operation.resource_id in families:
                known = families[operation.resource_id]
                known.setdefault(operation.family, len(known) + 1)
        for resource in self.resources:
            if resource.initial_family is not None and resource.resource_id in families:
                known = families[resource.resource_id]
                known.setdefault(resource.initial_family, len(known) + 1)
        return families

    # ---- routings ------------------------------------------------------------------------------------

    @cached_property
    def routings(self) -> dict[tuple[str, str], tuple[Step, ...]]:
        """Steps by (item_id, unit_id); a step that can never be done makes the routing empty."""
        return {key: self._steps(key) for key in self.snapshot.routing}

    def _steps(self, key: tuple[str, str]) -> tuple[Step, ...]:
        routing = self.snapshot.routing[key]
        bom = self.snapshot.components.get(key[0], ())
        first = next(iter(routing))
        steps = []
        for op_no, operations in routing.items():
            drawn = tuple(
                line
                for line in bom
                if line.op_no == op_no or (op_no == first and (line.op_no is None or line.op_no not in routing))
            )
            alternatives = tuple(
                Alternative(
                    operation,
                    self.resource_index[operation.resource_id],
                    ceil_whole(operation.transfer_minutes or Decimal(0)),
                    operation.breakable,
                )
                for operation in operations
            )
            steps.append(Step(op_no, alternatives, drawn))
        return tuple(steps)

    def work(self, alternative: Alternative, quantity: Decimal) -> int:
        """Return the working minutes of a step for a started quantity, without setup."""
        key = (id(alternative), quantity)
        if key not in self._works:
            operation = alternative.operation
            minutes = operation.fixed_minutes + quantity * operation.minutes_per_unit
            self._works[key] = ceil_whole(minutes / self.resources[alternative.resource].efficiency)
        return self._works[key]

    def usable(self, step: Step, quantity: Decimal) -> tuple[Alternative, ...]:
        """Return the alternatives on which the step fits into the open hours at all."""
        return tuple(
            alternative
            for alternative in step.alternatives
            if self.open_time(alternative.resource).fit(
                self.start, self.work(alternative, quantity), alternative.breakable
            )[1]
            < FOREVER
        )

    def started(self, item_id: str, quantity: Decimal, quality: Decimal) -> Decimal:
        """Return what must be started (or bought) to deliver a quantity at a quality."""
        return ceil_to(quantity / quality, self.snapshot.item[item_id].quantity_step)

    # ---- ways to the customer ------------------------------------------------------------------------

    def lanes(self, origins: tuple[str | None, ...], line: OrderLine) -> tuple[Lane | None, ...]:
        """Return the ways from any of the origins to a line's destination; None is no transport.

        An empty result means that the source cannot serve the line.
        """
        destination = line.destination
        if destination is None:
            return (None,)
        found = tuple(
            lane
            for origin in dict.fromkeys(origins)
            if origin is not None
            for lane in self.snapshot.lanes_from.get((origin, destination), ())
        )
        return (None, *found) if destination in origins else found

    def lead(self, lane: Lane | None) -> int:
        """Return the minutes from departure to arrival."""
        return 0 if lane is None else ceil_whole(lane.lead_time_hours * 60)

    @cached_property
    def _departures(self) -> dict[str, list[int]]:
        return {}

    def departures(self, lane: Lane) -> list[int] | None:
        """Return the minutes at which a lane with a timetable leaves, from the start on; None: at once."""
        if lane.departs is None:
            return None
        if lane.departs not in self._departures:
            pattern = parse_departures(lane.departs)
            leaves = []
            for monday in self.clock.week_starts(0, self.until):
                day_one = self.clock.moment(monday).replace(tzinfo=None)
                for weekday, minute in pattern:
                    leaves.append(self.clock.wall(day_one + timedelta(days=weekday), minute))
            self._departures[lane.departs] = sorted({leave for leave in leaves if leave >= 0})
        return self._departures[lane.departs]

    def arrival(self, lane: Lane | None, available: int) -> int:
        """Return when goods that are available at a minute arrive, with room on board."""
        if lane is None or available >= FOREVER:
            return available
        leaves = self.departures(lane)
        if leaves is None:
            return available + self.lead(lane)
        position = bisect_left(leaves, available)
        return FOREVER if position == len(leaves) else leaves[position] + self.lead(lane)

    def freight(self, lane: Lane | None, quantity: Decimal) -> Decimal:
        """Return the cost of sending a quantity alone."""
        if lane is None:
            return Decimal(0)
        shipments = 1 if lane.capacity is None else ceil_whole(quantity / lane.capacity)
        return lane.cost_fixed * shipments + lane.cost_per_unit * quantity

    # ---- demand --------------------------------------------------------------------------------------

    def due(self, line: OrderLine) -> int:
        """Return the minute at which a line is due."""
        return self.clock.tick(line.due_at)

    def release(self, line: OrderLine | None) -> int:
        """Return the minute before which nothing for a line starts."""
        if line is None or line.release_at is None:
            return self.start
        return max(self.start, self.clock.tick(line.release_at))

    def handover(self, line: OrderLine | None) -> int:
        """Return the minute before which stock and receipts are not handed over for a line."""
        return 0 if line is None or line.release_at is None else max(0, self.clock.tick(line.release_at))

    @cached_property
    def minute_cost(self) -> dict[str, float]:
        """Weighted cost of a minute late, by line name."""
        weight = self.snapshot.settings.weight_tardiness
        return {
            line.name: float(line.daily_tardiness_cost * self.snapshot.priority(line) * weight) / 1440
            for line in self.snapshot.planned_lines
        }

    @cached_property
    def unserved_cost(self) -> dict[str, float]:
        """Weighted cost of leaving a whole line unserved, by line name."""
        weight = self.snapshot.settings.weight_unserved
        return {
            line.name: float(line.full_unserved_cost(self.snapshot.priority(line)) * weight)
            for line in self.snapshot.planned_lines
        }

    # ---- buying --------------------------------------------------------------------------------------

    def receivable(self, supplier_id: str, offer: Offer) -> int:
        """Return the earliest minute at which a purchase of an offer can be received."""
        lead = ceil_whole(offer.lead_time_days * 1440)
        return self.supplier_open_time(supplier_id).next_open(lead)

    @cached_property
    def weeks(self) -> list[int]:
        """Begin of every ISO week of the plan, in minutes."""
        return self.clock.week_starts(0, self.until)

    def week(self, minute: int) -> int:
        """Return the position of the ISO week of a minute among :attr:`weeks`."""
        return bisect_left(self.weeks, minute + 1) - 1

    @cached_property
    def need_of(self) -> dict[str, list[tuple[str, Decimal]]]:
        """Components of each item and what one started unit draws of them."""
        needs: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for line in self.snapshot.bom:
            needs[line.item_id][line.component_id] += line.need_per_unit
        return {item: list(found.items()) for item, found in needs.items()}

    # ---- estimates -----------------------------------------------------------------------------------

    @cached_property
    def _stretch(self) -> list[float]:
        stretches = []
        for position in range(len(self.resources)):
            worked = self.open_time(position).between(self.start, self.start + 365 * 1440)
            stretches.append(365 * 1440 / worked if worked else 1e6)
        return stretches

    def stretch(self, resource: int) -> float:
        """Return how many real minutes an open minute of a resource takes, on average over a year."""
        return self._stretch[resource]

    def make_estimate(
        self, item_id: str, unit_id: str, quantity: Decimal, crowd: float, *, pooled: bool = False, _level: int = 0
    ) -> tuple[int, float]:
        """Return when a unit could have made a quantity, and what that costs, components included.

        Parameters
        ----------
        crowd
            How many times the bare working time a step is expected to take.
        pooled
            True: components are not charged, since the caller counts them together.
        """
        steps = self.routings.get((item_id, unit_id), ())
        if not steps or _level > 40:
            return FOREVER, float("inf")
        started = self.started(item_id, quantity, self.snapshot.unit[unit_id].quality)
        minute, cost = self.start, 0.0
        rate = float(self.snapshot.settings.weight_production)
        for step in steps:
            for component in step.components:
                ready, added = self.component_estimate(
                    component.component_id, started * component.need_per_unit, crowd, _level + 1
                )
                minute = max(minute, ready)
                if not pooled:
                    cost += added
            works = [(self.work(option, started), option) for option in step.alternatives]
            minute += int(min(work * self.stretch(option.resource) for work, option in works) * crowd)
            minute += min(option.lag for option in step.alternatives)
            cost += rate * min(
                work * float(self.resources[option.resource].cost_per_hour) / 60 for work, option in works
            )
        return min(minute, FOREVER), cost

    def component_estimate(self, item_id: str, quantity: Decimal, crowd: float, _level: int = 0) -> tuple[int, float]:
        """Return when a quantity of a component could be there at the earliest, and at the least cost."""
        if item_id in self._lying:
            return self._lying[item_id], 0.0
        readies, costs = [], []
        for offers in self.snapshot.offers_of_item.get(item_id, {}).values():
            readies.append(min(self.receivable(offer.supplier_id, offer) for offer in offers))
            price = min(offer.unit_price for offer in offers)
            costs.append(float(price * quantity * self.snapshot.settings.weight_purchase))
        for unit_id in self.snapshot.units_of_item.get(item_id, ()):
            ready, cost = self.make_estimate(item_id, unit_id, quantity, crowd, _level=_level)
            readies.append(ready)
            costs.append(cost)
        return min(readies, default=FOREVER), min(costs, default=float("inf"))

    def least(
        self, item_id: str, unit_id: str, started: Decimal, rate_for: Decimal | None, release: int, _level: int = 0
    ) -> tuple[int, float]:
        """Return what no plan can beat: the earliest end of making an item at a unit, and the cost of its work.

        Parameters
        ----------
        started
            Started quantity at least (0: unknown).
        rate_for
            Quantity whose cost is asked for, without fixed minutes; None: that of `started`, with them.
        release
            Nothing starts before.
        """
        minute, cost = release, 0.0
        weight = float(self.snapshot.settings.weight_production)
        steps = self.routings[item_id, unit_id]
        for position, step in enumerate(steps):
            for component in step.components:
                minute = max(minute, self._least_component(component.component_id, release, _level + 1))
            ends, costs = [], []
            for option in step.alternatives:
                work = self.work(option, started)
                work_for = float(work)
                ends.append(self.open_time(option.resource).fit(minute, work, option.breakable)[1])
                resource = self.resources[option.resource]
                if rate_for is not None:
                    work_for = float(rate_for * option.operation.minutes_per_unit / resource.efficiency)
                costs.append(work_for * float(resource.cost_per_hour) / 60)
            cost += weight * min(costs)
            minute = min(ends)
            if minute >= FOREVER:
                return FOREVER, cost
            if position + 1 < len(steps):
                minute += min(option.lag for option in step.alternatives)
        return minute, cost

    def _least_component(self, item_id: str, release: int, level: int) -> int:
        """Return a minute before which no component can be there."""
        readies = [self._lying[item_id]] if item_id in self._lying else []
        readies += [
            self.receivable(supplier_id, offer)
            for supplier_id, offers in self.snapshot.offers_of_item.get(item_id, {}).items()
            for offer in offers
        ]
        if level <= 40:
            readies += [
                self.least(item_id, unit_id, Decimal(0), Decimal(0), self.start, level)[0]
                for unit_id in self.snapshot.units_of_item.get(item_id, ())
            ]
        return min(readies, default=FOREVER)

    @cached_property
    def _lying(self) -> dict[str, int]:
        """When the first free stock, receipt or work in progress of an item is there."""
        first: dict[str, int] = {}
        for stock in self.snapshot.stock:
            if stock.free > 0:
                at = 0 if stock.available_at is None else max(0, self.clock.tick(stock.available_at))
                first[stock.item_id] = min(at, first.get(stock.item_id, FOREVER))
        for receipt in self.snapshot.receipts:
            at = max(0, self.clock.tick(receipt.available_at))
            first[receipt.item_id] = min(at, first.get(receipt.item_id, FOREVER))
        for task in self.snapshot.fixed_tasks:
            at = max(0, self.clock.tick(task.end))
            first[task.item_id] = min(at, first.get(task.item_id, FOREVER))
        return first
