"""Holds that people place and lift."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.errors import GuardError, NotAllowedError, UnlawfulStepError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.order import HoldPlaced, HoldReleased
from orderopt.models.life.hold import USUAL_BLOCKS, Blocks, Hold, HoldType
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.intake.questions import next_hold_id

_REVIEWERS = frozenset({Role.FIRST_REVIEWER, Role.SECOND_REVIEWER})
LIFTS: dict[HoldType, frozenset[Role]] = {
    HoldType.CREDIT: frozenset({Role.FINANCE}),
    HoldType.PRICE: _REVIEWERS | {Role.FINANCE},
    HoldType.DUPLICATE: _REVIEWERS | {Role.SALES},
    HoldType.COMPLIANCE: frozenset({Role.SECOND_REVIEWER}),
    HoldType.CUSTOMER: _REVIEWERS | {Role.SALES},
    HoldType.QUALITY: frozenset({Role.SHOP_FLOOR, Role.SECOND_REVIEWER}),
    HoldType.MANUAL: _REVIEWERS | {Role.SALES, Role.PLANNER, Role.FINANCE, Role.WAREHOUSE},
}
"""Who may lift a hold of each type."""


class PlaceHold(Command):
    """Put something in an order's way; the order must not have ended.

    Attributes
    ----------
    blocks
        The steps that it blocks; None: those that its type blocks usually.
    line_no
        The line it is about; None: the whole order.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset(
        {
            Role.SALES,
            Role.FIRST_REVIEWER,
            Role.SECOND_REVIEWER,
            Role.PLANNER,
            Role.SHOP_FLOOR,
            Role.WAREHOUSE,
            Role.FINANCE,
        }
    )

    order_id: Id
    type: HoldType
    reason: Annotated[str, Field(min_length=1)]
    blocks: frozenset[Blocks] | None = None
    line_no: Id | None = None
    auto_release: str | None = None


class ReleaseHold(Command):
    """Lift a hold, with a reason; who may do so depends on its type (:data:`LIFTS`)."""

    ROLES: ClassVar[frozenset[Role]] = frozenset().union(*LIFTS.values())

    order_id: Id
    hold_id: Id
    why: Annotated[str, Field(min_length=1)]


@does(PlaceHold)
def place_hold(command: PlaceHold, book: Book) -> str:
    """Record the hold and return its id."""
    case = book.need(OrderCase, command.order_id)
    if case.state in ORDER.ends:
        raise UnlawfulStepError(f"order {case.key}", str(case.state), "place a hold", ())
    if command.line_no is not None:
        case.line(command.line_no)
    if command.blocks is not None and not command.blocks:
        raise GuardError(
            f"order {case.key} is not held",
            [Finding(code="BLOCKS_NOTHING", says="the hold would block nothing", expected="a step to block")],
        )
    hold = Hold(
        hold_id=next_hold_id(case),
        type=command.type,
        blocks=USUAL_BLOCKS[command.type] if command.blocks is None else command.blocks,
        reason=command.reason,
        line_no=command.line_no,
        placed_by=book.actor.name,
        placed_at=book.at,
        auto_release=command.auto_release,
    )
    book.record(case, HoldPlaced(hold=hold), why=command.reason)
    return hold.hold_id


@does(ReleaseHold)
def release_hold(command: ReleaseHold, book: Book) -> None:
    """Record that the hold is lifted."""
    case = book.need(OrderCase, command.order_id)
    active = {hold.hold_id: hold for hold in case.holds if hold.is_active}
    hold = active.get(command.hold_id)
    if hold is None:
        says = f"the order's active holds are {', '.join(active)}" if active else "nothing holds the order"
        raise GuardError(
            f"order {case.key} is not held by {command.hold_id}",
            [Finding(code="NO_SUCH_HOLD", subject=case.key, says=says)],
        )
    if not LIFTS[hold.type] & book.actor.roles:
        allowed = ", ".join(sorted(LIFTS[hold.type]))
        raise NotAllowedError(f"{book.actor.name} may not lift a {hold.type} hold: it needs one of {allowed}")
    book.record(case, HoldReleased(hold_id=hold.hold_id), why=command.why)
