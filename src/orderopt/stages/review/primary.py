"""Rules of the first review: customer, items, prices, completeness."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orderopt.errors import NotFoundError
from orderopt.models.item import Item
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.review import Aspect, CheckResult, Stage
from orderopt.stages.review.answers import failed, passed, warned
from orderopt.stages.review.registry import Question, review_rule
from orderopt.stages.settle.rates import find_exchange_rate, find_tax_rate, find_today


@review_rule(Stage.PRIMARY, Aspect.CUSTOMER)
def customer_is_known(question: Question) -> Iterator[CheckResult]:
    """Check that the customer stands in the master data and is not blocked."""
    customer = question.customer
    if customer is None:
        yield failed("CUSTOMER_UNKNOWN", "the customer is not known", mend="add the customer or correct the order")
    elif customer.blocked:
        yield failed("CUSTOMER_BLOCKED", "the customer is blocked", mend="reject the order or unblock the customer")
    else:
        yield passed("CUSTOMER_KNOWN", "the customer is known and not blocked")


@review_rule(Stage.PRIMARY, Aspect.ITEM)
def items_are_sold(question: Question) -> Iterator[CheckResult]:
    """Check that every item stands in the master data and is active."""
    for line in question.case.lines:
        item_id = line.ask.item_id
        item = question.master.item.get(item_id)
        if item is None:
            yield failed("ITEM_UNKNOWN", "the item is not known", line_no=line.line_no, item=item_id)
        elif not item.active:
            yield failed("ITEM_INACTIVE", "the item is not sold any more", line_no=line.line_no, item=item_id)
        else:
            yield passed("ITEM_ACTIVE", "the item is sold", line_no=line.line_no, item=item_id)


@review_rule(Stage.PRIMARY, Aspect.PRICE)
def prices_are_right(question: Question) -> Iterator[CheckResult]:
    """Check that prices agree with the list, discounts with their limit and margins with their floor.

    Gross prices are held against list and cost with tax added, prices in another currency at today's rate.
    """
    for line in question.case.lines:
        item = question.master.item.get(line.ask.item_id)
        if line.ask.unit_price is None or item is None:
            continue
        try:
            measure = _find_measure(question, line.ask)
        except NotFoundError as lack:
            if item.list_price is not None or item.cost is not None:
                yield warned("PRICE_NOT_COMPARED", "there is no rate to compare by", line_no=line.line_no, lack=lack)
            continue
        yield from _judge_price(question, line.ask, item, measure)


def _find_measure(question: Question, ask: OrderedLine) -> tuple[Decimal, Decimal]:
    """Return what a unit of the order's currency is worth, and what a net price is multiplied with."""
    head, book = question.case.head, question.book
    worth, _ = find_exchange_rate(book, head.currency, find_today(book))
    if not head.prices_include_tax:
        return worth, Decimal(1)
    return worth, 1 + find_tax_rate(book, ask.tax_code, find_today(book))[1].rate


def _judge_price(
    question: Question, ask: OrderedLine, item: Item, measure: tuple[Decimal, Decimal]
) -> Iterator[CheckResult]:
    policy, (worth, taxed) = question.policy, measure
    assert ask.unit_price is not None
    price, paid = ask.unit_price * worth, ask.unit_price * (1 - ask.discount) * worth
    found = []
    listed = None if item.list_price is None else item.list_price * taxed
    if listed is not None and abs(price - listed) > listed * policy.price_tolerance:
        money = {"price": price, "listed": listed}
        found.append(warned("PRICE_OFF_LIST", "the price is not the listed one", line_no=ask.line_no, money=money))
    if policy.max_discount is not None and ask.discount > policy.max_discount:
        found.append(
            warned(
                "DISCOUNT_TOO_HIGH",
                "the discount is above its limit",
                line_no=ask.line_no,
                discount=ask.discount,
                limit=policy.max_discount,
            )
        )
    cost = None if item.cost is None else item.cost * taxed
    if policy.min_margin is not None and cost is not None and paid - cost < paid * policy.min_margin:
        found.append(
            failed(
                "MARGIN_TOO_LOW",
                "the margin is below its floor",
                line_no=ask.line_no,
                money={"paid": paid, "cost": cost, "margin": paid - cost},
                floor=policy.min_margin,
                mend="return the order to have the price corrected",
            )
        )
    yield from found or [passed("PRICE_RIGHT", "the price is right", line_no=ask.line_no)]


@review_rule(Stage.PRIMARY, Aspect.COMPLETENESS)
def nothing_is_missing(question: Question) -> Iterator[CheckResult]:
    """Check that every field that the policy asks for is filled, and no question is open."""
    case, policy = question.case, question.policy
    missing: list[tuple[str | None, str]] = [
        (None, name) for name in policy.required_head if not getattr(case.head, name)
    ]
    missing += [
        (line.line_no, name)
        for line in case.lines
        for name in policy.required_line
        if getattr(line.ask, name) in (None, "", Decimal(0))
    ]
    for line_no, name in missing:
        mend = "ask the customer or return the order"
        yield failed("FIELD_MISSING", f"{name} is missing", line_no=line_no, field=name, mend=mend)
    for question_open in case.open_questions:
        yield failed(
            "QUESTION_OPEN",
            "a question waits for its answer",
            question=question_open.clarification_id,
            owner=question_open.owner,
            mend="answer it",
        )
    if not missing and not case.open_questions:
        yield passed("COMPLETE", "nothing is missing")
