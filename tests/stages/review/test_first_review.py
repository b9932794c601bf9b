"""Orders are claimed, warnings overridden with a reason code, and reviews passed, returned or rejected."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.review.shop import ALICE, BOB, FINANCE, SALES, ask, open_shop

from orderopt.errors import GuardError, NotAllowedError, UnlawfulStepError
from orderopt.models.item import Item
from orderopt.models.life.review import Outcome, Stage
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.intake.questions import Ask
from orderopt.stages.review.again import ReviewAgain, find_reviewed_changes
from orderopt.stages.review.first import Claim, OverrideWarning, PassPrimary
from orderopt.stages.review.send_back import Reject, ReturnToDraft

FIRST_ONLY = Actor.of("finn", Role.FIRST_REVIEWER)
OVERRIDE = OverrideWarning(order_id="O", rule="prices_are_right", line_no="1", code="AGREED", reason="a big customer")


@pytest.fixture
def shop():
    """Return a shop with a submitted order whose price is not the listed one."""
    shop = open_shop(Item(item_id="PUMP", list_price=Decimal(12)))
    shop.submit("O", ask())
    return shop


def test_claiming_opens_the_review_with_what_the_rules_say(shop):
    case = shop.do(Claim(order_id="O"), by=ALICE)
    review = case.open_review(Stage.PRIMARY)
    assert case.state is OrderState.PRIMARY_REVIEW
    assert review.reviewer == "alice"
    assert "PRICE_OFF_LIST" in {check.code for check in review.checks}


def test_somebody_else_takes_a_review_over(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(OVERRIDE, by=ALICE)
    case = shop.do(Claim(order_id="O"), by=BOB)
    (review,) = case.reviews
    assert (review.reviewer, len(review.overrides)) == ("bob", 1)
    assert shop.do(PassPrimary(order_id="O"), by=BOB).passed_review(Stage.PRIMARY).reviewer == "bob"


def test_a_warning_has_to_be_overridden_with_a_known_code(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    before = shop.order("O")
    with pytest.raises(GuardError, match=r"PRICE_OFF_LIST.*override it with a reason code"):
        shop.do(PassPrimary(order_id="O"), by=ALICE)
    with pytest.raises(GuardError, match="there is no such reason code; next: use one of AGREED"):
        shop.do(OVERRIDE.model_copy(update={"code": "BECAUSE"}), by=ALICE)
    assert shop.order("O") == before
    shop.do(OVERRIDE, by=ALICE)
    case = shop.do(PassPrimary(order_id="O"), by=ALICE)
    (override,) = case.passed_review(Stage.PRIMARY).overrides
    assert (override.code, override.by) == ("AGREED", "alice")
    assert case.state is OrderState.SECONDARY_REVIEW


@pytest.mark.parametrize(
    ("rule", "line_no"), [("customer_is_known", None), ("prices_are_right", "2"), ("no_rule", "1")]
)
def test_only_warnings_that_are_there_can_be_overridden(shop, rule, line_no):
    shop.do(Claim(order_id="O"), by=ALICE)
    with pytest.raises(GuardError, match="gives no warning that could be overridden"):
        shop.do(OverrideWarning(order_id="O", rule=rule, line_no=line_no, code="AGREED"), by=ALICE)


def test_nothing_is_overridden_before_the_order_is_claimed(shop):
    with pytest.raises(GuardError, match="claim the order first"):
        shop.do(OVERRIDE, by=ALICE)


def test_a_failure_names_the_rule_and_keeps_the_order_where_it_is(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(OVERRIDE, by=ALICE)
    shop.do(Ask(order_id="O", question="Which colour?"), by=ALICE)
    with pytest.raises(GuardError, match=r"QUESTION_OPEN.*nothing_is_missing"):
        shop.do(PassPrimary(order_id="O"), by=ALICE)
    assert shop.order("O").state is OrderState.PRIMARY_REVIEW


def test_steps_that_the_state_does_not_allow_name_it(shop):
    with pytest.raises(UnlawfulStepError, match="order O is submitted: pass_primary is not possible"):
        shop.do(PassPrimary(order_id="O"), by=ALICE)
    with pytest.raises(UnlawfulStepError, match="order O is submitted: pass_secondary is not possible"):
        shop.do(PassSecondary(order_id="O"), by=BOB)
    with pytest.raises(UnlawfulStepError, match="order O is submitted: reject is not possible"):
        shop.do(Reject(order_id="O", code="PRICE"), by=BOB)


def test_each_stage_needs_its_role(shop):
    with pytest.raises(NotAllowedError):
        shop.do(Claim(order_id="O"), by=SALES)
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(OVERRIDE, by=ALICE)
    shop.do(PassPrimary(order_id="O"), by=ALICE)
    for command in (Claim(order_id="O"), Reject(order_id="O", code="PRICE"), ReturnToDraft(order_id="O", reason="no")):
        with pytest.raises(GuardError, match="needs the role second_reviewer"):
            shop.do(command, by=FIRST_ONLY)


def test_who_did_the_first_review_can_neither_claim_nor_override_nor_reject_in_the_second(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(OVERRIDE, by=ALICE)
    shop.do(PassPrimary(order_id="O"), by=ALICE)
    for command in (Claim(order_id="O"), Reject(order_id="O", code="PRICE"), ReturnToDraft(order_id="O", reason="no")):
        with pytest.raises(GuardError, match="SAME_PERSON"):
            shop.do(command, by=ALICE)


def test_an_order_is_rejected_for_a_known_reason(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    with pytest.raises(GuardError, match="there is no reason code 'BECAUSE'"):
        shop.do(Reject(order_id="O", code="BECAUSE"), by=ALICE)
    case = shop.do(Reject(order_id="O", code="PRICE", reason="far too cheap"), by=ALICE)
    (review,) = case.reviews
    assert (case.state, review.outcome, review.code) == (OrderState.REJECTED, Outcome.REJECTED, "PRICE")


def test_a_returned_order_is_reviewed_from_the_begin(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(OVERRIDE, by=ALICE)
    shop.do(PassPrimary(order_id="O"), by=ALICE)
    case = shop.do(ReturnToDraft(order_id="O", reason="the customer wants blue ones"), by=BOB)
    assert (case.state, case.reviews[-1].outcome) == (OrderState.DRAFT, Outcome.RETURNED)


def test_a_reviewed_field_that_changed_asks_for_another_review(shop):
    shop.do(Claim(order_id="O"), by=ALICE)
    shop.do(OVERRIDE, by=ALICE)
    shop.do(PassPrimary(order_id="O"), by=ALICE)
    case = shop.do(PassSecondary(order_id="O"), by=BOB)
    line = case.line("1")
    more = line.ask.model_copy(update={"quantity": Decimal(3), "note": "in blue"})
    changed = case.with_line(line.model_copy(update={"ask": more}))
    assert find_reviewed_changes(case, changed) == ("line 1 quantity",)
    assert find_reviewed_changes(case, case) == ()
    again = shop.do(ReviewAgain(order_id="O", fields=("line 1 quantity",), reason="more of it"), by=SALES)
    assert again.state is OrderState.PRIMARY_REVIEW
    assert again.open_review(Stage.PRIMARY) is None
    assert shop.do(Claim(order_id="O"), by=BOB).open_review(Stage.PRIMARY).reviewer == "bob"
    assert again.line("1").dates == case.line("1").dates


def test_finance_may_not_review(shop):
    with pytest.raises(NotAllowedError):
        shop.do(PassPrimary(order_id="O"), by=FINANCE)
