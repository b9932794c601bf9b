"""Moments in time: aware datetimes, kept in UTC on a grid of whole minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

MINUTE = timedelta(minutes=1)


def floor_minute(moment: datetime) -> datetime:
    """Return the last whole minute that is not after `moment`."""
    return moment.replace(second=0, microsecond=0)


def ceil_minute(moment: datetime) -> datetime:
    """Return the first whole minute that is not before `moment`."""
    floor = floor_minute(moment)
    return floor if floor == moment else floor + MINUTE


def to_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC."""
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(to_utc)]
"""Any moment, seconds kept: for facts that are not planned with."""

Earliest = Annotated[AwareDatetime, AfterValidator(to_utc), AfterValidator(ceil_minute)]
"""A moment before which something cannot be: rounded up to a whole minute."""

Latest = Annotated[AwareDatetime, AfterValidator(to_utc), AfterValidator(floor_minute)]
"""A moment by which something should be: rounded down to a whole minute."""
