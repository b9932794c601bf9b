"""When calendars are open: weekly shifts on the wall clock, and the spans that differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.calendar import CalendarException, Shift, minutes_of_day
from orderopt.rules.exact import Bools, Ints
from orderopt.rules.wall_clock import DAY, WallClock, to_minute

if TYPE_CHECKING:
    from orderopt.models.snapshot import Snapshot

_NEVER = np.zeros((0, 2), dtype=np.int64)
_THURSDAY = 3
"""Weekday of 1970-01-01."""


def open_spans(snapshot: Snapshot, calendar_id: str | None, since: int, until: int) -> Ints:
    """Return when a calendar is open.

    Weekly shifts are wall-clock times in the plan's time zone: on the day of a clock change a shift has its
    real length, and a time in the gap is the end of the gap. Exceptions are applied in table order; later
    rows win. A calendar without rows is never open.

    Parameters
    ----------
    snapshot
        Holds the calendars and the time zone.
    calendar_id
        Name of the calendar; None: always open.
    since, until
        Minutes since the Unix epoch (UTC); the spans are clipped to [since, until).

    Returns
    -------
    Open intervals [open, close) in minutes since the epoch, shape (n, 2), merged and sorted.
    """
    if calendar_id is None:
        return build_spans(WallClock(snapshot.settings.timezone), None, (), since, until)
    return build_spans(
        WallClock(snapshot.settings.timezone),
        [shift for shift in snapshot.calendars if shift.calendar_id == calendar_id],
        [change for change in snapshot.calendar_exceptions if change.calendar_id == calendar_id],
        since,
        until,
    )


def build_spans(
    clock: WallClock,
    shifts: Iterable[Shift] | None,
    exceptions: Iterable[CalendarException],
    since: int,
    until: int,
) -> Ints:
    """Return the open intervals of one calendar's rows; `shifts` None: open whenever no exception closes."""
    if until <= since:
        return _NEVER
    spans = np.array([[since, until]], dtype=np.int64) if shifts is None else _weekly(clock, shifts, since, until)
    spans = _except(spans, [change for change in exceptions if _touches(change, since, until)])
    spans = np.clip(spans, since, until)
    return spans[spans[:, 1] > spans[:, 0]]


def _touches(change: CalendarException, since: int, until: int) -> bool:
    return to_minute(change.ends_at) > since and to_minute(change.starts_at) < until


def _weekly(clock: WallClock, shifts: Iterable[Shift], since: int, until: int) -> Ints:
    edges = clock.to_local(np.array([since, until], dtype=np.int64)) // DAY
    days = np.arange(edges[0] - 1, edges[1] + 2, dtype=np.int64)
    weekdays = (days + _THURSDAY) % 7
    found = []
    for shift in shifts:
        midnights = days[weekdays == shift.weekday] * DAY
        found.append(np.stack([midnights + minutes_of_day(shift.opens), midnights + minutes_of_day(shift.closes)], 1))
    local = np.concatenate(found) if found else _NEVER
    return _merge(clock.to_utc(local.reshape(-1)).reshape(-1, 2))


def _merge(spans: Ints) -> Ints:
    spans = spans[spans[:, 1] > spans[:, 0]]
    if not len(spans):
        return _NEVER
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    ends = np.maximum.accumulate(spans[:, 1])
    is_new = np.concatenate([[True], spans[1:, 0] > ends[:-1]])
    is_last = np.concatenate([is_new[1:], [True]])
    return np.stack([spans[is_new, 0], ends[is_last]], 1)


def _except(spans: Ints, changes: list[CalendarException]) -> Ints:
    if not changes:
        return spans
    begins = [to_minute(change.starts_at) for change in changes]
    ends = [to_minute(change.ends_at) for change in changes]
    edges = np.unique(np.concatenate([spans.reshape(-1), begins, ends]).astype(np.int64))
    is_open = np.zeros(len(edges), dtype=np.int64)
    is_open[np.searchsorted(edges, spans[:, 0])] += 1
    is_open[np.searchsorted(edges, spans[:, 1])] -= 1
    is_open = np.cumsum(is_open)
    for change, begin, end in zip(changes, begins, ends, strict=True):
        is_open[np.searchsorted(edges, begin) : np.searchsorted(edges, end)] = change.open
    pieces = np.flatnonzero(is_open[:-1])
    return _merge(np.stack([edges[pieces], edges[pieces + 1]], 1))


@dataclass(frozen=True, eq=False)
class OpenTime:
    """Open intervals that can be asked how long and whether they are open.

    Parameters
    ----------
    spans
        As :func:`open_spans` returns them, shape (n, 2).
    """

    spans: Ints

    @cached_property
    def _before(self) -> Ints:
        lengths = self.spans[:, 1] - self.spans[:, 0]
        return np.asarray(np.cumsum(lengths) - lengths, dtype=np.int64)

    def _span(self, minutes: Ints) -> Ints:
        return np.asarray(np.searchsorted(self.spans[:, 0], minutes, side="right") - 1, dtype=np.int64)

    def count(self, minutes: Ints) -> Ints:
        """Return how many open minutes lie before each moment."""
        if not len(self.spans):
            return np.zeros(len(minutes), dtype=np.int64)
        span = self._span(minutes)
        place = np.maximum(span, 0)
        inside = np.minimum(minutes, self.spans[place, 1]) - self.spans[place, 0]
        return np.asarray(np.where(span >= 0, self._before[place] + inside, 0), dtype=np.int64)

    def reach(self, counts: Ints) -> Ints:
        """Return when so many open minutes have passed since the begin of the spans; past the last span it stays."""
        if not len(self.spans):
            return np.zeros(len(counts), dtype=np.int64)
        span = np.maximum(np.searchsorted(self._before, counts, side="left") - 1, 0)
        return np.asarray(
            np.minimum(self.spans[span, 0] + counts - self._before[span], self.spans[-1, 1]), dtype=np.int64
        )

    def closing(self, minutes: Ints) -> Ints:
        """Return when the span that holds each minute closes; the minute itself where it is closed."""
        if not len(self.spans):
            return minutes
        span = self._span(minutes)
        closes = self.spans[np.maximum(span, 0), 1]
        return np.asarray(np.where((span >= 0) & (closes > minutes), closes, minutes), dtype=np.int64)

    def is_open(self, minutes: Ints) -> Bools:
        """Return whether each minute is open."""
        return np.asarray(self.closing(minutes) > minutes, dtype=np.bool_)
