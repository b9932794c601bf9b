"""A desk with a small company's master data, and short ways to send it orders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from orderopt.desk import OrderDesk
from orderopt.models.customer import Customer
from orderopt.models.item import Item, UnitConversion
from orderopt.models.life.desk_policy import DeskPolicy, IntakePolicy
from orderopt.models.life.incoming import Delivery, IncomingHead, IncomingLine, IncomingOrder, IncomingRow, Totals
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Actor, Role
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.promiser import PromiseAsAsked
from orderopt.stages.intake.receive import ReceiveOrder
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.stages.intake.submit import Submit
from orderopt.stages.master import PutMaster
from orderopt.stages.review.first import Claim, PassPrimary
from orderopt.storage.memory import MemoryStore

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
DUE = "2026-01-20T08:00Z"
SALES = Actor.of("sam", Role.SALES)
REVIEWER = Actor.of("rita", Role.FIRST_REVIEWER)
MASTER = Snapshot(
    settings=Policy(horizon_start=NOW),
    customers=(Customer(customer_id="C-1"), Customer(customer_id="C-2")),
    items=(Item(item_id="P", uom="H87"), Item(item_id="Q", uom="KGM"), Item(item_id="R")),
    unit_conversions=(
        UnitConversion(item_id="P", unit="CT", factor="12"),
        UnitConversion(item_id="Q", unit="H87", factor="1/3"),
    ),
)


def make_desk(**intake) -> OrderDesk:
    policy = DeskPolicy(intake=IntakePolicy(**intake))
    desk = OrderDesk(MemoryStore(), policy=policy, clock=lambda: NOW, promiser=PromiseAsAsked())
    desk.do(PutMaster.of(MASTER), by=Actor.of("root", Role.ADMINISTRATOR))
    return desk


def row(number: int, ref: str | None = None, raw: str | None = None, **fields: str) -> IncomingRow:
    said = {"customer_id": "C-1", "item_id": "P", "quantity": "1", "requested_at": DUE, **fields}
    said["external_ref"] = f"T-{number}" if ref is None else ref
    said = {name: text for name, text in said.items() if text != ""}
    return IncomingRow(row=number, raw=raw or ",".join(said.values()), fields=said)


def delivery(*rows: IncomingRow, channel: str = "marketplace", source: str = "m.csv", **declared) -> Delivery:
    return Delivery(channel=channel, source=source, rows=rows, declared=Totals(**declared))


def receive(desk: OrderDesk, *rows: IncomingRow, accept=None, by: Actor = SALES, **more):
    return desk.do(ReceiveBatch(delivery=delivery(*rows, **more), accept=accept), by=by)


def order(ref: str | None = "T-1", quantity: str = "10", due: str = DUE, item: str = "P", **head) -> IncomingOrder:
    line = IncomingLine(item_id=item, quantity=Decimal(quantity), requested_at=datetime.fromisoformat(due))
    return IncomingOrder(head=IncomingHead(external_ref=ref, **{"customer_id": "C-1"} | head), lines=(line,))


def send(desk: OrderDesk, sent: IncomingOrder, channel: str = "direct", by: Actor = SALES, at=None, **more):
    return desk.do(ReceiveOrder(channel=channel, order=sent, **more), by=by, at=at)


def confirm(desk: OrderDesk, order_id: str) -> None:
    """Submit a draft and pass both reviews."""
    desk.do(Submit(order_id=order_id), by=SALES)
    desk.do(Claim(order_id=order_id), by=REVIEWER)
    desk.do(PassPrimary(order_id=order_id), by=REVIEWER)
    desk.do(PassSecondary(order_id=order_id), by=Actor.of("bob", Role.SECOND_REVIEWER))


def case_of(desk: OrderDesk, order_id: str) -> OrderCase:
    from orderopt.models.life.document import unpack

    stored = desk.store.load(f"order/{order_id}")
    assert stored is not None, order_id
    return unpack(OrderCase, stored.text, stored.apart)


def count_events(desk: OrderDesk) -> int:
    return sum(1 for _ in desk.store.events())
