from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from tests.solvers.shops import Job, Line, Machine, build_shop, draw_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling import dispatch as dispatch_module
from orderopt.solvers.scheduling.dispatch import Dispatch, listening
from orderopt.solvers.scheduling.priorities import SWEEP, Priorities, Setting


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


def count_runs(monkeypatch: pytest.MonkeyPatch) -> list[Setting]:
    """Return a list that gets each setting that is run."""
    found: list[Setting] = []
    run = Priorities.run
    monkeypatch.setattr(
        Priorities, "run", lambda rule, setting, *more: found.append(setting) or run(rule, setting, *more)
    )
    return found


def test_with_a_schedule_to_start_from_the_rule_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = draw_shop(3, 40, "setups", "alternatives", num_machines=3)
    runs = count_runs(monkeypatch)
    best = dispatch(problem)
    assert len(runs) > len(SWEEP)
    runs.clear()
    again = dispatch(problem, start=best.answer)
    assert len(runs) == 1
    assert again.objective <= best.objective


def test_a_poor_start_is_replaced() -> None:
    problem = draw_shop(3, 40, "setups", "alternatives", num_machines=3)
    chosen = problem.arrays.alt_ptr[1:] - 1
    late = np.arange(problem.num_tasks) * 1_000 + 50_000
    poor = ShopSchedule(chosen, late, late + 100, late * 0)
    assert dispatch(problem, start=poor).objective < evaluate(problem, poor).total


def test_a_larger_share_of_the_time_gives_no_worse_schedule() -> None:
    problem = draw_shop(8, 200, "setups", "alternatives", num_machines=5)
    small, large = (Dispatch(share).schedule(problem, Budget(seconds=1.0, workers=1)) for share in (0.01, 1.0))
    assert large.objective < small.objective


def test_several_workers_do_no_worse_than_one_run() -> None:
    problem = draw_shop(8, 200, "setups", "alternatives", num_machines=5)
    first = Dispatch().schedule(problem, Budget(seconds=0.0, workers=1)).objective
    made = Dispatch().schedule(problem, Budget(seconds=0.5, workers=3))
    assert Slow(problem).faults(made.require()) == []
    assert made.objective < first


def test_a_run_hears_the_caller_and_the_clock_and_what_it_made_is_filled_up() -> None:
    cancel = threading.Event()
    cancel.set()
    for budget, grace in ((Budget(60.0, cancel=cancel), 60.0), (Budget(0.0), 0.0)):
        with listening(budget, grace) as halt:
            until = time.monotonic() + 30.0
            while halt[0] == 0 and time.monotonic() < until:
                time.sleep(0.001)
        assert halt[0] == 1
    with listening(Budget(60.0)) as halt:
        time.sleep(0.1)
    assert halt[0] == 0
    problem = draw_shop(5, 50, "alternatives", "links", num_machines=3)
    search = dispatch_module._Search(problem, Budget(60.0))
    search.begin(np.ones(1, dtype=np.int64))
    made = search.outcome().require()
    assert made.is_complete
    assert Slow(problem).faults(made) == []


def test_what_may_not_follow_is_not_put_there_and_without_a_way_out_there_is_no_answer() -> None:
    bars = {(1, 2): (FOREVER, 0.0), (1, 3): (FOREVER, 0.0)}
    jobs = [Job((one(0, 10, family=family),), line=number) for number, family in enumerate((1, 2, 3, 1, 2))]
    lines = [Line(0, 9.0)] + [Line(0)] * 4
    made = dispatch(build_shop(jobs, [Machine(setups=bars)], lines)).require()
    assert made.is_complete
    assert sorted(made.end[[0, 3]]) == [40, 50]
    closed = bars | {(2, 1): (FOREVER, 0.0), (3, 1): (FOREVER, 0.0)}
    outcome = dispatch(build_shop(jobs, [Machine(setups=closed)], lines))
    assert (outcome.status, outcome.objective) == (Status.UNKNOWN, None)
    assert "may follow none" in outcome.reason


def test_a_makespan_is_made_short_by_starting_the_long_job_first() -> None:
    short = [Job((one(0, 5),), line=0) for _ in range(4)]
    problem = build_shop([*short, Job((one(0, 10), one(1, 50)), line=0)], [Machine(), Machine()], [Line(0)])
    outcome = dispatch(problem)
    assert (outcome.status, outcome.objective) == (Status.OPTIMAL, 60.0)
