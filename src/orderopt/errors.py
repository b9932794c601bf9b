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


class StoreError(OrderOptError):
    """The store cannot be read or written, or what it holds does not fit together."""


class DamagedError(StoreError):
    """A backup is not what was written: a byte, a row or the history in it differs. Nothing was changed."""


class ConflictError(StoreError):
    """Someone else has changed the same thing in between; load it again and repeat.

    Parameters
    ----------
    stream
        What was to be changed.
    expected, found
        The version that was loaded, and the one in the store.
    """

    def __init__(self, stream: str, expected: int, found: int) -> None:
        self.stream, self.expected, self.found = stream, expected, found
        super().__init__(
            f"{stream} was changed in between: version {expected} was expected, {found} is there; load it again"
        )


class ClaimTakenError(StoreError):
    """A name that must be unique, such as a channel's external id, belongs to another document."""

    def __init__(self, claim: str, holder: str) -> None:
        self.claim, self.holder = claim, holder
        super().__init__(f"{claim} belongs to {holder} already")


class NotFoundError(OrderOptError):
    """There is nothing of that name."""


class CommandError(OrderOptError):
    """A command cannot be done; nothing was changed."""


class UnlawfulStepError(CommandError):
    """A state does not allow a step.

    Parameters
    ----------
    subject
        The thing, for example ``order O-1``.
    state, trigger
        Where it stands, and what was tried.
    allowed
        What its state allows.
    """

    def __init__(self, subject: str, state: str, trigger: str, allowed: Sequence[str]) -> None:
        self.subject, self.state, self.trigger, self.allowed = subject, state, trigger, tuple(allowed)
        can = f"it allows {', '.join(allowed)}" if allowed else "nothing leads out of it"
        super().__init__(f"{subject} is {state}: {trigger} is not possible; {can}")


class GuardError(CommandError):
    """A step is lawful, but something that must hold before it does not.

    Parameters
    ----------
    findings
        Everything that stands in the way, each with its mend.
    """

    def __init__(self, says: str, findings: Sequence[Finding] = ()) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join([says, *(f"  {finding}" for finding in self.findings)]))


class QuantityError(CommandError):
    """Quantities of a line would contradict each other, for example shipped above inspected."""


class MoneyError(CommandError):
    """Amounts would not add up, for example more would be paid of an invoice than is open."""


class NotAllowedError(CommandError):
    """The actor's roles do not allow a command or a query."""
