"""Open hours counted from the raw spans, for the checker and the peers; shares no code with orderopt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEVER = 1 << 50
"""A minute that no schedule reaches."""


class Hours:
    """Sorted, disjoint spans [open, close) in minutes; without spans it is always open."""

    def __init__(self, spans: Ints | None) -> None:
        self.is_always = spans is None
        rows = np.empty((0, 2), dtype=np.int64) if spans is None else spans
        self.opens, self.closes = rows[:, 0].tolist(), rows[:, 1].tolist()
        self.before = np.concatenate(([0], np.cumsum(rows[:, 1] - rows[:, 0]))).tolist()

    def begin(self, minute: int) -> int:
        """Return the first open minute at or after a minute."""
        if self.is_always:
            return minute
        span = bisect_right(self.closes, minute)
        return max(minute, self.opens[span]) if span < len(self.opens) else NEVER

    def finish(self, minute: int, work: int) -> int:
        """Return when `work` open minutes have passed since an open minute."""
        if self.is_always or work == 0 or minute >= NEVER:
            return minute + work
        target = self.passed(minute) + work
        span = bisect_left(self.before, target) - 1
        return self.opens[span] + target - self.before[span] if span < len(self.opens) else NEVER

    def passed(self, minute: int) -> int:
        """Return the open minutes before a minute."""
        if self.is_always:
            return minute
        span = bisect_right(self.opens, minute) - 1
        return 0 if span < 0 else self.before[span] + min(minute, self.closes[span]) - self.opens[span]
