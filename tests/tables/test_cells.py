"""Single cells: every way in which a value may stand in a file, and every way in which it may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.models.order import OrderLine
from orderopt.tables.cells import (
    Fault,
    Noted,
    is_blank,
    read_cells,
    read_clock,
    read_flag,
    read_moment,
    read_number,
    read_text,
    read_whole,
)
from orderopt.tables.columns import columns_of
from orderopt.tables.guard import with_guard, without_guard
from orderopt.tables.text import number_text

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12", "12"),
        (" 12.50 ", "12.5"),
        ("+.5", "0.5"),
        ("1e3", "1000"),
        (3, "3"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (np.int64(7), "7"),
        (np.float64(2.5), "2.5"),
        (Decimal("0.000001"), "0.000001"),
    ],
)
def test_a_number_is_read_exactly(cell: object, number: str):
    assert read_number(cell) == Decimal(number)


@pytest.mark.parametrize(
    "cell", ["1,000", "1.000,5", "12 kg", "1_000", "１２", "nan", "inf", "1e9999", "--1", True, float("inf"), [1]]
)
def test_what_is_no_plain_number_is_refused_and_the_right_form_is_shown(cell: object):
    fault = read_number(cell)

    assert isinstance(fault, Fault)
    assert "12.5" in str(fault.expected)


@pytest.mark.parametrize(
    ("cell", "text"),
    [("O-1", "O-1"), (1.0, "1"), (1e15, "1000000000000000"), (1.5, "1.5"), (7, "7"), (np.int64(7), "7"), (True, "TRUE"),
     (date(2026, 1, 5), "2026-01-05"), (Decimal("1.50"), "1.50")],
)  # fmt: skip
def test_an_id_that_a_spreadsheet_made_a_number_is_the_text_one_sees(cell: object, text: str):
    assert read_text(cell) == text


@pytest.mark.parametrize(("cell", "whole"), [("10", 10), ("10.0", 10), (10.0, 10), (0, 0)])
def test_a_whole_number_may_have_a_zero_behind_the_point(cell: object, whole: int):
    assert read_whole(cell) == whole


@pytest.mark.parametrize("cell", ["10.5", "ten", "1e99", 0.5])
def test_a_number_with_a_fraction_is_no_whole_number(cell: object):
    assert isinstance(read_whole(cell), Fault)


@pytest.mark.parametrize(
    ("cell", "flag"), [("0", False), ("1", True), ("TRUE", True), ("false", False), (1.0, True), (False, False)]
)
def test_a_flag_is_zero_or_one_true_or_false(cell: object, flag: bool):
    assert read_flag(cell) is flag


@pytest.mark.parametrize("cell", ["yes", "2", 2, 0.5, "x"])
def test_anything_else_is_no_flag(cell: object):
    assert isinstance(read_flag(cell), Fault)


@pytest.mark.parametrize(
    ("cell", "clock"),
    [("08:00", "08:00"), (time(8, 30), "08:30"), (timedelta(hours=24), "24:00"), (timedelta(hours=6), "06:00"),
     (datetime(1899, 12, 31), "24:00"), (datetime(1899, 12, 30, 7, 15), "07:15")],
)  # fmt: skip
def test_a_time_of_day_of_a_spreadsheet_is_understood(cell: object, clock: str):
    assert read_clock(cell) == clock


@pytest.mark.parametrize("cell", [time(8, 0, 30), timedelta(hours=25), 0.5, datetime(2026, 1, 5, 8)])
def test_what_is_no_time_of_day_is_refused(cell: object):
    assert isinstance(read_clock(cell), Fault)


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-01-05T08:00", "2026-01-05T07:00"),
        ("2026-01-05 08:00", "2026-01-05T07:00"),
        ("2026-01-05T08:00:00+00:00", "2026-01-05T08:00"),
        ("2026-01-05T08:00Z", "2026-01-05T08:00"),
        ("2026-07-05T08:00+0530", "2026-07-05T02:30"),
        ("20260105T0800", "2026-01-05T07:00"),
        ("2026-01-05", "2026-01-04T23:00"),
        ("2026-01-05T24:00", "2026-01-05T23:00"),
        (date(2026, 1, 5), "2026-01-04T23:00"),
        (datetime(2026, 1, 5, 8), "2026-01-05T07:00"),
        (pd.Timestamp("2026-01-05T08:00"), "2026-01-05T07:00"),
        (pd.Timestamp("2026-01-05T08:00", tz="America/New_York"), "2026-01-05T13:00"),
    ],
)
def test_a_time_without_offset_is_in_the_zone_of_the_plan(cell: object, utc: str):
    assert read_moment(cell, BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    ["5.1.2026", "01/05/2026", "tomorrow", "2026-13-01", "2026-01-05T08", 46027.5, 20260105, "2026-02-30", "9999-12-31",
     "0001-01-01T00:00+14:00", True],
)  # fmt: skip
def test_what_is_no_time_is_refused_and_never_guessed(cell: object):
    if cell == "2026-01-05T08":
        assert read_moment(cell, BERLIN) == datetime(2026, 1, 5, 7, tzinfo=UTC)
    else:
        assert isinstance(read_moment(cell, BERLIN), Fault)


@pytest.mark.parametrize(
    ("cell", "used", "word"),
    [
        ("2026-03-29T02:30", "2026-03-29T01:30", "does not exist"),
        ("2026-10-25T02:30", "2026-10-25T00:30", "comes twice"),
    ],
)
def test_a_time_at_which_the_clock_is_turned_is_used_with_a_warning(cell: str, used: str, word: str):
    noted = read_moment(cell, BERLIN)

    assert isinstance(noted, Noted)
    assert noted.value == datetime.fromisoformat(used).replace(tzinfo=UTC)
    assert noted.note.code == "AMBIGUOUS_TIME"
    assert word in noted.note.says


@pytest.mark.parametrize("cell", ["2026-01-05T08:00:30Z", pd.Timestamp("2026-01-05T08:00:00.000000001Z")])
def test_a_time_off_the_grid_is_noted_only_where_it_is_rounded(cell: object):
    on_grid = read_moment(cell, BERLIN, is_on_grid=True)

    assert isinstance(on_grid, Noted)
    assert on_grid.note.code == "ROUNDED_TIME"
    assert isinstance(read_moment(cell, BERLIN), datetime)


@pytest.mark.parametrize("cell", [None, "", "  ", float("nan"), np.nan, pd.NA, pd.NaT, Decimal("nan")])
def test_every_kind_of_nothing_is_blank(cell: object):
    assert is_blank(cell)


@pytest.mark.parametrize("cell", [0, False, "0", 0.0, "nan"])
def test_zero_and_false_are_something(cell: object):
    assert not is_blank(cell)


def test_equal_cells_of_different_types_do_not_become_one_another():
    column = columns_of(OrderLine)["line_no"]

    assert read_cells([1, True, 1.5, "1"], column, BERLIN) == ["1", "TRUE", "1.5", "1"]


def test_a_cell_that_cannot_be_hashed_is_a_fault_and_the_others_are_read():
    values = read_cells(["1", [2], "3"], columns_of(OrderLine)["quantity"], BERLIN)

    assert (values[0], values[2]) == (Decimal(1), Decimal(3))
    assert isinstance(values[1], Fault)


@given(st.text(st.sampled_from("'=+-@\t１1.a＝ \n")))
def test_the_guard_against_formulas_comes_off_as_it_went_on(text: str):
    assert without_guard(with_guard(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+49 170", "-2+3", "@home", "\tx", "＝x", "=", "''=x"])
def test_text_that_would_run_as_a_formula_is_guarded(text: str):
    assert with_guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1", "+5", "-1.5", "a=b", "'tis", "1-2", ""])
def test_other_text_stays_as_it_is(text: str):
    assert with_guard(text) == text


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=6))
def test_a_number_is_written_without_loss_exponent_or_idle_zeros(number: Decimal):
    text = number_text(number)

    assert Decimal(text) == number
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))
    assert text != "-0"
