"""Units convert exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orderopt.models.item import UnitConversion
from orderopt.models.units import find_code, find_factor, find_ratio, to_exact
from orderopt.tables.read import read_snapshot

CARTON = UnitConversion(item_id="P", unit="CT", factor="12")
PIECE = UnitConversion(item_id="Q", unit="pcs", factor="1/3")


@pytest.mark.parametrize(
    ("unit", "base", "rows", "factor"),
    [
        (None, "kg", (), 1),
        ("crate", "crate", (), 1),
        ("KGM", "kg", (), 1),
        ("t", "kg", (), 1000),
        ("lb", "KGM", (), Fraction("0.45359237")),
        ("DZN", "EA", (), 12),
        ("CT", "pcs", (CARTON,), 12),
        ("箱", "pcs", (CARTON,), 12),
        ("Carton", None, (CARTON,), 12),
        ("H87", "kg", (PIECE,), Fraction(1, 3)),
        ("dozen", "kg", (PIECE,), 4),
        ("CT", "pcs", (), None),
        ("kg", "pcs", (), None),
        ("kg", None, (), None),
        ("crate", "box", (), None),
    ],
)
def test_a_factor_comes_from_the_item_or_from_what_units_are(unit, base, rows, factor):
    assert find_factor(unit, base, rows) == factor


def test_the_items_own_carton_comes_before_what_a_unit_is_in_general():
    own = UnitConversion(item_id="P", unit="DZN", factor="13")
    assert find_factor("DZN", "H87", (own,)) == 13


UNITS = st.sampled_from(
    ["mg", "g", "kg", "t", "lb", "oz", "mm", "cm", "m", "in", "ft", "ml", "l", "m3", "pcs", "DZN", "h"]
)


@given(UNITS, UNITS, UNITS)
def test_ratios_go_there_and_back_and_through_a_third_unit(one, two, three):
    there, back = find_ratio(one, two), find_ratio(two, one)
    assert (there is None) is (back is None)
    if there is not None and back is not None:
        assert there * back == 1
        further = find_ratio(two, three)
        if further is not None:
            assert find_ratio(one, three) == there * further
    assert find_code(find_code(one)) == find_code(one)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6), st.integers(1, 10**6))
def test_a_number_with_six_places_is_kept_and_more_is_refused(number, divisor):
    assert to_exact(Fraction(number)) == number
    part = Fraction(number) / divisor
    exact = to_exact(part)
    assert exact is None or Fraction(exact) == part
    assert (exact is None) is bool((part * 10**6).denominator > 1)
    assert exact is None or Decimal(str(exact)) == exact


@pytest.mark.parametrize("factor", ["0", "1/0", "0/3", "-1", "1/-3", "1.5e3", "a", "1/3/4", "", "1,5", "１２"])
def test_a_factor_is_an_exact_number_above_zero(factor):
    with pytest.raises(ValidationError):
        UnitConversion(item_id="P", unit="CT", factor=factor)


def test_conversions_are_read_like_every_other_table():
    snapshot = read_snapshot(
        {
            "settings": {"horizon_start": "2026-01-05T08:00"},
            "items": [{"item_id": "P", "uom": "pcs"}],
            "unit_conversions": [
                {"item_id": "P", "unit": "CT", "factor": 12.0},
                {"item_id": "P", "unit": "PF", "factor": "1/0"},
                {"item_id": "X", "unit": "CT", "factor": "6"},
            ],
        },
        strict=False,
    )
    assert [(row.unit, row.ratio) for row in snapshot.conversions_of_item["P"]] == [("CT", 12)]
    told = {(one.row, one.column, one.code) for one in snapshot.findings if one.table == "unit_conversions"}
    assert told == {(3, "factor", "BAD_VALUE"), (4, "item_id", "UNKNOWN_REFERENCE")}
