"""Stage 3, explode and procure: break jobs down level by level, make or buy every component.

Jobs come in the order of their lines' due dates, so that stock goes to the earliest needs. A job whose
components cannot be had takes back everything it drew and reports what lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.order import OrderLine
from orderopt.models.result import SourceType, SupplyType
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, Step
from orderopt.stages.supply import Draw, Job, Ledger, Part, Shortage, Supply

CROWD = 1.5
"""How many times its bare working time a component job is expected to take, waiting counted."""

DEEPEST = 40
"""Levels of a bill of material at most; cycles are refused when data is read."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of a component: for whom, by when, and what a minute later costs."""

    line: OrderLine | None
    by: int
    minute_cost: float
    level: int


def make_part(plant: Plant, ledger: Ledger, part: Part) -> None:
    """Create the job (and all component jobs and purchases) of a part that a unit makes.

    Raises
    ------
    Shortage
        If the unit cannot make it; the ledger is as before.
    """
    line = part.line
    by = plant.due(line) - plant.lead(part.lane)
    wish = Wish(line, by, plant.minute_cost[line.name], 0)
    assert part.source_id is not None
    job = _make(plant, ledger, line.item_id, part.source_id, part.quantity, wish)
    ledger.draw(job.supply, part.quantity)
    part.job, part.supply = job, job.supply


def buy_part(plant: Plant, ledger: Ledger, part: Part) -> None:
    """Buy a part of a line from a supplier.

    Raises
    ------
    Shortage
        If the supplier cannot deliver it as one purchase.
    """
    assert part.source_id is not None
    quoted = ledger.quote(part.source_id, part.line.item_id, part.quantity)
    if quoted is None:
        raise Shortage(f"supplier {part.source_id} cannot deliver {part.quantity} of {part.line.item_id} at once")
    part.supply = ledger.buy(quoted[2]).supply


def procure_running(plant: Plant, ledger: Ledger) -> list[str]:
    """Peg the components that running jobs still need; return what lacks."""
    lacking = []
    for job in [job for job in ledger.jobs if job.fixed]:
        wish = Wish(job.line, _due(plant, job.line), 0.0 if job.line is None else plant.minute_cost[job.line.name], 0)
        mark = ledger.mark()
        try:
            _draw_components(plant, ledger, job, wish)
        except Shortage as shortage:
            ledger.rollback(mark)
            job.draws.clear()
            lacking.append(f"job {job.job_id}: {shortage.cause}")
    return lacking


def _due(plant: Plant, line: OrderLine | None) -> int:
    return plant.window_end if line is None else plant.due(line)


def _make(plant: Plant, ledger: Ledger, item_id: str, unit_id: str, quantity: Decimal, wish: Wish) -> Job:
    mark = ledger.mark()
    unit = plant.snapshot.unit[unit_id]
    started = plant.started(item_id, quantity, unit.quality)
    steps = plant.routings.get((item_id, unit_id), ())
    if not steps:
        raise Shortage(f"unit {unit_id} has no routing for {item_id}")
    for step in steps:
        if not plant.usable(step, started):
            names = ", ".join(option.operation.resource_id for option in step.alternatives)
            raise Shortage(f"step {step.op_no} of {item_id} fits into no open window of {names}")
    supply = Supply(SupplyType.JOB, "", item_id, started * unit.quality, FOREVER, unit.site, unit_id)
    job = Job(item_id, unit_id, started, supply, steps, wish.line)
    try:
        _draw_components(plant, ledger, job, wish)
    except Shortage:
        ledger.rollback(mark)
        raise
    ledger.add_job(job)
    return job


def _draw_components(plant: Plant, ledger: Ledger, job: Job, wish: Wish) -> None:
    if wish.level > DEEPEST:
        raise Shortage(f"the bill of material of {job.item_id} is deeper than {DEEPEST} levels")
    first_open = next(
        (position for position, step in enumerate(job.steps) if step.op_no not in job.fixed), len(job.steps)
    )
    latest = _latest_starts(plant, job.steps, job.started, wish.by)
    for position, step in enumerate(job.steps):
        if position < first_open or step.op_no in job.fixed:
            continue  # issued already
        for component in step.components:
            need = job.started * component.need_per_unit
            below = Wish(wish.line, latest[position], wish.minute_cost, wish.level + 1)
            _supply_component(plant, ledger, job, position, component.component_id, need, below)


def _latest_starts(plant: Plant, steps: tuple[Step, ...], quantity: Decimal, by: int) -> list[int]:
    """Return when each step should start at the latest for the job to end in time (waiting not counted)."""
    latest, minute = [0] * len(steps), by
    for position in range(len(steps) - 1, -1, -1):
        works = [
            plant.work(option, quantity) * plant.stretch(option.resource) for option in steps[position].alternatives
        ]
        minute -= int(min(works) * CROWD)
        latest[position] = minute
        if position:
            minute -= min(option.lag for option in steps[position - 1].alternatives)
    return latest


def _supply_component(
    plant: Plant, ledger: Ledger, job: Job, step: int, item_id: str, need: Decimal, wish: Wish
) -> None:
    """Peg a need: free supplies that are in time first, then the cheapest of making, buying and waiting."""
    for in_time in (True, False):
        for supply in list(ledger.supplies(item_id)):
            if need and (supply.available <= max(wish.by, 0)) == in_time and supply.available < FOREVER:
                if not in_time and not _waiting_is_best(plant, ledger, supply, item_id, need, wish):
                    continue
                quantity = min(need, supply.free)
                _draw(ledger, job, step, supply, quantity)
                need -= quantity
        if not need:
            return
    for running in list(ledger.supplies(item_id)):  # jobs that are running and not yet done
        if need and running.kind is SupplyType.JOB:
            quantity = min(need, running.free)
            _draw(ledger, job, step, running, quantity)
            need -= quantity
    if not need:
        return
    causes = []
    for _, kind, source_id in _options(plant, ledger, item_id, need, wish):
        mark, drawn = ledger.mark(), len(job.draws)
        try:
            if kind is SourceType.UNIT:
                made = _make(plant, ledger, item_id, source_id, need, wish)
                made.parent = job
                _draw(ledger, job, step, made.supply, need)
            else:
                _buy(plant, ledger, job, step, source_id, item_id, need)
            return
        except Shortage as shortage:
            ledger.rollback(mark)
            del job.draws[drawn:]
            causes.append(shortage.cause)
    raise Shortage("; ".join(causes) or _nothing_supplies(plant, item_id, need))


def _nothing_supplies(plant: Plant, item_id: str, need: Decimal) -> str:
    cause, floor = f"nothing supplies {need} of component {item_id}", plant.snapshot.item[item_id].quality_floor
    return cause if floor is None else f"{cause} rated at least {floor} (QUALITY_FLOOR)"


def _draw(ledger: Ledger, job: Job, step: int, supply: Supply, quantity: Decimal) -> None:
    (ledger.draw_surplus if supply.kind is SupplyType.PURCHASE else ledger.draw)(supply, quantity)
    job.draws.append(Draw(supply, quantity, step))


def _buy(plant: Plant, ledger: Ledger, job: Job, step: int, supplier_id: str, item_id: str, need: Decimal) -> None:
    """Buy a need, over several weeks where a weekly maximum demands it."""
    while need:
        quantity = need
        quoted = ledger.quote(supplier_id, item_id, quantity)
        if quoted is None:
            quantity = ledger.most_at_once(supplier_id, item_id, need)
            quoted = ledger.quote(supplier_id, item_id, quantity) if quantity else None
        if quoted is None:
            raise Shortage(f"supplier {supplier_id} cannot deliver {need} of component {item_id}")
        purchase = ledger.buy(quoted[2])
        job.draws.append(Draw(purchase.supply, quantity, step))
        need -= quantity


def _options(
    plant: Plant, ledger: Ledger, item_id: str, need: Decimal, wish: Wish
) -> list[tuple[float, SourceType, str]]:
    """Return the ways to make or buy a component, the best first; each with its estimated cost."""
    weight = plant.snapshot.settings
    found: list[tuple[float, SourceType, str]] = []
    for unit_id in plant.makers.get(item_id, ()):
        ready, cost = plant.estimates.make(item_id, unit_id, need, CROWD)
        late = max(0, max(ready, plant.start) - wish.by)
        found.append((cost + late * wish.minute_cost, SourceType.UNIT, unit_id))
    for supplier_id in plant.sellers.get(item_id, {}):
        quoted = ledger.quote(supplier_id, item_id, need)
        if quoted is None:
            found.append((float("inf"), SourceType.SUPPLIER, supplier_id))
            continue
        received, cost_added, _ = quoted
        late = max(0, received - wish.by)
        found.append(
            (float(cost_added * weight.weight_purchase) + late * wish.minute_cost, SourceType.SUPPLIER, supplier_id)
        )
    return sorted(found, key=lambda option: option[0])


def _waiting_is_best(plant: Plant, ledger: Ledger, supply: Supply, item_id: str, need: Decimal, wish: Wish) -> bool:
    """Whether taking a late supply costs less than making or buying anew."""
    options = _options(plant, ledger, item_id, need, wish)
    waiting = max(0, supply.available - wish.by) * wish.minute_cost
    return not options or waiting <= options[0][0]
