"""Timetables of lanes: on which weekdays, at which times, a shipment leaves."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_DAYS = {name: day for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_ENTRY = re.compile(r"^(?P<days>[^/\s]+)[/\s]+(?P<hours>\d{1,2}):(?P<minutes>\d{2})$")
_EXPECTED = "expected days and times such as 0-4/16:00; 5/10:00 (0 or Mon is Monday, * is daily)"


def _parse_day(text: str) -> int:
    day = _DAYS.get(text[:3].lower(), int(text) if text.isdigit() else -1)
    if not 0 <= day <= 6:
        raise ValueError(f"{text!r} is no weekday; {_EXPECTED}")
    return day


def _parse_days(text: str) -> set[int]:
    if text.lower() in {"*", "daily"}:
        return set(range(7))
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _parse_day(first), _parse_day(last or first)
        days |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return days


def parse_departures(text: str) -> tuple[tuple[int, int], ...]:
    """Return all (weekday, minute of the day) at which shipments leave, in order.

    Parameters
    ----------
    text
        Entries ``days/HH:MM`` separated by ``;``. Days are numbers (0 is Monday) or English names,
        single, in ranges (``0-4``), in lists (``0,2,4``) or ``*``.

    Raises
    ------
    ValueError
        If an entry cannot be read.

    Examples
    --------
    >>> parse_departures("Mon,Thu/08:00")
    ((0, 480), (3, 480))
    """
    found: set[tuple[int, int]] = set()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        match = _ENTRY.match(entry)
        if match is None or int(match["hours"]) > 23 or int(match["minutes"]) > 59:
            raise ValueError(f"{entry!r} is no departure; {_EXPECTED}")
        minute = int(match["hours"]) * 60 + int(match["minutes"])
        found |= {(day, minute) for day in _parse_days(match["days"])}
    if not found:
        raise ValueError(f"no departure in {text!r}; {_EXPECTED}")
    return tuple(sorted(found))


def _check(text: str) -> str:
    parse_departures(text)
    return text


Departures = Annotated[str, AfterValidator(_check)]
"""A timetable as text, checked; :func:`parse_departures` reads it."""
