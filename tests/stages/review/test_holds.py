"""Holds are placed with a reason and lifted by those whom their type concerns."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from tests.stages.review.shop import ALICE, BOB, FINANCE, SALES, ask, open_shop

from orderopt.errors import GuardError, NotAllowedError, NotFoundError, UnlawfulStepError
from orderopt.models.life.hold import USUAL_BLOCKS, Blocks, HoldType
from orderopt.stages.review.first import Claim
from orderopt.stages.review.holds import RELEASERS, PlaceHold, ReleaseHold
from orderopt.stages.review.send_back import Reject


@pytest.fixture
def shop():
    shop = open_shop()
    shop.submit("O", ask("1"), ask("2"))
    return shop


def test_several_holds_stand_at_once_each_on_its_own_steps(shop):
    shop.do(PlaceHold(order_id="O", type=HoldType.CUSTOMER, reason="who is it?"), by=SALES)
    only_ship = frozenset({Blocks.SHIP})
    case = shop.do(PlaceHold(order_id="O", reason="wait", line_no="2", blocks=only_ship), by=SALES)
    assert [hold.hold_id for hold in case.holds] == ["O-H1", "O-H2"]
    assert case.holds[0].blocks == USUAL_BLOCKS[HoldType.CUSTOMER]
    assert [hold.hold_id for hold in case.holds_on(Blocks.SHIP, "1")] == ["O-H1"]
    assert [hold.hold_id for hold in case.holds_on(Blocks.SHIP, "2")] == ["O-H1", "O-H2"]
    assert [hold.hold_id for hold in case.holds_on(Blocks.CONFIRM)] == ["O-H1"]


def test_a_hold_is_lifted_once_by_whom_it_concerns(shop):
    shop.do(PlaceHold(order_id="O", type=HoldType.CREDIT, reason="slow payer"), by=SALES)
    lift = ReleaseHold(order_id="O", hold_id="O-H1", reason="paid")
    with pytest.raises(NotAllowedError, match="sam may not release a credit hold: it needs one of finance"):
        shop.do(lift, by=SALES)
    (hold,) = shop.do(lift, by=FINANCE).holds
    assert (hold.released_by, hold.released_by_rule, hold.is_active) == ("fay", None, False)
    with pytest.raises(GuardError, match="NO_SUCH_HOLD"):
        shop.do(lift, by=FINANCE)


def test_a_credit_hold_that_a_person_placed_is_not_lifted_by_the_rule(shop):
    shop.owe("C", "10")
    shop.do(PlaceHold(order_id="O", type=HoldType.CREDIT, reason="slow payer"), by=FINANCE)
    assert shop.pay("C", "10") == ()
    assert shop.order("O").holds[0].is_active


def test_somebody_may_lift_every_type():
    assert set(RELEASERS) == set(HoldType)


def test_a_hold_blocks_something_of_something_that_is_there(shop):
    with pytest.raises(ValidationError):
        PlaceHold(order_id="O", reason="wait", blocks=frozenset())
    with pytest.raises(NotFoundError, match="has no line 9"):
        shop.do(PlaceHold(order_id="O", reason="wait", line_no="9"), by=SALES)


def test_an_order_that_has_ended_is_not_held(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(Reject(order_id="O", code="OTHER"), by=BOB)
    with pytest.raises(UnlawfulStepError, match="order O is rejected: place a hold is not possible"):
        shop.do(PlaceHold(order_id="O", reason="wait"), by=SALES)
