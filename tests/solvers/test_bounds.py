from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.solvers.shops import FEATURES, Job, Line, Machine, Step, Way, build_shop, draw_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.charges import Charges
from orderopt.solvers.compiled.shop import NONE, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.scheduling import CpSatScheduling
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.bounds import find_bound
from orderopt.solvers.scheduling.level import Level
from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.priced import cut_time, gather_ways


def bound_of(problem: ShopProblem, seconds: float = 0.05) -> tuple[float, float]:
    """Return the bound, and the cost of a schedule that places one task after the other."""
    chosen = problem.arrays.alt_ptr[:-1].copy()
    start, end, setup = kernels.place_in_order(problem.arrays, np.arange(problem.num_tasks), chosen, True)
    made = ShopSchedule(chosen, start, end, setup)
    return find_bound(problem, made, seconds=seconds), evaluate(problem, made).total


def join_lines(problem: ShopProblem, count: int) -> ShopProblem:
    """Return the shop with at most so many lines, each served by several jobs."""
    arrays = problem.arrays
    joined = arrays._replace(
        job_line=np.where(arrays.job_line == NONE, NONE, arrays.job_line % count),
        line_due=arrays.line_due[:count],
        line_floor=arrays.line_floor[:count],
        line_weight=arrays.line_weight[:count],
    )
    charges = problem.charges
    if charges is not None:
        of_lines = (each[:count] for each in (charges.late, charges.early, charges.flow, charges.since))
        charges = Charges(*of_lines, charges.makespan)
    return replace(problem, arrays=joined, charges=charges)


SOME = [(), *((name,) for name in FEATURES), ("setups", "calendars"), ("setups", "alternatives"), FEATURES]


@pytest.mark.parametrize("features", SOME, ids=lambda names: "+".join(names) or "plain")
def test_no_schedule_of_a_tiny_shop_costs_less_than_the_bound(features: tuple[str, ...]) -> None:
    tried = 0
    for seed in range(20):
        problem = draw_shop(seed, 2 if "fixed" in features else 3, *features)
        if problem.num_tasks > (5 if "fixed" in features else 4):
            continue
        tried += 1
        best = Slow(problem).best()
        assert bound_of(problem)[0] <= best + 1e-6, seed
    assert tried >= 3


@settings(max_examples=60)
@given(problem=shops(most=3), seed=st.integers(0, 1000), most=st.sampled_from((2, 5, 12, 60, 400)))
def test_any_prices_over_any_buckets_give_a_bound(problem: ShopProblem, seed: int, most: int) -> None:
    problem = join_lines(problem, 1 + seed % 3)
    if problem.num_tasks > 4 or problem.arrays.task_is_fixed.all():
        return
    random = np.random.default_rng(seed)
    ways, heads = gather_ways(problem), find_heads(problem)
    level = Level(problem, heads, ways, cut_time(problem, ways, int(random.integers(60, 600)), most))
    best = Slow(problem).best()
    for scale in (0.02, 0.3, 2.0):
        price = random.random(len(level.capacity)) * scale * (random.random(len(level.capacity)) < 0.6)
        assert level.evaluate(np.where(level.is_priced, price, 0.0)) <= best + 1e-6


@settings(max_examples=25)
@given(problem=shops(least=8, most=25, num_machines=3))
def test_the_bound_of_a_larger_shop_is_no_more_than_any_schedule_costs(problem: ShopProblem) -> None:
    bound, cost = bound_of(problem, 0.1)
    assert find_heads(problem).bound - 1e-6 <= bound <= cost + 1e-6


@pytest.mark.parametrize("features", SOME, ids=lambda names: "+".join(names) or "plain")
@settings(max_examples=6)
@given(data=st.data(), lines=st.sampled_from((100, 2, 1)))
def test_no_best_schedule_of_a_small_shop_costs_less_than_the_bound(
    features: tuple[str, ...], data: st.DataObject, lines: int
) -> None:
    problem = data.draw(shops(*features, least=3, most=7, num_machines=3) if features else shops(least=3, most=7))
    problem = join_lines(problem, lines)
    seconds = Budget(seconds=20.0, workers=1, deadline=time.monotonic() + 600.0)
    proven = CpSatScheduling().schedule(problem, seconds)
    assume(proven.status is Status.OPTIMAL)
    assert bound_of(problem, 0.1)[0] <= proven.objective + 1e-4
    assert find_bound(problem, proven.require(), seconds=0.1) <= proven.objective + 1e-4


def test_tasks_that_share_a_machine_make_each_other_late() -> None:
    jobs = [Job((one(0, 10),), line=n) for n in range(10)]
    problem = build_shop(jobs, [Machine()], [Line(0, 1.0)] * 10)
    assert find_heads(problem).bound == 100.0
    assert bound_of(problem, 1.0)[0] == pytest.approx(550.0, rel=0.01)


def test_prices_know_open_hours_other_machines_and_fixed_tasks() -> None:
    hours = spans(*((day * 1440, day * 1440 + 100) for day in range(100)))
    given_task = Job((one(0, 50, fixed=(0, 50, 0)),))
    jobs = [given_task, *(Job((Step((Way(0, 50), Way(1, 50))),), line=n) for n in range(5))]
    problem = build_shop(jobs, [Machine(calendar=1)] * 2, [Line(100, 1.0)] * 5, open_times=[hours])
    # three fit into the first day, the next ends 50 minutes into the second
    assert bound_of(problem, 1.0)[0] == pytest.approx(2 * 1390.0, rel=0.03)


def test_a_line_that_many_jobs_serve_is_late_once() -> None:
    jobs = [Job((one(0, 10), one(1, 5)), line=0) for _ in range(8)]
    problem = build_shop(jobs, [Machine(), Machine()], [Line(0, 1.0)])
    bound, cost = bound_of(problem, 1.0)
    assert cost == 85.0
    assert 60.0 <= bound <= 85.0


def test_the_same_call_gives_the_same_bound() -> None:
    problem = draw_shop(3, 30, "alternatives", "links", num_machines=3)
    assert bound_of(problem)[0] == bound_of(problem)[0]
