"""One order from a direct channel: taken in once, checked, never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from tests.stages.intake.desks import DUE, NOW, SALES, case_of, count_events, make_desk, order, send

from orderopt.errors import GuardError, NotAllowedError
from orderopt.models.life.hold import Blocks
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.stages.intake.questions import Answer
from orderopt.stages.master import RemoveMaster


def test_a_new_order_is_a_draft_with_what_was_said():
    desk = make_desk()
    placed = send(desk, order(customer_po="PO-1", terms="net30"), source="web form 7")
    case = case_of(desk, placed.order_id)
    assert (placed.order_id, placed.outcome) == ("T-1@direct", "new")
    assert case.state is OrderState.DRAFT
    assert (case.head.customer_po, case.head.terms, case.head.received_at) == ("PO-1", "net30", NOW)
    (line,) = case.lines
    assert (line.line_no, line.ask.item_id, line.counts.ordered) == ("1", "P", 10)
    assert "web form 7" in desk.store.history(case.stream)[0].why


def test_the_same_again_changes_nothing_and_says_so():
    desk = make_desk()
    send(desk, order())
    events = count_events(desk)
    again = send(desk, order(), at=NOW + timedelta(hours=1))
    assert again.outcome == "unchanged"
    assert "nothing changed" in again.says
    assert count_events(desk) == events


def test_the_same_reference_in_another_channel_is_another_order():
    desk = make_desk()
    send(desk, order())
    assert send(desk, order(item="R"), channel="portal").outcome == "new"


def test_an_order_without_reference_has_a_name_of_its_own():
    desk = make_desk()
    one = send(desk, order(ref=None))
    assert send(desk, order(ref=None)).outcome == "unchanged"
    other = send(desk, order(ref=None), at=NOW + timedelta(seconds=1))
    assert other.outcome == "new"
    assert other.order_id != one.order_id
    named = send(desk, order(ref=None), new_id="O-9", at=NOW + timedelta(days=1))
    assert named.order_id == "O-9"


def test_a_name_that_another_order_has_is_refused():
    desk = make_desk()
    send(desk, order("T-1"), new_id="O-9")
    with pytest.raises(GuardError, match="NAME_TAKEN"):
        send(desk, order("T-2"), new_id="O-9")


def test_every_fault_is_told_at_once_and_nothing_is_kept():
    desk = make_desk()
    events = count_events(desk)
    bad = order(quantity="0", item="X", customer_id="C-9", currency="eur", kind="wish")
    with pytest.raises(GuardError) as caught:
        send(desk, bad)
    assert {(one.column, one.code) for one in caught.value.findings} == {
        ("customer_id", "UNKNOWN_CUSTOMER"),
        ("item_id", "UNKNOWN_ITEM"),
        ("quantity", "BAD_QUANTITY"),
        ("currency", "BAD_VALUE"),
        ("kind", "BAD_VALUE"),
    }
    assert count_events(desk) == events


def test_an_order_without_lines_is_refused():
    with pytest.raises(GuardError, match="no lines"):
        send(make_desk(), order().model_copy(update={"lines": ()}))


def test_changed_content_becomes_a_draft_of_a_change_and_the_order_stays():
    desk = make_desk()
    send(desk, order(terms="net30"))
    changed = order(quantity="12", due="2026-01-25T08:00Z", terms="net60")
    placed = send(desk, changed, source="mail of Tuesday")
    case = case_of(desk, "T-1@direct")
    assert placed.outcome == "change_requested"
    assert case.lines[0].counts.ordered == 10
    (change,) = case.changes
    assert [one.kind for one in change.amendments] == ["terms", "quantity", "date"]
    assert change.origin.file == "mail of Tuesday"
    assert send(desk, changed).outcome == "unchanged"


def test_content_from_before_a_change_is_told_as_what_may_be_old():
    desk = make_desk()
    send(desk, order())
    send(desk, order(quantity="12"))
    assert send(desk, order()).outcome == "unchanged"  # what the order is
    send(desk, order(quantity="14"))
    send(desk, order(quantity="12"))
    changes = case_of(desk, "T-1@direct").changes
    assert ["may be an old file" in change.reason for change in changes] == [False, False, True]


def test_what_no_amendment_can_say_becomes_a_question():
    desk = make_desk()
    send(desk, order(customer_po="PO-1"))
    placed = send(desk, order(customer_po="PO-2"))
    case = case_of(desk, "T-1@direct")
    assert placed.outcome == "question_asked"
    assert "customer_po" in case.open_questions[0].question
    assert case.head.customer_po == "PO-1"
    assert send(desk, order(customer_po="PO-2")).outcome == "unchanged"


def test_a_reference_of_another_customer_is_refused_without_naming_them():
    desk = make_desk()
    send(desk, order())
    with pytest.raises(GuardError, match="OTHER_CUSTOMER") as caught:
        send(desk, order(customer_id="C-2"))
    assert "C-1" not in str(caught.value)


def test_a_customer_may_order_for_themselves_only():
    desk = make_desk()
    own = Actor.of("portal", Role.CUSTOMER, customer_id="C-1")
    assert send(desk, order(), by=own).outcome == "new"
    with pytest.raises(NotAllowedError):
        send(desk, order("T-2", customer_id="C-2"), by=own)


@pytest.mark.parametrize(
    ("head", "channel", "due", "is_held"),
    [
        ({}, "portal", DUE, True),
        ({}, "portal", "2026-01-23T08:00Z", True),
        ({}, "portal", "2026-01-24T08:00Z", False),
        ({}, "direct", DUE, False),
        ({"customer_po": "PO-1"}, "direct", "2026-03-01T08:00Z", True),
        ({"customer_po": "po-1 "}, "portal", DUE, True),
        ({"customer_po": "PO-2"}, "portal", DUE, False),
        ({"customer_id": "C-2"}, "portal", DUE, False),
        ({"kind": "quote"}, "portal", DUE, False),
    ],
)
def test_a_likely_duplicate_is_kept_and_held(head, channel, due, is_held):
    desk = make_desk(duplicate_days=3)
    first = {"customer_po": "PO-1"} if "customer_po" in head else {}
    send(desk, order("A", **first))
    placed = send(desk, order("B", due=due, **head), channel=channel)
    assert placed.outcome == "new"
    assert bool(placed.duplicates) is is_held
    assert bool(case_of(desk, placed.order_id).holds_on(Blocks.CONFIRM)) is is_held


def test_another_quantity_is_no_duplicate():
    desk = make_desk()
    send(desk, order("A", customer_po="PO-1"))
    assert not send(desk, order("B", "11", customer_po="PO-1"), channel="portal").duplicates


def test_a_date_that_is_over_is_a_warning_and_one_that_is_far_ahead_a_fault():
    desk = make_desk(latest_days=100)
    placed = send(desk, order(due="2026-01-01T08:00Z"))
    assert [finding.code for finding in placed.findings] == ["PAST_DATE"]
    with pytest.raises(GuardError, match="BAD_DATE"):
        send(desk, order("T-2", due="2062-01-20T08:00Z"))


def test_what_the_company_wants_to_know_is_asked_of_the_customer():
    desk = make_desk(ask_for=("customer_po", "destination"))
    placed = send(desk, order(customer_po="PO-1"))
    case = case_of(desk, placed.order_id)
    (question,) = case.open_questions
    assert (question.field, question.line_no, question.owner) == ("destination", "1", "customer")
    own = Actor.of("portal", Role.CUSTOMER, customer_id="C-1")
    answer = Answer(order_id=case.key, clarification_id=question.clarification_id, answer="Dock 3")
    desk.do(answer, by=own)
    assert not case_of(desk, case.key).open_questions


def test_an_item_that_has_left_the_master_data_is_not_known_any_more():
    desk = make_desk()
    desk.do(RemoveMaster(rows=(("items", "P"),)), by=Actor.of("root", Role.ADMINISTRATOR))
    with pytest.raises(GuardError, match="UNKNOWN_ITEM"):
        send(desk, order())


def test_times_are_kept_in_utc():
    desk = make_desk()
    placed = send(desk, order(due="2026-01-20T08:00+08:00"))
    assert case_of(desk, placed.order_id).lines[0].ask.requested_at == datetime(2026, 1, 20, tzinfo=UTC)
    assert SALES.name == desk.store.history(f"order/{placed.order_id}")[0].actor


def test_a_company_can_only_ask_for_what_an_order_can_say():
    with pytest.raises(ValidationError, match="colour: no field of an order"):
        make_desk(ask_for=("colour",))
