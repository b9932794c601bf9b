from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.solvers.shops import Job, Line, Machine, Step, Way, build_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling.limits import find_heads, job_limits, safe_horizon, stretches


def test_the_bound_counts_lateness_that_cannot_be_helped_and_the_cheapest_ways() -> None:
    machines = [Machine(minute_cost=3.0), Machine(minute_cost=1.0)]
    jobs = [Job((Step((Way(0, 10), Way(1, 40))),), line=0), Job((one(1, 5, fixed=(0, 5, 0)),))]
    heads = find_heads(build_shop(jobs, machines, [Line(6, 2.0)]))
    assert heads.end.tolist() == [10, 5]
    assert heads.late.tolist() == [4]
    assert heads.bound == 4 * 2.0 + 30.0


def schedules(problem: ShopProblem) -> list[ShopSchedule]:
    """Return some schedules of a shop."""
    slow, made = Slow(problem), []
    for order in list(slow.orders())[:24]:
        placed = slow.place(order, problem.arrays.alt_ptr[:-1].tolist())
        assert placed is not None
        alternative, start, end, setup = placed
        made.append(ShopSchedule(*(np.array(each) for each in (alternative, start, end, setup))))
    return made


@given(problem=shops(most=2))
def test_any_schedule_that_costs_no_more_than_the_top_keeps_the_limits_of_its_jobs(problem: ShopProblem) -> None:
    heads, horizon = find_heads(problem), safe_horizon(problem)
    for made in schedules(problem):
        cost = evaluate(problem, made).total
        assert heads.bound <= cost + 1e-9
        ends = made.end[problem.arrays.job_ptr[1:] - 1]
        assert (ends <= job_limits(problem, heads, cost, horizon)).all()


@given(problem=shops(most=2))
def test_schedules_without_waiting_end_before_the_safe_horizon(problem: ShopProblem) -> None:
    assert all(made.end.max() <= safe_horizon(problem) for made in schedules(problem))


def test_a_line_that_costs_nothing_late_sets_no_limit() -> None:
    problem = build_shop([Job((one(0, 10),), line=0)], [Machine()], [Line(6, 0.0)])
    assert job_limits(problem, find_heads(problem), 100.0, 777).tolist() == [777]


def test_a_calendar_open_eight_hours_a_day_stretches_work_threefold() -> None:
    hours = spans(*((day * 1440 + 480, day * 1440 + 960) for day in range(400)))
    problem = build_shop([Job((one(0, 10),))], [Machine(calendar=1)], open_times=[hours, spans()])
    assert stretches(problem) == pytest.approx([1.0, 3.0, 1.0])
