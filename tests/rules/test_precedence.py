"""Rule *precedence*."""

from decimal import Decimal

from tests.rules.workshop import add, at, build_plan, build_workshop, change, codes, drop, judge

from orderopt.models.result import FixedTask

D = Decimal


def test_a_missing_step_is_named():
    found = [
        finding for finding in judge(drop(build_plan(), "schedule", 1)).violations if finding.code == "STEP_MISSING"
    ]
    assert [finding.subject for finding in found] == ["job J1"]
    assert "step 20" in found[0].says


def test_a_job_without_any_task_lacks_every_step():
    found = [
        finding for finding in judge(drop(build_plan(), "schedule", 0, 1)).violations if finding.code == "STEP_MISSING"
    ]
    assert "step 10, 20 " in found[0].says


def test_a_step_done_twice_is_caught():
    tables = add(
        build_plan(),
        "schedule",
        "T9",
        "J1",
        "O1",
        "1",
        "TABLE",
        "U1",
        20,
        "M2",
        D(0),
        at(1, "01:00"),
        at(1, "01:20"),
        D(10),
        False,
    )
    tables = change(tables, "jobs", 0, available_at=at(1, "01:20"))
    assert "STEP_TWICE" in codes(judge(tables))


def test_the_next_step_waits_for_the_transfer():
    tables = build_plan()
    tables["pegging"] = tables["pegging"].drop(index=3).reset_index(drop=True)
    bom = build_workshop().bom[:2]
    for start, is_right in ((at(0, "09:45"), True), (at(0, "09:44"), False)):
        moved = change(
            tables,
            "schedule",
            1,
            start=start,
            end=start.replace(minute=start.minute) + (at(0, "00:20") - at(0, "00:00")),
        )
        found = [finding for finding in judge(moved, bom=bom).violations if finding.code == "STEP_TOO_EARLY"]
        assert (not found) is is_right
    assert "2026-01-05 09:45" in found[0].expected


def test_a_fraction_of_a_minute_of_transfer_counts():
    operations = list(build_workshop().operations)
    operations[0] = operations[0].model_copy(update={"transfer_minutes": D("884.5")})
    assert codes(judge(build_plan(), operations=operations)) == set()
    operations[0] = operations[0].model_copy(update={"transfer_minutes": D("885.000001")})
    assert codes(judge(build_plan(), operations=operations)) == {"STEP_TOO_EARLY"}


def test_steps_follow_their_numbers_not_the_table():
    operations = build_workshop().operations[::-1]
    assert judge(build_plan(), operations=operations).is_correct


def test_available_at_of_a_job_is_the_end_of_its_last_task():
    assert codes(judge(change(build_plan(), "jobs", 1, available_at=at(0, "00:49")))) == {"JOB_AVAILABLE_AT"}


def build_started():
    """Return fixed tasks and tables of a plan in which step 20 of J1 is fixed."""
    given = build_workshop()
    fixed = [
        *given.fixed_tasks,
        FixedTask(
            task_id="T2",
            job_id="J1",
            order_id="O1",
            line_no="1",
            item_id="TABLE",
            unit_id="U1",
            op_no=20,
            resource_id="M2",
            start=at(1, "00:00"),
            end=at(1, "00:20"),
            quantity=D(10),
        ),
    ]
    tables = change(build_plan(), "schedule", 1, frozen=True)
    return fixed, tables


def test_steps_before_a_fixed_one_are_finished_and_draw_nothing():
    fixed, tables = build_started()
    tables = drop(drop(tables, "schedule", 0, 2), "pegging", 1, 2, 3)
    tables = drop(tables, "jobs", 1)
    assert judge(tables, fixed_tasks=fixed).violations == ()


def test_a_task_for_a_finished_step_is_caught():
    fixed, tables = build_started()
    assert codes(judge(tables, fixed_tasks=fixed)) == {"STEP_FINISHED"}


def test_steps_after_the_fixed_one_are_still_to_be_done():
    given = build_workshop()
    fixed = [
        *given.fixed_tasks,
        FixedTask(
            task_id="T1",
            job_id="J1",
            item_id="TABLE",
            unit_id="U1",
            op_no=10,
            resource_id="M1",
            setup_minutes=D(15),
            start=at(0, "08:00"),
            end=at(0, "09:15"),
            quantity=D(10),
        ),
    ]
    tables = change(build_plan(), "schedule", 0, frozen=True)
    assert judge(tables, fixed_tasks=fixed).violations == ()
    assert "STEP_MISSING" in codes(judge(drop(tables, "schedule", 1), fixed_tasks=fixed))


def test_fixed_tasks_among_themselves_are_not_judged():
    fixed, tables = build_started()
    early = FixedTask(
        task_id="T1",
        job_id="J1",
        item_id="TABLE",
        unit_id="U1",
        op_no=10,
        resource_id="M1",
        start=at(0, "23:00"),
        end=at(1, "09:00"),
        quantity=D(10),
    )
    tables = change(tables, "schedule", 0, start=at(0, "23:00"), end=at(1, "09:00"), setup_minutes=D(0), frozen=True)
    tables = change(tables, "jobs", 0, available_at=at(1, "09:00"))
    assert "STEP_TOO_EARLY" not in codes(judge(tables, fixed_tasks=[*fixed, early]))


def with_step(**columns):
    """Return the operations with some columns of the first step of the table exchanged."""
    operations = list(build_workshop().operations)
    operations[0] = operations[0].model_copy(update=columns)
    return operations


def at_second(start, end):
    """Return the plan with the second step of J1 at another time."""
    tables = change(build_plan(), "schedule", 1, start=start, end=end)
    return change(tables, "jobs", 0, available_at=end)


def waits(tables, **given):
    return {code for code in codes(judge(tables, **given)) if code.startswith("STEP_")}


def test_the_next_step_starts_within_the_longest_wait():
    # step 10 ends on Monday at 09:15, step 20 starts on Tuesday at 00:00, 885 minutes later
    assert waits(build_plan(), operations=with_step(max_wait_minutes=D(885))) == set()
    assert waits(build_plan(), operations=with_step(max_wait_minutes=D("884.9"))) == {"STEP_TOO_LATE"}


def test_the_next_step_may_start_once_the_first_batch_is_there():
    # 15 minutes of setup, 10 fixed and 5 for each of 10 tables from 08:00; two tables are done at 08:35
    given = {"operations": with_step(transfer_batch=D(2))}
    assert waits(at_second(at(0, "09:05"), at(0, "09:25")), **given) == {"STEP_ENDS_TOO_EARLY"}
    assert waits(at_second(at(0, "09:29"), at(0, "09:49")), **given) == set()
    assert waits(at_second(at(0, "09:28"), at(0, "09:48")), **given) == {"STEP_ENDS_TOO_EARLY"}
    assert waits(at_second(at(0, "09:04"), at(0, "09:24")), **given) == {"STEP_TOO_EARLY", "STEP_ENDS_TOO_EARLY"}
    assert waits(at_second(at(0, "09:29"), at(0, "09:49"))) == {"STEP_TOO_EARLY"}


def test_a_batch_of_everything_is_no_overlap():
    tables = at_second(at(0, "09:44"), at(0, "10:04"))
    assert waits(tables, operations=with_step(transfer_batch=D(10))) == {"STEP_TOO_EARLY"}
