from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from benchmarks.scheduling.check import judge
from benchmarks.scheduling.generate import flexible_job_shop
from benchmarks.scheduling.instance import Answer, Objective, ShopInstance, build_instance
from benchmarks.scheduling.place import place_in_order
from hypothesis import given, settings
from hypothesis import strategies as st


def build() -> tuple[ShopInstance, Answer]:
    """Return two jobs of two operations: machine 0 has setups, machine 1 does two at once and rests from 10 to 20."""
    setups = np.array([[0, 0, 0], [0, 0, 2], [0, 3, 0]])
    instance = build_instance(
        "two",
        "by hand",
        Objective.TARDINESS,
        [[[(0, 4), (1, 9)], [(1, 8)]], [[(0, 5)], [(1, 6)]]],
        2,
        release=[0, 1],
        due=[12, 11],
        weight=[1.0, 3.0],
        deadline=[40, 50],
        families=[1, 0, 2, 0],
        capacity=[1, 2],
        setups=[setups, None],
    )
    instance = replace(
        instance, calendars=(np.array([[0, 10], [20, 60]]),), machine_calendar=np.array([-1, 0], dtype=np.int64)
    )
    return instance, place_in_order(instance, np.array([0, 2, 3, 4]), [0, 1, 2, 3])


def change(answer: Answer, field: str, operation: int, by: int) -> Answer:
    column = getattr(answer, field).copy()
    column[operation] += by
    return replace(answer, **{field: column})


def test_a_right_answer_is_accepted_and_counted() -> None:
    instance, answer = build()
    assert answer.start.tolist() == [0, 4, 4, 20]
    assert answer.end.tolist() == [4, 22, 11, 26]  # 6 minutes before the rest and 2 after; setup 2 and 5 of work
    assert answer.setup.tolist() == [0, 0, 2, 0]
    verdict = judge(instance, answer)
    assert verdict.is_accepted
    assert verdict.objective == 1 * (22 - 12) + 3 * (26 - 11)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (lambda a: change(a, "option", 0, 2), "operation 0 takes an option that is not its own"),
        (lambda a: replace(a, end=a.end[:-1]), "not every one of 4 operations"),
        (lambda a: change(change(a, "start", 0, -1), "end", 0, -1), "operation 0 starts before its job is released"),
        (lambda a: change(change(a, "start", 1, -1), "end", 1, -1), "operation 1 starts before the one before it"),
        (lambda a: change(a, "end", 2, -1), "operation 2 does not take the minutes"),
        (lambda a: change(a, "end", 0, 1), "operation 0 does not take the minutes"),
        (lambda a: change(change(a, "start", 2, -1), "end", 2, -1), "operation 2 overlaps the one before it"),
        (lambda a: change(change(a, "setup", 2, -2), "end", 2, -2), "operation 2 has not the setup"),
        (lambda a: change(change(a, "setup", 0, 2), "end", 0, 2), "operation 0 has not the setup"),
        (lambda a: change(a, "start", 3, -9), "operation 3 starts or ends in closed hours"),
        (lambda a: change(change(a, "setup", 3, -1), "end", 3, -1), "operation 3 has a negative setup"),
        (lambda a: change(change(a, "start", 1, 28), "end", 1, 19), "job 0 ends after its deadline"),
    ],
)
def test_a_broken_answer_is_rejected_with_its_reason(broken, complaint: str) -> None:  # type: ignore[no-untyped-def]
    instance, answer = build()
    verdict = judge(instance, broken(answer))
    assert not verdict.is_accepted
    assert any(said.startswith(complaint) for said in verdict.complaints), verdict.complaints


def test_more_at_once_than_a_machine_does_is_rejected() -> None:
    instance, answer = build()
    narrow = replace(instance, capacity=np.array([1, 1]))
    assert any("overlaps" in said for said in judge(narrow, answer).complaints)
    jobs = build_instance("three", "by hand", Objective.MAKESPAN, [[[(0, 5)]]] * 3, 1, capacity=[2])
    at_once = Answer(np.arange(3), np.zeros(3, np.int64), np.full(3, 5), np.zeros(3, np.int64))
    assert judge(jobs, at_once).complaints == ("3 operations at once on machine 0, which does 2",)
    one_later = replace(at_once, start=np.array([0, 0, 5]), end=np.array([5, 5, 10]))
    assert judge(jobs, one_later).objective == 10


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    setups=st.booleans(),
    calendars=st.booleans(),
    operation=st.integers(0, 39),
    field=st.sampled_from(["start", "end", "setup"]),
    by=st.sampled_from([-7, -1, 1, 7]),
)
def test_no_single_change_of_a_tight_schedule_passes(
    seed: int, setups: bool, calendars: bool, operation: int, field: str, by: int
) -> None:
    instance = flexible_job_shop(40, 3, setups, seed, calendars)
    random = np.random.default_rng(seed)
    option = instance.option_ptr[:-1] + random.integers(0, np.diff(instance.option_ptr))
    jobs = random.permutation(instance.operation_job)
    following = instance.job_ptr[:-1].copy()
    order = []
    for job in jobs.tolist():
        order.append(int(following[job]))
        following[job] += 1
    answer = place_in_order(instance, option, order)
    assert judge(instance, answer).complaints == ()
    assert not judge(instance, change(answer, field, operation, by)).is_accepted
