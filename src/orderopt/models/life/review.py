"""Reviews, their checks, and questions to the customer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.models.life.hold import HoldType
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class Stage(StrEnum):
    """Which of the two reviews."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class Aspect(StrEnum):
    """What a check looks at."""

    CUSTOMER = "customer"
    ITEM = "item"
    PRICE = "price"
    COMPLETENESS = "completeness"
    DATE = "date"
    TERMS = "terms"
    CREDIT = "credit"
    STOCK = "stock"
    CAPACITY = "capacity"
    REQUIREMENTS = "requirements"
    COMPLIANCE = "compliance"
    OTHER = "other"


class Answer(StrEnum):
    """What a check says."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"


class CheckResult(Part):
    """What one rule said of an order, with reason code and figures.

    Attributes
    ----------
    rule, aspect
        Which rule, and what it looks at; filled in by the registry of rules.
    says
        One sentence without amounts and without personal data.
    figures, money
        Quantities and dates, and apart from them amounts of money, by name.
    hold
        A warning with it needs no override: passing the review places such a hold instead.
    """

    rule: str = ""
    aspect: Aspect = Aspect.OTHER
    answer: Answer
    code: str
    says: str
    line_no: Id | None = None
    figures: Mapping[str, str] = Field(default_factory=dict)
    money: Annotated[Mapping[str, str] | None, Sensitivity.PRICE] = None
    mend: str | None = None
    hold: HoldType | None = None


class Override(Part):
    """A warning that a reviewer lets pass, and why."""

    rule: str
    line_no: Id | None = None
    code: Id
    reason: str | None = None
    by: str
    at: Moment


class Outcome(StrEnum):
    """How a review ended."""

    PASSED = "passed"
    RETURNED = "returned"
    REJECTED = "rejected"


class Review(Part):
    """One review by one person.

    Attributes
    ----------
    revision
        The order's revision that was looked at.
    due_at
        By when both reviews should have ended, as it stood when this one was claimed.
    code, reason
        Why it was returned or rejected.
    """

    stage: Stage
    reviewer: str
    claimed_at: Moment
    due_at: Moment
    revision: int = 1
    ended_at: Moment | None = None
    outcome: Outcome | None = None
    code: str | None = None
    reason: str | None = None
    checks: tuple[CheckResult, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    def is_overridden(self, check: CheckResult) -> bool:
        """Tell whether somebody let a warning pass."""
        return any((one.rule, one.line_no) == (check.rule, check.line_no) for one in self.overrides)


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
