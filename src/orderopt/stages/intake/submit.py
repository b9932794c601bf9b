"""Submitting a draft: from here on the review's clock runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.batch import Batch
from orderopt.models.life.happened.intake import OrderSubmitted
from orderopt.models.life.happened.order import HoldPlaced
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.intake.duplicates import build_duplicate_hold, find_unnoticed_twins


class Submit(Command):
    """Hand a draft over to review.

    It needs lines, a customer and items of the master data, an answer to every question, and a batch whose
    control totals agree (or someone who answers for the difference). Customers may submit their own orders. A
    likely duplicate that nobody has noticed yet is held.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.CUSTOMER})

    order_id: Id


@does(Submit)
def submit(command: Submit, book: Book) -> None:
    """Record the submission."""
    case = book.need(OrderCase, command.order_id)
    ORDER.step(case.state, "submit", case.key)
    findings = list(find_obstacles(case, book))
    if findings:
        raise GuardError(f"order {case.key} cannot be submitted", findings)
    twins = find_unnoticed_twins(case, book)
    if twins:
        case = book.record(case, HoldPlaced(hold=build_duplicate_hold(case, twins, book)))
    book.record(case, OrderSubmitted())


def find_obstacles(case: OrderCase, book: Book) -> Iterator[Finding]:
    """Yield everything that keeps an order from being submitted."""
    yield from _find_unknown_names(case, book)
    if case.head.valid_until is not None and case.head.valid_until <= book.at:
        says = f"it was valid until {case.head.valid_until:%Y-%m-%d %H:%M} UTC"
        yield Finding(code="NOT_VALID", subject=case.key, says=says, mend="agree on a new date")
    for question in case.open_questions:
        yield Finding(
            code="OPEN_QUESTION",
            subject=question.clarification_id,
            column=question.field,
            says=f"waits for an answer of {question.owner}",
            mend="answer it",
        )
    batch = book.get(Batch, case.head.batch_id) if case.head.batch_id else None
    for difference in batch.differences if batch is not None and not batch.is_settled else ():
        counted = "cannot be counted" if difference.counted is None else f"is {difference.counted}"
        yield Finding(
            code="CONTROL_TOTAL",
            subject=case.head.batch_id,
            column=difference.name,
            says=f"the total of {difference.name} {counted}, but the sender declared {difference.declared}",
            mend="find what is missing, or accept the difference of the batch with a reason",
        )


def _find_unknown_names(case: OrderCase, book: Book) -> Iterator[Finding]:
    if not case.lines:
        yield Finding(code="NO_LINES", subject=case.key, says="it has no lines", mend="add a line")
    if case.head.customer_id not in book.master.customer:
        says = f"there is no customer {case.head.customer_id!r} in the master data"
        yield Finding(code="UNKNOWN_CUSTOMER", subject=case.key, says=says, mend="add the customer")
    for line in case.lines:
        if line.ask.item_id not in book.master.item:
            says = f"there is no item {line.ask.item_id!r} in the master data"
            yield Finding(code="UNKNOWN_ITEM", subject=f"{case.key}/{line.line_no}", says=says, mend="add the item")
