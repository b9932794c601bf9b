"""Forbidden successions: no strategy puts a family behind one that it may not follow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.shops import NONE, Job, Line, Machine, build_shop, draw_shop, one
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget

from orderopt.models.summary import Status
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.neighbourhoods import LargeNeighbourhoods
from orderopt.solvers.cpsat.scheduling import CpSatScheduling
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.limits import find_heads, safe_horizon
from orderopt.solvers.scheduling.local_search import LocalSearch
from orderopt.solvers.scheduling.portfolio import Portfolio

pytestmark = pytest.mark.usefixtures("compiled_kernels")

STRATEGIES = (Dispatch(), CpSatScheduling(), LocalSearch(), LargeNeighbourhoods(), Portfolio())


def forbid(problem: ShopProblem, seed: int, share: float = 0.3) -> ShopProblem:
    """Return the shop with some changeovers forbidden, drawn by chance."""
    random = np.random.default_rng(seed)
    minutes = problem.arrays.setup_minutes.copy()
    minutes[random.random(len(minutes)) < share] = FOREVER
    return replace(problem, arrays=problem.arrays._replace(setup_minutes=minutes))


def shop(seed: int, num_jobs: int, *features: str, **more: int) -> ShopProblem:
    return forbid(draw_shop(seed, num_jobs, "setups", *features, **more), seed)


def test_a_forbidden_pair_is_avoided_although_the_due_dates_ask_for_it() -> None:
    setups = {(1, 2): (FOREVER, 0.0)}
    jobs = [Job((one(0, 10, family=1),), line=0), Job((one(0, 10, family=2),), line=1)]
    problem = build_shop(jobs, [Machine(setups=setups)], [Line(10, 5.0), Line(20, 1.0)])
    for strategy in STRATEGIES:
        outcome = strategy.schedule(problem, budget(0.5))
        assert outcome.require().start.tolist() == [10, 0], strategy
        assert outcome.objective == 50.0


def test_where_nothing_may_come_first_the_question_has_no_answer() -> None:
    jobs = [Job((one(0, 10, family=2),), line=0)]
    problem = build_shop(jobs, [Machine(initial=1, setups={(1, 2): (FOREVER, 0.0)})], [Line(10)])
    assert Portfolio().schedule(problem, budget(1.0)).status is Status.INFEASIBLE
    for strategy in STRATEGIES:
        outcome = strategy.schedule(problem, budget(0.5))
        assert outcome.objective is None, strategy
        assert "may follow none" in outcome.reason


def test_a_fixed_task_in_between_opens_the_way() -> None:
    setups = {(1, 3): (FOREVER, 0.0)}
    jobs = [
        Job((one(0, 10, family=2, fixed=(20, 30, 0)),)),
        Job((one(0, 10, family=3),), line=0),
    ]
    problem = build_shop(jobs, [Machine(initial=1, setups=setups)], [Line(10)])
    for strategy in STRATEGIES:
        assert strategy.schedule(problem, budget(0.5)).require().start.tolist() == [20, 30], strategy


@pytest.mark.parametrize(
    "features", [(), ("calendars", "unbreakable"), ("alternatives", "lags"), ("links", "timetables")]
)
def test_tiny_shops_are_scheduled_as_well_as_by_trying_everything(features: tuple[str, ...]) -> None:
    answered = dead_ends = 0
    for seed in range(30):
        problem = shop(seed, 3, *features)
        if problem.num_tasks > 4:
            continue
        best = Slow(problem).best()
        outcome = CpSatScheduling().schedule(problem, budget(20.0))
        if np.isinf(best):
            assert outcome.status is Status.INFEASIBLE, seed
            dead_ends += 1
            continue
        answered += 1
        assert outcome.objective == pytest.approx(best, abs=1e-6), seed
        assert outcome.status is Status.OPTIMAL
        assert Dispatch().schedule(problem, budget(0.2)).bound <= best + 1e-9
    assert answered >= 4
    assert dead_ends


@settings(max_examples=12)
@given(st.integers(0, 1 << 32), st.integers(3, 10), st.sampled_from([(), ("calendars",), ("alternatives", "fixed")]))
def test_answers_have_no_faults_and_are_never_below_the_bound(seed: int, jobs: int, features: tuple[str, ...]) -> None:
    problem = shop(seed, jobs, *features, num_machines=3)
    for strategy in STRATEGIES:
        outcome = strategy.schedule(problem, budget(0.2))
        if outcome.objective is None:
            continue
        made = outcome.require()
        assert Slow(problem).faults(made) == []
        assert outcome.objective == pytest.approx(evaluate(problem, made).total)
        assert outcome.bound <= outcome.objective + 1e-9


def test_the_horizon_and_the_earliest_times_count_no_forbidden_changeover() -> None:
    setups = {(1, 2): (FOREVER, 0.0), (2, 1): (7, 0.0)}
    jobs = [Job((one(0, 10, family=1 + number % 2),), line=number) for number in range(4)]
    problem = build_shop(jobs, [Machine(initial=NONE, setups=setups)], [Line(10)] * 4)
    assert safe_horizon(problem) == 4 * 17
    assert find_heads(problem).end.tolist() == [10] * 4
