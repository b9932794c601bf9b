"""How soon and how cheaply something could be made, told from routings and open hours alone, without planning it.

Many lines ask for the same item in the same quantity, and every level of a bill of material asks again; each
question is therefore worked out once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from orderopt.solvers.compiled.open_time import FOREVER

if TYPE_CHECKING:
    from orderopt.solvers.compiled.plant import Plant, Step

DEEPEST = 40
"""Levels of a bill of material that are followed."""


class Estimates:
    """What making costs and how long it takes, as expected and at least.

    Parameters
    ----------
    plant
        The supply network.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self._made: dict[tuple[str, str, Decimal, float, bool], tuple[int, float]] = {}
        self._had: dict[tuple[str, Decimal, float], tuple[int, float]] = {}
        self._least: dict[tuple[str, str, Decimal, Decimal | None, int], tuple[int, float]] = {}
        self._first: dict[str, int] = {}
        self._lying = _find_lying(plant)

    # ---- as expected ---------------------------------------------------------------------------------

    def make(
        self, item_id: str, unit_id: str, quantity: Decimal, crowd: float, *, pooled: bool = False, level: int = 0
    ) -> tuple[int, float]:
        """Return when a unit could have made a quantity, and what that costs, components included.

        Parameters
        ----------
        crowd
            How many times the bare working time a step is expected to take.
        pooled
            True: components are not charged, since the caller counts them together.
        level
            How deep in a bill of material the question is asked.
        """
        key = (item_id, unit_id, quantity, crowd, pooled)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._make(item_id, unit_id, quantity, crowd, pooled, level)
        return found

    def _make(
        self, item_id: str, unit_id: str, quantity: Decimal, crowd: float, pooled: bool, level: int
    ) -> tuple[int, float]:
        plant = self.plant
        steps = plant.routings.get((item_id, unit_id), ())
        if not steps or level > DEEPEST:
            return FOREVER, float("inf")
        started = plant.started(item_id, quantity, plant.snapshot.unit[unit_id].quality)
        minute, cost = plant.start, 0.0
        rate = float(plant.snapshot.settings.weight_production)
        for step in steps:
            for component in step.components:
                ready, added = self.have(component.component_id, started * component.need_per_unit, crowd, level + 1)
                minute = max(minute, ready)
                if not pooled:
                    cost += added
            works = [(plant.work(option, started), option.resource) for option in step.alternatives]
            minute += int(min(work * plant.stretch(resource) for work, resource in works) * crowd)
            minute += min(option.lag for option in step.alternatives)
            cost += rate * min(work * plant.hour_cost[resource] / 60 for work, resource in works)
        return min(minute, FOREVER), cost

    def have(self, item_id: str, quantity: Decimal, crowd: float, level: int = 0) -> tuple[int, float]:
        """Return when a quantity of a component could be there at the earliest, and at the least cost."""
        if item_id in self._lying:
            return self._lying[item_id], 0.0
        key = (item_id, quantity, crowd)
        found = self._had.get(key)
        if found is None:
            found = self._had[key] = self._have(item_id, quantity, crowd, level)
        return found

    def _have(self, item_id: str, quantity: Decimal, crowd: float, level: int) -> tuple[int, float]:
        plant, readies, costs = self.plant, [], []
        for supplier_id, offers in plant.sellers.get(item_id, {}).items():
            readies.append(min(plant.receivable(supplier_id, offer) for offer in offers))
            price = min(offer.unit_price for offer in offers)
            costs.append(float(price * quantity * plant.snapshot.settings.weight_purchase))
        for unit_id in plant.makers.get(item_id, ()):
            ready, cost = self.make(item_id, unit_id, quantity, crowd, level=level)
            readies.append(ready)
            costs.append(cost)
        return min(readies, default=FOREVER), min(costs, default=float("inf"))

    # ---- at least ------------------------------------------------------------------------------------

    def least(
        self, item_id: str, unit_id: str, started: Decimal, rate_for: Decimal | None, release: int, level: int = 0
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
        level
            How deep in a bill of material the question is asked.
        """
        key = (item_id, unit_id, started, rate_for, release)
        found = self._least.get(key)
        if found is None:
            found = self._least[key] = self._find_least(item_id, unit_id, started, rate_for, release, level)
        return found

    def _find_least(
        self, item_id: str, unit_id: str, started: Decimal, rate_for: Decimal | None, release: int, level: int
    ) -> tuple[int, float]:
        plant = self.plant
        minute, cost, last = release, 0.0, release
        weight = float(plant.snapshot.settings.weight_production)
        steps = plant.routings[item_id, unit_id]
        for position, step in enumerate(steps):
            for component in step.components:
                minute = max(minute, self._first_of(component.component_id, level + 1))
            begin = minute
            end, work_cost = self._least_step(step, started, rate_for, minute)
            cost += weight * work_cost
            minute = end
            if minute >= FOREVER:
                return FOREVER, cost
            last = max(last, end)
            if any(option.operation.transfer_batch is not None for option in step.alternatives):
                minute = begin  # the next step may begin as soon as a batch is done, which may be hardly anything
            if position + 1 < len(steps):
                minute += min(option.lag for option in step.alternatives)
        return max(minute, last), cost

    def _least_step(self, step: Step, started: Decimal, rate_for: Decimal | None, minute: int) -> tuple[int, float]:
        plant, ends, costs = self.plant, [], []
        for option in step.alternatives:
            work = plant.work(option, started)
            ends.append(plant.open_time(option.resource).fit(minute, work, option.breakable)[1])
            work_for = float(work)
            if rate_for is not None:
                efficiency = plant.resources[option.resource].efficiency
                work_for = float(rate_for * option.operation.minutes_per_unit / efficiency)
            costs.append(work_for * plant.hour_cost[option.resource] / 60)
        return min(ends), min(costs)

    def _first_of(self, item_id: str, level: int) -> int:
        """Return a minute before which no component can be there."""
        if item_id not in self._first:
            plant = self.plant
            readies = [self._lying[item_id]] if item_id in self._lying else []
            readies += [
                plant.receivable(supplier_id, offer)
                for supplier_id, offers in plant.sellers.get(item_id, {}).items()
                for offer in offers
            ]
            if level <= DEEPEST:
                readies += [
                    self.least(item_id, unit_id, Decimal(0), Decimal(0), plant.start, level)[0]
                    for unit_id in plant.makers.get(item_id, ())
                ]
            self._first[item_id] = min(readies, default=FOREVER)
        return self._first[item_id]


def _find_lying(plant: Plant) -> dict[str, int]:
    """Return when the first free stock, receipt or work in progress of each item is there."""
    snapshot, clock = plant.snapshot, plant.clock
    first: dict[str, int] = {}
    for stock in snapshot.stock:
        if stock.free > 0:
            at = 0 if stock.available_at is None else max(0, clock.tick(stock.available_at))
            first[stock.item_id] = min(at, first.get(stock.item_id, FOREVER))
    for receipt in snapshot.receipts:
        at = max(0, clock.tick(receipt.available_at))
        first[receipt.item_id] = min(at, first.get(receipt.item_id, FOREVER))
    for task in snapshot.fixed_tasks:
        at = max(0, clock.tick(task.end))
        first[task.item_id] = min(at, first.get(task.item_id, FOREVER))
    return first
