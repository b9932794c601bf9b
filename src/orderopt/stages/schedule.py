"""Stage 4, schedule: place the tasks of all jobs on resources in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.charges import NO_CHARGES, Charges, join_charges
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopArrays, ShopProblem, ShopSchedule
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import scheduling
from orderopt.stages.shop_blockers import add_blockers, find_blockers
from orderopt.stages.shop_extras import find_extras
from orderopt.stages.shop_resources import find_calendars, find_setups, find_slots, initial_family
from orderopt.stages.shop_tasks import TaskArrays, TaskBundles, find_waits
from orderopt.stages.supply import Job, Part, handed_over


@dataclass(frozen=True)
class ShopQuestion:
    """The scheduling question together with what its positions stand for.

    Attributes
    ----------
    jobs
        Jobs, components before what consumes them.
    tasks
        (job, op_no) of each task; in the problem blockers stand behind them.
    alternatives
        Resource position of each alternative.
    lines
        Names of the lines that jobs serve.
    """

    problem: ShopProblem
    jobs: tuple[Job, ...]
    tasks: tuple[tuple[Job, int], ...]
    lines: tuple[str, ...]


def schedule(
    plant: Plant,
    jobs: Sequence[Job],
    parts: Sequence[Part],
    budget: Budget,
    strategy: str,
    start: ShopSchedule | None = None,
) -> tuple[ShopQuestion, Outcome[ShopSchedule]]:
    """Return the question and what the strategy replied."""
    question = ask(plant, jobs, parts)
    return question, scheduling.find(strategy).schedule(question.problem, budget, start=start)


def in_order(jobs: Sequence[Job]) -> list[Job]:
    """Return jobs such that each stands behind the jobs whose output it draws."""
    maker = {id(job.supply): job for job in jobs}
    done: set[int] = set()
    ordered: list[Job] = []
    for root in jobs:
        pending = [(root, False)]
        while pending:
            job, is_ready = pending.pop()
            if id(job) in done:
                continue
            if is_ready:
                done.add(id(job))
                ordered.append(job)
                continue
            pending.append((job, True))
            for draw in job.draws:
                feeder = maker.get(id(draw.supply))
                if feeder is not None and id(feeder) not in done:
                    pending.append((feeder, False))
    return ordered


def ask(plant: Plant, jobs: Sequence[Job], parts: Sequence[Part]) -> ShopQuestion:
    """Return the scheduling question of jobs and the line parts they serve."""
    ordered = in_order(jobs)
    bundles = TaskBundles(plant)
    used = [bundles.bundle(job) for job in ordered]
    steps = [bundles.steps[number] for number in used]
    tasks = bundles.arrays(used)
    waits = find_waits(plant, ordered, steps, tasks)
    lines = _Lines(plant, ordered, parts)
    blockers = find_blockers(plant, tasks)
    columns = add_blockers({**tasks._asdict(), **waits._asdict(), **lines.columns._asdict()}, blockers)
    slots = find_slots(plant, TaskArrays(**{name: columns[name] for name in TaskArrays._fields}))
    setups, calendars = find_setups(plant), find_calendars(plant)
    weight = plant.snapshot.settings.weight_production
    arrays = ShopArrays(
        **columns,
        resource_calendar=_ints([plant.calendar(position) for position in range(len(plant.resources))]),
        resource_minute_cost=_floats([float(each.cost_per_hour * weight) / 60 for each in plant.resources]),
        resource_initial=_ints([initial_family(plant, position) for position in range(len(plant.resources))]),
        resource_unit=_ints([plant.unit_index[each.unit_id] for each in plant.resources]),
        slot_ptr=slots[0],
        slot_fixed_ptr=slots[1],
        slot_fixed_task=slots[2],
        setup_ptr=setups[0],
        setup_size=setups[1],
        setup_minutes=setups[2],
        setup_cost=setups[3],
        calendar_ptr=calendars[0],
        opens=calendars[1],
        closes=calendars[2],
        before=calendars[3],
        start=_ints([plant.start]),
    )
    problem = ShopProblem(
        arrays,
        plant.open_times,
        _compared_minutes(plant),
        float(plant.snapshot.settings.weight_fairness),
        _charges(plant, lines.names),
        len(blockers),
        find_extras(plant, ordered, tasks, len(blockers)),
    )
    named = tuple((job, op_no) for job, op_nos in zip(ordered, steps, strict=True) for op_no in op_nos)
    return ShopQuestion(problem, tuple(ordered), named, lines.names)


def _charges(plant: Plant, names: Sequence[str]) -> Charges | None:
    """Return what lines cost beside their lateness, and the makespan."""
    makespan = float(plant.snapshot.settings.weight_makespan) / 1440
    return join_charges([plant.charges.get(name, NO_CHARGES) for name in names], makespan)


def _compared_minutes(plant: Plant) -> Floats:
    """Return the minutes of each unit over which loads are compared; 0 for units that make nothing."""
    routed = {unit for _, unit in plant.snapshot.routing}
    units = zip(plant.snapshot.production_units, plant.unit_capacity, strict=True)
    return _floats([minutes if unit.unit_id in routed else 0 for unit, minutes in units])


class _LineArrays(NamedTuple):
    """The columns of ShopArrays that say which lines jobs serve."""

    job_line: Ints
    job_lead: Ints
    job_timetable: Ints
    line_due: Ints
    line_floor: Ints
    line_weight: Floats
    timetable_ptr: Ints
    timetable_at: Ints


class _Lines:
    """The lines that jobs serve, and how their output gets there."""

    def __init__(self, plant: Plant, jobs: Sequence[Job], parts: Sequence[Part]) -> None:
        self.plant = plant
        self._leaves: dict[str, list[int]] = {}
        serving, known = self._served(jobs, parts)
        lines: dict[str, int] = {}
        of_job: list[tuple[int, int, int]] = []
        of_line: list[tuple[int, int]] = []
        weights: list[float] = []
        for position in range(len(jobs)):
            part = serving.get(position)
            if part is None:
                of_job.append((NONE, 0, NONE))
                continue
            line = part.line
            if line.name not in lines:
                lines[line.name] = len(lines)
                of_line.append((plant.due(line), known.get(line.name, -FOREVER // 8)))
                weights.append(plant.minute_cost[line.name])
            of_job.append((lines[line.name], plant.lead(part.lane), self._timetable(part)))
        job_columns, line_columns = _ints(of_job).reshape(-1, 3), _ints(of_line).reshape(-1, 2)
        times = list(self._leaves.values())
        self.names = tuple(lines)
        self.columns = _LineArrays(
            job_line=np.ascontiguousarray(job_columns[:, 0]),
            job_lead=np.ascontiguousarray(job_columns[:, 1]),
            job_timetable=np.ascontiguousarray(job_columns[:, 2]),
            line_due=np.ascontiguousarray(line_columns[:, 0]),
            line_floor=np.ascontiguousarray(line_columns[:, 1]),
            line_weight=_floats(weights),
            timetable_ptr=np.cumsum([0, *(len(leaves) for leaves in times)], dtype=np.int64),
            timetable_at=_ints([leave for leaves in times for leave in leaves]),
        )

    def _served(self, jobs: Sequence[Job], parts: Sequence[Part]) -> tuple[dict[int, Part], dict[str, int]]:
        """Return the part that each job serves, and the latest arrival of each line's other parts."""
        job_index = {id(job.supply): position for position, job in enumerate(jobs)}
        serving: dict[int, Part] = {}
        known: dict[str, int] = {}
        for part in parts:
            if part.supply is None:
                continue
            position = job_index.get(id(part.supply))
            if position is not None and part.supply.available >= FOREVER:
                serving[position] = part
            else:
                arrival = self.plant.arrival(part.lane, handed_over(self.plant, part.supply, part.line))
                known[part.line.name] = max(known.get(part.line.name, arrival), arrival)
        return serving, known

    def _timetable(self, part: Part) -> int:
        lane = part.lane
        if lane is None or lane.departs is None:
            return NONE
        if lane.departs not in self._leaves:
            self._leaves[lane.departs] = self.plant.departures(lane) or []
        return list(self._leaves).index(lane.departs)


def _ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64)


def _floats(values: object) -> Floats:
    return np.array(values, dtype=np.float64)
