"""Rule *earliest*."""

from datetime import timedelta

import pytest
from tests.rules.workshop import at, build_plan, build_workshop, change, codes, judge


def with_release(row, release_at):
    lines = list(build_workshop().order_lines)
    lines[row] = lines[row].model_copy(update={"release_at": release_at})
    return lines


def with_settings(**cells):
    return build_workshop().settings.model_copy(update=cells)


def test_nothing_planned_starts_before_the_horizon_but_fixed_tasks_do():
    assert judge(build_plan()).is_correct  # the fixed task starts the day before
    tables = change(build_plan(), "schedule", 2, start=at(-1, "23:59"), end=at(0, "00:49"))
    assert "BEFORE_PLANNING_START" in codes(judge(tables))


def test_nothing_planned_starts_before_frozen_until():
    assert judge(build_plan(), settings=with_settings(frozen_until=at(0, "00:00"))).is_correct
    found = judge(build_plan(), settings=with_settings(frozen_until=at(0, "00:01"))).violations
    assert [(finding.code, finding.subject) for finding in found] == [("BEFORE_PLANNING_START", "task T3 on K")]


def test_no_task_starts_before_the_release_of_its_line():
    assert judge(build_plan(), order_lines=with_release(0, at(0, "00:00"))).is_correct
    found = judge(build_plan(), order_lines=with_release(0, at(0, "08:01"))).violations
    assert {(finding.code, finding.subject) for finding in found} == {
        ("BEFORE_RELEASE", "task T1 on M1"),
        ("BEFORE_RELEASE", "task T3 on K"),
    }


def test_components_wait_for_the_release_of_the_line_they_end_up_in():
    found = judge(build_plan(), order_lines=with_release(0, at(0, "00:01"))).violations
    assert [finding.subject for finding in found] == ["task T3 on K"]


def test_a_job_for_stock_waits_for_the_line_it_serves_all_the_same():
    tables = change(build_plan(), "jobs", 0, parent_type="stock", parent_id=None)
    assert judge(tables).is_correct
    assert "BEFORE_RELEASE" in codes(judge(tables, order_lines=with_release(0, at(0, "08:01"))))


def test_stock_is_handed_over_no_earlier_than_the_release():
    assert codes(judge(build_plan(), order_lines=with_release(2, at(0, "07:00")))) == {"PROMISED_AT"}
    tables = change(build_plan(), "promises", 2, promised_at=at(0, "07:00"))
    assert judge(tables, order_lines=with_release(2, at(0, "07:00"))).is_correct


@pytest.mark.parametrize("early", [timedelta(0), timedelta(days=30)])
def test_stock_and_receipts_are_handed_over_no_earlier_than_the_horizon(early):
    stock = [build_workshop().stock[0].model_copy(update={"available_at": at(0, "00:00") - early})]
    tables = change(build_plan(), "promises", 2, promised_at=at(0, "00:00"))
    assert judge(tables, stock=stock, order_lines=with_release(2, None)).is_correct


def test_jobs_made_for_one_another_in_a_circle_do_not_hang_the_judge():
    tables = change(change(build_plan(), "jobs", 0, parent_type="job", parent_id="J2"), "jobs", 1, parent_id="J1")
    assert "PARENT_NOT_PEGGED" in codes(judge(tables))
