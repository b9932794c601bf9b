"""Working time is counted on the wall clock of a zone, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.errors import InputError
from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.life.desk_policy import DeskPolicy, ReviewPolicy
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.rules.wall_clock import WallClock
from orderopt.stages.review.working_time import WorkingTime, find_working_time

OFFICE = WorkingTime(WallClock("UTC"))
VIENNA = WorkingTime(WallClock("Europe/Vienna"))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)


def count_slowly(start: datetime, end: datetime, zone: str) -> int:
    """Count the minutes of Monday to Friday, 9 to 17, one after the other."""
    count = 0
    while start < end:
        local = start.astimezone(ZoneInfo(zone))
        count += local.weekday() < 5 and 9 <= local.hour < 17
        start += timedelta(minutes=1)
    return count


@given(MOMENTS, st.integers(0, 6 * 1440), st.sampled_from(["UTC", "Europe/Vienna", "Asia/Taipei"]))
def test_minutes_between_are_those_that_are_counted_one_by_one(start, length, zone):
    end = start + timedelta(minutes=length)
    assert WorkingTime(WallClock(zone)).between(start, end) == count_slowly(start, end, zone)


@given(MOMENTS, st.integers(1, 20_000))
def test_after_is_the_first_moment_at_which_so_many_minutes_have_passed(start, minutes):
    end = VIENNA.after(start, minutes)
    assert VIENNA.between(start, end) == minutes
    assert VIENNA.between(start, end - timedelta(minutes=1)) == minutes - 1


def test_no_minutes_have_passed_at_once():
    saturday = datetime(2026, 1, 10, 3, tzinfo=UTC)
    assert OFFICE.after(saturday, 0) == saturday


def test_office_hours_keep_their_place_on_the_wall_when_the_clock_is_turned():
    friday = datetime(2026, 3, 27, 15, 30, tzinfo=UTC)  # 16:30 in Vienna
    assert VIENNA.after(friday, 60) == datetime(2026, 3, 30, 7, 30, tzinfo=UTC)  # 9:30 in Vienna, an hour less off


def test_shifts_and_closed_days_of_a_table_count():
    master = Snapshot(
        settings=Policy(horizon_start=datetime(2026, 1, 5, tzinfo=UTC)),
        calendars=(Shift(calendar_id="EARLY", weekday=0, opens="06:00", closes="08:00"),),
        calendar_exceptions=(
            CalendarException(
                calendar_id="EARLY",
                starts_at=datetime(2026, 1, 12, tzinfo=UTC),
                ends_at=datetime(2026, 1, 13, tzinfo=UTC),
                open=False,
            ),
        ),
    )
    policy = DeskPolicy(review=ReviewPolicy(calendar_id="EARLY"))
    working = find_working_time(policy, master)
    assert working.after(datetime(2026, 1, 5, tzinfo=UTC), 180) == datetime(2026, 1, 19, 7, tzinfo=UTC)


def test_a_calendar_that_stands_in_no_table_is_refused():
    policy = DeskPolicy(review=ReviewPolicy(calendar_id="NIGHT"))
    with pytest.raises(InputError, match="'NIGHT' of the review policy stands in no table"):
        find_working_time(policy, Snapshot(settings=Policy(horizon_start=datetime(2026, 1, 5, tzinfo=UTC))))


def test_a_calendar_that_never_opens_is_refused():
    with pytest.raises(InputError, match="not open for 60 minutes"):
        WorkingTime(WallClock("UTC"), shifts=()).after(datetime(2026, 1, 5, tzinfo=UTC), 60)
