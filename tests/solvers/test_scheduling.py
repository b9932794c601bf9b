from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from tests.solvers.hints import solve_at_hint
from tests.solvers.shops import FEATURES, Job, Line, Machine, Step, Way, build_shop, draw_shop, one, shops, spans
from tests.solvers.slow import Slow

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat import search
from orderopt.solvers.cpsat.scheduling import CpSatScheduling
from orderopt.solvers.cpsat.shop_model import ShopModel
from orderopt.solvers.cpsat.shop_rules import post_rules
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.limits import find_heads, job_limits, safe_horizon
from orderopt.solvers.scheduling.portfolio import Portfolio

if TYPE_CHECKING:
    from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule


def budget(seconds: float = 5.0, **more: object) -> Budget:
    return Budget(seconds=seconds, workers=1, **more)  # type: ignore[arg-type]


def seed_of(problem: ShopProblem) -> tuple[ShopSchedule, float]:
    """Return one quick schedule, so that something is left to improve."""
    made = Dispatch().schedule(problem, budget(0.0)).require()
    return made, evaluate(problem, made).total


def build_model(problem: ShopProblem) -> tuple[ShopModel, float]:
    """Return the model that the strategy builds, hinted by a quick schedule, and the cost of that."""
    best, cost = seed_of(problem)
    limits = job_limits(problem, find_heads(problem), cost, safe_horizon(problem))
    latest, _ = kernels.tails(problem.arrays, limits, np.ones(len(problem.open_times)))
    shop = post_rules(ShopModel(problem, find_heads(problem).start, latest, hint=best, tops=cost))
    shop.minimise()
    return shop, cost


# ------------------------------------------------------------------------------------------------ hints

KINDS = [
    (),
    *((name,) for name in FEATURES),
    ("setups", "calendars"),
    ("setups", "alternatives"),
    ("setups", "calendars", "alternatives", "unbreakable"),
    ("capacity", "calendars", "alternatives"),
    tuple(name for name in FEATURES if name != "fixed"),
    FEATURES,
]


@pytest.mark.parametrize("features", KINDS, ids=lambda names: "+".join(names) or "plain")
def test_the_hint_is_a_solution_of_the_model_and_costs_as_much(features: tuple[str, ...]) -> None:
    for seed in range(6):
        shop, cost = build_model(draw_shop(seed, 6, *features, num_machines=3))
        reply = solve_at_hint(shop)
        assert reply.is_feasible, seed
        assert reply.objective == pytest.approx(cost, abs=1e-2), seed
        assert not reply.is_refused, seed


@pytest.mark.parametrize("features", KINDS[:-1], ids=lambda names: "+".join(names) or "plain")
def test_the_hint_is_complete(features: tuple[str, ...]) -> None:
    shop, _ = build_model(draw_shop(1, 6, *(set(features) - {"fixed"}), num_machines=3))
    reply = solve_at_hint(shop)
    assert reply.num_hinted == reply.num_variables
    assert "The solution hint is complete and is feasible" in reply.log


# ------------------------------------------------------------------------------------------------ size


KINDS_COUNTED = ("interval", "no_overlap", "cumulative", "circuit", "exactly_one", "linear")


def count(shop: ShopModel) -> dict[str, int]:
    """Return how many variables, and how many constraints of each kind, a model has."""
    proto = shop.model.proto
    kinds = Counter(kind for each in proto.constraints for kind in KINDS_COUNTED if getattr(each, f"has_{kind}")())
    return {"variables": len(proto.variables), **kinds}


def test_a_plain_shop_has_one_interval_a_way_and_one_disjunction_a_machine() -> None:
    num_jobs = 10
    jobs = [Job((Step((Way(0, 10 + n), Way(1, 20))), one(2, 15)), line=n) for n in range(num_jobs)]
    shop, _ = build_model(build_shop(jobs, [Machine()] * 3, [Line(30)] * num_jobs))
    sizes = count(shop)
    # two real and two working times a task, a literal for each of two ways, how late each line is
    assert sizes["variables"] == num_jobs * (2 * 4 + 2 + 1)
    assert sizes["no_overlap"] == 3
    assert sizes["interval"] == num_jobs * 3
    assert sizes["exactly_one"] == num_jobs
    assert "circuit" not in sizes


def test_a_machine_with_setups_has_one_circuit_with_an_arc_for_each_pair() -> None:
    num_jobs = 6
    setups = {(1, 2): (5, 0.0), (2, 1): (5, 0.0)}
    jobs = [Job((one(0, 10, family=1 + n % 2),), line=n) for n in range(num_jobs)]
    shop, _ = build_model(build_shop(jobs, [Machine(setups=setups)], [Line(30)] * num_jobs))
    sizes = count(shop)
    assert sizes["circuit"] == 1
    (circuit,) = (each.circuit for each in shop.model.proto.constraints if each.has_circuit())
    assert len(circuit.literals) == num_jobs * (num_jobs - 1) + 2 * num_jobs
    assert sizes["variables"] == num_jobs * (4 + 1) + num_jobs * (num_jobs - 1) + 2 * num_jobs


def test_the_model_grows_with_the_open_spans_within_reach_and_not_with_the_whole_calendar() -> None:
    def variables(num_days: int) -> int:
        hours = spans(*((day * 1440, day * 1440 + 480) for day in range(num_days)))
        jobs = [Job((one(0, 100),), line=n) for n in range(8)]
        return count(build_model(build_shop(jobs, [Machine(calendar=1)], [Line(300)] * 8, open_times=[hours]))[0])[
            "variables"
        ]

    assert variables(1000) == variables(30)


# ------------------------------------------------------------------------------------------------ answers


@pytest.mark.parametrize(
    "features",
    [
        (),
        ("setups",),
        ("calendars", "unbreakable"),
        ("alternatives",),
        ("capacity",),
        ("links", "lags"),
        ("timetables",),
        tuple(name for name in FEATURES if name != "fixed"),
    ],
    ids=lambda names: "+".join(names) or "plain",
)
def test_tiny_shops_are_scheduled_as_well_as_by_trying_everything(features: tuple[str, ...]) -> None:
    tried = 0
    for seed in range(24):
        problem = draw_shop(seed, 3, *features)
        if problem.num_tasks > 4:
            continue
        tried += 1
        outcome = CpSatScheduling().schedule(problem, budget(20.0), start=seed_of(problem)[0])
        best = Slow(problem).best()
        assert outcome.objective == pytest.approx(best, abs=1e-6), seed
        assert outcome.status is Status.OPTIMAL
        assert outcome.bound == pytest.approx(best, abs=1e-2)
    assert tried >= 4


def test_work_may_pass_a_fixed_task_that_spares_a_changeover() -> None:
    for seed in range(8):
        problem = draw_shop(seed, 2, "fixed", "setups", most_steps=1)
        outcome = CpSatScheduling().schedule(problem, budget(20.0))
        assert outcome.objective == pytest.approx(Slow(problem).best(), abs=1e-6), seed


@settings(max_examples=8)
@given(problem=shops(least=4, most=8, num_machines=3))
def test_answers_have_no_faults_are_never_worse_than_the_start_and_never_below_the_bound(problem: ShopProblem) -> None:
    start, cost = seed_of(problem)
    for strategy in (CpSatScheduling(), Portfolio()):
        outcome = strategy.schedule(problem, budget(0.3), start=start)
        made = outcome.require()
        assert Slow(problem).faults(made) == []
        assert outcome.objective == pytest.approx(evaluate(problem, made).total)
        assert outcome.objective <= cost + 1e-9
        assert outcome.bound <= outcome.objective + 1e-9


def test_a_line_that_nothing_is_made_for_and_a_shop_without_tasks_are_no_trouble() -> None:
    empty = build_shop([], [Machine()], [])
    for strategy in (CpSatScheduling(), Portfolio()):
        outcome = strategy.schedule(empty, budget(1.0))
        assert (outcome.status, outcome.objective) == (Status.OPTIMAL, 0.0)


def test_only_fixed_tasks_are_left_as_they_are() -> None:
    jobs = [Job((one(0, 10, fixed=(5, 15, 0)),), line=0), Job((one(0, 10, fixed=(20, 30, 0)),))]
    problem = build_shop(jobs, [Machine()], [Line(10, 2.0)])
    outcome = CpSatScheduling().schedule(problem, budget(1.0))
    assert outcome.require().start.tolist() == [5, 20]
    assert (outcome.status, outcome.objective) == (Status.OPTIMAL, 10.0)


def test_load_is_spread_where_fairness_pays() -> None:
    jobs = [Job((Step((Way(0, 50), Way(1, 50))),), line=n) for n in range(4)]
    machines = [Machine(unit=0), Machine(unit=1, minute_cost=0.1)]
    lines = [Line(10_000)] * 4
    alone = build_shop(jobs, machines, lines)
    fair = build_shop(jobs, machines, lines, unit_capacity=[1000, 1000], fairness_weight=1000.0)
    for problem, split in ((alone, 0), (fair, 2)):
        made = CpSatScheduling().schedule(problem, budget(10.0)).require()
        assert int((problem.arrays.alt_resource[made.alternative] == 1).sum()) == split


def test_a_cancelled_search_returns_the_seed_at_once() -> None:
    problem = draw_shop(2, 40, "setups", "alternatives", num_machines=3)
    start, cost = seed_of(problem)
    cancel = threading.Event()
    cancel.set()
    outcome = CpSatScheduling().schedule(problem, budget(60.0, cancel=cancel), start=start)
    assert outcome.objective <= cost
    assert outcome.require().is_complete


def test_progress_is_told_in_currency() -> None:
    told: list[Progress] = []
    problem = draw_shop(4, 12, "setups", num_machines=2)
    outcome = CpSatScheduling().schedule(problem, budget(1.0, on_progress=told.append), start=seed_of(problem)[0])
    assert told
    assert all(word.stage == "schedule" for word in told)
    assert min(word.objective for word in told) == pytest.approx(outcome.objective, rel=1e-3)


def test_one_worker_gives_the_same_schedule_twice_where_the_clock_does_not_cut_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "REPLAY_RATE", 0.005)
    problem = draw_shop(6, 14, "setups", "calendars", num_machines=2)
    first, second = (CpSatScheduling().schedule(problem, budget(20.0)).require() for _ in range(2))
    assert first.start.tolist() == second.start.tolist()
    assert first.alternative.tolist() == second.alternative.tolist()
