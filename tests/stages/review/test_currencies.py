"""Prices and exposure in another currency, or with tax, are compared at the rates of the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.stages.review.shop import ALICE, FINANCE, ask, open_shop

from orderopt.models.customer import Customer
from orderopt.models.item import Item
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.review import Aspect, Stage
from orderopt.stages.review.credit import judge_credit
from orderopt.stages.review.first import CheckOrder
from orderopt.stages.settle.rates import SetExchangeRate, SetTaxRate

NEW_YEAR = date(2026, 1, 1)
PUMP = Item(item_id="PUMP", list_price=Decimal(10))


def price_codes(shop) -> list[str]:
    checks = shop.do(CheckOrder(order_id="O", stage=Stage.PRIMARY), by=ALICE)
    return [check.code for check in checks if check.aspect is Aspect.PRICE]


@pytest.mark.parametrize(("price", "code"), [("20", "PRICE_RIGHT"), ("10", "PRICE_OFF_LIST")])
def test_a_price_in_another_currency_is_held_against_the_list(price, code):
    shop = open_shop(PUMP)
    shop.do(SetExchangeRate(currency="USD", into="EUR", rate=Decimal("0.5"), starts_on=NEW_YEAR), by=FINANCE)
    shop.submit("O", ask(unit_price=Decimal(price)), currency="USD")
    assert price_codes(shop) == [code]


@pytest.mark.parametrize(("price", "code"), [("12", "PRICE_RIGHT"), ("10", "PRICE_OFF_LIST")])
def test_a_gross_price_is_held_against_the_list_with_tax(price, code):
    shop = open_shop(PUMP)
    shop.do(SetTaxRate(code="VAT", rate=Decimal("0.2"), starts_on=NEW_YEAR), by=FINANCE)
    shop.submit("O", ask(unit_price=Decimal(price), tax_code="VAT"), prices_include_tax=True)
    assert price_codes(shop) == [code]


def test_without_a_rate_somebody_has_to_look():
    shop = open_shop(PUMP)
    shop.submit("O", ask(), currency="USD")
    assert price_codes(shop) == ["PRICE_NOT_COMPARED"]


def test_exposure_in_another_currency_counts_at_the_rate_of_the_day():
    shop = open_shop(customer=Customer(customer_id="C", credit_limit=Decimal(50)))
    shop.submit("O", ask(quantity=10), currency="USD")
    assert shop.call(lambda book: judge_credit(book.need(OrderCase, "O"), book)).code == "CREDIT_UNKNOWN"
    rate = SetExchangeRate(currency="USD", into="EUR", rate=Decimal("0.5"), starts_on=NEW_YEAR)
    shop.do(rate, by=FINANCE)
    check = shop.call(lambda book: judge_credit(book.need(OrderCase, "O"), book))
    assert (check.code, check.money["this_order"]) == ("CREDIT_ENOUGH", "50.00")
    shop.do(rate.model_copy(update={"rate": Decimal("0.51")}), by=FINANCE)
    assert shop.call(lambda book: judge_credit(book.need(OrderCase, "O"), book)).money["over"] == "1.00"
