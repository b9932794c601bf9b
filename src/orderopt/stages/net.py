"""Stage 1, net: serve lines from stock, receipts and work in progress, by priority and due date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.network import Lane
from orderopt.models.order import OrderLine
from orderopt.models.result import FixedTask, SourceType, SupplyType
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.supply import ZERO, Job, Ledger, Part, Supply, handed_over

SOURCE_TYPE = {
    SupplyType.STOCK: SourceType.STOCK,
    SupplyType.RECEIPT: SourceType.RECEIPT,
    SupplyType.JOB: SourceType.UNIT,
    SupplyType.PURCHASE: SourceType.SUPPLIER,
}


@dataclass(frozen=True)
class Netting:
    """What stage 1 hands on.

    Attributes
    ----------
    parts
        Parts that stock, receipts and work in progress serve.
    rest
        What is left of each line to be made or bought, the most urgent first.
    """

    parts: tuple[Part, ...]
    rest: tuple[tuple[OrderLine, Decimal], ...]


def net(plant: Plant, ledger: Ledger) -> Netting:
    """Peg what is there already to the most urgent lines that it serves in time.

    A line that may not split is served in full by one supply or not at all. Supplies that would be late are left
    for the allocation to weigh against making and buying. Jobs with fixed tasks go to the line they are
    for, else into the ledger as supply.
    """
    parts, left = take_running(plant, ledger)
    for line in by_urgency(plant):
        for supply in list(ledger.supplies(line.item_id)):
            wanted = left[line.name]
            if not wanted:
                break
            part = take(plant, ledger, line, wanted, supply, only_in_time=True)
            if part is not None:
                left[line.name] -= part.quantity
                parts.append(part)
    rest = tuple((line, left[line.name]) for line in by_urgency(plant) if left[line.name] > 0)
    return Netting(tuple(parts), rest)


def take_running(plant: Plant, ledger: Ledger) -> tuple[list[Part], dict[str, Decimal]]:
    """Give running jobs to the lines they are for; return those parts and what is left of every line."""
    parts: list[Part] = []
    left = {line.name: line.quantity for line in plant.snapshot.planned_lines}
    for job in running_jobs(plant):
        ledger.add_job(job)
        line = job.line
        quantity = ZERO if line is None else min(left[line.name], job.supply.free)
        if (
            line is not None
            and quantity > 0
            and (line.may_split or quantity == line.quantity)
            and plant.reaches_floor(line, job.unit_id, SupplyType.JOB)
        ):
            way = _cheapest_way(plant, job.supply, line)
            if way is not None:
                ledger.draw(job.supply, quantity)
                left[line.name] -= quantity
                parts.append(
                    Part(line, SourceType.UNIT, job.unit_id, quantity, job.supply, job, way[1], "work on it has begun")
                )
        if job.supply.free > 0:
            ledger.add(job.supply)
    return parts, left


def by_urgency(plant: Plant) -> Sequence[OrderLine]:
    """Return the planned lines by priority (high first), due date and name."""
    snapshot = plant.snapshot
    return sorted(
        snapshot.planned_lines, key=lambda line: (-snapshot.priority(line), line.due_at, line.order_id, line.line_no)
    )


def take(
    plant: Plant, ledger: Ledger, line: OrderLine, wanted: Decimal, supply: Supply, *, only_in_time: bool
) -> Part | None:
    """Serve a line (or a part of it) from a known supply; None where that is not lawful or not in time."""
    if supply.available >= FOREVER or not plant.reaches_floor(line, supply.origin, supply.kind):
        return None
    quantity = min(wanted, supply.free)
    if not may_take(line, wanted, quantity):
        return None
    way = _cheapest_way(plant, supply, line)
    if way is None or (only_in_time and way[0] > plant.due(line)):
        return None
    (ledger.draw_surplus if supply.kind is SupplyType.PURCHASE else ledger.draw)(supply, quantity)
    reason = "in stock" if supply.kind is SupplyType.STOCK else "on its way"
    return Part(line, SOURCE_TYPE[supply.kind], source_of(supply), quantity, supply, None, way[1], reason)


def source_of(supply: Supply) -> str:
    """Return how the allocation names the source of a supply."""
    if supply.kind is SupplyType.STOCK:
        return supply.site or supply.name
    return supply.name if supply.kind is SupplyType.RECEIPT else supply.origin or supply.name


def may_take(line: OrderLine, wanted: Decimal, quantity: Decimal) -> bool:
    """Whether a part of `quantity` may serve what is still wanted of a line."""
    if not line.may_split:
        return quantity == line.quantity
    least = line.min_split or ZERO
    rest = wanted - quantity
    return quantity > 0 and quantity >= min(least, wanted) and (rest == 0 or rest >= least)


def _cheapest_way(plant: Plant, supply: Supply, line: OrderLine) -> tuple[int, Lane | None] | None:
    """Return arrival and lane of the way that costs least, lateness counted; None: there is none."""
    origins = (supply.origin, supply.site)
    best: tuple[float, int, Lane | None] | None = None
    for lane in plant.lanes(origins, line):
        arrival = plant.arrival(lane, handed_over(plant, supply, line))
        cost = float(plant.freight(lane, line.quantity))
        cost += plant.arrival_cost(line, arrival) if arrival < FOREVER else 0.0
        if best is None or cost < best[0]:
            best = cost, arrival, lane
    return None if best is None else best[1:]


def running_jobs(plant: Plant) -> list[Job]:
    """Return the jobs that fixed tasks belong to, in order of appearance."""
    snapshot = plant.snapshot
    lines = {(line.order_id, line.line_no): line for line in snapshot.planned_lines}
    tasks: dict[str, list[FixedTask]] = defaultdict(list)
    for task in snapshot.fixed_tasks:
        tasks[task.job_id].append(task)
    jobs = []
    for job_id, fixed in tasks.items():
        first = min(fixed, key=lambda task: task.op_no)
        unit = snapshot.unit[first.unit_id]
        steps = tuple(
            step for step in plant.routings.get((first.item_id, first.unit_id), ()) if step.op_no >= first.op_no
        )
        done = all(step.op_no in {task.op_no for task in fixed} for step in steps)
        available = max(plant.clock.tick(task.end) for task in fixed) if done else FOREVER
        supply = Supply(
            SupplyType.JOB, job_id, first.item_id, first.quantity * unit.quality, available, unit.site, unit.unit_id
        )
        line = None if first.order_id is None else lines.get((first.order_id, first.line_no or ""))
        jobs.append(
            Job(
                first.item_id,
                first.unit_id,
                first.quantity,
                supply,
                steps,
                line,
                {task.op_no: task for task in fixed},
                job_id=job_id,
            )
        )
    return jobs
