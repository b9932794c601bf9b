"""Rule *fixed tasks*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import at, build_plan, build_workshop, change, codes, drop, judge

D = Decimal


def test_a_fixed_task_that_is_missing_is_caught():
    found = judge(drop(build_plan(), "schedule", 3)).violations
    assert ("FIXED_TASK_MISSING", "task F1") in {(finding.code, finding.subject) for finding in found}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("job_id", "J2"),
        ("item_id", "TABLE"),
        ("unit_id", "U1"),
        ("op_no", 20),
        ("resource_id", "M2"),
        ("setup_minutes", D(1)),
        ("start", at(-1, "23:01")),
        ("end", at(0, "01:01")),
        ("quantity", D(6)),
        ("frozen", False),
        ("start", "garbage"),
        ("quantity", None),
    ],
)
def test_a_fixed_task_that_is_changed_is_caught(column, cell):
    found = [
        finding
        for finding in judge(change(build_plan(), "schedule", 3, **{column: cell})).violations
        if finding.code == "FIXED_TASK_CHANGED"
    ]
    assert [(finding.row, finding.column) for finding in found] == [(5, column)]


def test_the_line_of_a_fixed_task_stays_where_it_is_given():
    fixed = [build_workshop().fixed_tasks[0].model_copy(update={"order_id": "O9", "line_no": "1"})]
    assert codes(judge(build_plan(), fixed_tasks=fixed)) == {"FIXED_TASK_CHANGED"}
    tables = change(build_plan(), "schedule", 3, order_id="O9", line_no="1")
    assert judge(tables, fixed_tasks=fixed).is_correct
    assert judge(tables).is_correct


def test_a_task_called_frozen_that_is_not_given_is_caught():
    assert codes(judge(change(build_plan(), "schedule", 1, frozen=True))) == {"NOT_GIVEN"}


def test_a_fixed_task_is_not_judged_by_duration_or_open_time():
    resources = list(build_workshop().resources)
    resources[2] = resources[2].model_copy(update={"calendar_id": "DAY"})
    found = judge(build_plan(), resources=resources).violations
    closed = [finding for finding in found if finding.code in {"TASK_LENGTH", "STARTS_CLOSED"}]
    assert {finding.subject for finding in closed} == {"task T3 on K"}


def test_a_job_that_has_been_started_keeps_its_quantity():
    tables = change(build_plan(), "jobs", 2, quantity=D(10), good_quantity=D(8))
    assert codes(judge(tables)) == {"FIXED_JOB_CHANGED"}


def test_a_fixed_task_off_the_grid_may_be_given_to_the_minute():
    fixed = [
        build_workshop()
        .fixed_tasks[0]
        .model_copy(update={"start": at(-1, "23:00").replace(second=20), "end": at(0, "00:59").replace(second=20)})
    ]
    assert judge(build_plan(), fixed_tasks=fixed).is_correct
    tables = change(build_plan(), "schedule", 3, start=fixed[0].start, end=fixed[0].end)
    assert judge(tables, fixed_tasks=fixed).is_correct
