"""Exact arithmetic on columns: whole millionths in 64 bits, Python integers where these do not suffice."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

MICRO = 1_000_000
"""Millionths in one: quantities, money and minutes have at most six places."""

_SAFE = 2**62
_SAFE_ESTIMATE = 4e18


def build_ints(values: Sequence[int]) -> Ints:
    """Return integers as a column."""
    return np.array(values, dtype=np.int64).reshape(-1)


def to_micros(value: Decimal) -> int:
    """Return a decimal with at most six places as whole millionths."""
    return int(value.scaleb(6))


def to_decimal(micros: int) -> Decimal:
    """Return whole millionths as a decimal without trailing zeros."""
    whole, rest = divmod(int(micros), MICRO)
    return Decimal(whole) if rest == 0 else Decimal(int(micros)).scaleb(-6).normalize()


def sum_groups(codes: Ints, values: NDArray[Any], num_groups: int) -> NDArray[Any]:
    """Return the exact sum of `values` for each code 0 … num_groups - 1; negative codes are left out.

    Parameters
    ----------
    codes
        Group of each value, shape (n,).
    values
        Integers, shape (n,).
    num_groups
        Length of the result.
    """
    known = codes >= 0
    codes, values = codes[known], values[known]
    is_small = values.dtype != np.object_ and float(np.abs(values.astype(np.float64)).sum()) < _SAFE_ESTIMATE
    sums: NDArray[Any] = np.zeros(num_groups, dtype=np.int64 if is_small else object)
    np.add.at(sums, codes, values if is_small else values.astype(object))
    return sums


def sum_all(values: NDArray[Any]) -> int:
    """Return the exact sum of integers."""
    if values.dtype != np.object_ and float(np.abs(values.astype(np.float64)).sum()) < _SAFE_ESTIMATE:
        return int(values.sum())
    return sum(int(value) for value in values)


@dataclass(frozen=True, eq=False)
class Affine:
    """Exact functions ``(constant + slope * x) / divisor``, one a row.

    Parameters
    ----------
    constants, slopes, divisors
        Python integers of any size, all not negative; divisors are positive.
    """

    constants: Sequence[int]
    slopes: Sequence[int]
    divisors: Sequence[int]

    @cached_property
    def _small(self) -> tuple[Ints, Ints, Ints]:
        rows = [
            row if max(row) < _SAFE else (0, 0, 0)
            for row in zip(self.constants, self.slopes, self.divisors, strict=True)
        ]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    def ceil(self, rows: Ints, x: Ints) -> Ints:
        """Return the values rounded up; what exceeds 62 bits is cut there."""
        return self._divide(rows, x, up=True)

    def floor(self, rows: Ints, x: Ints) -> Ints:
        """Return the values rounded down; what exceeds 62 bits is cut there."""
        return self._divide(rows, x, up=False)

    def _divide(self, rows: Ints, x: Ints, *, up: bool) -> Ints:
        constants, slopes, divisors = (column[rows] for column in self._small)
        estimate = np.abs(constants.astype(np.float64)) + np.abs(slopes.astype(np.float64) * x)
        fast = (divisors > 0) & (estimate < _SAFE_ESTIMATE)
        numerators = np.where(fast, constants + np.where(fast, slopes, 0) * np.where(fast, x, 0), 0)
        safe_divisors = np.where(fast, divisors, 1)
        values = -(-numerators // safe_divisors) if up else numerators // safe_divisors
        for place in np.flatnonzero(~fast):
            row = int(rows[place])
            numerator = self.constants[row] + self.slopes[row] * int(x[place])
            value = -(-numerator // self.divisors[row]) if up else numerator // self.divisors[row]
            values[place] = max(min(value, _SAFE), -_SAFE)
        return np.asarray(values, dtype=np.int64)
