"""frePPLe's calendars (buckets with priorities) as weekly shifts and the days that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.converters.frepple.source import Row, Source, read_duration, read_moment
from orderopt.models.calendar import CalendarException, Shift

DAY = timedelta(days=1)
MINUTES = 24 * 60
Windows = tuple[tuple[int, int], ...]
"""Open windows of a day in minutes after midnight."""


@dataclass(frozen=True)
class Bucket:
    """A span of dates in which a value holds on some weekdays between two times of the day."""

    start: datetime
    end: datetime
    value: float
    priority: int
    days: frozenset[int]
    opens: int
    closes: int


@dataclass(frozen=True)
class Pattern:
    """A calendar: the bucket with the lowest priority number holds, outside all buckets the default."""

    default: float
    buckets: tuple[Bucket, ...]

    def values_of(self, day: datetime) -> list[float]:
        """Return the value in each minute of a day."""
        values = [self.default] * MINUTES
        for bucket in self.buckets:
            begin = max(bucket.opens, round((bucket.start - day) / timedelta(minutes=1)), 0)
            close = min(bucket.closes, round((bucket.end - day) / timedelta(minutes=1)), MINUTES)
            if day.weekday() in bucket.days and begin < close:
                values[begin:close] = [bucket.value] * (close - begin)
        return values

    def levels(self) -> set[float]:
        """Return all values above 0."""
        return {value for value in (self.default, *(bucket.value for bucket in self.buckets)) if value > 0}

    def changes(self) -> list[datetime]:
        """Return the moments at which a bucket begins or ends."""
        return [moment for bucket in self.buckets for moment in (bucket.start, bucket.end)]


def build_pattern(source: Source, name: str) -> Pattern:
    """Read a calendar by name."""
    row = next((row for row in source.tables["calendar"] if row.get("name") == name), {})
    found = [_build_bucket(row) for row in source.tables["bucket"] if row.get("calendar") == name]
    return Pattern(float(row.get("default", 0)), tuple(sorted(found, key=lambda bucket: -bucket.priority)))


def _build_bucket(row: Row) -> Bucket:
    closes = read_duration(row["endtime"]).total_seconds() / 60 if "endtime" in row else MINUTES
    return Bucket(
        start=read_moment(row["start"]) if "start" in row else datetime(1971, 1, 1),
        end=read_moment(row["end"]) if "end" in row else datetime(2130, 1, 1),
        value=float(row.get("value", 0)),
        priority=int(row.get("priority", 0)),
        days=frozenset(map(int, row.get("days", "0123456"))),
        opens=round(read_duration(row["starttime"]).total_seconds() / 60) if "starttime" in row else 0,
        closes=min(MINUTES, round(closes)),
    )


def _windows(patterns: Sequence[Pattern], day: datetime) -> Windows:
    """Return when all patterns are open on a day."""
    values = zip(*(pattern.values_of(day) for pattern in patterns), strict=True)
    is_open = [all(value > 0 for value in minute) for minute in values]
    edges = [minute for minute in range(MINUTES + 1) if _at(is_open, minute) != _at(is_open, minute - 1)]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _at(is_open: list[bool], minute: int) -> bool:
    return 0 <= minute < MINUTES and is_open[minute]


def build_calendar(
    name: str, patterns: Sequence[Pattern], start: datetime, end: datetime
) -> tuple[list[Shift], list[CalendarException]]:
    """Return the calendar that is open when all patterns are: the week that holds at `end`, and what differs before.

    What changes after `end` is left out.
    """
    changes = [moment for pattern in patterns for moment in pattern.changes() if start < moment < end]
    midnight = start.replace(hour=0, minute=0)
    settled = max([midnight, *changes]).replace(hour=0, minute=0) + DAY
    week = {day.weekday(): _windows(patterns, day) for day in (settled + step * DAY for step in range(7))}
    shifts = [
        Shift(calendar_id=name, weekday=weekday, opens=_clock(opens), closes=_clock(closes))
        for weekday, windows in sorted(week.items())
        for opens, closes in windows
    ]
    exceptions = []
    day = midnight
    while changes and day < settled:
        windows = _windows(patterns, day)
        if windows != week[day.weekday()]:
            exceptions += _build_exceptions(name, day.replace(tzinfo=UTC), windows)
        day += DAY
    return shifts, exceptions


def _build_exceptions(name: str, day: datetime, windows: Windows) -> list[CalendarException]:
    spans = [(day + timedelta(minutes=opens), day + timedelta(minutes=closes)) for opens, closes in windows]
    if spans == [(day, day + DAY)]:
        return [CalendarException(calendar_id=name, starts_at=day, ends_at=day + DAY, open=True)]
    closed = CalendarException(calendar_id=name, starts_at=day, ends_at=day + DAY, open=False)
    return [closed, *(CalendarException(calendar_id=name, starts_at=a, ends_at=b, open=True) for a, b in spans)]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
