"""Invoices by contract: what is due, at which price, with which tax, and when it is to be paid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from tests.stages.settle.world import (
    FAY,
    NOW,
    SAM,
    build_desk,
    build_line,
    count_lines,
    give_order,
    load,
    reach,
    ship,
)

from orderopt.errors import GuardError, NotFoundError
from orderopt.models.life.account import Account
from orderopt.models.life.billing import BillingMethod, BillingTerms, ChargeCode, Milestone, RoundingLevel
from orderopt.models.life.desk_policy import SettlementPolicy
from orderopt.models.life.hold import Blocks, Hold, HoldType
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLineKind
from orderopt.models.life.numbering import Numbering
from orderopt.models.life.states import OrderState
from orderopt.stages.settle.agree import AgreeBilling, AgreeCharge
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.deposit import IssueDeposit
from orderopt.stages.settle.rates import SetExchangeRate, SetTaxRate


def bill(desk, **more):
    return desk.do(IssueInvoice(order_id="O-1", **more), by=FAY)


def test_each_shipment_is_invoiced_once():
    desk = build_desk()
    give_order(desk)
    ship(desk, 4)
    first = bill(desk)
    assert (first.number, first.net, first.tax, first.gross) == (
        "INV-2026-00001",
        40,
        Decimal("7.60"),
        Decimal("47.60"),
    )
    with pytest.raises(GuardError, match="NOTHING_DUE"):
        bill(desk)
    ship(desk, 6)
    assert bill(desk).net == 60
    assert count_lines(desk).invoiced == 10
    assert load(desk, Account, "customer:C1").receivable == Decimal("119.00")


def test_a_refused_invoice_uses_no_number():
    desk = build_desk()
    give_order(desk, build_line(price=None))
    ship(desk, 4)
    with pytest.raises(GuardError, match="PRICE_MISSING"):
        bill(desk)
    assert load(desk, Numbering, "INV-2026") is None


def test_no_more_is_invoiced_than_is_due():
    desk = build_desk()
    give_order(desk)
    ship(desk, 4)
    with pytest.raises(GuardError, match="5 is above the 4 that is due"):
        bill(desk, lines=(("1", Decimal(5)),))
    assert bill(desk, lines=(("1", Decimal(3)),)).net == 30


def test_on_completion_nothing_is_due_before():
    desk = build_desk(settlement=SettlementPolicy(billing=BillingTerms(method=BillingMethod.ON_COMPLETION)))
    give_order(desk)
    ship(desk, 10)
    with pytest.raises(GuardError, match="NOTHING_DUE"):
        bill(desk)
    reach(desk, OrderState.COMPLETED)
    assert bill(desk).net == 100


def test_milestones_are_shares_of_quantities_and_the_last_takes_the_rest():
    terms = BillingTerms(
        method=BillingMethod.MILESTONE,
        milestones=(
            Milestone(name="order", share=Decimal("0.333333")),
            Milestone(name="ready", share=Decimal("0.333333")),
            Milestone(name="done", share=Decimal("0.333334")),
        ),
    )
    desk = build_desk()
    give_order(desk, build_line(quantity="1", price="100.00"), state=OrderState.CONFIRMED, billing=terms)
    parts = [bill(desk, milestone=name).net for name in ("order", "ready", "done")]
    assert sum(parts) == 100
    assert count_lines(desk).invoiced == 1
    with pytest.raises(GuardError, match="invoiced already; next: milestones left: none"):
        bill(desk, milestone="done")


def test_prepayment_is_invoiced_before_anything_ships():
    desk = build_desk()
    give_order(desk, state=OrderState.CONFIRMED, billing=BillingTerms(method=BillingMethod.PREPAYMENT), terms="prepaid")
    found = bill(desk)
    assert (found.net, found.due_on) == (100, NOW.date())
    reach(desk, OrderState.IN_EXECUTION)
    ship(desk, 10)
    with pytest.raises(GuardError, match="NOTHING_DUE"):
        bill(desk)


def test_a_deposit_is_taken_off_and_all_documents_sum_to_the_order():
    desk = build_desk()
    lines = (build_line("1", "3", "33.33"), build_line("2", "7", "1.99", tax="LOW"))
    give_order(desk, *lines, state=OrderState.CONFIRMED, billing=BillingTerms(deposit=Decimal("0.3")))
    deposit = desk.do(IssueDeposit(order_id="O-1"), by=FAY)
    assert deposit.kind is InvoiceKind.DEPOSIT
    assert [line.net for line in deposit.lines] == [Decimal("30.00"), Decimal("4.18")]
    with pytest.raises(GuardError, match="its deposit is invoiced"):
        desk.do(IssueDeposit(order_id="O-1"), by=FAY)
    reach(desk, OrderState.IN_EXECUTION)
    ship(desk, 1)
    ship(desk, 7, "2")
    first = bill(desk)
    taken = [line for line in first.lines if line.kind is InvoiceLineKind.DEPOSIT_TAKEN_OFF]
    assert [line.gross for line in taken] == [-line.gross for line in deposit.lines]
    ship(desk, 2)
    rest = bill(desk)
    assert sum(one.net for one in (deposit, first, rest)) == Decimal("99.99") + Decimal("13.93")
    assert count_lines(desk).invoiced == 3


@pytest.mark.parametrize("line_no", [None, "1"])
def test_a_hold_on_invoice_blocks_the_invoice(line_no):
    hold = Hold(
        hold_id="H1",
        type=HoldType.PRICE,
        blocks=frozenset({Blocks.INVOICE}),
        reason="price in doubt",
        line_no=line_no,
        placed_by="sam",
        placed_at=NOW,
    )
    desk = build_desk()
    give_order(desk, build_line(), build_line("2"), holds=[hold])
    ship(desk, 4)
    with pytest.raises(GuardError, match="ON_HOLD"):
        bill(desk, lines=(("1", Decimal(4)),))
    ship(desk, 4, "2")
    if line_no:
        assert [line.order_line for line in bill(desk).lines] == ["2"]
    else:
        with pytest.raises(GuardError, match="price hold H1"):
            bill(desk)


def test_a_draft_is_not_invoiced():
    desk = build_desk()
    give_order(desk, state=OrderState.SUBMITTED, billing=BillingTerms(method=BillingMethod.PREPAYMENT))
    with pytest.raises(GuardError, match="NOT_BILLABLE"):
        bill(desk)


def test_a_cancelled_order_is_invoiced_for_its_fee_only():
    desk = build_desk()
    give_order(desk, state=OrderState.CANCELLED)
    fee = AgreeCharge(
        order_id="O-1", charge_id="F1", code=ChargeCode.CANCELLATION_FEE, amount=Decimal("25.00"), tax_code="VAT"
    )
    desk.do(fee, by=SAM)
    desk.do(fee, by=SAM)
    found = bill(desk)
    assert [(line.charge_id, line.gross) for line in found.lines] == [("F1", Decimal("29.75"))]
    with pytest.raises(GuardError, match="NOT"):
        bill(desk)


def test_a_rate_holds_from_its_day_on():
    desk = build_desk(rates=(("VAT", "0.19"),))
    desk.do(SetTaxRate(code="VAT", rate=Decimal("0.21"), starts_on=date(2026, 3, 3)), by=FAY)
    give_order(desk)
    ship(desk, 1)
    assert bill(desk).tax == Decimal("1.90")
    ship(desk, 1)
    desk.clock.now = NOW.replace(day=3)
    assert bill(desk).tax == Decimal("2.10")


def test_the_day_is_that_of_the_company():
    desk = build_desk(timezone="Asia/Taipei")
    give_order(desk)
    ship(desk, 1)
    desk.clock.now = NOW.replace(hour=20)
    assert bill(desk).issued_on == date(2026, 3, 3)


def test_a_foreign_invoice_counts_at_the_rate_of_its_day():
    desk = build_desk()
    give_order(desk, build_line(tax=None), currency="USD")
    ship(desk, 10)
    with pytest.raises(NotFoundError):
        bill(desk)
    desk.do(SetExchangeRate(currency="USD", into="EUR", rate=Decimal("0.9123"), starts_on=date(2026, 3, 1)), by=FAY)
    found = bill(desk)
    assert (found.gross, found.rate_on) == (100, date(2026, 3, 1))
    assert load(desk, Account, "customer:C1").receivable == Decimal("91.23")


def test_currencies_without_cents_are_rounded_to_their_unit():
    desk = build_desk(currency="JPY")
    give_order(desk, build_line(price="33.3"), currency="JPY")
    ship(desk, 1)
    found = bill(desk)
    assert (found.net, found.tax) == (33, 6)


def test_rounded_by_document_the_residual_is_on_a_named_line():
    terms = BillingTerms(level=RoundingLevel.DOCUMENT)
    desk = build_desk()
    lines = [build_line(str(number), "1", "0.335") for number in range(1, 4)]
    give_order(desk, *lines, billing=terms)
    for line in lines:
        ship(desk, 1, line.line_no)
    found = bill(desk)
    assert found.net == Decimal("1.01")  # 1.005 rounded, and not 3 times 0.34
    assert [line.net for line in found.lines] == [Decimal("0.33"), Decimal("0.34"), Decimal("0.34")]
    assert [line.residual for line in found.lines] == [Decimal("-0.01"), 0, 0]
    assert [line.tax_residual for line in found.lines] == [Decimal("0.01"), 0, 0]
    assert found.tax == Decimal("0.19")


def test_prices_with_tax_keep_their_gross():
    desk = build_desk()
    give_order(desk, build_line(price="9.99"), prices_include_tax=True)
    ship(desk, 3)
    found = bill(desk)
    assert (found.gross, found.tax, found.net) == (Decimal("29.97"), Decimal("4.79"), Decimal("25.18"))


def test_the_billing_cannot_change_under_an_invoice():
    desk = build_desk()
    give_order(desk)
    ship(desk, 1)
    bill(desk)
    with pytest.raises(GuardError, match="INVOICED"):
        desk.do(AgreeBilling(order_id="O-1", billing=BillingTerms(deposit=Decimal("0.5"))), by=SAM)


def test_terms_come_from_the_order_then_the_customer_then_the_policy():
    desk = build_desk(terms="2/10 net 30")
    give_order(desk)
    ship(desk, 1)
    found = bill(desk)
    assert (found.due_on, found.discount, found.discount_until) == (
        date(2026, 4, 1),
        Decimal("0.02"),
        date(2026, 3, 12),
    )
    give_order(desk, order_id="O-2", terms="eom")
    ship(desk, 1, order_id="O-2")
    assert desk.do(IssueInvoice(order_id="O-2"), by=FAY).due_on == date(2026, 3, 31)


def test_an_invoice_is_a_document_of_its_own():
    desk = build_desk()
    give_order(desk)
    ship(desk, 1)
    found = bill(desk)
    stored = desk.store.load(f"invoice/{found.number}")
    assert stored.labels["order"] == "O-1"
    assert "11.9" not in stored.text
    assert load(desk, Invoice, found.number) == found


def test_numbers_have_no_gaps_when_several_invoice_at_once():
    desk = build_desk()
    names = [f"O-{number}" for number in range(1, 7)]
    for name in names:
        give_order(desk, order_id=name)
        ship(desk, 1, order_id=name)
    with ThreadPoolExecutor(len(names)) as pool:
        found = list(pool.map(lambda name: desk.do(IssueInvoice(order_id=name), by=FAY).number, names))
    assert sorted(found) == [f"INV-2026-0000{number}" for number in range(1, 7)]
