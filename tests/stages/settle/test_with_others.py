"""Settlement beside the other rooms: fees of changes, credit holds, and deposits before release."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.review.shop import BOB, FINANCE, SALES, ask, open_shop
from tests.stages.settle.world import FAY, SAM, TODAY, build_desk, build_line, give_order, load

from orderopt.errors import GuardError
from orderopt.models.customer import Customer
from orderopt.models.life.billing import BillingTerms
from orderopt.models.life.desk_policy import ChangePolicy, FeeStep
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.invoice import InvoiceLineKind
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import OrderState
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.release import Release
from orderopt.stages.settle.agree import AgreeBilling
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.credit import IssueCreditNote
from orderopt.stages.settle.deposit import IssueDeposit
from orderopt.stages.settle.pay import RecordPayment
from orderopt.stages.settle.statement import ShowStatement


def test_the_fee_of_a_cancelled_order_is_invoiced_once():
    policy = ChangePolicy(fees=(FeeStep(states=(OrderState.CONFIRMED,), share=Decimal("0.1")),))
    desk = build_desk(change=policy)
    give_order(desk, build_line(), state=OrderState.CONFIRMED)
    desk.do(CancelOrder(order_id="O-1", reason="no longer needed"), by=SAM)
    assert load(desk, OrderCase, "O-1").state is OrderState.CANCELLED
    found = desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    assert [(line.kind, line.net) for line in found.lines] == [(InvoiceLineKind.CHARGE, 10)]
    with pytest.raises(GuardError, match="NOT"):
        desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    assert desk.do(ShowStatement(order_id="O-1"), by=FAY).findings == ()


@pytest.fixture
def shop():
    """A customer with a limit of 1,000 who owes 900 and has ordered for 300."""
    shop = open_shop(customer=Customer(customer_id="C", credit_limit=Decimal(1000)))
    shop.owe("C", "900")
    shop.submit("O-1", ask(quantity=30))
    shop.pass_first("O-1")
    shop.do(PassSecondary(order_id="O-1"), by=BOB)
    return shop


def pay(shop, amount, payment_id="P-1", **more):
    asked = RecordPayment(
        payment_id=payment_id, customer_id="C", amount=Decimal(amount), currency="EUR", value_on=TODAY, **more
    )
    return shop.do(asked, by=FINANCE)


def test_a_settled_payment_lifts_the_credit_hold_and_a_pending_one_does_not(shop):
    assert [hold.type for hold in shop.order("O-1").holds_on(Blocks.RELEASE)] == [HoldType.CREDIT]
    pay(shop, "200", settled=False)
    pay(shop, "199.99", "P-2")
    assert shop.order("O-1").holds_on(Blocks.RELEASE)
    pay(shop, "0.01", "P-3")
    assert shop.order("O-1").holds_on(Blocks.RELEASE) == ()


def test_a_deposit_that_was_agreed_is_paid_before_release(shop):
    pay(shop, "900")
    shop.do(AgreeBilling(order_id="O-1", billing=BillingTerms(deposit=Decimal("0.5"))), by=SALES)
    with pytest.raises(GuardError, match="its deposit is not invoiced"):
        shop.do(Release(order_id="O-1"), by=SALES)
    deposit = shop.do(IssueDeposit(order_id="O-1"), by=FINANCE)
    with pytest.raises(GuardError, match="the deposit is not paid"):
        shop.do(Release(order_id="O-1"), by=SALES)
    pay(shop, deposit.gross, "P-2", named=(deposit.number,))
    assert shop.do(Release(order_id="O-1"), by=SALES).state is OrderState.IN_EXECUTION


def test_a_credited_deposit_is_no_deposit(shop):
    pay(shop, "900")
    shop.do(AgreeBilling(order_id="O-1", billing=BillingTerms(deposit=Decimal("0.5"))), by=SALES)
    deposit = shop.do(IssueDeposit(order_id="O-1"), by=FINANCE)
    shop.do(IssueCreditNote(number=deposit.number, reason="wrong share"), by=FINANCE)
    with pytest.raises(GuardError, match="its deposit is not invoiced"):
        shop.do(Release(order_id="O-1"), by=SALES)
