"""Payments: what counts, what it pays, and that nothing is paid twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, NOW, TODAY, build_desk, build_line, give_order, load, ship

from orderopt.errors import GuardError, UnlawfulStepError
from orderopt.models.life.account import Account
from orderopt.models.life.invoice import Invoice, SettlementKind
from orderopt.models.life.payment import Allocating, Payment
from orderopt.models.life.quantities import Fill
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.credit import IssueCreditNote
from orderopt.stages.settle.pay import AllocateCredit, FailPayment, RecordPayment, ReversePayment, SettlePayment
from orderopt.stages.settle.rates import SetExchangeRate


@pytest.fixture
def desk():
    """Two invoices of 100.00 each, the second due a day later."""
    desk = build_desk()
    for number in (1, 2):
        desk.clock.now = NOW.replace(day=1 + number)
        give_order(desk, build_line(tax=None), order_id=f"O-{number}")
        ship(desk, 10, order_id=f"O-{number}")
        desk.do(IssueInvoice(order_id=f"O-{number}"), by=FAY)
    return desk


def pay(desk, amount, payment_id="P-1", **more):
    asked = {"customer_id": "C1", "currency": "EUR", "value_on": TODAY, **more}
    return desk.do(RecordPayment(payment_id=payment_id, amount=Decimal(amount), **asked), by=FAY)


def opens(desk):
    return [load(desk, Invoice, f"INV-2026-0000{number}").open for number in (1, 2)]


def receivable(desk):
    return load(desk, Account, "customer:C1").receivable


def test_the_oldest_is_paid_first(desk):
    assert pay(desk, "130.00").unused == 0
    assert opens(desk) == [0, 70]
    assert load(desk, Invoice, "INV-2026-00002").payment_status is Fill.PARTIAL
    assert receivable(desk) == 70


def test_what_is_named_is_paid_and_the_rest_stays_a_credit(desk):
    found = pay(desk, "130.00", named=("INV-2026-00002",))
    assert (found.unused, opens(desk)) == (30, [100, 0])
    assert receivable(desk) == 70
    desk.do(AllocateCredit(customer_id="C1", ref="P-1"), by=FAY)
    assert opens(desk) == [70, 0]


def test_an_overpayment_is_a_credit_for_the_next_invoice(desk):
    pay(desk, "250.00")
    assert receivable(desk) == -50
    give_order(desk, build_line(tax=None), order_id="O-3")
    ship(desk, 10, order_id="O-3")
    third = desk.do(IssueInvoice(order_id="O-3"), by=FAY)
    desk.do(AllocateCredit(customer_id="C1", ref="P-1", targets=((third.number, None),)), by=FAY)
    assert load(desk, Invoice, third.number).open == 50
    assert load(desk, Payment, "P-1").unused == 0


def test_an_advance_waits_for_its_invoice(desk):
    found = pay(desk, "40.00", allocating=Allocating.NOTHING, order_id="O-2")
    assert (found.unused, opens(desk), receivable(desk)) == (40, [100, 100], 160)


def test_the_same_payment_twice_counts_once(desk):
    pay(desk, "30.00")
    pay(desk, "30.00")
    assert receivable(desk) == 170
    with pytest.raises(GuardError, match="known with other content: amount"):
        pay(desk, "31.00")


def test_only_settled_money_counts_vendure_3152(desk):
    pay(desk, "100.00", settled=False)
    assert receivable(desk) == 200
    desk.do(FailPayment(payment_id="P-1", reason="no cover"), by=FAY)
    assert receivable(desk) == 200
    with pytest.raises(UnlawfulStepError, match="is failed: settle is not possible"):
        desk.do(SettlePayment(payment_id="P-1"), by=FAY)
    pay(desk, "100.00", "P-2", settled=False)
    desk.do(SettlePayment(payment_id="P-2"), by=FAY)
    assert (receivable(desk), opens(desk)) == (100, [0, 100])


def test_a_reversed_payment_opens_what_it_paid(desk):
    pay(desk, "130.00")
    desk.do(ReversePayment(payment_id="P-1", reason="chargeback"), by=FAY)
    assert (receivable(desk), opens(desk)) == (200, [100, 100])
    assert load(desk, Payment, "P-1").applied == ()
    with pytest.raises(UnlawfulStepError, match="nothing leads out"):
        desk.do(ReversePayment(payment_id="P-1", reason="again"), by=FAY)


def test_a_pending_payment_cannot_be_reversed(desk):
    pay(desk, "10.00", settled=False)
    with pytest.raises(UnlawfulStepError, match="it allows settle, fail"):
        desk.do(ReversePayment(payment_id="P-1", reason="typo"), by=FAY)


def test_a_document_in_another_currency_cannot_be_paid_from_it(desk):
    desk.do(SetExchangeRate(currency="USD", into="EUR", rate=Decimal("0.9"), starts_on=TODAY), by=FAY)
    with pytest.raises(GuardError, match="CURRENCY"):
        pay(desk, "10.00", currency="USD", named=("INV-2026-00001",))


def test_places_that_a_currency_does_not_have_are_refused(desk):
    with pytest.raises(GuardError, match="PLACES"):
        pay(desk, "10.001")


def test_a_credit_note_of_one_invoice_pays_another(desk):
    pay(desk, "100.00", named=("INV-2026-00001",))
    note = desk.do(IssueCreditNote(number="INV-2026-00001", reason="returned"), by=FAY)
    assert note.open == 100
    assert receivable(desk) == 0
    desk.do(AllocateCredit(customer_id="C1", ref=note.number), by=FAY)
    assert opens(desk) == [0, 0]
    assert load(desk, Invoice, note.number).open == 0


class TestEarlyPayment:
    @pytest.fixture
    def desk(self):
        desk = build_desk(terms="2/10 net 30")
        for number in (1, 2):
            give_order(desk, build_line(tax=None), order_id=f"O-{number}")
            ship(desk, 10, order_id=f"O-{number}")
            desk.do(IssueInvoice(order_id=f"O-{number}"), by=FAY)
        return desk

    def test_who_pays_in_time_may_keep_the_discount_back(self, desk):
        found = pay(desk, "98.00", value_on=date(2026, 3, 12))
        assert (found.unused, opens(desk)) == (0, [0, 100])
        kinds = [one.kind for one in load(desk, Invoice, "INV-2026-00001").settled]
        assert kinds == [SettlementKind.PAYMENT, SettlementKind.DISCOUNT]
        assert receivable(desk) == 100

    def test_several_invoices_may_be_paid_less_all_their_discounts(self, desk):
        pay(desk, "196.00")
        assert opens(desk) == [0, 0]

    def test_a_day_later_it_is_a_partial_payment(self, desk):
        pay(desk, "98.00", value_on=date(2026, 3, 13))
        assert opens(desk) == [2, 100]

    def test_who_pays_all_gets_no_discount(self, desk):
        found = pay(desk, "200.00")
        assert (found.unused, opens(desk)) == (0, [0, 0])

    def test_a_reversal_takes_the_discount_back(self, desk):
        pay(desk, "196.00")
        desk.do(ReversePayment(payment_id="P-1", reason="chargeback"), by=FAY)
        assert (opens(desk), receivable(desk)) == ([100, 100], 200)


def test_a_rate_that_moved_is_a_gain_or_a_loss():
    desk = build_desk()
    for day, rate in ((1, "0.90"), (5, "0.95")):
        desk.do(SetExchangeRate(currency="USD", into="EUR", rate=Decimal(rate), starts_on=date(2026, 3, day)), by=FAY)
    give_order(desk, build_line(tax=None), currency="USD")
    ship(desk, 10)
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    assert receivable(desk) == 90
    found = pay(desk, "100.00", currency="USD", value_on=date(2026, 3, 6))
    assert receivable(desk) == 0
    assert found.applied[0].exchange == 5
