"""Wall-clock time of a zone and minutes since the Unix epoch, exact over clock changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from orderopt.rules.exact import Ints, build_ints

DAY = 1440
"""Minutes in a day."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_MINUTES_A_YEAR = 525_949
_LAST_YEAR = 9998


def to_minute(moment: datetime) -> int:
    """Return the minutes since the epoch of an aware moment, rounded down."""
    return (moment - EPOCH) // _MINUTE


def to_moment(minute: int) -> datetime:
    """Return the moment in UTC that is so many minutes after the epoch."""
    return EPOCH + int(minute) * _MINUTE


def _offset(zone: ZoneInfo, minute: int) -> int:
    offset = to_moment(minute).astimezone(zone).utcoffset() or timedelta()
    return offset // _MINUTE


def _first_change(zone: ZoneInfo, low: int, high: int) -> int:
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


@lru_cache(maxsize=64)
def _build_offsets(timezone: str, first_year: int, last_year: int) -> tuple[Ints, Ints]:
    """Return since which minute which offset holds, from the begin of one year to the end of another."""
    zone = ZoneInfo(timezone)
    begin = to_minute(datetime(first_year, 1, 1, tzinfo=UTC))
    end = to_minute(datetime(last_year + 1, 1, 1, tzinfo=UTC))
    since, offsets = [begin], [_offset(zone, begin)]
    for day in range(begin + DAY, end, DAY):
        while (offset := _offset(zone, day)) != offsets[-1]:
            since.append(_first_change(zone, max(day - DAY, since[-1]), day))
            offsets.append(_offset(zone, since[-1]))
            if offsets[-1] == offset:
                break
    return build_ints(since), build_ints(offsets)


@dataclass(frozen=True)
class WallClock:
    """The clock on the wall of a time zone.

    Parameters
    ----------
    timezone
        Name in the IANA database.
    """

    timezone: str

    def _offsets(self, minutes: Ints) -> tuple[Ints, Ints]:
        years = (int(minutes.min()) // _MINUTES_A_YEAR + 1969, int(minutes.max()) // _MINUTES_A_YEAR + 1971)
        first, last = (min(max(year, 2), _LAST_YEAR) for year in years)
        return _build_offsets(self.timezone, first, last)

    def to_local(self, minutes: Ints) -> Ints:
        """Return what the clock shows, as minutes since 1970-01-01 00:00 on the wall."""
        if not len(minutes):
            return minutes
        since, offsets = self._offsets(minutes)
        segment = np.maximum(np.searchsorted(since, minutes, side="right") - 1, 0)
        return np.asarray(minutes + offsets[segment], dtype=np.int64)

    def to_utc(self, local: Ints) -> Ints:
        """Return the minutes since the epoch at which the clock shows `local`.

        A time that is shown twice is the first of the two; one that is skipped is the end of the gap.
        """
        if not len(local):
            return local
        since, offsets = self._offsets(local)
        local_ends = since[1:] + offsets[:-1]
        segment = np.searchsorted(np.maximum.accumulate(local_ends), local, side="right")
        begins = np.where(segment > 0, since[segment], np.iinfo(np.int64).min)
        return np.asarray(np.maximum(local - offsets[segment], begins), dtype=np.int64)
