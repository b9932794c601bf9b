"""How busy a plant will be: a quick estimate from a snapshot, without planning anything."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orderopt.testing.shifts import judge_open_minutes

if TYPE_CHECKING:
    from orderopt.models.item import Operation
    from orderopt.models.snapshot import Snapshot

_ROUNDS = 40


@dataclass(frozen=True)
class ExpectedLoad:
    """What lot-for-lot planning of a snapshot leads to.

    Attributes
    ----------
    num_jobs
        Jobs by item: one for each line that stock does not cover, and one for each made component of a job
        that stock does not cover.
    quantity
        Quantity made by item, in the item's unit.
    num_tasks
        Number of tasks of all jobs.
    share
        By resource: minutes of work over open minutes × capacity until the end of the horizon. Lines are
        spread evenly over units, and steps over their alternatives so that these are equally busy; changeovers
        are not counted.
    """

    num_jobs: dict[str, int]
    quantity: dict[str, float]
    num_tasks: int
    share: dict[str, float]

    @property
    def peak(self) -> float:
        """Load of the busiest resource."""
        return max(self.share.values(), default=0.0)


def judge_load(snapshot: Snapshot) -> ExpectedLoad:
    """Estimate jobs, tasks and machine loads of a snapshot whose horizon has an end."""
    num_jobs, quantity = _explode(snapshot)
    num_steps = {item_id: len(snapshot.routing[item_id, units[0]]) for item_id, units in snapshot.units_of_item.items()}
    return ExpectedLoad(
        num_jobs=num_jobs,
        quantity=quantity,
        num_tasks=sum(count * num_steps[item_id] for item_id, count in num_jobs.items()),
        share=_judge_shares(snapshot, num_jobs, quantity),
    )


def _explode(snapshot: Snapshot) -> tuple[dict[str, int], dict[str, float]]:
    """Net lines, in order of their due dates, and then components, against stock and receipts."""
    free: dict[str, float] = defaultdict(float)
    for stock in snapshot.stock:
        free[stock.item_id] += float(stock.free)
    for receipt in snapshot.receipts:
        free[receipt.item_id] += float(receipt.quantity)
    num_jobs: dict[str, int] = defaultdict(int)
    made: dict[str, float] = defaultdict(float)
    lines = sorted(snapshot.planned_lines, key=lambda line: (line.due_at, line.name))
    wanted = [(line.item_id, float(line.quantity)) for line in reversed(lines)]
    while wanted:
        item_id, quantity = wanted.pop()
        if free[item_id] >= quantity:
            free[item_id] -= quantity
        elif item_id in snapshot.units_of_item:
            num_jobs[item_id] += 1
            made[item_id] += quantity
            wanted += [
                (line.component_id, quantity * float(line.need_per_unit))
                for line in snapshot.components.get(item_id, ())
                if line.component_id in snapshot.units_of_item
            ]
    return dict(num_jobs), dict(made)


def _judge_shares(snapshot: Snapshot, num_jobs: dict[str, int], made: dict[str, float]) -> dict[str, float]:
    room = _judge_room(snapshot)
    demands = [
        (minutes, [operation.resource_id for operation in alternatives])
        for (item_id, unit_id), steps in snapshot.routing.items()
        for alternatives in steps.values()
        for minutes in [_judge_minutes(snapshot, alternatives[0], item_id, unit_id, num_jobs, made)]
    ]
    busy = dict.fromkeys(room, 0.0)
    speed = {resource.resource_id: float(resource.efficiency) for resource in snapshot.resources}
    for round_no in range(_ROUNDS):
        fresh = dict.fromkeys(room, 0.0)
        for minutes, names in demands:
            weights = [speed[name] * room[name] / (0.02 + busy[name]) ** (round_no > 0) for name in names]
            pace = minutes / sum(weight * speed[name] for weight, name in zip(weights, names, strict=True))
            for weight, name in zip(weights, names, strict=True):
                fresh[name] += pace * weight / room[name]
        busy = {name: 0.5 * (busy[name] + fresh[name]) if round_no else fresh[name] for name in room}
    return busy


def _judge_minutes(
    snapshot: Snapshot,
    operation: Operation,
    item_id: str,
    unit_id: str,
    num_jobs: dict[str, int],
    made: dict[str, float],
) -> float:
    num_units = len(snapshot.units_of_item[item_id])
    started = made.get(item_id, 0.0) / float(snapshot.unit[unit_id].quality)
    fixed = float(operation.fixed_minutes) * num_jobs.get(item_id, 0)
    return (fixed + float(operation.minutes_per_unit) * started) / num_units


def _judge_room(snapshot: Snapshot) -> dict[str, float]:
    settings = snapshot.settings
    if settings.horizon_end is None:
        raise ValueError("the snapshot's horizon has no end; set horizon_end")
    minutes = judge_open_minutes(
        list(snapshot.calendars),
        list(snapshot.calendar_exceptions),
        settings.horizon_start,
        settings.horizon_end,
        settings.zone,
    )
    always = (settings.horizon_end - settings.horizon_start).total_seconds() / 60
    return {
        resource.resource_id: resource.capacity * (minutes[resource.calendar_id] if resource.calendar_id else always)
        for resource in snapshot.resources
    }
