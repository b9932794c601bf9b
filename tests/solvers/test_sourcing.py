from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.choices import DAY, cost_slowly, draw_sourcing, every_choice, faults
from tests.solvers.hints import solve_model_at_hint

from orderopt.models.summary import Status
from orderopt.solvers.allocation import portfolio
from orderopt.solvers.allocation.greedy import Greedy, assign, cheaper, complete
from orderopt.solvers.allocation.portfolio import Portfolio
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, SourcingProblem, assignment_cost, pool_prices
from orderopt.solvers.cpsat.sourcing import CpSatAllocation, _SourcingModel
from orderopt.solvers.milp.sourcing import HighsAllocation
from orderopt.solvers.solver import AllocationStrategy

STRATEGIES = (Greedy(), CpSatAllocation(), HighsAllocation(), Portfolio())
questions = st.builds(
    draw_sourcing, st.integers(0, 1 << 32), st.integers(1, 8), split=st.booleans(), scarce=st.sampled_from([1.0, 0.4])
)


def budget(seconds: float = 5.0, workers: int = 1) -> Budget:
    return Budget(seconds=seconds, workers=workers)


def nothing(problem: SourcingProblem) -> Assignment:
    empty = np.zeros(problem.num_options, dtype=np.int64)
    return Assignment(empty, empty.copy())


@given(problem=questions)
def test_a_choice_costs_what_counting_by_hand_says(problem: SourcingProblem) -> None:
    choice = assign(problem)
    assert assignment_cost(problem, choice) == pytest.approx(cost_slowly(problem, choice))


def test_leaving_everything_unserved_costs_just_that() -> None:
    problem = draw_sourcing(0, 6, split=True)
    assert assignment_cost(problem, nothing(problem)) == problem.arrays.unserved_cost.sum()


def test_a_pool_costs_what_is_cheaper_bought_or_made_of_what_goes_in() -> None:
    prices = pool_prices(draw_sourcing(0, 1))
    assert prices.tolist() == [np.inf, np.inf, 3.0, 2.0 + 2 * 3.0]


@given(problem=questions)
def test_the_greedy_choice_keeps_pools_and_minutes_and_costs_no_more_than_serving_nobody(
    problem: SourcingProblem,
) -> None:
    outcome = Greedy().allocate(problem, budget())
    assert faults(problem, outcome.require()) == []
    assert outcome.objective == pytest.approx(assignment_cost(problem, outcome.require()))
    assert outcome.objective <= problem.arrays.unserved_cost.sum() + 1e-6


@pytest.mark.parametrize("strategy", STRATEGIES[1:], ids=lambda each: type(each).__module__)
@settings(max_examples=25)
@given(problem=questions)
def test_choices_keep_pools_and_parts_and_are_never_worse_than_the_greedy_one(
    strategy: AllocationStrategy, problem: SourcingProblem
) -> None:
    start = assign(problem)
    outcome = strategy.allocate(problem, budget(0.5), start=start)
    assert faults(problem, outcome.require(), check_minutes=False) == []
    assert outcome.objective == pytest.approx(assignment_cost(problem, outcome.require()))
    assert outcome.objective <= assignment_cost(problem, start) + 1e-9


@settings(max_examples=25)
@given(problem=questions)
def test_a_proven_choice_keeps_the_minutes_too(problem: SourcingProblem) -> None:
    outcome = CpSatAllocation().allocate(problem, budget(2.0), start=assign(problem))
    assert faults(problem, outcome.require()) == []


@settings(max_examples=25)
@given(problem=questions)
def test_the_choice_of_highs_keeps_the_minutes_too(problem: SourcingProblem) -> None:
    outcome = HighsAllocation().allocate(problem, budget(2.0, workers=2), start=assign(problem))
    assert faults(problem, outcome.require()) == []


@cache
def lowest(seed: int, scarce: float) -> float:
    """Return the lowest cost of all lawful choices of a question of three whole lines."""
    problem = draw_sourcing(seed, 3, scarce=scarce)
    return min(cost_slowly(problem, choice) for choice in every_choice(problem) if not faults(problem, choice))


@pytest.mark.parametrize("scarce", [1.0, 0.3])
def test_cpsat_chooses_as_well_as_by_trying_everything_and_its_bound_is_no_higher(scarce: float) -> None:
    for seed in range(8):
        problem = draw_sourcing(seed, 3, scarce=scarce)
        outcome = CpSatAllocation().allocate(problem, budget(20.0), start=nothing(problem))
        assert outcome.status is Status.OPTIMAL
        assert cost_slowly(problem, outcome.require()) == pytest.approx(lowest(seed, scarce), abs=0.05), seed
        assert outcome.bound <= lowest(seed, scarce) + 1e-6, seed


@settings(max_examples=25)
@given(problem=questions)
def test_the_greedy_choice_as_a_hint_is_a_solution_of_the_model(problem: SourcingProblem) -> None:
    model = _SourcingModel(problem)
    choice = assign(problem)
    model.hint(choice)
    reply = solve_model_at_hint(model.model, model.scale)
    assert reply.is_feasible
    assert not reply.is_refused
    assert reply.objective == pytest.approx(cost_slowly(problem, choice), abs=0.1)


@settings(max_examples=25)
@given(problem=questions)
def test_completing_a_choice_serves_anew_only_what_was_not_served_whole(problem: SourcingProblem) -> None:
    arrays, choice = problem.arrays, assign(problem)
    again = complete(problem, choice)
    for line in range(problem.num_lines):
        own = slice(int(arrays.option_ptr[line]), int(arrays.option_ptr[line + 1]))
        if choice.lots[own].sum() == arrays.lots[line]:
            assert again.lots[own].tolist() == choice.lots[own].tolist()
    assert assignment_cost(problem, complete(problem, nothing(problem))) <= arrays.unserved_cost.sum() + 1e-6


def test_the_cheaper_of_two_choices_is_kept() -> None:
    problem = draw_sourcing(4, 6)
    good, poor = assign(problem), nothing(problem)
    assert assignment_cost(problem, good) < assignment_cost(problem, poor)
    assert cheaper(problem, good, poor) is good
    assert cheaper(problem, poor, good) is good
    assert cheaper(problem, poor, None) is poor


@pytest.mark.parametrize(
    ("small", "medium", "large", "workers", "used"),
    [
        (10**9, 10**9, 10**9, 1, {"cpsat"}),
        (0, 10**9, 10**9, 1, {"lagrangian", "cpsat"}),
        (0, 10**9, 10**9, 2, {"lagrangian", "highs"}),
        (0, 0, 10**9, 1, {"lagrangian"}),
        (0, 0, 0, 2, {"lagrangian"}),
    ],
)
def test_the_portfolio_takes_what_fits_the_size(
    monkeypatch: pytest.MonkeyPatch, small: int, medium: int, large: int, workers: int, used: set[str]
) -> None:
    asked: set[str] = set()

    class Listening:
        def find(self, name: str) -> AllocationStrategy:
            asked.add(name)
            return Greedy()

    monkeypatch.setattr(portfolio, "SMALL", small)
    monkeypatch.setattr(portfolio, "MEDIUM", medium)
    monkeypatch.setattr(portfolio, "LARGE", large)
    monkeypatch.setattr(portfolio, "allocation", Listening())
    Portfolio().allocate(draw_sourcing(1, 5), budget(workers=workers))
    assert asked == used


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda each: type(each).__module__)
def test_no_lines_are_no_trouble(strategy: AllocationStrategy) -> None:
    outcome = strategy.allocate(draw_sourcing(0, 0), budget(1.0))
    assert outcome.objective == 0.0
    assert len(outcome.require().lots) == 0


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda each: type(each).__module__)
def test_lines_that_nobody_offers_stay_unserved(strategy: AllocationStrategy) -> None:
    problem = draw_sourcing(0, 2)
    arrays = problem.arrays
    empty = {
        name: getattr(arrays, name)[:0]
        for name in arrays._fields
        if name.startswith(("option_", "load_", "draw_", "unit_minutes")) and not name.endswith("_ptr")
    }
    bare = SourcingProblem(
        arrays._replace(
            **empty, option_ptr=arrays.option_ptr * 0, load_ptr=arrays.load_ptr[:1], draw_ptr=arrays.draw_ptr[:1]
        )
    )
    assert strategy.allocate(bare, budget(1.0)).objective == arrays.unserved_cost.sum()


def test_what_does_not_fit_into_a_day_any_more_goes_to_the_next() -> None:
    arrays = draw_sourcing(1, 4).arrays
    none, whole = np.zeros(4), np.zeros(4, dtype=np.int64)
    arrays = arrays._replace(
        option_ptr=np.arange(5),
        load_ptr=np.arange(5),
        load_group=whole,
        load_minutes=np.full(4, 300.0),
        unserved_cost=np.full(4, 100.0),
        minute_cost=np.full(4, 1.0 / DAY),
        load_fixed=none,
        draw_ptr=np.zeros(5, dtype=np.int64),
        draw_pool=whole[:0],
        draw_amount=none[:0],
        option_kind=whole + 1,
        option_ready=whole,
        option_lead=whole,
        option_lot_cost=none,
        option_fixed_cost=none,
        option_unit=whole,
        unit_minutes=none,
        line_due=np.full(4, DAY - 1),
        bucket_late=DAY * np.arange(1, 5) - 1,
    )
    # 480 minutes a day: the first leaves 180, with which the second holds two, the third the last
    assert sorted(assign(SourcingProblem(arrays)).bucket.tolist()) == [0, 1, 1, 2]


def two_units(num_lines: int, **more: object) -> SourcingProblem:
    """Return a question where unit 0 is cheaper than unit 1 for every line, and neither is short of minutes."""
    arrays, size = draw_sourcing(1, num_lines).arrays, 2 * num_lines
    none, whole = np.zeros(size), np.zeros(size, dtype=np.int64)
    units = np.tile([0, 1], num_lines)
    given = {
        "option_ptr": np.arange(0, size + 1, 2),
        "load_ptr": np.arange(size + 1),
        "load_group": units,
        "load_minutes": none + 10,
        "load_fixed": none,
        "draw_ptr": np.zeros(size + 1, dtype=np.int64),
        "draw_pool": whole[:0],
        "draw_amount": none[:0],
        "option_kind": whole + 1,
        "option_ready": whole,
        "option_lead": whole,
        "option_lot_cost": np.tile([10.0, 13.0], num_lines),
        "option_fixed_cost": none,
        "option_unit": units,
        "unit_minutes": none + 10,
        "unserved_cost": np.full(num_lines, 100.0),
        "line_due": np.full(num_lines, 4 * DAY),
    }
    return SourcingProblem(arrays._replace(**given | more))


def made_by_unit(problem: SourcingProblem) -> list[int]:
    lots = CpSatAllocation().allocate(problem, budget(10.0)).require().lots
    return [int(lots[problem.arrays.option_unit == unit].sum()) for unit in (0, 1)]


def test_a_unit_is_given_no_more_than_its_share() -> None:
    assert made_by_unit(two_units(4)) == [4, 0]
    assert made_by_unit(two_units(4, unit_share=np.array([0.5, 1.0]))) == [2, 2]
    assert made_by_unit(two_units(4, unit_share=np.array([0.4, 1.0]))) == [1, 3]


def test_load_is_spread_over_units_where_fairness_pays() -> None:
    open_minutes = np.array([100.0, 100.0])
    # a line that moves costs 3 more and narrows the spread by 0.2
    assert made_by_unit(two_units(4, unit_capacity=open_minutes, fairness_weight=14.0)) == [4, 0]
    assert made_by_unit(two_units(4, unit_capacity=open_minutes, fairness_weight=16.0)) == [2, 2]
