"""The term *quota*."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.rules.workshop import add, at, build_plan, build_workshop, judge

from orderopt.models.network import Quota
from orderopt.models.result import FixedTask

D = Decimal


def quota(*rows, tables=None, **given):
    """Return the term for the workshop's plan: J1 makes 10 TABLE at U1, W sells 5 WOOD; both are parts."""
    quotas = [
        Quota(item_id=item, share=D(share), so_far=D(so_far), **{kind: name})
        for item, kind, name, share, so_far in rows
    ]
    return judge(tables or build_plan(), quotas=quotas, **given).scorecard.terms["quota"]


def test_what_one_has_beyond_its_share_counts_once():
    half = ("0.5", 0)
    assert quota(("TABLE", "unit_id", "U1", *half), ("TABLE", "unit_id", "U2", *half)) == 5
    assert quota(("TABLE", "unit_id", "U1", "0.5", 0), ("TABLE", "unit_id", "U2", "0.5", 20)) == 5
    assert quota(("TABLE", "unit_id", "U1", "0.5", 20), ("TABLE", "unit_id", "U2", "0.5", 30)) == 0
    assert quota(("WOOD", "supplier_id", "W", "0.3", 0), ("WOOD", "unit_id", "U1", "0.7", 0)) == D("3.5")


def test_agreements_are_added_up_and_components_do_not_count():
    rows = [("TABLE", "unit_id", "U1", "0.5", 0), ("TABLE", "unit_id", "U2", "0.5", 0)]
    assert quota(*rows, ("WOOD", "supplier_id", "W", "0.1", 0), ("WOOD", "unit_id", "U2", "0.9", 0)) == D("9.5")
    assert quota(("LEG", "unit_id", "U2", "0.5", 0), ("LEG", "unit_id", "U1", "0.5", 0)) == 0


def test_jobs_that_have_begun_were_had_before():
    begun = FixedTask(
        task_id="T1", job_id="J1", item_id="TABLE", unit_id="U1", op_no=10, resource_id="M1",
        start=at(0, "08:00"), end=at(0, "09:15"), quantity=D(10),
    )  # fmt: skip
    rows = [("TABLE", "unit_id", "U1", "0.5", 0), ("TABLE", "unit_id", "U2", "0.5", 0)]
    assert quota(*rows, fixed_tasks=[*build_workshop().fixed_tasks, begun]) == 0


def test_a_garbled_part_is_left_out():
    tables = add(build_plan(), "allocation", "O7", "1", 1, "unit", "U2", "J1", D(10), D(0), "")
    assert quota(("TABLE", "unit_id", "U1", "0.5", 0), ("TABLE", "unit_id", "U2", "0.5", 0), tables=tables) == 5


@pytest.mark.parametrize("cells", [{}, {"unit_id": "U", "supplier_id": "V"}])
def test_a_quota_is_of_a_unit_or_of_a_supplier(cells):
    with pytest.raises(ValueError, match="either unit_id or supplier_id"):
        Quota(item_id="P", share=D(1), **cells)
