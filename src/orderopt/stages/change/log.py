"""The change log of an order: who changed what, why, from what to what, and what became of its supply."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from orderopt.models.life.amendment import AnyAmendment
from orderopt.models.life.change import Approval, ChangeRequest, Origin
from orderopt.models.life.disposition import Disposition
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.outward import show_change_outside
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.states import ChangeState
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.queries import EVERYONE


class ShowChanges(Command):
    """Ask for the change log of an order; customers do not see other orders, supply and who agreed."""

    ROLES: ClassVar[frozenset[Role]] = EVERYONE

    order_id: Id


class ChangeRow(Part):
    """One request in the log.

    Attributes
    ----------
    amendments
        Before and after.
    because
        Why it was rejected, withdrawn or outdated.
    """

    change_id: Id
    state: ChangeState
    reason: str
    requested_by: str
    requested_at: datetime
    amendments: tuple[AnyAmendment, ...]
    approvals: tuple[Approval, ...]
    dispositions: tuple[Disposition, ...]
    origin: Origin | None = None
    applied_by: str | None = None
    applied_at: datetime | None = None
    ended_by: str | None = None
    because: str | None = None


@does(ShowChanges)
def show_changes(query: ShowChanges, book: Book) -> list[ChangeRow]:
    """Return all requests in the order in which they were made, masked."""
    case = book.need(OrderCase, query.order_id)
    return [_build_row(show_change(change, book)) for change in case.changes]


def show_change(change: ChangeRequest, book: Book) -> ChangeRequest:
    """Return a request as the actor may see it."""
    return mask(show_change_outside(change) if book.role is Role.CUSTOMER else change, book.actor.sees)


def _build_row(change: ChangeRequest) -> ChangeRow:
    return ChangeRow(
        change_id=change.change_id,
        state=change.state,
        reason=change.reason,
        origin=change.origin,
        requested_by=change.requested_by,
        requested_at=change.requested_at,
        amendments=change.amendments,
        approvals=change.approvals,
        applied_by=change.applied_by,
        applied_at=change.applied_at,
        ended_by=change.ended_by,
        because=change.ended_because,
        dispositions=change.dispositions,
    )
