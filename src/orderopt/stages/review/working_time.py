"""Working time: how many working minutes lie between two moments, and when so many have passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from orderopt.errors import InputError
from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.moment import ceil_minute
from orderopt.models.snapshot import Snapshot
from orderopt.rules.open_time import OpenTime, build_spans
from orderopt.rules.wall_clock import DAY, WallClock, to_minute, to_moment

_OFFICE_HOURS = tuple(Shift(calendar_id="office", weekday=day, opens="09:00", closes="17:00") for day in range(5))
_WINDOWS = (14, 140, 1400)
"""Days in which a number of working minutes is looked for, one after the other."""


@dataclass(frozen=True)
class WorkingTime:
    """The hours in which people work, minute by minute.

    Parameters
    ----------
    clock
        The zone of the shifts.
    shifts, exceptions
        Weekly hours, and the spans that differ.
    """

    clock: WallClock
    shifts: Sequence[Shift] = _OFFICE_HOURS
    exceptions: Sequence[CalendarException] = ()

    def between(self, start: datetime, end: datetime) -> int:
        """Return the working minutes from one moment to another; 0 if the second is the earlier one."""
        spans = build_spans(
            self.clock, self.shifts, self.exceptions, to_minute(ceil_minute(start)), to_minute(ceil_minute(end))
        )
        return int((spans[:, 1] - spans[:, 0]).sum())

    def after(self, start: datetime, minutes: int) -> datetime:
        """Return the first moment at which so many working minutes have passed.

        Raises
        ------
        InputError
            If the calendar is not open for so long within the next years.
        """
        if minutes <= 0:
            return start
        begin = to_minute(ceil_minute(start))
        for days in _WINDOWS:
            spans = build_spans(self.clock, self.shifts, self.exceptions, begin, begin + days * DAY)
            if int((spans[:, 1] - spans[:, 0]).sum()) >= minutes:
                return to_moment(int(OpenTime(spans).reach(np.array([minutes], dtype=np.int64))[0]))
        raise InputError(f"the working calendar is not open for {minutes} minutes within {_WINDOWS[-1]} days")


def find_working_time(policy: DeskPolicy, master: Snapshot) -> WorkingTime:
    """Return the hours in which reviews are done.

    Raises
    ------
    InputError
        If the calendar that the policy names is not there.
    """
    name = policy.review.calendar_id
    if name is None:
        return WorkingTime(WallClock(policy.timezone))
    shifts = tuple(shift for shift in master.calendars if shift.calendar_id == name)
    exceptions = tuple(change for change in master.calendar_exceptions if change.calendar_id == name)
    if not shifts and not exceptions:
        raise InputError(f"the calendar {name!r} of the review policy stands in no table")
    return WorkingTime(WallClock(master.settings.timezone), shifts, exceptions)


def count_minutes(hours: Decimal) -> int:
    """Return hours as whole minutes, rounded down."""
    return int(hours * 60)
