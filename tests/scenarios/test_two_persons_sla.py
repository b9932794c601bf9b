"""Two persons, SLA.

Given Mon-Fri 09:00-17:00 and a 4 working-hour SLA, submitted Friday 16:00; Alice did the primary review. When Alice
tries the secondary, refused; due time is Monday 12:00; Bob passes it at 11:59 in time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from tests.stages.review.shop import ALICE, BOB, ROOT, ask, open_shop

from orderopt.errors import GuardError
from orderopt.models.life.desk_policy import ReviewPolicy
from orderopt.models.life.review import Stage
from orderopt.models.life.states import OrderState
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.review.overdue import ListReviews

FRIDAY_16 = datetime(2026, 1, 9, 16, tzinfo=UTC)
MONDAY_12 = datetime(2026, 1, 12, 12, tzinfo=UTC)


@pytest.fixture
def shop():
    shop = open_shop(review=ReviewPolicy(sla_hours=Decimal(4)), now=FRIDAY_16)
    shop.submit("O-1", ask())
    shop.pass_first("O-1", by=ALICE)
    return shop


def test_who_did_the_first_review_cannot_do_the_second(shop):
    before = shop.order("O-1")
    with pytest.raises(GuardError, match=r"SAME_PERSON.*alice passed the first review"):
        shop.do(PassSecondary(order_id="O-1"), by=ALICE)
    assert shop.order("O-1") == before


def test_four_working_hours_from_friday_at_four_end_on_monday_at_noon(shop):
    (waiting,) = shop.do(ListReviews(), by=ROOT)
    assert (waiting.order_id, waiting.due_at, waiting.is_overdue) == ("O-1", MONDAY_12, False)


def test_another_person_passes_it_in_time(shop):
    shop.clock.now = datetime(2026, 1, 12, 11, 59, tzinfo=UTC)
    assert shop.do(ListReviews(only_overdue=True), by=ROOT) == []
    case = shop.do(PassSecondary(order_id="O-1"), by=BOB)
    assert case.state is OrderState.CONFIRMED
    review = case.passed_review(Stage.SECONDARY)
    assert (review.reviewer, review.due_at) == ("bob", MONDAY_12)
    assert review.ended_at < review.due_at


def test_a_minute_after_noon_it_is_on_the_list_of_what_is_overdue(shop):
    shop.clock.now = datetime(2026, 1, 12, 12, 1, tzinfo=UTC)
    (late,) = shop.do(ListReviews(only_overdue=True), by=ROOT)
    assert (late.order_id, late.used_minutes) == ("O-1", 241)
