"""Rules of list scheduling made ready for one problem."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopArrays, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import line_arrivals
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.kernels_dispatch import Queues, Rule, dispatch
from orderopt.solvers.scheduling.limits import stretches


@dataclass(frozen=True)
class Setting:
    """The parameters of the rule.

    Attributes
    ----------
    look_ahead
        Slack that takes 1 from the logarithm of the index, in mean works (k1 of the ATC rule).
    patience
        Setup and waiting that take as much, in mean setups (k2).
    aversion
        What the logarithm of how much slower or dearer an alternative is than the task's best takes.
    is_joint
        Whether the jobs of a line that will be late anyway are held against each other instead of its due date.
    """

    look_ahead: float
    patience: float
    aversion: float
    is_joint: bool = False


SWEEP = tuple(
    Setting(look_ahead, patience, aversion)
    for look_ahead, patience, aversion in (
        (8.0, 0.5, 8.0),
        (4.0, 0.5, 8.0),
        (16.0, 0.5, 8.0),
        (2.0, 0.1, 8.0),
        (8.0, 1.0, 2.0),
        (8.0, 0.2, 8.0),
        (4.0, 1.0, 8.0),
        (4.0, 0.2, 4.0),
        (1.0, 0.05, 4.0),
        (32.0, 0.5, 16.0),
        (16.0, 1.0, 4.0),
        (2.0, 1.0, 2.0),
    )
)
"""The settings tried first, in an order such that the first are good on most problems, each on others."""


class Priorities:
    """The apparent tardiness cost rule, made ready for one problem; see the kernel for its source."""

    def __init__(self, problem: ShopProblem) -> None:
        arrays = problem.arrays
        self.problem = problem
        weight, self.line_due = _pull(problem)
        self.queues = build_queues(arrays)
        self.job = arrays.task_job[self.queues.task]
        work = np.maximum(arrays.alt_work, 1).astype(np.float64)
        self.stretch = stretches(problem)
        self.length = work * self.stretch[arrays.resource_calendar[arrays.alt_resource]]
        self.urge = np.log((kernels.urgency(arrays._replace(line_weight=weight))[self.job] + 1e-9) / work)
        self.aversion = _excess(arrays, work) + _excess(arrays, arrays.alt_cost / work)
        self.mean_work = _mean(arrays.alt_work, 1.0)
        self.mean_setup = _mean(arrays.setup_minutes[arrays.setup_minutes < FOREVER], self.mean_work)
        self.latest = self._latest_starts(self.line_due)
        self.joint: Floats | None = None

    def sweep(self) -> list[Setting]:
        """Return the settings worth a try, first those that are good most often."""
        arrays = self.problem.arrays
        is_averse = bool(self.aversion.any())
        has_waits = len(arrays.opens) > len(self.problem.open_times) and not arrays.alt_breakable.all()
        is_patient = bool(
            arrays.setup_minutes.any() or arrays.setup_cost.any() or arrays.task_is_fixed.any() or has_waits
        )
        found = [
            replace(each, aversion=each.aversion if is_averse else 0.0, patience=each.patience if is_patient else 1.0)
            for each in SWEEP
        ]
        return list(dict.fromkeys(found))

    def join_lines(self, schedule: ShopSchedule) -> bool:
        """Hold the jobs of late lines against each other from now on; returns whether that makes a difference.

        A line that is late however its jobs are ordered, as the one line of a makespan problem, makes all its jobs
        equally urgent. Measured against the line's end in a schedule, jobs with more work ahead are more urgent.
        """
        arrays = self.problem.arrays
        serving = arrays.job_line[arrays.job_line != NONE]
        is_shared = np.bincount(serving, minlength=len(arrays.line_due)) > 1
        arrival = line_arrivals(self.problem, schedule)
        is_late = is_shared & (arrival > arrays.line_due) & (arrival < FOREVER)
        if is_late.any():
            self.joint = self._latest_starts(np.where(is_late, arrival, self.line_due))
        return self.joint is not None

    def run(self, setting: Setting, halt: Ints, noise: Floats | None = None) -> ShopSchedule:
        """Return the schedule of a setting.

        Parameters
        ----------
        setting
            The parameters.
        halt
            Shape (1): the run ends early as soon as this is not 0.
        noise
            Shape (J): added to the logarithms of the index.
        """
        urge = self.urge - setting.aversion * self.aversion
        if noise is not None:
            urge += noise[self.job]
        latest = self.joint if setting.is_joint and self.joint is not None else self.latest
        scales = np.array([setting.look_ahead * self.mean_work, setting.patience * self.mean_setup])
        return ShopSchedule(*dispatch(self.problem.arrays, self.queues, Rule(urge, latest, scales), halt))

    def fill_up(self, schedule: ShopSchedule) -> ShopSchedule:
        """Return a schedule of all tasks, first those that have a place in another, then the rest by latest start.

        Each stands where it ends first. This is what there is where a run was ended early or came to a dead end.
        """
        arrays = self.problem.arrays
        _, latest = kernels.tails(arrays, job_limits(self.problem, self.line_due), self.stretch)
        is_placed = schedule.end < FOREVER
        rank = np.where(is_placed, schedule.start, latest)
        order = np.lexsort((np.arange(len(rank)), schedule.end, rank, ~is_placed)).astype(np.int64)
        chosen = schedule.alternative.copy()
        return ShopSchedule(chosen, *kernels.place_in_order(arrays, order, chosen, True))

    def _latest_starts(self, line_limit: Ints) -> Floats:
        latest_end, _ = kernels.tails(self.problem.arrays, job_limits(self.problem, line_limit), self.stretch)
        found: Floats = latest_end[self.queues.task] - self.length
        return found


def _pull(problem: ShopProblem) -> tuple[Floats, Ints]:
    """Return what a minute of each line costs, and from when on.

    Being late at all counts as much as a day late; where a line's every minute costs more than its lateness, it is
    due when it may begin. The makespan pulls at all lines alike.
    """
    arrays, charges = problem.arrays, problem.charges
    if charges is None:
        return arrays.line_weight, arrays.line_due
    late = arrays.line_weight + charges.late / 1440
    always = charges.flow + charges.makespan / max(1, len(arrays.line_due))
    due = np.where(always > late, np.minimum(charges.since, arrays.line_due), arrays.line_due)
    return late + always, due.astype(np.int64)


def build_queues(arrays: ShopArrays) -> Queues:
    """Return which alternatives wait together: those of one resource and, where it has setups, one family."""
    task = np.repeat(np.arange(len(arrays.task_job)), np.diff(arrays.alt_ptr))
    family = np.where(arrays.setup_size[arrays.alt_resource] > 0, arrays.alt_family, 0)
    base = int(family.max(initial=0)) + 1
    name, queue, counts = np.unique(arrays.alt_resource * base + family, return_inverse=True, return_counts=True)
    queue_ptr = np.searchsorted(name, base * np.arange(len(arrays.resource_calendar) + 1))
    entry_ptr = np.concatenate(([0], np.cumsum(counts)))
    is_strict = np.zeros(len(arrays.resource_calendar))
    for resource in np.flatnonzero(arrays.setup_size):
        cells = slice(arrays.setup_ptr[resource], arrays.setup_ptr[resource] + arrays.setup_size[resource] ** 2)
        is_strict[resource] = (arrays.setup_minutes[cells] >= FOREVER).any()
    found = (queue_ptr, name % base, entry_ptr, queue, task, is_strict)
    return Queues(*(each.astype(np.int64) for each in found))


def job_limits(problem: ShopProblem, line_limit: Ints) -> Ints:
    """Return the latest end of each job for its output to arrive by the limit of its line (far off without one)."""
    arrays = problem.arrays
    limit = np.full(problem.num_jobs, FOREVER // 4, dtype=np.int64)
    serving = np.flatnonzero(arrays.job_line != NONE)
    limit[serving] = line_limit[arrays.job_line[serving]] - arrays.job_lead[serving]
    for table in range(len(arrays.timetable_ptr) - 1):
        on_it = np.flatnonzero(arrays.job_timetable == table)
        times = arrays.timetable_at[arrays.timetable_ptr[table] : arrays.timetable_ptr[table + 1]]
        position = np.searchsorted(times, limit[on_it], side="right") - 1
        if len(times):
            limit[on_it] = np.where(position >= 0, times[np.maximum(position, 0)], limit[on_it])
    return limit


def task_dues(problem: ShopProblem) -> Ints:
    """Return the latest end of each task for its line to be in time, as far as that can be told ahead."""
    limit = job_limits(problem, problem.arrays.line_due)
    return kernels.tails(problem.arrays, limit, stretches(problem))[0]


def _excess(arrays: ShopArrays, value: Floats) -> Floats:
    """Return the logarithm of how much more each alternative has of something than the best of its task."""
    if not len(value):
        return value
    value = value + 1e-9
    least = np.minimum.reduceat(value, arrays.alt_ptr[:-1])
    found: Floats = np.log(value / np.repeat(least, np.diff(arrays.alt_ptr)))
    return np.minimum(found, 3.0)


def _mean(values: Ints, otherwise: float) -> float:
    """Return the mean of those above zero."""
    values = values[values > 0]
    return float(values.mean()) if len(values) else otherwise
