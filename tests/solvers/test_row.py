from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.searches import check_local_search
from tests.solvers.shops import Job, Line, Machine, build_shop, one
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import NONE, ShopProblem
from orderopt.solvers.scheduling import row
from orderopt.solvers.scheduling.kinds import is_one_row
from orderopt.solvers.scheduling.local_search import LocalSearch

pytestmark = pytest.mark.usefixtures("compiled_kernels")


def draw_row(seed: int, size: int, *, setups: bool, releases: bool) -> ShopProblem:
    """Return tasks for one machine, each due for itself."""
    random = np.random.default_rng(seed)
    machine = Machine(
        initial=int(random.integers(-1, 3)) if setups else NONE,
        setups={(before, after): (int(random.integers(0, 30)), 0.0) for before in range(3) for after in range(1, 3)}
        if setups
        else {},
    )
    jobs = [
        Job(
            (
                one(
                    0,
                    int(random.integers(0, 40)),
                    family=int(random.integers(0, 3)) if setups else 0,
                    release=int(random.integers(0, 100)) if releases else 0,
                ),
            ),
            line=line,
            lead=int(random.choice([0, 11])),
        )
        for line in random.permutation(size).tolist()
    ]
    lines = [Line(int(random.integers(0, 20 * size)), float(random.integers(0, 6))) for _ in range(size)]
    return build_shop(jobs, [machine], lines, start=int(random.choice([0, 13])))


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), size=st.integers(2, 12), setups=st.booleans(), releases=st.booleans())
def test_schedules_have_no_faults_and_are_never_worse_than_the_start(
    seed: int, size: int, setups: bool, releases: bool
) -> None:
    problem = draw_row(seed, size, setups=setups, releases=releases)
    assert is_one_row(problem)
    check_local_search(problem, 0.01)


@pytest.mark.parametrize("setups", [False, True])
@pytest.mark.parametrize("releases", [False, True])
def test_tiny_rows_are_put_in_the_best_order(setups: bool, releases: bool) -> None:
    for seed in range(6):
        problem = draw_row(seed, 5, setups=setups, releases=releases)
        outcome = LocalSearch().schedule(problem, budget(0.1))
        assert outcome.objective == pytest.approx(Slow(problem).best(), abs=1e-6), seed


def test_weight_for_work_decides_where_all_is_late() -> None:
    work, weight = [7, 3, 9, 4, 6, 2], [1.0, 5.0, 2.0, 3.0, 8.0, 1.0]
    jobs = [Job((one(0, minutes),), line=line) for line, minutes in enumerate(work)]
    problem = build_shop(jobs, [Machine()], [Line(0, each) for each in weight])
    made = LocalSearch().schedule(problem, Budget(seconds=0.3, workers=2)).require()
    best = sorted(range(6), key=lambda task: work[task] / weight[task])  # W. Smith (1956)
    assert np.argsort(made.start).tolist() == best


@pytest.mark.parametrize(
    "change",
    [
        {"job_line": np.array([0, 0])},
        {"resource_calendar": np.array([1])},
        {"job_timetable": np.array([0, NONE])},
        {"task_is_fixed": np.array([0, 1])},
        {"line_floor": np.array([50, 0])},
        {"setup_cost": np.array([1.0])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_more_than_one_order_is_left_to_other_searches(change: dict[str, np.ndarray]) -> None:
    problem = build_shop([Job((one(0, 10),), line=line) for line in (0, 1)], [Machine()], [Line(9), Line(9)])
    assert is_one_row(problem)
    assert not is_one_row(ShopProblem(problem.arrays._replace(**change), problem.open_times))


def test_one_worker_gives_the_same_order_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row, "MOVES_A_SECOND", 50_000)
    problem = draw_row(3, 40, setups=True, releases=True)
    first, second = (LocalSearch().schedule(problem, budget(2.0)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
