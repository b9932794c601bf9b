"""Open hours as arrays: real minutes to open minutes and back.

A resource's *working time* counts only its open minutes. In working time a task that may pause has a fixed
length, whatever the shifts are; that is why models and kernels use it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from orderopt.models.calendar import minutes_of_day
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.clock import Clock

Ints = NDArray[np.int64]

FOREVER = 1 << 40
"""A minute that no plan reaches."""


class OpenTime:
    """The open intervals of one calendar.

    Parameters
    ----------
    spans
        Shape (n, 2), minutes [open, close), sorted and disjoint.
    """

    def __init__(self, spans: Ints) -> None:
        self.opens = np.ascontiguousarray(spans[:, 0])
        self.closes = np.ascontiguousarray(spans[:, 1])
        self.before = np.concatenate(([0], np.cumsum(self.closes - self.opens)))[:-1].astype(np.int64)

    @property
    def num_spans(self) -> int:
        """How many open intervals there are."""
        return len(self.opens)

    @property
    def total(self) -> int:
        """All open minutes."""
        return int(self.before[-1] + self.closes[-1] - self.opens[-1]) if len(self.opens) else 0

    def worked(self, minute: int) -> int:
        """Return the open minutes before a real minute."""
        span = int(np.searchsorted(self.opens, minute, side="right")) - 1
        if span < 0:
            return 0
        return int(self.before[span] + min(minute, int(self.closes[span])) - self.opens[span])

    def between(self, start: int, end: int) -> int:
        """Return the open minutes in [start, end)."""
        return self.worked(end) - self.worked(start)

    def start_of(self, work: int) -> int:
        """Return the latest real minute at which `work` open minutes have passed and it is open."""
        span = int(np.searchsorted(self.before, work, side="right")) - 1
        minute = int(self.opens[span] + work - self.before[span])
        return FOREVER if minute >= self.closes[span] else minute

    def end_of(self, work: int) -> int:
        """Return the earliest real minute at which `work` open minutes have passed."""
        span = int(np.searchsorted(self.before, work, side="left")) - 1
        span = max(span, 0)
        minute = int(self.opens[span] + work - self.before[span])
        return FOREVER if minute > self.closes[span] else minute

    def next_open(self, minute: int) -> int:
        """Return the first open minute at or after a real minute."""
        span = int(np.searchsorted(self.closes, minute, side="right"))
        return FOREVER if span == len(self.opens) else max(minute, int(self.opens[span]))

    def fit(self, minute: int, work: int, breakable: bool) -> tuple[int, int]:
        """Return start and end of the first stretch of `work` open minutes at or after a minute.

        Both are :data:`FOREVER` where there is none.
        """
        start = self.next_open(minute)
        if start == FOREVER:
            return FOREVER, FOREVER
        if breakable:
            end = self.end_of(self.worked(start) + work) if work else start
            return (start, end) if end < FOREVER else (FOREVER, FOREVER)
        span = int(np.searchsorted(self.closes, start, side="right"))
        while span < len(self.opens):
            start = max(start, int(self.opens[span]))
            if start + work <= self.closes[span]:
                return start, start + work
            span += 1
        return FOREVER, FOREVER


ALWAYS = OpenTime(np.array([[-FOREVER // 4, FOREVER // 4]], dtype=np.int64))
"""Open at every minute."""


def compile_open_times(snapshot: Snapshot, clock: Clock, since: int, until: int) -> dict[str, OpenTime]:
    """Return the open hours of every calendar between two minutes.

    Weekly shifts are wall-clock times of the plan's zone, so that a shift keeps its hours over a change of
    daylight saving. Exceptions apply in the order of their rows.
    """
    shifts: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for shift in snapshot.calendars:
        shifts[shift.calendar_id].append((shift.weekday, minutes_of_day(shift.opens), minutes_of_day(shift.closes)))
    exceptions: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)
    for row in snapshot.calendar_exceptions:
        exceptions[row.calendar_id].append((clock.tick(row.starts_at), clock.tick(row.ends_at), row.open))
    wall = _Walls(clock, since, until)
    return {
        name: OpenTime(_merge(wall.spans(shifts[name]), exceptions[name], since, until))
        for name in {**shifts, **exceptions}
    }


class _Walls:
    """Ticks of wall-clock minutes on every day of a window, each minute of the day computed once."""

    def __init__(self, clock: Clock, since: int, until: int) -> None:
        self.clock = clock
        first = clock.moment(since) - timedelta(days=1)
        num_days = (until - since) // 1440 + 3
        start = datetime(first.year, first.month, first.day)
        self.days = [start + timedelta(days=step) for step in range(num_days)]
        self.weekdays = np.array([day.weekday() for day in self.days])
        self._ticks: dict[int, Ints] = {}

    def ticks(self, minute: int) -> Ints:
        if minute not in self._ticks:
            self._ticks[minute] = np.array([self.clock.wall(day, minute) for day in self.days], dtype=np.int64)
        return self._ticks[minute]

    def spans(self, shifts: list[tuple[int, int, int]]) -> Ints:
        found = [np.empty((0, 2), dtype=np.int64)]
        for weekday, opens, closes in shifts:
            on = self.weekdays == weekday
            found.append(np.column_stack((self.ticks(opens)[on], self.ticks(closes)[on])))
        return np.concatenate(found)


def _union(spans: Ints) -> Ints:
    """Return sorted, disjoint spans that cover the same minutes."""
    spans = spans[spans[:, 1] > spans[:, 0]]
    if not len(spans):
        return spans
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    first = np.concatenate(([True], spans[1:, 0] > reach[:-1]))
    last = np.concatenate((first[1:], [True]))
    return np.column_stack((spans[first, 0], reach[last]))


def _merge(spans: Ints, exceptions: list[tuple[int, int, bool]], since: int, until: int) -> Ints:
    spans = _union(spans)
    for start, end, is_open in exceptions:
        left = np.column_stack((spans[:, 0], np.minimum(spans[:, 1], start)))
        right = np.column_stack((np.maximum(spans[:, 0], end), spans[:, 1]))
        extra = np.array([[start, end]], dtype=np.int64) if is_open else np.empty((0, 2), dtype=np.int64)
        spans = _union(np.concatenate((left, right, extra)))
    clipped = np.column_stack((np.maximum(spans[:, 0], since), np.minimum(spans[:, 1], until)))
    return _union(clipped)
