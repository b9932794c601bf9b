"""Rule *changeover*."""

from decimal import Decimal

import pytest
from tests.rules.workshop import add, at, build_plan, build_workshop, change, codes, drop, judge

from orderopt.models.item import Setup
from orderopt.models.network import Resource
from orderopt.models.result import FixedTask

D = Decimal


def setup(before, after, minutes, cost=0):
    return Setup(resource_id="M1", from_family=before, to_family=after, minutes=D(minutes), cost=D(cost))


def setup_minutes(minutes):
    """Return the plan with a first task of so many minutes of setup."""
    end = at(0, "09:00") + (at(0, "01:00") - at(0, "00:00")) * minutes // 60
    return change(build_plan(), "schedule", 0, setup_minutes=D(minutes), end=end)


def with_initial(family):
    resources = list(build_workshop().resources)
    resources[0] = resources[0].model_copy(update={"initial_family": family})
    return resources


@pytest.mark.parametrize(
    ("setups", "initial", "minutes", "cost"),
    [
        ([setup("A", "B", 15, 7), setup("*", "B", 20, 9)], "A", 15, 7),
        ([setup("*", "B", 20, 9)], "A", 20, 9),
        ([setup("A", "C", 20, 9)], "A", 0, 0),
        ([setup("A", "B", 15, 7)], None, 0, 0),
        ([setup("*", "B", 15, 7)], None, 0, 0),
        ([setup("B", "B", 5, 1), setup("*", "B", 20, 9)], "B", 5, 1),
        ([setup("*", "B", 20, 9)], "B", 20, 9),
        ([], "A", 0, 0),
    ],
)
def test_the_first_task_is_set_up_from_the_initial_family(setups, initial, minutes, cost):
    verdict = judge(setup_minutes(minutes), setups=setups, resources=with_initial(initial))
    assert verdict.is_correct
    assert verdict.scorecard.terms["setup"] == cost
    wrong = judge(setup_minutes(minutes + 1), setups=setups, resources=with_initial(initial))
    assert codes(wrong) == {"SETUP_MINUTES"}


def test_a_missing_setup_is_caught_with_the_pair():
    found = [finding for finding in judge(setup_minutes(0)).violations if finding.code == "SETUP_MINUTES"]
    assert [(finding.subject, finding.row, finding.expected) for finding in found] == [
        ("task T1 on M1", 2, "15 minutes")
    ]
    assert "'A'" in found[0].says
    assert "'B'" in found[0].says


def with_task_before(family, *, is_fixed=False):
    """Return plan and given tables with a task of a family on M1, Monday 08:00 to 09:00, before T1 at 10:00."""
    given = build_workshop()
    step = given.operations[2].model_copy(update={"resource_id": "M1", "family": family, "op_no": 10})
    tables = change(build_plan(), "schedule", 0, start=at(0, "10:00"), end=at(0, "11:15"))
    tables = change(change(tables, "pegging", 1, needed_at=at(0, "10:00")), "pegging", 2, needed_at=at(0, "10:00"))
    tables = add(
        tables,
        "schedule",
        "F2",
        "X",
        None,
        None,
        "LEG",
        "U2",
        10,
        "M1",
        D(0),
        at(0, "08:00"),
        at(0, "09:00"),
        D(60),
        True,
    )
    task = FixedTask(
        task_id="F2",
        job_id="X",
        item_id="LEG",
        unit_id="U2",
        op_no=10,
        resource_id="M1",
        start=at(0, "08:00"),
        end=at(0, "09:00"),
        quantity=D(60),
    )
    return tables, {"operations": [*given.operations, step], "fixed_tasks": [*given.fixed_tasks, task]}


def test_a_fixed_task_is_the_predecessor_and_is_not_judged_itself():
    tables, given = with_task_before("A")
    verdict = judge(tables, **given)
    assert verdict.is_correct
    assert verdict.scorecard.terms["setup"] == 7
    tables, given = with_task_before("B")
    assert codes(judge(tables, **given)) == {"SETUP_MINUTES"}


def test_a_task_without_family_before_matches_only_the_star():
    tables, given = with_task_before(None)
    assert codes(judge(tables, **given)) == {"SETUP_MINUTES"}
    assert judge(tables, setups=[setup("*", "B", 15)], **given).is_correct


def test_a_task_without_family_needs_no_setup():
    operations = list(build_workshop().operations)
    operations[0] = operations[0].model_copy(update={"family": None})
    assert codes(judge(setup_minutes(15), operations=operations)) == {"SETUP_MINUTES"}
    assert judge(setup_minutes(0), operations=operations, setups=[setup("*", "B", 15)]).is_correct


def test_a_resource_with_capacity_above_one_has_no_setup():
    resources = list(build_workshop().resources)
    resources[0] = resources[0].model_copy(update={"capacity": 2})
    assert codes(judge(build_plan(), resources=resources)) == {"SETUP_MINUTES"}
    verdict = judge(setup_minutes(0), resources=resources)
    assert verdict.is_correct
    assert verdict.scorecard.terms["setup"] == 0


def test_the_family_before_is_that_of_the_same_resource():
    extra = Resource(resource_id="M0", unit_id="U1")
    tables, given = with_task_before("A")
    given["operations"][-1] = given["operations"][-1].model_copy(update={"family": "B", "resource_id": "M0"})
    given["fixed_tasks"][-1] = given["fixed_tasks"][-1].model_copy(update={"resource_id": "M0"})
    tables = change(tables, "schedule", 4, resource_id="M0")
    assert judge(tables, resources=[extra, *build_workshop().resources], **given).is_correct


def test_rows_of_setups_for_unknown_resources_do_not_matter():
    stray = Setup(resource_id="M77", from_family="A", to_family="B", minutes=D(99))
    stray2 = stray.model_copy(update={"resource_id": "M78"})
    assert judge(build_plan(), setups=[stray, stray2, *build_workshop().setups]).is_correct


def test_the_order_of_the_table_does_not_matter():
    tables = build_plan()
    tables["schedule"] = tables["schedule"].iloc[::-1].reset_index(drop=True)
    assert judge(tables).is_correct
    assert not judge(drop(tables, "schedule", 3)).is_correct


def forbidden(before, after):
    return setup(before, after, 15, 7).model_copy(update={"forbidden": True})


@pytest.mark.parametrize(
    ("setups", "initial", "is_barred"),
    [
        ([forbidden("A", "B")], "A", True),
        ([forbidden("*", "B")], "A", True),
        ([forbidden("*", "B"), setup("A", "B", 0)], "A", False),
        ([forbidden("A", "B"), setup("*", "B", 0)], "A", True),
        ([forbidden("A", "B")], "C", False),
        ([forbidden("*", "B")], None, False),
    ],
)
def test_a_task_may_not_stand_where_the_row_that_counts_forbids_it(setups, initial, is_barred):
    verdict = judge(setup_minutes(0), setups=setups, resources=with_initial(initial))
    assert codes(verdict) == ({"FORBIDDEN_SUCCESSION"} if is_barred else set())
    assert verdict.scorecard.terms["setup"] == 0 or is_barred


def test_a_forbidden_succession_is_told_with_its_pair():
    (found,) = judge(setup_minutes(0), setups=[forbidden("A", "B")]).violations
    assert (found.subject, found.row) == ("task T1 on M1", 2)
    assert found.says.endswith("the first task, initially 'A', its own 'B'")
