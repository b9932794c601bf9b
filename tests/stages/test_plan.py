from __future__ import annotations

import re
import sys
import threading
import time
from typing import Any, ClassVar

import pandas as pd
import pytest
from tests.properties.hand_made import START, at, line, plant, step
from tests.stages.drafts import plan_best, plan_well, rows

import orderopt
from orderopt.errors import IncorrectPlanError, InputError, UnknownStrategyError
from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.item import BomLine, Item
from orderopt.models.network import ProductionUnit, Resource, Stock
from orderopt.models.order import Order
from orderopt.models.policy import Policy
from orderopt.models.summary import Status
from orderopt.rules.judge import judge_plan
from orderopt.solvers.allocation.greedy import Greedy
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.registry import Registry, scheduling
from orderopt.solvers.scheduling import local_search
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.stages import schedule as schedule_stage
from orderopt.stages import strategy as strategy_stage
from orderopt.stages.candidates import gather
from orderopt.stages.plan import plan
from orderopt.stages.strategy import find_strategy
from orderopt.testing.generate import generate_snapshot

PLAIN = plant([line("A", 2, due=0.5), line("B", 1, due=0.5)], [step("U1", 30)])


# ------------------------------------------------------------------------------------------------ time


@pytest.fixture(scope="module")
def busy() -> Any:
    """Return a plant of 200 lines, planned once so that everything is compiled."""
    snapshot = generate_snapshot(200, seed=3)
    plan(snapshot, time_limit=1.0)
    return snapshot


@pytest.mark.serial
@pytest.mark.parametrize("limit", [2.0, 5.0])
def test_two_hundred_lines_are_planned_within_the_time_limit(busy: Any, limit: float) -> None:
    began = time.monotonic()
    made = plan(busy, time_limit=limit)
    assert time.monotonic() - began < limit * 1.1 + 2.0
    assert made.summary.time_limit == limit
    assert len(made.promises) == 200


@pytest.mark.serial
def test_ten_times_the_work_that_there_is_time_for_still_ends_in_time() -> None:
    snapshot = generate_snapshot(200, seed=3, load=10.0)
    began = time.monotonic()
    made = plan(snapshot, time_limit=2.0)
    assert time.monotonic() - began < 2.0 * 1.1 + 4.0
    assert judge_plan(snapshot, made.to_frames()).violations == ()


@pytest.mark.serial
def test_a_caller_who_cancels_gets_the_best_plan_so_far_at_once(busy: Any) -> None:
    cancel = threading.Event()
    timer = threading.Timer(1.0, cancel.set)
    began = time.monotonic()
    timer.start()
    made = plan(busy, time_limit=120.0, cancel=cancel)
    assert time.monotonic() - began < 15.0
    assert made.summary.stop_reason == "cancelled"
    assert judge_plan(busy, made.to_frames()).violations == ()


def test_cancelled_before_it_begins_planning_still_gives_a_correct_plan() -> None:
    cancel = threading.Event()
    cancel.set()
    snapshot = generate_snapshot(10, seed=1)
    made = plan(snapshot, time_limit=60.0, cancel=cancel, workers=1)
    assert made.summary.stop_reason == "cancelled"
    assert judge_plan(snapshot, made.to_frames()).violations == ()


def test_the_one_model_is_not_begun_once_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(
        sys.modules["orderopt.stages.plan"], "gather", lambda plant: begun.append(plant) or gather(plant)
    )
    plan(generate_snapshot(8, seed=1), time_limit=5.0, started=time.monotonic() - 60.0, workers=1)
    assert begun == []


def test_the_limit_counts_from_when_the_caller_says() -> None:
    told: list[Progress] = []
    made = plan(PLAIN, time_limit=5.0, started=time.monotonic() - 60.0, workers=1, on_progress=told.append)
    assert told[0].seconds >= 60.0
    assert judge_plan(PLAIN, made.to_frames()).violations == ()


# ------------------------------------------------------------------------------------------------ progress


def test_progress_is_told_stage_by_stage_with_growing_seconds() -> None:
    told: list[Progress] = []
    made = plan(generate_snapshot(12, seed=2), time_limit=1.0, workers=1, on_progress=told.append)
    seconds = [word.seconds for word in told]
    assert seconds == sorted(seconds)
    stages = list(dict.fromkeys(word.stage for word in told))
    assert stages[:4] == ["compile", "bound", "net", "allocate"]
    assert {"explode", "schedule", "ship", "publish", "judge"} <= set(stages)
    assert (told[-1].stage, told[-1].objective, told[-1].bound) == ("done", made.summary.objective, made.summary.bound)


# ------------------------------------------------------------------------------------------------ again


@pytest.mark.usefixtures("compiled_kernels")
@pytest.mark.parametrize("snapshot", [PLAIN, generate_snapshot(8, seed=4)], ids=["plain", "generated"])
@pytest.mark.parametrize("strategy", ["dispatch", "greedy+local_search"])
def test_one_worker_gives_identical_tables_twice_where_the_clock_does_not_cut_in(
    monkeypatch: pytest.MonkeyPatch, snapshot: Any, strategy: str
) -> None:
    monkeypatch.setattr(local_search, "MOVES_A_SECOND", 2_000)
    once, again = (plan(snapshot, strategy=strategy, time_limit=30.0, seed=7, workers=1).to_frames() for _ in range(2))
    for name, table in once.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_planning_changes_nothing_of_the_snapshot() -> None:
    snapshot = generate_snapshot(8, seed=5)
    before = snapshot.model_dump_json()
    plan(snapshot, strategy="dispatch", time_limit=2.0)
    assert snapshot.model_dump_json() == before


# ------------------------------------------------------------------------------------------------ strategies


def test_an_unknown_strategy_lists_those_there_are() -> None:
    with pytest.raises(
        UnknownStrategyError,
        match=r"'best'.*auto, integrated, loop, cpsat, .*lns, dispatch.*greedy.*highs.*dispatch, lns",
    ):
        plan(PLAIN, strategy="best")


@pytest.mark.parametrize("name", ["greedy+nothing", "nothing+lns", "+", "greedy+"])
def test_a_pair_with_an_unknown_half_is_unknown(name: str) -> None:
    with pytest.raises(UnknownStrategyError, match=re.escape(name)):
        find_strategy(name)


def test_a_pair_names_one_strategy_of_each_kind() -> None:
    found = find_strategy("highs+lns")
    assert (found.name, found.allocation, found.scheduling, found.integrated) == ("highs+lns", "highs", "lns", False)


@pytest.mark.parametrize(
    "name",
    ["auto", "integrated", "loop", "cpsat", "lns", "dispatch", "highs+lns", "cpsat+dispatch", "greedy+local_search"],
)
def test_every_strategy_makes_a_correct_plan_under_its_name(name: str) -> None:
    snapshot = generate_snapshot(8, seed=6)
    made = plan(snapshot, strategy=name, time_limit=0.5, workers=1)
    assert made.summary.strategy == name
    assert judge_plan(snapshot, made.to_frames()).violations == ()


class Outside:
    """A strategy from elsewhere, which notes that it was asked."""

    asked: ClassVar[list[int]] = []

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        self.asked.append(problem.num_tasks)
        return Dispatch().schedule(problem, budget, start=start)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> str:
    """Register the outside strategy for the time of a test."""
    monkeypatch.setattr(scheduling, "_registered", {"outside": Outside})
    monkeypatch.setattr(Outside, "asked", [])
    return "outside"


def test_a_strategy_registered_by_name_is_used(registered: str) -> None:
    made = plan(PLAIN, strategy=f"greedy+{registered}", time_limit=2.0)
    assert Outside.asked == [2]
    assert made.summary.strategy == "greedy+outside"
    assert isinstance(scheduling, Registry)


def test_a_strategy_that_breaks_the_rules_is_caught_by_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(Outside):
        def schedule(self, problem: ShopProblem, budget: Budget, *, start: Any = None) -> Outcome[ShopSchedule]:
            made = Dispatch().schedule(problem, budget).require()
            early = ShopSchedule(made.alternative, made.start * 0, made.end - made.start, made.setup)
            return Outcome(Status.FEASIBLE, early, evaluate(problem, early).total)

    monkeypatch.setattr(scheduling, "_registered", {"wrong": Wrong})
    with pytest.raises(IncorrectPlanError, match=r"greedy\+wrong made an incorrect plan"):
        plan(PLAIN, strategy="greedy+wrong", time_limit=2.0)


def test_a_snapshot_that_contradicts_itself_is_refused_with_all_faults() -> None:
    broken = PLAIN.replace(items=[], customers=[])
    with pytest.raises(InputError) as caught:
        plan(broken)
    assert len(caught.value.findings) > 1


# ------------------------------------------------------------------------------------------------ the summary


def test_the_summary_says_what_the_plan_costs_how_good_it_is_and_how_it_came_about() -> None:
    made = plan(PLAIN, time_limit=5.0, seed=11, workers=1)
    summary = made.summary
    assert (summary.status, summary.objective, summary.bound, summary.gap) == (Status.OPTIMAL, 150.0, 150.0, 0.0)
    assert summary.objective == sum(value * summary.weights[term] for term, value in summary.terms.items())
    assert (summary.seed, summary.workers, summary.time_limit, summary.stop_reason) == (11, 1, 5.0, "proven")
    assert summary.peak_memory_mb > 50
    assert re.fullmatch(r"[0-9a-f]{64}", summary.input_hash)
    assert set(summary.versions) >= {"python", "orderopt", "ortools", "numpy", "pandas"}
    assert summary.versions["orderopt"] == orderopt.__version__
    assert summary.counts["lines"] == 2
    assert {"compile", "net", "schedule", "judge"} <= set(summary.seconds)
    assert list(dict.fromkeys(entry["stage"] for entry in summary.trace))[:3] == ["allocate", "loop", "schedule"]


@pytest.mark.parametrize("seed", range(2))
def test_the_bound_is_never_above_the_objective(seed: int) -> None:
    summary = plan(generate_snapshot(10, seed=seed), time_limit=1.0).summary
    assert summary.bound <= summary.objective
    assert summary.gap == pytest.approx((summary.objective - summary.bound) / summary.objective)


def test_the_input_hash_follows_the_facts_and_nothing_else() -> None:
    def hash_of(snapshot: Any, **more: Any) -> str:
        return plan(snapshot, strategy="dispatch", time_limit=2.0, **more).summary.input_hash

    assert hash_of(PLAIN) == hash_of(PLAIN, seed=5)
    other = PLAIN.replace(order_lines=[line("A", 2, due=0.5), line("B", 1, due=0.6)])
    assert hash_of(other) != hash_of(PLAIN)


# ------------------------------------------------------------------------------------------------ odd plants


def test_chinese_names_survive_everywhere() -> None:
    snapshot = plant(
        [line("订单一", 2, due=9, item="桌子", may_split=True)],
        [step("机器甲", 30, item="桌子")],
        bom=[BomLine(item_id="桌子", component_id="木板", quantity_per=1)],
        stock=[Stock(item_id="木板", on_hand=2, site="上海")],
    )
    made = plan_well(snapshot)
    assert rows(made.schedule, "order_id", "item_id", "resource_id", "unit_id") == [("订单一", "桌子", "机器甲", "机")]
    assert ("stock", "木板@上海", "木板", 2, "job") in rows(
        made.pegging, "supply_type", "supply_id", "item_id", "quantity", "demand_type"
    )
    assert "机器甲" in made.promises["explanation"][0]


@pytest.mark.parametrize("strategy", ["auto", "dispatch", "cpsat", "lns", "highs+lns"])
def test_a_snapshot_without_lines_gives_empty_tables(strategy: str) -> None:
    made = plan_well(plant([], [step("U1", 30)], items=[Item(item_id="P")]), strategy)
    assert all(len(frame) == 0 for frame in made.to_frames().values())
    assert (made.summary.objective, made.summary.status) == (0.0, Status.OPTIMAL)


def test_orders_that_have_all_ended_leave_nothing_to_plan() -> None:
    ended = [
        Order(order_id="A", customer_id="K", status="Completed"),
        Order(order_id="B", customer_id="K", status="cancelled"),
    ]
    made = plan_well(PLAIN.replace(orders=ended))
    assert all(len(frame) == 0 for frame in made.to_frames().values())
    assert made.summary.objective == 0.0


def reasons(snapshot: Any, strategy: str = "auto") -> list[tuple[Any, ...]]:
    """Return source and reason of every part."""
    return rows(plan_well(snapshot, strategy).allocation, "source_type", "source_id", "reason")


@pytest.mark.parametrize("strategy", ["auto", "dispatch"])
def test_where_nothing_can_be_served_everything_is_unserved_with_a_reason(strategy: str) -> None:
    snapshot = plant([line("A", 2, due=9, destination="D"), line("B", 1, due=9, item="Q")], [step("U1", 30)])
    assert reasons(snapshot, strategy) == [
        ("unserved", None, "unit U: no lane leads to D"),
        ("unserved", None, "no stock, receipt, unit or supplier offers Q"),
    ]
    summary = plan_best(snapshot).summary
    assert summary.objective == 200_000.0


@pytest.mark.parametrize("strategy", ["auto", "dispatch"])
def test_a_resource_that_never_opens_serves_nobody(strategy: str) -> None:
    snapshot = plant(
        [line("A", 2, due=9)],
        [step("U1", 30)],
        resources=[Resource(resource_id="U1", unit_id="U", calendar_id="never")],
        calendar_exceptions=[CalendarException(calendar_id="never", starts_at=at(0), ends_at=at(1), open=False)],
    )
    assert reasons(snapshot, strategy) == [
        ("unserved", None, "unit U: step 10 fits into no open window of its resources")
    ]


@pytest.mark.parametrize("strategy", ["auto", "dispatch"])
def test_unbreakable_work_that_is_longer_than_every_window_is_unserved_with_that_reason(strategy: str) -> None:
    shifts = [Shift(calendar_id="day", weekday=day, opens="08:00", closes="16:00") for day in range(5)]
    snapshot = plant(
        [line("A", 9, due=99)],
        [step("U1", 60, breakable=False)],
        calendars=shifts,
        resources=[Resource(resource_id="U1", unit_id="U", calendar_id="day")],
    )
    assert reasons(snapshot, strategy) == [
        ("unserved", None, "unit U: step 10 fits into no open window of its resources")
    ]
    breakable = snapshot.replace(operations=[step("U1", 60)])
    assert [kind for kind, _, _ in reasons(breakable, strategy)] == ["unit"]


def test_a_component_that_nobody_has_is_named() -> None:
    snapshot = plant(
        [line("A", 2, due=9)], [step("U1", 30)], bom=[BomLine(item_id="P", component_id="C", quantity_per=1)]
    )
    assert reasons(snapshot, "dispatch") == [("unserved", None, "unit U: a component cannot be had")]


def test_a_unit_makes_no_more_than_its_share_and_what_it_gives_up_is_said() -> None:
    lines = [line("A", 2, due=9), line("B", 2, due=9)]
    units = [ProductionUnit(unit_id="U", max_share="0.5"), ProductionUnit(unit_id="V")]
    snapshot = plant(lines, [step("U1", 30), step("V1", 60)], production_units=units)
    assert sorted(rows(plan_best(snapshot).allocation, "source_id")) == [("U",), ("V",)]
    alone = snapshot.replace(operations=[step("U1", 30)], resources=[Resource(resource_id="U1", unit_id="U")])
    found = reasons(alone, "dispatch")
    assert found == [("unserved", None, "unit U may make no larger share")] * 2


@pytest.mark.parametrize("strategy", ["cpsat", "dispatch", "highs+dispatch"])
def test_what_one_unit_may_not_make_another_makes_where_the_stages_decide(strategy: str) -> None:
    units = [ProductionUnit(unit_id="U", max_share="0.5"), ProductionUnit(unit_id="V")]
    lines = [line(name, 2, due=99) for name in "ABCD"]
    snapshot = plant(lines, [step("U1", 30), step("V1", 40)], production_units=units)
    assert plan_well(snapshot, strategy).summary.terms["unserved"] == 0.0


def test_nothing_new_starts_before_what_is_frozen_ends() -> None:
    made = plan_well(PLAIN.replace(settings=Policy(horizon_start=START, frozen_until=at(2))))
    assert made.schedule["start"].min() == at(2)


def test_the_stages_know_the_registries_that_callers_fill() -> None:
    assert schedule_stage.scheduling is strategy_stage.scheduling is scheduling
    assert "greedy" in strategy_stage.allocation.names()
    assert isinstance(strategy_stage.allocation.find("greedy"), Greedy)
