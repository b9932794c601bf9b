"""Changes of orders that other rooms have confirmed: reviewed again, reserved anew, credit lifted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.stages.review.shop import ALICE, SALES, ask, open_shop

from orderopt.models.customer import Customer
from orderopt.models.item import Item
from orderopt.models.life.amendment import DateAmended, QuantityAmended
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.stages.change.assess import AssessChange
from orderopt.stages.change.assessor import NoPlanning
from orderopt.stages.change.cancel import CancelOrder
from orderopt.stages.change.request import ApplyChange, ApproveChange, DraftChange, SubmitChange
from orderopt.stages.review.first import Claim, PassPrimary

OTHER = Actor.of("sue", Role.SALES)


def make_shop(**customer):
    shop = open_shop(Item(item_id="A"), customer=Customer(customer_id="C", **customer))
    shop.desk.assessor = NoPlanning()
    shop.stock("A", 20)
    return shop


def change(shop, *amendments):
    named = {"order_id": "O-1"}
    drafted = shop.do(DraftChange(amendments=amendments, reason="asked", **named), by=SALES)
    named["change_id"] = drafted.change_id
    shop.do(SubmitChange(**named), by=SALES)
    shop.do(AssessChange(**named), by=SALES)
    shop.do(ApproveChange(**named), by=OTHER)
    return shop.do(ApplyChange(**named), by=SALES)


def reserved(shop):
    return shop.ledger("A@").reserved_for("O-1")


def test_a_confirmed_order_that_is_changed_is_reviewed_and_reserved_anew():
    shop = make_shop()
    shop.confirm("O-1", ask("1", "A", 10))
    assert reserved(shop) == 10
    after = change(shop, QuantityAmended(line_no="1", after=Decimal(7)))
    assert (after.state, reserved(shop), after.line("1").counts.allocated) == (OrderState.PRIMARY_REVIEW, 7, 7)
    shop.do(Claim(order_id="O-1"), by=ALICE)
    shop.do(PassPrimary(order_id="O-1"), by=ALICE)
    later = after.line("1").ask.requested_at + timedelta(days=3)
    change(shop, DateAmended(line_no="1", after=later), QuantityAmended(line_no="1", after=Decimal(12)))
    case = shop.order("O-1")
    assert case.state is OrderState.SECONDARY_REVIEW
    assert case.passed_review(case.reviews[-1].stage).revision < case.revision, "the first review saw another order"


def test_cancelling_lifts_the_credit_hold_of_the_next_order():
    shop = make_shop(credit_limit=Decimal(100))
    shop.confirm("O-1", ask("1", "A", 8))
    shop.confirm("O-2", ask("1", "A", 8))
    assert [hold.is_active for hold in shop.order("O-2").holds] == [True]
    shop.do(CancelOrder(order_id="O-1", reason="off"), by=SALES)
    assert [hold.is_active for hold in shop.order("O-2").holds] == [False]
    assert reserved(shop) == 0
