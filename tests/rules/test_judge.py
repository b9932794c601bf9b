"""The judge as a whole: a right plan passes in every form, and no table makes it fail."""

from __future__ import annotations

import io
from datetime import timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rules.big_plan import build_big_plan, build_big_snapshot
from tests.rules.workshop import MONDAY, add, build_plan, build_workshop, change, codes, drop, judge

from orderopt.models.plan import PLAN_TABLES
from orderopt.models.policy import TERMS
from orderopt.models.snapshot import Snapshot
from orderopt.rules import violation
from orderopt.rules.judge import RULES, judge_plan

MOMENTS = {
    "start",
    "end",
    "available_at",
    "needed_at",
    "order_at",
    "receive_at",
    "depart_at",
    "arrive_at",
    "due_at",
    "promised_at",
}


def reread(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables as written to CSV and read again as text."""
    return {name: pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=str) for name, frame in tables.items()}


def test_a_right_plan_is_correct():
    assert judge(build_plan()).violations == ()


def test_a_right_plan_read_from_text_is_correct_and_costs_the_same():
    verdict = judge(reread(build_plan()))
    assert verdict.violations == ()
    assert verdict.scorecard == judge(build_plan()).scorecard


def test_a_right_plan_read_with_guessed_types_is_correct():
    tables = {name: pd.read_csv(io.StringIO(frame.to_csv(index=False))) for name, frame in build_plan().items()}
    assert judge(tables).violations == ()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Taipei", timezone(timedelta(hours=-3))])
def test_times_may_come_in_any_zone(zone):
    tables = build_plan()
    for frame in tables.values():
        for column in MOMENTS & set(frame.columns):
            frame[column] = pd.to_datetime(frame[column], utc=True).dt.tz_convert(zone)
    assert judge(tables).violations == ()


def test_times_without_offset_are_on_the_plans_clock():
    settings_ = build_workshop().settings.model_copy(update={"timezone": "Asia/Taipei"})
    shifts = [shift.model_copy(update={"opens": "16:00", "closes": "24:00"}) for shift in build_workshop().calendars]
    lanes = [lane.model_copy(update={"departs": lane.departs and "0,2/20:00"}) for lane in build_workshop().lanes]
    tables = build_plan()
    for frame in tables.values():
        for column in MOMENTS & set(frame.columns):
            local = pd.to_datetime(frame[column], utc=True).dt.tz_convert("Asia/Taipei").dt.tz_localize(None)
            frame[column] = local
    given_ = {"settings": settings_, "calendars": shifts, "lanes": lanes}
    assert judge(tables, **given_).violations == ()
    as_text = {name: frame.astype(dict.fromkeys(MOMENTS & set(frame.columns), str)) for name, frame in tables.items()}
    assert judge(as_text, **given_).violations == ()


def test_tables_may_have_any_index_and_more_columns():
    tables = {name: frame.set_axis([7] * len(frame)).assign(note="x") for name, frame in build_plan().items()}
    assert judge(tables).violations == ()


def test_a_plan_without_tables_leaves_every_line_unserved():
    verdict = judge({})
    assert {finding.table for finding in verdict.violations if finding.code == "MISSING_TABLE"} == set(PLAN_TABLES)
    assert verdict.scorecard.counts["lines_unserved"] == verdict.scorecard.counts["lines"] == 4
    assert verdict.scorecard.terms["unserved"] > 0


def test_an_empty_snapshot_with_an_empty_plan_is_correct():
    empty = {name: pd.DataFrame(columns=list(record.columns())) for name, record in PLAN_TABLES.items()}
    verdict = judge_plan(Snapshot(settings=build_workshop().settings), empty)
    assert verdict.is_correct
    assert verdict.scorecard.objective == 0


def test_a_plan_for_another_snapshot_is_told_so():
    verdict = judge_plan(Snapshot(settings=build_workshop().settings), build_plan())
    assert {"LINE_NOT_PLANNED", "NO_ROUTING", "UNKNOWN_STEP", "NO_OFFER", "UNKNOWN_LANE"} <= codes(verdict)


def test_columns_on_two_levels_are_no_columns_of_the_contract():
    tables = build_plan()
    tables["jobs"].columns = pd.MultiIndex.from_tuples([(column, "x") for column in tables["jobs"].columns])
    assert "MISSING_COLUMN" in codes(judge(tables))


@pytest.mark.parametrize(
    ("name", "column"),
    [
        (name, column)
        for name, record in PLAN_TABLES.items()
        for column in record.columns()
        if record.model_fields.get(column) is None or record.model_fields[column].is_required()
    ],
)
def test_a_missing_column_is_reported_by_name(name, column):
    tables = build_plan()
    verdict = judge({**tables, name: tables[name].drop(columns=column)})
    assert (name, column) in {
        (finding.table, finding.column) for finding in verdict.violations if finding.code == "MISSING_COLUMN"
    }


def test_a_column_that_stands_twice_is_reported():
    tables = build_plan()
    twice = pd.concat([tables["jobs"], tables["jobs"][["quantity"]]], axis=1)
    assert "REPEATED_COLUMN" in codes(judge({**tables, "jobs": twice}))


def test_repeated_keys_are_reported():
    tables = build_plan()
    for name, frame in tables.items():
        doubled = {**tables, name: pd.concat([frame, frame.iloc[[0]]], ignore_index=True)}
        found = [finding for finding in judge(doubled).violations if finding.code == "DUPLICATE_KEY"]
        assert [(finding.table, finding.row) for finding in found] == [(name, len(frame) + 2)]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("quantity", "ten", "BAD_VALUE"),
        ("quantity", Decimal("NaN"), "BAD_VALUE"),
        ("quantity", Decimal("0.0000001"), "BAD_VALUE"),
        ("quantity", Decimal(-1), "BAD_VALUE"),
        ("quantity", Decimal(10) ** 15, "BAD_VALUE"),
        ("quantity", "1e-99999999", "BAD_VALUE"),
        ("quantity", None, "EMPTY_CELL"),
        ("start", "yesterday", "BAD_VALUE"),
        ("start", 12345, "BAD_VALUE"),
        ("start", pd.NaT, "EMPTY_CELL"),
        ("start", "0001-01-01", "BAD_VALUE"),
        ("start", "9999-12-31T23:59:00+00:00", "BAD_VALUE"),
        ("frozen", "maybe", "BAD_VALUE"),
        ("op_no", 1.5, "BAD_VALUE"),
        ("op_no", [10], "BAD_VALUE"),
        ("task_id", "", "EMPTY_CELL"),
        ("job_id", float("nan"), "EMPTY_CELL"),
    ],
)
def test_a_bad_cell_is_reported_with_its_place(column, cell, code):
    verdict = judge(change(build_plan(), "schedule", 0, **{column: cell}))
    assert (code, "schedule", 2, column) in {
        (finding.code, finding.table, finding.row, finding.column) for finding in verdict.violations
    }


def test_a_negative_cost_is_reported():
    assert "BAD_VALUE" in codes(judge(change(build_plan(), "allocation", 0, cost=Decimal(-1))))


def test_numbers_of_every_kind_are_read_exactly():
    for cell in (10, 10.0, np.int64(10), np.float64(10), "10", "10.000000", " 10 ", Decimal("1E1"), True and 10):
        assert judge(change(build_plan(), "jobs", 0, quantity=cell)).is_correct
    for cell in (10.1, "10.1", Decimal("10.1")):
        verdict = judge(change(build_plan(), "jobs", 0, quantity=cell))
        assert any("10.1 started" in (finding.expected or "") for finding in verdict.violations)


def test_what_is_beyond_the_cap_is_counted(monkeypatch):
    monkeypatch.setattr(violation, "CAP", 2)
    tables = build_plan()
    early = change(tables, "promises", 0, tardiness_minutes=7)
    for row in range(1, 4):
        early = change(early, "promises", row, tardiness_minutes=7)
    found = [finding for finding in judge(early).violations if finding.code == "TARDINESS"]
    assert [finding.row for finding in found] == [2, 3, None]
    assert "2 more" in found[-1].says


def test_every_violation_is_reported_not_only_the_first():
    broken = change(change(build_plan(), "schedule", 0, resource_id="M2"), "purchases", 0, unit_price=Decimal(9))
    broken = drop(broken, "promises", 1)
    assert codes(judge(broken)) >= {"RESOURCE_NOT_ELIGIBLE", "UNIT_PRICE", "PROMISE_MISSING"}


def test_each_rule_of_the_contract_has_a_voice():
    assert list(RULES) == [
        "served",
        "eligibility",
        "precedence",
        "calendar",
        "capacity",
        "changeover",
        "crew",
        "material",
        "quality",
        "purchasing",
        "transport",
        "earliest",
        "fence",
        "promise",
        "share",
        "quality_floor",
    ]


GARBAGE = st.one_of(
    st.none(),
    st.just(float("nan")),
    st.just(float("inf")),
    st.just(pd.NaT),
    st.just(pd.NA),
    st.just(""),
    st.text(max_size=4),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.decimals(),
    st.just([1]),
    st.just({"a": 1}),
    st.datetimes(),
    st.dates(),
    st.sampled_from(["J1", "J2", "T1", "O1/1", "O1/1/1 O2/2/1", "BOLT@S1", "M1", "K", "W"]),
    st.sampled_from([10**11, Decimal("999999999999.999999"), MONDAY, MONDAY + timedelta(days=30000), "line", "job"]),
)
EDITS = st.lists(
    st.tuples(st.sampled_from(sorted(PLAN_TABLES)), st.integers(0, 50), st.integers(0, 20), GARBAGE), max_size=12
)


@settings(max_examples=150, deadline=None)
@given(EDITS, st.booleans())
def test_no_garbled_table_makes_the_judge_fail(edits, as_text):
    tables = reread(build_plan()) if as_text else build_plan()
    tables = {name: frame.astype(object) for name, frame in tables.items()}
    for name, row, column, cell in edits:
        frame = tables[name].copy()
        name_of_column = frame.columns[column % len(frame.columns)]
        frame[name_of_column] = [
            cell if place == row % len(frame) else old for place, old in enumerate(frame[name_of_column].tolist())
        ]
        tables[name] = frame
    verdict = judge(tables)
    assert set(verdict.scorecard.terms) == set(TERMS)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(PLAN_TABLES)), st.integers(0, 50)), min_size=1, max_size=6))
def test_a_plan_that_lacks_rows_is_never_correct(cuts):
    tables = build_plan()
    for name, row in cuts:
        if len(tables[name]):
            tables = drop(tables, name, row % len(tables[name]))
    assert not judge(tables).is_correct


def test_a_large_plan_is_judged_as_a_whole():
    verdict = judge_plan(build_big_snapshot(20_000, 40), build_big_plan(20_000, 40))
    assert verdict.violations == ()
    assert verdict.scorecard.counts["tasks"] == 100_000
    assert verdict.scorecard.terms["production"] == 1_000_000
    assert verdict.scorecard.terms["setup"] == 100_000


def test_one_shifted_task_in_a_large_plan_is_found():
    tables = build_big_plan(2_000, 40)
    schedule = tables["schedule"]
    schedule.loc[777, ["start", "end"]] = schedule.loc[777, ["start", "end"]] + pd.Timedelta(minutes=1)
    found = judge_plan(build_big_snapshot(2_000, 40), tables).violations
    assert {(finding.code, finding.row) for finding in found} == {("CAPACITY_OVERLAP", 777 + 2 + 200)} | {
        (finding.code, finding.row) for finding in found if finding.code == "STEP_TOO_EARLY"
    }


def test_an_unknown_row_of_a_table_is_reported_where_it_stands():
    tables = add(build_plan(), "pegging", "job", "J7", "LEG", Decimal(1), "job", "J1", MONDAY, MONDAY)
    found = [finding for finding in judge(tables).violations if finding.code == "UNKNOWN_SUPPLY"]
    assert [(finding.table, finding.row) for finding in found] == [("pegging", 9)]
