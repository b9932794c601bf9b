"""Cancelling a whole order of which nothing has shipped; what was kept for it is free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from orderopt.models.finding import Finding
from orderopt.models.life.happened.order import OrderCancelled
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.reserve import set_free
from orderopt.stages.review.credit import release_credit_holds
from orderopt.stages.review.decide import refuse


class CancelOrder(Command):
    """Cancel an order, with a reason; refused with GuardError once anything is packed or shipped.

    Reservations end, proposals are withdrawn, and committed supply that was for it is free for the next demand.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.SECOND_REVIEWER})

    order_id: Id
    reason: str = Field(min_length=1)


@does(CancelOrder)
def cancel_order(command: CancelOrder, book: Book) -> OrderCase:
    """Take the step; return the order."""
    case = book.need(OrderCase, command.order_id)
    ORDER.step(case.state, "cancel", case.key)
    refuse(case, "cancelling", list(_find_shipped(case)))
    case = set_free(case, book, why=command.reason)
    case = book.record(case, OrderCancelled(), why=command.reason)
    release_credit_holds(case.head.customer_id, book)
    return case


def _find_shipped(case: OrderCase) -> Iterator[Finding]:
    for line in case.lines:
        subject, counts = f"line {line.line_no}", line.counts
        if counts.shipped:
            says = f"{counts.shipped} are shipped"
            yield Finding(code="SHIPPED", subject=subject, says=says, mend="cancel the rest by a change request")
        elif counts.packed:
            says = f"{counts.packed} are packed"
            yield Finding(code="PACKED", subject=subject, says=says, mend="cancel the shipment first")
