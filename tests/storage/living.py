"""A small living store: master data, orders with personal data and prices, stock with a reservation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orderopt
from orderopt.desk import OrderDesk
from orderopt.models.life.document import Document, Payload, fold, pack
from orderopt.models.life.event import START, Event, Sealed
from orderopt.models.life.happened.order import HoldPlaced, HoldReleased, OrderCancelled, OrderReceived
from orderopt.models.life.happened.stock import StockMoved, StockReserved
from orderopt.models.life.hold import USUAL_BLOCKS, Hold, HoldType
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderHead
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.master import PutMaster
from orderopt.storage.replay import build_stored
from orderopt.storage.store import Store, Write

DAY = datetime(2026, 3, 2, 8, 30, 15, 123457, tzinfo=UTC)
ADMINISTRATOR = Actor.of("root", Role.ADMINISTRATOR)


def record(store: Store, stream: str, *payloads: Payload, at: datetime = DAY) -> Document:
    """Append facts to a stream, as the desk does."""
    before = store.load(stream)
    document: Document | None = None
    for event in store.history(stream):
        document = fold(document, event)
    head = before.head if before else START
    events: list[Event] = []
    for payload in payloads:
        text, apart = pack(payload)
        version = 1 + (document.version if document else 0)
        sealed = {mark: Sealed.of(value) for mark, value in apart.items()}
        event = Event(stream, version, at, "ann", "sales", type(payload).__name__, text, None, sealed).chained(head)
        document, head = fold(document, event), event.digest
        events.append(event)
    assert document is not None
    store.append([Write(before, build_stored(document, head), tuple(events))])
    return document


def receive(store: Store, number: int) -> str:
    """Receive an order of customer C1 with a contact and a price; return its stream."""
    head = OrderHead(
        order_id=f"O-{number}",
        channel="web",
        external_ref=f"W{number}",
        customer_id=f"C{number % 3}",
        received_at=DAY,
        note=f"ring Ann Miller, {number}",
    )
    line = OrderedLine(
        line_no="1",
        item_id="TABLE",
        quantity=Decimal("12.5"),
        requested_at=DAY + timedelta(days=number),
        unit_price=Decimal("19.99"),
    )
    record(store, f"order/O-{number}", OrderReceived(head=head, lines=(line,)))
    return f"order/O-{number}"


def hold() -> HoldPlaced:
    """A hold that a person placed."""
    reason = "ask first"
    placed = Hold(
        hold_id="H1",
        type=HoldType.MANUAL,
        blocks=USUAL_BLOCKS[HoldType.MANUAL],
        reason=reason,
        placed_by="ann",
        placed_at=DAY,
    )
    return HoldPlaced(hold=placed)


def fill(store: Store, num_orders: int = 5) -> None:
    """Let a shop live for a while."""
    desk = OrderDesk(store, clock=lambda: DAY)
    desk.do(PutMaster.of(orderopt.read_snapshot("examples/small")), by=ADMINISTRATOR)
    for number in range(num_orders):
        stream = receive(store, number)
        record(store, stream, hold(), at=DAY + timedelta(minutes=number))
    record(store, "order/O-0", HoldReleased(hold_id="H1"))
    record(store, "stock/TABLE@", StockMoved(item_id="TABLE", on_hand=Decimal(100)))
    reserved = StockReserved(item_id="TABLE", order_id="O-1", line_no="1", quantity=Decimal("12.5"))
    record(store, "stock/TABLE@", reserved)


def cancel(store: Store, number: int) -> None:
    """Cancel an order and nothing else."""
    record(store, f"order/O-{number}", OrderCancelled())
