"""Of which special kind a shop is: what decides on the search that suits it."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, ShopProblem


def is_longest_way(problem: ShopProblem) -> bool:
    """Whether cost grows with one longest way alone: a plain shop with one line that several jobs serve."""
    arrays = problem.arrays
    return bool(
        _is_plain(problem)
        and len(arrays.line_due) == 1
        and (arrays.line_weight > 0).all()
        and int((arrays.job_line != NONE).sum()) > 1
        and (len(arrays.alt_cost) == 0 or float(np.ptp(arrays.alt_cost)) == 0.0)
    )


def is_parallel(problem: ShopProblem) -> bool:
    """Whether a longest way is the end of a row of tasks: every job is one task that can start at once."""
    arrays = problem.arrays
    task = np.repeat(np.arange(problem.num_tasks), np.diff(arrays.alt_ptr))
    pairs = task * problem.num_resources + arrays.alt_resource
    return bool(
        is_longest_way(problem)
        and problem.num_jobs == problem.num_tasks
        and len(arrays.link_job) == 0
        and (arrays.job_line != NONE).all()
        and int(np.ptp(arrays.job_lead)) == 0
        and int(arrays.task_release.max()) <= int(arrays.start[0])
        and len(np.unique(pairs)) == len(pairs)
    )


def is_one_row(problem: ShopProblem) -> bool:
    """Whether a plain shop's tasks are jobs of their own for one machine, each with a line of its own."""
    arrays = problem.arrays
    return bool(
        problem.num_jobs == problem.num_tasks > 1
        and _is_plain(problem)
        and len(arrays.alt_resource) == problem.num_tasks
        and len(np.unique(arrays.alt_resource)) == 1
        and problem.capacity(int(arrays.alt_resource[0])) == 1
        and len(arrays.link_job) == 0
        and np.array_equal(np.sort(arrays.job_line), np.arange(len(arrays.line_due)))
        and (arrays.line_floor <= arrays.line_due).all()
    )


def _is_plain(problem: ShopProblem) -> bool:
    """Whether a shop is always open, fixes nothing, and has no cost that depends on the order but lateness."""
    arrays = problem.arrays
    return bool(
        not arrays.resource_calendar[arrays.alt_resource].any()
        and not arrays.task_is_fixed.any()
        and (arrays.job_timetable == NONE).all()
        and not arrays.setup_cost.any()
        and not (arrays.resource_minute_cost.any() and arrays.setup_minutes.any())
        and not (arrays.setup_minutes >= FOREVER).any()
        and problem.fairness_weight == 0.0
        and problem.charges is None
        and problem.extras is None
    )
