"""The term *preference*."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.rules.workshop import build_plan, build_workshop, judge

from orderopt.models.network import Offer, Supplier

D = Decimal


def preference(**tables):
    """Return the term for the workshop's plan with a weight of 1: J1 makes 10 at U1, W sells 5 of WOOD."""
    settings = build_workshop().settings.model_copy(update={"weight_preference": D(1), **tables.pop("settings", {})})
    return judge(build_plan(), settings=settings, **tables).scorecard.terms["preference"]


def rival(**cells):
    """Return the tables in which V sells WOOD too, as W does but for some cells."""
    shop = build_workshop()
    supplier = {"supplier_id": "V"} | {name: cells.pop(name) for name in ("quality", "on_time_rate") if name in cells}
    row = {"supplier_id": "V", "item_id": "WOOD", "lead_time_days": D(1), "unit_price": D(1), "max_per_week": D(20)}
    return {
        "suppliers": [*shop.suppliers, Supplier(**supplier)],
        "offers": [*shop.offers, Offer(**(row | cells))],
    }


def test_the_only_source_of_an_item_lacks_nothing():
    assert preference() == 0


@pytest.mark.parametrize(
    ("cells", "lacks"),
    [
        ({}, "0.5"),  # ties everywhere
        ({"max_per_week": None}, "0.666667"),  # without limit is stronger: 0, 1/2 and 1/2
        ({"max_per_week": D(19)}, "0.333333"),
        ({"lead_time_days": D("0.5")}, "0.666667"),
        ({"quality": D("0.9")}, "0.333333"),
        ({"on_time_rate": D("0.9"), "lead_time_days": D(0), "max_per_week": D(30)}, "0.666667"),
    ],
)
def test_a_source_lacks_the_share_of_the_others_that_beat_it(cells, lacks):
    assert preference(**rival(**cells)) == pytest.approx(5 * D(lacks), abs=D("0.00001"))


def test_criteria_weigh_as_the_settings_say():
    cells = {"lead_time_days": D("0.5")}
    assert preference(settings={"prefer_fast": D(0)}, **rival(**cells)) == D("2.5")
    assert preference(settings={"prefer_fast": D(2)}, **rival(**cells)) == D("3.75")  # (1/2 + 0 × 2 + 1/2) / 4
    none = dict.fromkeys(("prefer_fast", "prefer_strong", "prefer_reliable"), D(0))
    assert preference(settings=none, **rival(**cells)) == 0


def test_a_preference_that_is_given_counts_instead():
    units = [row.model_copy(update={"preference": D("0.25")}) for row in build_workshop().production_units]
    assert preference(production_units=units) == D("7.5")  # components are no parts
    offers = [row.model_copy(update={"preference": D("0.2")}) for row in build_workshop().offers]
    assert preference(offers=offers) == D(4)
    offers[1] = offers[1].model_copy(update={"preference": D(1)})  # the price from 10 on
    assert preference(offers=offers) == D(4)


def test_without_a_weight_it_is_not_counted():
    offers = [row.model_copy(update={"preference": D("0.2")}) for row in build_workshop().offers]
    assert judge(build_plan(), offers=offers).scorecard.terms["preference"] == 0
