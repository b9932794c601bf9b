"""The supply network made ready for planning: clock, open hours, routings in minutes, ways to customers.

Built once from a snapshot. Ids stay ids here; positions exist only for resources, units and calendars, because
every question to a solver needs them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from functools import cached_property

from orderopt.models.departures import parse_departures
from orderopt.models.item import ANY_FAMILY, BomLine, Operation
from orderopt.models.moment import floor_minute
from orderopt.models.network import Lane, Offer, Resource
from orderopt.models.order import OrderLine
from orderopt.models.result import SupplyType
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.charges import LineCharges
from orderopt.solvers.compiled.clock import Clock
from orderopt.solvers.compiled.estimates import Estimates
from orderopt.solvers.compiled.open_time import ALWAYS, FOREVER, OpenTime, compile_open_times
from orderopt.solvers.compiled.preference import Key, find_preferences
from orderopt.solvers.compiled.quotas import Agreement, find_agreements

NO_FLOOR = Decimal(0)

YEARS = 5
"""How far ahead of the start plans may reach, in years."""

_PAST = 60 * 1440


@dataclass(frozen=True, eq=False)
class Alternative:
    """One resource that can do a step."""

    operation: Operation
    resource: int
    lag: int
    breakable: bool


@dataclass(frozen=True, eq=False)
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
        position_of = {name: position for position, name in enumerate(names, start=1)}
        self.resources: tuple[Resource, ...] = snapshot.resources
        self._calendars = [0 if each.calendar_id is None else position_of[each.calendar_id] for each in self.resources]
        self.resource_index = {resource.resource_id: position for position, resource in enumerate(self.resources)}
        self.unit_index = {unit.unit_id: position for position, unit in enumerate(snapshot.production_units)}
        self._works: dict[tuple[Alternative, Decimal], int] = {}
        self._usable: dict[tuple[Step, Decimal], tuple[Alternative, ...]] = {}
        self._longest: dict[tuple[int, bool], int] = {}
        self._ticks: dict[datetime, int] = {}
        self._leads: dict[Decimal, int] = {}
        self._departures: dict[str, list[int]] = {}
        self._receivable: dict[tuple[str, Decimal], int] = {}
        self._preferences: dict[str, dict[Key, Fraction]] = {}

    # ---- resources -----------------------------------------------------------------------------------

    def calendar(self, resource: int) -> int:
        """Return the position of a resource's calendar (0 is always open)."""
        return self._calendars[resource]

    def open_time(self, resource: int) -> OpenTime:
        """Return the open hours of a resource."""
        return self.open_times[self._calendars[resource]]

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
        key = (alternative, quantity)
        work = self._works.get(key)
        if work is None:
            operation = alternative.operation
            minutes = operation.fixed_minutes + quantity * operation.minutes_per_unit
            work = self._works[key] = ceil_whole(minutes / self.resources[alternative.resource].efficiency)
        return work

    def usable(self, step: Step, quantity: Decimal) -> tuple[Alternative, ...]:
        """Return the alternatives on which the step fits into the open hours at all."""
        key = (step, quantity)
        found = self._usable.get(key)
        if found is None:
            found = self._usable[key] = tuple(
                alternative
                for alternative in step.alternatives
                if self.work(alternative, quantity) <= self._most_work(alternative)
            )
        return found

    def _most_work(self, alternative: Alternative) -> int:
        """Return the longest work that fits into the open hours of an alternative from the start on."""
        key = (self.calendar(alternative.resource), alternative.breakable)
        if key not in self._longest:
            self._longest[key] = self.open_times[key[0]].most(self.start, alternative.breakable)
        return self._longest[key]

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
        if lane is None:
            return 0
        hours = lane.lead_time_hours
        if hours not in self._leads:
            self._leads[hours] = ceil_whole(hours * 60)
        return self._leads[hours]

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
        return self._tick(line.due_at)

    def release(self, line: OrderLine | None) -> int:
        """Return the minute before which nothing for a line starts."""
        if line is None or line.release_at is None:
            return self.start
        return max(self.start, self._tick(line.release_at))

    def _tick(self, moment: datetime) -> int:
        """Return the minute of a moment; lines are asked about again and again, and share their moments."""
        found = self._ticks.get(moment)
        if found is None:
            found = self._ticks[moment] = self.clock.tick(moment)
        return found

    def handover(self, line: OrderLine | None) -> int:
        """Return the minute before which stock and receipts are not handed over for a line."""
        return 0 if line is None or line.release_at is None else max(0, self._tick(line.release_at))

    @cached_property
    def minute_cost(self) -> dict[str, float]:
        """Weighted cost of a minute late, by line name."""
        weight = self.snapshot.settings.weight_tardiness
        return {
            line.name: float(line.daily_tardiness_cost * self.snapshot.priority(line) * weight) / 1440
            for line in self.snapshot.planned_lines
        }

    @cached_property
    def charges(self) -> dict[str, LineCharges]:
        """What a line costs beside its lateness, weighted, by line name; only lines that cost anything."""
        settings = self.snapshot.settings
        found = {}
        for line in self.snapshot.planned_lines:
            priority = self.snapshot.priority(line)
            charges = LineCharges(
                late=float(line.once_late_cost * priority * settings.weight_late),
                early=float(line.daily_earliness_cost * priority * settings.weight_earliness) / 1440,
                flow=float(priority * settings.weight_flow) / 1440,
                since=self.handover(line),
            )
            if charges.late or charges.early or charges.flow:
                found[line.name] = charges
        return found

    def arrival_cost(self, line: OrderLine, arrival: int) -> float:
        """Return the weighted cost of a line that arrives at a minute (early, late or on time)."""
        due, charges = self.due(line), self.charges.get(line.name)
        cost = max(0, arrival - due) * self.minute_cost[line.name]
        if charges is not None:
            cost += charges.cost(due, arrival)
        return cost

    @cached_property
    def unserved_cost(self) -> dict[str, float]:
        """Weighted cost of leaving a whole line unserved, by line name."""
        weight = self.snapshot.settings.weight_unserved
        return {
            line.name: float(line.full_unserved_cost(self.snapshot.priority(line)) * weight)
            for line in self.snapshot.planned_lines
        }

    # ---- sources -------------------------------------------------------------------------------------

    @cached_property
    def makers(self) -> dict[str, tuple[str, ...]]:
        """Units that may make an item: those with a routing that are rated no lower than the item asks."""
        snapshot, found = self.snapshot, {}
        for item_id, unit_ids in snapshot.units_of_item.items():
            floor = snapshot.item[item_id].quality_floor or NO_FLOOR
            allowed = tuple(unit_id for unit_id in unit_ids if snapshot.unit[unit_id].rating >= floor)
            if allowed:
                found[item_id] = allowed
        return found

    @cached_property
    def sellers(self) -> dict[str, dict[str, tuple[Offer, ...]]]:
        """Price breaks of the suppliers that are rated no lower than the item asks, by item_id and supplier_id."""
        snapshot, found = self.snapshot, {}
        for item_id, by_supplier in snapshot.offers_of_item.items():
            floor = snapshot.item[item_id].quality_floor or NO_FLOOR
            allowed = {name: offers for name, offers in by_supplier.items() if snapshot.supplier[name].rating >= floor}
            if allowed:
                found[item_id] = allowed
        return found

    def quality_floor(self, line: OrderLine) -> Decimal:
        """Return the lowest rating of a source that may serve a line; 0: any may."""
        snapshot = self.snapshot
        customer = snapshot.customer[snapshot.order[line.order_id].customer_id]
        floors = line.quality_floor, snapshot.item[line.item_id].quality_floor, customer.quality_floor
        return max((floor for floor in floors if floor is not None), default=NO_FLOOR)

    def reaches_floor(self, line: OrderLine, source_id: str | None, kind: SupplyType) -> bool:
        """Whether what a unit makes or a supplier sells is good enough for a line; what lies there already is."""
        if source_id is None or kind in {SupplyType.STOCK, SupplyType.RECEIPT}:
            return True
        sources = self.snapshot.unit if kind is SupplyType.JOB else self.snapshot.supplier
        return sources[source_id].rating >= self.quality_floor(line)

    def preference(self, item_id: str, source_id: str, *, is_unit: bool) -> Fraction:
        """Return how gladly a unit or supplier is taken for an item, 0 to 1."""
        if item_id not in self._preferences:
            self._preferences[item_id] = find_preferences(self.snapshot, item_id)
        return self._preferences[item_id].get((is_unit, source_id), Fraction(1))

    def dislike(self, item_id: str, source_id: str, *, is_unit: bool) -> float:
        """Return the weighted cost of a unit of an item from a source that is not the most preferred one."""
        weight = self.snapshot.settings.weight_preference
        if not weight:
            return 0.0
        return float(weight) * float(1 - self.preference(item_id, source_id, is_unit=is_unit))

    @cached_property
    def agreements(self) -> dict[str, Agreement]:
        """Quotas of each item that has some, where they weigh anything."""
        return find_agreements(self.snapshot) if self.snapshot.settings.weight_quota else {}

    # ---- buying --------------------------------------------------------------------------------------

    def receivable(self, supplier_id: str, offer: Offer) -> int:
        """Return the earliest minute at which a purchase of an offer can be received."""
        key = (supplier_id, offer.lead_time_days)
        found = self._receivable.get(key)
        if found is None:
            lead = ceil_whole(offer.lead_time_days * 1440)
            found = self._receivable[key] = self.supplier_open_time(supplier_id).next_open(lead)
        return found

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
    def estimates(self) -> Estimates:
        """How soon and how cheaply things could be made."""
        return Estimates(self)

    @cached_property
    def hour_cost(self) -> list[float]:
        """Cost of an hour of each resource, before weights."""
        return [float(resource.cost_per_hour) for resource in self.resources]

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
