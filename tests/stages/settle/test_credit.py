"""Credit and debit notes: exact mirrors of what was invoiced."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, build_desk, build_line, count_lines, give_order, load, reach, ship

from orderopt.errors import GuardError
from orderopt.models.life.account import Account
from orderopt.models.life.billing import BillingTerms, RoundingLevel
from orderopt.models.life.invoice import Invoice, InvoiceKind
from orderopt.models.life.states import OrderState
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.credit import IssueCreditNote, IssueDebitNote
from orderopt.stages.settle.deposit import IssueDeposit


@pytest.fixture
def desk():
    desk = build_desk()
    give_order(desk, build_line("1", "3", "33.335"), build_line("2", "7", "0.015", tax="LOW"))
    ship(desk, 3)
    ship(desk, 7, "2")
    return desk


def bill(desk):
    return desk.do(IssueInvoice(order_id="O-1"), by=FAY)


def credit(desk, number, **more):
    return desk.do(IssueCreditNote(number=number, reason="agreed", **more), by=FAY)


def balance(desk):
    return load(desk, Account, "customer:C1").receivable


@pytest.mark.parametrize("level", RoundingLevel)
@pytest.mark.parametrize("includes_tax", [True, False])
def test_a_credit_note_over_a_whole_invoice_leaves_nothing_ingadhoc_sale_1826(level, includes_tax):
    desk = build_desk()
    lines = [build_line(str(number), "3", "0.335") for number in range(1, 6)]
    give_order(desk, *lines, billing=BillingTerms(level=level), prices_include_tax=includes_tax)
    for line in lines:
        ship(desk, 3, line.line_no)
    found = bill(desk)
    note = credit(desk, found.number)
    assert (note.net, note.tax, note.gross) == (found.net, found.tax, found.gross)
    assert balance(desk) == 0
    assert load(desk, Invoice, found.number).open == load(desk, Invoice, note.number).open == 0
    assert count_lines(desk).credited == 3


def test_credits_in_parts_sum_to_the_whole(desk):
    found = bill(desk)
    notes = [credit(desk, found.number, quantities=(("1", Decimal(1)),)) for _ in range(3)]
    assert sum(note.gross for note in notes) == found.line("1").gross
    with pytest.raises(GuardError, match="1 is above the 0 that is left of line 1"):
        credit(desk, found.number, quantities=(("1", Decimal(1)),))
    assert credit(desk, found.number).gross == found.line("2").gross
    with pytest.raises(GuardError, match="NOTHING_LEFT"):
        credit(desk, found.number)


def test_an_allowance_lowers_the_price_and_is_not_charged_again(desk):
    found = bill(desk)
    note = credit(desk, found.number, allowances=(("1", Decimal("10.00")),))
    assert (note.net, note.tax) == (Decimal("10.00"), Decimal("1.90"))
    assert count_lines(desk).credited == 0
    with pytest.raises(GuardError, match="NOTHING_DUE"):
        bill(desk)
    rest = credit(desk, found.number)
    assert note.gross + rest.gross == found.gross


def test_no_more_is_let_off_than_is_left(desk):
    with pytest.raises(GuardError, match="ABOVE_LEFT"):
        credit(desk, bill(desk).number, allowances=(("2", Decimal("0.12")),))


def test_what_is_credited_by_quantity_can_be_invoiced_again(desk):
    first = bill(desk)
    credit(desk, first.number)
    again = bill(desk)
    assert again.gross == first.gross
    assert again.number == "INV-2026-00002"
    assert balance(desk) == again.gross


def test_a_credit_note_over_an_invoice_that_took_a_deposit_off_gives_the_deposit_back():
    desk = build_desk()
    give_order(desk, state=OrderState.CONFIRMED, billing=BillingTerms(deposit=Decimal("0.25")))
    deposit = desk.do(IssueDeposit(order_id="O-1"), by=FAY)
    reach(desk, OrderState.IN_EXECUTION)
    ship(desk, 10)
    found = bill(desk)
    assert found.gross + deposit.gross == Decimal("119.00")
    with pytest.raises(GuardError, match="NOTHING_LEFT"):
        credit(desk, deposit.number)
    credit(desk, found.number)
    assert balance(desk) == deposit.gross
    credit(desk, deposit.number)
    assert balance(desk) == 0


def test_a_debit_note_charges_what_was_left_out(desk):
    found = bill(desk)
    note = desk.do(IssueDebitNote(number=found.number, reason="pallets", amount=Decimal(5), tax_code="VAT"), by=FAY)
    assert (note.kind, note.gross, note.corrects) == (InvoiceKind.DEBIT_NOTE, Decimal("5.95"), found.number)
    assert balance(desk) == found.gross + note.gross
