"""The clock of the wall: aware datetimes to whole minutes since horizon_start, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from orderopt.models.moment import MINUTE


@dataclass(frozen=True)
class Clock:
    """Counts minutes from an origin.

    Attributes
    ----------
    origin
        Minute 0, in UTC on a whole minute.
    zone
        The plan's time zone, for wall-clock patterns.
    """

    origin: datetime
    zone: ZoneInfo

    def tick(self, moment: datetime) -> int:
        """Return the minute of a moment that lies on the grid."""
        minutes, rest = divmod(moment - self.origin, MINUTE)
        if rest:
            raise ValueError(f"{moment} is not on a whole minute")
        return minutes

    def moment(self, tick: int) -> datetime:
        """Return the moment of a minute, in the plan's time zone."""
        return (self.origin + timedelta(minutes=int(tick))).astimezone(self.zone)

    def wall(self, day: datetime, minute: int) -> int:
        """Return the tick of a wall-clock minute (0 to 1440) on a local calendar day.

        A time that daylight saving skips becomes the end of the gap; one that it repeats, the first of both.
        """
        naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
        local = naive.replace(tzinfo=self.zone)
        there_and_back = local.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None)
        if there_and_back != naive:  # in the gap: the offset before it overshoots by the gap's length
            after = naive.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
            before = local.astimezone(UTC)
            gap_end = _gap_end(min(after, before), max(after, before), self.zone)
            return self.tick(gap_end)
        return self.tick(local.astimezone(UTC))

    def week_starts(self, since: int, until: int) -> list[int]:
        """Return the ticks of all Mondays 00:00 local time, from the one at or before `since` to `until`."""
        day = self.moment(since).date()
        monday = datetime(day.year, day.month, day.day) - timedelta(days=day.weekday())
        starts: list[int] = []
        while not starts or starts[-1] < until:
            starts.append(self.wall(monday, 0))
            monday += timedelta(days=7)
        return starts


def _gap_end(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after the change of offset between two moments (bisection on minutes)."""
    old = low.astimezone(zone).utcoffset()
    span = int((high - low) / MINUTE)
    first, last = 0, span
    while last - first > 1:
        middle = (first + last) // 2
        if (low + middle * MINUTE).astimezone(zone).utcoffset() == old:
            first = middle
        else:
            last = middle
    return low + last * MINUTE
