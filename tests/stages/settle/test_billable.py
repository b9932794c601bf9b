"""The list that a nightly run invoices from."""

from __future__ import annotations

from decimal import Decimal

from tests.stages.settle.world import FAY, NOW, SAM, build_desk, build_line, give_order, ship

from orderopt.models.life.billing import BillingMethod, BillingTerms, ChargeCode, Milestone
from orderopt.models.life.hold import Blocks, Hold, HoldType
from orderopt.models.life.states import OrderState
from orderopt.stages.settle.agree import AgreeCharge
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.billable import Billable, ListBillable


def test_only_what_is_due_is_listed_and_invoicing_empties_the_list():
    desk = build_desk()
    give_order(desk, order_id="NOTHING")
    give_order(desk, order_id="SHIPPED")
    ship(desk, 4, order_id="SHIPPED")
    give_order(desk, order_id="FEE", state=OrderState.CANCELLED)
    fee = AgreeCharge(order_id="FEE", charge_id="F1", code=ChargeCode.CANCELLATION_FEE, amount=Decimal(5))
    desk.do(fee, by=SAM)
    by_hand = BillingTerms(method=BillingMethod.MILESTONE, milestones=(Milestone(name="done", share=Decimal(1)),))
    give_order(desk, order_id="MILESTONE", billing=by_hand)
    ship(desk, 4, order_id="MILESTONE")
    found = desk.do(ListBillable(), by=FAY)
    assert found == (
        Billable(order_id="FEE", charges=("F1",)),
        Billable(order_id="SHIPPED", lines=(("1", Decimal(4)),)),
    )
    for one in found:
        desk.do(IssueInvoice(order_id=one.order_id), by=FAY)
    assert desk.do(ListBillable(), by=FAY) == ()


def test_a_held_order_is_listed_as_held():
    desk = build_desk()
    hold = Hold(
        hold_id="H1",
        type=HoldType.PRICE,
        blocks=frozenset({Blocks.INVOICE}),
        reason="price in doubt",
        line_no="1",
        placed_by="sam",
        placed_at=NOW,
    )
    give_order(desk, build_line(), build_line("2"), holds=[hold])
    ship(desk, 1)
    assert [one.is_held for one in desk.do(ListBillable(), by=FAY)] == [True]
    ship(desk, 1, "2")
    assert [one.is_held for one in desk.do(ListBillable(), by=FAY)] == [False]
