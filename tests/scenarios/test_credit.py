"""Credit.

Given limit 100,000.00; receivable 62,000.00; shipped unbilled 8,500.00; open orders 21,000.00. When an order of
9,000.00 is reviewed, then exposure 100,500.00, over by 500.00, CREDIT hold on RELEASE; after a payment of 600.00
exposure is 99,900.00 and it lifts by itself.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.review.shop import BOB, SALES, ask, open_shop

from orderopt.errors import GuardError
from orderopt.models.customer import Customer
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.review import Aspect, Stage
from orderopt.models.life.states import OrderState
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.release import Release
from orderopt.stages.review.credit import find_exposure


@pytest.fixture
def shop():
    """Return a shop in which all that is given is given."""
    shop = open_shop(customer=Customer(customer_id="C", credit_limit=Decimal(100_000)))
    shop.owe("C", "62000")
    shop.confirm("SHIPPED", ask(quantity=850))
    shop.do(Release(order_id="SHIPPED"), by=SALES)
    shop.ship("SHIPPED", 850)
    shop.confirm("OPEN", ask(quantity=2100))
    shop.submit("O-1", ask(quantity=1000, discount=Decimal("0.1")))
    shop.pass_first("O-1")
    return shop


def test_exposure_above_the_limit_confirms_with_a_hold_on_release(shop):
    case = shop.do(PassSecondary(order_id="O-1"), by=BOB)
    assert case.state is OrderState.CONFIRMED
    (check,) = [one for one in case.passed_review(Stage.SECONDARY).checks if one.aspect is Aspect.CREDIT]
    assert check.code == "CREDIT_OVER"
    assert check.money == {
        "receivable": "62000.00",
        "shipped_unbilled": "8500.00",
        "open_orders": "21000.00",
        "this_order": "9000.00",
        "exposure": "100500.00",
        "limit": "100000.00",
        "over": "500.00",
    }
    (hold,) = case.holds
    assert hold.type is HoldType.CREDIT
    assert hold.blocks == {Blocks.RELEASE, Blocks.SHIP}
    with pytest.raises(GuardError, match="a credit hold blocks release"):
        shop.do(Release(order_id="O-1"), by=SALES)


def test_a_payment_lifts_the_hold_by_itself(shop):
    shop.do(PassSecondary(order_id="O-1"), by=BOB)
    assert shop.pay("C", "600") == ("O-1",)
    assert shop.call(lambda book: find_exposure(book, "C")).total == Decimal(99_900)
    case = shop.order("O-1")
    assert case.holds_on(Blocks.RELEASE) == ()
    assert case.holds[0].released_by_rule == "credit"
    assert shop.do(Release(order_id="O-1"), by=SALES).state is OrderState.IN_EXECUTION


def test_a_payment_that_is_too_small_lifts_nothing(shop):
    shop.do(PassSecondary(order_id="O-1"), by=BOB)
    assert shop.pay("C", "499.99") == ()
    assert shop.pay("C", "0.01") == ("O-1",)
