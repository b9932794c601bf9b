"""Reviews, their checks, and questions to the customer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class Stage(StrEnum):
    """Which of the two reviews."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class Answer(StrEnum):
    """What a check says."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"


class CheckResult(Part):
    """What one rule said of an order, with reason code and figures."""

    rule: Id
    answer: Answer
    code: str
    says: str
    line_no: Id | None = None
    figures: Mapping[str, str] = Field(default_factory=dict)
    mend: str | None = None


class Outcome(StrEnum):
    """How a review ended."""

    PASSED = "passed"
    RETURNED = "returned"
    REJECTED = "rejected"


class Review(Part):
    """One review by one person."""

    stage: Stage
    reviewer: str
    claimed_at: Moment
    due_at: Moment
    ended_at: Moment | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    checks: tuple[CheckResult, ...] = ()
    overridden: tuple[str, ...] = ()


class Clarification(Part):
    """An open question; while it is open, the review's clock stands still.

    Attributes
    ----------
    owner
        Who has to answer: ``customer`` or the name of a person.
    """

    clarification_id: Id
    question: Annotated[str | None, Sensitivity.PERSONAL]
    owner: str
    asked_by: str
    asked_at: Moment
    field: str | None = None
    line_no: Id | None = None
    answer: Annotated[str | None, Sensitivity.PERSONAL] = None
    answered_by: str | None = None
    answered_at: Moment | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answered_at is None
