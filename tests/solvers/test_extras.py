"""Longest waits, overlapping steps and setup crews: kept by who knows them, refused by all others."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.shops import Job, Line, Machine, build_shop, draw_extras, draw_shop, one, spans
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget

from orderopt.errors import RefusedError
from orderopt.models.summary import Status
from orderopt.solvers.compiled.extras import Extras
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.neighbourhoods import LargeNeighbourhoods
from orderopt.solvers.cpsat.scheduling import CpSatScheduling
from orderopt.solvers.scheduling.dispatch import Dispatch, held_back, left_shift
from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.local_search import LocalSearch
from orderopt.solvers.scheduling.portfolio import Portfolio
from orderopt.solvers.scheduling.serial import place_anew, place_held

KINDS = ("waits", "overlaps", "crews")
ABLE = (Dispatch(), CpSatScheduling(), Portfolio())


def with_extras(problem: ShopProblem, **columns: list[int]) -> ShopProblem:
    """Return the problem with some columns of its extras given."""
    count = len(problem.arrays.alt_work)
    plain = {
        "alt_wait": [FOREVER] * count,
        "alt_head": problem.arrays.alt_work,
        "alt_overlaps": [0] * count,
        "alt_tail": [0] * count,
        "resource_crew": [NONE] * problem.num_resources,
    }
    arrays = {name: np.array(values, dtype=np.int64) for name, values in (plain | columns).items()}
    return replace(problem, extras=Extras(**arrays))


def starts(problem: ShopProblem) -> list[list[int]]:
    """Return the starts that each able strategy finds."""
    found = []
    for strategy in ABLE:
        made = strategy.schedule(problem, budget(2.0)).require()
        assert Slow(problem).faults(made) == [], strategy
        found.append(made.start.tolist())
    return found


def test_the_step_before_waits_so_that_the_next_need_not() -> None:
    jobs = [Job((one(1, 50),), line=0), Job((one(0, 10), one(1, 10)), line=1)]
    problem = build_shop(jobs, [Machine()] * 2, [Line(50, 100.0), Line(20)])
    assert starts(with_extras(problem, alt_wait=[FOREVER, 5, FOREVER])) == [[0, 35, 50]] * 3


def test_a_wait_over_closed_hours_moves_the_step_before_into_the_next_day() -> None:
    hours = spans(*((day * 100, day * 100 + 30) for day in range(20)))
    jobs = [Job((one(0, 20), one(1, 20, breakable=False)), line=0)]
    problem = build_shop(jobs, [Machine(), Machine(calendar=1)], [Line(20)], open_times=[hours])
    assert starts(with_extras(problem, alt_wait=[10, FOREVER])) == [[70, 100]] * 3


def test_steps_overlap_by_batches() -> None:
    jobs = [Job((one(0, 100, lag=5), one(1, 50)), line=0)]
    problem = build_shop(jobs, [Machine()] * 2, [Line(0)])
    overlapping = {"alt_overlaps": [1, 0], "alt_head": [20, 50]}
    # the second is quick: it must still be at work for 10 minutes when the last batch is there at 105
    assert starts(with_extras(problem, **overlapping, alt_tail=[0, 10])) == [[0, 65]] * 3
    slow = build_shop([Job((one(0, 100, lag=5), one(1, 300)), line=0)], [Machine()] * 2, [Line(0)])
    overlapping["alt_head"] = [20, 300]
    assert starts(with_extras(slow, **overlapping, alt_tail=[0, 60])) == [[0, 25]] * 3


def test_a_crew_sets_up_one_machine_after_the_other_and_nothing_else_waits_for_it() -> None:
    setups = {(1, 2): (30, 0.0)}
    machines = [Machine(initial=1, setups=setups)] * 2 + [Machine()]
    jobs = [Job((one(machine, 10, family=2 if machine < 2 else 0),), line=machine) for machine in range(3)]
    problem = build_shop(jobs, machines, [Line(0, 2.0), Line(0, 1.0), Line(0)])
    assert starts(with_extras(problem, resource_crew=[0, 0, 0])) == [[0, 30, 0]] * 3
    assert starts(with_extras(problem, resource_crew=[0, 1, 0])) == [[0, 0, 0]] * 3


def test_a_crew_busy_with_a_fixed_task_comes_later() -> None:
    machines = [Machine(initial=1, setups={(1, 2): (30, 0.0)})] * 2
    jobs = [Job((one(0, 10, family=2, fixed=(0, 60, 50)),)), Job((one(1, 10, family=2),), line=0)]
    problem = build_shop(jobs, machines, [Line(0)])
    assert starts(with_extras(problem, resource_crew=[0, 0])) == [[0, 50]] * 3


@pytest.mark.parametrize("name", KINDS)
def test_who_does_not_know_an_extra_says_so_and_who_does(name: str) -> None:
    word = {"waits": "max_wait_minutes", "overlaps": "transfer_batch", "crews": "setup_crew"}[name]
    problem = next(
        each for seed in range(20) if (each := draw_extras(draw_shop(seed, 5, "setups"), seed, name)).extras is not None
    )
    for strategy, own in ((LocalSearch(), "local_search"), (LargeNeighbourhoods(), "lns")):
        with pytest.raises(RefusedError, match=f"{own} cannot plan .*{word}.*; use one of dispatch, cpsat, auto"):
            strategy.schedule(problem, budget(1.0))


features = st.sets(st.sampled_from(["calendars", "unbreakable", "setups", "alternatives", "fixed", "links", "lags"]))


@settings(max_examples=60)
@given(st.integers(0, 1 << 32), st.integers(1, 9), features, st.sets(st.sampled_from(KINDS), min_size=1))
def test_serial_placing_keeps_every_rule(seed: int, jobs: int, on: set[str], names: set[str]) -> None:
    plain = draw_shop(seed, jobs, *on, num_machines=3, most_steps=4)
    problem = draw_extras(plain, seed, *names)
    if problem.extras is None:
        return
    rough = Dispatch().schedule(plain, budget(0.0)).require()
    for free_choice in (False, True):
        made = place_anew(problem, rough, free_choice=free_choice)
        if made.is_complete:
            assert Slow(problem).faults(made) == []
            assert place_held(problem, made).start.tolist() == made.start.tolist()
            assert Slow(problem).faults(left_shift(problem, made)) == []
            assert (left_shift(problem, made).end <= made.end).all()
            assert held_back(problem, made).end.tolist() == made.end.tolist()


@settings(max_examples=15)
@given(st.integers(0, 1 << 32), st.integers(1, 6), features, st.sets(st.sampled_from(KINDS), min_size=1))
def test_answers_have_no_faults_and_are_never_below_the_bound(
    seed: int, jobs: int, on: set[str], names: set[str]
) -> None:
    problem = draw_extras(draw_shop(seed, jobs, *on, num_machines=3), seed, *names)
    if problem.extras is None:
        return
    found = []
    for strategy in ABLE:
        outcome = strategy.schedule(problem, budget(1.0))
        if outcome.objective is not None:
            made = outcome.require()
            assert Slow(problem).faults(made) == []
            assert outcome.objective == pytest.approx(evaluate(problem, made).total)
            found.append(outcome)
    assert (
        max((each.bound for each in found), default=0.0) <= min((each.objective for each in found), default=0.0) + 1e-6
    )


def try_all_times(problem: ShopProblem, last: int) -> float:
    """Return the lowest cost of all schedules of a shop without calendars that start everything before a minute."""
    slow, arrays, lowest = Slow(problem), problem.arrays, float("inf")
    ways = [range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]) for task in range(problem.num_tasks)]
    for chosen in product(*ways):
        for start in product(range(last), repeat=problem.num_tasks):
            setup = _setups(problem, chosen, start)
            end = [start[task] + setup[task] + int(arrays.alt_work[way]) for task, way in enumerate(chosen)]
            cost = slow.cost(chosen, end, start, setup)
            if cost < lowest:
                columns = (np.array(column, dtype=np.int64) for column in (chosen, start, end, setup))
                if not slow.faults(ShopSchedule(*columns)):
                    lowest = cost
    return lowest


def _setups(problem: ShopProblem, chosen: tuple[int, ...], start: tuple[int, ...]) -> list[int]:
    arrays, setup = problem.arrays, [0] * len(chosen)
    for resource in range(problem.num_resources):
        family = int(arrays.resource_initial[resource])
        here = [task for task, way in enumerate(chosen) if arrays.alt_resource[way] == resource]
        for task in sorted(here, key=lambda task: (start[task], task)):
            own = int(arrays.alt_family[chosen[task]])
            setup[task], family = problem.setup(resource, family, own), own
    return setup


@pytest.mark.parametrize("name", KINDS)
def test_tiny_shops_are_scheduled_as_well_as_by_trying_every_time(name: str) -> None:
    machines = [
        Machine(initial=1, setups={(1, 2): (3, 1.0), (2, 1): (2, 0.0)}),
        Machine(initial=2, setups={(2, 1): (4, 0.0)}),
    ]
    tried = 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        works, families = random.integers(1, 6, 4).tolist(), random.integers(1, 3, 4).tolist()
        jobs = [
            Job((one(0, works[0], family=families[0]), one(1, works[1], family=families[1])), line=0),
            Job((one(int(random.integers(0, 2)), works[2], family=families[2]),), line=1),
        ]
        lines = [Line(int(random.integers(4, 12)), float(random.integers(1, 4))) for _ in range(2)]
        problem = draw_extras(build_shop(jobs, machines, lines), seed, name)
        if problem.extras is None:
            continue
        tried += 1
        best = try_all_times(problem, 22)
        outcome = CpSatScheduling().schedule(problem, budget(20.0))
        assert outcome.objective == pytest.approx(best), seed
        assert outcome.status is Status.OPTIMAL
        assert find_heads(problem).bound <= best + 1e-9
        assert Dispatch().schedule(problem, budget(0.5)).objective >= best - 1e-9
    assert tried >= 5
