"""Ageing: what is owed by how long it is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.stages.settle.world import FAY, NOW, TODAY, build_desk, build_line, give_order, ship

from orderopt.models.life.invoice import DisputeReason
from orderopt.models.life.payment import Allocating
from orderopt.stages.settle.ageing import ReportAgeing
from orderopt.stages.settle.bill import IssueInvoice
from orderopt.stages.settle.dispute import OpenDispute
from orderopt.stages.settle.pay import RecordPayment


def test_every_open_item_is_in_one_bucket_and_the_row_adds_up():
    desk = build_desk()
    for number, days in enumerate((0, 20, 40, 130)):
        desk.clock.now = NOW + timedelta(days=days)
        give_order(desk, build_line(quantity=str(number + 1), price="10", tax=None), order_id=f"O-{number}")
        ship(desk, number + 1, order_id=f"O-{number}")
        desk.do(IssueInvoice(order_id=f"O-{number}"), by=FAY)
    desk.do(
        RecordPayment(
            payment_id="P-1",
            customer_id="C1",
            amount=Decimal(5),
            currency="EUR",
            value_on=TODAY,
            allocating=Allocating.NOTHING,
        ),
        by=FAY,
    )
    dispute = OpenDispute(number="INV-2026-00001", amount=Decimal(3), reason=DisputeReason.PRICE, owner="sam")
    desk.do(dispute, by=FAY)
    (row,) = desk.do(ReportAgeing(on=date(2026, 7, 11)), by=FAY)
    assert (row.not_due, row.to_30, row.to_60, row.to_90, row.above_90) == (40, 0, 0, 50, 10)
    assert (row.unallocated, row.disputed, row.total) == (-5, 3, 95)


def test_who_owes_nothing_is_not_listed():
    desk = build_desk()
    assert desk.do(ReportAgeing(), by=FAY) == ()
