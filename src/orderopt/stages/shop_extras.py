"""Longest waits, overlaps and setup crews of the jobs of a plant, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from orderopt.models.item import Operation
from orderopt.solvers.compiled.extras import Extras
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, Step, ceil_whole
from orderopt.solvers.compiled.shop import Ints
from orderopt.stages.shop_tasks import TaskArrays
from orderopt.stages.supply import Job


def find_extras(plant: Plant, jobs: Sequence[Job], tasks: TaskArrays, num_blockers: int) -> Extras | None:
    """Return what the jobs ask for beyond precedence, capacity and changeovers; None if that is nothing."""
    snapshot = plant.snapshot
    has_crews = any(resource.setup_crew is not None for resource in plant.resources)
    asks = any(row.max_wait_minutes is not None or row.transfer_batch is not None for row in snapshot.operations)
    if not (has_crews or asks):
        return None
    wait = np.full(len(tasks.alt_work), FOREVER, dtype=np.int64)
    head, tail = tasks.alt_work.copy(), np.zeros_like(wait)
    overlaps = np.zeros_like(wait)
    alt_ptr, resources = tasks.alt_ptr.tolist(), tasks.alt_resource.tolist()
    for position, job in enumerate(jobs if asks else ()):
        batch: Decimal | None = None
        for task, step in zip(range(*tasks.job_ptr[position : position + 2].tolist()), _steps(job), strict=True):
            is_fixed = bool(tasks.task_is_fixed[task])
            given = None
            for alternative in range(alt_ptr[task], alt_ptr[task + 1]):
                row = _row(plant, step, resources[alternative])
                if row is None or is_fixed:
                    continue
                if row.max_wait_minutes is not None:
                    wait[alternative] = int(row.max_wait_minutes)
                if row.transfer_batch is not None and row.transfer_batch < job.started:
                    given = row.transfer_batch
                    overlaps[alternative] = 1
                    head[alternative] = _minutes(plant, row, given, with_fixed=True)
                if batch is not None:
                    tail[alternative] = max(1, _minutes(plant, row, batch, with_fixed=False))
            batch = given
    crews = sorted({resource.setup_crew for resource in plant.resources if resource.setup_crew is not None})
    crew = [-1 if each.setup_crew is None else crews.index(each.setup_crew) for each in plant.resources]
    extras = Extras(
        alt_wait=_pad(wait, num_blockers, FOREVER),
        alt_head=_pad(head, num_blockers, 0),
        alt_overlaps=_pad(overlaps, num_blockers, 0),
        alt_tail=_pad(tail, num_blockers, 0),
        resource_crew=np.array(crew, dtype=np.int64),
    )
    return extras if extras.names() else None


def _steps(job: Job) -> list[Step]:
    """Return the steps of a job in the order of its tasks; those that only its fixed tasks name have no rows."""
    known = {step.op_no for step in job.steps}
    given = [Step(op_no, (), ()) for op_no in job.fixed if op_no not in known]
    return sorted([*job.steps, *given], key=lambda step: step.op_no)


def _row(plant: Plant, step: Step, resource: int) -> Operation | None:
    return next((option.operation for option in step.alternatives if option.resource == resource), None)


def _minutes(plant: Plant, row: Operation, quantity: Decimal, *, with_fixed: bool) -> int:
    minutes = (row.fixed_minutes if with_fixed else Decimal(0)) + quantity * row.minutes_per_unit
    return ceil_whole(minutes / plant.resources[plant.resource_index[row.resource_id]].efficiency)


def _pad(values: Ints, count: int, fill: int) -> Ints:
    return np.concatenate((values, np.full(count, fill, dtype=np.int64)))
