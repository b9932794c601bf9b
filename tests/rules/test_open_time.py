"""Open time, on the days of clock changes above all."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.rules.open_time import OpenTime, open_spans
from orderopt.rules.wall_clock import WallClock, to_minute, to_moment

SPRING, AUTUMN = (2026, 3, 29), (2026, 10, 25)  # Sundays on which Berlin changes its clocks, at 01:00 UTC


def utc(year, month, day, hour=0, minute=0):
    return to_minute(datetime(year, month, day, hour, minute, tzinfo=UTC))


def build(*shifts, timezone="Europe/Berlin", exceptions=()):
    return Snapshot(
        settings=Policy(horizon_start=datetime(2026, 1, 1, tzinfo=UTC), timezone=timezone),
        calendars=[Shift(calendar_id="C", weekday=day, opens=opens, closes=closes) for day, opens, closes in shifts],
        calendar_exceptions=[
            CalendarException(calendar_id="C", starts_at=begin, ends_at=end, open=is_open)
            for begin, end, is_open in exceptions
        ],
    )


def spans_of_day(snapshot, day):
    """Return the spans of one local Berlin day as pairs of UTC HH:MM, from the evening before in UTC."""
    since = to_minute(datetime(*day, tzinfo=ZoneInfo("Europe/Berlin")))
    until = to_minute(datetime(day[0], day[1], day[2] + 1, tzinfo=ZoneInfo("Europe/Berlin")))
    return [tuple(f"{to_moment(int(edge)):%H:%M}" for edge in span) for span in open_spans(snapshot, "C", since, until)]


@pytest.mark.parametrize(
    ("opens", "closes", "day", "expected"),
    [
        ("02:00", "04:00", SPRING, ("01:00", "02:00")),  # an hour is skipped
        ("02:00", "04:00", AUTUMN, ("00:00", "03:00")),  # an hour comes twice
        ("22:00", "24:00", SPRING, ("20:00", "22:00")),
        ("22:00", "24:00", AUTUMN, ("21:00", "23:00")),
        ("00:00", "24:00", SPRING, ("23:00", "22:00")),
        ("00:00", "24:00", AUTUMN, ("22:00", "23:00")),
        ("02:15", "04:00", SPRING, ("01:00", "02:00")),  # 02:15 is in the gap: the end of the gap
        ("01:00", "02:30", SPRING, ("00:00", "01:00")),
        ("02:30", "04:00", AUTUMN, ("00:30", "03:00")),  # the first 02:30
        ("08:00", "16:00", SPRING, ("06:00", "14:00")),
    ],
)
def test_a_shift_has_its_real_length_on_the_day_of_a_clock_change(opens, closes, day, expected):
    assert spans_of_day(build((6, opens, closes)), day) == [expected]


def test_a_shift_inside_the_gap_does_not_happen():
    assert spans_of_day(build((6, "02:10", "02:50")), SPRING) == []


def test_shifts_that_meet_stay_together_over_the_clock_change():
    shifts = [(6, "00:00", "02:30"), (6, "02:30", "24:00")]
    for day, length in ((SPRING, 23), (AUTUMN, 25)):
        since, until = (
            to_minute(datetime(day[0], day[1], day[2] + more, tzinfo=ZoneInfo("Europe/Berlin"))) for more in (0, 1)
        )
        assert open_spans(build(*shifts), "C", since, until).tolist() == [[since, since + length * 60]]


def test_no_calendar_is_always_open():
    assert open_spans(build(), None, 5, 9).tolist() == [[5, 9]]
    assert open_spans(build(), None, 9, 9).shape == (0, 2)
    assert open_spans(build(), None, 9, 5).shape == (0, 2)


def test_a_calendar_without_rows_is_never_open_but_for_extra_time():
    assert open_spans(build(), "C", utc(2026, 1, 1), utc(2027, 1, 1)).shape == (0, 2)
    extra = [(datetime(2026, 1, 3, 8, tzinfo=UTC), datetime(2026, 1, 3, 9, tzinfo=UTC), True)]
    spans = open_spans(build(exceptions=extra), "C", utc(2026, 1, 1), utc(2027, 1, 1))
    assert spans.tolist() == [[utc(2026, 1, 3, 8), utc(2026, 1, 3, 9)]]


def test_shifts_up_to_midnight_and_from_midnight_are_one_span():
    spans = open_spans(
        build((0, "22:00", "24:00"), (1, "00:00", "06:00"), timezone="UTC"), "C", utc(2026, 1, 5), utc(2026, 1, 7)
    )
    assert spans.tolist() == [[utc(2026, 1, 5, 22), utc(2026, 1, 6, 6)]]


def test_overlapping_shifts_are_merged():
    spans = open_spans(
        build((0, "08:00", "12:00"), (0, "10:00", "14:00"), (0, "09:00", "10:00"), timezone="UTC"),
        "C",
        utc(2026, 1, 5),
        utc(2026, 1, 6),
    )
    assert spans.tolist() == [[utc(2026, 1, 5, 8), utc(2026, 1, 5, 14)]]


def test_spans_are_clipped_to_what_was_asked():
    snapshot = build((0, "08:00", "12:00"), timezone="UTC")
    spans = open_spans(snapshot, "C", utc(2026, 1, 5, 9), utc(2026, 1, 5, 11))
    assert spans.tolist() == [[utc(2026, 1, 5, 9), utc(2026, 1, 5, 11)]]
    assert spans.dtype == np.int64


def test_later_exceptions_win():
    def at(hour):
        return datetime(2026, 1, 5, hour, tzinfo=UTC)

    closed, opened = (at(9), at(11), False), (at(10), at(12), True)
    for exceptions, expected in (
        ([closed, opened], [[utc(2026, 1, 5, 8), utc(2026, 1, 5, 9)], [utc(2026, 1, 5, 10), utc(2026, 1, 5, 14)]]),
        ([opened, closed], [[utc(2026, 1, 5, 8), utc(2026, 1, 5, 9)], [utc(2026, 1, 5, 11), utc(2026, 1, 5, 14)]]),
    ):
        snapshot = build((0, "08:00", "14:00"), timezone="UTC", exceptions=exceptions)
        assert open_spans(snapshot, "C", utc(2026, 1, 5), utc(2026, 1, 6)).tolist() == expected


SHIFTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 47), st.integers(1, 48)), max_size=5)
SPANS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 100), st.booleans()), max_size=4)


@given(
    SHIFTS,
    SPANS,
    st.sampled_from(["Europe/Berlin", "UTC", "America/Santiago", "Australia/Lord_Howe"]),
    st.sampled_from([SPRING, AUTUMN, (2026, 4, 5), (2026, 9, 6)]),
)
def test_spans_agree_with_looking_at_every_quarter_of_an_hour(shifts, changes, timezone, day):
    shifts = {(weekday, opens): closes for weekday, opens, closes in shifts if opens < closes}
    rows = [
        (weekday, f"{opens // 2:02}:{opens % 2 * 30:02}", f"{closes // 2:02}:{closes % 2 * 30:02}")
        for (weekday, opens), closes in shifts.items()
    ]
    since = utc(*day) - 2 * 1440
    exceptions = [
        (to_moment(since + 15 * begin), to_moment(since + 15 * (begin + length)), is_open)
        for begin, length, is_open in changes
    ]
    clock = OpenTime(open_spans(build(*rows, timezone=timezone, exceptions=exceptions), "C", since, since + 4 * 1440))
    zone = ZoneInfo(timezone)
    quarters = np.arange(since, since + 4 * 1440, 15)
    expected = []
    for minute in quarters.tolist():
        local = to_moment(minute).astimezone(zone)
        half_hours = local.hour * 2 + local.minute // 30
        if local.fold:  # the repeated time belongs to whatever holds the first time and has not closed by then
            half_hours = None
        is_open = half_hours is None or any(
            weekday == local.weekday() and opens <= half_hours < closes for (weekday, opens), closes in shifts.items()
        )
        for begin, end, opens in exceptions:
            if begin <= to_moment(minute) < end:
                is_open = opens
                half_hours = 0
        expected.append(None if half_hours is None else is_open)
    found = clock.is_open(quarters).tolist()
    assert [one for one, other in zip(found, expected, strict=True) if other is not None] == [
        other for other in expected if other is not None
    ]


@given(st.lists(st.integers(0, 2000), max_size=20, unique=True), st.lists(st.integers(-10, 2010), min_size=1))
def test_open_minutes_are_counted_as_by_hand(edges, moments):
    edges = sorted(edges)[: len(edges) // 2 * 2]
    spans = np.array(edges, dtype=np.int64).reshape(-1, 2)
    is_open = {minute for begin, end in spans.tolist() for minute in range(begin, end)}
    clock = OpenTime(spans)
    assert clock.count(np.array(moments)).tolist() == [sum(minute < moment for minute in is_open) for moment in moments]
    assert clock.is_open(np.array(moments)).tolist() == [moment in is_open for moment in moments]


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
    st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]),
)
def test_the_wall_clock_agrees_with_the_time_zone_database(moment, timezone):
    minute = to_minute(moment.replace(tzinfo=UTC))
    local = to_moment(minute).astimezone(ZoneInfo(timezone))
    wall = to_minute(local.replace(tzinfo=UTC))
    clock = WallClock(timezone)
    assert clock.to_local(np.array([minute])).tolist() == [wall]
    first = to_minute(local.replace(tzinfo=ZoneInfo(timezone), fold=0).astimezone(UTC))
    assert clock.to_utc(np.array([wall])).tolist() == [first]
