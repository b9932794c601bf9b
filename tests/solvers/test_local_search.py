from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from tests.solvers.searches import check_local_search
from tests.solvers.shops import FEATURES, Job, Line, Machine, build_shop, draw_shop, one, shops
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget, seed_of

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.scheduling import local_search
from orderopt.solvers.scheduling.local_search import LocalSearch

pytestmark = pytest.mark.usefixtures("compiled_kernels")


@settings(max_examples=15)
@given(problem=shops(least=3, most=10, num_machines=3))
def test_schedules_have_no_faults_and_are_never_worse_than_the_start(problem: ShopProblem) -> None:
    check_local_search(problem, 0.05)


def test_tiny_shops_are_scheduled_as_well_as_by_trying_everything() -> None:
    for seed in range(10):
        problem = draw_shop(seed, 3, *(set(FEATURES) - {"fixed"}))
        if problem.num_tasks <= 4:
            outcome = LocalSearch().schedule(problem, budget(0.2))
            assert outcome.objective == pytest.approx(Slow(problem).best(), abs=1e-6), seed


@pytest.mark.parametrize("workers", [1, 2])
def test_every_number_of_workers_gives_a_schedule_that_is_better_than_a_poor_start(workers: int) -> None:
    problem = draw_shop(12, 60, "alternatives", "links", num_machines=4)
    start, cost = seed_of(problem)
    outcome = LocalSearch().schedule(problem, Budget(seconds=0.5, workers=workers), start=start)
    assert outcome.objective < cost
    assert Slow(problem).faults(outcome.require()) == []


def test_one_worker_gives_the_same_schedule_twice_where_the_clock_does_not_cut_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_search, "MOVES_A_SECOND", 1_000)
    problem = draw_shop(12, 30, "setups", "alternatives", num_machines=3)
    first, second = (LocalSearch().schedule(problem, budget(20.0)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
    assert first.alternative.tolist() == second.alternative.tolist()


def test_workers_that_share_one_schedule_give_a_schedule_without_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_search, "PARTED_TASKS", 10)
    for seed in range(3):
        problem = draw_shop(seed, 60, *FEATURES, num_machines=4)
        start, cost = seed_of(problem)
        outcome = LocalSearch().schedule(problem, Budget(seconds=0.4, workers=3), start=start)
        assert outcome.objective <= cost + 1e-9
        assert Slow(problem).faults(outcome.require()) == []


def test_a_makespan_is_one_line_that_all_jobs_serve() -> None:
    times = [(2, 6), (4, 3), (5, 2), (1, 4), (3, 3)]  # a flow shop of two machines
    jobs = [Job((one(0, first), one(1, second)), line=0) for first, second in times]
    outcome = LocalSearch().schedule(build_shop(jobs, [Machine(), Machine()], [Line(0)]), budget(0.5))
    assert outcome.objective == 19.0  # Johnson's rule


def test_a_cancelled_search_returns_the_seed_at_once() -> None:
    cancel = threading.Event()
    cancel.set()
    problem = draw_shop(2, 300, "setups", "alternatives", num_machines=6)
    outcome = LocalSearch().schedule(problem, budget(600.0, cancel=cancel))
    assert outcome.require().is_complete


def test_a_single_task_is_nothing_to_search_for() -> None:
    problem = build_shop([Job((one(0, 10),), line=0)], [Machine(minute_cost=1.0)], [Line(5)])
    assert LocalSearch().schedule(problem, budget(1.0)).objective == 15.0
