"""An independent planner for tiny plants that looks at every plan.

It is written straight from ``docs/explanation/correct_plans.md``, shares no code with the solvers or the judge,
and looks at this space:

* A line that may not split has one source (stock, receipt, a job that has begun, a unit, a supplier) or is
  unserved; a line that may split has at most one part a source, of any quantity.
* A part takes one lane. It travels alone unless the lane has a timetable; there it takes the first departure with
  room, and parts on one departure share it. Only a part that no shipment holds travels in several.
* Components come from any mix of stock, receipts and purchases, and at most one component job for each job and
  component.
* There is one purchase for each supplier, item and week, as small as what is pegged to it allows, or as small as a
  better price allows.
* Every task may stand on every eligible resource, in every sequence, as early as the sequence allows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

from exhaustive.choices import Choice, build_choices, count_splits
from exhaustive.facts import Facts
from exhaustive.material import Materials, Structure, build_structures
from exhaustive.plan_tables import PlanWriter, to_decimal
from exhaustive.sequence import EPSILON, Decision, Search

if TYPE_CHECKING:
    from decimal import Decimal

    import pandas as pd

    from orderopt.models.order import OrderLine
    from orderopt.models.snapshot import Snapshot

MOST_LINES, MOST_TASKS, MOST_SPLITS, MOST_CHOICES = 3, 5, 2000, 4000
MOST_PACED_TASKS, MOST_PACED_CHOICES = 3, 200
"""Where every minute costs something, few plans are known to be too dear before they are complete."""


@dataclass(frozen=True)
class Optimum:
    """The cheapest plan of a tiny plant: its objective, each term before its weight, and its tables."""

    objective: Decimal
    terms: dict[str, Decimal]
    tables: dict[str, pd.DataFrame]


def plan_exhaustively(snapshot: Snapshot) -> Optimum:
    """Return the cheapest of all plans of a tiny plant.

    Parameters
    ----------
    snapshot
        A plant for which :func:`is_tiny` holds; others may take very long.

    Returns
    -------
    Optimum
        The lowest objective there is, exact, and a plan that has it.
    """
    facts = Facts(snapshot)
    materials = Materials(facts)
    best: Decision | None = None
    for floor, choices in _read_combinations(facts):
        limit = float("inf") if best is None else best.cost
        if floor >= limit - EPSILON:
            break
        if _is_share_kept(facts, choices) and _is_begun_enough(facts, choices):
            best = _improve(facts, materials, choices, best)
    if best is None:
        raise AssertionError("there is always a plan: everything unserved")
    writer = PlanWriter(facts, best)
    terms = writer.add_up_terms()
    objective = sum((facts.weight[term] * value for term, value in terms.items()), Fraction(0))
    tables = writer.write()
    return Optimum(to_decimal(objective), {term: to_decimal(value) for term, value in terms.items()}, tables)


def is_tiny(snapshot: Snapshot) -> bool:
    """Say whether :func:`plan_exhaustively` can be afforded and is exact for a snapshot.

    Exact it is not where costs gain from waiting (earliness, a departure with a fixed cost that parts may share),
    nor where the tables leave open what is meant (a component drawn by two steps of one job; the release of a job
    that has begun for one line and serves another). Components that have been begun, longest waits, overlapping
    steps and setup crews are beyond it.
    """
    lines = snapshot.planned_lines
    if snapshot.settings.weight_earliness or any(row.setup_crew for row in snapshot.resources):
        return False
    if any(row.max_wait_minutes is not None or row.transfer_batch is not None for row in snapshot.operations):
        return False
    if _count_open_steps(snapshot) and any(line.release_at for line in lines):
        return False
    if {task.item_id for task in snapshot.fixed_tasks} & {row.component_id for row in snapshot.bom}:
        return False
    num_tasks = sum(_count_tasks(snapshot, line.item_id, 0) for line in lines) + _count_open_steps(snapshot)
    is_paced = bool(snapshot.settings.weight_flow or snapshot.settings.weight_makespan)
    if len(lines) > MOST_LINES or num_tasks > (MOST_PACED_TASKS if is_paced else MOST_TASKS):
        return False
    if any(lane.departs is not None and lane.cost_fixed for lane in snapshot.lanes) and not _is_one_part(snapshot):
        return False
    drawn = [(row.item_id, row.component_id) for row in snapshot.bom]
    if len(drawn) != len(set(drawn)):
        return False
    facts = Facts(snapshot)
    if prod(count_splits(facts, line) for line in lines) > MOST_SPLITS:
        return False
    num_choices = prod(len(build_choices(facts, line)) for line in lines)
    return num_choices <= (MOST_PACED_CHOICES if is_paced else MOST_CHOICES)


def _is_one_part(snapshot: Snapshot) -> bool:
    lines = [line for line in snapshot.planned_lines if line.destination is not None]
    return len(lines) <= 1 and not any(line.may_split for line in lines)


def _count_tasks(snapshot: Snapshot, item_id: str, depth: int) -> int:
    """Return the most tasks that making an item takes, its components' included."""
    routings = [len(steps) for (made, _), steps in snapshot.routing.items() if made == item_id]
    if not routings or depth > 4:
        return 0
    components = [row.component_id for row in snapshot.components.get(item_id, ())]
    return max(routings) + sum(_count_tasks(snapshot, component_id, depth + 1) for component_id in components)


def _count_open_steps(snapshot: Snapshot) -> int:
    last = {task.job_id: task for task in sorted(snapshot.fixed_tasks, key=lambda task: task.op_no)}
    return sum(
        sum(op_no > task.op_no for op_no in snapshot.routing.get((task.item_id, task.unit_id), ()))
        for task in last.values()
    )


def _read_combinations(facts: Facts) -> list[tuple[float, tuple[Choice, ...]]]:
    options = [build_choices(facts, line) for line in _sort_lines(facts)]
    combinations = [(sum(choice.floor for choice in choices), choices) for choices in itertools.product(*options)]
    return sorted(combinations, key=lambda combination: combination[0])


def _sort_lines(facts: Facts) -> list[OrderLine]:
    return sorted(facts.lines, key=lambda line: line.due_at)


def _improve(facts: Facts, materials: Materials, choices: tuple[Choice, ...], best: Decision | None) -> Decision | None:
    """Return the cheapest decision that serves the lines as chosen, if it is cheaper than the best so far."""
    for structure in build_structures(facts, choices):
        if best is not None and _read_floor(facts, structure) >= best.cost - EPSILON:
            continue
        for supplies in materials.build_supplies(structure):
            limit = float("inf") if best is None else best.cost
            best = Search(facts, structure, supplies).run(limit) or best
    return best


def _read_floor(facts: Facts, structure: Structure) -> float:
    """Return a lower bound on the cost of a structure: that of its choices, and the work of component jobs."""
    work = sum(
        min(facts.work_minutes(row, job.quantity) * facts.minute_cost[row.resource_id] for row in rows)
        for job in structure.jobs
        if job.parent is not None
        for rows in facts.snapshot.routing[job.item_id, job.unit_id].values()
    )
    return float(work) + sum(choice.floor for choice in structure.choices)


def _is_begun_enough(facts: Facts, choices: tuple[Choice, ...]) -> bool:
    """Say whether no job that has begun is asked for more than comes out of it."""
    left = {
        job_id: Fraction(tasks[0].quantity) * facts.unit_quality(tasks[0].unit_id)
        for job_id, tasks in facts.fixed_jobs.items()
    }
    for choice in choices:
        for part in choice.parts:
            if part.kind == "fixed":
                left[part.name] -= part.quantity
    return all(quantity >= 0 for quantity in left.values())


def _is_share_kept(facts: Facts, choices: tuple[Choice, ...]) -> bool:
    """Say whether no unit (that does more than finish begun jobs) makes more than its `max_share` for lines."""
    made: dict[str, Fraction] = {}
    judged: set[str] = set()
    jobs = facts.fixed_jobs
    for choice in choices:
        for part in choice.parts:
            if part.kind in {"unit", "fixed"}:
                unit_id = part.name if part.kind == "unit" else jobs[part.name][0].unit_id
                made[unit_id] = made.get(unit_id, Fraction(0)) + part.quantity
                if part.kind == "unit":
                    judged.add(unit_id)
    total = sum(made.values())
    return all(
        facts.snapshot.unit[unit_id].max_share is None
        or unit_id not in judged
        or quantity <= Fraction(facts.snapshot.unit[unit_id].max_share) * total
        for unit_id, quantity in made.items()
    )
