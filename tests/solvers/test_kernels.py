from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from tests.solvers.shops import NONE, Job, Line, Machine, Step, Way, build_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.scheduling import kernels


def draw_order(problem: ShopProblem, seed: int) -> np.ndarray:
    """Return an order by chance in which each task follows what it waits for."""
    random, arrays, slow = np.random.default_rng(seed), problem.arrays, Slow(problem)
    order: list[int] = []
    while len(order) < problem.num_tasks:
        ready = [
            task
            for task in range(problem.num_tasks)
            if task not in order
            and (task == arrays.job_ptr[arrays.task_job[task]] or task - 1 in order)
            and all(slow.last_task[job] in order for job in slow.feeders(task))
        ]
        order.append(int(random.choice(ready)))
    return np.array(order)


def draw_ways(problem: ShopProblem, seed: int) -> np.ndarray:
    arrays, random = problem.arrays, np.random.default_rng(seed)
    return np.array(
        [random.integers(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]) for task in range(problem.num_tasks)]
    )


def place(
    problem: ShopProblem, order: list[int] | np.ndarray, chosen: np.ndarray | None = None
) -> list[tuple[int, int, int]]:
    """Return start, end and setup of each task."""
    chosen = problem.arrays.alt_ptr[:-1].copy() if chosen is None else chosen
    start, end, setup = kernels.place_in_order(problem.arrays, np.array(order), chosen, False)
    return list(zip(start.tolist(), end.tolist(), setup.tolist(), strict=True))


@pytest.mark.parametrize("free_choice", [False, True])
@given(problem=shops())
def test_placing_in_order_equals_placing_minute_by_minute(free_choice: bool, problem: ShopProblem) -> None:
    for seed in range(3):
        order, chosen = draw_order(problem, seed), draw_ways(problem, seed)
        expected = Slow(problem).place(order.tolist(), chosen.tolist(), free_choice=free_choice)
        found = chosen.copy()
        start, end, setup = kernels.place_in_order(problem.arrays, order, found, free_choice)
        assert expected is not None
        assert (found.tolist(), start.tolist(), end.tolist(), setup.tolist()) == expected


def test_fixed_tasks_are_stepped_over_and_nothing_pauses_across_them() -> None:
    fixed = Job((one(0, 30, fixed=(20, 50, 0)),))
    problem = build_shop([fixed, Job((one(0, 20),)), Job((one(0, 10),)), Job((one(0, 21),))], [Machine()])
    assert place(problem, [0, 1, 2, 3]) == [(20, 50, 0), (0, 20, 0), (50, 60, 0), (60, 81, 0)]
    assert place(problem, [3, 0, 1, 2])[3] == (50, 71, 0)


def test_the_setup_after_a_fixed_task_starts_from_its_family() -> None:
    setups = {(1, 2): (5, 0.0), (2, 1): (7, 0.0)}
    fixed = Job((one(0, 10, family=2, fixed=(0, 10, 3)),))
    problem = build_shop([fixed, Job((one(0, 10, family=1),))], [Machine(initial=1, setups=setups)])
    assert place(problem, [0, 1]) == [(0, 10, 3), (10, 27, 7)]


def test_the_first_task_needs_a_setup_only_where_the_machine_has_a_family() -> None:
    setups = {(1, 2): (5, 0.0), (0, 2): (9, 0.0)}
    job = Job((one(0, 10, family=2),))
    for initial, minutes in ((NONE, 0), (1, 5), (0, 9)):
        assert place(build_shop([job], [Machine(initial=initial, setups=setups)]), [0])[0][2] == minutes


def test_a_resource_of_capacity_three_does_three_tasks_at_once() -> None:
    problem = build_shop([Job((one(0, 10 * length),)) for length in (3, 2, 1, 4)], [Machine(capacity=3)])
    assert place(problem, [0, 1, 2, 3]) == [(0, 30, 0), (0, 20, 0), (0, 10, 0), (10, 50, 0)]


def test_a_task_that_finds_no_place_never_ends_and_what_waits_for_it_neither() -> None:
    hours = spans((0, 30), (50, 80))
    steps = (one(0, 40, breakable=False), one(1, 5))
    problem = build_shop(
        [Job(steps), Job((one(1, 5, after=(0,)),))], [Machine(calendar=1), Machine()], open_times=[hours]
    )
    assert {end for _, end, _ in place(problem, [0, 1, 2])} == {FOREVER}


def test_a_free_choice_takes_the_way_that_ends_first_and_of_equals_the_cheaper() -> None:
    machines = [Machine(minute_cost=2.0), Machine(minute_cost=1.0), Machine(minute_cost=9.0)]
    job = Job((Step((Way(0, 20), Way(1, 20), Way(2, 30))),))
    problem = build_shop([job, job, job], machines)
    chosen = problem.arrays.alt_ptr[:-1].copy()
    _, end, _ = kernels.place_in_order(problem.arrays, np.arange(3), chosen, True)
    assert (problem.arrays.alt_resource[chosen].tolist(), end.tolist()) == ([1, 0, 2], [20, 20, 30])


@given(problem=shops(most=8))
def test_heads_are_no_later_than_any_placement(problem: ShopProblem) -> None:
    start, end = kernels.heads(problem.arrays)
    for seed in range(2):
        placed = place(problem, draw_order(problem, seed), draw_ways(problem, seed))
        for task, (begin, finish, _) in enumerate(placed):
            assert start[task] <= begin
            assert end[task] <= finish


@given(problem=shops(most=8))
def test_tails_with_stretch_one_are_no_earlier_than_any_placement_that_keeps_the_limits(problem: ShopProblem) -> None:
    placed = place(problem, draw_order(problem, 0), draw_ways(problem, 0))
    ends = np.array([placed[last - 1][1] for last in problem.arrays.job_ptr[1:]])
    assume(all(finish < FOREVER for _, finish, _ in placed))
    latest_end, latest_start = kernels.tails(problem.arrays, ends, np.ones(len(problem.open_times)))
    for task, (begin, finish, _) in enumerate(placed):
        assert finish <= latest_end[task]
        assert begin <= latest_start[task]


def test_a_component_is_as_urgent_as_the_most_urgent_line_it_ends_up_in() -> None:
    jobs = [
        Job((one(0, 5),)),
        Job((one(0, 5, after=(0,)),), line=0),
        Job((one(0, 5, after=(0,)),), line=1),
        Job((one(0, 5),)),
    ]
    problem = build_shop(jobs, [Machine()], [Line(10, 3.0), Line(10, 8.0)])
    assert kernels.urgency(problem.arrays).tolist() == [8.0, 3.0, 8.0, 0.0]


@pytest.mark.parametrize("breakable", [True, False])
def test_a_task_that_may_not_follow_has_no_place_until_something_else_has_been_done(breakable: bool) -> None:
    never = {(1, 2): (FOREVER, 0.0)}
    black = Job((one(0, 10, family=1), one(1, 5)))
    white = Job((one(0, 10, family=2, breakable=breakable), one(1, 5)))
    grey = Job((one(0, 10, family=3, fixed=(40, 50, 0)),))
    for calendar in (0, 1):
        machines = [Machine(calendar=calendar, setups=never), Machine()]
        problem = build_shop([black, white], machines, open_times=[spans((0, 15), (20, 80))])
        assert place(problem, [2, 3, 0, 1])[2][:2] == (0, 10)
        placed = place(problem, [0, 1, 2, 3])
        assert [end < FOREVER for _, end, _ in placed] == [True, True, False, False]
        problem = build_shop([black, white, grey], machines, open_times=[spans((0, 15), (20, 80))])
        assert place(problem, [4, 0, 1, 2, 3])[2] == (50, 60, 0)


@given(problem=shops(most=10))
def test_tasks_that_overlap_stand_on_different_slots_of_their_resource(problem: ShopProblem) -> None:
    order, chosen = draw_order(problem, 0), draw_ways(problem, 0)
    start, end, _ = kernels.place_in_order(problem.arrays, order, chosen, False)
    order = np.lexsort((end, start))
    slot_of = np.full(problem.num_tasks, NONE)
    low = np.full(int(problem.arrays.slot_ptr[-1]), -FOREVER)
    kernels.share_out(problem.arrays, order, chosen, start, end, low, slot_of)
    resource = problem.arrays.alt_resource[chosen]
    assert (problem.arrays.slot_ptr[resource] <= slot_of).all()
    assert (slot_of < problem.arrays.slot_ptr[resource + 1]).all()
    for slot in range(len(low)):
        here = [task for task in order if slot_of[task] == slot]
        assert all(end[one] <= start[other] for one, other in itertools.pairwise(here))
