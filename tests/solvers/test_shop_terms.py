from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.solvers.shops import NONE, Job, Line, Machine, Step, Way, build_shop, one, shops
from tests.solvers.slow import Slow

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import arrivals, evaluate, families_before, line_arrivals, sequence_order
from orderopt.solvers.scheduling.dispatch import Dispatch, left_shift


def schedule(*rows: tuple[int, int, int], alternative: list[int] | None = None) -> ShopSchedule:
    """Return a schedule of (start, end, setup)."""
    start, end, setup = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return ShopSchedule(np.array(alternative or range(len(rows))), start, end, setup)


@given(problem=shops(most=8))
def test_a_schedule_costs_what_counting_by_hand_says(problem: ShopProblem) -> None:
    made = Dispatch().schedule(problem, Budget(seconds=0.0)).require()
    slow = Slow(problem)
    expected = slow.cost(made.alternative.tolist(), made.end.tolist(), made.start.tolist(), made.setup.tolist())
    assert evaluate(problem, made).total == pytest.approx(expected)


def test_every_term_is_its_own_sum() -> None:
    machines = [Machine(minute_cost=2.0, initial=1, setups={(1, 2): (5, 11.0), (2, 1): (7, 13.0)})]
    jobs = [Job((one(0, 10, family=2),), line=0), Job((one(0, 20, family=1),), line=1, lead=3)]
    problem = build_shop(jobs, machines, [Line(12, 4.0), Line(30, 1.0)])
    terms = evaluate(problem, schedule((0, 15, 5), (15, 42, 7)))
    assert terms.tardiness == 3 * 4.0 + (42 + 3 - 30) * 1.0
    assert terms.production == (10 + 5 + 20 + 7) * 2.0
    assert terms.setup == 11.0 + 13.0
    assert terms.fairness == 0.0
    assert terms.total == terms.tardiness + terms.production + terms.setup


def test_fixed_tasks_cost_nothing_but_set_the_family_for_the_next() -> None:
    machines = [Machine(minute_cost=2.0, initial=1, setups={(1, 2): (5, 11.0), (2, 1): (7, 13.0), (1, 1): (9, 99.0)})]
    jobs = [Job((one(0, 10, family=2, fixed=(0, 12, 2)),)), Job((one(0, 20, family=1),))]
    problem = build_shop(jobs, machines)
    made = schedule((0, 12, 2), (12, 39, 7))
    assert families_before(problem, made).tolist() == [1, 2]
    assert (evaluate(problem, made).production, evaluate(problem, made).setup) == (54.0, 13.0)


def test_output_waits_for_the_next_departure_and_never_arrives_behind_the_last() -> None:
    jobs = [Job((one(0, 1),), line=0, lead=7, timetable=0)] * 3 + [Job((one(0, 1),), line=0, lead=7)]
    problem = build_shop(jobs, [Machine()], [Line(0)], timetables=[[100, 200]])
    found = arrivals(problem, np.array([100, 101, 201, 101]))
    assert found[[0, 1, 3]].tolist() == [107, 207, 108]
    assert found[2] >= FOREVER


def test_a_line_arrives_with_the_last_of_its_parts_wherever_that_comes_from() -> None:
    jobs = [Job((one(0, 10),), line=0), Job((one(0, 10),), line=0), Job((one(0, 10),), line=1), Job((one(0, 10),))]
    problem = build_shop(jobs, [Machine()], [Line(0), Line(0, floor=500)])
    made = schedule((0, 10, 0), (10, 20, 0), (20, 30, 0), (30, 40, 0))
    assert line_arrivals(problem, made).tolist() == [20, 500]


def test_fairness_is_the_spread_of_load_over_the_minutes_of_each_unit() -> None:
    machines = [Machine(unit=0), Machine(unit=1), Machine(unit=2)]
    jobs = [Job((one(0, 30),)), Job((one(1, 30),))]
    problem = build_shop(jobs, machines, unit_capacity=[100, 300, 0], fairness_weight=1000.0)
    assert evaluate(problem, schedule((0, 30, 0), (0, 30, 0))).fairness == pytest.approx(1000 * (0.3 - 0.1))


def test_the_sequence_follows_the_clock_and_then_the_position() -> None:
    assert sequence_order(schedule((5, 9, 0), (0, 5, 0), (5, 5, 0), (5, 9, 0))).tolist() == [1, 2, 0, 3]


def test_an_empty_shop_costs_nothing() -> None:
    problem = build_shop([], [Machine()])
    made = Dispatch().schedule(problem, Budget(seconds=0.0)).require()
    assert evaluate(problem, made).total == 0.0
    assert made.is_complete


def test_shifting_left_keeps_ways_and_sequence_and_never_costs_more() -> None:
    job = Job((Step((Way(0, 20), Way(1, 10))),), line=0)
    problem = build_shop([job, job], [Machine(), Machine()], [Line(0)])
    loose = schedule((50, 70, 0), (5, 25, 0), alternative=[0, 2])
    tight = left_shift(problem, loose)
    assert (tight.alternative.tolist(), tight.start.tolist(), tight.end.tolist()) == ([0, 2], [20, 0], [40, 20])
    assert NONE not in tight.alternative
