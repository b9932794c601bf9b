from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from tests.solvers.shops import FEATURES, Job, Line, Machine, build_shop, draw_shop, one, shops
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import KINDS, budget, seed_of

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.compiled.shop_terms import evaluate, sequence_order
from orderopt.solvers.scheduling import kernels, local_search
from orderopt.solvers.scheduling.annealing import anneal
from orderopt.solvers.scheduling.local_search import LocalSearch


@pytest.mark.parametrize("features", KINDS, ids=lambda names: "+".join(names) or "plain")
def test_the_cost_that_annealing_counts_is_that_of_the_schedule_it_hands_over(features: tuple[str, ...]) -> None:
    for seed in range(4):
        problem = draw_shop(seed, 70, *features, num_machines=3)  # more than one kept state
        best, cost = seed_of(problem)
        movable = np.flatnonzero(problem.arrays.task_is_fixed == 0).astype(np.int64)
        order, chosen, found = anneal(
            problem.arrays, sequence_order(best), best.alternative.copy(), movable, 400, 50.0, 0.1, 0, 400, 40, seed
        )
        assert sorted(order) == list(range(problem.num_tasks))
        start, end, setup = kernels.place_in_order(problem.arrays, order, chosen.copy(), False)
        slow = Slow(problem)
        assert found == pytest.approx(slow.cost(chosen.tolist(), end.tolist(), start.tolist(), setup.tolist()))
        assert found <= cost + 1e-6


@settings(max_examples=15)
@given(problem=shops(least=3, most=10, num_machines=3))
def test_schedules_have_no_faults_and_are_never_worse_than_the_start(problem: ShopProblem) -> None:
    start, cost = seed_of(problem)
    outcome = LocalSearch().schedule(problem, budget(0.05), start=start)
    made = outcome.require()
    assert Slow(problem).faults(made) == []
    assert outcome.objective == pytest.approx(evaluate(problem, made).total)
    assert outcome.objective <= cost + 1e-9
    assert outcome.bound <= outcome.objective + 1e-9


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
    monkeypatch.setattr(local_search, "PLACED_A_SECOND", 15_000)
    problem = draw_shop(12, 30, "setups", "alternatives", num_machines=3)
    first, second = (LocalSearch().schedule(problem, budget(20.0)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
    assert first.alternative.tolist() == second.alternative.tolist()


def test_a_cancelled_search_returns_the_seed_at_once() -> None:
    cancel = threading.Event()
    cancel.set()
    problem = draw_shop(2, 300, "setups", "alternatives", num_machines=6)
    outcome = LocalSearch().schedule(problem, budget(600.0, cancel=cancel))
    assert outcome.require().is_complete


def test_a_single_task_is_nothing_to_search_for() -> None:
    problem = build_shop([Job((one(0, 10),), line=0)], [Machine(minute_cost=1.0)], [Line(5)])
    assert LocalSearch().schedule(problem, budget(1.0)).objective == 15.0
