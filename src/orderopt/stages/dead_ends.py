"""Lines that no schedule can serve: found when scheduling comes to a dead end, and left unserved.

Where some family may not follow another, or a step must not wait long for the next, what was allocated may have no
lawful place at all. No stage before scheduling can tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from orderopt.errors import NoAnswerError
from orderopt.models.result import SourceType
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.stages.allocate import unserved
from orderopt.stages.draft import Draft
from orderopt.stages.realise import realise
from orderopt.stages.schedule import ShopQuestion, ask
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.supply import Job, Part

CAUSE = "no lawful place in time was found for its tasks: a changeover is forbidden or a longest wait too short"
"""Why such a line is not served."""


def leave_dead_ends(
    plant: Plant, parts: Sequence[Part], draft: Draft, sourcing: SourcingQuestion, budget: Budget
) -> Draft:
    """Return a draft that list scheduling can place: of the parts that get stuck, the cheapest are not served.

    Parameters
    ----------
    parts
        Parts without supply, as allocated; `draft` is made of them.
    sourcing
        The allocation question.

    Raises
    ------
    NoAnswerError
        If what gets stuck has begun already, so that it cannot be left out.
    """
    chosen, count = list(parts), 1
    while True:
        question = ask(plant, draft.ledger.jobs, draft.parts)
        schedule = Dispatch().schedule(question.problem, budget.part(0.0)).require()
        if schedule.is_complete:
            return draft
        stuck = _stuck_lines(question, schedule)
        open_parts = [
            part for part in chosen if part.line.name in stuck and part.source_type is not SourceType.UNSERVED
        ]
        if not open_parts:
            found = _stuck_tasks(question, schedule)
            tasks = [f"step {op_no} of {job.item_id} at {job.unit_id}" for job, op_no in found]
            raise NoAnswerError(
                f"{', '.join(tasks[:5])}: {CAUSE}; allow the changeover, raise the wait, or move a fixed task"
            )
        open_parts.sort(key=lambda part: (_loss(plant, part), part.line.name))
        left_out = {id(part) for part in open_parts[:count]}
        count *= 2
        chosen = [unserved(part.line, part.quantity, [CAUSE]) if id(part) in left_out else part for part in chosen]
        draft = realise(plant, chosen, sourcing)


def _stuck_tasks(question: ShopQuestion, schedule: ShopSchedule) -> list[tuple[Job, int]]:
    ends = schedule.end[: len(question.tasks)].tolist()
    return [task for task, end in zip(question.tasks, ends, strict=True) if end >= FOREVER]


def _stuck_lines(question: ShopQuestion, schedule: ShopSchedule) -> set[str]:
    return {job.line.name for job, _ in _stuck_tasks(question, schedule) if job.line is not None}


def _loss(plant: Plant, part: Part) -> float:
    return plant.unserved_cost[part.line.name] * float(part.quantity / part.line.quantity)
