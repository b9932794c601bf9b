"""A finding: one fact that a person should know, with its place and its mend."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    WARNING = "warning"


class Finding(BaseModel):
    """One fact about the input or a plan, said once and completely.

    Attributes
    ----------
    code
        What kind of fact, stable for programs, for example ``UNKNOWN_REFERENCE``.
    severity
        ``error``: the row cannot be used (or the plan is wrong); ``warning``: it was used as said.
    table, row, column, value
        Where it stands. Rows count as a spreadsheet shows them: the header is row 1.
    subject
        The thing it is about, for example an order line or a task.
    says
        What is the matter, in one sentence.
    expected
        What would have been right.
    mend
        What to do next.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    severity: Severity = Severity.ERROR
    table: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None
    subject: str | None = None
    says: str
    expected: str | None = None
    mend: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.table,
                f"row {self.row}" if self.row is not None else None,
                f"column {self.column}" if self.column else None,
            )
            if part
        )
        head = " ".join(part for part in (self.severity, self.code, f"({place})" if place else None) if part)
        tail = "".join(f"; {word}: {text}" for word, text in (("expected", self.expected), ("next", self.mend)) if text)
        about = f"{self.subject}: " if self.subject else ""
        return f"{head}: {about}{self.says}{tail}"

    @property
    def is_error(self) -> bool:
        """Whether the row (or plan) cannot be used."""
        return self.severity is Severity.ERROR
