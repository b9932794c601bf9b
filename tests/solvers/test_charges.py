"""Costs beside lateness: being late at all, earliness, flow and the makespan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.shops import Job, Line, Machine, build_shop, charge, draw_shop, one, spans
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget

from orderopt.models.summary import Status
from orderopt.solvers.compiled.charges import LineCharges, join_charges
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.neighbourhoods import LargeNeighbourhoods
from orderopt.solvers.cpsat.scheduling import CpSatScheduling
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.local_search import LocalSearch
from orderopt.solvers.scheduling.portfolio import Portfolio
from orderopt.solvers.scheduling.shift import left_shift, put_off, settled

pytestmark = pytest.mark.usefixtures("compiled_kernels")

STRATEGIES = (Dispatch(), CpSatScheduling(), LocalSearch(), LargeNeighbourhoods(), Portfolio())
SEARCHES = STRATEGIES[1:]


def with_charges(problem: ShopProblem, *lines: LineCharges, makespan: float = 0.0) -> ShopProblem:
    return replace(problem, charges=join_charges(lines, makespan))


def test_no_costs_are_no_charges() -> None:
    assert join_charges([LineCharges(since=5)] * 3, 0.0) is None


def test_each_charge_is_a_term_of_its_own() -> None:
    problem = build_shop([Job((one(0, 10),), line=0), Job((one(0, 10),), line=1)], [Machine()], [Line(5), Line(50, 0)])
    charged = with_charges(
        problem, LineCharges(late=7.0, flow=2.0, since=4), LineCharges(early=3.0, flow=0.5), makespan=0.25
    )
    made = Dispatch().schedule(problem, budget(0.0)).require()
    terms = evaluate(charged, made)
    assert made.end.tolist() == [10, 20]
    assert (terms.tardiness, terms.late, terms.earliness, terms.flow, terms.makespan) == (5, 7, 90, 6 * 2 + 10, 5)
    assert terms.total == 5 + 7 + 90 + 22 + 5


def test_fewer_late_lines_may_cost_more_lateness() -> None:
    jobs = [Job((one(0, 50),), line=0), *(Job((one(0, 10),), line=1 + n) for n in range(3))]
    problem = build_shop(jobs, [Machine()], [Line(50, 0.01), *(Line(10 * (n + 1), 0.01) for n in range(3))])
    charged = with_charges(problem, *[LineCharges(late=100.0)] * 4)
    for strategy in SEARCHES:
        outcome = strategy.schedule(charged, budget(1.0))
        assert evaluate(charged, outcome.require()).late == 100.0, strategy


def test_flow_asks_for_the_shortest_first_and_the_makespan_for_even_machines() -> None:
    jobs = [Job((one(0, minutes),), line=n) for n, minutes in enumerate((30, 10, 20))]
    problem = build_shop(jobs, [Machine()], [Line(10_000)] * 3)
    charged = with_charges(problem, *[LineCharges(flow=1.0)] * 3)
    for strategy in STRATEGIES:
        assert strategy.schedule(charged, budget(0.5)).objective == 10 + 30 + 60, strategy
    jobs = [Job((one(0, 10), one(1, 40)), line=0), Job((one(0, 40), one(1, 10)), line=1)]
    problem = build_shop(jobs, [Machine()] * 2, [Line(10_000)] * 2)
    charged = with_charges(problem, *[LineCharges()] * 2, makespan=2.0)
    for strategy in SEARCHES:
        outcome = strategy.schedule(charged, budget(0.5))
        assert outcome.objective == 2.0 * 60, strategy
        assert outcome.status is Status.OPTIMAL or strategy is not SEARCHES[0]


def test_an_early_line_waits_as_far_as_nothing_else_has_to_move() -> None:
    hours = spans(*((day * 100, day * 100 + 40) for day in range(50)))
    jobs = [Job((one(0, 30),), line=0, lead=5), Job((one(0, 20),), line=1), Job((one(0, 10),), line=2)]
    problem = build_shop(jobs, [Machine(calendar=1)], [Line(340), Line(130, 10.0), Line(420)], open_times=[hours])
    charged = with_charges(problem, *[LineCharges(early=1.0)] * 3)
    rough = ShopSchedule(np.arange(3), np.array([30, 0, 100]), np.array([100, 20, 110]), np.zeros(3, dtype=np.int64))
    made = settled(charged, rough)
    assert Slow(charged).faults(made) == []
    # 130 is reached at the end of the 20 minutes from 110 to 130; what leaves by 335 worked from 305
    assert evaluate(charged, made).earliness == pytest.approx(0.0)
    assert made.end.tolist() == [335, 130, 420]


def test_waiting_stops_at_the_due_date_the_next_task_and_the_makespan() -> None:
    jobs = [Job((one(0, 10),), line=0), Job((one(0, 10),), line=1)]
    problem = build_shop(jobs, [Machine()], [Line(50), Line(15)])
    early = LineCharges(early=1.0)
    made = Dispatch().schedule(with_charges(problem, early, early), budget(0.1)).require()
    assert made.start.tolist() == [40, 5]
    made = Dispatch().schedule(with_charges(problem, early, early, makespan=2.0), budget(0.1)).require()
    assert made.end.tolist() == [20, 10]
    flowing = LineCharges(early=1.0, flow=1.5)
    made = Dispatch().schedule(with_charges(problem, flowing, flowing), budget(0.1)).require()
    assert max(made.end.tolist()) == 20


@settings(max_examples=25)
@given(
    st.integers(0, 1 << 32),
    st.integers(2, 8),
    st.sets(
        st.sampled_from(["calendars", "unbreakable", "setups", "capacity", "fixed", "links", "timetables", "lags"])
    ),
)
def test_putting_off_breaks_nothing_and_never_costs_more(seed: int, jobs: int, features: set[str]) -> None:
    problem = charge(draw_shop(seed, jobs, *features, num_machines=3), seed, early=True)
    early = left_shift(problem, Dispatch().schedule(replace(problem, charges=None), budget(0.0)).require())
    made = put_off(problem, early)
    assert Slow(problem).faults(made) == []
    assert evaluate(problem, made).total <= evaluate(problem, early).total + 1e-9
    assert (made.end >= early.end).all()


@settings(max_examples=12)
@given(
    st.integers(0, 1 << 32), st.integers(2, 7), st.sampled_from([(), ("setups", "calendars"), ("links", "capacity")])
)
def test_answers_with_earliness_have_no_faults_and_respect_the_bound(
    seed: int, jobs: int, features: tuple[str, ...]
) -> None:
    problem = charge(draw_shop(seed, jobs, *features, num_machines=3), seed, early=True)
    start = Dispatch().schedule(problem, budget(0.0)).require()
    cost = evaluate(problem, start).total
    for strategy in STRATEGIES:
        outcome = strategy.schedule(problem, budget(0.2), start=start)
        made = outcome.require()
        assert Slow(problem).faults(made) == []
        assert outcome.objective == pytest.approx(evaluate(problem, made).total)
        assert outcome.bound - 1e-6 <= outcome.objective <= cost + 1e-9


def test_two_early_lines_on_one_machine_are_as_good_as_trying_every_time() -> None:
    for seed in range(12):
        random = np.random.default_rng(seed)
        works, dues = random.integers(3, 9, 2).tolist(), random.integers(5, 30, 2).tolist()
        weights = random.integers(1, 4, 2).astype(float).tolist()
        jobs = [Job((one(0, works[n]),), line=n) for n in range(2)]
        problem = build_shop(jobs, [Machine()], [Line(dues[n], weights[n]) for n in range(2)])
        charged = with_charges(problem, *(LineCharges(early=float(random.integers(0, 3)), late=3.0) for _ in range(2)))
        best = min(
            Slow(charged).cost([0, 1], [a + works[0], b + works[1]], [a, b], [0, 0])
            for a in range(40)
            for b in range(40)
            if a + works[0] <= b or b + works[1] <= a
        )
        outcome = CpSatScheduling().schedule(charged, budget(10.0))
        assert outcome.objective == pytest.approx(best), seed
        assert outcome.status is Status.OPTIMAL
