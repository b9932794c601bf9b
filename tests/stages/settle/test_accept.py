"""Goods that came back: what becomes of them, what is credited, and when the sale is open again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.settle.world import FAY, SAM, build_desk, count_lines, give_order, load, reach, ship, take_back

from orderopt.errors import GuardError, QuantityError
from orderopt.models.life.account import Account
from orderopt.models.life.invoice import Invoice
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.returns import ReturnOutcome
from orderopt.models.life.states import AcceptanceState, OrderState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.stages.settle.accept import AcceptReturn, AskAboutReturn, RefuseReturn
from orderopt.stages.settle.bill import IssueInvoice


@pytest.fixture
def desk():
    """Ten shipped and invoiced, order complete, three back in inspection."""
    desk = build_desk()
    give_order(desk)
    ship(desk, 10)
    desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    reach(desk, OrderState.COMPLETED)
    take_back(desk, 3)
    return desk


def accept(desk, quantity, outcome):
    asked = (("1", Decimal(quantity), ReturnOutcome(outcome)),)
    return desk.do(AcceptReturn(order_id="O-1", return_id="O-1-R1", lines=asked), by=SAM)


@pytest.mark.parametrize(
    ("outcome", "on_hand", "blocked"), [("restock", 3, 0), ("rework", 0, 3), ("scrap", 0, 0), ("credit", 0, 3)]
)
def test_accepted_goods_are_credited_and_the_sale_stays_complete_erpnext_50419(desk, outcome, on_hand, blocked):
    (number,) = accept(desk, 3, outcome)
    assert load(desk, Invoice, number).gross == Decimal("35.70")
    order = load(desk, OrderCase, "O-1")
    assert order.state is OrderState.COMPLETED
    assert order.line("1").counts.wanted == 10
    assert order.returns[0].acceptance is AcceptanceState.ACCEPTED
    stock = load(desk, StockLedger, "bolt@")
    assert (stock.on_hand, stock.in_inspection, stock.blocked) == (on_hand, 0, blocked)
    with pytest.raises(GuardError, match="NOTHING_DUE"):
        desk.do(IssueInvoice(order_id="O-1"), by=FAY)


def test_a_replacement_reopens_the_order_and_is_invoiced_no_second_time(desk):
    assert accept(desk, 3, "replace") == ()
    order = load(desk, OrderCase, "O-1")
    assert order.state is OrderState.IN_EXECUTION
    assert order.returns[0].reopens_order
    assert order.line("1").counts.open == 3
    ship(desk, 3)
    with pytest.raises(GuardError, match="NOTHING_DUE"):
        desk.do(IssueInvoice(order_id="O-1"), by=FAY)
    assert count_lines(desk).invoiced == 10


def test_parts_of_a_return_can_end_differently(desk):
    accept(desk, 1, "restock")
    assert load(desk, OrderCase, "O-1").returns[0].acceptance is AcceptanceState.PENDING
    asked = RefuseReturn(order_id="O-1", return_id="O-1-R1", lines=(("1", Decimal(2)),), reason="worn")
    desk.do(asked, by=SAM)
    found = load(desk, OrderCase, "O-1").returns[0]
    assert found.acceptance is AcceptanceState.ACCEPTED
    assert (found.lines[0].accepted, found.lines[0].refused) == (1, 2)
    assert load(desk, Account, "customer:C1").receivable == Decimal("107.10")


def test_a_refused_return_credits_nothing(desk):
    desk.do(AskAboutReturn(order_id="O-1", return_id="O-1-R1", reason="no rule"), by=SAM)
    asked = RefuseReturn(order_id="O-1", return_id="O-1-R1", lines=(("1", Decimal(3)),), reason="worn")
    assert desk.do(asked, by=SAM) == ()
    assert load(desk, OrderCase, "O-1").returns[0].acceptance is AcceptanceState.REJECTED
    assert load(desk, StockLedger, "bolt@").blocked == 3
    assert load(desk, Account, "customer:C1").receivable == Decimal("119.00")


def test_no_more_is_accepted_than_came_back(desk):
    with pytest.raises(GuardError, match="4 is above the 3 that came back"):
        accept(desk, 4, "credit")
    accept(desk, 3, "credit")
    with pytest.raises(GuardError, match="1 is above the 0"):
        accept(desk, 1, "credit")


def test_what_was_not_invoiced_is_not_credited():
    desk = build_desk()
    give_order(desk)
    ship(desk, 10)
    take_back(desk, 3)
    assert accept(desk, 3, "restock") == ()
    assert desk.do(IssueInvoice(order_id="O-1"), by=FAY).net == 70


def test_a_closed_order_takes_nothing_back(desk):
    reach(desk, OrderState.CLOSED)
    with pytest.raises(GuardError, match="ORDER_CLOSED"):
        accept(desk, 1, "credit")


def test_goods_that_are_not_in_inspection_cannot_be_restocked(desk):
    accept(desk, 2, "scrap")
    with pytest.raises((GuardError, QuantityError)):
        accept(desk, 2, "restock")
    assert load(desk, StockLedger, "bolt@").in_inspection == 1
