"""The scarce minutes of the allocation: groups of resources, what sources load on them, and what is open when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from orderopt.solvers.compiled.plant import Plant, Step
from orderopt.solvers.compiled.sourcing import Floats, Ints
from orderopt.stages.spread import spread

MOST_BUCKETS = 40
USABLE = 0.93
"""Share of the open minutes that can be expected to be used where tasks wait or change over."""

Load = tuple[frozenset[int], float, float]
"""Resources of which one works, minutes of a lot, and minutes whatever the quantity."""


class Room:
    """Gathers what the sources of lines load on resources.

    Sources with the same item, unit and lot load the same; they share a bundle of rows.

    Parameters
    ----------
    missing
        Share of the need of each made component that is not covered by what lies there.
    optimistic
        True: nothing is overstated.
    """

    def __init__(self, plant: Plant, missing: dict[str, float], *, optimistic: bool) -> None:
        self.plant, self.missing, self.optimistic = plant, missing, optimistic
        self.groups: dict[frozenset[int], int] = {}
        self.own_minutes: list[float] = []
        self._bundles: list[list[Load]] = []
        self._number: dict[tuple[str, str, Decimal], int] = {}
        self._rates: dict[Step, Load] = {}

    def bundle(self, item_id: str, unit_id: str, lot: Decimal) -> int:
        """Return the number of the loads of making a lot at a unit."""
        key = (item_id, unit_id, lot)
        if key not in self._number:
            self._number[key] = len(self._bundles)
            loads = self._loads(item_id, unit_id, lot)
            for resources, _, _ in loads:
                self.groups.setdefault(resources, len(self.groups))
            self._bundles.append(loads)
            self.own_minutes.append(sum(each + fixed for _, each, fixed in loads))
        return self._number[key]

    def _loads(self, item_id: str, unit_id: str, lot: Decimal) -> list[Load]:
        """Return the load of each step, components included."""
        plant = self.plant
        quality = plant.snapshot.unit[unit_id].quality
        started = lot / quality if self.optimistic else plant.started(item_id, lot, quality)
        found = self._step_loads(plant.routings[item_id, unit_id], started)
        if self.optimistic:
            return found
        for component, per in plant.need_of.get(item_id, ()):
            units = plant.makers.get(component, ())
            share = self.missing.get(component, 0.0)
            if units and share and component not in plant.sellers:
                routing = plant.routings[component, units[0]]
                found += [
                    (group, each * share, fixed * share)
                    for group, each, fixed in self._step_loads(routing, started * per)
                ]
        return found

    def _step_loads(self, steps: Iterable[Step], started: Decimal) -> list[Load]:
        quantity, found = float(started), []
        for step in steps:
            resources, rate, fixed = self._rate(step)
            found.append((resources, quantity * rate, fixed))
        return found

    def _rate(self, step: Step) -> Load:
        """Return the load of one piece, and the minutes whatever the quantity, each on the fastest resource."""
        found = self._rates.get(step)
        if found is None:
            paces = [(option, float(self.plant.resources[option.resource].efficiency)) for option in step.alternatives]
            found = self._rates[step] = (
                frozenset(option.resource for option, _ in paces),
                min(float(option.operation.minutes_per_unit) / pace for option, pace in paces),
                min(float(option.operation.fixed_minutes) / pace for option, pace in paces),
            )
        return found

    # ---- groups --------------------------------------------------------------------------------------

    def close_groups(self) -> None:
        """Give numbers to the unions of groups that overlap; call it when all bundles are known."""
        root: dict[int, int] = {}

        def find(resource: int) -> int:
            while root.setdefault(resource, resource) != resource:
                root[resource] = root[root[resource]]
                resource = root[resource]
            return resource

        for resources in self.groups:
            first, *others = resources
            for other in others:
                root[find(other)] = find(first)
        unions: dict[int, set[int]] = {}
        for resources in self.groups:
            place = find(next(iter(resources)))
            unions[place] = unions.pop(place, set()) | resources
        for union in unions.values():
            self.groups.setdefault(frozenset(union), len(self.groups))

    def _holders(self) -> dict[frozenset[int], list[int]]:
        """Return the groups that hold all resources of each group."""
        holding: dict[int, list[tuple[int, frozenset[int]]]] = defaultdict(list)
        for resources, number in self.groups.items():
            for resource in resources:
                holding[resource].append((number, resources))
        return {
            resources: [
                number
                for number, other in min((holding[resource] for resource in resources), key=len)
                if resources <= other
            ]
            for resources in self.groups
        }

    def rows(self, used: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """Return (ptr, group, minutes of a lot, fixed minutes), each load counted in every group that holds it.

        Parameters
        ----------
        used
            Shape (O): bundle of each option, -1: none.
        """
        holders, ptr = self._holders(), [0]
        columns: tuple[list[int], list[float], list[float]] = ([], [], [])
        for loads in self._bundles:
            sums: dict[int, list[float]] = {}
            for resources, each, fixed in loads:
                for group in holders[resources]:
                    entry = sums.setdefault(group, [0.0, 0.0])
                    entry[0] += each
                    entry[1] += fixed
            for group, (each, fixed) in sums.items():
                columns[0].append(group)
                columns[1].append(each)
                columns[2].append(fixed)
            ptr.append(len(columns[0]))
        starts, rows = spread(np.array(ptr, dtype=np.int64), used)
        groups, minutes, once = (np.array(column) for column in columns)
        return starts, groups.astype(np.int64)[rows], minutes.astype(np.float64)[rows], once.astype(np.float64)[rows]

    # ---- minutes -------------------------------------------------------------------------------------

    def bucket_ends(self, last_due: int) -> Ints:
        """Return bucket ends: days where few, else evenly spread over the due dates; the last is open-ended."""
        plant = self.plant
        first = plant.start
        last = max(plant.window_end, last_due)
        days = max(1, -(-(last - first) // 1440))
        width = 1440 * max(1, -(-days // MOST_BUCKETS))
        ends = list(range(first + width, last + width, width))
        ends += [ends[-1] + 7 * 1440 * week for week in (1, 2, 4, 8, 16)] if ends else [first + 1440]
        return np.array([*ends, plant.until], dtype=np.int64)

    def minutes(self, ends: Ints) -> Floats:
        """Return the minutes that each group has up to the end of each bucket, shape (G, K)."""
        free = self._free_minutes(ends)
        minutes = np.zeros((max(1, len(self.groups)), len(ends)))
        waiting = set() if self.optimistic else self._waiting()
        for resources, group in self.groups.items():
            for resource in resources:
                minutes[group] += free[resource] * (USABLE if resource in waiting else 1.0)
        return minutes

    def _free_minutes(self, ends: Ints) -> Ints:
        """Return the open minutes of each resource times its capacity, less fixed tasks; shape (R, K)."""
        plant = self.plant
        opened = {
            calendar: np.array([open_time.between(plant.start, end) for end in ends.tolist()], dtype=np.int64)
            for calendar, open_time in enumerate(plant.open_times)
        }
        free = np.array(
            [opened[plant.calendar(position)] * each.capacity for position, each in enumerate(plant.resources)],
            dtype=np.int64,
        ).reshape(len(plant.resources), len(ends))
        for task in plant.snapshot.fixed_tasks:
            resource = plant.resource_index[task.resource_id]
            start, stop = max(plant.clock.tick(task.start), plant.start), plant.clock.tick(task.end)
            if stop > plant.start:
                open_time = plant.open_time(resource)
                taken = [open_time.between(start, max(start, min(stop, end))) for end in ends.tolist()]
                free[resource] -= np.array(taken, dtype=np.int64)
        return free

    def _waiting(self) -> set[int]:
        """Return the resources that cannot work all the time they are open: changeovers, or steps before them."""
        plant = self.plant
        found = {plant.resource_index[resource_id] for resource_id in plant.families}
        for steps in plant.routings.values():
            if len(steps) > 1:
                found.update(option.resource for step in steps for option in step.alternatives)
        return found
