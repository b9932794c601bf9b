"""Rules of the second review that look at the promise: delivery date, stock, capacity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from orderopt.models.life.promise import LinePromise, Origin
from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.stages.review.answers import failed, passed, warned
from orderopt.stages.review.registry import Question, review_rule


@review_rule(Stage.SECONDARY, Aspect.DATE)
def dates_can_be_kept(question: Question) -> Iterator[CheckResult]:
    """Check that every line can be there when it was asked for."""
    allowed = timedelta(days=float(question.policy.late_tolerance_days))
    for promise in _promises(question):
        asked_at = question.case.line(promise.line_no).ask.requested_at
        figures: dict[str, Any] = {"requested": asked_at, "promised": promise.promised_at, "cause": promise.cause}
        if promise.promised_at is None:
            figures["possible"] = promise.quantity
            says = "not all of it can be had"
            yield failed("NO_DATE", says, line_no=promise.line_no, mend="return or reject the order", **figures)
        elif promise.promised_at > asked_at + allowed:
            yield warned("DATE_LATE", "it comes later than asked for", line_no=promise.line_no, **figures)
        else:
            yield passed("DATE_KEPT", "it comes when asked for", line_no=promise.line_no, **figures)


@review_rule(Stage.SECONDARY, Aspect.STOCK)
def stock_is_there(question: Question) -> Iterator[CheckResult]:
    """Check that what the promise takes from stock is there, summed over all lines, for each item and site."""
    case = question.case
    taken: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for promise in _promises(question):
        item_id = case.line(promise.line_no).ask.item_id
        for part in promise.parts:
            if part.origin is Origin.STOCK:
                taken[item_id, part.source_id] += part.quantity
    for (item_id, site), quantity in sorted(taken.items()):
        ledger = question.book.get(StockLedger, f"{item_id}@{site}")
        available = ledger.available_to(case.key) if ledger else Decimal(0)
        figures = {"item": item_id, "site": site, "taken": quantity, "available": available}
        if quantity > available:
            yield failed("STOCK_SHORT", "there is less in stock than the promise takes", **figures)
        else:
            yield passed("STOCK_THERE", "what the promise takes is in stock", **figures)
    if not taken:
        yield passed("NOT_FROM_STOCK", "nothing comes from stock")


@review_rule(Stage.SECONDARY, Aspect.CAPACITY)
def nobody_else_is_hurt(question: Question) -> Iterator[CheckResult]:
    """Check that the order fits in without pushing others beyond their promises."""
    made = sum((each.quantity_from(Origin.MAKE) for each in _promises(question)), Decimal(0))
    hurt = question.promise.hurt if question.promise else ()
    if hurt:
        says = f"{len(hurt)} lines of other orders would come after their promise"
        yield warned("OTHERS_HURT", says, lines=", ".join(hurt), made=made)
    else:
        yield passed("CAPACITY_FITS", "nobody else comes late for it", made=made)


def _promises(question: Question) -> tuple[LinePromise, ...]:
    return question.promise.lines if question.promise else ()
