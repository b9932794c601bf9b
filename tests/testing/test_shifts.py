from __future__ import annotations

from datetime import timedelta

import pytest

from orderopt.testing.shifts import DAY, START, ZONE, build_exceptions, build_shifts, judge_open_minutes

# one week with Labour Day on its Friday
OPEN_HOURS = {"ONE-SHIFT": 4 * 8, "TWO-SHIFT": 4 * 16, "ROUND-THE-CLOCK": 5 * 24}


@pytest.mark.parametrize("calendar_id", OPEN_HOURS)
def test_a_holiday_closes_every_calendar(calendar_id: str) -> None:
    minutes = judge_open_minutes(build_shifts(), build_exceptions(), START, START + 7 * DAY, ZONE)
    assert minutes[calendar_id] == 60 * OPEN_HOURS[calendar_id]


def test_overtime_opens_a_saturday_morning() -> None:
    saturday = START + 12 * DAY
    minutes = judge_open_minutes(build_shifts(), build_exceptions(), saturday, saturday + DAY, ZONE)
    assert minutes["TWO-SHIFT"] == 6 * 60


def test_a_window_that_begins_within_a_shift_counts_the_rest_of_it() -> None:
    begin = START + timedelta(hours=13)
    minutes = judge_open_minutes(build_shifts(), build_exceptions(), begin, START + DAY, ZONE)
    assert minutes["TWO-SHIFT"] == 9 * 60
    assert minutes["ONE-SHIFT"] == 150
