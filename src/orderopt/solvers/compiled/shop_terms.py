"""What a schedule costs, as the strategies count it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem, ShopSchedule


@dataclass(frozen=True)
class ShopTerms:
    """The cost of a schedule by term, in weighted currency."""

    tardiness: float
    production: float
    setup: float
    fairness: float
    late: float = 0.0
    earliness: float = 0.0
    flow: float = 0.0
    makespan: float = 0.0

    @property
    def total(self) -> float:
        """The sum of the terms."""
        of_lines = self.tardiness + self.late + self.earliness + self.flow
        return of_lines + self.makespan + self.production + self.setup + self.fairness


def arrivals(problem: ShopProblem, job_end: Ints) -> Ints:
    """Return when the output of each job arrives where it is wanted (NONE lines too).

    Parameters
    ----------
    job_end
        Shape (J): end of each job's last task.
    """
    arrays = problem.arrays
    depart = job_end.copy()
    for table in range(len(arrays.timetable_ptr) - 1):
        on_it = np.flatnonzero(arrays.job_timetable == table)
        times = arrays.timetable_at[arrays.timetable_ptr[table] : arrays.timetable_ptr[table + 1]]
        position = np.searchsorted(times, job_end[on_it], side="left")
        padded = np.append(times, FOREVER)
        depart[on_it] = padded[position]
    return depart + arrays.job_lead


def line_arrivals(problem: ShopProblem, schedule: ShopSchedule) -> Ints:
    """Return the latest arrival of each line."""
    arrays = problem.arrays
    job_end = schedule.end[arrays.job_ptr[1:] - 1] if problem.num_jobs else np.empty(0, dtype=np.int64)
    latest = arrays.line_floor.copy()
    serving = arrays.job_line != NONE
    np.maximum.at(latest, arrays.job_line[serving], arrivals(problem, job_end)[serving])
    return latest


def evaluate(problem: ShopProblem, schedule: ShopSchedule) -> ShopTerms:
    """Return the cost of a schedule whose times are consistent."""
    arrays = problem.arrays
    arrival = line_arrivals(problem, schedule)
    late = np.maximum(arrival - arrays.line_due, 0)
    planned = arrays.task_is_fixed == 0
    resource = arrays.alt_resource[schedule.alternative]
    production = (arrays.alt_cost[schedule.alternative] + schedule.setup * arrays.resource_minute_cost[resource])[
        planned
    ].sum()
    charges = problem.charges
    once, early, flow = (0.0, 0.0, 0.0) if charges is None else charges.of_lines(arrays.line_due, arrival)
    return ShopTerms(
        tardiness=float((late * arrays.line_weight).sum()),
        production=float(production),
        setup=_changeover_cost(problem, schedule, resource),
        fairness=_fairness(problem, schedule, resource),
        late=once,
        earliness=early,
        flow=flow,
        makespan=0.0 if charges is None else charges.makespan * problem.last_end(schedule.end),
    )


def sequence_order(schedule: ShopSchedule) -> Ints:
    """Return all tasks in an order in which each follows what it waits for."""
    position = np.arange(len(schedule.start))
    return np.lexsort((position, schedule.end, schedule.start)).astype(np.int64)


def families_before(problem: ShopProblem, schedule: ShopSchedule) -> Ints:
    """Return the family that each task finds on its resource (the initial one for the first)."""
    arrays = problem.arrays
    resource = arrays.alt_resource[schedule.alternative]
    order = np.lexsort((np.arange(len(resource)), schedule.end, schedule.start, resource))
    family = arrays.alt_family[schedule.alternative][order]
    first = np.concatenate(([True], resource[order][1:] != resource[order][:-1])) if len(order) else np.empty(0, bool)
    found = np.where(first, arrays.resource_initial[resource[order]], np.roll(family, 1))
    before = np.empty(len(order), dtype=np.int64)
    before[order] = found
    return before


def _changeover_cost(problem: ShopProblem, schedule: ShopSchedule, resource: Ints) -> float:
    arrays = problem.arrays
    if not arrays.setup_cost.any():
        return 0.0
    before = families_before(problem, schedule)
    after = arrays.alt_family[schedule.alternative]
    size = arrays.setup_size[resource]
    counts = (size > 0) & (before != NONE) & (after != 0) & (arrays.task_is_fixed == 0)
    place = arrays.setup_ptr[resource] + before * size + after
    return float(arrays.setup_cost[place[counts]].sum())


def _fairness(problem: ShopProblem, schedule: ShopSchedule, resource: Ints) -> float:
    if not problem.fairness_weight or not len(problem.unit_capacity):
        return 0.0
    arrays = problem.arrays
    minutes = (arrays.alt_work[schedule.alternative] + schedule.setup).astype(np.float64)
    load = np.bincount(arrays.resource_unit[resource], minutes, minlength=len(problem.unit_capacity))
    counted = problem.unit_capacity > 0
    relative = load[counted] / problem.unit_capacity[counted]
    return float(problem.fairness_weight * (relative.max() - relative.min())) if len(relative) else 0.0
