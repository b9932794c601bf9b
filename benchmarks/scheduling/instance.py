"""The raw data of one scheduling instance, as its file gives it, and an answer to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from orderopt.solvers.compiled.shop import ShopProblem

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NONE = -1
"""Stands for "no such thing" where a position is expected."""


class Objective(Enum):
    """What is to be small: the end of everything, or the sum over jobs of weight × minutes late."""

    MAKESPAN = "makespan"
    TARDINESS = "weighted tardiness"


@dataclass(frozen=True, eq=False)
class ShopInstance:
    """Jobs that are chains of operations, each with options: a machine and the minutes it takes there.

    J jobs, T operations (those of a job one after the other), O options (those of an operation one after the
    other), M machines. A setup stands at the front of its operation: it begins when the machine is free and the
    operation may start.

    Attributes
    ----------
    job_ptr
        Shape (J + 1): operations of job j are those from ``job_ptr[j]`` to ``job_ptr[j + 1]``.
    job_release, job_due, job_weight
        Shape (J): earliest start, due minute, cost of a minute late.
    job_deadline
        Shape (J): the job must have ended by then unless it is rejected; None: no deadlines.
    option_ptr
        Shape (T + 1).
    option_machine, option_minutes, option_cost
        Shape (O).
    operation_family
        Shape (T): setup family; 0 never needs a setup.
    capacity
        Shape (M): identical machines that stand behind one position.
    setups
        For each machine its minutes [family before, family after], or None.
    initial_family
        Shape (M): family the machine stands in at first; NONE: the first operation needs no setup.
    calendars
        Each of shape (n, 2): open spans in minutes. Operations and setups may pause over closed hours.
    machine_calendar
        Shape (M): calendar of each machine; NONE: always open.
    rejection
        The machine that stands for "not done"; NONE: every job is done.
    sum_of_values
        For instances that maximise: their value is this less the objective.
    note
        What a reader of the figures should know.
    """

    name: str
    family: str
    objective: Objective
    job_ptr: Ints
    job_release: Ints
    job_due: Ints
    job_weight: Floats
    job_deadline: Ints | None
    option_ptr: Ints
    option_machine: Ints
    option_minutes: Ints
    option_cost: Floats
    operation_family: Ints
    capacity: Ints
    setups: tuple[Ints | None, ...]
    initial_family: Ints
    calendars: tuple[Ints, ...]
    machine_calendar: Ints
    rejection: int = NONE
    sum_of_values: float | None = None
    note: str = ""

    @property
    def num_jobs(self) -> int:
        """How many jobs there are."""
        return len(self.job_ptr) - 1

    @property
    def num_operations(self) -> int:
        """How many operations there are."""
        return len(self.option_ptr) - 1

    @property
    def num_machines(self) -> int:
        """How many machines there are."""
        return len(self.capacity)

    @property
    def has_setups(self) -> bool:
        """Whether any machine has setups."""
        return any(matrix is not None for matrix in self.setups)

    @property
    def has_calendars(self) -> bool:
        """Whether any machine is closed at times."""
        return bool((self.machine_calendar != NONE).any())

    @cached_property
    def operation_job(self) -> Ints:
        """Job of each operation, shape (T)."""
        return np.repeat(np.arange(self.num_jobs, dtype=np.int64), np.diff(self.job_ptr))

    @cached_property
    def problem(self) -> ShopProblem:
        """The same question as orderopt's solvers read it."""
        from benchmarks.scheduling.convert import build_problem

        return build_problem(self)


@dataclass(frozen=True, eq=False)
class Answer:
    """Where and when each operation is done.

    Attributes
    ----------
    option
        Shape (T): position among all options.
    start, end, setup
        Shape (T): begin of the setup, end of the work, minutes of setup.
    """

    option: Ints
    start: Ints
    end: Ints
    setup: Ints


def build_instance(
    name: str,
    family: str,
    objective: Objective,
    jobs: Sequence[Sequence[Sequence[tuple[int, int]]]],
    num_machines: int,
    *,
    release: Sequence[int] | None = None,
    due: Sequence[int] | None = None,
    weight: Sequence[float] | None = None,
    deadline: Sequence[int] | None = None,
    families: Sequence[int] | None = None,
    capacity: Sequence[int] | None = None,
    setups: Sequence[Ints | None] | None = None,
    initial: Sequence[int] | None = None,
    cost: Sequence[float] | None = None,
    rejection: int = NONE,
    sum_of_values: float | None = None,
    note: str = "",
) -> ShopInstance:
    """Return an instance from lists: ``jobs[j][k]`` are the options (machine, minutes) of operation k of job j.

    What is not given is as simple as can be: release and due 0, weight 1, capacity 1, no setups, always open.
    """
    operations = [options for job in jobs for options in job]
    options = [option for each in operations for option in each]
    num_jobs = len(jobs)
    return ShopInstance(
        name=name,
        family=family,
        objective=objective,
        job_ptr=pointers([len(job) for job in jobs]),
        job_release=_ints(release, num_jobs, 0),
        job_due=_ints(due, num_jobs, 0),
        job_weight=np.ones(num_jobs) if weight is None else np.array(weight, dtype=np.float64),
        job_deadline=None if deadline is None else np.array(deadline, dtype=np.int64),
        option_ptr=pointers([len(each) for each in operations]),
        option_machine=np.array([machine for machine, _ in options], dtype=np.int64),
        option_minutes=np.array([minutes for _, minutes in options], dtype=np.int64),
        option_cost=np.zeros(len(options)) if cost is None else np.array(cost, dtype=np.float64),
        operation_family=_ints(families, len(operations), 0),
        capacity=_ints(capacity, num_machines, 1),
        setups=(None,) * num_machines if setups is None else tuple(setups),
        initial_family=_ints(initial, num_machines, NONE),
        calendars=(),
        machine_calendar=np.full(num_machines, NONE, dtype=np.int64),
        rejection=rejection,
        sum_of_values=sum_of_values,
        note=note,
    )


def take_jobs(instance: ShopInstance, num_jobs: int) -> ShopInstance:
    """Return the same shop with only the first jobs, for warming and for small trials."""
    count = min(num_jobs, instance.num_jobs)
    operations = int(instance.job_ptr[count])
    options = int(instance.option_ptr[operations])
    return replace(
        instance,
        name=f"{instance.name} ({count} jobs)",
        job_ptr=instance.job_ptr[: count + 1],
        job_release=instance.job_release[:count],
        job_due=instance.job_due[:count],
        job_weight=instance.job_weight[:count],
        job_deadline=None if instance.job_deadline is None else instance.job_deadline[:count],
        option_ptr=instance.option_ptr[: operations + 1],
        option_machine=instance.option_machine[:options],
        option_minutes=instance.option_minutes[:options],
        option_cost=instance.option_cost[:options],
        operation_family=instance.operation_family[:operations],
    )


def pointers(counts: Sequence[int] | Ints) -> Ints:
    """Return where each of several things begins in one array of all, and where the last ends."""
    return np.concatenate(([0], np.cumsum(np.asarray(counts, dtype=np.int64)))).astype(np.int64)


def _ints(values: Sequence[int] | None, count: int, default: int) -> Ints:
    return np.full(count, default, dtype=np.int64) if values is None else np.array(values, dtype=np.int64)
