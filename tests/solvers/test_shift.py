from __future__ import annotations

import numpy as np
from hypothesis import given
from tests.solvers.shops import Job, Line, Machine, build_shop, one, shops
from tests.solvers.slow import Slow
from tests.solvers.test_kernels import draw_order, draw_ways

from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.shift import held_back, left_shift


def draw_schedule(problem: ShopProblem, seed: int) -> ShopSchedule:
    """Return a schedule by chance, with needless waiting."""
    random = np.random.default_rng(seed)
    waits = problem.arrays.task_release + random.integers(0, 120, problem.num_tasks)
    arrays, chosen = problem.arrays._replace(task_release=waits), draw_ways(problem, seed)
    return ShopSchedule(chosen, *kernels.place_in_order(arrays, draw_order(problem, seed), chosen, False))


@given(problem=shops(most=8))
def test_shifting_a_schedule_left_keeps_it_right_and_makes_nothing_later(problem: ShopProblem) -> None:
    for seed in range(3):
        made = draw_schedule(problem, seed)
        shifted = left_shift(problem, made)
        assert shifted.alternative.tolist() == made.alternative.tolist()
        assert (shifted.end <= made.end).all()
        if made.is_complete:
            assert Slow(problem).faults(shifted) == []
            assert evaluate(problem, shifted).tardiness <= evaluate(problem, made).tardiness + 1e-9


@given(problem=shops(most=8))
def test_what_is_held_back_stands_as_it_stood(problem: ShopProblem) -> None:
    made = draw_schedule(problem, 0)
    held = held_back(problem, made)
    assert held.start.tolist() == made.start.tolist()
    assert held.end.tolist() == made.end.tolist()


def test_a_task_leaves_the_wide_gap_to_the_one_that_needs_it() -> None:
    # two slots, one of them busy from 20 on: the short task fits there, the long one only on the other
    jobs = [Job((one(0, 30, fixed=(20, 50, 0)),)), Job((one(0, 10),), line=0), Job((one(0, 40),), line=1)]
    problem = build_shop(jobs, [Machine(capacity=2)], [Line(0)] * 2)
    chosen = problem.arrays.alt_ptr[:-1].copy()
    made = ShopSchedule(chosen, np.array([20, 0, 0]), np.array([50, 10, 40]), np.zeros(3, dtype=np.int64))
    swapped = problem.arrays._replace(slot_fixed_ptr=np.array([0, 0, 1]))  # the fixed task on the second slot
    for arrays in (problem.arrays, swapped):
        assert left_shift(ShopProblem(arrays, problem.open_times), made).end.tolist() == [50, 10, 40]


def test_where_there_are_setups_nothing_jumps_ahead_of_a_fixed_task() -> None:
    # before the fixed task of family 1 there is room; but then family 2 would follow that instead of family 2
    setups = {(1, 2): (30, 0.0)}
    jobs = [
        Job((one(0, 10, family=1, fixed=(20, 30, 0)),)),
        Job((one(0, 0, family=2),), line=0),
        Job((one(0, 5, family=2),), line=1),
    ]
    problem = build_shop(jobs, [Machine(setups=setups)], [Line(0)] * 2)
    chosen = problem.arrays.alt_ptr[:-1].copy()
    made = ShopSchedule(chosen, np.array([20, 30, 60]), np.array([30, 60, 65]), np.array([0, 30, 0]))
    shifted = left_shift(problem, made)
    assert (shifted.end <= made.end).all()
