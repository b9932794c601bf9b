"""Rule *quality and lots*."""

from decimal import Decimal

from tests.rules.workshop import build_plan, build_workshop, change, codes, judge

D = Decimal


def stepped(item_id, step):
    return [
        item.model_copy(update={"quantity_step": D(step)}) if item.item_id == item_id else item
        for item in build_workshop().items
    ]


def test_a_started_quantity_is_a_multiple_of_the_step():
    assert judge(build_plan(), items=stepped("LEG", "12.5")).is_correct
    found = judge(build_plan(), items=stepped("LEG", "7")).violations
    assert [(finding.code, finding.subject, finding.expected) for finding in found] == [
        ("QUANTITY_STEP", "job J2", "a multiple of 7")
    ]


def test_a_job_that_has_been_started_is_as_it_is():
    assert judge(build_plan(), items=stepped("LEG", 25)).is_correct  # WIP has 5


def test_a_bought_quantity_is_a_multiple_of_the_step():
    found = judge(build_plan(), items=stepped("WOOD", 2)).violations
    assert [(finding.code, finding.table, finding.row) for finding in found] == [("QUANTITY_STEP", "purchases", 2)]


def test_good_quantity_is_started_times_quality():
    found = list(judge(change(build_plan(), "jobs", 1, good_quantity=D(41))).violations)
    assert [(finding.code, finding.row, finding.expected) for finding in found] == [
        ("GOOD_QUANTITY", 3, "40: 50 started at quality 0.8")
    ]


def test_good_quantity_beyond_six_places_may_be_rounded_either_way():
    units = list(build_workshop().production_units)
    units[1] = units[1].model_copy(update={"quality": D("0.800001")})
    items = stepped("LEG", "0.000001")
    tables = change(build_plan(), "jobs", 1, quantity=D("50.000001"))
    tables = change(tables, "jobs", 2, good_quantity=D("4.000005"))
    for good, is_right in (("40.00005", True), ("40.000051", True), ("40.000052", False), ("40.000049", False)):
        found = codes(judge(change(tables, "jobs", 1, good_quantity=D(good)), production_units=units, items=items))
        assert ("GOOD_QUANTITY" not in found) is is_right
