"""Rule *purchases*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import MONDAY, add, at, build_plan, build_workshop, change, codes, judge

from orderopt.models.calendar import Shift

D = Decimal


def found(tables, **given):
    return codes(judge(tables, **given))


def buy(tables, quantity, price, receive=None, name="P2", order=MONDAY):
    receive = receive or at(1, "00:00")
    total = D(quantity) * D(price)
    return add(tables, "purchases", name, "W", "WOOD", D(quantity), order, receive, D(price), total, "")


def with_offers(**cells):
    return [offer.model_copy(update=cells) for offer in build_workshop().offers]


def test_a_purchase_reaches_the_minimum():
    offers = with_offers(min_quantity=D("15.5"), lot_multiple=None)
    assert found(build_plan(), offers=offers) == {"BELOW_MINIMUM"}
    assert found(build_plan(), offers=with_offers(min_quantity=D(15))) == set()


def test_a_purchase_is_a_multiple_of_the_lot():
    assert found(build_plan(), offers=with_offers(lot_multiple=D(4))) == {"LOT_MULTIPLE"}
    assert found(build_plan(), offers=with_offers(lot_multiple=D("7.5"))) == set()


def test_the_price_is_that_of_the_highest_break_reached():
    tables = change(build_plan(), "purchases", 0, unit_price=D(2), total=D(30))
    assert found(tables) == {"UNIT_PRICE", "PURCHASE_TOTAL"}
    offers = build_workshop().offers
    later = [offers[0], offers[1].model_copy(update={"from_quantity": D("15.000001")})]
    assert found(tables, offers=later) == set()
    exactly = [offers[0], offers[1].model_copy(update={"from_quantity": D(15)})]
    assert found(build_plan(), offers=exactly) == set()


def test_a_quantity_below_every_break_has_no_offer():
    offers = [build_workshop().offers[1].model_copy(update={"from_quantity": D(16)})]
    assert found(build_plan(), offers=offers) == {"BELOW_ALL_OFFERS"}


def test_the_total_is_exact():
    for total, is_right in (("22.5", True), ("22.500001", False), ("22.499999", False)):
        assert (not found(change(build_plan(), "purchases", 0, total=D(total)))) is is_right


def test_a_total_beyond_six_places_may_be_rounded():
    offers = with_offers(unit_price=D("1.5"), lot_multiple=None)
    items = [item.model_copy(update={"quantity_step": D("0.000001")}) for item in build_workshop().items]
    tables = change(build_plan(), "purchases", 0, quantity=D("15.000001"))
    for total, is_right in (("22.500001", True), ("22.500002", True), ("22.5", False), ("22.500003", False)):
        changed = change(tables, "purchases", 0, total=D(total))
        assert (not found(changed, offers=offers, items=items)) is is_right


def test_nothing_is_ordered_before_the_horizon():
    assert found(change(build_plan(), "purchases", 0, order_at=at(-1, "23:59"))) == {"ORDERED_TOO_EARLY"}


def test_the_lead_time_is_kept_to_the_minute():
    assert found(build_plan(), offers=with_offers(lead_time_days=D("1.000694"))) == {"LEAD_TIME"}
    assert found(change(build_plan(), "purchases", 0, order_at=at(0, "00:01"))) == {"LEAD_TIME"}
    assert found(build_plan(), offers=with_offers(lead_time_days=D("0.999"))) == set()


def test_the_supplier_is_open_at_receipt():
    shifts = [*build_workshop().calendars, Shift(calendar_id="W", weekday=1, opens="00:00", closes="12:00")]
    supplier = build_workshop().suppliers[0].model_copy(update={"calendar_id": "W"})
    assert found(build_plan(), calendars=shifts, suppliers=[supplier]) == set()
    shifts[-1] = shifts[-1].model_copy(update={"opens": "00:01"})
    assert found(build_plan(), calendars=shifts, suppliers=[supplier]) == {"SUPPLIER_CLOSED"}


def test_the_moment_of_closing_is_closed():
    shifts = [*build_workshop().calendars, Shift(calendar_id="W", weekday=0, opens="00:00", closes="24:00")]
    supplier = build_workshop().suppliers[0].model_copy(update={"calendar_id": "W"})
    assert found(build_plan(), calendars=shifts, suppliers=[supplier]) == {"SUPPLIER_CLOSED"}


@pytest.mark.parametrize(
    ("receive", "is_right"),
    [
        (at(1, "00:00"), False),
        (at(6, "23:59"), False),
        (at(7, "00:00"), True),
    ],
)
def test_a_week_takes_at_most_its_maximum(receive, is_right):
    tables = buy(build_plan(), 10, "1.5", receive)
    assert (found(tables) == set()) is is_right
    if not is_right:
        says = list(judge(tables).violations)
        assert [(finding.code, finding.subject, finding.expected) for finding in says] == [
            ("WEEKLY_MAXIMUM", "supplier W, item WOOD", "at most 20 in one ISO week")
        ]
        assert says[0].says.startswith("25 is received")


def test_weeks_are_those_of_the_plans_time_zone():
    zone = build_workshop().settings.model_copy(update={"timezone": "America/New_York"})
    sunday_in_new_york = buy(build_plan(), 10, "1.5", at(7, "04:59"))
    monday_in_new_york = buy(build_plan(), 10, "1.5", at(7, "05:00"))
    weekly = "WEEKLY_MAXIMUM"
    assert weekly in found(sunday_in_new_york, settings=zone)
    assert weekly not in found(monday_in_new_york, settings=zone)


def test_a_week_over_new_year_is_one_week():
    year_end = {"receive": at(-5, "12:00"), "order": at(-8, "00:00")}  # 2025-12-31, ISO week 1 of 2026
    new_year = {"receive": at(-3, "12:00"), "order": at(-8, "00:00")}  # 2026-01-02
    tables = buy(buy(build_plan(), 15, "1.5", name="P2", **year_end), 15, "1.5", name="P3", **new_year)
    assert "WEEKLY_MAXIMUM" in found(tables)


def test_other_items_and_suppliers_do_not_count_to_the_maximum():
    given = build_workshop()
    offers = [*given.offers, given.offers[1].model_copy(update={"supplier_id": "V"})]
    tables = add(build_plan(), "purchases", "P2", "V", "WOOD", D(15), MONDAY, at(1, "00:00"), D("1.5"), D("22.5"), "")
    suppliers = [*given.suppliers, given.suppliers[0].model_copy(update={"supplier_id": "V"})]
    assert found(tables, offers=offers, suppliers=suppliers) == set()


def test_the_break_in_force_sets_lead_time_and_maximum():
    offers = list(build_workshop().offers)
    offers[0] = offers[0].model_copy(update={"lead_time_days": D(9), "max_per_week": D(1), "min_quantity": D(900)})
    assert found(build_plan(), offers=offers) == set()
    offers[1] = offers[1].model_copy(update={"lead_time_days": D(2), "max_per_week": D(14), "min_quantity": D(900)})
    assert found(build_plan(), offers=offers) == {"LEAD_TIME", "WEEKLY_MAXIMUM", "BELOW_MINIMUM"}
