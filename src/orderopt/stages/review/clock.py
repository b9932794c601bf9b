"""The review's clock: working time from submission, standing still while a question is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import OrderState
from orderopt.stages.book import Book
from orderopt.stages.review.working_time import count_minutes, find_working_time


@dataclass(frozen=True)
class ReviewClock:
    """How an order stands against the time limit of its reviews.

    Attributes
    ----------
    used_minutes
        Working minutes that are used up.
    due_at
        When the limit is reached if nothing stops the clock from now on.
    is_standing
        Whether a question is open, or the order is back with its sender.
    is_overdue
        Whether the limit has passed.
    """

    used_minutes: int
    due_at: datetime
    is_standing: bool
    is_overdue: bool


def read_clock(case: OrderCase, book: Book) -> ReviewClock:
    """Return the clock of an order as of the book's moment.

    The clock starts at submission, or when a confirmed order has to be reviewed again. Time in which the order
    was back with its sender does not count.
    """
    working = find_working_time(book.policy, book.master)
    limit = count_minutes(book.policy.review.sla_hours)
    used, due_at = case.review_used, None
    for start, end in _find_stretches(case, book.at):
        spent = working.between(start, end)
        if due_at is None and used + spent >= limit:
            due_at = working.after(start, limit - used)
        used += spent
    if due_at is None:
        due_at = working.after(book.at, limit - used)
    is_standing = bool(case.open_questions) or case.state is OrderState.DRAFT
    return ReviewClock(used, due_at, is_standing, due_at < book.at)


def _find_stretches(case: OrderCase, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans in which the clock ran since it was last set; the last one ends now."""
    if case.state is OrderState.DRAFT:
        return
    marks = [moment for moment in (case.submitted_at, case.review_since) if moment is not None]
    begin = max(marks, default=now)
    for asked in sorted(case.clarifications, key=lambda one: one.asked_at):
        answered = asked.answered_at or now
        if answered <= begin or asked.asked_at > now:
            continue
        if asked.asked_at > begin:
            yield begin, asked.asked_at
        begin = answered
    yield begin, now
