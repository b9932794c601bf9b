"""Cancelling a whole order of which nothing has left: a change that is agreed and applied at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.amendment import RestCancelled
from orderopt.models.life.change import ChangeRequest
from orderopt.models.life.disposition import Choice
from orderopt.models.life.happened.change import (
    ApprovalGiven,
    ChangeApproved,
    ChangeAssessed,
    ChangeDrafted,
    ChangeSubmitted,
)
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.change.assess import find_impact
from orderopt.stages.change.faults import check_amendments
from orderopt.stages.change.make import make_change
from orderopt.stages.change.request import name_change
from orderopt.stages.change.worth import find_value


class CancelOrder(Command):
    """Cancel a whole order, with a reason; `choices` say what becomes of supply that was for it.

    Everything that was committed to the order gets a disposition, the fee of the policy is charged, and everyone
    whom it concerns is told. Refused with GuardError once anything is packed or shipped (the rest of an order is
    cancelled by a change request), while an invoice stands, and above the value up to which the policy lets sales
    decide alone.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.SECOND_REVIEWER})

    order_id: Id
    reason: str = Field(min_length=1)
    choices: tuple[Choice, ...] = ()


@does(CancelOrder)
def cancel_order(command: CancelOrder, book: Book) -> OrderCase:
    """Record the request with all its steps, and make the change; return the order."""
    case = book.need(OrderCase, command.order_id)
    ORDER.step(case.state, "cancel", case.key)
    faults = [*_find_left(case), *_find_too_large(case, book)]
    if faults:
        raise GuardError(f"order {case.key} cannot be cancelled like this", faults)
    amendments = (RestCancelled(),)
    check_amendments(case, amendments, book.master)
    change = ChangeRequest(
        change_id=name_change(case),
        base_revision=case.revision,
        reason=command.reason,
        requested_by=book.actor.name,
        requested_at=book.at,
        amendments=amendments,
    )
    change_id = change.change_id
    case = book.record(
        case,
        ChangeDrafted(change=change),
        ChangeSubmitted(change_id=change_id, base_revision=case.revision, amendments=amendments),
        ChangeAssessed(
            change_id=change_id, amendments=amendments, impact=find_impact(book, case, amendments, planned=False)
        ),
        ApprovalGiven(change_id=change_id, role=book.role),
        ChangeApproved(change_id=change_id),
        why=command.reason,
    )
    return make_change(book, case, change_id, command.choices, command.reason)


def _find_left(case: OrderCase) -> Iterator[Finding]:
    for line in case.lines:
        subject, counts = f"order {case.key}/{line.line_no}", line.counts
        if counts.shipped:
            says = f"{counts.shipped} are shipped"
            yield Finding(code="SHIPPED", subject=subject, says=says, mend="cancel the rest by a change request")
        elif counts.packed:
            says = f"{counts.packed} are packed"
            yield Finding(code="PACKED", subject=subject, says=says, mend="cancel the shipment first")


def _find_too_large(case: OrderCase, book: Book) -> Iterator[Finding]:
    most = book.policy.change.cancel_alone_up_to
    if most is not None and find_value(case) > most:
        yield Finding(
            code="NEEDS_AGREEMENT",
            subject=f"order {case.key}",
            says="is worth more than one person may cancel alone",
            mend="draft a change request that cancels it",
        )
