"""Units and machines of a generated plant: as many as the work needs, at a pace that gives the load asked for."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING

from orderopt.models.item import ANY_FAMILY, Operation, Setup
from orderopt.models.network import ProductionUnit, Resource
from orderopt.testing.amounts import build_decimal
from orderopt.testing.names import SITES, build_id
from orderopt.testing.products import FAMILIES, Made, Products, Step

if TYPE_CHECKING:
    import numpy as np

    from orderopt.testing.needs import Needs
    from orderopt.testing.size import Size

OVEN_CAPACITY = 4
BOTTLENECKS = ("mill", "paint")
LONGEST_MEAN_TASK = 480.0
"""Open minutes: where a group has few tasks, they are kept shorter than this, and its load lower."""

SETUP_SHARE = 0.12
"""Minutes of changeover to expect for each minute of work on machines with families."""

_CALENDARS = {"saw": "ONE-SHIFT", "mill": "TWO-SHIFT", "turn": "ONE-SHIFT", "paint": "TWO-SHIFT"}
COST_PER_HOUR = {"saw": 42, "mill": 78, "turn": 66, "paint": 58, "oven": 35, "assemble": 48}

Cell = tuple[int, str]
"""A machine group: position of the unit and kind of machine."""


@dataclass(frozen=True)
class Group:
    """Machines of one kind at one unit. `pace` multiplies the minutes of steps; `mean_task` is in minutes."""

    unit: int
    kind: str
    calendar_id: str
    efficiencies: tuple[Decimal, ...]
    pace: float
    mean_task: float

    def resource_id(self, number: int) -> str:
        """Return the id of the machine at position `number`."""
        return f"U{self.unit + 1:02}-{self.kind.upper()}-{number + 1}"


def build_units(size: Size, rng: np.random.Generator) -> tuple[ProductionUnit, ...]:
    """Draw units at about two thirds as many sites."""
    num_sites = ceil(size.num_units * 2 / 3)
    qualities = rng.choice((1.0, 0.99, 0.98, 0.97), size.num_units)
    sites = [build_id(SITES, index % num_sites) for index in range(size.num_units)]
    return tuple(
        ProductionUnit(
            unit_id=f"U{index + 1:02}",
            name=f"Works {index + 1} at {site.title()}",
            quality=build_decimal(float(qualities[index]), 2),
            site=site,
        )
        for index, site in enumerate(sites)
    )


def build_groups(
    size: Size,
    products: Products,
    needs: Needs,
    open_minutes: dict[str, int],
    load: float,
    rng: np.random.Generator,
) -> dict[Cell, Group]:
    """Give every machine group its machines, and the pace at which its load is as asked for.

    Parameters
    ----------
    open_minutes
        Open minutes of every calendar over the horizon.
    load
        Share of the open minutes that the most loaded group works; others are loaded less.
    """
    work, num_tasks = _judge_work(products, needs)
    calendars = {cell: _choose_calendar(cell[1], rng) for cell in work}
    numbers = _judge_numbers(
        size, {cell: minutes / open_minutes[calendars[cell]] for cell, minutes in work.items()}, load
    )
    shares = {
        cell: load * float(rng.uniform(0.94, 1.0) if cell[1] in BOTTLENECKS else rng.uniform(0.65, 0.9))
        for cell in work
    }
    peak = max(shares, key=lambda cell: (cell[1] in BOTTLENECKS, work[cell]))
    shares[peak] = load
    groups = {}
    for cell, minutes in work.items():
        efficiencies = tuple(
            build_decimal(float(value), 2) for value in rng.choice((1.0, 1.0, 1.0, 0.9, 1.2), numbers[cell])
        )
        capacity = open_minutes[calendars[cell]] * float(sum(efficiencies))
        mean_task = minutes / max(num_tasks[cell], 1.0)
        pace = 1.0 if cell[1] == "oven" else min(shares[cell] * capacity / minutes, LONGEST_MEAN_TASK / mean_task)
        groups[cell] = Group(*cell, calendars[cell], efficiencies, pace, mean_task * pace)
    return groups


def _judge_work(products: Products, needs: Needs) -> tuple[dict[Cell, float], dict[Cell, float]]:
    """Return minutes (before pace) and number of tasks of every group, lines spread evenly over units."""
    work: dict[Cell, float] = defaultdict(float)
    num_tasks: dict[Cell, float] = defaultdict(float)
    for index, made in enumerate(products.made):
        quantity, jobs = needs.made[index] / len(made.units), needs.num_jobs[index] / len(made.units)
        for unit in made.units:
            for step in made.steps:
                minutes = _judge_minutes(step, quantity, jobs)
                work[unit, step.kind] += minutes * (1 + SETUP_SHARE * (step.family is not None))
                num_tasks[unit, step.kind] += jobs
    return {cell: minutes or 1.0 for cell, minutes in sorted(work.items())}, num_tasks


def _judge_minutes(step: Step, quantity: float, num_jobs: float) -> float:
    return step.fixed_minutes * num_jobs + step.minutes_per_unit * quantity


def _choose_calendar(kind: str, rng: np.random.Generator) -> str:
    if kind == "oven":
        return "ROUND-THE-CLOCK"
    return _CALENDARS.get(kind) or ("ONE-SHIFT" if rng.random() < 0.5 else "TWO-SHIFT")


def _judge_numbers(size: Size, need: dict[Cell, float], load: float) -> dict[Cell, int]:
    """Share the machines out so that the neediest group always gets the next one; ovens by need alone."""
    numbers = {
        cell: max(1, ceil(value / OVEN_CAPACITY / (0.7 * load))) if cell[1] == "oven" else 1
        for cell, value in need.items()
    }
    heap = [(-value, cell) for cell, value in need.items() if cell[1] != "oven"]
    heapq.heapify(heap)
    for _ in range(size.num_machines - sum(numbers.values())):
        _, cell = heap[0]
        numbers[cell] += 1
        heapq.heapreplace(heap, (-need[cell] / numbers[cell], cell))
    return numbers


def build_resources(groups: dict[Cell, Group], rng: np.random.Generator, *, setups: bool) -> tuple[Resource, ...]:
    """Build the machines; most machines with families are set up for one at the start."""
    resources = []
    for group in groups.values():
        families = FAMILIES.get(group.kind) if setups else None
        for number, efficiency in enumerate(group.efficiencies):
            is_set_up = families is not None and rng.random() < 0.8
            resources.append(
                Resource(
                    resource_id=group.resource_id(number),
                    unit_id=f"U{group.unit + 1:02}",
                    calendar_id=group.calendar_id,
                    capacity=OVEN_CAPACITY if group.kind == "oven" else 1,
                    cost_per_hour=Decimal(COST_PER_HOUR[group.kind]),
                    efficiency=efficiency,
                    initial_family=families[int(rng.integers(len(families)))] if families and is_set_up else None,
                )
            )
    return tuple(resources)


def build_operations(
    products: Products, needs: Needs, groups: dict[Cell, Group], rng: np.random.Generator
) -> tuple[Operation, ...]:
    """Give every step its alternatives: the machines of its group that have the least to do so far.

    Steps with much work choose first, and get so many machines that none is overloaded by them alone.
    """
    busy = {cell: [(0.0, number) for number in range(len(group.efficiencies))] for cell, group in groups.items()}
    demands = [
        (
            (step.fixed_minutes * jobs + step.minutes_per_unit * quantity) * groups[unit, step.kind].pace,
            made,
            unit,
            step,
        )
        for index, made in enumerate(products.made)
        for quantity, jobs in [(needs.made[index] / len(made.units), needs.num_jobs[index] / len(made.units))]
        for unit in made.units
        for step in made.steps
    ]
    fair: dict[Cell, float] = defaultdict(float)
    for minutes, _, unit, step in demands:
        fair[unit, step.kind] += minutes / len(busy[unit, step.kind])
    chosen = {}
    for place in sorted(range(len(demands)), key=lambda place: -demands[place][0]):
        minutes, _, unit, step = demands[place]
        cell = unit, step.kind
        least = ceil(1.5 * minutes / fair[cell]) if minutes else 1
        drawn = int(rng.integers(1, 4)) + (len(busy[cell]) > 2)
        number = min(len(busy[cell]), max(least, drawn))
        chosen[place] = _choose_machines(busy[cell], groups[cell], minutes, number)
    return tuple(
        _build_operation(made, step, groups[unit, step.kind], number)
        for place, (_, made, unit, step) in enumerate(demands)
        for number in chosen[place]
    )


def _choose_machines(busy: list[tuple[float, int]], group: Group, minutes: float, number: int) -> list[int]:
    """Take the least busy machines of a heap, and put them back with their share of the work."""
    chosen = [heapq.heappop(busy) for _ in range(number)]
    speed = sum(float(group.efficiencies[machine]) for _, machine in chosen)
    for before, machine in chosen:
        heapq.heappush(busy, (before + minutes / speed, machine))
    return sorted(machine for _, machine in chosen)


def _build_operation(made: Made, step: Step, group: Group, number: int) -> Operation:
    paced = replace(
        step,
        fixed_minutes=max(1.0, step.fixed_minutes * group.pace),
        minutes_per_unit=step.minutes_per_unit and max(0.05, step.minutes_per_unit * group.pace),
    )
    return Operation(
        item_id=made.item.item_id,
        unit_id=f"U{group.unit + 1:02}",
        op_no=step.op_no,
        resource_id=group.resource_id(number),
        name=step.kind,
        fixed_minutes=build_decimal(paced.fixed_minutes, 0),
        minutes_per_unit=build_decimal(paced.minutes_per_unit, 2),
        family=step.family,
        breakable=step.kind != "oven",
        transfer_minutes=None if step.transfer_minutes is None else Decimal(step.transfer_minutes),
    )


def build_setups(groups: dict[Cell, Group], rng: np.random.Generator) -> tuple[Setup, ...]:
    """Draw a matrix for each machine with families; every fifth says it with ``*`` rows.

    ``*`` also matches the same family, so that such machines have explicit rows of 0 minutes.
    """
    setups: list[Setup] = []
    for group in groups.values():
        families = FAMILIES.get(group.kind)
        if families is None:
            continue
        unit = max(5.0, group.mean_task * 0.1)
        for number in range(len(group.efficiencies)):
            resource_id = group.resource_id(number)
            if number % 5 == 4:
                setups += _build_star_setups(resource_id, families, unit)
            else:
                setups += _build_pair_setups(resource_id, families, unit, rng)
    return tuple(setups)


def _build_setup(resource_id: str, from_family: str, to_family: str, minutes: float) -> Setup:
    rounded = 5 * round(minutes / 5)
    return Setup(
        resource_id=resource_id,
        from_family=from_family,
        to_family=to_family,
        minutes=Decimal(rounded),
        cost=Decimal(rounded) / 2,
    )


def _build_pair_setups(
    resource_id: str, families: tuple[str, ...], unit: float, rng: np.random.Generator
) -> list[Setup]:
    """Later families are darker (or harder): going back to an earlier one takes longer."""
    return [
        _build_setup(
            resource_id, before, after, unit * float(rng.uniform(0.8, 1.2)) * (1 if place_before < place_after else 3)
        )
        for place_before, before in enumerate(families)
        for place_after, after in enumerate(families)
        if before != after
    ]


def _build_star_setups(resource_id: str, families: tuple[str, ...], unit: float) -> list[Setup]:
    rows = [_build_setup(resource_id, ANY_FAMILY, family, 2 * unit) for family in families]
    return rows + [_build_setup(resource_id, family, family, 0) for family in families]
