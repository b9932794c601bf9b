"""Everything decided, before it has names: a draft with its schedule, its transport, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.stages.draft import Draft
from orderopt.stages.promise import Outlook, promise
from orderopt.stages.quotas import sum_beyond
from orderopt.stages.schedule import ShopQuestion
from orderopt.stages.shares import is_planned
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
    return sum(price_terms(decisions).values())


def price_terms(decisions: Decisions) -> dict[str, float]:
    """Return the cost of the plan by term, in weighted currency; `arrivals` is what they cost beside lateness."""
    plant = decisions.plant
    settings = plant.snapshot.settings
    bought = sum(float(each.quantity * each.offer.unit_price) for each in decisions.purchases if each.offer is not None)
    freight = sum(float(shipment.cost) for shipment in decisions.transport.shipments)
    terms = evaluate(decisions.question.problem, decisions.schedule)
    tardiness = arrivals = unserved = 0.0
    for outlook in decisions.outlooks:
        line = outlook.line
        if outlook.promised is not None:
            late = max(0, outlook.promised - plant.due(line)) * plant.minute_cost[line.name]
            tardiness += late
            arrivals += plant.arrival_cost(line, outlook.promised) - late
        if outlook.served < line.quantity:
            unserved += plant.unserved_cost[line.name] * (1.0 - float(outlook.served / line.quantity))
    return {
        "unserved": unserved,
        "tardiness": tardiness,
        "arrivals": arrivals,
        "makespan": terms.makespan,
        "production": terms.production,
        "setup": terms.setup,
        "purchase": float(settings.weight_purchase) * bought,
        "transport": float(settings.weight_transport) * freight,
        "fairness": terms.fairness,
        "preference": sum(_dislike(plant, part) for part in decisions.parts),
        "quota": float(settings.weight_quota) * float(sum_beyond(plant, decisions.parts)),
    }


def _dislike(plant: Plant, part: Part) -> float:
    """Return what a part costs for who makes or sells it."""
    is_new = is_planned(part)
    if not (is_new or part.source_type is SourceType.SUPPLIER) or part.source_id is None:
        return 0.0
    return plant.dislike(part.line.item_id, part.source_id, is_unit=is_new) * float(part.quantity)
