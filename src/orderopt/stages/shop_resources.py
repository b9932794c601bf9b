"""The resources of a plant as arrays: slots, changeovers and open hours."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, ceil_whole
from orderopt.solvers.compiled.shop import NONE, Floats, Ints
from orderopt.stages.shop_tasks import TaskArrays


def initial_family(plant: Plant, resource: int) -> int:
    """Return the family that a resource stands on at the start; NONE if that is not known."""
    given = plant.resources[resource]
    if given.initial_family is None:
        return NONE
    return plant.families.get(given.resource_id, {}).get(given.initial_family, NONE)


def find_slots(plant: Plant, tasks: TaskArrays) -> tuple[Ints, Ints, Ints]:
    """Spread the fixed tasks of each resource over its slots so that those of one slot do not overlap."""
    fixed: dict[int, list[int]] = defaultdict(list)
    for task in np.flatnonzero(tasks.task_is_fixed).tolist():
        fixed[int(tasks.alt_resource[tasks.alt_ptr[task]])].append(task)
    slot_ptr, fixed_ptr, found = [0], [0], []
    users = np.bincount(tasks.alt_resource, minlength=len(plant.resources))
    for position, resource in enumerate(plant.resources):
        num_slots = max(1, min(resource.capacity, int(users[position])))  # more are never in use at once
        slots: list[list[int]] = [[] for _ in range(num_slots)]
        for task in sorted(fixed[position], key=lambda each: (int(tasks.fixed_start[each]), each)):
            ends = [int(tasks.fixed_end[slot[-1]]) if slot else -FOREVER for slot in slots]
            slots[int(np.argmin(ends))].append(task)
        for slot in slots:
            found.extend(slot)
            fixed_ptr.append(len(found))
        slot_ptr.append(slot_ptr[-1] + num_slots)
    return _ints(slot_ptr), _ints(fixed_ptr), _ints(found)


def find_setups(plant: Plant) -> tuple[Ints, Ints, Ints, Floats]:
    """Return where the changeover matrix of each resource begins, its size, and all minutes and costs."""
    rows: dict[str, dict[tuple[str, str], tuple[int, Decimal]]] = defaultdict(dict)
    for setup in plant.snapshot.setups:
        minutes = FOREVER if setup.forbidden else ceil_whole(setup.minutes)
        rows[setup.resource_id][setup.from_family, setup.to_family] = (
            minutes,
            Decimal(0) if setup.forbidden else setup.cost,
        )
    ptr: list[int] = []
    sizes: list[int] = []
    minutes_flat: list[int] = []
    costs: list[float] = []
    weight = plant.snapshot.settings.weight_setup
    for resource in plant.resources:
        ptr.append(len(minutes_flat))
        families = plant.families.get(resource.resource_id, {})
        if not families or resource.capacity > 1:
            sizes.append(0)
            continue
        sizes.append(len(families) + 1)
        names: list[str | None] = [None, *families]
        for before in names:
            for after in names:
                row = rows[resource.resource_id].get((before or "", after or ""))
                row = row or rows[resource.resource_id].get(("*", after or ""), (0, Decimal(0)))
                minutes_flat.append(row[0])
                costs.append(float(row[1] * weight))
    return _ints(ptr), _ints(sizes), _ints(minutes_flat), np.array(costs, dtype=np.float64)


def find_calendars(plant: Plant) -> tuple[Ints, Ints, Ints, Ints]:
    """Return where the spans of each calendar begin, their begins and ends, and the open minutes before each."""
    open_times = plant.open_times
    ptr = np.concatenate(([0], np.cumsum([each.num_spans for each in open_times]))).astype(np.int64)
    return (
        ptr,
        np.concatenate([each.opens for each in open_times]).astype(np.int64),
        np.concatenate([each.closes for each in open_times]).astype(np.int64),
        np.concatenate([each.before for each in open_times]).astype(np.int64),
    )


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)
