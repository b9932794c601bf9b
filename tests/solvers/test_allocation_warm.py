from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.solvers.choices import draw_sourcing

from orderopt.solvers.allocation import warm
from orderopt.solvers.allocation.lagrangian import Lagrangian
from orderopt.solvers.budget import Budget, Progress

if TYPE_CHECKING:
    from orderopt.solvers.allocation.warm import SourcingProblem


def test_what_compiling_takes_is_not_charged_to_the_strategy(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(warm, "is_compiled", lambda _: False)
    monkeypatch.setattr(warm, "warm_up", lambda *, search: time.sleep(0.3))
    now = time.monotonic()
    budget = Budget(seconds=0.2, workers=2, began=now, deadline=now + 0.25, on_progress=told.append)
    after = warm.await_kernels(budget, search=True)
    assert budget.is_over
    assert 0.0 < after.remaining <= 0.2
    assert [word.message for word in told] == ["compiling, once for this installation"]


def test_a_budget_stays_as_it_is_where_everything_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "is_compiled", lambda _: True)
    budget = Budget(seconds=1.0)
    assert warm.await_kernels(budget, search=True) is budget


def test_a_search_that_had_to_compile_first_is_made_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    problem: SourcingProblem = draw_sourcing(3, 12, scarce=0.3)
    monkeypatch.setattr(warm, "is_compiled", lambda _: False)
    outcome = Lagrangian().allocate(problem, Budget(seconds=0.3, workers=2))
    assert outcome.bound is not None


def test_warming_up_compiles_every_kernel_once_and_a_question_compiles_none_again() -> None:
    script = """
from orderopt.solvers.allocation import (
    kernels_prices, kernels_search, kernels_serve, kernels_slots, kernels_state
)
from orderopt.solvers.allocation.lagrangian import Lagrangian
from orderopt.solvers.allocation.warm import warm_up
from orderopt.solvers.budget import Budget
from tests.solvers.choices import draw_sourcing

doors = (
    kernels_prices.climb, kernels_prices.price_slots, kernels_prices.unit_prices, kernels_search.anneal,
    kernels_search.fill_in, kernels_search.good_slots, kernels_serve.adopt, kernels_serve.find_losses,
    kernels_serve.find_regrets, kernels_serve.give_up, kernels_serve.serve_in_order, kernels_serve.top_up,
    kernels_slots.count_slots, kernels_slots.fill_slots, kernels_state.whole_cost,
)
warm_up()
print({len(kernel.signatures) for kernel in doors})
for split in (False, True):
    Lagrangian().allocate(draw_sourcing(5, 30, split=split, scarce=0.4), Budget(0.5, workers=1))
print({len(kernel.signatures) for kernel in doors})
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert found == "{1}\n{1}\n"
