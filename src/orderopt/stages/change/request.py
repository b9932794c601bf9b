"""Requesting changes: drafted, submitted, approved by everyone whom they concern, rejected, withdrawn, applied."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError, NotAllowedError
from orderopt.models.finding import Finding
from orderopt.models.life.amend import fill_before
from orderopt.models.life.amendment import AnyAmendment
from orderopt.models.life.change import ChangeRequest, Origin
from orderopt.models.life.disposition import Choice
from orderopt.models.life.happened.change import (
    ApprovalGiven,
    ChangeApproved,
    ChangeDrafted,
    ChangeRejected,
    ChangeSubmitted,
    ChangeWithdrawn,
)
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.states import CHANGE
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.change.faults import check_amendments
from orderopt.stages.change.log import show_change
from orderopt.stages.change.make import make_change

REQUESTERS = frozenset({Role.SALES, Role.PLANNER, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.CUSTOMER})
APPROVERS = frozenset({Role.SALES, Role.PLANNER, Role.PURCHASING, Role.FINANCE, Role.SECOND_REVIEWER})


class DraftChange(Command):
    """Write down a change of an order; nothing of the order changes. Refused if the order has ended, or with faults."""

    ROLES: ClassVar[frozenset[Role]] = REQUESTERS

    order_id: Id
    amendments: tuple[AnyAmendment, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)
    origin: Origin | None = None


class SubmitChange(Command):
    """Ask for a drafted change to be assessed; it starts from what the order says now."""

    ROLES: ClassVar[frozenset[Role]] = REQUESTERS

    order_id: Id
    change_id: Id


class ApproveChange(Command):
    """Agree to an assessed change, in every needed role that one has; the last who must agree approves it.

    Refused with NotAllowedError for who asked for it (unless the policy lets them) and for roles that need not agree.
    """

    ROLES: ClassVar[frozenset[Role]] = APPROVERS

    order_id: Id
    change_id: Id


class RejectChange(Command):
    """Turn a submitted or assessed change down, with a reason."""

    ROLES: ClassVar[frozenset[Role]] = APPROVERS

    order_id: Id
    change_id: Id
    reason: str = Field(min_length=1)


class WithdrawChange(Command):
    """Take back a change that is not applied, with a reason; customers only their own."""

    ROLES: ClassVar[frozenset[Role]] = REQUESTERS

    order_id: Id
    change_id: Id
    reason: str = Field(min_length=1)


class ApplyChange(Command):
    """Make an approved change, all of it or nothing; `choices` say what becomes of supply that it orphans.

    Refused with GuardError if the order has changed since it was assessed, or if more is packed, shipped or invoiced
    by now than would be wanted.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.PLANNER, Role.SECOND_REVIEWER})

    order_id: Id
    change_id: Id
    choices: tuple[Choice, ...] = ()


@does(DraftChange)
def draft_change(command: DraftChange, book: Book) -> ChangeRequest:
    """Record the draft; return the request."""
    case = book.need(OrderCase, command.order_id)
    check_amendments(case, command.amendments, book.master)
    change = ChangeRequest(
        change_id=name_change(case),
        base_revision=case.revision,
        reason=command.reason,
        requested_by=book.actor.name,
        requested_at=book.at,
        origin=command.origin,
        amendments=fill_before(case, command.amendments),
    )
    return show_change(
        book.record(case, ChangeDrafted(change=change), why=command.reason).change(change.change_id), book
    )


def name_change(case: OrderCase) -> str:
    """Return the name of an order's next change request."""
    return f"{case.key}-C{len(case.changes) + 1}"


@does(SubmitChange)
def submit_change(command: SubmitChange, book: Book) -> ChangeRequest:
    """Record the step; return the request."""
    case, change = _find(command, book, "submit")
    check_amendments(case, change.amendments, book.master)
    fact = ChangeSubmitted(
        change_id=change.change_id,
        base_revision=case.revision,
        amendments=fill_before(case, change.amendments),
    )
    return show_change(book.record(case, fact).change(change.change_id), book)


@does(ApproveChange)
def approve_change(command: ApproveChange, book: Book) -> ChangeRequest:
    """Record the approvals, and the step if nobody is missing; return the request."""
    case, change = _find(command, book, "approve")
    assert change.impact is not None
    actor = book.actor
    if change.requested_by == actor.name and not book.policy.change.may_approve_own:
        raise NotAllowedError(f"{actor.name} asked for {change.change_id}: somebody else has to agree to it")
    has_agreed = any(approval.by == actor.name for approval in change.approvals)
    roles = [role for role in change.missing_approvals if role in actor.roles]
    if not roles and not change.missing_approvals and not has_agreed:  # another person is missing
        roles = [role for role in change.impact.approvers if role in actor.roles]
    if not roles:
        missing = ", ".join(change.missing_approvals) or "another person"
        raise NotAllowedError(f"{change.change_id} does not wait for {actor.name}: {missing} must agree")
    case = book.record(case, *(ApprovalGiven(change_id=change.change_id, role=role) for role in roles))
    if case.change(change.change_id).has_all_approvals:
        case = book.record(case, ChangeApproved(change_id=change.change_id))
    return show_change(case.change(change.change_id), book)


@does(RejectChange)
def reject_change(command: RejectChange, book: Book) -> ChangeRequest:
    """Record the step; return the request."""
    case, change = _find(command, book, "reject")
    fact = ChangeRejected(change_id=change.change_id, because=command.reason)
    return show_change(book.record(case, fact, why=command.reason).change(change.change_id), book)


@does(WithdrawChange)
def withdraw_change(command: WithdrawChange, book: Book) -> ChangeRequest:
    """Record the step; return the request."""
    case, change = _find(command, book, "withdraw")
    if book.role is Role.CUSTOMER and change.requested_by != book.actor.name:
        raise NotAllowedError(f"{book.actor.name} did not ask for {change.change_id}")
    fact = ChangeWithdrawn(change_id=change.change_id, because=command.reason)
    return show_change(book.record(case, fact, why=command.reason).change(change.change_id), book)


@does(ApplyChange)
def apply_change(command: ApplyChange, book: Book) -> OrderCase:
    """Make the change; return the order."""
    case, change = _find(command, book, "apply")
    if change.base_revision != case.revision:
        raise GuardError(
            f"{change.change_id} was assessed for revision {change.base_revision} of order {case.key}",
            [
                Finding(
                    code="OUTDATED",
                    subject=change.change_id,
                    says=f"the order is at revision {case.revision}",
                    mend="assess it again",
                )
            ],
        )
    return mask(make_change(book, case, change.change_id, command.choices, change.reason), book.actor.sees)


def _find(command: Command, book: Book, trigger: str) -> tuple[OrderCase, ChangeRequest]:
    """Return order and request; raises UnlawfulStepError if the request's state does not allow the step."""
    order_id, change_id = str(getattr(command, "order_id", "")), str(getattr(command, "change_id", ""))
    case = book.need(OrderCase, order_id)
    change = case.change(change_id)
    CHANGE.step(change.state, trigger, f"{case.key}/{change.change_id}")
    return case, change
