"""Submitting, questions and holds: what stands in a draft's way, and what stops the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.stages.intake.desks import NOW, REVIEWER, SALES, case_of, make_desk, order, send

from orderopt.errors import GuardError, NotAllowedError, NotFoundError, UnlawfulStepError
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.intake.questions import Answer, Ask
from orderopt.stages.intake.submit import Submit
from orderopt.stages.master import RemoveMaster
from orderopt.stages.review.first import Claim
from orderopt.stages.review.holds import ReleaseHold
from orderopt.stages.review.overdue import ListReviews
from orderopt.stages.review.send_back import ReturnToDraft

ID = "T-1@direct"
OWN = Actor.of("portal", Role.CUSTOMER, customer_id="C-1")
OTHER = Actor.of("portal", Role.CUSTOMER, customer_id="C-2")


@pytest.fixture
def desk():
    desk = make_desk()
    send(desk, order())
    return desk


def test_a_draft_is_submitted_once(desk):
    desk.do(Submit(order_id=ID), by=SALES)
    case = case_of(desk, ID)
    assert (case.state, case.submitted_at, case.review_since) == (OrderState.SUBMITTED, NOW, NOW)
    with pytest.raises(UnlawfulStepError, match="it allows claim"):
        desk.do(Submit(order_id=ID), by=SALES)


def test_a_customer_submits_and_answers_in_their_own_orders_only(desk):
    question = desk.do(Ask(order_id=ID, question="Which dock?"), by=SALES)
    with pytest.raises(NotFoundError):
        desk.do(Answer(order_id=ID, clarification_id=question, answer="3"), by=OTHER)
    desk.do(Answer(order_id=ID, clarification_id=question, answer="3"), by=OWN)
    with pytest.raises(NotFoundError):
        desk.do(Submit(order_id=ID), by=OTHER)
    desk.do(Submit(order_id=ID), by=OWN)


def test_an_open_question_stops_the_clock_and_the_submission(desk):
    asked = NOW + timedelta(hours=1)
    first = desk.do(Ask(order_id=ID, question="Which dock?", field="destination", line_no="1"), by=SALES, at=asked)
    second = desk.do(Ask(order_id=ID, question="Which colour?"), by=SALES, at=asked + timedelta(hours=1))
    assert (first, second) == (f"{ID}-Q1", f"{ID}-Q2")
    assert case_of(desk, ID).clock_stopped_at == asked
    with pytest.raises(GuardError, match="OPEN_QUESTION"):
        desk.do(Submit(order_id=ID), by=SALES)
    desk.do(Answer(order_id=ID, clarification_id=first, answer="3"), by=SALES)
    assert case_of(desk, ID).clock_stopped_at == asked
    desk.do(Answer(order_id=ID, clarification_id=second, answer="red"), by=SALES)
    case = case_of(desk, ID)
    assert case.clock_stopped_at is None
    assert [one.answer for one in case.clarifications] == ["3", "red"]
    with pytest.raises(GuardError, match="NO_OPEN_QUESTION"):
        desk.do(Answer(order_id=ID, clarification_id=second, answer="blue"), by=SALES)


def test_a_question_to_a_colleague_is_not_the_customers_to_answer(desk):
    question = desk.do(Ask(order_id=ID, question="Which price?", owner="paula"), by=SALES)
    with pytest.raises(GuardError, match="somebody else"):
        desk.do(Answer(order_id=ID, clarification_id=question, answer="0"), by=OWN)


def test_the_clock_counts_only_while_the_order_is_with_the_reviewers_and_no_question_is_open(desk):
    def at(hours: float):
        return NOW + timedelta(hours=hours)  # Monday, 8 o'clock; work begins at 9

    desk.do(Submit(order_id=ID), by=SALES, at=at(1))
    question = desk.do(Ask(order_id=ID, question="?"), by=REVIEWER, at=at(2))
    desk.do(Answer(order_id=ID, clarification_id=question, answer="!"), by=SALES, at=at(4))
    assert desk.do(ListReviews(), by=REVIEWER, at=at(5))[0].used_minutes == 120
    desk.do(Claim(order_id=ID), by=REVIEWER, at=at(5))
    desk.do(ReturnToDraft(order_id=ID, reason="no price"), by=REVIEWER, at=at(5))
    desk.do(Submit(order_id=ID), by=SALES, at=at(7))
    assert desk.do(ListReviews(), by=REVIEWER, at=at(8))[0].used_minutes == 180
    assert case_of(desk, ID).submitted_at == at(1)


def test_nothing_is_asked_of_an_order_that_has_ended(desk):
    desk.do(CancelOrder(order_id=ID, reason="not wanted"), by=SALES)
    with pytest.raises(UnlawfulStepError, match="cancelled"):
        desk.do(Ask(order_id=ID, question="?"), by=SALES)


def test_an_order_that_has_ended_does_not_come_back_by_a_file(desk):
    desk.do(CancelOrder(order_id=ID, reason="not wanted"), by=SALES)
    assert send(desk, order()).outcome == "unchanged"
    with pytest.raises(GuardError, match="ORDER_ENDED"):
        send(desk, order(quantity="11"))
    assert case_of(desk, ID).state is OrderState.CANCELLED


def test_an_item_or_customer_that_is_gone_stops_the_submission(desk):
    desk.do(RemoveMaster(rows=(("items", "P"), ("customers", "C-1"))), by=Actor.of("root", Role.ADMINISTRATOR))
    with pytest.raises(GuardError) as caught:
        desk.do(Submit(order_id=ID), by=SALES)
    assert [finding.code for finding in caught.value.findings] == ["UNKNOWN_CUSTOMER", "UNKNOWN_ITEM"]


def test_a_quote_that_is_over_is_not_submitted():
    desk = make_desk()
    send(desk, order(kind="quote", valid_until=NOW + timedelta(days=2)))
    with pytest.raises(GuardError, match="NOT_VALID"):
        desk.do(Submit(order_id=ID), by=SALES, at=NOW + timedelta(days=2))


def test_a_duplicate_that_came_in_at_the_same_moment_is_noticed_on_submission():
    desk, other = make_desk(), make_desk()
    send(desk, order("A", customer_po="PO-1"))
    send(other, order("B", customer_po="PO-1"), channel="portal")
    (late,) = other.store.find("order")
    desk.store.append([_write(other, late)])
    desk.do(Submit(order_id="A@direct"), by=SALES)
    desk.do(Submit(order_id="B@portal"), by=SALES)
    (hold,) = case_of(desk, "A@direct").holds
    assert (hold.type, hold.about) == (HoldType.DUPLICATE, ("B@portal",))
    assert not case_of(desk, "B@portal").holds


def _write(desk, stored):
    from orderopt.storage.store import Write

    return Write(None, stored, tuple(desk.store.history(stored.stream)))


def test_a_duplicate_hold_is_lifted_by_a_reviewer():
    desk = make_desk()
    send(desk, order(customer_po="PO-1"))
    send(desk, order("B", customer_po="PO-1"), channel="portal")
    lift = ReleaseHold(order_id="B@portal", hold_id="B@portal-H1", reason="two orders, says the customer")
    with pytest.raises(NotAllowedError):
        desk.do(lift, by=Actor.of("fay", Role.FINANCE))
    desk.do(lift, by=REVIEWER)
    desk.do(Submit(order_id="B@portal"), by=SALES)
    assert not case_of(desk, "B@portal").holds_on(Blocks.CONFIRM)
