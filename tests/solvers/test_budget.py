from __future__ import annotations

import os
import time

import pytest

from orderopt.errors import NoAnswerError
from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.outcome import Outcome


def test_a_budget_is_over_when_its_seconds_are_spent() -> None:
    assert not Budget(seconds=60).is_over
    assert Budget(seconds=60, began=time.monotonic() - 61).is_over
    assert Budget(seconds=60, began=time.monotonic() - 61).remaining == 0.0


def test_a_budget_is_over_as_soon_as_the_caller_cancels() -> None:
    budget = Budget(seconds=60)
    part = budget.part(30)
    budget.cancel.set()
    assert budget.is_over
    assert part.is_over


def test_a_part_never_outlasts_the_whole() -> None:
    whole = Budget(seconds=10, began=time.monotonic() - 8, seed=7, workers=3)
    assert whole.part(60).seconds == pytest.approx(2, abs=0.1)
    assert whole.part(1).seconds == 1
    assert (whole.part(1).seed, whole.part(1).workers) == (7, 3)


def test_one_worker_is_reproducible_and_more_are_not() -> None:
    assert Budget(seconds=1, workers=1).is_reproducible
    assert not Budget(seconds=1, workers=2).is_reproducible


def test_by_default_every_processor_works() -> None:
    assert Budget(seconds=1).workers == os.cpu_count()


def test_whoever_does_not_listen_hears_nothing() -> None:
    heard = Budget(seconds=1).on_progress(Progress("net", "begins", 0.0))
    assert heard is None


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [(200.0, 150.0, 0.25), (200.0, 250.0, 0.0), (0.0, 0.0, 0.0), (None, 3.0, None), (3.0, None, None)],
)
def test_the_gap_is_a_share_of_the_objective(objective: float | None, bound: float | None, gap: float | None) -> None:
    assert Progress("schedule", "better", 1.0, objective, bound).gap == gap


def test_an_outcome_without_answer_says_why() -> None:
    assert Outcome(Status.FEASIBLE, "here", 1.0).require() == "here"
    with pytest.raises(NoAnswerError, match=r"UNKNOWN.*out of time"):
        Outcome(Status.UNKNOWN, None, reason="out of time").require()
