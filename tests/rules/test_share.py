"""Rule *share*."""

from decimal import Decimal

from tests.rules.workshop import add, at, build_plan, build_workshop, change, codes, judge

from orderopt.models.order import OrderLine
from orderopt.models.result import FixedTask

D = Decimal


def with_share(unit, share):
    return [
        found.model_copy(update={"max_share": D(share)}) if found.unit_id == unit else found
        for found in build_workshop().production_units
    ]


def test_a_unit_that_makes_everything_makes_more_than_half():
    found = judge(build_plan(), production_units=with_share("U1", "0.5")).violations
    assert [(finding.code, finding.subject, finding.says) for finding in found] == [
        ("UNIT_SHARE", "unit U1", "it makes 10 of 10")
    ]


def test_all_is_not_more_than_all():
    assert judge(build_plan(), production_units=with_share("U1", "1")).is_correct


def test_what_is_made_for_other_jobs_does_not_count():
    assert codes(judge(build_plan(), production_units=with_share("U2", "0.000001"))) == set()


def test_a_share_is_kept_to_the_last_place():
    units = build_workshop().production_units
    other = units[0].model_copy(update={"unit_id": "U3"})
    operations = [row.model_copy(update={"unit_id": "U3"}) for row in build_workshop().operations[:2]]
    tables = build_plan()
    lines = [
        *build_workshop().order_lines,
        OrderLine(order_id="O2", line_no="3", item_id="TABLE", quantity=D(20), due_at=at(9, "00:00")),
    ]
    tables = add(tables, "allocation", "O2", "3", 1, "unit", "U3", "J9", D(20), D(0), "")
    for share, is_right in (("0.333333", False), ("0.333334", True)):
        limited = [units[0].model_copy(update={"max_share": D(share)}), units[1], other]
        found = codes(
            judge(
                tables,
                production_units=limited,
                order_lines=lines,
                operations=[*build_workshop().operations, *operations],
            )
        )
        assert ("UNIT_SHARE" not in found) is is_right


def test_jobs_that_have_begun_do_not_count():
    begun = FixedTask(
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
    )
    given = {"production_units": with_share("U1", "0.5")}
    assert codes(judge(build_plan(), **given)) == {"UNIT_SHARE"}
    tables = change(build_plan(), "schedule", 0, frozen=True)
    assert judge(tables, fixed_tasks=[*build_workshop().fixed_tasks, begun], **given).is_correct
