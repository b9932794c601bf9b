"""Open time in whole minutes since the planning horizon's start, read from calendars and exceptions."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from orderopt.models.calendar import minutes_of_day
from orderopt.models.departures import parse_departures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.models.snapshot import Snapshot

Span = tuple[int, int]
"""A half-open span of minutes."""

DAY = 1440
FIRST, LAST = -7 * DAY, 120 * DAY
"""The minutes for which open time is known; no tiny plan runs past them."""

ALWAYS: tuple[Span, ...] = ((-(10**9), 10**9),)


class Clock:
    """Minutes since ``horizon_start``, and the open spans of each calendar.

    Parameters
    ----------
    snapshot
        The facts; only settings, calendars and exceptions are read.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.origin = snapshot.settings.horizon_start
        self.zone = snapshot.settings.zone
        self._snapshot = snapshot
        self._offsets = tuple(self._read_offsets())
        self._open: dict[str | None, tuple[Span, ...]] = {None: ALWAYS}

    def minute(self, moment: datetime) -> int:
        """Return whole minutes from the horizon's start to `moment` (which lies on the grid)."""
        return int((moment - self.origin) // timedelta(minutes=1))

    def moment(self, minute: int) -> datetime:
        """Return the moment of a minute, in the plan's time zone."""
        return (self.origin + timedelta(minutes=minute)).astimezone(self.zone)

    def open_spans(self, calendar_id: str | None) -> tuple[Span, ...]:
        """Return the open spans of a calendar, merged and in order."""
        if calendar_id not in self._open:
            self._open[calendar_id] = self._read_spans(calendar_id)
        return self._open[calendar_id]

    def week(self, minute: int) -> tuple[int, int]:
        """Return ISO year and week of a minute in the plan's time zone."""
        year, week, _ = self.moment(minute).isocalendar()
        return year, week

    def week_start(self, minute: int, weeks_later: int) -> int:
        """Return the minute at which the week begins that is some weeks after that of `minute`."""
        local = self.moment(minute)
        monday = (local - timedelta(days=local.weekday())).date() + timedelta(days=7 * weeks_later)
        return self.minute(datetime(monday.year, monday.month, monday.day, tzinfo=self.zone).astimezone(UTC))

    def departures(self, pattern: str, not_before: int) -> Iterator[int]:
        """Yield the departures of a timetable from a minute on, in order."""
        times = parse_departures(pattern)
        date = self.moment(not_before).date()
        while True:
            for weekday, minute_of_day in times:
                if weekday == date.weekday():
                    local = datetime(date.year, date.month, date.day, minute_of_day // 60, minute_of_day % 60)
                    minute = self.minute(local.replace(tzinfo=self.zone).astimezone(UTC))
                    if minute >= not_before:
                        yield minute
            date += timedelta(days=1)

    def _read_offsets(self) -> Iterator[tuple[int, int, int]]:
        """Yield (from, to, minutes east of UTC) for each stretch between two changes of the clock."""
        start, offset = FIRST, None
        for minute in range(FIRST, LAST + 1, 15):
            delta = self.moment(minute).utcoffset()
            assert delta is not None
            now = int(delta.total_seconds()) // 60
            if offset is not None and now != offset:
                yield start, minute, offset
                start = minute
            offset = now
        assert offset is not None
        yield start, LAST, offset

    def _read_spans(self, calendar_id: str | None) -> tuple[Span, ...]:
        shifts = [shift for shift in self._snapshot.calendars if shift.calendar_id == calendar_id]
        midnight = self.origin.replace(hour=0, minute=0)
        spans: list[Span] = []
        for start, end, offset in self._offsets:
            base = self.minute(midnight) - offset
            for day in range(FIRST // DAY - 2, LAST // DAY + 2):
                weekday = (midnight + timedelta(days=day)).weekday()
                for shift in shifts:
                    if shift.weekday == weekday:
                        opens = base + day * DAY + minutes_of_day(shift.opens)
                        closes = base + day * DAY + minutes_of_day(shift.closes)
                        spans.append((max(opens, start), min(closes, end)))
        merged = merge_spans(spans)
        for exception in self._snapshot.calendar_exceptions:
            if exception.calendar_id == calendar_id:
                span = self.minute(exception.starts_at), self.minute(exception.ends_at)
                merged = merge_spans([*merged, span]) if exception.open else cut_span(merged, span)
        return tuple(merged)


def merge_spans(spans: list[Span]) -> list[Span]:
    """Return the union of spans, in order; spans that touch become one."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def cut_span(spans: list[Span], hole: Span) -> list[Span]:
    """Return the spans without a hole."""
    pieces = [piece for start, end in spans for piece in ((start, min(end, hole[0])), (max(start, hole[1]), end))]
    return [piece for piece in pieces if piece[0] < piece[1]]


def count_open(spans: tuple[Span, ...], start: int, end: int) -> int:
    """Return the number of open minutes between two minutes."""
    return sum(max(0, min(closes, end) - max(opens, start)) for opens, closes in spans)


def find_first_open(spans: tuple[Span, ...], not_before: int) -> int | None:
    """Return the first open minute that is not before a minute, or None."""
    return next((max(opens, not_before) for opens, closes in spans if closes > not_before), None)


def find_first_fit(spans: tuple[Span, ...], ready: int, minutes: int, *, breakable: bool) -> Span | None:
    """Return the earliest start and end of work that takes some open minutes, or None if it never fits."""
    index = bisect_right(spans, (ready, 10**10))
    if index and spans[index - 1][1] > ready:
        index -= 1
    begin: int | None = None
    rest = minutes
    for opens, closes in spans[index:]:
        start = max(opens, ready)
        if not breakable:
            if closes - start >= minutes:
                return start, start + minutes
            continue
        begin = start if begin is None else begin
        if closes - start >= rest:
            return begin, start + rest
        rest -= closes - start
    return None
