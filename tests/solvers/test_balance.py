from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.searches import check_local_search
from tests.solvers.shops import Job, Line, Machine, Step, Way, build_shop, one
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import NONE, ShopProblem
from orderopt.solvers.scheduling.kinds import is_parallel
from orderopt.solvers.scheduling.local_search import LocalSearch

pytestmark = pytest.mark.usefixtures("compiled_kernels")


def draw_machines(seed: int, num_tasks: int, num_machines: int, *, due: int = 0, lead: int = 0) -> ShopProblem:
    """Return single tasks for machines of different speed with setups, one of them with two places."""
    random = np.random.default_rng(seed)
    machines = [
        Machine(
            capacity=2 if number == 1 else 1,
            initial=int(random.integers(-1, 3)),
            setups={
                (before, after): (int(random.integers(0, 30)), 0.0) for before in range(3) for after in range(1, 3)
            },
        )
        for number in range(num_machines)
    ]
    jobs = []
    for _ in range(num_tasks):
        can = random.choice(num_machines, size=int(random.integers(1, num_machines + 1)), replace=False)
        ways = tuple(Way(int(machine), int(random.integers(1, 40)), int(random.integers(0, 3))) for machine in can)
        jobs.append(Job((Step(ways),), line=0, lead=lead))
    return build_shop(jobs, machines, [Line(due)])


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), size=st.integers(2, 12), due=st.sampled_from([0, 40]), lead=st.sampled_from([0, 7]))
def test_schedules_have_no_faults_and_are_never_worse_than_the_start(seed: int, size: int, due: int, lead: int) -> None:
    problem = draw_machines(seed, size, 3, due=due, lead=lead)
    assert is_parallel(problem)
    check_local_search(problem, 0.01)


def test_tiny_questions_are_answered_as_well_as_by_trying_everything() -> None:
    for seed in range(12):
        problem = draw_machines(seed, 4, 2)
        outcome = LocalSearch().schedule(problem, budget(0.1))
        assert outcome.objective == pytest.approx(Slow(problem).best(), abs=1e-6), seed


def test_rows_end_together_where_that_is_possible() -> None:
    jobs = [Job((Step((Way(0, work), Way(1, work))),), line=0) for work in (3, 3, 5, 5, 7, 9, 11, 13)]
    outcome = LocalSearch().schedule(build_shop(jobs, [Machine()] * 2, [Line(0)]), Budget(seconds=0.3, workers=2))
    assert outcome.objective == 28.0


@pytest.mark.parametrize(
    "change",
    [
        {"task_release": np.array([0, 5])},
        {"job_lead": np.array([0, 5])},
        {"job_line": np.array([0, NONE])},
        {"alt_resource": np.array([0, 0, 1, 1])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_no_row_of_single_tasks_is_left_to_other_searches(change: dict[str, np.ndarray]) -> None:
    jobs = [Job((Step((Way(0, 4), Way(1, 4))),), line=0) for _ in range(2)]
    problem = build_shop(jobs, [Machine()] * 2, [Line(0)])
    assert is_parallel(problem)
    assert not is_parallel(ShopProblem(problem.arrays._replace(**change), problem.open_times))
    chain = build_shop([Job((one(0, 4), one(1, 4)), line=0)] * 2, [Machine()] * 2, [Line(0)])
    assert not is_parallel(chain)


def test_one_worker_gives_the_same_schedule_twice() -> None:
    problem = draw_machines(7, 20, 3)
    first, second = (LocalSearch().schedule(problem, budget(0.2)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
    assert first.alternative.tolist() == second.alternative.tolist()
