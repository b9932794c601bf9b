"""The two clocks of a picture: exact minutes (UTC) to count with, the plan's wall clock to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from orderopt.rules.open_time import OpenTime, open_spans
from orderopt.rules.wall_clock import WallClock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from orderopt.models.snapshot import Snapshot

    Minutes = NDArray[np.int64]
    WallTimes = NDArray[np.datetime64]


def utc_minutes(times: Any) -> Minutes:
    """Return aware times as minutes since the Unix epoch (none of them may be missing)."""
    naive = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_localize(None)
    return naive.to_numpy().astype("datetime64[m]").astype(np.int64)


def wall_times(minutes: Minutes, zone: str) -> WallTimes:
    """Return moments as ``datetime64[m]`` on the wall clock of `zone`.

    In the hour that is repeated when summer time ends, two moments share one wall time.
    """
    return WallClock(zone).to_local(minutes).astype("datetime64[m]")


def format_moments(times: Any, zone: str) -> list[str]:
    """Return aware times as ``2026-01-05 14:30`` on the wall clock of `zone`; missing ones are empty."""
    local = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_convert(zone).tz_localize(None)
    texts = np.datetime_as_string(local.to_numpy().astype("datetime64[m]"), unit="m")
    return ["" if text == "NaT" else str(text).replace("T", " ") for text in texts]


def format_minutes(minutes: float) -> str:
    """Return a duration in words.

    Examples
    --------
    >>> format_minutes(45), format_minutes(150), format_minutes(2945)
    ('45 min', '2 h 30 min', '2 d 1 h')
    """
    whole = round(minutes)
    days, rest = divmod(whole, 1440)
    hours, left = divmod(rest, 60)
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else "", f"{left} min" if left and not days else ""]
    return " ".join(part for part in parts if part) or "0 min"


def open_time(snapshot: Snapshot, calendar_id: str | None, since: int, until: int) -> OpenTime:
    """Return when a calendar is open between two moments (minutes since the Unix epoch); none: always."""
    return OpenTime(open_spans(snapshot, calendar_id, since, until))


def reach(spans: Minutes, open_minutes: Minutes) -> Minutes:
    """Return the first moment at which so many minutes of the open spans are over."""
    if not len(spans):
        return open_minutes
    lengths = spans[:, 1] - spans[:, 0]
    before = np.cumsum(lengths) - lengths
    span = np.maximum(np.searchsorted(before, open_minutes, side="left") - 1, 0)
    return np.asarray(spans[span, 0] + open_minutes - before[span], dtype=np.int64)


def closed_spans(spans: Minutes, since: int, until: int) -> Minutes:
    """Return what the open spans leave between two moments, shape (m, 2)."""
    edges = np.concatenate(([since], np.clip(spans, since, until).ravel(), [until])).reshape(-1, 2)
    return np.asarray(edges[edges[:, 1] > edges[:, 0]], dtype=np.int64)
