"""Holds by hand: placed with a reason, released by those whom the type concerns."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.errors import GuardError, NotAllowedError, UnlawfulStepError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.order import HoldPlaced, HoldReleased
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.review.decide import build_hold

_REVIEWERS = frozenset({Role.FIRST_REVIEWER, Role.SECOND_REVIEWER})

RELEASERS: dict[HoldType, frozenset[Role]] = {
    HoldType.CREDIT: frozenset({Role.FINANCE}),
    HoldType.PRICE: _REVIEWERS | {Role.FINANCE},
    HoldType.DUPLICATE: _REVIEWERS,
    HoldType.COMPLIANCE: frozenset({Role.SECOND_REVIEWER}),
    HoldType.CUSTOMER: _REVIEWERS | {Role.SALES},
    HoldType.QUALITY: frozenset({Role.SHOP_FLOOR, Role.SECOND_REVIEWER}),
    HoldType.MANUAL: _REVIEWERS | {Role.SALES, Role.PLANNER, Role.WAREHOUSE, Role.FINANCE},
}
"""Who may lift a hold of a type."""

_PLACERS = frozenset(Role) - {Role.CUSTOMER, Role.AUDITOR}


class PlaceHold(Command):
    """Put something in an order's way, or in that of one of its lines.

    Parameters
    ----------
    blocks
        The steps; None: what the type usually blocks.
    """

    ROLES: ClassVar[frozenset[Role]] = _PLACERS

    order_id: Id
    type: HoldType = HoldType.MANUAL
    reason: str = Field(min_length=1)
    line_no: Id | None = None
    blocks: Annotated[frozenset[Blocks], Field(min_length=1)] | None = None


class ReleaseHold(Command):
    """Lift a hold, with a reason; who may depends on its type."""

    ROLES: ClassVar[frozenset[Role]] = _PLACERS

    order_id: Id
    hold_id: Id
    reason: str = Field(min_length=1)


@does(PlaceHold)
def place_hold(command: PlaceHold, book: Book) -> OrderCase:
    """Record the hold; return the order."""
    case = book.need(OrderCase, command.order_id)
    if not ORDER.allowed(case.state):
        raise UnlawfulStepError(f"order {case.key}", str(case.state), "place a hold", ())
    if command.line_no is not None:
        case.line(command.line_no)
    hold = build_hold(case, book, command.type, command.reason, command.line_no)
    changes = {"blocks": hold.blocks if command.blocks is None else command.blocks, "auto_release": None}
    return book.record(case, HoldPlaced(hold=hold.model_copy(update=changes)), why=command.reason)


@does(ReleaseHold)
def release_hold(command: ReleaseHold, book: Book) -> OrderCase:
    """Record the release; return the order."""
    case = book.need(OrderCase, command.order_id)
    active = {hold.hold_id: hold for hold in case.holds if hold.is_active}
    hold = active.get(command.hold_id)
    if hold is None:
        mend = f"release one of {', '.join(active)}" if active else "nothing holds the order"
        says = f"it is not held by {command.hold_id}"
        raise GuardError(
            f"order {case.key}: {says}",
            [Finding(code="NO_SUCH_HOLD", subject=f"order {case.key}", says=says, mend=mend)],
        )
    if not RELEASERS[hold.type] & book.actor.roles:
        allowed = ", ".join(sorted(RELEASERS[hold.type]))
        raise NotAllowedError(f"{book.actor.name} may not release a {hold.type} hold: it needs one of {allowed}")
    return book.record(case, HoldReleased(hold_id=hold.hold_id), why=command.reason)
