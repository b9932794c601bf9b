"""Quarantine, conflict, and duplicates across channels, as a seller would see them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.stages.intake.desks import SALES, case_of, confirm, count_events, make_desk, receive, row, send

from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.incoming import IncomingHead, IncomingLine, IncomingOrder
from orderopt.models.life.states import ChangeState, OrderState
from orderopt.stages.intake.show import ShowBatch


def test_quarantine():
    desk = make_desk()
    rows = [row(1), row(2, quantity="-3"), row(3), row(4, item_id="SKU-404"), row(5)]
    report = receive(desk, *rows, accept="reject_failed_rows")
    assert report.new_orders == ("T-1@marketplace", "T-3@marketplace", "T-5@marketplace")
    assert (report.num_accepted, report.num_quarantined, report.num_rows) == (3, 2, 5)
    kept = desk.do(ShowBatch(batch_id=report.batch_id), by=SALES).rows
    assert [(one.row, one.faults[0].field, one.faults[0].code, one.raw) for one in kept] == [
        (2, "quantity", "BAD_QUANTITY", "C-1,P,-3,2026-01-20T08:00Z,T-2"),
        (4, "item_id", "UNKNOWN_ITEM", "C-1,SKU-404,1,2026-01-20T08:00Z,T-4"),
    ]
    events = count_events(desk)
    again = receive(desk, *rows, accept="reject_failed_rows")
    assert again.is_known
    assert not again.new_orders
    assert (again.num_accepted, again.num_quarantined) == (3, 2)
    assert count_events(desk) == events


def test_conflict():
    desk = make_desk()
    receive(desk, row(2, "T-1001", quantity="10", unit_price="5"), source="monday.csv")
    confirm(desk, "T-1001@marketplace")
    report = receive(desk, row(7, "T-1001", quantity="12"), source="tuesday.csv")
    case = case_of(desk, "T-1001@marketplace")
    assert (case.state, case.lines[0].counts.ordered) == (OrderState.CONFIRMED, 10)
    (change,) = case.changes
    assert report.changes == (change.change_id,)
    assert change.state is ChangeState.DRAFT
    (amendment,) = change.amendments
    assert (amendment.kind, amendment.before, amendment.after) == ("quantity", 10, 12)
    assert (change.origin.file, change.origin.row) == ("tuesday.csv", 7)
    assert "tuesday.csv row 7" in change.reason
    again = receive(desk, row(3, "T-1001", quantity="12"), source="tuesday again.csv")
    assert again.unchanged_orders == ("T-1001@marketplace",)
    assert case_of(desk, "T-1001@marketplace").changes == (change,)


def test_duplicate_across_channels():
    desk = make_desk()
    line = IncomingLine(item_id="P", quantity=5, requested_at=datetime(2026, 1, 20, tzinfo=UTC))
    rep, portal = (
        IncomingOrder(
            head=IncomingHead(external_ref=ref, customer_id="C-1", customer_po="PO-77"),
            lines=(line,),
        )
        for ref in ("R-5", "W-9")
    )
    send(desk, rep, channel="sales_rep", at=datetime(2026, 1, 5, 9, tzinfo=UTC))
    placed = send(desk, portal, channel="portal", at=datetime(2026, 1, 5, 11, tzinfo=UTC))
    assert (placed.outcome, placed.duplicates) == ("new", ("R-5@sales_rep",))
    first, second = case_of(desk, "R-5@sales_rep"), case_of(desk, "W-9@portal")
    assert not first.holds
    (hold,) = second.holds_on(Blocks.CONFIRM)
    assert hold.type is HoldType.DUPLICATE
    assert "R-5@sales_rep" in hold.reason
