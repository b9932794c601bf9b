"""The exceptions of orderopt: mistakes of a caller, missing parts, and bugs.

Facts that a planner should know (a line is late, a row is wrong) are
:class:`~orderopt.models.finding.Finding` objects; an exception says that a call could not do its work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orderopt.models.finding import Finding


class OrderOptError(Exception):
    """Any error that orderopt raises on purpose."""


class InputError(OrderOptError):
    """The input cannot be used; `findings` holds every fault, not only the first.

    Parameters
    ----------
    says
        One sentence: what was read and how many faults it has.
    findings
        All faults, each with table, row, column, value and what was expected.
    snapshot
        What could be read all the same (a :class:`~orderopt.models.snapshot.Snapshot`), or None.
    """

    def __init__(self, says: str, findings: Sequence[Finding] = (), snapshot: object | None = None) -> None:
        self.findings = tuple(findings)
        self.snapshot = snapshot
        shown = [f"  {finding}" for finding in self.findings[:20]]
        if len(self.findings) > len(shown):
            shown.append(f"  … and {len(self.findings) - len(shown)} more (see .findings)")
        super().__init__("\n".join([says, *shown]))


class IncorrectPlanError(OrderOptError):
    """The independent judge found that a plan breaks a rule: a bug in the strategy that made it."""

    def __init__(self, says: str, violations: Sequence[Finding]) -> None:
        self.violations = tuple(violations)
        super().__init__("\n".join([says, *(f"  {violation}" for violation in self.violations)]))


class NoAnswerError(OrderOptError):
    """An outcome without an answer was asked for its answer."""


class UnknownStrategyError(OrderOptError):
    """No strategy of that name is registered."""


class RefusedError(OrderOptError):
    """A strategy does not know something that the input asks for; the text names it and the strategies that do."""


class SolverError(OrderOptError):
    """A solver refused a model or answered nonsense: a bug, reported loudly."""


class CancelledError(OrderOptError):
    """The work was cancelled before any plan existed."""
