"""Taking over what another system held: a snapshot's orders, stock and receipts become living ones."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.document import Document
from orderopt.models.life.happened.order import OrderReceived, OrderTakenOver
from orderopt.models.life.happened.supply import SupplyProposed, SupplyStepped
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.models.network import Receipt, ReceiptKind
from orderopt.models.order import Order, OrderLine
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book, Command, does
from orderopt.stages.master import PutMaster, put_master
from orderopt.stages.stock import CountStock, count_stock

_NOT_ASKED = ("order_id", "line_no", "item_id", "quantity", "due_at", "unit_price", "may_split", "destination", "extra")


class TakeOver(Command):
    """Write all of a snapshot into the store: master data, stock, receipts as released supply, orders as they stand.

    Orders without a status, or with one that is none of the order's states, are taken over as confirmed. Refused
    with GuardError where an order or a receipt of the same name is there already.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.ADMINISTRATOR})

    snapshot: Snapshot
    reason: str


@does(TakeOver)
def take_over(command: TakeOver, book: Book) -> Counter[str]:
    """Record everything; return how many orders, lines, ledgers and receipts there are now."""
    snapshot = command.snapshot
    _refuse_twins(snapshot, book)
    counts = Counter(master=put_master(PutMaster.of(snapshot), book))
    for stock in snapshot.stock:
        count_stock(
            CountStock(
                item_id=stock.item_id,
                site=stock.site or "",
                on_hand=stock.on_hand,
                safety=stock.safety_stock,
                reason=command.reason,
            ),
            book,
        )
    for receipt in snapshot.receipts:
        facts = (SupplyStepped(trigger="firm"), SupplyStepped(trigger="release"))
        supply = _build_supply(receipt)
        book.begin(SupplyOrder, supply.key, SupplyProposed(supply=supply), *facts, why=command.reason)
    for order in snapshot.orders:
        _take_over_order(order, snapshot, book, command.reason)
    counts.update(
        orders=len(snapshot.orders),
        order_lines=len(snapshot.order_lines),
        stock=len(snapshot.stock),
        receipts=len(snapshot.receipts),
    )
    return counts


def _refuse_twins(snapshot: Snapshot, book: Book) -> None:
    names: list[tuple[type[Document], str]] = [
        *((OrderCase, order.order_id) for order in snapshot.orders),
        *((SupplyOrder, receipt.receipt_id) for receipt in snapshot.receipts),
        *((StockLedger, name_stock(stock.item_id, stock.site)) for stock in snapshot.stock),
    ]
    twins = [
        Finding(code="ALREADY_THERE", subject=f"{kind.KIND} {name}", says="is in the store already", mend="rename it")
        for kind, name in names
        if book.get(kind, name) is not None
    ]
    if twins:
        raise GuardError(f"{len(twins)} things cannot be taken over; nothing was", twins)


def _build_supply(receipt: Receipt) -> SupplyOrder:
    is_made = receipt.kind is ReceiptKind.WIP
    return SupplyOrder(
        supply_id=receipt.receipt_id,
        kind=SupplyKind.MAKE if is_made else SupplyKind.BUY,
        item_id=receipt.item_id,
        source_id="taken-over",
        site=receipt.site or "",
        quantity=receipt.quantity,
        due_at=receipt.available_at,
    )


def _take_over_order(order: Order, snapshot: Snapshot, book: Book, reason: str) -> None:
    head = OrderHead(
        order_id=order.order_id,
        channel=order.channel or "taken-over",
        external_ref=order.external_ref,
        customer_id=order.customer_id,
        currency=order.currency or snapshot.settings.currency,
        received_at=order.received_at or book.at,
        priority=order.priority,
    )
    lines = tuple(_build_line(line) for line in snapshot.order_lines if line.order_id == order.order_id)
    status = (order.status or "").strip().lower()
    state = OrderState(status) if status in set(OrderState) else OrderState.CONFIRMED
    book.begin(
        OrderCase, order.order_id, OrderReceived(head=head, lines=lines), OrderTakenOver(state=state), why=reason
    )


def _build_line(line: OrderLine) -> OrderedLine:
    said = line.model_dump(mode="json", exclude_none=True, exclude=set(_NOT_ASKED))
    return OrderedLine(
        line_no=line.line_no,
        item_id=line.item_id,
        quantity=line.quantity,
        requested_at=line.due_at,
        unit_price=line.unit_price,
        may_split=line.may_split,
        destination=line.destination,
        extra={**line.extra, **said},
    )
