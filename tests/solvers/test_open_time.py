from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.solvers.shops import Job, Machine, build_shop, one, spans

from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.clock import Clock
from orderopt.solvers.compiled.open_time import ALWAYS, FOREVER, OpenTime, compile_open_times
from orderopt.solvers.scheduling import kernels

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


@st.composite
def open_hours(draw: st.DrawFn) -> OpenTime:
    """Return up to eight open spans with gaps between them."""
    steps = draw(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 90)), max_size=8))
    now, found = draw(st.integers(-50, 50)), []
    for gap, length in steps:
        found.append((now + gap, now + gap + length))
        now += gap + length
    return spans(*found)


def fit_slowly(hours: OpenTime, minute: int, work: int, breakable: bool) -> tuple[int, int]:
    """Fit minute by minute."""
    pairs = list(zip(hours.opens.tolist(), hours.closes.tolist(), strict=True))
    span_of = {each: number for number, (opens, closes) in enumerate(pairs) for each in range(opens, closes)}
    last = max(span_of, default=-1000)
    for start in range(minute, last + 1):
        if start not in span_of:
            continue
        ahead = [each for each in range(start, last + 1) if each in span_of]
        if not breakable:
            ahead = [each for each in ahead if span_of[each] == span_of[start]]
        if len(ahead) >= work:
            return start, start if work == 0 else ahead[work - 1] + 1
    return FOREVER, FOREVER


@given(open_hours(), st.integers(-60, 700), st.integers(0, 300), st.booleans())
def test_fit_finds_the_first_stretch_of_open_minutes(hours: OpenTime, minute: int, work: int, breakable: bool) -> None:
    assert hours.fit(minute, work, breakable) == fit_slowly(hours, minute, work, breakable)


@given(open_hours(), open_hours(), st.integers(-60, 700), st.integers(0, 300), st.booleans())
def test_the_compiled_fit_equals_the_plain_one(
    first: OpenTime, second: OpenTime, minute: int, work: int, breakable: bool
) -> None:
    problem = build_shop([Job((one(0, 1),))], [Machine()], open_times=[first, second])
    for calendar, hours in enumerate([ALWAYS, first, second]):
        assert kernels.fit(problem.arrays, calendar, minute, work, breakable) == hours.fit(minute, work, breakable)


@given(open_hours(), st.integers(-60, 700))
def test_worked_minutes_are_those_that_were_open(hours: OpenTime, minute: int) -> None:
    is_open = [each for opens, closes in zip(hours.opens, hours.closes, strict=True) for each in range(opens, closes)]
    assert hours.worked(minute) == sum(each < minute for each in is_open)
    assert hours.total == len(is_open)
    assert hours.between(minute, minute + 100) == sum(minute <= each < minute + 100 for each in is_open)
    later = [each for each in is_open if each >= minute]
    assert hours.next_open(minute) == (later[0] if later else FOREVER)


@given(open_hours().filter(lambda hours: hours.num_spans > 0), st.data())
def test_working_time_becomes_real_time_and_the_same_working_time_again(hours: OpenTime, data: st.DataObject) -> None:
    work = data.draw(st.integers(0, hours.total))
    end = hours.end_of(work)
    assert hours.worked(end) == work
    assert work == 0 or hours.worked(end - 1) == work - 1
    start = hours.start_of(work)
    if work == hours.total:
        assert start == FOREVER
    else:
        assert hours.worked(start) == work
        assert hours.worked(start + 1) == work + 1


@pytest.mark.parametrize("breakable", [True, False])
def test_what_is_longer_than_all_open_hours_never_fits(breakable: bool) -> None:
    hours = spans((0, 100), (200, 300))
    assert hours.fit(0, 201, breakable) == (FOREVER, FOREVER)
    assert hours.fit(0, 200, True) == (0, 300)
    assert hours.fit(0, 101, False) == (FOREVER, FOREVER)
    assert spans().fit(0, 0, breakable) == (FOREVER, FOREVER)


def test_work_may_end_at_the_moment_of_closing_but_not_start_there() -> None:
    hours = spans((0, 100), (200, 300))
    assert hours.fit(50, 50, True) == (50, 100)
    assert hours.fit(100, 10, True) == (200, 210)
    assert hours.fit(99, 2, True) == (99, 201)
    assert hours.fit(99, 2, False) == (200, 202)


# ------------------------------------------------------------------------------------------------ from the tables


def hours_of(
    shifts: list[Shift],
    exceptions: list[CalendarException] | None = None,
    *,
    zone: str = "UTC",
    start: datetime = MONDAY,
    days: int = 14,
    name: str = "c",
) -> OpenTime:
    snapshot = Snapshot(
        settings=Policy(horizon_start=start, timezone=zone), calendars=shifts, calendar_exceptions=exceptions or []
    )
    return compile_open_times(snapshot, Clock(start, ZoneInfo(zone)), 0, days * 1440)[name]


def shift(weekday: int, opens: str, closes: str) -> Shift:
    return Shift(calendar_id="c", weekday=weekday, opens=opens, closes=closes)


def change(day: float, until: float, is_open: bool) -> CalendarException:
    return CalendarException(
        calendar_id="c", starts_at=MONDAY + timedelta(days=day), ends_at=MONDAY + timedelta(days=until), open=is_open
    )


def test_shifts_that_touch_or_overlap_are_one_span() -> None:
    hours = hours_of(
        [shift(0, "08:00", "12:00"), shift(0, "12:00", "16:00"), shift(0, "15:00", "24:00"), shift(1, "00:00", "02:00")]
    )
    assert [(int(a), int(b)) for a, b in zip(hours.opens, hours.closes, strict=True)] == [
        (480, 1440 + 120),
        (7 * 1440 + 480, 8 * 1440 + 120),
    ]


def test_later_exceptions_win_over_earlier_ones() -> None:
    week = [shift(day, "08:00", "16:00") for day in range(5)]
    closed, extra = change(0, 2, False), change(1, 1.25, True)
    assert hours_of(week, [closed, extra], days=7).total == 3 * 480 + 360
    assert hours_of(week, [extra, closed], days=7).total == 3 * 480


def test_an_exception_may_open_a_calendar_that_has_no_shift_at_all() -> None:
    hours = hours_of([], [change(5, 5.5, True)])
    assert (hours.opens.tolist(), hours.closes.tolist()) == ([5 * 1440], [5 * 1440 + 720])


def test_a_calendar_that_is_closed_throughout_never_opens() -> None:
    hours = hours_of([shift(0, "08:00", "16:00")], [change(-100, 1000, False)])
    assert hours.num_spans == hours.total == 0
    assert hours.next_open(0) == FOREVER


@pytest.mark.parametrize(("start", "night"), [("2026-03-28", 5), ("2026-10-24", 7), ("2026-06-06", 6)])
def test_a_night_shift_lasts_as_long_as_the_night_on_which_the_clock_changes(start: str, night: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime.fromisoformat(start).replace(tzinfo=zone)
    hours = hours_of([shift(6, "00:00", "06:00")], zone="Europe/Berlin", start=begin.astimezone(UTC), days=7)
    assert hours.total == night * 60


def test_shifts_keep_their_hour_on_the_wall_over_a_change_of_the_clock() -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 3, 23, tzinfo=zone)
    clock = Clock(begin.astimezone(UTC), zone)
    hours = hours_of([shift(day, "08:00", "16:00") for day in range(7)], zone="Europe/Berlin", start=clock.origin)
    assert {f"{clock.moment(minute):%H:%M}" for minute in hours.opens} == {"08:00"}
    assert {f"{clock.moment(minute):%H:%M}" for minute in hours.closes} == {"16:00"}
    assert np.unique(np.diff(hours.opens)).tolist() == [1380, 1440]
