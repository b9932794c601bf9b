"""Looking at orders shows each role what it may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orderopt.desk import OrderDesk
from orderopt.errors import NotAllowedError, NotFoundError
from orderopt.models.life.happened.order import OrderReceived
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead, Party
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.book import Command, does
from orderopt.stages.queries import ListOrders, ShowHistory, ShowOrder
from orderopt.storage.memory import MemoryStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Enter(Command):
    """Enter an order as it is."""

    ROLES = frozenset({Role.SALES})
    head: OrderHead
    lines: tuple[OrderedLine, ...]


@does(Enter)
def enter(command, book):
    return book.begin(OrderCase, command.head.order_id, OrderReceived(head=command.head, lines=command.lines))


@pytest.fixture
def desk():
    desk = OrderDesk(MemoryStore(), clock=lambda: NOW)
    for number, customer in enumerate(("C1", "C2", "C1")):
        head = OrderHead(
            order_id=f"O-{number}",
            channel="direct",
            customer_id=customer,
            received_at=NOW,
            party=Party(name="Secret Person", city="Graz", country="AT"),
        )
        line = OrderedLine(
            line_no="1",
            item_id="A",
            quantity=Decimal(2),
            unit_price=Decimal("9.99"),
            requested_at=NOW + timedelta(9 - number),
        )
        desk.do(Enter(head=head, lines=(line,)), by=Actor.of("sam", Role.SALES))
    return desk


@pytest.mark.parametrize(
    ("role", "sees_name", "sees_price"),
    [
        (Role.SALES, True, True),
        (Role.WAREHOUSE, True, False),
        (Role.SHOP_FLOOR, False, False),
        (Role.AUDITOR, False, True),
    ],
)
def test_each_role_sees_what_it_may(desk, role, sees_name, sees_price):
    actor = Actor.of("x", role)
    case = desk.do(ShowOrder(order_id="O-0"), by=actor)
    assert case.head.party.country == "AT"
    assert (case.head.party.name == "Secret Person") is sees_name
    assert (case.lines[0].ask.unit_price == Decimal("9.99")) is sees_price
    (row,) = desk.do(ShowHistory(order_id="O-0"), by=actor)
    assert ("Secret Person" in str(row)) is sees_name
    assert ("9.99" in str(row)) is sees_price
    assert (row.actor, row.type) == ("sam", "OrderReceived")


def test_lists_are_by_urgency_and_limited(desk):
    rows = desk.do(ListOrders(is_open=True, limit=2), by=Actor.of("x", Role.PLANNER))
    assert [row.order_id for row in rows] == ["O-2", "O-1"]


def test_a_customer_sees_their_own_orders_only(desk):
    customer = Actor.of("c", Role.CUSTOMER, customer_id="C1")
    assert [row.order_id for row in desk.do(ListOrders(), by=customer)] == ["O-2", "O-0"]
    assert desk.do(ShowOrder(order_id="O-0"), by=customer).head.party.name == "Secret Person"
    for query in (ShowOrder(order_id="O-1"), ShowHistory(order_id="O-1")):
        with pytest.raises(NotFoundError):
            desk.do(query, by=customer)


def test_someone_without_a_role_sees_nothing(desk):
    with pytest.raises(NotAllowedError):
        desk.do(ListOrders(), by=Actor.of("nobody"))


def test_what_is_erased_is_gone_and_the_history_says_so(desk):
    desk.store.erase(["order/O-0"], Sensitivity.PERSONAL)
    sales = Actor.of("x", Role.SALES)
    assert desk.do(ShowOrder(order_id="O-0"), by=sales).head.party.name is None
    (row,) = desk.do(ShowHistory(order_id="O-0"), by=sales)
    assert row.erased == ("personal",)
    assert "Secret Person" not in str(row)
    assert "9.99" in str(row)


def test_a_customer_must_say_which():
    with pytest.raises(ValueError, match="needs a customer_id"):
        Actor.of("c", Role.CUSTOMER)


def test_a_customer_may_not_ask_for_another(desk):
    with pytest.raises(NotFoundError):
        desk.do(ListOrders(customer_id="C2"), by=Actor.of("c", Role.CUSTOMER, customer_id="C1"))
