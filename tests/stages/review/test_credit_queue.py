"""Credit holds are lifted in the order in which they were placed, and money counts once on its way to an invoice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stages.review.shop import BOB, FINANCE, ROOT, SALES, SOON, ask, open_shop

from orderopt.errors import GuardError
from orderopt.models.customer import Customer
from orderopt.models.life.happened.supply import SupplyProposed, SupplyStepped
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import OrderState
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.confirm.release import Release
from orderopt.stages.review.credit import find_credit_hold, find_exposure
from orderopt.stages.review.holds import ReleaseHold
from orderopt.stages.review.recheck import RecheckCredit
from orderopt.stages.review.send_back import Reject
from orderopt.stages.track.release import ReleaseSupply


def limited(limit: int):
    """Return a shop with a customer who owes nothing and has a limit."""
    shop = open_shop(customer=Customer(customer_id="C", credit_limit=Decimal(limit)))
    shop.owe("C", "0.01")
    shop.pay("C", "0.01")
    return shop


def is_held(shop, order_id: str) -> bool:
    return find_credit_hold(shop.order(order_id)) is not None


def test_the_oldest_hold_is_lifted_first_and_those_behind_wait():
    shop = limited(100)
    shop.owe_more("C", "95")
    for order_id, quantity in (("A", 5), ("B", 1), ("C3", 1)):
        shop.confirm(order_id, ask(quantity=quantity))
        shop.clock.pass_hours(1)
    assert [is_held(shop, name) for name in ("A", "B", "C3")] == [True] * 3
    assert shop.pay("C", "44") == ()
    assert shop.pay("C", "1") == ("A",)
    assert shop.pay("C", "19.99") == ("B",)
    assert shop.pay("C", "0.01") == ("C3",)


def test_exposure_that_falls_by_a_cancelled_order_lifts_the_hold_of_another():
    shop = limited(100)
    shop.confirm("A", ask(quantity=8))
    shop.confirm("B", ask(quantity=5))
    assert is_held(shop, "B")
    shop.do(CancelOrder(order_id="A", reason="the customer does not want it"), by=SALES)
    assert not is_held(shop, "B")


def test_a_higher_limit_lifts_the_hold_when_finance_looks_again():
    shop = limited(10)
    shop.confirm("A", ask(quantity=2))
    shop.put(Customer(customer_id="C", credit_limit=Decimal(20)))
    assert is_held(shop, "A")
    assert shop.do(RecheckCredit(customer_id="C"), by=FINANCE) == ("A",)
    assert not is_held(shop, "A")


def test_an_order_without_a_limit_is_never_held():
    shop = open_shop()
    assert shop.confirm("A", ask(quantity=10_000_000)).holds == ()


def test_finance_lets_an_order_pass_and_it_stays_passed():
    shop = limited(10)
    case = shop.confirm("A", ask(quantity=2))
    (hold,) = case.holds_on(Blocks.RELEASE)
    shop.do(ReleaseHold(order_id="A", hold_id=hold.hold_id, reason="the bank vouches for it"), by=FINANCE)
    assert shop.do(Release(order_id="A"), by=SALES).state is OrderState.IN_EXECUTION


def test_release_looks_at_exposure_again():
    shop = limited(100)
    assert shop.confirm("A", ask(quantity=5)).holds == ()
    shop.owe_more("C", "60")
    with pytest.raises(GuardError, match="CREDIT_OVER"):
        shop.do(Release(order_id="A"), by=SALES)
    shop.pay("C", "10")
    assert shop.do(Release(order_id="A"), by=SALES).state is OrderState.IN_EXECUTION


def test_supply_is_not_released_for_an_order_that_may_not_be():
    shop = limited(100)
    shop.confirm("A", ask(quantity=5))
    peg = SupplyPeg(order_id="A", line_no="1", quantity=Decimal(5))
    supply = SupplyOrder(
        supply_id="J",
        kind=SupplyKind.MAKE,
        item_id="PUMP",
        source_id="U",
        quantity=Decimal(5),
        due_at=SOON,
        pegs=(peg,),
    )
    shop.tell(SupplyOrder, "J", SupplyProposed(supply=supply), SupplyStepped(trigger="firm"))
    shop.owe_more("C", "60")
    with pytest.raises(GuardError, match="CREDIT_OVER"):
        shop.do(ReleaseSupply(supply_id="J"), by=ROOT)
    shop.pay("C", "10")
    assert shop.do(ReleaseSupply(supply_id="J"), by=ROOT) == ("A",)


def test_a_quote_is_looked_at_when_it_is_accepted_and_counts_from_then_on():
    shop = limited(10)
    assert shop.quote("Q", ask(quantity=2)).holds == ()
    assert shop.call(lambda book: find_exposure(book, "C")).total == 0
    shop.accept("Q")
    assert {hold.type for hold in shop.order("Q").holds} == {HoldType.CREDIT}
    assert shop.call(lambda book: find_exposure(book, "C")).total == 20


def test_a_rejected_order_no_longer_counts():
    shop = limited(100)
    shop.submit("A", ask(quantity=20))
    shop.pass_first("A")
    shop.do(Reject(order_id="A", code="CREDIT"), by=BOB)
    assert shop.confirm("B", ask(quantity=10)).holds == ()


@settings(max_examples=30)
@given(
    ordered=st.integers(1, 20),
    steps=st.lists(st.tuples(st.sampled_from(["ship", "invoice"]), st.integers(1, 20)), max_size=6),
)
def test_what_is_ordered_counts_once_however_far_it_is(ordered, steps):
    shop = limited(1_000_000)
    shop.confirm("A", ask(quantity=ordered))
    shipped = invoiced = 0
    for what, amount in steps:
        if what == "ship" and shipped + amount <= ordered:
            shop.ship("A", amount)
            shipped += amount
        elif what == "invoice" and invoiced + amount <= shipped:
            shop.count("A", invoiced=amount)
            shop.owe_more("C", str(10 * amount))
            invoiced += amount
    exposure = shop.call(lambda book: find_exposure(book, "C"))
    assert exposure.total == 10 * ordered
    assert (exposure.receivable, exposure.shipped_unbilled) == (10 * invoiced, 10 * (shipped - invoiced))
    with_it = shop.call(lambda book: find_exposure(book, "C", book.need(OrderCase, "A")))
    assert with_it.total == exposure.total
