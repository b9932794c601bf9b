"""Which orders wait for review, and which of them have waited too long."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.stages.book import Book, Command, does
from orderopt.stages.review.clock import read_clock

WAITING = (OrderState.SUBMITTED, OrderState.PRIMARY_REVIEW, OrderState.SECONDARY_REVIEW)


class ListReviews(Command):
    """Ask which orders wait for review, the most urgent first.

    Parameters
    ----------
    only_overdue
        Only those whose time limit has passed.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset(Role) - {Role.CUSTOMER, Role.SHOP_FLOOR, Role.WAREHOUSE}

    only_overdue: bool = False


class WaitingReview(Part):
    """An order that waits for review.

    Attributes
    ----------
    due_at
        When the time limit is reached, or was.
    is_standing
        Whether the clock stands, because a question is open.
    """

    order_id: str
    state: OrderState
    reviewer: str | None
    due_at: datetime
    used_minutes: int
    is_standing: bool
    is_overdue: bool


@does(ListReviews)
def list_reviews(query: ListReviews, book: Book) -> list[WaitingReview]:
    """Return a row for each order."""
    rows = [_build_row(case, book) for state in WAITING for case in book.find(OrderCase, {"state": str(state)})]
    kept = [row for row in rows if row.is_overdue or not query.only_overdue]
    return sorted(kept, key=lambda row: (row.due_at, row.order_id))


def _build_row(case: OrderCase, book: Book) -> WaitingReview:
    clock = read_clock(case, book)
    claimed = [review.reviewer for review in case.reviews if review.is_open]
    return WaitingReview(
        order_id=case.key,
        state=case.state,
        reviewer=claimed[-1] if claimed else None,
        due_at=clock.due_at,
        used_minutes=clock.used_minutes,
        is_standing=clock.is_standing,
        is_overdue=clock.is_overdue,
    )
