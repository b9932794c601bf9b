"""Refusing a command with everything that stands in its way."""

from __future__ import annotations

from collections.abc import Iterable

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.hold import Hold
from orderopt.models.life.line import CaseLine
from orderopt.models.life.quantities import ZERO
from orderopt.models.measure import Quantity


def refuse(says: str, findings: Iterable[Finding]) -> None:
    """Raise GuardError if there are findings."""
    found = tuple(findings)
    if found:
        raise GuardError(says, found)


def find_held(holds: Iterable[Hold], subject: str) -> list[Finding]:
    """Return a finding for each hold."""
    return [
        Finding(
            code="HELD",
            subject=subject,
            says=f"hold {hold.hold_id} ({hold.type}) stands in the way: {hold.reason}",
            mend="settle what it is about and lift it",
        )
        for hold in holds
    ]


def find_over(line: CaseLine, policy: DeskPolicy) -> Quantity:
    """Return the share by which a line may be exceeded: its own, else the company's."""
    return policy.tracking.over if line.ask.over is None else line.ask.over


def find_under(line: CaseLine, policy: DeskPolicy) -> Quantity:
    """Return the share of a line that may be missing: its own, else the company's."""
    return policy.tracking.under if line.ask.under is None else line.ask.under


def find_most(line: CaseLine, policy: DeskPolicy) -> Quantity:
    """Return the most of a line that may be delivered in all."""
    return max(ZERO, line.counts.wanted * (1 + find_over(line, policy)))
