"""The end of an order: refunds, disputes, write-offs, settling and closing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, NOW, SAM, TODAY, build_desk, give_order, load, reach, ship, take_back

from orderopt.errors import GuardError, NotFoundError, UnlawfulStepError
from orderopt.models.life.account import Account
from orderopt.models.life.billing import BillingTerms, ChargeCode
from orderopt.models.life.invoice import DisputeReason, Invoice, Resolution
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.payment import Payment
from orderopt.models.life.returns import ReturnOutcome
from orderopt.models.life.states import OrderState, PaymentState
from orderopt.stages.settle.accept import AcceptReturn
from orderopt.stages.settle.agree import AgreeCharge
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.credit import IssueCreditNote
from orderopt.stages.settle.deposit import IssueDeposit
from orderopt.stages.settle.dispute import EndDispute, OpenDispute, WriteOff
from orderopt.stages.settle.pay import FailPayment, RecordPayment, SettlePayment
from orderopt.stages.settle.refund import RefundCredit
from orderopt.stages.settle.settle import CloseOrder, CloseSettledOrders, SettleOrder


@pytest.fixture
def desk():
    """Ten shipped, invoiced over 119.00, order complete."""
    desk = build_desk()
    give_order(desk)
    ship(desk, 10)
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    reach(desk, OrderState.COMPLETED)
    return desk


def pay(desk, amount):
    desk.do(
        RecordPayment(payment_id="P-1", customer_id="C1", amount=Decimal(amount), currency="EUR", value_on=TODAY),
        by=FAY,
    )


def settle(desk):
    return desk.do(SettleOrder(order_id="O-1"), by=FAY)


def refund(desk, amount, ref, payment_id="R-1"):
    asked = RefundCredit(payment_id=payment_id, customer_id="C1", ref=ref, amount=Decimal(amount), value_on=TODAY)
    return desk.do(asked, by=FAY)


def receivable(desk):
    return load(desk, Account, "customer:C1").receivable


def test_an_order_is_settled_when_everything_is_paid_and_closed_after_the_claim_window(desk):
    with pytest.raises(GuardError, match="INV-2026-00001: something of it is open"):
        settle(desk)
    pay(desk, "119.00")
    assert settle(desk).state is OrderState.SETTLED
    with pytest.raises(GuardError, match="claims may come until 2026-04-01"):
        desk.do(CloseOrder(order_id="O-1"), by=FAY)
    assert desk.do(CloseSettledOrders(), by=FAY) == ()
    desk.clock.now = NOW + timedelta(days=30)
    assert desk.do(CloseSettledOrders(), by=FAY) == ("O-1",)
    with pytest.raises(UnlawfulStepError, match="nothing leads out"):
        desk.do(CloseOrder(order_id="O-1"), by=FAY)


def test_an_order_in_execution_is_not_settled():
    desk = build_desk()
    give_order(desk)
    with pytest.raises(UnlawfulStepError, match="order O-1 is in_execution: settle is not possible"):
        settle(desk)


def test_what_is_shipped_must_be_invoiced():
    desk = build_desk()
    give_order(desk)
    ship(desk, 10)
    reach(desk, OrderState.COMPLETED)
    with pytest.raises(GuardError, match="invoiced less credited is 0, kept by the customer is 10"):
        settle(desk)


def test_open_charges_and_deposits_keep_an_order_from_being_settled():
    desk = build_desk()
    give_order(desk, billing=BillingTerms(deposit=Decimal("0.5")))
    desk.do(IssueDeposit(order_id="O-1"), by=FAY)
    charge = AgreeCharge(order_id="O-1", charge_id="F1", code=ChargeCode.FREIGHT, amount=Decimal(9))
    desk.do(charge, by=SAM)
    reach(desk, OrderState.COMPLETED)
    with pytest.raises(GuardError, match=r"(?s)CHARGE_OPEN.*DEPOSIT_LEFT.*OPEN"):
        settle(desk)


def test_a_written_off_rest_counts_as_settled(desk):
    pay(desk, "118.00")
    found = desk.do(WriteOff(number="INV-2026-00001", reason="bank fees"), by=FAY)
    assert found.open == 0
    assert receivable(desk) == 0
    assert load(desk, Account, "customer:C1").sums[0].written_off == 1
    assert settle(desk).state is OrderState.SETTLED


def test_no_more_is_written_off_than_is_open(desk):
    with pytest.raises(GuardError, match="less than that is open"):
        desk.do(WriteOff(number="INV-2026-00001", amount=Decimal(120), reason="lost"), by=FAY)


class TestRefund:
    @pytest.fixture
    def note(self, desk):
        pay(desk, "119.00")
        return desk.do(IssueCreditNote(number="INV-2026-00001", reason="returned"), by=FAY).number

    def test_only_a_settled_refund_lowers_the_credit_vendure_3152(self, desk, note):
        assert refund(desk, "119.00", note).state is PaymentState.PENDING
        assert receivable(desk) == -119
        desk.do(FailPayment(payment_id="R-1", reason="account closed"), by=FAY)
        assert (receivable(desk), load(desk, Invoice, note).open) == (-119, 119)
        refund(desk, "119.00", note, "R-2")
        desk.do(SettlePayment(payment_id="R-2"), by=FAY)
        assert (receivable(desk), load(desk, Invoice, note).open) == (0, 0)
        assert load(desk, Payment, "R-2").unused == 0

    def test_a_credit_is_refunded_once(self, desk, note):
        refund(desk, "100.00", note)
        with pytest.raises(GuardError, match="ABOVE_CREDIT"):
            refund(desk, "20.00", note, "R-2")
        refund(desk, "19.00", note, "R-2")

    def test_nothing_is_refunded_that_was_never_paid_vendure_4013(self, desk):
        with pytest.raises(GuardError, match="there is no such credit"):
            refund(desk, "1.00", "INV-2026-00001")
        desk.do(IssueCreditNote(number="INV-2026-00001", reason="entered twice"), by=FAY)
        with pytest.raises(GuardError, match="there is no such credit"):
            refund(desk, "119.00", "CN-2026-00001")
        assert receivable(desk) == 0

    def test_an_unallocated_payment_can_be_refunded(self, desk):
        pay(desk, "150.00")
        refund(desk, "31.00", "P-1")
        desk.do(SettlePayment(payment_id="R-1"), by=FAY)
        assert (receivable(desk), load(desk, Payment, "P-1").unused) == (0, 0)

    def test_an_order_with_an_unused_credit_is_not_settled(self, desk):
        pay(desk, "119.00")
        take_back(desk, 2)
        accepted = (("1", Decimal(2), ReturnOutcome.SCRAP),)
        desk.do(AcceptReturn(order_id="O-1", return_id="O-1-R1", lines=accepted), by=SAM)
        with pytest.raises(GuardError, match="a credit is not used or paid out"):
            settle(desk)
        refund(desk, "23.80", "CN-2026-00001")
        with pytest.raises(GuardError, match="a credit is not used or paid out"):
            settle(desk)
        desk.do(SettlePayment(payment_id="R-1"), by=FAY)
        assert settle(desk).state is OrderState.SETTLED


def test_a_partial_refund_does_not_block_fulfilment_sylius_14850():
    desk = build_desk()
    give_order(desk)
    ship(desk, 4)
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    pay(desk, "47.60")
    note = desk.do(
        IssueCreditNote(number="INV-2026-00001", reason="scratched", allowances=(("1", Decimal(4)),)), by=FAY
    )
    refund(desk, note.gross, note.number)
    desk.do(SettlePayment(payment_id="R-1"), by=FAY)
    before = load(desk, OrderCase, "O-1")
    assert (before.line("1").counts.open, before.holds) == (6, ())
    ship(desk, 6)
    assert desk.do(IssueInvoice(order_id="O-1"), by=FAY).net == 60


class TestDispute:
    def open(self, desk, amount="19.00"):
        asked = OpenDispute(number="INV-2026-00001", amount=Decimal(amount), reason=DisputeReason.QUALITY, owner="sam")
        return desk.do(asked, by=SAM)

    def end(self, desk, resolution, name="INV-2026-00001-D1"):
        asked = EndDispute(number="INV-2026-00001", dispute_id=name, resolution=Resolution(resolution), reason="talked")
        return desk.do(asked, by=FAY)

    def test_a_contested_amount_stays_owed_and_is_marked(self, desk):
        assert self.open(desk) == "INV-2026-00001-D1"
        account = load(desk, Account, "customer:C1")
        assert (account.receivable, account.items[0].disputed) == (119, 19)
        with pytest.raises(GuardError, match="ABOVE_OPEN"):
            self.open(desk, "101.00")

    @pytest.mark.parametrize(("resolution", "left"), [("upheld", 119), ("credited", 100), ("written_off", 100)])
    def test_a_dispute_ends_upheld_credited_or_written_off(self, desk, resolution, left):
        self.open(desk)
        found = self.end(desk, resolution)
        assert (found.open, found.disputed, receivable(desk)) == (left, 0, left)
        with pytest.raises(NotFoundError):
            self.end(desk, resolution)

    def test_a_credited_sum_is_exact_to_the_cent(self, desk):
        self.open(desk, "33.33")
        self.end(desk, "credited")
        assert load(desk, Invoice, "CN-2026-00001").gross == Decimal("33.33")
