"""Notices: everyone hears what changed for them and nothing else, and answers or is overdue."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.stages.change.world import ANN, BEN, CARL, FIN, PAUL, START, WILL, World, ask, bring

from orderopt.errors import NotAllowedError, NotFoundError
from orderopt.models.life.amendment import DateAmended, LineCancelled, PriceAmended, QuantityAmended
from orderopt.models.life.desk_policy import ChangePolicy
from orderopt.models.life.notice import ANSWERS, Department
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import ChangeState, OrderState
from orderopt.stages.change.notices import AcknowledgeNotice, ListNotices

SHOP = Actor.of("sho", Role.SHOP_FLOOR)


@pytest.fixture
def world():
    world = World(change=ChangePolicy(answer_hours=Decimal(8)))
    world.order("O-1", ask("1", unit_price=Decimal(5)), ask("2"), state=OrderState.IN_EXECUTION)
    world.supply("M-1", 10, pegs=[("O-1", "1", 10)])
    world.supply("P-1", 20, item_id="part", kind="buy", pegs=[("M-1", 20)])
    world.stock("A", 10, **{"O-1_2": 10})
    bring(
        world,
        QuantityAmended(line_no="1", after=7),
        PriceAmended(line_no="1", after=Decimal(6)),
        DateAmended(line_no="1", after=START + timedelta(days=20)),
        LineCancelled(line_no="2"),
    )
    return world


def told(world):
    return {
        str(notice.department): (
            {amendment.kind for amendment in notice.amendments},
            {(one.key, str(one.fate), one.quantity) for one in notice.dispositions},
        )
        for notice in world.case("O-1").notices
    }


def test_each_department_hears_only_what_changed_for_it(world):
    amounts = {"quantity", "cancel_line"}
    assert told(world) == {
        "production": (amounts | {"date"}, {("M-1", "cancel", 3)}),
        "purchasing": (amounts | {"date"}, {("P-1", "cancel", 6)}),
        "warehouse": (amounts | {"date"}, {("A@", "free", 10)}),
        "transport": (amounts | {"date"}, set()),
        "finance": (amounts | {"price"}, set()),
        "sales": (amounts | {"date", "price"}, set()),
        "customer": (amounts | {"date", "price"}, set()),
    }


def test_a_draft_bothers_nobody():
    world = World()
    world.order("O-1", state=OrderState.DRAFT)
    change_id = bring(world, QuantityAmended(line_no="1", after=7))
    assert world.case("O-1").notices == ()
    assert world.case("O-1").change(change_id).state is ChangeState.ACKNOWLEDGED


def test_once_all_have_answered_the_change_is_acknowledged(world):
    people = {
        Department.PRODUCTION: SHOP,
        Department.PURCHASING: BEN,
        Department.WAREHOUSE: WILL,
        Department.TRANSPORT: PAUL,
        Department.FINANCE: FIN,
        Department.SALES: ANN,
        Department.CUSTOMER: CARL,
    }
    notices = world.case("O-1").notices
    for notice in notices:
        assert world.case("O-1").changes[0].state is ChangeState.APPLIED
        command = AcknowledgeNotice(order_id="O-1", notice_id=notice.notice_id, remark="seen")
        change = world.do(command, by=people[notice.department])
    assert change.state is ChangeState.ACKNOWLEDGED
    assert {(one.acknowledged_by, one.remark) for one in world.case("O-1").notices} == {
        (actor.name, "seen") for actor in people.values()
    }
    assert world.do(command, by=people[notice.department]) == change, "answering twice changes nothing"
    assert world.do(ListNotices()) == []


@pytest.mark.parametrize("department", list(Department))
def test_nobody_answers_for_another_department(world, department):
    command = AcknowledgeNotice(order_id="O-1", notice_id=f"O-1-C1-{department}")
    for role in Role:
        actor = Actor.of("x", role, customer_id="C-1")
        if role not in ANSWERS[department]:
            with pytest.raises((NotAllowedError, NotFoundError)):
                world.do(command, by=actor)
    assert world.case("O-1").changes[0].state is ChangeState.APPLIED


def test_late_answers_are_listed_as_overdue(world):
    def overdue(by=ANN):
        return {str(row.notice.department) for row in world.do(ListNotices(overdue=True), by=by)}

    assert overdue() == set()
    assert len(world.do(ListNotices())) == 7
    world.do(AcknowledgeNotice(order_id="O-1", notice_id="O-1-C1-sales"))
    world.now += timedelta(hours=8, minutes=1)
    assert overdue() == {str(department) for department in Department} - {"sales"}
    assert overdue(CARL) == {"customer"}
    rows = world.do(ListNotices(department=Department.FINANCE), by=PAUL)
    assert [(row.order_id, row.is_overdue) for row in rows] == [("O-1", True)]
    price = next(one for one in rows[0].notice.amendments if one.kind == "price")
    assert price.after is None, "planners do not see prices"


def test_customers_of_other_orders_hear_nothing(world):
    other = Actor.of("cleo", Role.CUSTOMER, customer_id="C-2")
    assert world.do(ListNotices(), by=other) == []
    with pytest.raises(NotFoundError):
        world.do(AcknowledgeNotice(order_id="O-1", notice_id="O-1-C1-customer"), by=other)
