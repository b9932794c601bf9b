"""Everything decided, before it has names: a draft with its schedule, its transport, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.stages.draft import Draft
from orderopt.stages.promise import Outlook, promise
from orderopt.stages.schedule import ShopQuestion
from orderopt.stages.ship import Transport, ship
from orderopt.stages.supply import Part, Purchase


@dataclass(frozen=True)
class Decisions:
    """Everything decided, before it has names."""

    plant: Plant
    parts: tuple[Part, ...]
    purchases: tuple[Purchase, ...]
    question: ShopQuestion
    schedule: ShopSchedule
    transport: Transport
    outlooks: tuple[Outlook, ...]


def complete(plant: Plant, draft: Draft, question: ShopQuestion, schedule: ShopSchedule) -> Decisions:
    """Return a draft with its schedule: jobs end when their last task does, parts travel and arrive."""
    ends = schedule.end[question.problem.arrays.job_ptr[1 : len(question.jobs) + 1] - 1].tolist()
    for job, end in zip(question.jobs, ends, strict=True):
        job.supply.available = end
    transport = ship(plant, draft.parts)
    outlooks = promise(plant, draft.parts, transport)
    return Decisions(
        plant,
        tuple(draft.parts),
        tuple(draft.ledger.purchases),
        question,
        schedule,
        transport,
        tuple(outlooks),
    )


def price(decisions: Decisions) -> float:
    """Return what the plan costs in weighted currency, as far as floating point tells; the judge has the last word."""
    plant = decisions.plant
    settings = plant.snapshot.settings
    bought = sum(float(each.quantity * each.offer.unit_price) for each in decisions.purchases if each.offer is not None)
    freight = sum(float(shipment.cost) for shipment in decisions.transport.shipments)
    terms = evaluate(decisions.question.problem, decisions.schedule)
    total = float(settings.weight_purchase) * bought + float(settings.weight_transport) * freight
    for outlook in decisions.outlooks:
        line = outlook.line
        if outlook.promised is not None:
            total += plant.arrival_cost(line, outlook.promised)
        if outlook.served < line.quantity:
            total += plant.unserved_cost[line.name] * (1.0 - float(outlook.served / line.quantity))
    return total + terms.production + terms.setup + terms.fairness + terms.makespan
