from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.hand_made import line, plant, step

from orderopt.models.consistency import derive_customers
from orderopt.models.network import ProductionUnit
from orderopt.rules.judge import judge_plan
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.compiled.sourcing import Assignment
from orderopt.solvers.scheduling import local_search
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.stages.allocate import allocate, read_parts
from orderopt.stages.carry import carry_over
from orderopt.stages.decisions import Decisions, complete, price, price_terms
from orderopt.stages.learn import corrected, learn
from orderopt.stages.loop import Loop, Round
from orderopt.stages.net import net
from orderopt.stages.plan import plan
from orderopt.stages.publish import publish
from orderopt.stages.realise import realise
from orderopt.stages.schedule import ask
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.strategy import find_strategy
from orderopt.stages.supply import Ledger
from orderopt.testing.generate import generate_snapshot

if TYPE_CHECKING:
    from orderopt.models.snapshot import Snapshot


@pytest.fixture(autouse=True)
def few_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second of a reproducible run stand for few moves."""
    monkeypatch.setattr(local_search, "MOVES_A_SECOND", 2_000)


class Recorded(Loop):
    """A loop that keeps its rounds."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.rounds: list[Round] = []

    def _schedule(self, *given: Any) -> Round:
        self.rounds.append(super()._schedule(*given))
        return self.rounds[-1]


def run_loop(snapshot: Snapshot, seconds: float = 2.0) -> tuple[Recorded, Round]:
    """Return the loop over a snapshot, run from the greedy choice, and its best round."""
    known = Plant(derive_customers(snapshot))
    ledger = Ledger(known)
    netting = net(known, ledger)
    parts, outcome, question = allocate(known, ledger, netting.rest, Budget(1.0, workers=1), "greedy")
    draft = realise(known, parts, question, netted=(ledger, netting))
    budget = Budget(seconds, workers=1, deadline=time.monotonic() + 600)  # work is counted, the clock does not matter
    loop = Recorded(known, find_strategy("local_search"), budget)
    return loop, loop.run(question, outcome.require(), draft)


@pytest.mark.usefixtures("compiled_kernels")
@settings(max_examples=5, deadline=None)
@given(st.integers(5, 30), st.integers(0, 1000), st.sampled_from([0.8, 1.3, 2.0]))
def test_the_best_round_is_never_worse_than_the_first_and_every_round_is_correct(
    num_lines: int, seed: int, load: float
) -> None:
    snapshot = generate_snapshot(num_lines, seed=seed, load=load)
    loop, best = run_loop(snapshot)
    assert best.cost == min(each.cost for each in loop.rounds) <= loop.rounds[0].cost
    assert [row["objective"] for row in loop.trace] == [each.cost for each in loop.rounds]
    for each in loop.rounds:
        decisions = complete(each.decisions.plant, each.draft, each.shop, each.schedule)
        verdict = judge_plan(derive_customers(snapshot), publish(decisions))
        assert verdict.violations == ()
        assert float(verdict.scorecard.objective) == pytest.approx(each.cost)


@pytest.mark.usefixtures("compiled_kernels")
def test_the_loop_takes_the_same_course_again_with_one_worker() -> None:
    snapshot = generate_snapshot(30, seed=5, load=1.5)
    once, again = run_loop(snapshot)[0].trace, run_loop(snapshot)[0].trace
    assert once == again
    assert len(once) > 2


def test_a_plan_in_which_all_is_in_time_needs_no_second_round() -> None:
    loop, best = run_loop(plant([line("A", 2, due=99)], [step("U1", 30)]))
    assert best.is_settled
    assert [row["round"] for row in loop.trace] == [1]


@pytest.mark.usefixtures("compiled_kernels")
def test_the_summary_tells_what_each_round_cost_and_corrected() -> None:
    summary = plan(generate_snapshot(30, seed=5, load=1.5), strategy="local_search", time_limit=8.0, workers=1).summary
    rows = [row for row in summary.trace if row["stage"] == "loop"]
    assert [row["round"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) > 1
    for row in rows:
        terms = [value for name, value in row.items() if name.startswith("cost_")]
        assert sum(terms) == pytest.approx(row["objective"])
    assert summary.objective <= rows[0]["objective"] + 1e-6
    assert any(row["minutes_taken"] for row in rows)


# ------------------------------------------------------------------------------------------------ learning


def crowded() -> tuple[SourcingQuestion, Assignment, Decisions]:
    """Return a choice in which one unit makes everything on the first day, and what comes of it."""
    lines = [line(name, 10, due=24) for name in "ABC"]
    units = [ProductionUnit(unit_id="U"), ProductionUnit(unit_id="V")]
    known = Plant(derive_customers(plant(lines, [step("U1", 60), step("V1", 61)], production_units=units)))
    ledger = Ledger(known)
    _, _, question = allocate(known, ledger, net(known, ledger).rest, Budget(1.0, workers=1), "greedy")
    arrays = question.problem.arrays
    lots = np.where(arrays.option_unit == known.unit_index["U"], np.repeat(arrays.lots, 2), 0)
    choice = Assignment(lots, np.zeros_like(lots))
    return question, choice, follow(known, question, choice)


def follow(known: Plant, question: SourcingQuestion, choice: Assignment) -> Decisions:
    """Return what a choice leads to, scheduled by dispatch."""
    draft = realise(known, read_parts(question, choice), question)
    shop = ask(known, draft.ledger.jobs, draft.parts)
    schedule = Dispatch().schedule(shop.problem, Budget(0.5, workers=1)).require()
    return complete(known, draft, shop, schedule)


def test_minutes_are_taken_from_the_machine_that_late_parts_waited_for() -> None:
    question, choice, decisions = crowded()
    lesson = learn(question, choice, decisions)
    used, other = (question.groups.index(frozenset({machine})) for machine in (0, 1))
    assert lesson.minutes[used, 0] == 600.0  # one part of three does not fit into the first day
    assert (lesson.minutes[other] == 0).all()
    assert (lesson.ready == question.problem.arrays.option_ready).all()


def test_what_ends_in_the_bucket_it_was_given_teaches_nothing() -> None:
    question, choice, decisions = crowded()
    late = [number for number, outlook in enumerate(decisions.outlooks) if outlook.tardiness]
    names = [outlook.line.name for outlook in decisions.outlooks]
    bucket = choice.bucket.copy()
    for number, (each, _) in enumerate(question.lines):
        bucket[2 * number : 2 * number + 2] = names.index(each.name) in late
    assert late
    assert (learn(question, Assignment(choice.lots, bucket), decisions).minutes == 0).all()


def test_a_source_that_is_late_without_waiting_is_slower_than_was_thought() -> None:
    question, choice, decisions = crowded()
    arrays = question.problem.arrays
    last = int(np.flatnonzero(choice.lots)[-1])
    alone = Assignment(np.where(np.arange(len(choice.lots)) == last, choice.lots, 0), choice.bucket)
    hurried = corrected(question, arrays.group_minutes, np.full_like(arrays.option_ready, 60))
    hurried.problem.arrays.line_due[:] = 60
    hurried.problem.arrays.bucket_end[0] = 60
    lesson = learn(hurried, alone, follow(decisions.plant, question, alone))
    assert lesson.ready[last] == 600
    assert (lesson.minutes <= 0).all()


def test_idle_minutes_are_given_back_where_lines_stay_unserved() -> None:
    question, choice, decisions = crowded()
    arrays = question.problem.arrays
    narrow = corrected(question, arrays.group_minutes * 0.0, arrays.option_ready)
    none = Assignment(choice.lots * 0, choice.bucket)
    lesson = learn(narrow, none, follow(decisions.plant, question, none))
    assert (lesson.minutes[:, 1] < -1000).all()


# ------------------------------------------------------------------------------------------------ carrying over


@settings(max_examples=8, deadline=None)
@given(st.integers(5, 40), st.integers(0, 1000))
def test_a_schedule_carried_over_to_its_own_question_is_no_worse(num_lines: int, seed: int) -> None:
    snapshot = derive_customers(generate_snapshot(num_lines, seed=seed))
    decisions = plan_greedily(Plant(snapshot))[2]
    problem = decisions.question.problem
    again = carry_over(decisions.question, decisions.schedule, decisions.question)
    assert (again.end <= decisions.schedule.end).all()
    assert evaluate(problem, again).tardiness <= evaluate(problem, decisions.schedule).tardiness


def plan_greedily(known: Plant) -> tuple[SourcingQuestion, Assignment, Decisions]:
    """Return a plan of the greedy choice."""
    ledger = Ledger(known)
    _, outcome, question = allocate(known, ledger, net(known, ledger).rest, Budget(1.0, workers=1), "greedy")
    choice = outcome.require()
    return question, choice, follow(known, question, choice)


@settings(max_examples=8, deadline=None)
@given(st.integers(5, 40), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_a_schedule_carried_over_to_another_choice_is_correct(num_lines: int, seed: int, random: Any) -> None:
    snapshot = derive_customers(generate_snapshot(num_lines, seed=seed))
    known = Plant(snapshot)
    question, choice, decisions = plan_greedily(known)
    arrays = question.problem.arrays
    lots = choice.lots.copy()
    for number in range(question.problem.num_lines):
        first, last = int(arrays.option_ptr[number]), int(arrays.option_ptr[number + 1])
        if last > first and random.random() < 0.3:
            lots[first:last] = 0
            lots[random.randrange(first, last)] = arrays.lots[number]
    draft = realise(known, read_parts(question, Assignment(lots, choice.bucket)), question)
    shop = ask(known, draft.ledger.jobs, draft.parts)
    schedule = carry_over(decisions.question, decisions.schedule, shop)
    assert schedule.is_complete
    made = complete(known, draft, shop, schedule)
    verdict = judge_plan(snapshot, publish(made))
    assert verdict.violations == ()
    assert price(made) == sum(price_terms(made).values()) == pytest.approx(float(verdict.scorecard.objective))
