from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given, settings
from tests.solvers.shops import Job, Line, Machine, build_shop, draw_shop, one, shops

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling import bounded
from orderopt.solvers.scheduling.bounded import Bounded
from orderopt.solvers.scheduling.bounds import find_floor
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.local_search import LocalSearch

NAMES = ("dispatch", "local_search", "lns", "cpsat", "auto")


def queue(count: int) -> ShopProblem:
    """Return jobs of ten minutes that wait for one machine, all due at once."""
    return build_shop([Job((one(0, 10),), line=n) for n in range(count)], [Machine()], [Line(0, 1.0)] * count)


@pytest.mark.parametrize("name", NAMES)
def test_every_strategy_knows_that_load_makes_late(name: str) -> None:
    problem = queue(30)
    outcome = scheduling.find(name).schedule(problem, Budget(seconds=1.0, workers=1, deadline=time.monotonic() + 600))
    assert outcome.objective == pytest.approx(4650.0)
    assert find_heads(problem).bound == 300.0
    assert 4400.0 <= outcome.bound <= 4650.0 + 1e-6


@settings(max_examples=10)
@given(problem=shops(least=4, most=12, num_machines=3))
def test_an_outcome_keeps_its_answer_and_never_lowers_its_bound(problem: ShopProblem) -> None:
    budget = Budget(seconds=0.3, workers=1)
    plain = Dispatch().schedule(problem, budget.part(0.9 * budget.seconds))
    outcome = Bounded(Dispatch()).schedule(problem, budget)
    assert outcome.objective == plain.objective == pytest.approx(evaluate(problem, outcome.require()).total)
    assert plain.bound - 1e-9 <= outcome.bound <= outcome.objective
    assert (outcome.status is Status.OPTIMAL) == (outcome.objective <= outcome.bound * (1 + 1e-9))


def test_a_bound_that_is_met_is_a_proof() -> None:
    jobs = [Job((one(0, 10),), line=0) for _ in range(10)]
    problem = build_shop(jobs, [Machine()], [Line(0, 1.0)])
    assert Dispatch().schedule(problem, Budget(seconds=0.5)).status is Status.FEASIBLE
    outcome = Bounded(Dispatch()).schedule(problem, Budget(seconds=0.5, workers=1))
    assert (outcome.status, outcome.objective, outcome.bound, outcome.reason) == (
        Status.OPTIMAL,
        100.0,
        100.0,
        "proven",
    )


def test_with_one_worker_the_bound_is_the_same_each_time() -> None:
    problem = draw_shop(3, 40, "alternatives", "links", num_machines=3)
    first, second = (scheduling.find("dispatch").schedule(problem, Budget(seconds=2.0, workers=1)) for _ in range(2))
    assert (first.bound, first.objective) == (second.bound, second.objective)


def test_who_cancels_gets_the_bound_of_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "find_bound", lambda *_, **__: pytest.fail("nobody waits for a bound"))
    cancel = threading.Event()
    cancel.set()
    problem = queue(5)
    outcome = Bounded(Dispatch()).schedule(problem, Budget(seconds=60.0, cancel=cancel))
    assert outcome.require().is_complete
    assert outcome.bound == find_heads(problem).bound


def test_a_bound_that_would_have_to_be_compiled_is_left_out_where_time_is_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounded, "is_compiled", lambda _: False)
    problem = queue(5)
    assert Bounded(Dispatch()).schedule(problem, Budget(seconds=0.5, workers=2)).bound == 50.0
    assert Bounded(Dispatch()).schedule(problem, Budget(seconds=0.5, workers=1)).bound > 100.0


@pytest.mark.parametrize(("found", "share"), [(0.0, 0.98), (1e9, 0.88)])
def test_where_no_bound_is_in_sight_the_search_gets_its_time(
    monkeypatch: pytest.MonkeyPatch, found: float, share: float
) -> None:
    given: list[float] = []

    class Measured(Dispatch):
        def schedule(
            self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
        ) -> Outcome[ShopSchedule]:
            given.append(budget.seconds)
            return super().schedule(problem, budget, start=start)

    monkeypatch.setattr(bounded, "find_bound", lambda *_, **__: found)
    outcome = Bounded(Measured(share=0.01)).schedule(queue(200), Budget(seconds=10.0, workers=1))
    assert given == [pytest.approx(share * 10.0)]
    assert outcome.bound is not None


def test_a_portfolio_looks_for_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[ShopSchedule] = []
    monkeypatch.setattr(bounded, "find_bound", lambda _, schedule, **__: asked.append(schedule) or 0.0)
    made = scheduling.find("auto").schedule(queue(200), Budget(seconds=0.5, workers=1, deadline=time.monotonic() + 600))
    assert [evaluate(queue(200), each).total for each in asked] == [made.objective]


def test_no_answer_needs_no_bound() -> None:
    class Helpless:
        def schedule(
            self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
        ) -> Outcome[ShopSchedule]:
            return Outcome(Status.UNKNOWN, None, reason="too hard")

    assert Bounded(Helpless()).schedule(queue(3), Budget(seconds=0.1)).bound is None


def test_local_search_stops_where_the_load_of_a_line_is_met() -> None:
    jobs = [Job((one(0, 10), one(1, 5)), line=0) for _ in range(10)]
    problem = build_shop(jobs, [Machine(), Machine()], [Line(0, 1.0)])
    outcome = LocalSearch().schedule(problem, Budget(seconds=0.5, workers=1))
    assert find_heads(problem).bound == 15.0
    assert find_floor(problem) == 105.0
    assert (outcome.status, outcome.objective) == (Status.OPTIMAL, 105.0)
