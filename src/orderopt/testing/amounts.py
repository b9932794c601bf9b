"""Exact decimals from drawn numbers."""

from __future__ import annotations

from decimal import Decimal
from math import ceil


def build_decimal(value: float, places: int) -> Decimal:
    """Return `value` rounded to `places` decimal places, without trailing zeros."""
    return Decimal(round(value * 10**places)) / Decimal(10**places)


def round_up(value: float, step: int) -> int:
    """Return the smallest multiple of `step` that is not below `value`."""
    return step * ceil(value / step)
