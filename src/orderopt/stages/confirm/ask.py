"""Asking when an order can be there: all facts as of now, what is kept for others taken off, and the order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from orderopt.errors import GuardError, InputError
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import OrderPromise
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book
from orderopt.stages.gather import COMMITTED, gather_snapshot

Amounts = Mapping[str, Decimal]
"""Quantities by ``order/line``, ``item@site`` or supply order."""


def find_promise(case: OrderCase, book: Book) -> OrderPromise:
    """Return what the desk's promiser says of an order as it is given.

    Stock and supply of its items must not change until the command ends, since it may be promised from them. All
    else is read aside, so that others can go on working meanwhile; promises of capacity enter the register.

    Raises
    ------
    GuardError
        If the order, or the data that is planned with, contradicts itself.
    """
    for item_id in dict.fromkeys(line.ask.item_id for line in case.lines):
        book.find(StockLedger, {"item": item_id})
        book.find(SupplyOrder, {"item": item_id, "open": "1"})
    book = book.aside()
    snapshot = gather_snapshot(book, also=(case,))
    order = snapshot.order.get(case.key)
    if order is None:
        return OrderPromise(lines=())
    lines = tuple(line for line in snapshot.order_lines if line.order_id == case.key)
    try:
        return book.promiser.promise(_without(keep_for_others(snapshot, case.key, book), case.key), order, lines)
    except InputError as fault:
        raise GuardError(f"order {case.key}: no date can be found", fault.findings) from fault


def keep_for_others(snapshot: Snapshot, order_id: str, book: Book) -> Snapshot:
    """Return a snapshot in which what is reserved for the lines of other orders is theirs already.

    Both sides of each reservation and of each peg on committed supply are taken off: what the line needs, and what
    there is.
    """
    needs = {line.name: line.quantity for line in snapshot.order_lines if line.order_id != order_id}
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for ledger in book.find(StockLedger):
        for one in ledger.reservations:
            _take(f"{one.order_id}/{one.line_no}", ledger.key, one.quantity, needs, taken)
    for supply in book.find(SupplyOrder, {"open": "1"}):
        left = supply.to_come
        for peg in supply.pegs if supply.state in COMMITTED else ():
            left -= _take(f"{peg.order_id}/{peg.line_no}", supply.key, min(left, peg.quantity), needs, taken)
    stock = [
        row.model_copy(update={"on_hand": max(Decimal(0), row.on_hand - taken.get(row.name, Decimal(0)))})
        for row in snapshot.stock
    ]
    receipts = [
        row.model_copy(update={"quantity": row.quantity - taken.get(row.receipt_id, Decimal(0))})
        for row in snapshot.receipts
        if row.quantity > taken.get(row.receipt_id, Decimal(0))
    ]
    lines = [
        line.model_copy(update={"quantity": needs.get(line.name, line.quantity)})
        for line in snapshot.order_lines
        if needs.get(line.name, line.quantity) > 0
    ]
    return snapshot.replace(stock=stock, receipts=receipts, order_lines=lines)


def _take(name: str, source: str, quantity: Decimal, needs: dict[str, Decimal], taken: dict[str, Decimal]) -> Decimal:
    part = min(quantity, needs.get(name, Decimal(0)))
    if part > 0:
        needs[name] -= part
        taken[source] += part
    return max(part, Decimal(0))


def _without(snapshot: Snapshot, order_id: str) -> Snapshot:
    lines = tuple(line for line in snapshot.order_lines if line.order_id != order_id)
    left = {line.order_id for line in lines}
    return snapshot.replace(
        orders=tuple(order for order in snapshot.orders if order.order_id in left), order_lines=lines
    )
