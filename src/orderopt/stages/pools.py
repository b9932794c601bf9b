"""The pools of the allocation: components and supplies that lines draw on together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from orderopt.models.order import OrderLine
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.sourcing import Floats, Ints, Source
from orderopt.stages.options import Option
from orderopt.stages.spread import spread
from orderopt.stages.supply import ZERO, Ledger


class Pools:
    """Gathers what the options of lines draw on; options that draw the same share a bundle of rows.

    Parameters
    ----------
    rest
        Lines and what is still wanted of them: what an agreement about quotas shares out.
    optimistic
        True: work in progress counts as lying there, and quotas do not count.

    Attributes
    ----------
    amount, buy, make, is_quota
        Of each pool: what lies there, the weighted cost of buying and of making one more, and whether it is no good but
        what a source may still have by its quota.
    recipes
        Of each pool: the pools that making one more draws on, and how much.
    """

    def __init__(
        self, plant: Plant, ledger: Ledger, rest: Iterable[tuple[OrderLine, Decimal]], *, optimistic: bool
    ) -> None:
        self.plant, self.ledger, self.optimistic = plant, ledger, optimistic
        self.amount: list[float] = []
        self.buy: list[float] = []
        self.make: list[float] = []
        self.is_quota: list[int] = []
        self.recipes: list[list[tuple[int, float]]] = []
        self._agreements = {} if optimistic else plant.agreements
        self._shared: dict[str, Decimal] = defaultdict(Decimal)
        for line, wanted in rest:
            self._shared[line.item_id] += wanted
        self._pools: dict[str, int] = {}
        self._bundles: list[list[tuple[int, float]]] = []
        self._number: dict[tuple[str, str, Decimal], int] = {}

    def bundle(self, line: OrderLine, option: Option, lot: Decimal) -> int:
        """Return the number of what a lot draws: of the supply itself, or of the components of what is made."""
        has_quota = self._has_quota(line.item_id, option)
        if option.supply is None and option.week is None and option.kind is not Source.UNIT and not has_quota:
            return -1
        if option.supply is not None:
            key = ("", f"supply {id(option.supply)}", lot)
        elif option.week is not None:
            key = ("", f"week {option.week.week} {line.item_id} {option.source_id}", lot)
        elif option.kind is Source.UNIT:
            key = (line.item_id, option.source_id, lot)
        else:
            key = ("", f"quota {line.item_id} {option.source_id}", lot)
        if key not in self._number:
            self._number[key] = len(self._bundles)
            self._bundles.append(self._draws(line.item_id, option, lot))
        return self._number[key]

    def _has_quota(self, item_id: str, option: Option) -> bool:
        agreement = self._agreements.get(item_id)
        return agreement is not None and (option.kind is Source.UNIT, option.source_id) in agreement.quotas

    def _quota_pool(self, item_id: str, option: Option) -> int:
        """Return the pool of what a source may still have by its quota; what is beyond costs as the quota's excess.

        As much as is left of all lines is taken as shared out. What one has too much the others have too little, so
        that the sum of excesses is what the agreement is off.
        """
        source = option.kind is Source.UNIT, option.source_id
        name = f"quota {item_id} {source[0]} {source[1]}"
        if name not in self._pools:
            agreement = self._agreements[item_id]
            left = agreement.due(source, self._shared[item_id]) - agreement.quotas[source].so_far
            weight = float(self.plant.snapshot.settings.weight_quota)
            self._pool(name, float(max(ZERO, left)), weight, np.inf, is_quota=True)
        return self._pools[name]

    def _draws(self, item_id: str, option: Option, lot: Decimal) -> list[tuple[int, float]]:
        """Return the pools that a lot draws on, and how much."""
        found = self._goods(item_id, option, lot)
        if option.supply is None and self._has_quota(item_id, option):
            found.append((self._quota_pool(item_id, option), float(lot)))
        return found

    def _goods(self, item_id: str, option: Option, lot: Decimal) -> list[tuple[int, float]]:
        if option.supply is not None:
            name = f"supply {id(option.supply)}"
            if name not in self._pools:
                self._pool(name, float(option.supply.free), np.inf, np.inf)
            return [(self._pools[name], float(lot))]
        if option.week is not None:
            name = f"week {option.week.week} {item_id} {option.source_id}"
            if name not in self._pools:
                self._pool(name, float(option.week.most), np.inf, np.inf)
            return [(self._pools[name], float(lot))]
        if option.kind is not Source.UNIT:
            return []
        started = lot / self.plant.snapshot.unit[option.source_id].quality
        return [
            (self._component_pool(component), float(started * per))
            for component, per in self.plant.need_of.get(item_id, ())
        ]

    def rows(self, used: Ints) -> tuple[Ints, Ints, Floats]:
        """Return (ptr, pool, amount of a lot) of each option's draws.

        Parameters
        ----------
        used
            Shape (O): bundle of each option, -1: none.
        """
        sizes = np.array([len(draws) for draws in self._bundles], dtype=np.int64)
        starts, rows = spread(np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), used)
        pools = np.array([pool for draws in self._bundles for pool, _ in draws], dtype=np.int64)
        amounts = np.array([amount for draws in self._bundles for _, amount in draws], dtype=np.float64)
        return starts, pools[rows], amounts[rows]

    def _pool(self, name: str, amount: float, buy: float, make: float, *, is_quota: bool = False) -> int:
        self._pools[name] = len(self._pools)
        self.amount.append(amount)
        self.buy.append(buy)
        self.make.append(make)
        self.is_quota.append(int(is_quota))
        self.recipes.append([])
        return self._pools[name]

    def _component_pool(self, item_id: str) -> int:
        """Return the pool of a component: what lies there, what buying and making costs, what making draws."""
        name = f"component {item_id}"
        if name in self._pools:
            return self._pools[name]
        snapshot = self.plant.snapshot
        free = float(sum((supply.free for supply in self.ledger.supplies(item_id)), ZERO))
        if self.optimistic:
            free += sum(float(task.quantity) for task in snapshot.fixed_tasks if task.item_id == item_id)
        prices = [
            float(offer.unit_price) / float(snapshot.supplier[offer.supplier_id].quality)
            for offers in self.plant.sellers.get(item_id, {}).values()
            for offer in offers
        ]
        buy = min(prices) * float(snapshot.settings.weight_purchase) if prices else np.inf
        units = self.plant.makers.get(item_id, ())
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
        plant = self.plant
        quality = float(plant.snapshot.unit[unit_id].quality)
        total = 0.0
        for step in plant.routings[item_id, unit_id]:
            total += min(
                float(option.operation.minutes_per_unit)
                / float(plant.resources[option.resource].efficiency)
                * plant.hour_cost[option.resource]
                / 60
                for option in step.alternatives
            )
        return total / quality * float(plant.snapshot.settings.weight_production)
