"""What a plan costs; every figure here is worked out by hand."""

from decimal import Decimal

import pytest
from tests.rules.test_promise import build_unserved
from tests.rules.workshop import at, build_plan, build_workshop, change, drop, judge

from orderopt.models.policy import TERMS

D = Decimal


def terms(tables=None, **given):
    return judge(tables or build_plan(), **given).scorecard.terms


def with_line(row, **cells):
    lines = list(build_workshop().order_lines)
    lines[row] = lines[row].model_copy(update=cells)
    return lines


def test_each_term_of_the_workshop_is_as_worked_out_by_hand():
    assert terms() == {
        "unserved": D(75),  # 3 of 4 at 100
        "tardiness": D(3),  # 20 / 1440 days × 72 × 2 × 1.5
        "late": D(3),  # 1 × 2 × 1.5
        "earliness": D("37.5"),  # 5 × 3 × 1 day, 3 × 2 × 1.75 days, 4 × 2 × 1.5 days
        "flow": D("14.041667"),  # 2 days 20 min × 3, 1 day × 3, 0, 2.5 days × 2
        "makespan": D("1.013889"),  # 1 day and 20 min
        "production": D(100),  # 75 min at 60, 20 min at 0, 50 min at 30
        "setup": D(7),
        "purchase": D("22.5"),
        "transport": D(35),  # 10 + 10 × 0.5, and 20
        "fairness": D("0.009549"),  # 170 / (1440 × 2) − 95 / (480 + 1440)
        "preference": D(0),
        "quota": D(0),
        "change": D(0),
    }


def test_the_objective_is_the_weighted_sum():
    assert judge(build_plan()).scorecard.objective == D("242.5")
    weights = {f"weight_{term}": D(place) for place, term in enumerate(TERMS, start=1)}
    even = {"weight_fairness": D(5760), "weight_makespan": D(72), "weight_flow": D(24)}
    settings = build_workshop().settings.model_copy(update={**weights, **even})
    scorecard = judge(build_plan(), settings=settings).scorecard
    of_lines = 75 + 2 * 3 + 3 * 3 + 4 * scorecard.terms["earliness"] + 337 + 73
    assert scorecard.objective == of_lines + 7 * 100 + 8 * 7 + 9 * D("22.5") + 10 * 35 + 55
    assert scorecard.weights["fairness"] == 5760


def test_counts_are_of_lines_jobs_tasks_purchases_and_shipments():
    assert judge(build_plan()).scorecard.counts == {
        "lines": 4,
        "lines_on_time": 2,
        "lines_late": 1,
        "lines_unserved": 1,
        "jobs": 3,
        "tasks": 4,
        "purchases": 1,
        "shipments": 2,
    }


def test_tardiness_costs_one_a_unit_and_day_unless_the_line_says_otherwise():
    assert terms(order_lines=with_line(0, tardiness_cost=None))["tardiness"] == D("0.416667")  # 20/1440 × 10 × 3
    assert terms(order_lines=with_line(0, tardiness_cost=D(0)))["tardiness"] == 0


def test_unserved_costs_price_and_a_hundred_days_unless_the_line_says_otherwise():
    lines = with_line(2, unit_price=D(5), tardiness_cost=D(2))
    assert terms(build_unserved(), order_lines=lines)["unserved"] == 75 + 3 * 5 + 100 * 2 * 2
    lines = with_line(2, unit_price=D(5), unserved_cost=D(9))
    assert terms(build_unserved(), order_lines=lines)["unserved"] == 75 + 9


def test_a_third_unserved_is_rounded_only_at_the_end():
    lines = with_line(3, quantity=D(6), unserved_cost=D(1), min_split=None)
    tables = change(build_plan(), "allocation", 4, quantity=D(5))
    assert terms(tables, order_lines=lines)["unserved"] == D("0.833333")
    settings = build_workshop().settings.model_copy(update={"weight_unserved": D(6_000_000)})
    with_rounding = judge(tables, order_lines=lines, settings=settings).scorecard
    assert with_rounding.objective == 5_000_000 + D("167.5")


def test_what_no_part_mentions_counts_as_unserved():
    assert terms(drop(build_plan(), "allocation", 4))["unserved"] == 75


def test_the_arrival_counts_not_what_is_promised():
    assert terms(change(build_plan(), "promises", 0, promised_at=at(9, "00:00"), tardiness_minutes=9))["tardiness"] == 3


def test_fixed_tasks_cost_nothing_and_count_as_load():
    resources = list(build_workshop().resources)
    resources[2] = resources[2].model_copy(update={"cost_per_hour": D(3000)})
    assert terms(resources=resources)["production"] == 75 + 2500


def test_pauses_cost_nothing():
    tables = change(build_plan(), "schedule", 0, start=at(0, "15:30"), end=at(1, "08:45"))
    assert terms(tables)["production"] == 100


def test_load_is_compared_until_the_last_due_date_by_default():
    settings = build_workshop().settings.model_copy(update={"horizon_end": None})  # Monday to Friday 00:00
    expected = D(170) / (4 * 2880) - D(95) / (4 * (480 + 1440))
    assert terms(settings=settings)["fairness"] == expected.quantize(D("0.000001"))


def test_load_is_compared_over_a_day_at_least():
    settings = build_workshop().settings.model_copy(update={"horizon_end": None})
    lines = [line.model_copy(update={"due_at": at(-9, "00:00")}) for line in build_workshop().order_lines]
    assert terms(settings=settings, order_lines=lines)["fairness"] == D("0.009549")


def test_one_unit_alone_has_no_spread():
    operations = [row for row in build_workshop().operations if row.unit_id == "U1"]
    assert terms(operations=operations)["fairness"] == 0


@pytest.mark.parametrize("total", [D(0), D(99)])
def test_a_wrong_total_is_priced_as_it_should_be(total):
    assert terms(change(build_plan(), "purchases", 0, total=total))["purchase"] == D("22.5")


def test_money_of_any_size_is_exact():
    offers = [offer.model_copy(update={"unit_price": D("999999999999.999999")}) for offer in build_workshop().offers]
    assert terms(offers=offers)["purchase"] == D("999999999999.999999") * 15
    lanes = [lane.model_copy(update={"cost_per_unit": D("999999999999.999999")}) for lane in build_workshop().lanes]
    assert terms(lanes=lanes)["transport"] == D("999999999999.999999") * 11 + 30
    dear = {"cost_per_hour": D("999999999999.999999")}
    resources = [row.model_copy(update=dear) for row in build_workshop().resources]
    expected = dear["cost_per_hour"] * (75 + 20 + 50) / 60
    assert terms(resources=resources)["production"] == expected.quantize(D("0.000001"))


def test_what_a_line_costs_that_is_late_or_early_can_be_said():
    assert terms(order_lines=with_line(0, late_cost=D(50)))["late"] == 150
    assert terms(order_lines=with_line(1, late_cost=D(50)))["late"] == 3
    before = terms()["earliness"]
    assert terms(order_lines=with_line(1, earliness_cost=D(7)))["earliness"] == before + 2 * 3
    assert terms(order_lines=with_line(0, earliness_cost=D(7)))["earliness"] == before


def test_a_line_takes_time_from_its_release_on():
    before = terms()["flow"]
    later = terms(order_lines=with_line(3, release_at=at(2, "00:00")))["flow"]
    assert before - later == 2 * 2


def test_tiers_are_the_weighted_sums_of_their_terms():
    settings = build_workshop().settings
    assert judge(build_plan()).scorecard.tiers == (D("242.5"),)
    ranked = {"objective": "lexicographic", "tiers": "setup + transport > unserved", "weight_setup": D(2)}
    scorecard = judge(build_plan(), settings=settings.model_copy(update=ranked)).scorecard
    assert scorecard.tiers == (2 * 7 + 35, D(75), 3 + 100 + D("22.5"))
    assert scorecard.objective == sum(scorecard.tiers)
