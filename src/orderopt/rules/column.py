"""Reading one column of a plan's table, straight from a planner or from a file, as an array.

Each reader returns the values and, for each cell, whether it was empty and whether it could not be read;
such cells hold a neutral value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orderopt.models.measure import PLACES
from orderopt.rules.exact import MICRO, Bools, Ints, Texts
from orderopt.rules.wall_clock import EPOCH, WallClock

MINUTE_MICROS = 60 * MICRO
"""Microseconds in a minute."""

_LIMIT = 10**12
_MICROSECOND = timedelta(microseconds=1)
_EMPTY = -(2**63)
_BAD = _EMPTY + 1
_OFFSET = re.compile(r"[T ]\d{1,2}:?\d\d.*(?:[Zz]|[+-]\d\d(?::?\d\d)?)$")
_FLAGS = {"1": 1, "0": 0, "true": 1, "false": 0, "1.0": 1, "0.0": 0, "yes": 1, "no": 0}


@dataclass(frozen=True, eq=False)
class Column:
    """One column as an array.

    Attributes
    ----------
    values
        Text, millionths (amounts), minutes since the epoch (moments), integers or 0/1.
    is_empty, is_bad
        Cells that hold nothing, and cells that could not be read.
    is_off_grid
        Moments that are not whole minutes; `values` are rounded down there.
    """

    values: NDArray[Any]
    is_empty: Bools
    is_bad: Bools
    is_off_grid: Bools | None = None

    @property
    def is_given(self) -> Bools:
        """Cells that hold a value that could be read."""
        return np.asarray(~(self.is_empty | self.is_bad), dtype=np.bool_)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NaT or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def _is_whole(number: float | np.floating[Any] | Decimal) -> bool:
    if isinstance(number, Decimal) and not number.is_finite():
        return False
    return bool(-_LIMIT < number < _LIMIT and number == int(number))


def _text(cell: object) -> str:
    if type(cell) is str:
        return cell
    if _is_missing(cell):
        return ""
    if isinstance(cell, bool | np.bool_):
        return str(int(cell))
    if isinstance(cell, float | np.floating | Decimal) and _is_whole(cell):
        return str(int(cell))
    return str(cell)


def _cells(series: pd.Series[Any]) -> list[Any]:
    cells: list[Any] = series.tolist()
    return cells


def read_texts(series: pd.Series[Any]) -> Column:
    """Return ids and words; numbers become text, empty cells the empty text."""
    cells = _cells(series)
    if pd.api.types.infer_dtype(cells, skipna=False) != "string":
        cells = [_text(cell) for cell in cells]
    values: Texts = np.empty(len(cells), dtype=object)
    values[:] = cells
    return Column(values, np.asarray(values == "", dtype=np.bool_), np.zeros(len(cells), dtype=np.bool_))


def _read_cells(series: pd.Series[Any], read: Callable[[object], int]) -> Column:
    """Read each distinct cell once; cells that are equal mean the same, whatever their type."""
    cells = _cells(series)
    try:
        known = {cell: read(cell) for cell in set(cells)}
        codes = [known[cell] for cell in cells]
    except TypeError:  # a cell that cannot be hashed, for example a list
        codes = [read(cell) for cell in cells]
    values = np.array(codes, dtype=np.int64).reshape(-1)
    is_empty, is_bad = values == _EMPTY, values == _BAD
    values[is_empty | is_bad] = 0
    return Column(values, is_empty, is_bad)


def _decimal(cell: object) -> Decimal | int:
    if type(cell) is Decimal:
        return cell if cell.is_finite() else _BAD
    if _is_missing(cell):
        return _EMPTY
    if isinstance(cell, int | np.integer | np.bool_):
        return Decimal(int(cell))
    text = repr(float(cell)) if isinstance(cell, float | np.floating) else str(cell).strip()
    if not text:
        return _EMPTY
    try:
        value = Decimal(text)
    except InvalidOperation:
        return _BAD
    return value if value.is_finite() else _BAD


def _micros(cell: object) -> int:
    value = _decimal(cell)
    if isinstance(value, int):
        return value
    if not -_LIMIT < value < _LIMIT or (value and value.adjusted() < -PLACES):
        return _BAD
    numerator, denominator = value.as_integer_ratio()
    micros, rest = divmod(numerator * MICRO, denominator)
    return _BAD if rest else micros


def read_amounts(series: pd.Series[Any]) -> Column:
    """Return quantities, money or minutes in whole millionths; more than six places cannot be read."""
    return _read_cells(series, _micros)


def _integer(cell: object) -> int:
    value = _decimal(cell)
    if isinstance(value, int):
        return value
    return int(value) if -_LIMIT < value < _LIMIT and value == value.to_integral_value() else _BAD


def read_integers(series: pd.Series[Any]) -> Column:
    """Return whole numbers."""
    return _read_cells(series, _integer)


def _flag(cell: object) -> int:
    if isinstance(cell, bool | np.bool_):
        return int(cell)
    text = _text(cell).strip().lower()
    return _FLAGS.get(text, _BAD) if text else _EMPTY


def read_flags(series: pd.Series[Any]) -> Column:
    """Return yes and no (True and False, 1 and 0) as 1 and 0."""
    return _read_cells(series, _flag)


def _is_naive(cell: object) -> bool:
    if isinstance(cell, str):
        return _OFFSET.search(cell.strip()) is None
    return isinstance(cell, datetime) and cell.tzinfo is None


def _moment(cell: object) -> datetime | None:
    """Read one cell as a moment; naive ones are taken as UTC for now."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip())
        except ValueError:
            return None
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime(cell.year, cell.month, cell.day)
    if not isinstance(cell, datetime):
        return None
    try:
        return cell.replace(tzinfo=EPOCH.tzinfo) if cell.tzinfo is None else cell.astimezone(EPOCH.tzinfo)
    except (OverflowError, ValueError):
        return None


def _microseconds(cells: list[Any]) -> tuple[Ints, Bools]:
    """Return microseconds since the epoch and what could not be read."""
    try:
        if not all(isinstance(cell, str | date | np.datetime64) for cell in cells):
            raise TypeError
        found = pd.to_datetime(pd.Series(cells, dtype=object), utc=True, format="ISO8601", errors="raise")
        values = found.dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype(np.int64)
        return values, np.asarray(found.isna().to_numpy(), dtype=np.bool_)
    except (ValueError, TypeError, OverflowError, AttributeError):
        moments = [_moment(cell) for cell in cells]
    codes = [_BAD if moment is None else (moment - EPOCH) // _MICROSECOND for moment in moments]
    values = np.array(codes, dtype=np.int64).reshape(-1)
    return values, values == _BAD


def read_moments(series: pd.Series[Any], clock: WallClock) -> Column:
    """Return moments as minutes since the epoch; those without offset are on the plan's clock.

    Parameters
    ----------
    series
        Aware datetimes of any zone, naive ones, or text in ISO 8601.
    clock
        The plan's clock.
    """
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        moments = series.dt.tz_convert("UTC").dt.tz_localize(None)
        is_empty = np.asarray(series.isna().to_numpy(), dtype=np.bool_)
        values = moments.to_numpy(dtype="datetime64[us]").astype(np.int64)
        is_naive = np.zeros(len(values), dtype=np.bool_)
    elif pd.api.types.is_datetime64_dtype(series.dtype):
        is_empty = np.asarray(series.isna().to_numpy(), dtype=np.bool_)
        values = series.to_numpy(dtype="datetime64[us]").astype(np.int64)
        is_naive = ~is_empty
    else:
        cells = _cells(series)
        empty = [_is_missing(cell) or cell == "" for cell in cells]
        is_empty = np.array(empty, dtype=np.bool_).reshape(-1)
        values = np.zeros(len(cells), dtype=np.int64)
        filled = [cell for cell, is_missing in zip(cells, empty, strict=True) if not is_missing]
        is_naive = np.zeros(len(cells), dtype=np.bool_)
        is_naive[~is_empty] = [_is_naive(cell) for cell in filled]
        values[~is_empty], bad = _microseconds(filled)
        return _on_grid(values, is_empty, is_naive, _spread(~is_empty, bad), clock)
    return _on_grid(values, is_empty, is_naive, np.zeros(len(values), dtype=np.bool_), clock)


def _spread(places: Bools, values: Bools) -> Bools:
    spread = np.zeros(len(places), dtype=np.bool_)
    spread[places] = values
    return spread


def _on_grid(values: Ints, is_empty: Bools, is_naive: Bools, is_bad: Bools, clock: WallClock) -> Column:
    values = np.where(is_empty | is_bad, 0, values)
    minutes, rest = np.divmod(values, MINUTE_MICROS)
    is_naive = is_naive & ~is_empty & ~is_bad
    minutes[is_naive] = clock.to_utc(minutes[is_naive])
    return Column(minutes, is_empty, is_bad, np.asarray(rest != 0, dtype=np.bool_))
