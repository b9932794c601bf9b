"""Calendars of generated plants: one shift, two shifts and round the clock, with public holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from orderopt.models.calendar import CalendarException, Shift, minutes_of_day

ZONE = ZoneInfo("Europe/Berlin")
START = datetime(2026, 4, 27, tzinfo=ZONE)
"""A Monday; the Friday of the same week is Labour Day."""

HOLIDAYS = (datetime(2026, 5, 1, tzinfo=ZONE), datetime(2026, 5, 14, tzinfo=ZONE))
OVERTIME = datetime(2026, 5, 9, tzinfo=ZONE)
"""A Saturday on which two-shift machines run in the morning."""

_WINDOWS = {
    "ONE-SHIFT": (range(5), (("07:00", "11:30"), ("12:00", "15:30"))),
    "TWO-SHIFT": (range(5), (("06:00", "14:00"), ("14:00", "22:00"))),
    "ROUND-THE-CLOCK": (range(6), (("00:00", "24:00"),)),
}
DAY = timedelta(days=1)


def build_shifts() -> list[Shift]:
    """Return the weekly shifts of the three calendars."""
    return [
        Shift(calendar_id=name, weekday=weekday, opens=opens, closes=closes)
        for name, (weekdays, windows) in _WINDOWS.items()
        for weekday in weekdays
        for opens, closes in windows
    ]


def build_exceptions() -> list[CalendarException]:
    """Return the public holidays (all calendars closed) and one Saturday morning of overtime."""
    closed = [
        CalendarException(calendar_id=name, starts_at=day, ends_at=day + DAY, open=False)
        for name in _WINDOWS
        for day in HOLIDAYS
    ]
    morning = OVERTIME + timedelta(hours=7)
    extra = CalendarException(
        calendar_id="TWO-SHIFT", starts_at=morning, ends_at=morning + timedelta(hours=6), open=True
    )
    return [*closed, extra]


def judge_open_minutes(
    shifts: list[Shift], exceptions: list[CalendarException], start: datetime, end: datetime, zone: ZoneInfo
) -> dict[str, int]:
    """Return the open minutes of every calendar in [start, end).

    Meant for days without a change of the clock; exceptions win over shifts, later ones over earlier ones.
    """
    num_minutes = int((end - start) / timedelta(minutes=1))
    minutes: dict[str, int] = {}
    for name in dict.fromkeys(shift.calendar_id for shift in shifts):
        is_open = bytearray(num_minutes)
        for shift in (shift for shift in shifts if shift.calendar_id == name):
            _open_weekly(is_open, shift, start.astimezone(zone))
        for exception in (exception for exception in exceptions if exception.calendar_id == name):
            begin, close = _minute(exception.starts_at, start), _minute(exception.ends_at, start)
            _mark(is_open, begin, close, value=int(exception.open))
        minutes[name] = sum(is_open)
    return minutes


def _minute(moment: datetime, start: datetime) -> int:
    return int((moment.astimezone(UTC) - start.astimezone(UTC)) / timedelta(minutes=1))


def _mark(is_open: bytearray, begin: int, end: int, *, value: int = 1) -> None:
    begin, end = max(begin, 0), min(end, len(is_open))
    if begin < end:
        is_open[begin:end] = bytes([value]) * (end - begin)


def _open_weekly(is_open: bytearray, shift: Shift, local_start: datetime) -> None:
    midnight = -(local_start.hour * 60 + local_start.minute)
    first = (shift.weekday - local_start.weekday()) % 7
    for day in range(first - 7, len(is_open) // 1440 + 8, 7):
        begin = midnight + day * 1440
        _mark(is_open, begin + minutes_of_day(shift.opens), begin + minutes_of_day(shift.closes))
