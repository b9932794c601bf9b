from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from tests.solvers.shops import Job, Line, Machine, build_shop, draw_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling.dispatch import Dispatch, left_shift, task_dues


def dispatch(problem: ShopProblem, **more: object):
    return Dispatch().schedule(problem, Budget(seconds=5.0, workers=1), **more)  # type: ignore[arg-type]


@given(problem=shops(most=8, num_machines=3))
def test_every_schedule_is_without_faults_and_costs_what_it_says(problem: ShopProblem) -> None:
    outcome = Dispatch().schedule(problem, Budget(seconds=0.05, workers=1))
    made = outcome.require()
    assert Slow(problem).faults(made) == []
    assert outcome.objective == pytest.approx(evaluate(problem, made).total)
    assert outcome.bound <= outcome.objective + 1e-9


@given(problem=shops(most=3))
def test_no_schedule_beats_the_bound(problem: ShopProblem) -> None:
    outcome = Dispatch().schedule(problem, Budget(seconds=0.02, workers=1))
    if problem.num_tasks <= 4 and not problem.arrays.task_is_fixed.any():
        assert outcome.bound <= Slow(problem).best() + 1e-9


@given(problem=shops(most=8))
def test_shifting_a_schedule_left_keeps_it_right_and_on_single_resources_no_later(problem: ShopProblem) -> None:
    made = Dispatch().schedule(problem, Budget(seconds=0.0, workers=1)).require()
    shifted = left_shift(problem, made)
    assert Slow(problem).faults(shifted) == []
    assert shifted.alternative.tolist() == made.alternative.tolist()
    if all(problem.capacity(resource) == 1 for resource in range(problem.num_resources)):
        # where several run at once, a task may take the place that another would have needed
        assert (shifted.end <= made.end).all()
        assert evaluate(problem, shifted).total <= evaluate(problem, made).total + 1e-9


def test_a_good_start_is_never_made_worse() -> None:
    problem = draw_shop(3, 12, "setups", "alternatives", num_machines=3)
    best = dispatch(problem)
    again = Dispatch().schedule(problem, Budget(seconds=0.0, seed=99), start=best.answer)
    assert again.objective <= best.objective


def test_the_urgent_job_goes_first() -> None:
    jobs = [Job((one(0, 60),), line=0), Job((one(0, 60),), line=1)]
    problem = build_shop(jobs, [Machine()], [Line(60, 1.0), Line(60, 5.0)])
    outcome = dispatch(problem)
    assert outcome.require().start.tolist() == [60, 0]
    assert outcome.objective == 60.0


def test_tasks_of_one_family_are_run_together() -> None:
    setups = {(a, b): (40, 5.0) for a in (1, 2) for b in (1, 2) if a != b}
    jobs = [Job((one(0, 10, family=1 + number % 2),), line=number) for number in range(6)]
    problem = build_shop(jobs, [Machine(setups=setups)], [Line(10_000)] * 6)
    assert sum(minutes > 0 for minutes in dispatch(problem).require().setup) == 1


def test_what_cannot_be_beaten_is_called_optimal() -> None:
    problem = build_shop([Job((one(0, 60),), line=0)], [Machine(minute_cost=1.0)], [Line(50, 2.0)])
    outcome = dispatch(problem)
    assert (outcome.status, outcome.objective, outcome.bound) == (Status.OPTIMAL, 80.0, 80.0)


def test_a_task_that_never_fits_gives_no_answer_that_lies() -> None:
    problem = build_shop(
        [Job((one(0, 60, breakable=False),), line=0)],
        [Machine(calendar=1)],
        [Line(50)],
        open_times=[spans((0, 50), (60, 110))],
    )
    outcome = dispatch(problem)
    assert outcome.status is Status.UNKNOWN
    assert outcome.objective is None
    assert "never fits" in outcome.reason


def test_the_same_seed_gives_the_same_schedule() -> None:
    problem = draw_shop(5, 15, "setups", "calendars", num_machines=3)
    first, second = dispatch(problem).require(), dispatch(problem).require()
    assert all(np.array_equal(one, two) for one, two in zip(vars(first).values(), vars(second).values(), strict=True))


def test_a_budget_that_is_over_still_gives_a_schedule() -> None:
    assert Dispatch().schedule(draw_shop(5, 50), Budget(seconds=-1.0)).require().is_complete


def test_dues_go_back_over_steps_lags_leads_departures_and_components() -> None:
    jobs = [
        Job((one(0, 10),)),
        Job((one(0, 20, lag=5, after=(0,)), one(0, 30)), line=0, lead=100, timetable=0),
        Job((one(0, 1),)),
    ]
    problem = build_shop(jobs, [Machine()], [Line(1000)], timetables=[[400, 800, 950]])
    # due 1000 less lead 100 is 900: the departure at 800; less 30, less the lag of 5, less 20
    assert task_dues(problem)[:3].tolist() == [745, 765, 800]
    assert task_dues(problem)[3] > 1 << 30
