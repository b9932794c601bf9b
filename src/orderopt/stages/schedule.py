"""Stage 4, schedule: place the tasks of all jobs on resources in time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from orderopt.models.result import SupplyType
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, Step, ceil_whole
from orderopt.solvers.compiled.shop import NONE, ShopArrays, ShopProblem, ShopSchedule
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import scheduling
from orderopt.stages.supply import Job, Part, handed_over


@dataclass(frozen=True)
class ShopQuestion:
    """The scheduling question together with what its positions stand for.

    Attributes
    ----------
    jobs
        Jobs, components before what consumes them.
    tasks
        (job, op_no) of each task.
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
    builder = _Builder(plant, in_order(jobs), parts)
    return builder.build()


class _Builder:
    def __init__(self, plant: Plant, jobs: list[Job], parts: Sequence[Part]) -> None:
        self.plant, self.jobs, self.parts = plant, jobs, parts
        self.job_index = {id(job.supply): position for position, job in enumerate(jobs)}
        self.columns: dict[str, list[float]] = defaultdict(list)
        self.tasks: list[tuple[Job, int]] = []
        self.leaves: dict[str, list[int]] = {}
        self.weights = plant.snapshot.settings

    def build(self) -> ShopQuestion:
        alt_ptr, link_ptr, job_ptr = [0], [0], [0]
        feeds: list[list[int]] = [[] for _ in self.jobs]
        for position, job in enumerate(self.jobs):
            for place, step in enumerate(self._steps(job)):
                task = len(self.tasks)
                self.tasks.append((job, step.op_no))
                self._add_task(position, job, step)
                alt_ptr.append(len(self.columns["alt_resource"]))
                feeders = self._feeders(job, place, step)
                self.columns["link_job"].extend(feeders)
                for feeder in feeders:
                    feeds[feeder].append(task)
                link_ptr.append(len(self.columns["link_job"]))
            job_ptr.append(len(self.tasks))
        lines = self._add_lines()
        timetables = self._timetables()
        column = self.columns
        feed_ptr = np.concatenate(([0], np.cumsum([len(fed) for fed in feeds]))).astype(np.int64)
        slots = self._slots(alt_ptr)
        setups = self._setups()
        calendars = self._calendars()
        arrays = ShopArrays(
            alt_ptr=_ints(alt_ptr),
            alt_resource=_ints(column["alt_resource"]),
            alt_work=_ints(column["alt_work"]),
            alt_family=_ints(column["alt_family"]),
            alt_breakable=_ints(column["alt_breakable"]),
            alt_lag=_ints(column["alt_lag"]),
            alt_cost=_floats(column["alt_cost"]),
            task_job=_ints(column["task_job"]),
            task_release=_ints(column["task_release"]),
            task_is_fixed=_ints(column["task_is_fixed"]),
            fixed_start=_ints(column["fixed_start"]),
            fixed_end=_ints(column["fixed_end"]),
            fixed_setup=_ints(column["fixed_setup"]),
            link_ptr=_ints(link_ptr),
            link_job=_ints(column["link_job"]),
            job_ptr=_ints(job_ptr),
            job_line=_ints(column["job_line"]),
            job_lead=_ints(column["job_lead"]),
            job_timetable=_ints(column["job_timetable"]),
            feed_ptr=feed_ptr,
            feed_task=_ints([task for fed in feeds for task in fed]),
            timetable_ptr=timetables[0],
            timetable_at=timetables[1],
            line_due=_ints(column["line_due"]),
            line_floor=_ints(column["line_floor"]),
            line_weight=_floats(column["line_weight"]),
            resource_calendar=_ints([self.plant.calendar(r) for r in range(len(self.plant.resources))]),
            resource_minute_cost=_floats(
                [
                    float(resource.cost_per_hour * self.weights.weight_production) / 60
                    for resource in self.plant.resources
                ]
            ),
            resource_initial=_ints([self._initial(r) for r in range(len(self.plant.resources))]),
            resource_unit=_ints([self.plant.unit_index[each.unit_id] for each in self.plant.resources]),
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
            start=_ints([self.plant.start]),
        )
        routed = {unit for _, unit in self.plant.snapshot.routing}
        problem = ShopProblem(
            arrays,
            self.plant.open_times,
            _floats(
                [
                    minutes if unit.unit_id in routed else 0.0
                    for unit, minutes in zip(
                        self.plant.snapshot.production_units, self.plant.unit_capacity, strict=True
                    )
                ]
            ),
            float(self.weights.weight_fairness),
        )
        return ShopQuestion(problem, tuple(self.jobs), tuple(self.tasks), lines)

    # ---- tasks ---------------------------------------------------------------------------------------

    def _steps(self, job: Job) -> list[Step]:
        known = {step.op_no for step in job.steps}
        given = [Step(op_no, (), ()) for op_no in job.fixed if op_no not in known]
        return sorted([*job.steps, *given], key=lambda step: step.op_no)

    def _add_task(self, position: int, job: Job, step: Step) -> None:
        plant, column, fixed = self.plant, self.columns, job.fixed.get(step.op_no)
        column["task_job"].append(position)
        column["task_is_fixed"].append(fixed is not None)
        if fixed is not None:
            resource = plant.resource_index[fixed.resource_id]
            start, end = plant.clock.tick(fixed.start), plant.clock.tick(fixed.end)
            setup = ceil_whole(fixed.setup_minutes)
            family, lag = None, 0
            for option in step.alternatives:
                if option.resource == resource:
                    family, lag = option.operation.family, option.lag
            work = max(0, plant.open_time(resource).between(start, end) - setup)
            self._add_alternative(resource, work, family, True, lag, 0.0)
            for name, value in (("fixed_start", start), ("fixed_end", end), ("fixed_setup", setup)):
                column[name].append(value)
            column["task_release"].append(start)
            return
        for option in plant.usable(step, job.started) or step.alternatives:
            rate = float(plant.resources[option.resource].cost_per_hour * self.weights.weight_production) / 60
            work = plant.work(option, job.started)
            self._add_alternative(
                option.resource, work, option.operation.family, option.breakable, option.lag, work * rate
            )
        for name in ("fixed_start", "fixed_end", "fixed_setup"):
            column[name].append(0)
        ready = [plant.release(job.line)]
        ready += [
            draw.supply.available
            for draw in job.draws
            if job.steps[draw.step].op_no == step.op_no and id(draw.supply) not in self.job_index
        ]
        column["task_release"].append(max(ready))

    def _add_alternative(
        self, resource: int, work: int, family: str | None, breakable: bool, lag: int, cost: float
    ) -> None:
        known = self.plant.families.get(self.plant.resources[resource].resource_id, {})
        column = self.columns
        column["alt_resource"].append(resource)
        column["alt_work"].append(work)
        column["alt_family"].append(known.get(family, 0) if family is not None else 0)
        column["alt_breakable"].append(breakable)
        column["alt_lag"].append(lag)
        column["alt_cost"].append(cost)

    def _feeders(self, job: Job, place: int, step: Step) -> list[int]:
        if job.fixed and place == 0:
            return []
        found = {
            self.job_index[id(draw.supply)]
            for draw in job.draws
            if draw.supply.kind is SupplyType.JOB
            and id(draw.supply) in self.job_index
            and job.steps[draw.step].op_no == step.op_no
        }
        return sorted(found)

    # ---- lines ---------------------------------------------------------------------------------------

    def _add_lines(self) -> tuple[str, ...]:
        plant, column = self.plant, self.columns
        serving: dict[int, Part] = {}
        known: dict[str, int] = defaultdict(lambda: -FOREVER // 8)
        for part in self.parts:
            if part.supply is None:
                continue
            if id(part.supply) in self.job_index and part.supply.available >= FOREVER:
                serving[self.job_index[id(part.supply)]] = part
            else:
                at = handed_over(plant, part.supply, part.line)
                known[part.line.name] = max(known[part.line.name], plant.arrival(part.lane, at))
        lines: dict[str, int] = {}
        tables: dict[str, int] = {}
        for position in range(len(self.jobs)):
            served = serving.get(position)
            if served is None:
                column["job_line"].append(NONE)
                column["job_lead"].append(0)
                column["job_timetable"].append(NONE)
                continue
            line, lane = served.line, served.lane
            if line.name not in lines:
                lines[line.name] = len(lines)
                column["line_due"].append(plant.due(line))
                column["line_floor"].append(known[line.name])
                column["line_weight"].append(plant.minute_cost[line.name])
            column["job_line"].append(lines[line.name])
            column["job_lead"].append(plant.lead(lane))
            departs = None if lane is None else lane.departs
            column["job_timetable"].append(NONE if departs is None else tables.setdefault(departs, len(tables)))
            if departs is not None and lane is not None:
                self.leaves[departs] = plant.departures(lane) or []
        return tuple(lines)

    def _timetables(self) -> tuple[np.ndarray, np.ndarray]:
        ptr, times = [0], []
        for leaves in self.leaves.values():
            times.extend(leaves)
            ptr.append(len(times))
        return _ints(ptr), _ints(times)

    # ---- resources -----------------------------------------------------------------------------------

    def _initial(self, resource: int) -> int:
        given = self.plant.resources[resource]
        if given.initial_family is None:
            return NONE
        return self.plant.families.get(given.resource_id, {}).get(given.initial_family, NONE)

    def _slots(self, alt_ptr: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Spread the fixed tasks of each resource over its slots so that those of one slot do not overlap."""
        column = self.columns
        fixed: dict[int, list[int]] = defaultdict(list)
        for task, is_fixed in enumerate(column["task_is_fixed"]):
            if is_fixed:
                fixed[int(column["alt_resource"][alt_ptr[task]])].append(task)
        slot_ptr, fixed_ptr, tasks = [0], [0], []
        users = Counter(column["alt_resource"])
        for position, resource in enumerate(self.plant.resources):
            num_slots = max(1, min(resource.capacity, users[position]))  # more are never in use at once
            slots: list[list[int]] = [[] for _ in range(num_slots)]
            for task in sorted(fixed[position], key=lambda each: (column["fixed_start"][each], each)):
                ends = [column["fixed_end"][slot[-1]] if slot else -FOREVER for slot in slots]
                slots[int(np.argmin(ends))].append(task)
            for slot in slots:
                tasks.extend(slot)
                fixed_ptr.append(len(tasks))
            slot_ptr.append(slot_ptr[-1] + num_slots)
        return _ints(slot_ptr), _ints(fixed_ptr), _ints(tasks)

    def _setups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        rows: dict[str, dict[tuple[str, str], tuple[int, Decimal]]] = defaultdict(dict)
        for setup in self.plant.snapshot.setups:
            minutes = ceil_whole(setup.minutes)
            rows[setup.resource_id][setup.from_family, setup.to_family] = minutes, setup.cost
        ptr: list[int] = []
        sizes: list[int] = []
        minutes_flat: list[int] = []
        costs: list[float] = []
        weight = self.weights.weight_setup
        for resource in self.plant.resources:
            ptr.append(len(minutes_flat))
            families = self.plant.families.get(resource.resource_id, {})
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
        return _ints(ptr), _ints(sizes), _ints(minutes_flat), _floats(costs)

    def _calendars(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        open_times = self.plant.open_times
        ptr = np.concatenate(([0], np.cumsum([each.num_spans for each in open_times]))).astype(np.int64)
        return (
            ptr,
            np.concatenate([each.opens for each in open_times]).astype(np.int64),
            np.concatenate([each.closes for each in open_times]).astype(np.int64),
            np.concatenate([each.before for each in open_times]).astype(np.int64),
        )


def _ints(values: object) -> np.ndarray:
    return np.ascontiguousarray(np.array(values, dtype=np.int64))


def _floats(values: object) -> np.ndarray:
    return np.ascontiguousarray(np.array(values, dtype=np.float64))
