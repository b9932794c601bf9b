"""What a file asked to change goes its way as any other change request."""

from __future__ import annotations

from tests.stages.intake.desks import SALES, case_of, confirm, count_events, make_desk, receive, row

from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import ChangeState
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.request import ApplyChange, ApproveChange, SubmitChange

BOSSES = [Actor.of(f"boss {role}", role) for role in Role if role is not Role.CUSTOMER]


def carry_out(desk, order_id: str, change_id: str) -> None:
    named = {"order_id": order_id, "change_id": change_id}
    desk.do(SubmitChange(**named), by=SALES)
    change = desk.do(AssessChange(**named), by=SALES)
    for boss in BOSSES:
        if boss.roles & set(change.impact.approvers):
            desk.do(ApproveChange(**named), by=boss)
    desk.do(ApplyChange(**named), by=SALES)


def test_a_draft_of_a_file_is_submitted_approved_and_applied_and_the_file_is_then_what_the_order_says():
    desk = make_desk()
    first = [row(2, "A", unit_price="5"), row(3, "A", item_id="R", unit_price="2")]
    receive(desk, *first)
    confirm(desk, "A@marketplace")
    changed = [row(2, "A", quantity="7", unit_price="5", requested_at="2026-02-20T08:00Z"), row(3, "A", unit_price="4")]
    (change_id,) = receive(desk, *changed, source="changed.csv").changes
    carry_out(desk, "A@marketplace", change_id)
    case = case_of(desk, "A@marketplace")
    assert case.change(change_id).state is ChangeState.APPLIED
    live = [line for line in case.lines if line.counts.wanted]
    assert sorted((line.ask.item_id, line.counts.wanted) for line in live) == [("P", 1), ("P", 7)]
    events = count_events(desk)
    again = receive(desk, *changed, source="again.csv", lines=2)
    assert again.unchanged_orders == ("A@marketplace",)
    old = receive(desk, *first, source="old.csv", lines=2)
    assert len(old.changes) == 1
    assert "may be an old file" in case_of(desk, "A@marketplace").changes[-1].reason
    assert count_events(desk) > events
