"""Bounds on times: how late a job may end for a schedule to be worth a look, and a safe horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER, OpenTime
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopProblem
from orderopt.solvers.compiled.shop_terms import arrivals
from orderopt.solvers.scheduling import kernels


@dataclass(frozen=True)
class Heads:
    """What no schedule of the problem can beat.

    Attributes
    ----------
    start, end
        Shape (T): earliest start and end of each task alone.
    late
        Shape (L): minutes that each line is late at least.
    bound
        Cost of that lateness, of what else such arrivals cost, and of the cheapest alternatives.
    beside
        The part of it that is neither lateness nor alternatives.
    """

    start: Ints
    end: Ints
    late: Ints
    bound: float
    beside: float = 0.0


def find_heads(problem: ShopProblem) -> Heads:
    """Return earliest times and the bound that follows from them."""
    arrays = problem.arrays
    start, end = kernels.heads(problem.relaxed)
    latest = arrays.line_floor.copy()
    serving = arrays.job_line != NONE
    if problem.num_jobs:
        job_end = end[arrays.job_ptr[1:] - 1]
        np.maximum.at(latest, arrays.job_line[serving], arrivals(problem, job_end)[serving])
    late = np.maximum(latest - arrays.line_due, 0)
    cheapest = np.minimum.reduceat(arrays.alt_cost, arrays.alt_ptr[:-1]) if problem.num_tasks else np.empty(0)
    cheapest = cheapest[arrays.task_is_fixed == 0]
    bound, beside = float((late * arrays.line_weight).sum() + cheapest.sum()), 0.0
    charges = problem.charges
    if charges is not None:
        once, _, flow = charges.of_lines(arrays.line_due, latest)
        beside = once + flow + charges.makespan * problem.last_end(end)
    return Heads(start, end, late, bound + beside, beside)


def job_limits(problem: ShopProblem, heads: Heads, top: float, horizon: int) -> Ints:
    """Return the latest end of each job in any schedule that costs at most `top`."""
    arrays = problem.arrays
    spare, charges = max(0.0, top - heads.bound), problem.charges
    if charges is not None and charges.makespan > 0:
        horizon = min(horizon, problem.last_end(heads.end) + int(spare / charges.makespan) + 1)
    limit = np.full(problem.num_jobs, horizon, dtype=np.int64)
    for job in np.flatnonzero(arrays.job_line != NONE):
        line = int(arrays.job_line[job])
        weight = float(arrays.line_weight[line])
        if charges is not None and charges.since[line] <= arrays.line_due[line]:
            weight += float(charges.flow[line])
        if weight > 0:
            allowed = int(arrays.line_due[line] + heads.late[line] + spare / weight + 1)
            limit[job] = min(horizon, allowed - int(arrays.job_lead[job]))
    return limit


def safe_horizon(problem: ShopProblem, since: int = 0) -> int:
    """Return a minute by which some best schedule has ended all its tasks.

    Every task of a schedule without needless waiting starts at a release or behind another task, so the
    sum of the longest stretches that each task can take, behind the last release (or `since`), is enough.
    """
    arrays = problem.arrays
    end = max(since, int(arrays.start[0]))
    if problem.num_tasks:
        end = max(end, int(arrays.task_release.max()), int(np.where(arrays.task_is_fixed, arrays.fixed_end, 0).max()))
    for task in np.flatnonzero(arrays.task_is_fixed == 0):
        longest = 0
        for alternative in range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]):
            resource = int(arrays.alt_resource[alternative])
            size = int(arrays.setup_size[resource])
            place = int(arrays.setup_ptr[resource])
            setups = arrays.setup_minutes[place : place + size * size]
            setup = int(setups[setups < FOREVER].max(initial=0))
            work = int(arrays.alt_work[alternative]) + setup
            open_time = problem.open_time(resource)
            stretch = _longest_stretch(open_time, end, work, bool(arrays.alt_breakable[alternative]))
            longest = max(longest, stretch + int(arrays.alt_lag[alternative]))
        end += longest
    if problem.extras is not None:  # waits that are limited, and crews, may leave stretches of time unused
        end += (end - max(since, int(arrays.start[0]))) + 14 * 1440
    return min(end, FOREVER // 8)


def _longest_stretch(open_time: OpenTime, since: int, work: int, breakable: bool) -> int:
    """Return the most real minutes from being ready to the end of `work`, over the next hundred closings."""
    first = int(np.searchsorted(open_time.closes, since, side="right"))
    longest = 0
    for minute in [since, *open_time.closes[max(first - 1, 0) : first + 100].tolist()]:
        _, end = open_time.fit(minute, work, breakable)
        if end < FOREVER:
            longest = max(longest, end - minute)
    return longest


def stretches(problem: ShopProblem) -> Floats:
    """Return how many real minutes an open minute of each calendar takes, on average over its first year."""
    found = []
    for open_time in problem.open_times:
        since = int(problem.arrays.start[0])
        worked = open_time.between(since, since + 365 * 1440)
        found.append(365 * 1440 / worked if worked else 1.0)
    return np.array(found, dtype=np.float64)
