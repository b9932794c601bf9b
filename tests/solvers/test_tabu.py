from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.searches import check_local_search
from tests.solvers.shops import Job, Line, Machine, Step, Way, build_shop, draw_shop, one
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget, seed_of

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.scheduling import tabu
from orderopt.solvers.scheduling.kinds import is_longest_way
from orderopt.solvers.scheduling.local_search import LocalSearch

pytestmark = pytest.mark.usefixtures("compiled_kernels")

ALLOWED = ("setups", "alternatives", "capacity", "links", "lags")


def draw_makespan(seed: int, num_jobs: int, *features: str, due: int = 0, num_machines: int = 2) -> ShopProblem:
    """Return a shop whose jobs, but those that only feed others, all serve one line."""
    drawn = draw_shop(seed, num_jobs, *features, num_machines=num_machines)
    arrays = drawn.arrays
    arrays = arrays._replace(
        job_line=np.where(arrays.job_line >= 0, 0, arrays.job_line),
        line_due=np.array([due]),
        line_floor=np.array([0]),
        line_weight=np.array([2.0]),
        alt_cost=np.zeros(len(arrays.alt_cost)),
        resource_minute_cost=np.zeros(len(arrays.resource_minute_cost)),
        setup_cost=np.zeros(len(arrays.setup_cost)),
    )
    return ShopProblem(arrays, drawn.open_times)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    features=st.sets(st.sampled_from(ALLOWED)),
    jobs=st.integers(3, 10),
    due=st.sampled_from([0, 100, 300]),
)
def test_schedules_have_no_faults_and_are_never_worse_than_the_start(
    seed: int, features: set[str], jobs: int, due: int
) -> None:
    problem = draw_makespan(seed, jobs, *sorted(features), due=due, num_machines=3)
    assert is_longest_way(problem)
    check_local_search(problem, 0.01)


def test_tiny_shops_are_scheduled_as_well_as_by_trying_everything() -> None:
    tried = 0
    for seed in range(30):
        problem = draw_makespan(seed, 3, *ALLOWED)
        if problem.num_tasks <= 5:
            tried += 1
            outcome = LocalSearch().schedule(problem, budget(0.2))
            assert outcome.objective == pytest.approx(Slow(problem).best(), abs=1e-6), seed
    assert tried >= 5


def test_the_job_shop_of_fisher_and_thompson_takes_55() -> None:
    rows = (
        ((2, 1), (0, 3), (1, 6), (3, 7), (5, 3), (4, 6)),
        ((1, 8), (2, 5), (4, 10), (5, 10), (0, 10), (3, 4)),
        ((2, 5), (3, 4), (5, 8), (0, 9), (1, 1), (4, 7)),
        ((1, 5), (0, 5), (2, 5), (3, 3), (4, 8), (5, 9)),
        ((2, 9), (1, 3), (4, 5), (5, 4), (0, 3), (3, 1)),
        ((1, 3), (3, 3), (5, 9), (0, 10), (4, 4), (2, 1)),
    )
    jobs = [Job(tuple(one(machine, work) for machine, work in row), line=0) for row in rows]
    outcome = LocalSearch().schedule(build_shop(jobs, [Machine()] * 6, [Line(0)]), budget(1.0))
    assert outcome.objective == 55.0


def test_tasks_go_to_the_machine_that_keeps_the_longest_way_short() -> None:
    step = Step((Way(0, 10), Way(1, 12), Way(2, 30)))
    problem = build_shop([Job((step,), line=0)] * 4, [Machine()] * 3, [Line(0)])
    assert LocalSearch().schedule(problem, budget(0.5)).objective == 24.0


def test_families_are_put_together_where_changing_over_takes_long() -> None:
    setups = {(1, 2): (50, 0.0), (2, 1): (50, 0.0)}
    jobs = [Job((one(0, 10, family=1 + number % 2),), line=0) for number in range(8)]
    outcome = LocalSearch().schedule(build_shop(jobs, [Machine(setups=setups)], [Line(0)]), budget(0.5))
    assert outcome.objective == 130.0


@pytest.mark.parametrize(
    "change",
    [
        {"line_weight": np.array([0.0])},
        {"setup_cost": np.array([1.0])},
        {"task_is_fixed": np.array([1, 0])},
        {"resource_calendar": np.array([1])},
        {"job_timetable": np.array([0, -1])},
        {"alt_cost": np.array([1.0, 2.0])},
        {"job_line": np.array([0, -1])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_shop_with_other_costs_or_times_is_left_to_annealing(change: dict[str, np.ndarray]) -> None:
    problem = build_shop([Job((one(0, 10),), line=0)] * 2, [Machine()], [Line(0)])
    assert is_longest_way(problem)
    assert not is_longest_way(ShopProblem(problem.arrays._replace(**change), problem.open_times))


def test_one_worker_gives_the_same_schedule_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabu, "TASKS_A_SECOND", 100_000)
    problem = draw_makespan(5, 30, *ALLOWED, num_machines=4)
    first, second = (LocalSearch().schedule(problem, budget(5.0)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
    assert first.alternative.tolist() == second.alternative.tolist()


def test_several_workers_share_what_they_find() -> None:
    problem = draw_makespan(3, 60, *ALLOWED, num_machines=5)
    start, cost = seed_of(problem)
    outcome = LocalSearch().schedule(problem, Budget(seconds=0.5, workers=3), start=start)
    assert outcome.objective < cost
    assert Slow(problem).faults(outcome.require()) == []


def test_a_cancelled_search_returns_the_seed() -> None:
    cancel = threading.Event()
    cancel.set()
    problem = draw_makespan(2, 300, "alternatives", num_machines=6)
    outcome = LocalSearch().schedule(problem, budget(600.0, cancel=cancel))
    assert Slow(problem).faults(outcome.require()) == []
