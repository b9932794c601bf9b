"""Calendars: weekly shifts and the days that differ."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from orderopt.models.moment import Earliest, Latest
from orderopt.models.record import Id, Record

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
"""Wall-clock time HH:MM; 24:00 is the end of the day."""


def minutes_of_day(clock_time: str) -> int:
    """Return the minutes since midnight of a wall-clock time ``HH:MM``."""
    hours, minutes = clock_time.split(":")
    return int(hours) * 60 + int(minutes)


class Shift(Record):
    """An open span of one weekday, in wall-clock time of the plan's time zone."""

    TABLE = "calendars"
    KEY = ("calendar_id", "weekday", "opens")

    calendar_id: Id = Field(description="Name of the calendar.")
    weekday: int = Field(ge=0, le=6, description="0 is Monday.")
    opens: ClockTime = Field(description="HH:MM.")
    closes: ClockTime = Field(description="HH:MM, later than opens; 24:00 is allowed.")

    @model_validator(mode="after")
    def _check_order(self) -> Shift:
        if minutes_of_day(self.closes) <= minutes_of_day(self.opens):
            raise ValueError("closes must be after opens; write a night shift as two rows, one up to 24:00")
        return self


class CalendarException(Record):
    """A span that is closed (or open) whatever the weekly shifts say; later rows win."""

    TABLE = "calendar_exceptions"
    KEY = ("calendar_id", "starts_at", "ends_at")

    calendar_id: Id = Field(description="Name of the calendar.")
    starts_at: Latest = Field(description="Begin of the span.")
    ends_at: Earliest = Field(description="End of the span.")
    open: bool = Field(description="0: closed; 1: extra time.")

    @model_validator(mode="after")
    def _check_order(self) -> CalendarException:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self
