"""Taking reserved stock for a line or a job, and putting it back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.happened.stock import StockMoved, StockReserved, StockTaken
from orderopt.models.life.happened.tracking import LineTaken
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.stock_ledger import COMPONENT, StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.measure import PositiveQuantity, Quantity
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.track.guard import refuse

_STORE = frozenset({Role.WAREHOUSE, Role.SHOP_FLOOR})


class TakeFromStock(Command):
    """Take stock that is reserved for a line off the shelf; it was inspected before and can be packed.

    Needs: the order is in execution, and that much of its item is reserved for the line at the site.
    """

    ROLES: ClassVar[frozenset[Role]] = _STORE

    order_id: Id
    line_no: Id
    quantity: PositiveQuantity
    site: str = ""


class PutBack(Command):
    """Put stock that was taken for a line, and is not packed, back on the shelf: it is reserved for the line again.

    What was taken to pack a shipment goes back by cancelling the shipment.
    """

    ROLES: ClassVar[frozenset[Role]] = _STORE

    order_id: Id
    line_no: Id
    quantity: PositiveQuantity
    site: str = ""


class IssueMaterial(Command):
    """Take components out of stock for a supply order: first what is reserved for it, then what is free.

    Needs: the supply order is released and not closed, and that much is there.
    """

    ROLES: ClassVar[frozenset[Role]] = _STORE

    supply_id: Id
    item_id: Id
    quantity: PositiveQuantity
    site: str = ""


@does(TakeFromStock)
def take_from_stock(command: TakeFromStock, book: Book) -> OrderCase:
    """Record the movement; return the order."""
    case = book.need(OrderCase, command.order_id)
    item_id = case.line(command.line_no).ask.item_id
    refuse(f"nothing can be taken for {case.key}/{command.line_no}", _find_faults(case, command, book))
    return take(case, command.line_no, item_id, command.site, command.quantity, book)


def take(case: OrderCase, line_no: str, item_id: str, site: str, quantity: Quantity, book: Book) -> OrderCase:
    """Record that reserved stock was taken for a line; return the order."""
    taken = StockTaken(item_id=item_id, site=site, order_id=case.key, line_no=line_no, quantity=quantity)
    book.record(book.need(StockLedger, name_stock(item_id, site)), taken)
    return book.record(case, LineTaken(line_no=line_no, site=site, quantity=quantity))


def put_back(case: OrderCase, line_no: str, item_id: str, site: str, quantity: Quantity, book: Book) -> OrderCase:
    """Record exactly the inverse of :func:`take`; return the order."""
    place = {"item_id": item_id, "site": site, "order_id": case.key, "line_no": line_no}
    ledger = book.need(StockLedger, name_stock(item_id, site))
    book.record(ledger, StockMoved(**place, on_hand=quantity), StockReserved(**place, quantity=quantity))
    return book.record(case, LineTaken(line_no=line_no, site=site, quantity=-quantity))


def _find_faults(case: OrderCase, command: TakeFromStock, book: Book) -> Iterator[Finding]:
    subject = f"{case.key}/{command.line_no}"
    if case.state is not OrderState.IN_EXECUTION:
        yield Finding(code="NOT_IN_EXECUTION", subject=subject, says=f"the order is {case.state}", mend="release it")
    ledger = book.get(StockLedger, name_stock(case.line(command.line_no).ask.item_id, command.site))
    kept = ledger.reserved_for(case.key, command.line_no) if ledger else 0
    if kept < command.quantity:
        says = f"{command.quantity} to be taken, {kept} reserved for it"
        yield Finding(code="NOT_RESERVED", subject=subject, says=says, mend="reserve it, or take less")


@does(PutBack)
def put_back_stock(command: PutBack, book: Book) -> OrderCase:
    """Record the movement; return the order."""
    case = book.need(OrderCase, command.order_id)
    line = case.line(command.line_no)
    most = max(ZERO, min(line.counts.from_stock - _sum_packed(case, line.line_no), line.counts.unpacked))
    if command.quantity > most:
        says = f"{command.quantity} to be put back, {most} taken and not packed"
        finding = Finding(code="NOT_TAKEN", subject=f"{case.key}/{line.line_no}", says=says, mend="unpack it first")
        refuse(f"nothing can be put back of {case.key}/{line.line_no}", [finding])
    return put_back(case, line.line_no, line.ask.item_id, command.site, command.quantity, book)


def _sum_packed(case: OrderCase, line_no: str) -> Decimal:
    """Return what was taken for a line to pack shipments with it."""
    live = (line for shipment in case.shipments if shipment.is_live for line in shipment.lines)
    return sum((line.taken for line in live if line.line_no == line_no), ZERO)


@does(IssueMaterial)
def issue_material(command: IssueMaterial, book: Book) -> StockLedger:
    """Record the movement; return the ledger."""
    supply = book.need(SupplyOrder, command.supply_id)
    if supply.state not in (SupplyState.RELEASED, SupplyState.IN_PROGRESS, SupplyState.DONE):
        says = f"the supply order is {supply.state}"
        finding = Finding(code="NOT_RELEASED", subject=supply.key, says=says, mend="release it first")
        refuse(f"nothing can be issued to {supply.key}", [finding])
    ledger = book.need(StockLedger, name_stock(command.item_id, command.site))
    place = {"item_id": command.item_id, "site": command.site, "order_id": supply.key, "line_no": COMPONENT}
    lacking = command.quantity - ledger.reserved_for(supply.key, COMPONENT)
    if lacking > 0:
        ledger = book.record(ledger, StockReserved(**place, quantity=lacking))
    return book.record(ledger, StockTaken(**place, quantity=command.quantity))
