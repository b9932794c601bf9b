"""For small inputs: turn what one model decided at once into a draft and its schedule."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import numpy as np

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.integrated import (
    IntegratedChoice,
)
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import NONE, ShopSchedule
from orderopt.stages.candidates import MILLION, Bought, Candidates
from orderopt.stages.draft import Draft
from orderopt.stages.schedule import ShopQuestion, ask
from orderopt.stages.supply import Draw, Part, Purchase


def apply(plant: Plant, candidates: Candidates, choice: IntegratedChoice) -> tuple[Draft, ShopQuestion, ShopSchedule]:
    """Return the draft that a choice means, its scheduling question, and the schedule of the choice."""
    ledger, question = candidates.ledger, candidates.question
    begun = {id(job.supply): job for job in question.jobs if job.fixed}
    for job in begun.values():
        job.line = None
    present = {id(question.jobs[position]) for position in choice.jobs}
    parts: list[Part] = []
    left = list(candidates.wanted)
    pegged: dict[int, Decimal] = defaultdict(Decimal)
    for number, place, quantity in choice.parts:
        part, lane = candidates.parts[number][place]
        amount = part.quantity if part.job is not None else Decimal(quantity) / MILLION
        part.quantity, part.lane, part.reason = amount, lane, "part of the cheapest plan of all"
        if id(part.supply) in begun:
            part.job = begun[id(part.supply)]
            if part.job.line is None or plant.release(part.line) < plant.release(part.job.line):
                part.job.line = part.line
        left[number] -= amount
        pegged[id(part.supply)] += amount
        parts.append(part)
    for line, missing in zip(candidates.lines, left, strict=True):
        if missing > 0:
            parts.append(
                Part(
                    line,
                    SourceType.UNSERVED,
                    None,
                    missing,
                    reason="serving it would cost more than leaving it unserved",
                )
            )
    jobs = [job for job in question.jobs if id(job) in present]
    for job in jobs:
        job.draws = []
    for demand, supply, maker, quantity in choice.pegs:
        job, step = candidates.demands[demand]
        if id(job) not in present:
            continue
        if maker != NONE:
            source = question.jobs[maker].supply
        else:
            each = candidates.supplies[supply]
            source = each.supply if isinstance(each, Bought) else each
        amount = Decimal(quantity) / MILLION
        pegged[id(source)] += amount
        job.draws.append(Draw(source, amount, step))
    ledger.jobs = jobs
    ledger.purchases = []
    for position, lots in choice.lots.items():
        bought = candidates.supplies[position]
        assert isinstance(bought, Bought)
        ledger.purchases.append(
            Purchase(
                bought.supplier_id,
                bought.item_id,
                bought.supply,
                bought.week,
                pegged[id(bought.supply)],
                bought.lot * lots,
                bought.offer,
            )
        )
    again = ask(plant, jobs, parts)
    return Draft(ledger, parts), again, _carry_over(question, again, choice)


def _carry_over(old: ShopQuestion, new: ShopQuestion, choice: IntegratedChoice) -> ShopSchedule:
    """Return the choice's schedule in the positions of the question that holds only what is made."""
    place = {(id(job), op_no): task for task, (job, op_no) in enumerate(old.tasks)}
    before, after = old.problem.arrays, new.problem.arrays
    num_tasks = new.problem.num_tasks
    alternative = after.alt_ptr[:-1].copy()
    start, end = after.fixed_start.copy(), after.fixed_end.copy()
    for task, (job, op_no) in enumerate(new.tasks):
        was = place[id(job), op_no]
        start[task], end[task] = choice.start[was], choice.end[was]
        resource = before.alt_resource[choice.alternative[was]]
        options = range(int(after.alt_ptr[task]), int(after.alt_ptr[task + 1]))
        alternative[task] = next(option for option in options if after.alt_resource[option] == resource)
    return ShopSchedule(alternative, start, end, np.zeros(num_tasks, dtype=np.int64))
