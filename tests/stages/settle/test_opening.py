"""What was owed before orderopt is owed still: it ages, is paid, and comes back when a payment is reversed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, TODAY, build_desk, load

from orderopt.errors import GuardError
from orderopt.models.life.account import Account
from orderopt.stages.settle.opening import EnterOpening
from orderopt.stages.settle.pay import RecordPayment, ReversePayment


def enter(desk, amount, ref="opening"):
    asked = EnterOpening(party_id="C1", ref=ref, amount=Decimal(amount), currency="EUR", issued_on=TODAY, due_on=TODAY)
    return desk.do(asked, by=FAY)


def test_an_opening_balance_is_entered_once_paid_and_reopened():
    desk = build_desk()
    enter(desk, "62000.00")
    assert enter(desk, "62000.00").receivable == 62000
    with pytest.raises(GuardError, match="OPENING_DIFFERS"):
        enter(desk, "1.00")
    payment = RecordPayment(payment_id="P-1", customer_id="C1", amount=Decimal(62000), currency="EUR", value_on=TODAY)
    desk.do(payment, by=FAY)
    assert load(desk, Account, "customer:C1").items == ()
    desk.do(ReversePayment(payment_id="P-1", reason="chargeback"), by=FAY)
    assert load(desk, Account, "customer:C1").receivable == 62000


def test_an_old_credit_lowers_the_receivable():
    desk = build_desk()
    enter(desk, "100.00", "OLD-1")
    assert enter(desk, "-30.00", "OLD-2").receivable == 70
