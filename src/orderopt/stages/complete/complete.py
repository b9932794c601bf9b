"""Completing an order, and asking how it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.models.finding import Finding
from orderopt.models.life.feedback import Feedback
from orderopt.models.life.happened.completion import FeedbackGiven, OrderCompleted
from orderopt.models.life.hold import HoldType
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState, ShipmentState
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.reserve import set_free
from orderopt.stages.track.guard import find_held, find_under, refuse

_COMPLETERS = frozenset({Role.SALES, Role.PLANNER, Role.WAREHOUSE})


class CheckCompletion(Command):
    """Ask what an order still lacks to be complete."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(Role) - {Role.CUSTOMER}

    order_id: Id


class Complete(Command):
    """Complete an order; the customer is asked for feedback, and what is still kept for the order is free.

    Needs of every line: as much shipped as is wanted, less its tolerance, all of it inspected, its specification
    confirmed by inspections; no shipment that still waits in the house, and no quality hold.
    """

    ROLES: ClassVar[frozenset[Role]] = _COMPLETERS

    order_id: Id


class GiveFeedback(Command):
    """Answer how it was, from 1 (bad) to 5 (good); somebody of the company may enter what a customer said."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.CUSTOMER, Role.SALES})

    order_id: Id
    rating: Annotated[int, Field(ge=1, le=5)]
    says: str | None = None


@does(CheckCompletion)
def check_completion(query: CheckCompletion, book: Book) -> tuple[Finding, ...]:
    """Return what is missing."""
    return tuple(find_lacks(book.need(OrderCase, query.order_id), book))


@does(Complete)
def complete(command: Complete, book: Book) -> OrderState:
    """Record the step and set free what is not needed any more; return the state."""
    case = book.need(OrderCase, command.order_id)
    if case.state is OrderState.IN_EXECUTION:
        refuse(f"order {case.key} is not complete", find_lacks(case, book))
    return set_free(book.record(case, OrderCompleted()), book, why="the order is complete").state


def find_lacks(case: OrderCase, book: Book) -> Iterator[Finding]:
    """Yield everything that an order lacks to be complete."""
    for line in case.lines:
        yield from _find_line_lacks(case, line, book)
    for shipment in case.shipments:
        if shipment.state in (ShipmentState.PLANNED, ShipmentState.PACKED):
            says = f"it is {shipment.state}"
            yield Finding(code="SHIPMENT_WAITS", subject=shipment.key, says=says, mend="ship it or cancel it")
    held = [hold for hold in case.holds if hold.is_active and hold.type is HoldType.QUALITY]
    yield from find_held(held, case.key)


def _find_line_lacks(case: OrderCase, line: CaseLine, book: Book) -> Iterator[Finding]:
    subject, counts = f"{case.key}/{line.line_no}", line.counts
    least = counts.wanted * (1 - find_under(line, book.policy))
    if counts.shipped < least:
        says = f"{counts.shipped} of {counts.wanted} shipped, at least {least} must be"
        yield Finding(code="NOT_SHIPPED", subject=subject, says=says, mend="ship the rest or cancel it by a change")
    if line.ask.spec:
        made = max(ZERO, counts.shipped - counts.from_stock)
        mine = [one for one in case.inspections if one.line_no == line.line_no]
        confirmed = sum((one.passed for one in mine if one.confirms or one.passed < 0), ZERO)
        if confirmed < made:
            says = f"the specification is confirmed for {confirmed} of {made}"
            yield Finding(code="NOT_CONFIRMED", subject=subject, says=says, mend="inspect and measure the rest")


@does(GiveFeedback)
def give_feedback(command: GiveFeedback, book: Book) -> None:
    """Record the answer to the oldest open question."""
    case = book.need(OrderCase, command.order_id)
    asked = next((one for one in case.feedback if one.answered_at is None), None)
    if asked is None:
        says = "nobody asked, or all is answered"
        refuse(
            f"order {case.key} takes no feedback now",
            [Finding(code="NOT_ASKED", subject=case.key, says=says, mend="complete the order first")],
        )
        return
    answer = Feedback(
        asked_at=asked.asked_at,
        answered_at=book.at,
        answered_by=book.actor.name,
        rating=command.rating,
        says=command.says,
    )
    book.record(case, FeedbackGiven(feedback=answer))
