"""Rule *capacity*."""

from decimal import Decimal

from tests.rules.workshop import add, at, build_plan, build_workshop, change, judge

from orderopt.models.calendar import Shift
from orderopt.models.network import CapacityChange
from orderopt.models.result import FixedTask

D = Decimal


def with_second_job(start, end, resource="M2", op_no=20):
    """Return the tables with one more task of J1 (its other faults do not matter here)."""
    return add(
        build_plan(), "schedule", "T9", "J1", "O1", "1", "TABLE", "U1", op_no, resource, D(0), start, end, D(10), False
    )


def overlaps(tables, **given):
    return [
        (finding.subject, finding.row)
        for finding in judge(tables, **given).violations
        if finding.code in {"CAPACITY_OVERLAP", "CAPACITY_EXCEEDED"}
    ]


def test_tasks_on_a_single_resource_do_not_overlap():
    assert overlaps(with_second_job(at(1, "00:19"), at(1, "00:39"))) == [("task T9 on M2", 6)]


def test_one_task_may_start_as_the_other_ends():
    assert overlaps(with_second_job(at(1, "00:20"), at(1, "00:40"))) == []
    assert overlaps(with_second_job(at(0, "23:40"), at(1, "00:00"))) == []


def test_a_task_inside_a_long_one_is_caught_even_after_a_short_one():
    tables = with_second_job(at(1, "00:01"), at(1, "00:03"))
    tables = add(
        tables,
        "schedule",
        "T10",
        "J1",
        "O1",
        "1",
        "TABLE",
        "U1",
        20,
        "M2",
        D(0),
        at(1, "00:10"),
        at(1, "00:12"),
        D(10),
        False,
    )
    assert overlaps(tables) == [("task T9 on M2", 6), ("task T10 on M2", 7)]


def test_tasks_on_different_resources_may_overlap():
    assert overlaps(with_second_job(at(1, "08:00"), at(1, "08:20"), resource="M1")) == []


def test_a_task_of_zero_minutes_occupies_nothing():
    assert overlaps(with_second_job(at(1, "00:10"), at(1, "00:10"))) == []


def test_a_resource_with_capacity_two_does_two_tasks_at_once():
    third = add(
        build_plan(),
        "schedule",
        "T9",
        "J2",
        "O1",
        "1",
        "LEG",
        "U2",
        10,
        "K",
        D(0),
        at(0, "00:49"),
        at(0, "01:39"),
        D(50),
        False,
    )
    found = [finding for finding in judge(third).violations if finding.code == "CAPACITY_EXCEEDED"]
    assert [finding.subject for finding in found] == ["task T9 on K"]
    assert found[0].says.startswith("3 tasks")
    after = change(third, "schedule", 4, start=at(0, "00:50"), end=at(0, "01:40"))
    assert overlaps(after) == []


def fixed(task_id, start, end, resource="M2"):
    return FixedTask(
        task_id=task_id,
        job_id="X",
        item_id="TABLE",
        unit_id="U1",
        op_no=20,
        resource_id=resource,
        start=start,
        end=end,
        quantity=D(1),
    )


def with_fixed(*tasks):
    tables = build_plan()
    for task in tasks:
        tables = add(
            tables,
            "schedule",
            task.task_id,
            "X",
            None,
            None,
            "TABLE",
            "U1",
            20,
            task.resource_id,
            D(0),
            task.start,
            task.end,
            D(1),
            True,
        )
    return tables, [*build_workshop().fixed_tasks, *tasks]


def test_fixed_tasks_may_overlap_one_another():
    tables, given = with_fixed(fixed("F2", at(0, "00:00"), at(0, "02:00")), fixed("F3", at(0, "01:00"), at(0, "03:00")))
    assert judge(tables, fixed_tasks=given).is_correct


def test_planned_tasks_do_not_overlap_fixed_ones_whichever_comes_first():
    tables, given = with_fixed(fixed("F2", at(0, "23:00"), at(1, "00:01")))
    assert overlaps(tables, fixed_tasks=given) == [("task T2 on M2", 3)]
    tables, given = with_fixed(fixed("F2", at(1, "00:19"), at(1, "02:00")))
    assert overlaps(tables, fixed_tasks=given) == [("task F2 on M2", 6)]


def test_a_fixed_task_between_does_not_hide_an_overlap():
    long, short = fixed("F2", at(0, "20:00"), at(1, "00:10")), fixed("F3", at(0, "21:00"), at(0, "22:00"))
    tables, given = with_fixed(long, short)
    assert overlaps(tables, fixed_tasks=given) == [("task T2 on M2", 3)]


def test_a_fixed_task_ends_at_the_whole_minute_after():
    off_grid = fixed("F2", at(0, "23:00"), at(1, "00:00").replace(second=30))
    tables, given = with_fixed(off_grid)
    assert overlaps(tables, fixed_tasks=given) == [("task T2 on M2", 3)]


def window(capacity, start, end, resource="K"):
    return CapacityChange(resource_id=resource, starts_at=start, ends_at=end, capacity=capacity)


def test_fewer_tasks_fit_while_places_are_missing():
    # K has two places; T3 is there from 00:00 to 00:50, the fixed F1 from 23:00 to 01:00
    assert overlaps(build_plan(), capacity_changes=[window(2, at(0, "00:00"), at(0, "08:00"))]) == []
    assert overlaps(build_plan(), capacity_changes=[window(1, at(0, "00:50"), at(0, "08:00"))]) == []
    assert overlaps(build_plan(), capacity_changes=[window(1, at(0, "00:00"), at(0, "08:00"))]) == [("task T3 on K", 4)]


def test_a_task_that_runs_when_a_window_begins_is_caught_there():
    (found,) = judge(build_plan(), capacity_changes=[window(1, at(0, "00:49"), at(0, "08:00"))]).violations
    assert (found.code, found.subject, found.expected) == ("CAPACITY_EXCEEDED", "resource K", "at most 1 at once")
    assert found.says.startswith("2 tasks are on the resource from 2026-01-05 00:49")


def test_the_lowest_of_overlapping_windows_counts_and_fixed_tasks_alone_may_exceed_it():
    windows = [window(1, at(0, "00:50"), at(0, "08:00")), window(0, at(0, "00:55"), at(0, "00:58"))]
    assert overlaps(build_plan(), capacity_changes=windows) == []
    windows = [window(2, at(0, "00:00"), at(0, "08:00")), window(0, at(0, "00:30"), at(0, "00:31"))]
    assert overlaps(build_plan(), capacity_changes=windows) == [("resource K", None)]


def test_a_window_counts_only_in_open_time():
    hours = [Shift(calendar_id="K", weekday=0, opens="00:00", closes="00:50")]
    resources = [
        row.model_copy(update={"calendar_id": "K"}) if row.resource_id == "K" else row
        for row in build_workshop().resources
    ]
    given = {"resources": resources, "calendars": [*build_workshop().calendars, *hours]}
    assert overlaps(build_plan(), **given, capacity_changes=[window(0, at(0, "00:50"), at(0, "08:00"))]) == []
    assert overlaps(build_plan(), **given, capacity_changes=[window(0, at(0, "00:49"), at(0, "08:00"))]) == [
        ("resource K", None)
    ]
