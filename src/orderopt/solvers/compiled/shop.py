"""The scheduling question as integer arrays: tasks, alternatives, resources, open hours, demands.

Positions, not ids: task 5 is the sixth task. Times are whole minutes on one clock (0 is horizon_start);
costs are weighted currency as floats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from orderopt.solvers.compiled.charges import Charges
from orderopt.solvers.compiled.extras import Extras
from orderopt.solvers.compiled.open_time import FOREVER, OpenTime

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NONE = -1
"""Stands for "no such thing" where a position is expected."""


class ShopArrays(NamedTuple):
    """The question as one flat tuple of arrays, the only thing that kernels see.

    T tasks, A alternatives (of all tasks, one after the other), R resources, S slots (a resource of capacity c
    has c), J jobs, L lines, C calendars. Arrays called ``…_ptr`` have one entry more than what they
    index: the entries of thing i are those from ``ptr[i]`` to ``ptr[i + 1]``.
    """

    alt_ptr: Ints  # (T + 1)
    alt_resource: Ints  # (A) resource
    alt_work: Ints  # (A) working minutes without setup
    alt_family: Ints  # (A) setup family on its resource; 0: none
    alt_breakable: Ints  # (A) 1: may pause
    alt_lag: Ints  # (A) minutes from its end to the start of the next step
    alt_cost: Floats  # (A) cost of the work
    task_job: Ints  # (T)
    task_release: Ints  # (T) earliest start
    task_is_fixed: Ints  # (T) 1: stays where it is
    fixed_start: Ints  # (T)
    fixed_end: Ints  # (T)
    fixed_setup: Ints  # (T)
    link_ptr: Ints  # (T + 1)
    link_job: Ints  # jobs that must have ended before the task starts
    job_ptr: Ints  # (J + 1) tasks of the job, in order
    job_line: Ints  # (J) line it serves; NONE
    job_lead: Ints  # (J) minutes from departure to arrival
    job_timetable: Ints  # (J) timetable it leaves by; NONE: at once
    feed_ptr: Ints  # (J + 1)
    feed_task: Ints  # tasks that wait for the job
    timetable_ptr: Ints
    timetable_at: Ints  # departures in order
    line_due: Ints  # (L)
    line_floor: Ints  # (L) latest arrival of its other parts
    line_weight: Floats  # (L) cost of a minute late
    resource_calendar: Ints  # (R)
    resource_minute_cost: Floats  # (R) cost of an open minute of setup or work
    resource_initial: Ints  # (R) family at the start; NONE: not known, no setup
    resource_unit: Ints  # (R)
    slot_ptr: Ints  # (R + 1)
    slot_fixed_ptr: Ints  # (S + 1)
    slot_fixed_task: Ints  # fixed tasks of the slot in order of start
    setup_ptr: Ints  # (R) where the matrix of the resource begins
    setup_size: Ints  # (R) families + 1; 0: no setups here
    setup_minutes: Ints  # matrices [from, to], row 0: no family; FOREVER: may not follow
    setup_cost: Floats
    calendar_ptr: Ints  # (C + 1)
    opens: Ints
    closes: Ints
    before: Ints  # open minutes before each span
    start: Ints  # (1) nothing new starts earlier


@dataclass(frozen=True)
class ShopProblem:
    """One scheduling question.

    Attributes
    ----------
    arrays
        The question in integers.
    open_times
        The calendars again, as objects for those who do not run kernels.
    unit_capacity
        Shape (U): open minutes of each unit in the window of comparison.
    fairness_weight
        Cost of a spread of 1 between the relative loads of the units.
    charges
        What lines cost beside their lateness, and what the makespan costs; None: nothing.
    num_blockers
        How many of the last jobs, of one fixed task each, stand for places that resources lack for a while.
    extras
        Longest waits, overlapping steps and setup crews; None: there are none.
    """

    arrays: ShopArrays
    open_times: tuple[OpenTime, ...]
    unit_capacity: Floats = field(default_factory=lambda: np.empty(0))
    fairness_weight: float = 0.0
    charges: Charges | None = None
    num_blockers: int = 0
    extras: Extras | None = None

    @property
    def rewards_waiting(self) -> bool:
        """Whether a schedule may cost less when something in it is done later."""
        return self.charges is not None and self.charges.rewards_waiting

    @cached_property
    def relaxed(self) -> ShopArrays:
        """The arrays with each overlapping step handing over before it could: what bounds are made from."""
        if self.extras is None or not self.extras.alt_overlaps.any():
            return self.arrays
        calendar = self.arrays.resource_calendar[self.arrays.alt_resource]
        saved = np.where(calendar == 0, self.arrays.alt_work - self.extras.alt_head, FOREVER // 4).astype(np.int64)
        lag: Ints = self.arrays.alt_lag - saved * self.extras.alt_overlaps
        return self.arrays._replace(alt_lag=lag)

    @property
    def num_tasks(self) -> int:
        """How many tasks there are."""
        return len(self.arrays.task_job)

    @property
    def num_real_jobs(self) -> int:
        """How many jobs there are, blockers apart; those come last."""
        return self.num_jobs - self.num_blockers

    def last_end(self, end: Ints) -> int:
        """Return the end of the last task, no less than 0, from the ends of all tasks; blockers do not count."""
        return max(0, int(end[: len(end) - self.num_blockers].max(initial=0)))

    @property
    def num_jobs(self) -> int:
        """How many jobs there are."""
        return len(self.arrays.job_line)

    @property
    def num_resources(self) -> int:
        """How many resources there are."""
        return len(self.arrays.resource_calendar)

    def setup(self, resource: int, before: int, after: int) -> int:
        """Return the setup minutes between two families (NONE before: the first task, state unknown).

        They are FOREVER where the second may not follow the first.
        """
        arrays = self.arrays
        size = int(arrays.setup_size[resource])
        if size == 0 or before == NONE or after == 0:
            return 0
        return int(arrays.setup_minutes[arrays.setup_ptr[resource] + before * size + after])

    def changeover_cost(self, resource: int, before: int, after: int) -> float:
        """Return the cost of changing over, without the cost of the minutes."""
        arrays = self.arrays
        size = int(arrays.setup_size[resource])
        if size == 0 or before == NONE or after == 0:
            return 0.0
        return float(arrays.setup_cost[arrays.setup_ptr[resource] + before * size + after])

    def capacity(self, resource: int) -> int:
        """Return how many tasks the resource does at once."""
        return int(self.arrays.slot_ptr[resource + 1] - self.arrays.slot_ptr[resource])

    def open_time(self, resource: int) -> OpenTime:
        """Return the open hours of a resource."""
        return self.open_times[int(self.arrays.resource_calendar[resource])]


@dataclass(frozen=True)
class ShopSchedule:
    """Where and when every task stands.

    Attributes
    ----------
    alternative
        Shape (T): chosen alternative of each task, as a position among all alternatives.
    start, end, setup
        Shape (T): begin of the setup, end of the work, and setup minutes.
    """

    alternative: Ints
    start: Ints
    end: Ints
    setup: Ints

    @property
    def is_complete(self) -> bool:
        """Whether every task found a place within the open hours."""
        return bool(len(self.end) == 0 or self.end.max() < FOREVER)
