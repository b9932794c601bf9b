"""Money is rounded by currency and named mode, and parts always add up to their whole."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.errors import NotAllowedError
from orderopt.models.life.amounts import (
    Residual,
    Rounding,
    find_unit,
    known,
    round_to,
    round_together,
    spread,
    take_part,
)

CENT = Decimal("0.01")
exact = st.decimals(-10_000, 10_000, places=6)
cents = st.decimals(-10_000, 10_000, places=2)


@pytest.mark.parametrize(("currency", "unit"), [("EUR", "0.01"), ("JPY", "1"), ("BHD", "0.001"), ("CLF", "0.0001")])
def test_the_minor_unit_is_that_of_iso_4217(currency, unit):
    assert find_unit(currency) == Decimal(unit)


def test_a_company_may_count_in_whole_dollars():
    assert find_unit("TWD", {"TWD": 0}) == 1


@pytest.mark.parametrize(("mode", "found"), [("half_up", "-2.35"), ("half_even", "-2.34"), ("down", "-2.34")])
def test_a_half_is_rounded_as_the_mode_says(mode, found):
    assert round_to(Decimal("-2.345"), CENT, Rounding(mode)) == Decimal(found)


@given(st.lists(exact, max_size=8), st.sampled_from(Rounding), st.sampled_from(Residual))
def test_amounts_that_are_rounded_together_sum_to_their_rounded_sum(amounts, mode, residual):
    rounded, place, left = round_together(amounts, CENT, mode, residual=residual)
    assert sum(rounded) == round_to(sum(amounts, Decimal(0)), CENT, mode)
    apart = [round_to(amount, CENT, mode) for amount in amounts]
    assert [position for position, pair in enumerate(zip(rounded, apart, strict=True)) if pair[0] != pair[1]] == (
        [] if place is None else [place]
    )
    assert sum(rounded) - sum(apart) == left


@given(cents, st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=8), st.sampled_from(Residual))
def test_shares_sum_to_the_total(total, weights, residual):
    assert sum(spread(total, weights, CENT, residual=residual)) == total


@given(cents, st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_parts_taken_one_after_the_other_sum_to_the_whole(whole, parts):
    taken, count = Decimal(0), 0
    for part in parts:
        count += part
        taken += take_part(whole, part=Decimal(count), of=Decimal(sum(parts)), taken=taken, unit=CENT)
    assert taken == whole


def test_masked_amounts_cannot_be_counted_with():
    with pytest.raises(NotAllowedError, match="may see prices"):
        known(None)
