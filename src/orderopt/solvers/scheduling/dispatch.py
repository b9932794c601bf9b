"""The strategy ``dispatch``: list scheduling in time with the ATC(S) rule, over a sweep of its parameters."""

from __future__ import annotations

from itertools import product

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate, sequence_order
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.limits import find_heads, stretches
from orderopt.solvers.scheduling.warm import is_compiled

LOOK_AHEADS = (0.3, 1.0, 2.0, 4.0, 8.0)
SETUP_SCALES = (0.2, 1.0, 4.0)
SWEPT_TASKS = 2_000_000
"""Placements of one sweep; larger problems try fewer parameters."""


class Dispatch:
    """List scheduling with the apparent tardiness cost rule, and with some chance around the best rule."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule of a sweep over the rule's parameters and of perturbed runs around it."""
        if not is_compiled(kernels.dispatch):
            budget.on_progress(Progress("schedule", "compiling, once for this installation", 0.0))
        best, cost = start, (np.inf if start is None else evaluate(problem, start).total)
        rule = _Rule(problem)
        tries = max(1, SWEPT_TASKS // max(1, problem.num_tasks))
        settings = list(product(LOOK_AHEADS, SETUP_SCALES if rule.has_setups else SETUP_SCALES[:1]))
        settings.sort(key=lambda pair: abs(np.log(pair[0] / 2.0)) + abs(np.log(pair[1])))
        found = (2.0, 1.0)
        calm = np.ones(problem.num_tasks)
        for setting in settings[:tries]:
            schedule = rule.run(*setting, calm)
            value = evaluate(problem, schedule).total if schedule.is_complete else np.inf
            if value < cost or best is None:
                best, cost, found = schedule, value, setting
            if budget.is_over:
                break
        random = np.random.default_rng(budget.seed)
        for _ in range(min(200, tries - len(settings))):
            if budget.is_over:
                break
            noise = np.exp(random.normal(0.0, 0.4, problem.num_jobs))[problem.arrays.task_job]
            schedule = rule.run(*found, noise)
            value = evaluate(problem, schedule).total if schedule.is_complete else np.inf
            if value < cost:
                best, cost = schedule, value
        bound = find_heads(problem).bound
        if best is None or not best.is_complete:
            return Outcome(Status.UNKNOWN, best, None, bound, "some task never fits into the open hours")
        status = Status.OPTIMAL if cost <= bound * (1 + 1e-9) else Status.FEASIBLE
        return Outcome(status, best, float(cost), bound, "all rules tried")


class _Rule:
    """The ATC(S) rule made ready for one problem."""

    def __init__(self, problem: ShopProblem) -> None:
        self.problem = problem
        arrays = problem.arrays
        self.due = task_dues(problem)
        self.weight = kernels.urgency(arrays)[arrays.task_job]
        moving = arrays.alt_work[arrays.alt_work > 0]
        self.mean_work = float(moving.mean()) if len(moving) else 1.0
        minutes = arrays.setup_minutes[arrays.setup_minutes > 0]
        self.has_setups = bool(len(minutes))
        self.mean_setup = float(minutes.mean()) if len(minutes) else self.mean_work

    def run(self, look_ahead: float, setup_scale: float, noise: Floats) -> ShopSchedule:
        chosen, start, end, setup = kernels.dispatch(
            self.problem.arrays,
            self.due,
            self.weight,
            self.mean_work,
            self.mean_setup,
            look_ahead,
            setup_scale,
            noise,
        )
        return ShopSchedule(chosen, start, end, setup)


def task_dues(problem: ShopProblem) -> Ints:
    """Return the latest end of each task for its line to be in time, as far as that can be told ahead."""
    arrays = problem.arrays
    limit = np.full(problem.num_jobs, FOREVER // 4, dtype=np.int64)
    serving = np.flatnonzero(arrays.job_line != NONE)
    limit[serving] = arrays.line_due[arrays.job_line[serving]] - arrays.job_lead[serving]
    for table in range(len(arrays.timetable_ptr) - 1):
        on_it = np.flatnonzero(arrays.job_timetable == table)
        times = arrays.timetable_at[arrays.timetable_ptr[table] : arrays.timetable_ptr[table + 1]]
        position = np.searchsorted(times, limit[on_it], side="right") - 1
        limit[on_it] = np.where(position >= 0, times[np.maximum(position, 0)], limit[on_it])
    latest_end: Ints = kernels.tails(arrays, limit, stretches(problem))[0]
    return latest_end


def left_shift(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with the same alternatives and sequences, everything as early as possible."""
    chosen = schedule.alternative.copy()
    start, end, setup = kernels.place_in_order(problem.arrays, sequence_order(schedule), chosen, False)
    return ShopSchedule(chosen, start, end, setup)


def held_back(problem: ShopProblem, schedule: ShopSchedule) -> ShopSchedule:
    """Return the schedule with nothing earlier than it stands: what waits for a shared departure goes on waiting."""
    arrays = problem.arrays._replace(task_release=np.maximum(problem.arrays.task_release, schedule.start))
    chosen = schedule.alternative.copy()
    start, end, setup = kernels.place_in_order(arrays, sequence_order(schedule), chosen, False)
    return ShopSchedule(chosen, start, end, setup)
