"""The allocation question of a plant: which options each line has, what they cost, and what is scarce."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from orderopt.models.network import Lane
from orderopt.models.order import OrderLine
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, Step, ceil_whole
from orderopt.solvers.compiled.sourcing import Source, SourcingArrays, SourcingProblem
from orderopt.stages.explode import CROWD
from orderopt.stages.supply import ZERO, Ledger, Part, Supply, handed_over

MOST_BUCKETS = 40
USABLE = 0.93
"""Share of the open minutes that can be expected to be used where tasks wait or change over."""

MOST_LOTS = 1000


@dataclass(frozen=True)
class Option:
    """One way to serve a line: a source and a lane."""

    kind: Source
    source_id: str
    supply: Supply | None
    lane: Lane | None
    ready: int
    lot: Decimal
    lot_cost: float
    fixed_cost: float

    def cost(self, quantity: Decimal) -> float:
        """Return the weighted cost of a quantity: work or price, and freight; components and lateness apart."""
        return self.lot_cost * float(quantity / self.lot) + self.fixed_cost


@dataclass(frozen=True)
class SourcingQuestion:
    """The allocation question together with what its positions stand for.

    Attributes
    ----------
    lines
        Lines and the quantities still wanted.
    lot
        Quantity of a lot, by line.
    options
        Options of each line.
    rejected
        Sources that cannot serve a line, with the reason, by line name.
    """

    problem: SourcingProblem
    lines: tuple[tuple[OrderLine, Decimal], ...]
    lot: tuple[Decimal, ...]
    options: tuple[tuple[Option, ...], ...]
    rejected: dict[str, list[str]]


def expected_cost(plant: Plant, part: Part, option: Option) -> float:
    """Return what serving a part by an option should cost, lateness counted."""
    late = max(0, option.ready - plant.due(part.line)) * plant.minute_cost[part.line.name]
    return option.cost(part.quantity) + late


def ask(
    plant: Plant, ledger: Ledger, rest: Sequence[tuple[OrderLine, Decimal]], *, optimistic: bool = False
) -> SourcingQuestion:
    """Return the allocation question for what is left of the lines.

    Parameters
    ----------
    optimistic
        True: nothing is overstated, so that a bound on the answer is a bound on every plan.
    """
    builder = _Builder(plant, ledger, rest, optimistic)
    return builder.build()


class _Builder:
    def __init__(
        self, plant: Plant, ledger: Ledger, rest: Sequence[tuple[OrderLine, Decimal]], optimistic: bool
    ) -> None:
        self.plant, self.ledger, self.optimistic = plant, ledger, optimistic
        self.rest = tuple(rest) if not optimistic else tuple(pair for pair in rest if self._is_exact(*pair))
        self.weights = plant.snapshot.settings
        self.rejected: dict[str, list[str]] = defaultdict(list)
        self.groups: dict[frozenset[int], int] = {}
        self.pools: dict[str, int] = {}
        self.pool_amount: list[float] = []
        self.pool_buy: list[float] = []
        self.pool_make: list[float] = []
        self.recipes: list[list[tuple[int, float]]] = []
        self.coverage = self._coverage()

    def _is_exact(self, line: OrderLine, wanted: Decimal) -> bool:
        """Whether lots can say every lawful split of the line (else a bound must leave it out)."""
        if not line.may_split:
            return True
        step = self.plant.snapshot.item[line.item_id].quantity_step
        amounts = [wanted, *(supply.free for supply in self.ledger.supplies(line.item_id))]
        return wanted / step <= MOST_LOTS and not any(amount % step for amount in amounts)

    # ---- options -------------------------------------------------------------------------------------

    def options(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        found = [*self._from_supplies(line, wanted, lot), *self._from_units(line, wanted, lot)]
        found += self._from_suppliers(line, wanted, lot)
        if not found and not self.rejected[line.name]:
            self.rejected[line.name].append(f"no stock, receipt, unit or supplier offers {line.item_id}")
        return found

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
        fixed: float = 0.0,
    ) -> Option:
        weight = float(self.weights.weight_transport)
        each = float(lane.cost_per_unit * lot) * weight if lane else 0.0
        once = float(lane.cost_fixed) * weight if lane else 0.0
        if self.optimistic and lane is not None and lane.departs is not None:
            once = 0.0  # shared by all that leave together
        return Option(
            kind, source_id, supply, lane, self.plant.arrival(lane, available), lot, lot_cost + each, once + fixed
        )

    def _from_supplies(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        found = []
        for supply in self.ledger.supplies(line.item_id):
            if supply.available >= FOREVER or (not line.may_split and supply.free < wanted):
                continue
            for lane in self._ways(line, (supply.origin, supply.site), supply.name):
                at = handed_over(self.plant, supply, line)
                found.append(self._option(line, Source.SUPPLY, supply.name, supply, lane, at, lot, 0.0))
        return found

    def _from_units(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        plant, found = self.plant, []
        for unit_id in plant.snapshot.units_of_item.get(line.item_id, ()):
            site = plant.snapshot.unit[unit_id].site
            ways = self._ways(line, (unit_id, site), f"unit {unit_id}")
            if not ways:
                continue
            whole = plant.started(line.item_id, wanted, plant.snapshot.unit[unit_id].quality)
            closed = [step.op_no for step in plant.routings[line.item_id, unit_id] if not plant.usable(step, whole)]
            if closed and not line.may_split:
                self.rejected[line.name].append(
                    f"unit {unit_id}: step {closed[0]} fits into no open window of its resources"
                )
                continue
            ready, cost = self._make(line, unit_id, wanted if not line.may_split else lot)
            if ready >= FOREVER:
                self.rejected[line.name].append(f"unit {unit_id}: a component cannot be had")
                continue
            share = cost * float(lot / (wanted if not line.may_split else lot))
            found += [self._option(line, Source.UNIT, unit_id, None, lane, ready, lot, share) for lane in ways]
        return found

    def _make(self, line: OrderLine, unit_id: str, quantity: Decimal) -> tuple[int, float]:
        """Return when a unit could have made a quantity, and at what cost."""
        plant = self.plant
        if not self.optimistic:
            ready, cost = plant.make_estimate(line.item_id, unit_id, quantity, CROWD, pooled=True)
            return ready + plant.release(line) - plant.start, cost
        quality = plant.snapshot.unit[unit_id].quality
        if line.may_split:
            return plant.least(line.item_id, unit_id, ZERO, quantity / quality, plant.release(line))
        started = plant.started(line.item_id, quantity, quality)
        return plant.least(line.item_id, unit_id, started, None, plant.release(line))

    def _from_suppliers(self, line: OrderLine, wanted: Decimal, lot: Decimal) -> list[Option]:
        plant, found = self.plant, []
        for supplier_id, offers in plant.snapshot.offers_of_item.get(line.item_id, {}).items():
            ways = self._ways(line, (supplier_id,), f"supplier {supplier_id}")
            quality = plant.snapshot.supplier[supplier_id].quality
            weight = float(self.weights.weight_purchase)
            if self.optimistic:
                ready = min(plant.receivable(supplier_id, offer) for offer in offers)
                price = float(min(offer.unit_price for offer in offers))
                lot_cost, fixed = price * float(lot / quality) * weight, 0.0
            else:
                quoted = self.ledger.quote(supplier_id, line.item_id, wanted)
                if quoted is None:
                    self.rejected[line.name].append(f"supplier {supplier_id}: cannot deliver {wanted} at once")
                    continue
                ready, cost, _ = quoted
                lot_cost, fixed = float(cost * lot / wanted) * weight, 0.0
            found += [
                self._option(line, Source.SUPPLIER, supplier_id, None, lane, ready, lot, lot_cost, fixed)
                for lane in ways
            ]
        return found

    # ---- capacity ------------------------------------------------------------------------------------

    def _coverage(self) -> dict[str, float]:
        """Return which share of the need of each made component is not covered by what lies there."""
        if self.optimistic:
            return {}
        snapshot = self.plant.snapshot
        need: dict[str, Decimal] = defaultdict(Decimal)
        for line, wanted in self.rest:
            if line.item_id in snapshot.units_of_item:
                for component, per in self.plant.need_of.get(line.item_id, ()):
                    need[component] += wanted * per
        covered = {}
        for component, total in need.items():
            free = sum((supply.free for supply in self.ledger.supplies(component)), ZERO)
            covered[component] = max(0.0, 1.0 - float(free / total)) if total else 0.0
        return covered

    def loads(self, line: OrderLine, unit_id: str, lot: Decimal) -> list[tuple[frozenset[int], float, float]]:
        """Return (resources, minutes of a lot, fixed minutes) of each step, components included."""
        plant = self.plant
        quality = plant.snapshot.unit[unit_id].quality
        started = lot / quality if self.optimistic else plant.started(line.item_id, lot, quality)
        found = self._step_loads(plant.routings[line.item_id, unit_id], started)
        if not self.optimistic:
            for component, per in plant.need_of.get(line.item_id, ()):
                units = plant.snapshot.units_of_item.get(component, ())
                share = self.coverage.get(component, 0.0)
                if units and share and component not in plant.snapshot.offers_of_item:
                    routing = plant.routings[component, units[0]]
                    found += [
                        (group, each * share, fixed * share)
                        for group, each, fixed in self._step_loads(routing, started * per)
                    ]
        return found

    def _step_loads(self, steps: tuple[Step, ...], started: Decimal) -> list[tuple[frozenset[int], float, float]]:
        found = []
        for step in steps:
            group = frozenset(option.resource for option in step.alternatives)
            each, fixed = [], []
            for option in step.alternatives:
                efficiency = float(self.plant.resources[option.resource].efficiency)
                each.append(float(started * option.operation.minutes_per_unit) / efficiency)
                fixed.append(float(option.operation.fixed_minutes) / efficiency)
            found.append((group, min(each), min(fixed)))
        return found

    def _group(self, resources: frozenset[int]) -> int:
        return self.groups.setdefault(resources, len(self.groups))

    def _bucket_ends(self) -> np.ndarray:
        """Return bucket ends: days where few, else evenly spread over the due dates; the last is open-ended."""
        plant = self.plant
        first = plant.start
        last = max([plant.window_end, *(plant.due(line) for line, _ in self.rest)])
        days = max(1, -(-(last - first) // 1440))
        width = 1440 * max(1, -(-days // MOST_BUCKETS))
        ends = list(range(first + width, last + width, width))
        ends += [ends[-1] + 7 * 1440 * week for week in (1, 2, 4, 8, 16)] if ends else [first + 1440]
        return np.array([*ends, plant.until], dtype=np.int64)

    def _waiting(self) -> set[int]:
        """Return the resources that cannot work all the time they are open: changeovers, or steps before them."""
        plant = self.plant
        found = {plant.resource_index[resource_id] for resource_id in plant.families}
        for steps in plant.routings.values():
            if len(steps) > 1:
                found.update(option.resource for step in steps for option in step.alternatives)
        return found

    def _group_minutes(self, ends: np.ndarray) -> np.ndarray:
        plant = self.plant
        fixed: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for task in plant.snapshot.fixed_tasks:
            resource = plant.resource_index[task.resource_id]
            fixed[resource].append((plant.clock.tick(task.start), plant.clock.tick(task.end)))
        minutes = np.zeros((max(1, len(self.groups)), len(ends)))
        waiting = set() if self.optimistic else self._waiting()
        for resources, group in self.groups.items():
            for resource in resources:
                open_time = plant.open_time(resource)
                capacity = plant.resources[resource].capacity
                for bucket, end in enumerate(ends):
                    free = open_time.between(plant.start, int(end)) * capacity
                    free -= sum(
                        open_time.between(max(start, plant.start), min(stop, int(end)))
                        for start, stop in fixed[resource]
                        if start < end and stop > plant.start
                    )
                    minutes[group, bucket] += free * (USABLE if resource in waiting else 1.0)
        return minutes

    # ---- pools ---------------------------------------------------------------------------------------

    def _pool(self, name: str, amount: float, buy: float, make: float) -> int:
        self.pools[name] = len(self.pools)
        self.pool_amount.append(amount)
        self.pool_buy.append(buy)
        self.pool_make.append(make)
        self.recipes.append([])
        return self.pools[name]

    def _component_pool(self, item_id: str) -> int:
        """Return the pool of a component: what lies there, what buying and making costs, what making draws."""
        name = f"component {item_id}"
        if name in self.pools:
            return self.pools[name]
        snapshot = self.plant.snapshot
        free = float(sum((supply.free for supply in self.ledger.supplies(item_id)), ZERO))
        if self.optimistic:
            free += sum(float(task.quantity) for task in snapshot.fixed_tasks if task.item_id == item_id)
        prices = [
            float(offer.unit_price) / float(snapshot.supplier[offer.supplier_id].quality)
            for offers in snapshot.offers_of_item.get(item_id, {}).values()
            for offer in offers
        ]
        buy = min(prices) * float(self.weights.weight_purchase) if prices else np.inf
        units = snapshot.units_of_item.get(item_id, ())
        make = min((self._work_cost(item_id, unit_id) for unit_id in units), default=np.inf)
        pool = self._pool(name, free, buy, make)
        if units:
            best = float(max(snapshot.unit[unit_id].quality for unit_id in units))
            self.recipes[pool] = [
                (self._component_pool(component), float(per) / best)
                for component, per in self.plant.need_of.get(item_id, ())
            ]
        return pool

    def _work_cost(self, item_id: str, unit_id: str) -> float:
        """Return the least cost of the work on one good unit, without fixed minutes."""
        quality = float(self.plant.snapshot.unit[unit_id].quality)
        total = 0.0
        for step in self.plant.routings[item_id, unit_id]:
            total += min(
                float(option.operation.minutes_per_unit)
                / float(self.plant.resources[option.resource].efficiency)
                * float(self.plant.resources[option.resource].cost_per_hour)
                / 60
                for option in step.alternatives
            )
        return total / quality * float(self.weights.weight_production)

    def draws(self, line: OrderLine, option: Option, lot: Decimal) -> list[tuple[int, float]]:
        """Return (pool, amount of a lot): the supply itself, or the components of what is made."""
        plant = self.plant
        if option.supply is not None:
            name = f"supply {id(option.supply)}"
            if name not in self.pools:
                self._pool(name, float(option.supply.free), np.inf, np.inf)
            return [(self.pools[name], float(lot))]
        if option.kind is not Source.UNIT:
            return []
        started = lot / plant.snapshot.unit[option.source_id].quality
        return [
            (self._component_pool(component), float(started * per))
            for component, per in plant.need_of.get(line.item_id, ())
        ]

    # ---- all together --------------------------------------------------------------------------------

    def build(self) -> SourcingQuestion:
        plant = self.plant
        columns: dict[str, list[float]] = defaultdict(list)
        option_ptr, load_ptr, draw_ptr = [0], [0], [0]
        loads: list[tuple[frozenset[int], float, float]] = []
        draws: list[tuple[int, float]] = []
        all_options, lots_of = [], []
        for line, wanted in self.rest:
            lot, lots = self._lots(line, wanted)
            options = self.options(line, wanted, lot)
            lots_of.append(lot)
            all_options.append(tuple(options))
            columns["lots"].append(lots)
            columns["least"].append(_least_lots(line, wanted, lot, lots))
            for option in options:
                unit = plant.unit_index[option.source_id] if option.kind is Source.UNIT else -1
                own = self.loads(line, option.source_id, lot) if unit >= 0 else []
                loads += own
                load_ptr.append(len(loads))
                draws += self.draws(line, option, lot)
                draw_ptr.append(len(draws))
                columns["unit"].append(unit)
                columns["unit_minutes"].append(sum(each + fixed for _, each, fixed in own))
            option_ptr.append(len(load_ptr) - 1)
        flat = [option for options in all_options for option in options]
        self._nest_groups(loads)
        load_rows = self._rows(loads, load_ptr)
        ends = self._bucket_ends()
        starts = np.concatenate(([plant.start], ends[:-1]))
        quantity = [float(wanted) for _, wanted in self.rest]
        whole = [float(wanted / line.quantity) for line, wanted in self.rest]
        arrays = SourcingArrays(
            option_ptr=_ints(option_ptr),
            lots=_ints(columns["lots"]),
            least_lots=_ints(columns["least"]),
            line_due=_ints([plant.due(line) for line, _ in self.rest]),
            minute_cost=_floats([plant.minute_cost[line.name] for line, _ in self.rest]),
            unserved_cost=_floats(
                [plant.unserved_cost[line.name] * share for (line, _), share in zip(self.rest, whole, strict=True)]
            ),
            option_kind=_ints([option.kind for option in flat]),
            option_ready=_ints([option.ready for option in flat]),
            option_lead=_ints([plant.lead(option.lane) for option in flat]),
            option_lot_cost=_floats([option.lot_cost for option in flat]),
            option_fixed_cost=_floats([option.fixed_cost for option in flat]),
            option_unit=_ints(columns["unit"]),
            load_ptr=load_rows[0],
            load_group=load_rows[1],
            load_minutes=load_rows[2],
            load_fixed=load_rows[3],
            draw_ptr=_ints(draw_ptr),
            draw_pool=_ints([pool for pool, _ in draws]),
            draw_amount=_floats([amount for _, amount in draws]),
            pool_amount=_floats(self.pool_amount),
            pool_buy=_floats(self.pool_buy),
            pool_make=_floats(self.pool_make),
            recipe_ptr=_ints(np.concatenate(([0], np.cumsum([len(recipe) for recipe in self.recipes])))),
            recipe_pool=_ints([pool for recipe in self.recipes for pool, _ in recipe]),
            recipe_amount=_floats([amount for recipe in self.recipes for _, amount in recipe]),
            bucket_end=ends,
            bucket_late=starts if self.optimistic else (starts + ends) // 2,
            group_minutes=self._group_minutes(ends),
            unit_minutes=_floats(columns["unit_minutes"]),
            unit_capacity=_floats(plant.unit_capacity),
            unit_share=_floats(
                [1.0 if unit.max_share is None else float(unit.max_share) for unit in plant.snapshot.production_units]
            ),
            line_quantity=_floats(quantity),
            fairness_weight=0.0 if self.optimistic else float(self.weights.weight_fairness),
        )
        return SourcingQuestion(
            SourcingProblem(arrays), self.rest, tuple(lots_of), tuple(all_options), dict(self.rejected)
        )

    def _lots(self, line: OrderLine, wanted: Decimal) -> tuple[Decimal, int]:
        """Return the lot of a line and how many make up what is wanted."""
        if not line.may_split:
            return wanted, 1
        step = self.plant.snapshot.item[line.item_id].quantity_step
        lots = max(1, ceil_whole(wanted / step))
        coarser = max(1, -(-lots // MOST_LOTS))
        return step * coarser, -(-lots // coarser)

    def _nest_groups(self, loads: list[tuple[frozenset[int], float, float]]) -> None:
        """Give numbers to the sets of resources, and to the unions of those that overlap."""
        for resources, _, _ in loads:
            self._group(resources)
        merged: list[set[int]] = []
        for resources in list(self.groups):
            touching = [union for union in merged if union & resources]
            union = set(resources).union(*touching)
            merged = [other for other in merged if other not in touching] + [union]
        for union in merged:
            self._group(frozenset(union))

    def _rows(
        self, loads: list[tuple[frozenset[int], float, float]], ptr: list[int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return loads by option, each counted in every group that holds its resources."""
        holders = {
            resources: [group for other, group in self.groups.items() if resources <= other]
            for resources in self.groups
        }
        new_ptr, rows = [0], []
        for start, end in itertools.pairwise(ptr):
            sums: dict[int, list[float]] = {}
            for resources, each, fixed in loads[start:end]:
                for group in holders[resources]:
                    entry = sums.setdefault(group, [0.0, 0.0])
                    entry[0] += each
                    entry[1] += fixed
            rows += [(group, each, fixed) for group, (each, fixed) in sums.items()]
            new_ptr.append(len(rows))
        return (
            _ints(new_ptr),
            _ints([row[0] for row in rows]),
            _floats([row[1] for row in rows]),
            _floats([row[2] for row in rows]),
        )


def _least_lots(line: OrderLine, wanted: Decimal, lot: Decimal, lots: int) -> int:
    """Return the fewest lots of a part that is no smaller than the line allows, the last lot being cut to fit."""
    if not line.may_split or not line.min_split:
        return 1
    return min(lots, ceil_whole((line.min_split + lot * lots - wanted) / lot))


def _ints(values: Iterable[float]) -> np.ndarray:
    return np.array(list(values), dtype=np.int64)


def _floats(values: Iterable[float]) -> np.ndarray:
    return np.array(list(values), dtype=np.float64)
