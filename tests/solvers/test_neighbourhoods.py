from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from tests.solvers.hints import solve_at_hint
from tests.solvers.shops import FEATURES, draw_shop, shops
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import KINDS, budget, seed_of

from orderopt.solvers.budget import Progress
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat import neighbourhoods
from orderopt.solvers.cpsat.neighbourhoods import LargeNeighbourhoods, _Chooser, _windows
from orderopt.solvers.cpsat.shop_model import ShopModel
from orderopt.solvers.cpsat.shop_rules import post_rules
from orderopt.solvers.scheduling.dispatch import left_shift
from orderopt.solvers.scheduling.limits import find_heads

if TYPE_CHECKING:
    from orderopt.solvers.compiled.shop import ShopProblem


@pytest.mark.parametrize("features", KINDS, ids=lambda names: "+".join(names) or "plain")
def test_what_stands_is_a_solution_of_every_part_that_is_freed(features: tuple[str, ...]) -> None:
    for seed in range(4):
        problem = draw_shop(seed, 14, *features, num_machines=3)
        best = left_shift(problem, seed_of(problem)[0])
        chooser = _Chooser(problem, np.random.default_rng(seed))
        for size in (3, 8):
            free = chooser.choose(best, size)
            low, high = _windows(problem, best, free, find_heads(problem).start)
            shop = post_rules(ShopModel(problem, low, high, hint=best, is_free=free, tops=seed_of(problem)[1]))
            shop.minimise()
            reply = solve_at_hint(shop)
            assert reply.is_feasible, (seed, size)
            assert not reply.is_refused, (seed, size)


@settings(max_examples=12)
@given(problem=shops(least=6, most=12, num_machines=3))
def test_schedules_have_no_faults_and_are_never_worse_than_the_start(problem: ShopProblem) -> None:
    start, cost = seed_of(problem)
    outcome = LargeNeighbourhoods().schedule(problem, budget(0.3), start=start)
    made = outcome.require()
    assert Slow(problem).faults(made) == []
    assert outcome.objective == pytest.approx(evaluate(problem, made).total)
    assert outcome.objective <= cost + 1e-9
    assert outcome.bound <= outcome.objective + 1e-9


def test_freed_tasks_are_never_fixed_ones_and_there_is_always_one() -> None:
    for seed in range(10):
        problem = draw_shop(seed, 8, *FEATURES, num_machines=3)
        best = seed_of(problem)[0]
        chooser = _Chooser(problem, np.random.default_rng(seed))
        for size in (1, 5, 1000):
            free = chooser.choose(best, size)
            assert free.any()
            assert not (free & (problem.arrays.task_is_fixed == 1)).any()


def test_each_progress_is_cheaper_than_the_one_before() -> None:
    told: list[Progress] = []
    problem = draw_shop(12, 60, "alternatives", "links", num_machines=4)
    start, cost = seed_of(problem)
    outcome = LargeNeighbourhoods().schedule(problem, budget(4.0, on_progress=told.append), start=start)
    costs = [word.objective for word in told]
    assert outcome.objective < cost
    assert costs
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == pytest.approx(outcome.objective)


def test_one_worker_gives_the_same_schedule_twice_where_the_clock_does_not_cut_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbourhoods, "REPLAY_RATE", 0.005)
    problem = draw_shop(12, 30, "setups", "alternatives", num_machines=3)
    first, second = (LargeNeighbourhoods().schedule(problem, budget(20.0)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
    assert first.alternative.tolist() == second.alternative.tolist()
