"""Raising, owning and settling alerts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.models.finding import Finding
from orderopt.models.life.alert import (
    USUAL_OWNER,
    Alert,
    AlertAssigned,
    AlertChanged,
    AlertKind,
    AlertRaised,
    AlertResolved,
    Subject,
)
from orderopt.models.life.roles import Role
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.track.guard import refuse

_STAFF = frozenset(Role) - {Role.CUSTOMER, Role.AUDITOR}


class AssignAlert(Command):
    """Give an open alert to a person."""

    ROLES: ClassVar[frozenset[Role]] = _STAFF

    alert_id: Id
    owner: Id


class ResolveAlert(Command):
    """Settle an open alert: say how, and the reason code of its cause if another was found."""

    ROLES: ClassVar[frozenset[Role]] = _STAFF

    alert_id: Id
    resolution: Annotated[str, Field(min_length=1)]
    reason: Id | None = None


class FindAlerts(Command):
    """Query: open alerts, of one kind, owner or order if it is said; the oldest first."""

    ROLES: ClassVar[frozenset[Role]] = _STAFF | {Role.AUDITOR}

    kind: AlertKind | None = None
    owner: str | None = None
    order_id: Id | None = None


def name_alert(kind: AlertKind, about: Subject) -> str:
    """Return the id of the one alert that a thing can have of a kind."""
    return "/".join([*(value for _, value in about if value is not None), str(kind)])


def raise_alert(
    kind: AlertKind, about: Subject, book: Book, *, reason: str, says: str, figures: Mapping[str, str] | None = None
) -> None:
    """Record that something deviates; nothing is recorded if that is known with the same figures."""
    said = {"reason": reason, "says": says, "figures": figures or {}}
    alert_id = name_alert(kind, about)
    known = book.get(Alert, alert_id)
    if known is not None and known.is_open:
        if said != {name: getattr(known, name) for name in said}:
            book.record(known, AlertChanged.model_validate(said))
        return
    raised = AlertRaised.model_validate(
        {"alert_id": alert_id, "kind": kind, "about": about, "owner": str(USUAL_OWNER[kind]), **said}
    )
    if known is None:
        book.begin(Alert, alert_id, raised)
    else:
        book.record(known, raised)


def clear_alert(kind: AlertKind, about: Subject, book: Book, *, resolution: str) -> None:
    """Settle an alert whose cause is gone, if it is open."""
    known = book.get(Alert, name_alert(kind, about))
    if known is not None and known.is_open:
        book.record(known, AlertResolved(resolution=resolution))


@does(AssignAlert)
def assign_alert(command: AssignAlert, book: Book) -> None:
    """Change the owner."""
    book.record(_need_open(command.alert_id, book), AlertAssigned(owner=command.owner))


@does(ResolveAlert)
def resolve_alert(command: ResolveAlert, book: Book) -> None:
    """Close the alert."""
    fact = AlertResolved(resolution=command.resolution, reason=command.reason)
    book.record(_need_open(command.alert_id, book), fact)


@does(FindAlerts)
def find_alerts(command: FindAlerts, book: Book) -> tuple[Alert, ...]:
    """Return the alerts that fit."""
    asked = {"kind": command.kind, "owner": command.owner, "order": command.order_id}
    where = {"open": "1"} | {name: str(value) for name, value in asked.items() if value is not None}
    return tuple(sorted(book.find(Alert, where), key=lambda alert: (alert.raised_at, alert.alert_id)))


def _need_open(alert_id: str, book: Book) -> Alert:
    alert = book.need(Alert, alert_id)
    if not alert.is_open:
        says = f"it was settled by {alert.resolved_by}"
        refuse(f"alert {alert_id} is not open", [Finding(code="ALERT_SETTLED", subject=alert_id, says=says)])
    return alert
