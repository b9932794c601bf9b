"""Reading single cells: from text, a spreadsheet's number or date, or a frame's value to one exact value.

A cell that cannot be read becomes a :class:`Fault` in its place, never an exception, so that one pass over a
table finds every fault in it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orderopt.tables.columns import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

    from orderopt.tables.columns import Column


@dataclass(frozen=True)
class Fault:
    """What is the matter with a cell; `code` is empty where it has been said already.

    `says` follows the cell's value (``'x' is not a number``) unless `is_about_cell` is False.
    """

    code: str
    says: str
    expected: str | None = None
    mend: str | None = None
    is_about_cell: bool = True


@dataclass(frozen=True)
class Noted:
    """A value that is used, with a word of warning."""

    value: Any
    note: Fault


NUMBER_EXPECTED = "a plain number such as 12 or 12.5: no thousands separators, units or blanks inside"
WHOLE_EXPECTED = "a whole number such as 10"
FLAG_EXPECTED = "0, 1, true or false"
CLOCK_EXPECTED = "a time of day HH:MM such as 08:00; 24:00 is the end of the day"
MOMENT_EXPECTED = "an ISO 8601 time such as 2026-01-05T08:00+01:00; without offset it is in the plan's time zone"
YEARS = range(1900, 2262)
"""Years that a moment may lie in: those that every table tool can hold."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-?(\d\d-?\d\d|W\d\d-?\d|\d{3})([T ]\d\d(:?\d\d){0,2}([.,]\d+)?\s?(Z|[+-]\d\d(:?\d\d){0,2})?)?",
    re.ASCII | re.IGNORECASE,
)
_END_OF_DAY = re.compile(r"(?<=[T ])24(?=(:?00)+([^\d.,:]|$))", re.IGNORECASE)
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_DAY = timedelta(days=1)


def is_blank(cell: Any) -> bool:
    """Tell whether a cell holds nothing: None, empty or blank text, NaN or another table tool's "not there"."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return not cell or cell.isspace()
    if isinstance(cell, (float, Decimal)):
        return math.isnan(cell)
    return type(cell).__name__ in {"NaTType", "NAType"}


def show(cell: Any) -> str:
    """Return a cell as text, short enough for a message."""
    text = read_text(cell)
    text = text if isinstance(text, str) else str(cell)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _from_float(value: float) -> Decimal:
    exact = Decimal(repr(value))
    places = exact.as_tuple().exponent
    # Spreadsheets show 15 digits; 0.30000000000000004 is what 0.1 + 0.2 leaves behind them.
    return Decimal(f"{value:.15g}") if isinstance(places, int) and places < -6 else exact


def _without_numpy(cell: Any) -> Any:
    return cell.item() if type(cell).__module__ == "numpy" and hasattr(cell, "item") else cell


def read_text(cell: Any) -> str | Fault:
    """Read an id or a text; a whole number that a spreadsheet keeps as 1.0 is the text 1."""
    cell = _without_numpy(cell)
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, (int, float, Decimal, date, time)):
        return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
    return Fault("BAD_VALUE", f"is a {type(cell).__name__}", "text")


def read_number(cell: Any) -> Decimal | Fault:
    """Read an exact decimal; binary floats by their shortest decimal form."""
    cell = _without_numpy(cell)
    if isinstance(cell, str):
        text = cell.strip()
        return Decimal(text) if _NUMBER.fullmatch(text) else Fault("BAD_VALUE", "is not a number", NUMBER_EXPECTED)
    if isinstance(cell, bool) or not isinstance(cell, (int, float, Decimal)):
        return Fault("BAD_VALUE", "is not a number", NUMBER_EXPECTED)
    number = _from_float(cell) if isinstance(cell, float) else Decimal(cell)
    return number if number.is_finite() else Fault("BAD_VALUE", "is not a finite number", NUMBER_EXPECTED)


def read_whole(cell: Any) -> int | Fault:
    """Read a whole number; 10 and 10.0 are the same."""
    number = read_number(cell)
    if isinstance(number, Fault) or number != number.to_integral_value() or abs(number) > 10**12:
        return Fault("BAD_VALUE", "is not a whole number", WHOLE_EXPECTED)
    return int(number)


def read_flag(cell: Any) -> bool | Fault:
    """Read 0, 1, true or false."""
    cell = _without_numpy(cell)
    text = cell.strip().lower() if isinstance(cell, str) else read_text(cell)
    flag = _FLAGS.get(text.lower()) if isinstance(text, str) else None
    return Fault("BAD_VALUE", "is neither 0 nor 1", FLAG_EXPECTED) if flag is None else flag


def read_clock(cell: Any) -> str | Fault:
    """Read a time of day; a spreadsheet's own times and lengths of time are understood."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime) and cell.year <= 1900:  # day 0 and day 1 of a spreadsheet's count
        return "24:00" if cell.time() == time() else f"{cell:%H:%M}"
    if isinstance(cell, time) and not (cell.second or cell.microsecond):
        return f"{cell:%H:%M}"
    if isinstance(cell, timedelta) and timedelta(0) <= cell <= _DAY and not cell % timedelta(minutes=1):
        minutes = cell // timedelta(minutes=1)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return Fault("BAD_VALUE", "is not a time of day", CLOCK_EXPECTED)


def _parse_moment(cell: Any) -> datetime | None:
    if isinstance(cell, datetime):
        if not hasattr(cell, "nanosecond"):
            return cell
        # A pandas Timestamp may hold nanoseconds; a moment past a microsecond still counts as past it.
        return datetime.fromisoformat(cell.isoformat(timespec="microseconds")) + timedelta(
            microseconds=bool(cell.nanosecond)
        )
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    text = cell.strip() if isinstance(cell, str) else ""
    if not _MOMENT.fullmatch(text):
        return None
    days = 1 if _END_OF_DAY.search(text) else 0
    try:
        return datetime.fromisoformat(_END_OF_DAY.sub("00", text).replace(",", ".")) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def _place(moment: datetime, zone: ZoneInfo) -> tuple[datetime, Fault | None]:
    """Give a moment without offset the zone's, and say so where the clock is turned."""
    if moment.tzinfo is not None and moment.utcoffset() is not None:
        return moment, None
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before == after or before is None or after is None:
        return first, None
    what = "does not exist" if before < after else "comes twice"
    used = f"taken as {first.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return first, Fault(
        "AMBIGUOUS_TIME", f"{what} in {zone.key}, where the clock is turned; {used}", None, "write it with its offset"
    )


def read_moment(cell: Any, zone: ZoneInfo, *, is_on_grid: bool = False) -> datetime | Fault | Noted:
    """Read a moment in time; without offset it is wall-clock time in `zone`, a date is its midnight.

    Parameters
    ----------
    cell
        ISO 8601 text, a date or a datetime.
    zone
        Time zone of moments without offset.
    is_on_grid
        Whether the moment will be rounded to a whole minute, which is worth a word.
    """
    moment = _parse_moment(cell)
    if moment is None:
        return Fault("BAD_VALUE", "is not a time", MOMENT_EXPECTED)
    if moment.year not in YEARS:
        return Fault("BAD_VALUE", "is out of range", f"a time in the years {YEARS[0]} to {YEARS[-1]}")
    placed, note = _place(moment, zone)
    placed = placed.astimezone(UTC)
    if note is None and is_on_grid and (placed.second or placed.microsecond):
        note = Fault("ROUNDED_TIME", "is off the grid of whole minutes and was rounded", "a whole minute")
    return placed if note is None else Noted(placed, note)


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: read_text,
    Kind.CHOICE: read_text,
    Kind.NUMBER: read_number,
    Kind.WHOLE: read_whole,
    Kind.FLAG: read_flag,
    Kind.CLOCK: read_clock,
}


def reader_of(column: Column, zone: ZoneInfo) -> Callable[[Any], Any]:
    """Return the function that reads the cells of a column: to a value, a `Fault` or a `Noted`."""
    if column.kind is Kind.MOMENT:
        return lambda cell: read_moment(cell, zone, is_on_grid=column.is_on_grid)
    return _READERS[column.kind]


def read_cells(cells: Sequence[Any], column: Column, zone: ZoneInfo) -> list[Any]:
    """Read all cells of a column, each different one once.

    An empty cell is the column's default, or a fault where a value must stand.
    """
    read_one = reader_of(column, zone)
    absent = Fault("MISSING_VALUE", "is empty", column.description) if column.is_required else column.default

    def read(cell: Any) -> Any:
        return absent if is_blank(cell) else read_one(cell)

    try:
        # 1, 1.0 and True are equal and hash alike, yet read differently: the type is part of the name.
        if set(map(type, cells)) <= {str}:
            if read_one is read_text:
                return [cell if cell and not cell.isspace() else absent for cell in cells]
            known = {cell: read(cell) for cell in set(cells)}
            return [known[cell] for cell in cells]
        typed = {key: read(key[1]) for key in set(zip(map(type, cells), cells, strict=True))}
        return [typed[key] for key in zip(map(type, cells), cells, strict=True)]
    except TypeError:  # an unhashable cell, such as a list
        return [read(cell) for cell in cells]
