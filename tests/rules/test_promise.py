"""Rule *promise*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import add, at, build_plan, build_workshop, change, codes, drop, judge

D = Decimal


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("promised_at", at(2, "00:19"), "PROMISED_AT"),
        ("promised_at", None, "PROMISED_AT"),
        ("tardiness_minutes", 19, "TARDINESS"),
        ("on_time", True, "ON_TIME"),
        ("quantity", D(9), "PROMISED_QUANTITY"),
        ("due_at", at(2, "00:20"), "PROMISE_DUE_AT"),
    ],
)
def test_a_promise_that_the_plan_does_not_keep_is_caught(column, cell, code):
    found = judge(change(build_plan(), "promises", 0, **{column: cell})).violations
    assert [(finding.code, finding.row, finding.column) for finding in found] == [(code, 2, column)]


def test_the_right_figures_are_named():
    found = judge(change(build_plan(), "promises", 0, promised_at=at(1, "00:00"))).violations
    assert found[0].says == "promised_at is 2026-01-06 00:00"
    assert found[0].expected == "2026-01-07 00:20, the latest arrival of what is served"


def test_every_planned_line_has_a_promise():
    found = judge(drop(build_plan(), "promises", 2)).violations
    assert [(finding.code, finding.subject) for finding in found] == [("PROMISE_MISSING", "line O2/1")]


def test_lines_that_are_not_planned_have_none():
    tables = add(build_plan(), "promises", "O9", "1", at(4, "00:00"), None, D(0), 0, False, None, "")
    assert codes(judge(tables)) == {"PROMISE_WITHOUT_LINE"}


def test_a_line_of_which_something_is_unserved_is_not_on_time():
    assert codes(judge(change(build_plan(), "promises", 3, on_time=True))) == {"ON_TIME"}


def build_unserved():
    tables = change(build_plan(), "allocation", 2, source_type="unserved", source_id=None, supply_id=None)
    return change(drop(tables, "pegging", 5), "promises", 2, promised_at=None, quantity=D(0), on_time=False)


def test_a_line_of_which_nothing_is_served_has_no_promise_and_no_tardiness():
    lines = list(build_workshop().order_lines)
    lines[2] = lines[2].model_copy(update={"due_at": at(-300, "00:00")})
    tables = change(build_unserved(), "promises", 2, due_at=at(-300, "00:00"))
    verdict = judge(tables, order_lines=lines)
    assert verdict.is_correct
    assert verdict.scorecard.terms["tardiness"] == 3
    assert verdict.scorecard.counts["lines_unserved"] == 2
    assert codes(judge(change(tables, "promises", 2, promised_at=at(0, "06:00")), order_lines=lines)) == {"PROMISED_AT"}


def test_the_latest_part_sets_the_promise():
    """One part of the line to the port is collected by ship on Monday, one on Wednesday."""
    from tests.rules.test_transport import two_on_the_ship

    tables, given = two_on_the_ship(0, 2, first=3, second=3)
    assert judge(tables, **given).is_correct
    early = change(tables, "promises", 3, promised_at=at(2, "12:00"), tardiness_minutes=0, on_time=True)
    assert codes(judge(early, **given)) == {"PROMISED_AT", "TARDINESS", "ON_TIME"}


def test_a_promise_is_not_judged_where_the_plan_does_not_say_when_the_part_is_there():
    found = codes(judge(change(build_plan(), "allocation", 0, supply_id="nothing")))
    assert "UNKNOWN_SUPPLY" in found
    assert not found & {"PROMISED_AT", "TARDINESS", "ON_TIME", "DEPARTS_TOO_EARLY", "DEPARTS_TOO_LATE"}
