"""Rule *working time*."""

from datetime import timedelta
from decimal import Decimal

from tests.rules.workshop import at, build_plan, build_workshop, change, codes, judge

from orderopt.models.calendar import CalendarException

D = Decimal


def test_a_task_too_short_or_too_long_is_caught_with_its_figures():
    for end in (at(0, "09:14"), at(0, "09:16")):
        found = [
            finding
            for finding in judge(change(build_plan(), "schedule", 0, end=end)).violations
            if finding.code == "TASK_LENGTH"
        ]
        assert [finding.subject for finding in found] == ["task T1 on M1"]
        assert found[0].expected == "75: 15 of setup and 60 of work"


def test_a_task_pauses_while_the_resource_is_closed():
    tables = change(build_plan(), "schedule", 0, start=at(0, "15:30"), end=at(1, "08:45"))
    tables = change(change(tables, "pegging", 1, needed_at=at(0, "15:30")), "pegging", 2, needed_at=at(0, "15:30"))
    assert not codes(judge(tables)) & {"TASK_LENGTH", "TASK_BROKEN", "STARTS_CLOSED", "ENDS_CLOSED"}
    assert "TASK_LENGTH" in codes(judge(change(tables, "schedule", 0, end=at(1, "08:44"))))


def test_an_unbreakable_task_spans_no_closed_minute():
    operations = list(build_workshop().operations)
    operations[0] = operations[0].model_copy(update={"breakable": False})
    tables = change(build_plan(), "schedule", 0, start=at(0, "15:30"), end=at(1, "08:45"))
    assert "TASK_BROKEN" in codes(judge(tables, operations=operations))
    assert judge(build_plan(), operations=operations).is_correct


def test_a_task_may_end_as_the_resource_closes():
    tables = change(build_plan(), "schedule", 0, start=at(0, "14:45"), end=at(0, "16:00"))
    tables = change(change(tables, "pegging", 1, needed_at=at(0, "14:45")), "pegging", 2, needed_at=at(0, "14:45"))
    assert judge(tables).is_correct


def test_a_task_may_not_start_or_end_in_closed_time():
    assert "STARTS_CLOSED" in codes(judge(change(build_plan(), "schedule", 0, start=at(0, "07:59"))))
    late = change(build_plan(), "schedule", 0, start=at(0, "14:45"), end=at(0, "16:01"))
    assert "ENDS_CLOSED" in codes(judge(late))
    opening = change(build_plan(), "schedule", 0, start=at(0, "14:45"), end=at(1, "08:00"))
    assert "ENDS_CLOSED" in codes(judge(opening))


def test_a_task_may_not_start_as_the_resource_closes():
    tables = change(build_plan(), "schedule", 0, start=at(0, "16:00"), end=at(1, "09:15"))
    assert "STARTS_CLOSED" in codes(judge(tables))


def test_exceptions_of_the_calendar_count():
    closed = CalendarException(calendar_id="DAY", starts_at=at(0, "08:30"), ends_at=at(0, "09:00"), open=False)
    assert codes(judge(build_plan(), calendar_exceptions=[closed])) == {"TASK_LENGTH"}
    tables = change(build_plan(), "schedule", 0, end=at(0, "09:45"))
    assert judge(tables, calendar_exceptions=[closed]).is_correct
    reopened = closed.model_copy(update={"open": True})
    assert judge(build_plan(), calendar_exceptions=[closed, reopened]).is_correct


def test_work_is_rounded_up_to_a_whole_minute_after_efficiency():
    resources = list(build_workshop().resources)
    resources[0] = resources[0].model_copy(update={"efficiency": D("0.7")})  # 60 / 0.7 = 85.7
    assert codes(judge(build_plan(), resources=resources)) == {"TASK_LENGTH"}
    tables = change(build_plan(), "schedule", 0, end=at(0, "09:41"))
    assert judge(tables, resources=resources).is_correct


def test_work_that_is_a_whole_minute_is_not_rounded_up():
    operations = list(build_workshop().operations)
    operations[0] = operations[0].model_copy(update={"fixed_minutes": D("9.9"), "minutes_per_unit": D("5.01")})
    assert judge(build_plan(), operations=operations).is_correct  # 9.9 + 10 × 5.01 = 60
    operations[0] = operations[0].model_copy(update={"fixed_minutes": D("9.900001")})
    assert codes(judge(build_plan(), operations=operations)) == {"TASK_LENGTH"}


def test_very_large_quantities_are_counted_exactly():
    operations = list(build_workshop().operations)
    operations[1] = operations[1].model_copy(update={"minutes_per_unit": D("999999999999.999999")})
    found = list(judge(build_plan(), operations=operations).violations)
    assert [finding.expected for finding in found if finding.code == "TASK_LENGTH"] == [
        "10000000000000: 0 of setup and 10000000000000 of work"
    ]


def test_a_task_of_zero_minutes_starts_at_an_open_minute():
    operations = list(build_workshop().operations)
    operations[1] = operations[1].model_copy(update={"minutes_per_unit": D(0), "resource_id": "M1"})
    tables = change(build_plan(), "schedule", 1, resource_id="M1", start=at(1, "08:00"), end=at(1, "08:00"))
    tables = change(tables, "pegging", 3, needed_at=at(1, "08:00"))
    found = codes(judge(tables, operations=operations))
    assert not found & {"STARTS_CLOSED", "ENDS_CLOSED", "TASK_LENGTH", "CAPACITY_OVERLAP", "SETUP_MINUTES"}
    closed = change(tables, "schedule", 1, start=at(1, "07:59"), end=at(1, "07:59"))
    assert "STARTS_CLOSED" in codes(judge(closed, operations=operations))


def test_times_off_the_grid_and_backwards_are_caught():
    assert "OFF_GRID" in codes(judge(change(build_plan(), "schedule", 1, end=at(1, "00:20") + timedelta(seconds=1))))
    off_grid = at(1, "00:00") + timedelta(seconds=1)
    assert "OFF_GRID" in codes(judge(change(build_plan(), "promises", 1, promised_at=off_grid)))
    assert "TASK_BACKWARDS" in codes(judge(change(build_plan(), "schedule", 1, end=at(0, "23:00"))))


def test_a_setup_of_a_fraction_of_a_minute_takes_the_whole_minute():
    setups = [build_workshop().setups[0].model_copy(update={"minutes": D("14.5")})]
    for said in (D("14.5"), D(15)):
        assert judge(change(build_plan(), "schedule", 0, setup_minutes=said), setups=setups).is_correct
    assert "SETUP_MINUTES" in codes(judge(change(build_plan(), "schedule", 0, setup_minutes=D(14)), setups=setups))


def test_a_task_whose_time_cannot_be_read_is_not_judged_by_it():
    found = codes(judge(change(build_plan(), "schedule", 0, start="garbage")))
    assert "BAD_VALUE" in found
    assert not found & {"TASK_LENGTH", "STARTS_CLOSED", "TASK_BACKWARDS", "BEFORE_PLANNING_START", "MATERIAL_LATE"}
