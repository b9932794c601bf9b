"""The preview of a change: what the plan says with and without it, and nothing recorded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

import orderopt
from orderopt.desk import OrderDesk
from orderopt.errors import GuardError
from orderopt.models.life.amendment import DateAmended, LineCancelled, QuantityAmended, RestCancelled
from orderopt.models.life.disposition import Fate
from orderopt.models.life.happened.order import OrderReleased
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import ChangeState
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.change.assess import AssessChange, PreviewChange
from orderopt.stages.change.request import ApplyChange, ApproveChange, DraftChange, SubmitChange
from orderopt.stages.master import RemoveMaster
from orderopt.stages.take_over import TakeOver
from orderopt.storage.memory import MemoryStore

ME = Actor.of("me", Role.ADMINISTRATOR, Role.PLANNER, Role.SALES)


@pytest.fixture(scope="module")
def given():
    return orderopt.read_snapshot("examples/small")


@pytest.fixture
def desk(given):
    desk = OrderDesk(MemoryStore(), clock=lambda: given.settings.horizon_start)
    desk.do(TakeOver(snapshot=given, reason="begin"), by=ME)
    return desk


def preview(desk, *amendments, order_id="O1"):
    told = []
    desk.listen(told.append)
    impact = desk.do(PreviewChange(order_id=order_id, amendments=amendments), by=ME)
    assert not told, "a preview records nothing"
    return impact


def promises(desk, snapshot=None):
    plan = orderopt.plan(snapshot or desk.snapshot(by=ME), strategy="dispatch", workers=1)
    return {(row.order_id, row.line_no): row for row in plan.promises.itertuples()}


def test_an_increase_shows_the_new_date_the_cost_and_who_is_hurt(desk):
    impact = preview(desk, QuantityAmended(line_no="1", after=100))
    now = promises(desk)
    snapshot = desk.snapshot(by=ME)
    more = [
        line.model_copy(update={"quantity": Decimal(100)}) if line.name == "O1/1" else line
        for line in snapshot.order_lines
    ]
    then = promises(desk, snapshot.replace(order_lines=more))
    assert impact.planned
    assert impact.cost > 0
    assert impact.value == 80 * 79
    assert [(one.line_no, one.before, one.after) for one in impact.promises] == [
        (line_no, now["O1", line_no].promised_at, then["O1", line_no].promised_at) for line_no in ("1", "2")
    ]
    expected = {
        key: then[key].tardiness_minutes - now[key].tardiness_minutes
        for key in now
        if key[0] != "O1" and then[key].tardiness_minutes > now[key].tardiness_minutes
    }
    assert expected, "the case is meant to hurt somebody"
    assert {(hurt.order_id, hurt.line_no): hurt.minutes for hurt in impact.hurts} == expected
    assert Role.PLANNER in impact.approvers


def test_giving_an_order_up_hurts_nobody_and_costs_less(desk):
    impact = preview(desk, RestCancelled())
    assert (impact.hurts, impact.value < 0, impact.cost < 0) == ((), True, True)
    assert all(one.before is not None and one.after is None for one in impact.promises)


def test_the_same_facts_give_the_same_impact(desk):
    wanted = DateAmended(line_no="1", after=desk.master.settings.horizon_start + timedelta(days=3))
    assert preview(desk, wanted) == preview(desk, wanted)


def test_the_impact_of_a_planned_order_names_what_becomes_of_its_supply(desk):
    plan = orderopt.plan(desk.snapshot(by=ME), strategy="dispatch", workers=1)
    desk.adopt(plan, by=ME, plan_id="P1")
    before = desk.do(PreviewChange(order_id="O1", amendments=(LineCancelled(line_no="1"),)), by=ME)
    assert {one.fate for one in before.dispositions} <= {Fate.CANCEL, Fate.FREE, Fate.RE_PEG}
    work = desk.open(desk.master.settings.horizon_start, ME, Role.PLANNER)
    pegged = sum(
        peg.quantity
        for supply in work.find(SupplyOrder)
        for peg in supply.pegs
        if (peg.order_id, peg.line_no) == ("O1", "1")
    )
    assert sum(one.quantity for one in before.dispositions if one.parent_id is None) >= pegged > 0


def test_a_request_keeps_what_was_assessed(desk):
    named = {"order_id": "O1", "change_id": "O1-C1"}
    desk.do(DraftChange(order_id="O1", amendments=(QuantityAmended(line_no="1", after=100),), reason="more"), by=ME)
    desk.do(SubmitChange(**named), by=ME)
    change = desk.do(AssessChange(**named), by=ME)
    work = desk.open(desk.master.settings.horizon_start, ME, Role.PLANNER)
    assert work.need(OrderCase, "O1").change("O1-C1") == change
    assert change.impact == preview(desk, QuantityAmended(line_no="1", after=100))


def test_a_change_of_an_order_in_execution_promises_the_date_that_was_agreed_to(desk):
    with_steps = desk.open(desk.master.settings.horizon_start, ME, Role.PLANNER)
    with_steps.record(with_steps.need(OrderCase, "O1"), OrderReleased())
    with_steps.finish()
    named = {"order_id": "O1", "change_id": "O1-C1"}
    desk.do(DraftChange(order_id="O1", amendments=(QuantityAmended(line_no="1", after=100),), reason="more"), by=ME)
    desk.do(SubmitChange(**named), by=ME)
    impact = desk.do(AssessChange(**named), by=ME).impact
    for role in Role:
        if role in impact.approvers:
            change = desk.do(ApproveChange(**named), by=Actor.of(f"a {role}", role))
    assert change.state is ChangeState.APPROVED
    case = desk.do(ApplyChange(**named), by=ME)
    promised = {one.line_no: one.after for one in impact.promises}
    assert case.line("1").dates.last_promise == promised["1"]
    assert case.line("2").dates.last_promise is None, "lines that were not changed keep their promise"


def test_where_nothing_can_be_planned_the_assessment_says_why(desk):
    desk.do(RemoveMaster(rows=(("items", "CHAIR-RED"),)), by=ME)
    with pytest.raises(GuardError, match="cannot be found"):
        preview(desk, QuantityAmended(line_no="1", after=100))
