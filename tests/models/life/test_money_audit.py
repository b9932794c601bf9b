"""The audit sees every way in which two documents can say different things about money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, TODAY, build_desk, give_order, load, ship

from orderopt.models.life.account import Account
from orderopt.models.life.invoice import Invoice
from orderopt.models.life.money_audit import MoneyAudit
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.payment import Payment
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.pay import RecordPayment


@pytest.fixture
def documents():
    """An order, its invoice, a payment of a part, and the account."""
    desk = build_desk()
    give_order(desk)
    ship(desk, 10)
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    payment = RecordPayment(payment_id="P-1", customer_id="C1", amount=Decimal(50), currency="EUR", value_on=TODAY)
    desk.do(payment, by=FAY)
    return {
        "order": load(desk, OrderCase, "O-1"),
        "invoice": load(desk, Invoice, "INV-2026-00001"),
        "payment": load(desk, Payment, "P-1"),
        "account": load(desk, Account, "customer:C1"),
    }


def find_codes(documents, **changed):
    audit = MoneyAudit()
    for document in ({**documents, **changed}).values():
        if document is not None:
            audit.look_at(document)
    return [finding.code for finding in audit.find_faults()]


def test_what_was_done_by_commands_agrees(documents):
    assert find_codes(documents) == []


def test_a_count_that_no_document_explains_is_found(documents):
    line = documents["order"].line("1")
    more = line.model_copy(update={"counts": line.counts.add(credited=Decimal(1))})
    assert find_codes(documents, order=documents["order"].with_line(more)) == ["COUNT_DIFFERS"]


def test_a_lost_document_is_found(documents):
    assert find_codes(documents, invoice=None) == ["COUNT_DIFFERS", "OPEN_DIFFERS"]
    assert find_codes(documents, payment=None) == ["PAYMENT_DIFFERS"]
    assert find_codes(documents, account=None) == ["OPEN_DIFFERS"]


def test_a_settlement_that_no_payment_explains_is_found(documents):
    changed = documents["invoice"].model_copy(update={"settled": ()})
    assert find_codes(documents, invoice=changed) == ["OPEN_DIFFERS", "PAYMENT_DIFFERS"]
