"""Making a change: the one place where an order comes to ask for something else, all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from orderopt.models.life.amendment import Amendment, LineCancelled
from orderopt.models.life.change import Impact
from orderopt.models.life.disposition import Choice, Disposition
from orderopt.models.life.happened.change import (
    ChangeAcknowledged,
    ChangeApplied,
    ChangeDisposed,
    ChangeOutdated,
    NoticeSent,
    OrderIncreased,
    OrderShortClosed,
)
from orderopt.models.life.happened.order import OrderCancelled
from orderopt.models.life.happened.review import DatesPromised
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import LinePromise
from orderopt.models.life.states import CHANGE, OrderState
from orderopt.stages.book import Book
from orderopt.stages.change.commitments import find_orphans
from orderopt.stages.change.concern import build_notice, find_departments
from orderopt.stages.change.dispose import Disposer
from orderopt.stages.change.faults import check_amendments
from orderopt.stages.review.again import find_reviewed_changes, review_again
from orderopt.stages.review.credit import release_credit_holds

_DATED = frozenset({"quantity", "date", "item", "add_line", "cancel_line", "destination"})
"""Kinds of amendments after which a line has a new date."""


def make_change(
    book: Book, case: OrderCase, change_id: str, choices: Sequence[Choice] = (), why: str | None = None
) -> OrderCase:
    """Apply an approved request to an order and to everything that is committed to it; return the order.

    The order's lines change and its revision counts on; other requests that were looked at become stale; each
    quantity that loses its demand gets one disposition; the state follows: a confirmed order goes back to review, a
    completed one with something open is taken up again, one of which nothing is left open is cancelled or, if
    something has shipped, complete; those whom it concerns are told.
    """
    change = case.change(change_id)
    assert change.impact is not None
    amendments = _size(case, change.amendments)
    check_amendments(case, amendments, book.master)
    after = book.record(case, ChangeApplied(change_id=change_id, amendments=amendments), why=why)
    after = _outdate_others(book, after, change_id)
    after = _promise(book, _follow(book, case, after, why), amendments, change.impact)
    disposer = Disposer(book, choices)
    disposer.dispose(list(find_orphans(book, case, after, first={choice.key for choice in choices})))
    disposer.check_choices()
    dispositions = tuple(disposer.dispositions)
    after = book.need(OrderCase, case.key)
    if dispositions:
        after = book.record(after, ChangeDisposed(change_id=change_id, dispositions=dispositions))
    after = _tell(book, case, after, change_id, change.impact, dispositions)
    release_credit_holds(case.head.customer_id, book)
    return book.need(OrderCase, case.key)


def _size(case: OrderCase, amendments: Sequence[Amendment]) -> tuple[Amendment, ...]:
    """Say how much is cancelled where a request says: all."""
    return tuple(
        one.model_copy(update={"quantity": case.line(one.line_no).counts.open})
        if isinstance(one, LineCancelled) and one.quantity is None
        else one
        for one in amendments
    )


def _outdate_others(book: Book, case: OrderCase, change_id: str) -> OrderCase:
    for other in case.changes:
        if other.change_id != change_id and CHANGE.allows(other.state, "outdate"):
            fact = ChangeOutdated(change_id=other.change_id, because=f"{change_id} was applied")
            case = book.record(case, fact)
    return case


def _follow(book: Book, before: OrderCase, after: OrderCase, why: str | None) -> OrderCase:
    """Take the step of the order's state that the change asks for."""
    is_open = any(line.counts.open > 0 for line in after.lines)
    has_left = any(line.counts.shipped > 0 for line in after.lines)
    if after.state is OrderState.COMPLETED:
        return book.record(after, OrderIncreased(), why=why) if is_open else after
    if not is_open and any(line.counts.open > 0 for line in before.lines):
        if not has_left:
            return book.record(after, OrderCancelled(), why=why)
        if after.state is OrderState.IN_EXECUTION:
            return book.record(after, OrderShortClosed(), why=why)
    fields = find_reviewed_changes(before, after)
    if after.state is OrderState.CONFIRMED and fields:
        return review_again(after, book, fields=fields, why=why or "it was changed")
    return after


def _promise(book: Book, case: OrderCase, amendments: Sequence[Amendment], impact: Impact) -> OrderCase:
    """Promise the dates that were agreed to, for the lines that were changed; a review finds its own."""
    if case.state is not OrderState.IN_EXECUTION:
        return case
    touched = {getattr(one, "line_no", None) for one in amendments if one.kind in _DATED}
    agreed = tuple(
        LinePromise(
            line_no=one.line_no,
            promised_at=max(one.after, case.line(one.line_no).ask.requested_at),
            quantity=case.line(one.line_no).counts.open,
        )
        for one in impact.promises
        if one.after is not None and one.line_no in touched
    )
    return book.record(case, DatesPromised(lines=agreed)) if agreed else case


def _tell(
    book: Book,
    before: OrderCase,
    after: OrderCase,
    change_id: str,
    impact: Impact,
    dispositions: tuple[Disposition, ...],
) -> OrderCase:
    change = after.change(change_id)
    if before.state is OrderState.DRAFT:
        return book.record(after, ChangeAcknowledged(change_id=change_id))
    for department in find_departments(book, before, change.amendments, dispositions):
        notice = build_notice(
            book,
            before,
            change_id,
            impact,
            department,
            amendments=change.amendments,
            dispositions=dispositions,
        )
        after = book.record(after, NoticeSent(notice=notice))
    return after
