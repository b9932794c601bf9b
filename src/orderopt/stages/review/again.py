"""Reviewing a confirmed order again, because something that was reviewed has changed."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from orderopt.models.life.happened.review import ReviewAsked
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does

HEAD_FIELDS = (
    "kind",
    "customer_id",
    "currency",
    "prices_include_tax",
    "terms",
    "destination",
    "special_requirements",
)
LINE_FIELDS = (
    "item_id",
    "quantity",
    "requested_at",
    "unit_price",
    "discount",
    "destination",
    "ship_policy",
    "spec",
    "special_requirements",
)
"""What the rules of both reviews look at: a change of it asks for a new review."""


class ReviewAgain(Command):
    """Send a confirmed order of which nothing is released back to the first review; what it has is kept meanwhile."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.SALES})

    order_id: Id
    fields: tuple[str, ...] = ()
    reason: str = Field(min_length=1)


@does(ReviewAgain)
def answer_review_again(command: ReviewAgain, book: Book) -> OrderCase:
    """Take the step; return the order."""
    return review_again(book.need(OrderCase, command.order_id), book, fields=command.fields, why=command.reason)


def review_again(case: OrderCase, book: Book, *, fields: tuple[str, ...], why: str) -> OrderCase:
    """Send a confirmed order back to the first review, on a new clock; return the order."""
    ORDER.step(case.state, "review_again", case.key)
    return book.record(case, ReviewAsked(fields=fields), why=why)


def find_reviewed_changes(before: OrderCase, after: OrderCase) -> tuple[str, ...]:
    """Return which reviewed fields differ, as ``terms`` or ``line 1 quantity``; new and lost lines as ``line 1``."""
    found = [name for name in HEAD_FIELDS if getattr(before.head, name) != getattr(after.head, name)]
    if before.head.party.country != after.head.party.country:
        found.append("country")
    old = {line.line_no: line.ask for line in before.lines}
    new = {line.line_no: line.ask for line in after.lines}
    found += [f"line {line_no}" for line_no in sorted(old.keys() ^ new.keys())]
    found += [
        f"line {line_no} {name}"
        for line_no in sorted(old.keys() & new.keys())
        for name in LINE_FIELDS
        if getattr(old[line_no], name) != getattr(new[line_no], name)
    ]
    return tuple(found)
