"""The tasks of jobs as arrays: where each can be done, how long it takes, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from orderopt.models.result import SupplyType
from orderopt.solvers.compiled.plant import Plant, Step, ceil_whole
from orderopt.solvers.compiled.shop import Floats, Ints
from orderopt.stages.spread import spread
from orderopt.stages.supply import Job


class TaskArrays(NamedTuple):
    """The columns of :class:`~orderopt.solvers.compiled.shop.ShopArrays` that say what tasks are."""

    job_ptr: Ints
    alt_ptr: Ints
    alt_resource: Ints
    alt_work: Ints
    alt_family: Ints
    alt_breakable: Ints
    alt_lag: Ints
    alt_cost: Floats
    task_job: Ints
    task_is_fixed: Ints
    fixed_start: Ints
    fixed_end: Ints
    fixed_setup: Ints


@dataclass
class TaskBundles:
    """The tasks of jobs; jobs of the same item, unit and started quantity share a bundle of rows.

    Attributes
    ----------
    steps
        Step numbers of each bundle, in order.
    """

    plant: Plant
    steps: list[tuple[int, ...]] = field(default_factory=list)
    _number: dict[tuple[str, str, Decimal], int] = field(default_factory=dict)
    _fixed: list[tuple[int, int, int, int]] = field(default_factory=list)
    _alt_ptr: list[int] = field(default_factory=lambda: [0])
    _alternatives: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    _costs: list[float] = field(default_factory=list)

    def bundle(self, job: Job) -> int:
        """Return the number of the tasks of a job."""
        if job.fixed:
            return self._add(job)
        key = (job.item_id, job.unit_id, job.started)
        if key not in self._number:
            self._number[key] = self._add(job)
        return self._number[key]

    def arrays(self, used: Sequence[int]) -> TaskArrays:
        """Return the columns of all tasks, job by job.

        Parameters
        ----------
        used
            Bundle of each job.
        """
        of_bundle = np.cumsum([0, *(len(steps) for steps in self.steps)], dtype=np.int64)
        job_ptr, tasks = spread(of_bundle, np.array(used, dtype=np.int64))
        alt_ptr, alternatives = spread(np.array(self._alt_ptr, dtype=np.int64), tasks)
        fixed = np.array(self._fixed, dtype=np.int64).reshape(-1, 4).T[:, tasks]
        ways = np.array(self._alternatives, dtype=np.int64).reshape(-1, 5).T[:, alternatives]
        resource, work, family, breakable, lag = (np.ascontiguousarray(column) for column in ways)
        is_fixed, start, end, setup = (np.ascontiguousarray(column) for column in fixed)
        return TaskArrays(
            job_ptr=job_ptr,
            alt_ptr=alt_ptr,
            alt_resource=resource,
            alt_work=work,
            alt_family=family,
            alt_breakable=breakable,
            alt_lag=lag,
            alt_cost=np.array(self._costs, dtype=np.float64)[alternatives],
            task_job=np.repeat(np.arange(len(used), dtype=np.int64), np.diff(job_ptr)),
            task_is_fixed=is_fixed,
            fixed_start=start,
            fixed_end=end,
            fixed_setup=setup,
        )

    def _add(self, job: Job) -> int:
        known = {step.op_no for step in job.steps}
        given = [Step(op_no, (), ()) for op_no in job.fixed if op_no not in known]
        steps = sorted([*job.steps, *given], key=lambda step: step.op_no)
        for step in steps:
            self._add_task(job, step)
            self._alt_ptr.append(len(self._alternatives))
        self.steps.append(tuple(step.op_no for step in steps))
        return len(self.steps) - 1

    def _add_task(self, job: Job, step: Step) -> None:
        plant, fixed = self.plant, job.fixed.get(step.op_no)
        if fixed is None:
            self._fixed.append((0, 0, 0, 0))
            weight = plant.snapshot.settings.weight_production
            for option in plant.usable(step, job.started) or step.alternatives:
                rate = float(plant.resources[option.resource].cost_per_hour * weight) / 60
                work = plant.work(option, job.started)
                self._add_way(option.resource, work, option.operation.family, option.breakable, option.lag, work * rate)
            return
        resource = plant.resource_index[fixed.resource_id]
        start, end = plant.clock.tick(fixed.start), plant.clock.tick(fixed.end)
        setup = ceil_whole(fixed.setup_minutes)
        family, lag = None, 0
        for option in step.alternatives:
            if option.resource == resource:
                family, lag = option.operation.family, option.lag
        self._fixed.append((1, start, end, setup))
        work = max(0, plant.open_time(resource).between(start, end) - setup)
        self._add_way(resource, work, family, True, lag, 0.0)

    def _add_way(self, resource: int, work: int, family: str | None, breakable: bool, lag: int, cost: float) -> None:
        known = self.plant.families.get(self.plant.resources[resource].resource_id, {})
        number = known.get(family, 0) if family is not None else 0
        self._alternatives.append((resource, work, number, int(breakable), lag))
        self._costs.append(cost)


class WaitArrays(NamedTuple):
    """What tasks wait for: their release, and the jobs whose output they draw (also seen from those jobs)."""

    task_release: Ints
    link_ptr: Ints
    link_job: Ints
    feed_ptr: Ints
    feed_task: Ints


def find_waits(plant: Plant, jobs: Sequence[Job], steps: Sequence[tuple[int, ...]], tasks: TaskArrays) -> WaitArrays:
    """Return when each task may start at the earliest, and for which jobs it waits.

    Parameters
    ----------
    steps
        Step numbers of each job, in order.
    """
    maker = {id(job.supply): position for position, job in enumerate(jobs)}
    release = np.array([plant.release(job.line) for job in jobs], dtype=np.int64)[tasks.task_job]
    is_fixed = tasks.task_is_fixed == 1
    release[is_fixed] = tasks.fixed_start[is_fixed]
    first = tasks.job_ptr.tolist()
    ready: list[tuple[int, int]] = []
    links: list[tuple[int, int]] = []
    for position, job in enumerate(jobs):
        for draw in job.draws:
            place = draw.step if not job.fixed else steps[position].index(job.steps[draw.step].op_no)
            feeder = maker.get(id(draw.supply))
            if feeder is None:
                ready.append((first[position] + place, draw.supply.available))
            elif draw.supply.kind is SupplyType.JOB and not (job.fixed and place == 0):
                links.append((first[position] + place, feeder))
    if ready:
        task, at = np.array(ready, dtype=np.int64).T
        is_open = ~is_fixed[task]
        np.maximum.at(release, task[is_open], at[is_open])
    num_tasks, num_jobs = len(release), len(jobs)
    pairs = np.unique(np.array(links, dtype=np.int64).reshape(-1, 2), axis=0)
    back = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]
    return WaitArrays(
        release,
        _starts(pairs[:, 0], num_tasks),
        np.ascontiguousarray(pairs[:, 1]),
        _starts(back[:, 1], num_jobs),
        np.ascontiguousarray(back[:, 0]),
    )


def _starts(owners: Ints, count: int) -> Ints:
    """Return where the rows of each owner begin, the rows being sorted by owner."""
    return np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count)))).astype(np.int64)
