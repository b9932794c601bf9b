"""The review's clock counts working time and stands while somebody else has to answer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.stages.review.shop import ALICE, BOB, ROOT, SALES, ask, open_shop

from orderopt.models.life.desk_policy import ReviewPolicy
from orderopt.models.life.happened.intake import OrderSubmitted
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import OrderState
from orderopt.stages.intake.questions import Answer, Ask
from orderopt.stages.review.again import ReviewAgain
from orderopt.stages.review.first import Claim
from orderopt.stages.review.overdue import ListReviews
from orderopt.stages.review.send_back import ReturnToDraft


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of January 2026; the 5th and the 12th are Mondays."""
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def shop():
    """Return a shop with a limit of 4 working hours and an order that is submitted on Monday at 10."""
    shop = open_shop(review=ReviewPolicy(sla_hours=Decimal(4)), now=at(5, 10))
    shop.submit("O-1", ask())
    return shop


def look(shop):
    (waiting,) = shop.do(ListReviews(), by=ROOT)
    return waiting


def test_the_clock_stands_while_a_question_is_open(shop):
    shop.clock.now = at(5, 11)
    question = shop.do(Ask(order_id="O-1", question="Which colour?"), by=ALICE)
    shop.clock.now = at(6, 16)
    standing = look(shop)
    assert (standing.is_standing, standing.is_overdue, standing.used_minutes) == (True, False, 60)
    shop.do(Answer(order_id="O-1", clarification_id=question, answer="Blue"), by=SALES)
    assert look(shop).due_at == at(7, 11)
    assert not look(shop).is_standing


def test_questions_that_overlap_stop_the_clock_once(shop):
    shop.clock.now = at(5, 11)
    first = shop.do(Ask(order_id="O-1", question="Which colour?"), by=ALICE)
    shop.clock.now = at(5, 12)
    second = shop.do(Ask(order_id="O-1", question="Which size?"), by=ALICE)
    shop.clock.now = at(5, 13)
    shop.do(Answer(order_id="O-1", clarification_id=first, answer="Blue"), by=SALES)
    shop.clock.now = at(5, 14)
    shop.do(Answer(order_id="O-1", clarification_id=second, answer="Large"), by=SALES)
    assert look(shop).due_at == at(5, 17)
    assert look(shop).used_minutes == 60


def test_a_question_that_comes_too_late_does_not_mend_the_delay(shop):
    shop.clock.now = at(5, 15)
    shop.do(Ask(order_id="O-1", question="Which colour?"), by=ALICE)
    late = look(shop)
    assert (late.is_overdue, late.is_standing, late.due_at) == (True, True, at(5, 14))


def test_time_with_the_sender_does_not_count(shop):
    shop.do(Claim(order_id="O-1"), by=ALICE)
    shop.clock.now = at(5, 11, 30)
    shop.do(ReturnToDraft(order_id="O-1", reason="the customer wants another colour"), by=ALICE)
    assert shop.order("O-1").state is OrderState.DRAFT
    assert shop.do(ListReviews(), by=ROOT) == []
    shop.clock.now = at(8, 9)
    shop.tell(OrderCase, "O-1", OrderSubmitted())
    assert look(shop).used_minutes == 90
    assert look(shop).due_at == at(8, 11, 30)


def test_a_second_review_of_a_confirmed_order_has_its_own_clock(shop):
    shop.clock.now = at(5, 12)
    shop.confirm("O-2", ask())
    shop.clock.now = at(7, 9)
    shop.do(ReviewAgain(order_id="O-2", fields=("line 1 quantity",), reason="the quantity was changed"), by=BOB)
    waiting = {row.order_id: row for row in shop.do(ListReviews(), by=ROOT)}
    assert (waiting["O-2"].due_at, waiting["O-2"].used_minutes) == (at(7, 13), 0)


def test_the_most_urgent_stands_first(shop):
    shop.clock.now = at(5, 9)
    shop.submit("O-0", ask())
    assert [row.order_id for row in shop.do(ListReviews(), by=ROOT)] == ["O-0", "O-1"]
    shop.clock.now = at(5, 13, 30)
    assert [row.order_id for row in shop.do(ListReviews(only_overdue=True), by=ROOT)] == ["O-0"]
