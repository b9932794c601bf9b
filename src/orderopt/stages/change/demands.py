"""The next demand for an item: which lines still want what nobody has firmly set apart for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.life.hold import Blocks
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase, name_want
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.book import Book
from orderopt.stages.change.commitments import find_goods, find_outstanding


@dataclass(frozen=True)
class Demand:
    """A line of a confirmed order, and how much of it has at most a proposal to come from."""

    order_id: str
    line_no: str
    quantity: Decimal


def find_demands(book: Book, item_id: str) -> Iterator[Demand]:
    """Yield the lines that want an item, by the date promised or asked for.

    Orders with a hold on planning are left out.
    """
    lines = [
        (line.dates.last_promise or line.ask.requested_at, case.key, line)
        for case in book.find(OrderCase, {name_want(item_id): "1"})
        for line in case.lines
        if line.ask.item_id == item_id and not case.holds_on(Blocks.PLAN, line.line_no)
    ]
    firm = _find_firm(book, item_id)
    for _, order_id, line in sorted(lines, key=lambda entry: (*entry[:2], entry[2].line_no)):
        quantity = _find_unmade(line) - firm[order_id, line.line_no]
        if quantity > 0:
            yield Demand(order_id, line.line_no, quantity)


def find_demand(book: Book, order_id: str, line_no: str) -> Demand:
    """Return what a line wants that is not firmly set apart for it; raises NotFoundError if there is no such line."""
    line = book.need(OrderCase, order_id).line(line_no)
    quantity = _find_unmade(line) - _find_firm(book, line.ask.item_id)[order_id, line_no]
    return Demand(order_id, line_no, max(ZERO, quantity))


def _find_firm(book: Book, item_id: str) -> dict[tuple[str, str], Decimal]:
    """Map order lines to what is reserved for them, and still to come from supply that is more than a proposal."""
    firm: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for ledger in book.find(StockLedger, {"item": item_id}):
        for one in ledger.reservations:
            firm[one.order_id, one.line_no] += one.quantity
    for supply in book.find(SupplyOrder, {"item": item_id, "open": "1"}):
        if supply.state is not SupplyState.PROPOSED:
            for order_id, line_no in {(peg.order_id, peg.line_no) for peg in supply.pegs}:
                if order_id is not None and line_no is not None:
                    firm[order_id, line_no] += find_outstanding(supply, order_id, line_no)
    return firm


def _find_unmade(line: CaseLine) -> Decimal:
    packed = max(line.counts.packed, line.counts.shipped)
    return line.counts.wanted - packed - find_goods(line)
