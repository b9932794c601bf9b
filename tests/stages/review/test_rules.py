"""Each rule answers with its code; companies add rules and set thresholds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.review.shop import ALICE, ROOT, SOON, ask, open_shop

from orderopt.errors import GuardError
from orderopt.models.customer import Customer
from orderopt.models.item import Item, Operation
from orderopt.models.life.desk_policy import ReviewPolicy
from orderopt.models.life.order_case import Party
from orderopt.models.life.review import Answer, Aspect, Stage
from orderopt.models.network import Offer, ProductionUnit, Resource, Supplier
from orderopt.stages.review import registry
from orderopt.stages.review.answers import passed, warned
from orderopt.stages.review.first import CheckOrder
from orderopt.stages.review.registry import find_rules, remove_rule, review_rule

PRICED = Item(item_id="PUMP", list_price=Decimal(10), cost=Decimal(6))


def check(shop, stage: Stage, aspect: Aspect) -> list[tuple[Answer, str, str | None]]:
    """Return answer, code and line of the checks of one aspect of the order O."""
    checks = shop.do(CheckOrder(order_id="O", stage=stage), by=ALICE)
    return [(one.answer, one.code, one.line_no) for one in checks if one.aspect is aspect]


def test_a_customer_has_to_be_known_and_not_blocked():
    shop = open_shop(customer=Customer(customer_id="B", blocked=True))
    shop.put(Customer(customer_id="C"))
    shop.submit("O", ask(), customer_id="C")
    assert check(shop, Stage.PRIMARY, Aspect.CUSTOMER) == [(Answer.PASS, "CUSTOMER_KNOWN", None)]
    for customer_id, code in (("B", "CUSTOMER_BLOCKED"), ("X", "CUSTOMER_UNKNOWN")):
        shop = open_shop(customer=Customer(customer_id="B", blocked=True))
        shop.submit("O", ask(), customer_id=customer_id)
        assert check(shop, Stage.PRIMARY, Aspect.CUSTOMER) == [(Answer.FAIL, code, None)]


def test_every_item_has_to_be_sold():
    shop = open_shop(Item(item_id="PUMP"), Item(item_id="OLD", active=False))
    shop.submit("O", ask("1"), ask("2", "OLD"), ask("3", "STRANGE"))
    assert check(shop, Stage.PRIMARY, Aspect.ITEM) == [
        (Answer.PASS, "ITEM_ACTIVE", "1"),
        (Answer.FAIL, "ITEM_INACTIVE", "2"),
        (Answer.FAIL, "ITEM_UNKNOWN", "3"),
    ]


@pytest.mark.parametrize(
    ("price", "discount", "answer", "code"),
    [
        ("10", "0", Answer.PASS, "PRICE_RIGHT"),
        ("10.5", "0", Answer.PASS, "PRICE_RIGHT"),
        ("10.51", "0", Answer.WARN, "PRICE_OFF_LIST"),
        ("9.49", "0", Answer.WARN, "PRICE_OFF_LIST"),
        ("10", "0.2", Answer.PASS, "PRICE_RIGHT"),
        ("10", "0.21", Answer.WARN, "DISCOUNT_TOO_HIGH"),
    ],
)
def test_prices_are_held_against_list_and_limits(price, discount, answer, code):
    policy = ReviewPolicy(price_tolerance=Decimal("0.05"), max_discount=Decimal("0.2"), min_margin=Decimal("0.2"))
    shop = open_shop(PRICED, review=policy)
    shop.submit("O", ask(unit_price=Decimal(price), discount=Decimal(discount)))
    assert check(shop, Stage.PRIMARY, Aspect.PRICE) == [(answer, code, "1")]


def test_a_margin_below_its_floor_fails_and_figures_stand_apart():
    shop = open_shop(PRICED, review=ReviewPolicy(min_margin=Decimal("0.4")))
    shop.submit("O", ask(discount=Decimal("0.01")))
    (result,) = [
        one for one in shop.do(CheckOrder(order_id="O", stage=Stage.PRIMARY), by=ALICE) if one.aspect is Aspect.PRICE
    ]
    assert (result.answer, result.code) == (Answer.FAIL, "MARGIN_TOO_LOW")
    assert result.money == {"paid": "9.90", "cost": "6.00", "margin": "3.90"}
    (masked,) = [
        one for one in shop.do(CheckOrder(order_id="O", stage=Stage.PRIMARY), by=ROOT) if one.aspect is Aspect.PRICE
    ]
    assert masked == result.model_copy(update={"money": None})


def test_what_the_policy_asks_for_has_to_be_there():
    shop = open_shop(review=ReviewPolicy(required_head=("terms",), required_line=("unit_price", "destination")))
    shop.submit("O", ask("1", destination="SHOP"), ask("2", unit_price=None, destination="SHOP"))
    assert check(shop, Stage.PRIMARY, Aspect.COMPLETENESS) == [
        (Answer.FAIL, "FIELD_MISSING", None),
        (Answer.FAIL, "FIELD_MISSING", "2"),
    ]


@pytest.mark.parametrize(
    ("terms", "answer", "code"),
    [
        (None, Answer.PASS, "TERMS_AGREED"),
        ("net30", Answer.PASS, "TERMS_AGREED"),
        ("net60", Answer.WARN, "TERMS_DIFFER"),
        ("net90", Answer.FAIL, "TERMS_UNKNOWN"),
    ],
)
def test_terms_have_to_be_known_and_those_of_the_customer(terms, answer, code):
    customer = Customer(customer_id="C", payment_terms="net30")
    shop = open_shop(customer=customer, review=ReviewPolicy(known_terms=frozenset({"net30", "net60"})))
    shop.submit("O", ask(), terms=terms)
    assert check(shop, Stage.SECONDARY, Aspect.TERMS) == [(answer, code, None)]


def test_special_requirements_are_matched_to_what_sources_can_do():
    shop = open_shop()
    shop.put(
        ProductionUnit(unit_id="U", capabilities="food grade; cold"),
        Resource(resource_id="R", unit_id="U"),
        Operation(item_id="PUMP", unit_id="U", op_no=1, resource_id="R"),
        Supplier(supplier_id="S", capabilities="cold"),
        Offer(supplier_id="S", item_id="PUMP", lead_time_days=Decimal(1), unit_price=Decimal(1)),
    )
    line = ask(special_requirements=("food grade", "explosion proof"))
    shop.submit("O", line, special_requirements=("cold",))
    assert check(shop, Stage.SECONDARY, Aspect.REQUIREMENTS) == [
        (Answer.PASS, "CAN_BE_MET", "1"),
        (Answer.WARN, "NOT_BY_ALL", "1"),
        (Answer.FAIL, "CANNOT_BE_MET", "1"),
    ]


@pytest.mark.parametrize(
    ("country", "answer", "code"),
    [
        ("AT", Answer.PASS, "NOTHING_RESTRICTED"),
        ("XX", Answer.FAIL, "COUNTRY_RESTRICTED"),
        ("YY", Answer.FAIL, "ITEM_RESTRICTED"),
        (None, Answer.FAIL, "COUNTRY_MISSING"),
    ],
)
def test_restricted_goods_and_countries_are_data(country, answer, code):
    policy = ReviewPolicy(restricted_countries=frozenset({"XX"}), restricted_items={"PUMP": frozenset({"YY"})})
    shop = open_shop(review=policy)
    shop.submit("O", ask(), party=Party(country=country))
    ((found, name, _),) = check(shop, Stage.SECONDARY, Aspect.COMPLIANCE)
    assert (found, name) == (answer, code)


def test_an_item_that_may_go_nowhere_fails_everywhere():
    shop = open_shop(review=ReviewPolicy(restricted_items={"PUMP": frozenset({"*"})}))
    shop.submit("O", ask(), party=Party(country="AT"))
    assert check(shop, Stage.SECONDARY, Aspect.COMPLIANCE) == [(Answer.FAIL, "ITEM_RESTRICTED", "1")]


@pytest.fixture
def rule_of_a_company():
    """Register a rule that warns of orders with more lines than a threshold."""

    @review_rule(Stage.PRIMARY, Aspect.OTHER)
    def at_most_so_many(question):
        says = warned if len(question.case.lines) > question.policy.thresholds["most_lines"] else passed
        yield says("MANY_LINES", "lines were counted", lines=len(question.case.lines))

    yield at_most_so_many
    remove_rule("at_most_so_many")


def test_a_company_adds_a_rule_with_its_threshold(rule_of_a_company):
    shop = open_shop(review=ReviewPolicy(thresholds={"most_lines": Decimal(1)}))
    shop.submit("O", ask("1"), ask("2"))
    assert check(shop, Stage.PRIMARY, Aspect.OTHER) == [(Answer.WARN, "MANY_LINES", None)]
    with pytest.raises(GuardError, match="MANY_LINES: lines were counted \\(at_most_so_many\\)"):
        shop.pass_first("O")


def test_a_rule_can_be_switched_off(rule_of_a_company):
    shop = open_shop(review=ReviewPolicy(switched_off=frozenset({"at_most_so_many"})))
    shop.submit("O", ask())
    assert check(shop, Stage.PRIMARY, Aspect.OTHER) == []


def test_rules_come_by_entry_point(monkeypatch):
    class Point:
        def load(self):
            @review_rule(Stage.SECONDARY, Aspect.OTHER)
            def from_outside(question):
                yield passed("OUTSIDE", "asked")

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()] if group == "orderopt.review_rules" else [])
    registry._load.cache_clear()
    try:
        assert "from_outside" in {rule.name for rule in find_rules(Stage.SECONDARY)}
        shop = open_shop()
        shop.submit("O", ask(requested_at=SOON))
        assert check(shop, Stage.SECONDARY, Aspect.OTHER) == [(Answer.PASS, "OUTSIDE", None)]
    finally:
        remove_rule("from_outside")


def test_two_rules_of_one_name_from_different_places_are_refused():
    def customer_is_known(question):
        yield from ()

    find_rules(Stage.PRIMARY)
    with pytest.raises(TypeError, match="two review rules are named customer_is_known"):
        review_rule(Stage.PRIMARY, Aspect.CUSTOMER)(customer_is_known)


def test_every_aspect_of_both_reviews_has_a_rule():
    asked = {rule.aspect for stage in Stage for rule in find_rules(stage)}
    assert asked >= set(Aspect) - {Aspect.OTHER}
