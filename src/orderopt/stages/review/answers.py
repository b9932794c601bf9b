"""Short ways to say what a rule found."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orderopt.models.life.hold import HoldType
from orderopt.models.life.review import Answer, CheckResult


def passed(code: str, says: str, **figures: Any) -> CheckResult:
    """Return that all is well; figures as :func:`say`."""
    return say(Answer.PASS, code, says, **figures)


def warned(code: str, says: str, **figures: Any) -> CheckResult:
    """Return that somebody has to decide."""
    return say(Answer.WARN, code, says, **figures)


def failed(code: str, says: str, **figures: Any) -> CheckResult:
    """Return that the order cannot pass."""
    return say(Answer.FAIL, code, says, **figures)


def say(  # one keyword for each part of an answer
    answer: Answer,
    code: str,
    says: str,
    *,
    line_no: str | None = None,
    money: Mapping[str, Decimal] | None = None,
    mend: str | None = None,
    hold: HoldType | None = None,
    **figures: Any,
) -> CheckResult:
    """Return an answer.

    Parameters
    ----------
    says
        One sentence without amounts of money and without personal data.
    money
        Amounts by name, written with two places; they are kept apart from the rest.
    figures
        Quantities, dates and names.
    """
    return CheckResult(
        answer=answer,
        code=code,
        says=says,
        line_no=line_no,
        figures={name: _write(value) for name, value in figures.items() if value is not None},
        money=None if money is None else {name: f"{amount:.2f}" for name, amount in money.items()},
        mend=mend,
        hold=hold,
    )


def _write(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
