"""Personal data can be erased, and everything still verifies."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from orderopt.desk import OrderDesk
from orderopt.errors import GuardError, NotAllowedError, NotFoundError
from orderopt.models.customer import Customer
from orderopt.models.life.document import fold, pack
from orderopt.models.life.event import START
from orderopt.models.life.happened.order import OrderCancelled, OrderReceived
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead, Party
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.book import Command, does
from orderopt.stages.master import PutMaster
from orderopt.stages.queries import ShowOrder
from orderopt.storage.memory import MemoryStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROOT = Actor.of("root", Role.ADMINISTRATOR)
SECRETS = ("Ada Lovelace", "ada@example.org", "Graben 17", "please ring twice")


class EnterAndEnd(Command):
    """Enter an order, and cancel it if asked."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    is_ended: bool


@does(EnterAndEnd)
def enter_and_end(command, book):
    party = Party(name=SECRETS[0], email=SECRETS[1], street=SECRETS[2], country="GB")
    head = OrderHead(order_id="O-1", channel="direct", customer_id="C1", received_at=NOW, party=party, note=SECRETS[3])
    line = OrderedLine(line_no="1", item_id="A", quantity=Decimal(1), unit_price=Decimal("9.99"), requested_at=NOW)
    facts = (OrderReceived(head=head, lines=(line,)), *((OrderCancelled(),) if command.is_ended else ()))
    return book.begin(OrderCase, "O-1", *facts)


@pytest.fixture
def desk():
    desk = OrderDesk(MemoryStore(), clock=lambda: NOW)
    desk.do(PutMaster(records=(Customer(customer_id="C1", name=SECRETS[0], region="GB"),)), by=ROOT)
    return desk


def find_secrets(desk):
    kept = [desk.store.load(stream) for stream in ("order/O-1", "master/customers/C1")]
    text = f"{list(desk.store.events())} {kept}"
    return [secret for secret in SECRETS if secret in text]


def test_all_that_is_personal_goes_and_chains_stay_whole(desk):
    desk.do(EnterAndEnd(is_ended=True), by=ROOT)
    assert find_secrets(desk) == list(SECRETS)
    assert desk.erase_customer("C1", by=ROOT, reason="asked for it") == 2
    assert find_secrets(desk) == []
    for stream in ("order/O-1", "master/customers/C1"):
        previous, document = START, None
        for event in desk.store.history(stream):
            assert event.previous == previous
            assert event.digest == event.compute_digest()
            assert all(sealed.is_intact for sealed in event.apart.values())
            previous, document = event.digest, fold(document, event)
        stored = desk.store.load(stream)
        assert (stored.head, (stored.text, dict(stored.apart))) == (previous, pack(document))
    case = desk.do(ShowOrder(order_id="O-1"), by=Actor.of("s", Role.SALES))
    assert case.head.party == Party(country="GB")
    assert case.lines[0].ask.unit_price == Decimal("9.99")


def test_while_an_order_is_open_its_name_is_needed(desk):
    desk.do(EnterAndEnd(is_ended=False), by=ROOT)
    with pytest.raises(GuardError, match="ORDER_OPEN"):
        desk.erase_customer("C1", by=ROOT, reason="asked for it")
    assert find_secrets(desk) == list(SECRETS)


def test_only_an_administrator_erases_and_only_who_is_there(desk):
    with pytest.raises(NotAllowedError):
        desk.erase_customer("C1", by=Actor.of("s", Role.SALES), reason="x")
    with pytest.raises(NotFoundError):
        desk.erase_customer("C9", by=ROOT, reason="x")


def test_a_fault_in_a_field_does_not_repeat_its_value():
    with pytest.raises(ValidationError) as caught:
        Party(name=["Ada Lovelace"], street=4711)
    assert "Ada" not in str(caught.value)
    assert "4711" not in str(caught.value)
