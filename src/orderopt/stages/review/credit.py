"""Credit: what a customer owes and has ordered, against the limit; holds by it, and their release by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from orderopt.errors import NotFoundError
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.amounts import ZERO
from orderopt.models.life.happened.order import HoldReleased
from orderopt.models.life.hold import Hold, HoldType
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.models.life.states import OrderKind, OrderState
from orderopt.stages.book import Book
from orderopt.stages.review.answers import passed, warned
from orderopt.stages.review.registry import Question, review_rule
from orderopt.stages.settle.rates import find_exchange_rate, find_today

AUTO_RELEASE = "credit"
"""The rule by which a credit hold is lifted by itself."""

_BEFORE_CONFIRMED = (
    OrderState.DRAFT,
    OrderState.SUBMITTED,
    OrderState.PRIMARY_REVIEW,
    OrderState.SECONDARY_REVIEW,
)


@dataclass(frozen=True)
class Exposure:
    """What a customer could fail to pay, in the currency of the desk.

    Attributes
    ----------
    receivable
        What is invoiced and not paid, unallocated payments taken off.
    shipped_unbilled
        What is shipped and not invoiced yet.
    open_orders
        What other orders still have to ship that is not invoiced.
    this_order
        The same of the order that is looked at.
    unpriced
        Orders that could not be counted, since there is no rate of their currency.
    """

    receivable: Decimal = ZERO
    shipped_unbilled: Decimal = ZERO
    open_orders: Decimal = ZERO
    this_order: Decimal = ZERO
    unpriced: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """The sum."""
        return self.receivable + self.shipped_unbilled + self.open_orders + self.this_order


def find_exposure(book: Book, customer_id: str, this: OrderCase | None = None) -> Exposure:
    """Return the exposure of a customer, with an order that is looked at.

    Orders count from confirmation on. Of the others, those that are held for credit and stand behind `this` in the
    queue do not count: they cannot go on before it.

    Notes
    -----
    A quantity counts once: invoiced in the receivables, else shipped as unbilled, else ordered as open. What is not
    invoiced counts at the prices of the order, in another currency at today's rate.
    """
    account = book.get(Account, name_account(PartyKind.CUSTOMER, customer_id))
    cases = [
        case
        for case in book.find(OrderCase, {"customer": customer_id, "open": "1"})
        if case.head.kind is OrderKind.ORDER and case.state not in _BEFORE_CONFIRMED
    ]
    worth = {case.key: _find_worth(case, book) for case in (*cases, *([] if this is None else [this]))}
    others = [case for case in cases if this is None or case.key != this.key]
    mine = [] if this is None else [this]

    def add(wanted: Iterable[OrderCase], count: Callable[[OrderCase], Decimal]) -> Decimal:
        return sum((count(case) * (worth[case.key] or ZERO) for case in wanted), ZERO)

    return Exposure(
        receivable=account.receivable if account else ZERO,
        shipped_unbilled=add((*others, *mine), find_unbilled),
        open_orders=add((case for case in others if _counts(case, this)), find_open),
        this_order=add(mine, find_open),
        unpriced=tuple(key for key, rate in worth.items() if rate is None),
    )


def _find_worth(case: OrderCase, book: Book) -> Decimal | None:
    """Return what a unit of an order's currency is worth today in the desk's; None if no rate is known."""
    try:
        return find_exchange_rate(book, case.head.currency, find_today(book))[0]
    except NotFoundError:
        return None


def find_unbilled(case: OrderCase) -> Decimal:
    """Return what is shipped of an order and not invoiced, in money."""
    return sum(
        (_worth(line, max(ZERO, line.counts.shipped - _invoiced(line))) for line in case.lines),
        ZERO,
    )


def find_open(case: OrderCase) -> Decimal:
    """Return what an order has still to ship and what is not invoiced either, in money."""
    return sum(
        (
            _worth(line, max(ZERO, line.counts.wanted - max(line.counts.shipped, _invoiced(line))))
            for line in case.lines
        ),
        ZERO,
    )


def _invoiced(line: CaseLine) -> Decimal:
    return line.counts.invoiced - line.counts.credited


def _worth(line: CaseLine, quantity: Decimal) -> Decimal:
    return quantity * (line.ask.unit_price or ZERO) * (1 - line.ask.discount)


def find_credit_hold(case: OrderCase) -> Hold | None:
    """Return the active credit hold of an order."""
    return next((hold for hold in case.holds if hold.type is HoldType.CREDIT and hold.is_active), None)


def _queue_place(case: OrderCase) -> tuple[datetime, str] | None:
    hold = find_credit_hold(case)
    return None if hold is None else (hold.placed_at, case.key)


def _counts(other: OrderCase, this: OrderCase | None) -> bool:
    theirs = _queue_place(other)
    if theirs is None or this is None or this.state in _BEFORE_CONFIRMED:
        return True
    mine = _queue_place(this)
    return mine is not None and theirs < mine


@review_rule(Stage.SECONDARY, Aspect.CREDIT)
def credit_is_enough(question: Question) -> Iterator[CheckResult]:
    """Check that exposure with this order is within the limit; if not, a hold on release and shipping follows."""
    yield judge_credit(question.case, question.book)


def judge_credit(case: OrderCase, book: Book) -> CheckResult:
    """Return what credit says of an order, with all figures."""
    customer_id = case.head.customer_id
    customer = book.master.customer.get(customer_id)
    limit = customer.credit_limit if customer else None
    exposure = find_exposure(book, customer_id, case)
    money = {
        "receivable": exposure.receivable,
        "shipped_unbilled": exposure.shipped_unbilled,
        "open_orders": exposure.open_orders,
        "this_order": exposure.this_order,
        "exposure": exposure.total,
    }
    if limit is None:
        return passed("NO_LIMIT", "the customer has no credit limit", money=money)
    money["limit"] = limit
    if exposure.total > limit:
        money["over"] = exposure.total - limit
        says = "exposure is above the credit limit"
        hold = HoldType.CREDIT if case.head.kind is OrderKind.ORDER else None
        answer = warned if hold else passed
        return answer("CREDIT_OVER", says, money=money, hold=hold, mend="wait for a payment or raise the limit")
    if exposure.unpriced:
        says = "orders are not counted: there is no rate of their currency"
        return warned("CREDIT_UNKNOWN", says, money=money, orders=", ".join(exposure.unpriced))
    return passed("CREDIT_ENOUGH", "exposure is within the credit limit", money=money)


def release_credit_holds(customer_id: str, book: Book) -> tuple[str, ...]:
    """Lift the credit holds of a customer that are no longer needed, the oldest first; return the orders.

    To be called whenever the exposure of a customer falls: a payment, a credit note, a cancelled quantity. An order
    that still does not fit keeps its hold, and so do those behind it.
    """
    held = [
        (place, case)
        for case in book.find(OrderCase, {"customer": customer_id, "open": "1"})
        if (place := _queue_place(case)) is not None
    ]
    released = []
    for _, case in sorted(held, key=lambda entry: entry[0]):
        hold = find_credit_hold(case)
        assert hold is not None
        if hold.auto_release != AUTO_RELEASE:
            continue
        if judge_credit(case, book).code not in ("CREDIT_ENOUGH", "NO_LIMIT"):
            break
        lifted = HoldReleased(hold_id=hold.hold_id, rule=AUTO_RELEASE)
        book.record(case, lifted, why="exposure is within the credit limit")
        released.append(case.key)
    return tuple(released)
