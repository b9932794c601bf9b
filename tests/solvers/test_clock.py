from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.solvers.compiled.clock import Clock

BERLIN = ZoneInfo("Europe/Berlin")
SYDNEY = ZoneInfo("Australia/Sydney")
ORIGIN = datetime(2026, 1, 5, tzinfo=UTC)


@given(
    st.integers(-2_000_000, 4_000_000),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Shanghai"]),
)
def test_a_minute_becomes_a_moment_and_the_same_minute_again(minute: int, zone: str) -> None:
    clock = Clock(ORIGIN, ZoneInfo(zone))
    assert clock.tick(clock.moment(minute)) == minute
    assert (
        clock.moment(minute).utcoffset() == ORIGIN.astimezone(UTC).astimezone(ZoneInfo(zone)).utcoffset()
        or zone != "UTC"
    )


def test_a_moment_within_a_minute_is_refused() -> None:
    with pytest.raises(ValueError, match="not on a whole minute"):
        Clock(ORIGIN, BERLIN).tick(ORIGIN + timedelta(seconds=30))


def test_moments_of_other_zones_count_the_same_minutes() -> None:
    clock = Clock(ORIGIN, BERLIN)
    assert clock.tick(datetime(2026, 1, 5, 9, tzinfo=BERLIN)) == 8 * 60
    assert clock.tick(datetime(2026, 1, 5, 17, tzinfo=ZoneInfo("Asia/Shanghai"))) == 9 * 60


def wall(zone: ZoneInfo, day: datetime, minute: int) -> str:
    clock = Clock(ORIGIN, zone)
    return f"{clock.moment(clock.wall(day, minute)):%d %H:%M %z}"


def test_a_wall_time_that_daylight_saving_skips_is_the_end_of_the_gap() -> None:
    day = datetime(2026, 3, 29)
    assert wall(BERLIN, day, 2 * 60 + 30) == "29 03:00 +0200"
    assert wall(BERLIN, day, 2 * 60) == "29 03:00 +0200"
    assert wall(BERLIN, day, 1 * 60 + 59) == "29 01:59 +0100"
    assert wall(BERLIN, day, 3 * 60 + 1) == "29 03:01 +0200"


def test_a_wall_time_that_comes_twice_is_the_first_of_both() -> None:
    assert wall(BERLIN, datetime(2026, 10, 25), 2 * 60 + 30) == "25 02:30 +0200"


def test_a_gap_of_half_an_hour_is_stepped_over_too() -> None:
    # Lord Howe puts the clock forward by half an hour only
    assert wall(ZoneInfo("Australia/Lord_Howe"), datetime(2026, 10, 4), 2 * 60 + 10) == "04 02:30 +1100"


def test_minute_1440_is_the_midnight_that_ends_the_day() -> None:
    clock = Clock(ORIGIN, SYDNEY)
    day = datetime(2026, 4, 5)  # 25 hours long in Sydney
    assert clock.wall(day, 1440) == clock.wall(datetime(2026, 4, 6), 0)
    assert clock.wall(day, 1440) - clock.wall(day, 0) == 25 * 60


def test_weeks_begin_on_monday_at_local_midnight_however_long_they_are() -> None:
    clock = Clock(datetime(2026, 3, 23, 11, tzinfo=UTC), BERLIN)
    weeks = clock.week_starts(0, 30 * 1440)
    assert [f"{clock.moment(week):%a %H:%M}" for week in weeks] == ["Mon 00:00"] * len(weeks)
    assert weeks[0] <= 0 < weeks[1]
    assert weeks[-1] >= 30 * 1440
    assert [later - earlier for earlier, later in pairwise(weeks)][:2] == [7 * 1440 - 60, 7 * 1440]
