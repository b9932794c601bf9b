"""Quotes hold what they promise until they expire or become orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.stages.review.shop import BOB, FRIDAY, ROOT, SALES, ask, open_shop

from orderopt.errors import GuardError
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderKind, OrderState
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.quotes import AcceptQuote, ExpireQuotes, ExtendQuote, QuoteInquiry
from orderopt.stages.confirm.release import Release

UNTIL = FRIDAY + timedelta(days=14)
CUSTOMER = Actor.of("kim", Role.CUSTOMER, customer_id="C")


@pytest.fixture
def shop():
    """Return a shop with 10 pumps, 6 of them held by a quote."""
    shop = open_shop()
    shop.stock("PUMP", 10)
    shop.quote("Q", ask(quantity=6), valid_until=UNTIL)
    return shop


def test_a_quote_holds_until_it_expires(shop):
    (kept,) = shop.ledger("PUMP@").reservations
    assert (kept.quantity, kept.until) == (6, UNTIL)
    shop.clock.now = UNTIL - timedelta(minutes=1)
    assert shop.do(ExpireQuotes(), by=ROOT) == ()
    shop.clock.now = UNTIL
    assert shop.do(ExpireQuotes(), by=ROOT) == ("Q",)
    assert shop.ledger("PUMP@").free == 10
    case = shop.order("Q")
    assert case.state is OrderState.EXPIRED
    assert case.line("1").counts.allocated == 0
    assert shop.do(ExpireQuotes(), by=ROOT) == ()


def test_inquiries_expire_too_and_orders_do_not(shop):
    shop.confirm("I", ask(), kind=OrderKind.INQUIRY, valid_until=UNTIL)
    shop.submit("WAITING", ask(), kind=OrderKind.QUOTE, valid_until=UNTIL)
    shop.confirm("O", ask(), valid_until=UNTIL)
    shop.clock.now = UNTIL
    assert set(shop.do(ExpireQuotes(), by=ROOT)) == {"I", "Q", "WAITING"}
    assert shop.order("O").state is OrderState.CONFIRMED


def test_an_accepted_quote_is_an_order_that_keeps_what_it_held(shop):
    case = shop.do(AcceptQuote(order_id="Q", customer_po="PO-9"), by=CUSTOMER)
    assert (case.head.kind, case.head.valid_until, case.head.customer_po) == (OrderKind.ORDER, None, "PO-9")
    (kept,) = shop.ledger("PUMP@").reservations
    assert (kept.quantity, kept.until) == (6, None)
    shop.clock.now = UNTIL + timedelta(days=1)
    assert shop.do(ExpireQuotes(), by=ROOT) == ()
    assert shop.do(Release(order_id="Q"), by=SALES).state is OrderState.IN_EXECUTION


def test_a_quote_is_not_accepted_after_its_time(shop):
    shop.clock.now = UNTIL
    with pytest.raises(GuardError, match="NO_LONGER_VALID"):
        shop.do(AcceptQuote(order_id="Q"), by=SALES)


def test_a_quote_is_not_released(shop):
    with pytest.raises(GuardError, match="it is a quote"):
        shop.do(Release(order_id="Q"), by=SALES)


def test_a_quote_that_is_extended_holds_longer(shop):
    later = UNTIL + timedelta(days=7)
    shop.do(ExtendQuote(order_id="Q", valid_until=later), by=SALES)
    assert shop.ledger("PUMP@").reservations[0].until == later
    shop.clock.now = UNTIL
    assert shop.do(ExpireQuotes(), by=ROOT) == ()
    with pytest.raises(GuardError, match="has passed"):
        shop.do(ExtendQuote(order_id="Q", valid_until=UNTIL), by=SALES)


def test_only_quotes_that_were_given_are_accepted_or_extended(shop):
    shop.submit("EARLY", ask(), kind=OrderKind.QUOTE)
    shop.confirm("O", ask())
    for order_id in ("EARLY", "O"):
        with pytest.raises(GuardError, match="only a quote that was given can be"):
            shop.do(AcceptQuote(order_id=order_id), by=SALES)
    with pytest.raises(GuardError, match="only inquiries and quotes end by themselves"):
        shop.do(ExtendQuote(order_id="O", valid_until=UNTIL), by=SALES)


def test_a_quote_is_not_given_after_its_time(shop):
    shop.submit("LATE", ask(), kind=OrderKind.QUOTE, valid_until=FRIDAY + timedelta(hours=1))
    shop.pass_first("LATE")
    shop.clock.pass_hours(2)
    with pytest.raises(GuardError, match="NO_LONGER_VALID"):
        shop.do(PassSecondary(order_id="LATE"), by=BOB)


def test_an_inquiry_becomes_a_quote_by_another_review(shop):
    shop.confirm("I", ask(quantity=4), kind=OrderKind.INQUIRY)
    assert shop.ledger("PUMP@").reserved_for("I") == 0
    with pytest.raises(GuardError, match="has passed"):
        shop.do(QuoteInquiry(order_id="I", valid_until=FRIDAY), by=SALES)
    case = shop.do(QuoteInquiry(order_id="I", valid_until=UNTIL), by=SALES)
    assert (case.head.kind, case.state) == (OrderKind.QUOTE, OrderState.PRIMARY_REVIEW)
    shop.pass_first("I")
    shop.do(PassSecondary(order_id="I"), by=BOB)
    assert shop.ledger("PUMP@").reserved_for("I") == 4
    with pytest.raises(GuardError, match="only an inquiry that was answered can be"):
        shop.do(QuoteInquiry(order_id="I", valid_until=UNTIL), by=SALES)
