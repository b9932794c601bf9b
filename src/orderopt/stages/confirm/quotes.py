"""Inquiries and quotes: accepted, extended, expired."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.order import OrderExpired
from orderopt.models.life.happened.review import QuoteAccepted, QuoteAsked, QuoteExtended
from orderopt.models.life.happened.stock import StockReserved
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderKind, OrderState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.confirm import check_until
from orderopt.stages.confirm.reserve import set_free
from orderopt.stages.review.again import review_again
from orderopt.stages.review.credit import judge_credit
from orderopt.stages.review.decide import place_holds


class AcceptQuote(Command):
    """Make a valid quote an order at the promised dates; what it holds is kept without end, credit is looked at."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.CUSTOMER})

    order_id: Id
    customer_po: Id | None = None


class QuoteInquiry(Command):
    """Make an answered inquiry a quote: it is reviewed again, and holds what is then promised until a moment."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES})

    order_id: Id
    valid_until: Moment


class ExtendQuote(Command):
    """Let an inquiry or quote stand until another moment; what it holds is kept until then."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES})

    order_id: Id
    valid_until: Moment
    reason: str | None = None


class ExpireQuotes(Command):
    """End all inquiries and quotes whose time is over, and free what they held; the clock gives this command."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.PLANNER, Role.ADMINISTRATOR})


@does(AcceptQuote)
def accept_quote(command: AcceptQuote, book: Book) -> OrderCase:
    """Record that it is an order; return it."""
    case = book.need(OrderCase, command.order_id)
    if case.head.kind is not OrderKind.QUOTE or case.state is not OrderState.CONFIRMED:
        raise _refused(
            case, f"it is {case.state} and of the kind {case.head.kind}", "only a quote that was given can be"
        )
    check_until(case, book)
    case = book.record(case, QuoteAccepted(customer_po=command.customer_po))
    _keep_until(case, book, None)
    return place_holds(case, (judge_credit(case, book),), book)


@does(QuoteInquiry)
def quote_inquiry(command: QuoteInquiry, book: Book) -> OrderCase:
    """Record that a quote is wanted, and send it to review; return it."""
    case = book.need(OrderCase, command.order_id)
    if case.head.kind is not OrderKind.INQUIRY or case.state is not OrderState.CONFIRMED:
        says = f"it is {case.state} and of the kind {case.head.kind}"
        raise _refused(case, says, "only an inquiry that was answered can be")
    _check_later(case, command.valid_until, book)
    case = book.record(case, QuoteAsked(valid_until=command.valid_until))
    return review_again(case, book, fields=("kind",), why="a quote is wanted")


@does(ExtendQuote)
def extend_quote(command: ExtendQuote, book: Book) -> OrderCase:
    """Record the new date; return the order."""
    case = book.need(OrderCase, command.order_id)
    if case.head.kind is OrderKind.ORDER:
        raise _refused(case, "it is an order", "only inquiries and quotes end by themselves")
    _check_later(case, command.valid_until, book)
    case = book.record(case, QuoteExtended(valid_until=command.valid_until), why=command.reason)
    _keep_until(case, book, command.valid_until)
    return case


@does(ExpireQuotes)
def expire_quotes(command: ExpireQuotes, book: Book) -> tuple[str, ...]:
    """Take the step for each; return their ids."""
    ended = []
    for kind in (OrderKind.INQUIRY, OrderKind.QUOTE):
        for case in book.find(OrderCase, {"kind": str(kind), "open": "1"}):
            if case.head.valid_until is not None and case.head.valid_until <= book.at:
                freed = set_free(case, book, why="no longer valid")
                book.record(freed, OrderExpired(), why="no longer valid")
                ended.append(case.key)
    return tuple(ended)


def _keep_until(case: OrderCase, book: Book, until: datetime | None) -> None:
    """Give the reservations of an order another end."""
    for item_id in dict.fromkeys(line.ask.item_id for line in case.lines):
        for ledger in book.find(StockLedger, {"item": item_id}):
            for one in ledger.reservations:
                if one.order_id == case.key:
                    place = {"item_id": ledger.item_id, "site": ledger.site}
                    same = {"order_id": case.key, "line_no": one.line_no, "quantity": 0, "until": until}
                    book.record(ledger, StockReserved(**place, **same))


def _check_later(case: OrderCase, until: datetime, book: Book) -> None:
    if until <= book.at:
        raise _refused(case, f"{until.isoformat()} has passed", "name a later moment")


def _refused(case: OrderCase, says: str, mend: str) -> GuardError:
    return GuardError(
        f"{case.head.kind} {case.key}: {says}",
        [Finding(code="NOT_POSSIBLE", subject=f"order {case.key}", says=says, mend=mend)],
    )
