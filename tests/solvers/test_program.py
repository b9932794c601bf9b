from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.solvers.choices import cost_slowly, draw_sourcing, every_choice, faults

from orderopt.solvers.allocation.greedy import assign
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import SourcingProblem
from orderopt.solvers.milp.program import Served, solve


def solved(problem: SourcingProblem, *, whole: bool) -> Served:
    served = solve(problem, Budget(seconds=20.0, workers=1), whole=whole)
    assert served is not None
    return served


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("scarce", [1.0, 0.3])
def test_no_lawful_choice_costs_less_than_the_bound(whole: bool, scarce: float) -> None:
    for seed in range(8):
        problem = draw_sourcing(seed, 3, scarce=scarce)
        bound = solved(problem, whole=whole).bound
        costs = [cost_slowly(problem, choice) for choice in every_choice(problem) if not faults(problem, choice)]
        assert bound <= min(costs) + 1e-6, seed
        if whole:
            assert bound == pytest.approx(min(costs), rel=1e-3, abs=1e-6), seed


@settings(max_examples=30)
@given(problem=st.builds(draw_sourcing, st.integers(0, 1 << 32), st.integers(1, 10), split=st.booleans()))
def test_fractions_cost_no_more_than_whole_lots_and_those_no_more_than_greedy(problem: SourcingProblem) -> None:
    loose, tight = solved(problem, whole=False), solved(problem, whole=True)
    assert loose.bound <= tight.objective + 1e-6
    assert loose.is_optimal
    assert tight.bound <= cost_slowly(problem, assign(problem)) + 1e-6


@settings(max_examples=30)
@given(problem=st.builds(draw_sourcing, st.integers(0, 1 << 32), st.integers(1, 10), split=st.booleans()))
def test_no_line_is_served_more_than_it_wants_and_whole_lots_are_whole(problem: SourcingProblem) -> None:
    for whole in (False, True):
        lots, arrays = solved(problem, whole=whole).lots, problem.arrays
        assert (lots >= -1e-7).all()
        for line in range(problem.num_lines):
            own = lots[int(arrays.option_ptr[line]) : int(arrays.option_ptr[line + 1])]
            assert own.sum() <= arrays.lots[line] + 1e-6
        if whole:
            assert np.allclose(lots, np.round(lots), atol=1e-5)


def test_highs_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    solved(draw_sourcing(1, 4), whole=True)
    os.write(1, b"after\n")
    assert capfd.readouterr().out == "after\n"


def test_a_cancelled_search_stops() -> None:
    budget = Budget(seconds=60.0, workers=1)
    budget.cancel.set()
    served = solve(draw_sourcing(3, 60, split=True, scarce=0.3), budget, whole=True)
    assert served is None or not served.is_optimal
