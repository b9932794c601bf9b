"""Finding out what a change would do: it is tried on a scratch book, and planned with and without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from orderopt.errors import GuardError, InputError
from orderopt.models.finding import Finding
from orderopt.models.life.amend import amend, fill_before
from orderopt.models.life.amendment import AnyAmendment
from orderopt.models.life.change import ChangeRequest, Impact
from orderopt.models.life.happened.change import (
    ApprovalGiven,
    ChangeApproved,
    ChangeAssessed,
    ChangeDrafted,
    ChangeSubmitted,
)
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.states import CHANGE, ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.change.assessor import PlanEffect
from orderopt.stages.change.concern import find_approvers, find_departments
from orderopt.stages.change.faults import check_amendments
from orderopt.stages.change.log import show_change
from orderopt.stages.change.make import make_change
from orderopt.stages.change.scratch import Scratch
from orderopt.stages.change.worth import find_fee, find_value
from orderopt.stages.gather import gather_snapshot

_TRIAL = "trial"


class AssessChange(Command):
    """Find out what a submitted or outdated request would do, from what the order says now.

    Refused with GuardError if it can no longer be made. Approvals that were given before no longer count.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.SALES, Role.SECOND_REVIEWER})

    order_id: Id
    change_id: Id


class PreviewChange(Command):
    """Ask what a change would do, without requesting it."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.SALES, Role.SECOND_REVIEWER})

    order_id: Id
    amendments: tuple[AnyAmendment, ...] = Field(min_length=1)


@does(AssessChange)
def assess_change(command: AssessChange, book: Book) -> ChangeRequest:
    """Record the impact; return the request."""
    case = book.need(OrderCase, command.order_id)
    change = case.change(command.change_id)
    CHANGE.step(change.state, "assess", f"{case.key}/{change.change_id}")
    check_amendments(case, change.amendments, book.master)
    amendments = fill_before(case, change.amendments)
    impact = find_impact(book, case, amendments)
    fact = ChangeAssessed(change_id=change.change_id, amendments=amendments, impact=impact)
    return show_change(book.record(case, fact).change(change.change_id), book)


@does(PreviewChange)
def preview_change(query: PreviewChange, book: Book) -> Impact:
    """Return the impact; amounts of money are there only for roles that may see them."""
    case = book.need(OrderCase, query.order_id)
    check_amendments(case, query.amendments, book.master)
    return mask(find_impact(book, case, fill_before(case, query.amendments)), book.actor.sees)


def find_impact(book: Book, case: OrderCase, amendments: Sequence[Any], *, planned: bool = True) -> Impact:
    """Return what a change would do; it must have no faults.

    Parameters
    ----------
    planned
        Whether to plan with and without it.

    Notes
    -----
    All is found out beside the book, so that reports and other orders that come meanwhile do not stop the command.
    """
    wanted = amend(case, amendments)
    impact = Impact(
        base_revision=case.revision,
        assessed_at=book.at,
        value=find_value(wanted) - find_value(case),
        fee=find_fee(case, wanted, book.policy, book.at),
    )
    beside = book.aside()
    scratch = Scratch(beside)
    after = _try(scratch, case, amendments, impact)
    effect = _plan(beside, scratch, case, after) if planned else None
    dispositions = after.change(_TRIAL).dispositions
    impact = impact.model_copy(
        update={
            **(dict(effect) if effect else {}),
            "planned": effect is not None,
            "dispositions": dispositions,
            "departments": find_departments(beside, case, amendments, dispositions),
        }
    )
    approvers, persons = find_approvers(beside, case, amendments, impact)
    return impact.model_copy(update={"approvers": approvers, "persons": persons})


def _try(scratch: Scratch, case: OrderCase, amendments: Sequence[Any], impact: Impact) -> OrderCase:
    """Make the change on a scratch book, as if it were approved; return the order as it would be."""
    trial = ChangeRequest(
        change_id=_TRIAL,
        base_revision=case.revision,
        reason=_TRIAL,
        requested_by=scratch.actor.name,
        requested_at=scratch.at,
        amendments=tuple(amendments),
    )
    given = {"change_id": _TRIAL, "amendments": tuple(amendments)}
    ready = scratch.record(
        case,
        ChangeDrafted(change=trial),
        ChangeSubmitted(base_revision=case.revision, **given),
        ChangeAssessed(impact=impact, **given),
        ApprovalGiven(change_id=_TRIAL, role=scratch.role),
        ChangeApproved(change_id=_TRIAL),
    )
    return make_change(scratch, ready, _TRIAL)


def _plan(book: Book, scratch: Scratch, before: OrderCase, after: OrderCase) -> PlanEffect | None:
    try:
        return book.assessor.compare(
            gather_snapshot(book, also=_living(before)), gather_snapshot(scratch, also=_living(after)), before.key
        )
    except InputError as fault:
        says = f"order {before.key}: what the change does to the plan cannot be found"
        raise GuardError(says, fault.findings or [Finding(code="UNPLANNABLE", says=str(fault))]) from fault


def _living(case: OrderCase) -> tuple[OrderCase, ...]:
    """Return the order if there is something to plan of it, in whatever state it is."""
    return (case,) if ORDER.allows(case.state, "cancel") else ()
