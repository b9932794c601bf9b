"""Keeping what is promised: stock reserved, supply pegged and proposed, all or nothing; and setting it free again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.review import AllocationCounted
from orderopt.models.life.happened.stock import StockReserved
from orderopt.models.life.happened.supply import SupplyPegged, SupplyProposed, SupplyStepped
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import OrderPromise, Origin, PromisedPart
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.stages.book import Book
from orderopt.stages.gather import COMMITTED

_KINDS = {Origin.MAKE: SupplyKind.MAKE, Origin.BUY: SupplyKind.BUY}


def reserve(case: OrderCase, promise: OrderPromise, book: Book, *, until: datetime | None = None) -> OrderCase:
    """Keep everything that a promise is made of for an order; return the order.

    What the order had before is set free first, so that reserving twice is reserving once. Stock is reserved.
    Committed supply is pegged. What is still to be made or bought becomes proposed supply with a peg: together with
    the promised date of the line, which every later promise and plan has to keep, it holds the capacity.

    Parameters
    ----------
    until
        When the reservations of a quote end.

    Raises
    ------
    GuardError
        If something is no longer there, with a finding for each item and site whose lines together ask for too much.
    """
    case = set_free(case, book)
    _check(case, promise, book)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for line in promise.lines:
        for part in line.parts:
            _keep(case, line.line_no, part, book, until)
            amounts[line.line_no] += part.quantity
    return book.record(case, AllocationCounted(amounts=dict(amounts))) if amounts else case


def set_free(case: OrderCase, book: Book, *, why: str | None = None) -> OrderCase:
    """Undo what :func:`reserve` did, exactly; return the order.

    Reservations end, proposed supply that is for nobody else is withdrawn, pegs on committed supply are taken off:
    it is free for the next demand, but for what was made of it already: that stays with its line.
    """
    freed: dict[str, Decimal] = defaultdict(Decimal)
    for ledger in _find_ledgers(case, book):
        for one in ledger.reservations:
            if one.order_id == case.key:
                freed[one.line_no] += one.quantity
                book.record(ledger, _reserved(ledger, case.key, one.line_no, -one.quantity), why=why)
    for supply in _find_supply(case, book):
        for peg in supply.pegs:
            if peg.order_id == case.key and peg.line_no is not None:
                freed[peg.line_no] += max(ZERO, peg.quantity - supply.given(peg.target))
        others = tuple(peg for peg in supply.pegs if peg.order_id != case.key)
        book.record(supply, SupplyPegged(pegs=others), why=why)
        if supply.state is SupplyState.PROPOSED and not others:
            book.record(supply, SupplyStepped(trigger="withdraw"), why=why)
    amounts = {
        line.line_no: -min(freed[line.line_no], line.counts.allocated)
        for line in case.lines
        if min(freed[line.line_no], line.counts.allocated)
    }
    return book.record(case, AllocationCounted(amounts=amounts), why=why) if amounts else case


def _find_ledgers(case: OrderCase, book: Book) -> Iterator[StockLedger]:
    for item_id in dict.fromkeys(line.ask.item_id for line in case.lines):
        for ledger in book.find(StockLedger, {"item": item_id}):
            if ledger.reserved_for(case.key):
                yield ledger


def _find_supply(case: OrderCase, book: Book) -> Iterator[SupplyOrder]:
    for item_id in dict.fromkeys(line.ask.item_id for line in case.lines):
        for supply in book.find(SupplyOrder, {"item": item_id, "open": "1"}):
            if any(peg.order_id == case.key for peg in supply.pegs):
                yield supply


def _check(case: OrderCase, promise: OrderPromise, book: Book) -> None:
    """Raise GuardError if all lines together take more than there is of anything."""
    wanted: dict[tuple[Origin, str], Decimal] = defaultdict(Decimal)
    for line in promise.lines:
        for part in line.parts:
            if part.origin in (Origin.STOCK, Origin.SUPPLY):
                wanted[part.origin, _name(case, line.line_no, part)] += part.quantity
    short = []
    for (origin, name), quantity in sorted(wanted.items()):
        left = _find_left(origin, name, case, book)
        if quantity > left:
            short.append(
                Finding(
                    code="NOT_THERE",
                    subject=f"{origin} {name}",
                    says=f"{quantity} were promised from it, {left} can be had",
                    mend="find a new promise",
                )
            )
    if short:
        raise GuardError(f"order {case.key}: what was promised is no longer there", short)


def _name(case: OrderCase, line_no: str, part: PromisedPart) -> str:
    return name_stock(case.line(line_no).ask.item_id, part.source_id) if part.origin is Origin.STOCK else part.source_id


def _find_left(origin: Origin, name: str, case: OrderCase, book: Book) -> Decimal:
    if origin is Origin.STOCK:
        ledger = book.get(StockLedger, name)
        return ledger.available_to(case.key) if ledger else ZERO
    supply = book.get(SupplyOrder, name)
    if supply is None or supply.state not in COMMITTED:
        return ZERO
    return max(ZERO, min(supply.to_come, supply.quantity - supply.scrapped - supply.pegged))


def _keep(case: OrderCase, line_no: str, part: PromisedPart, book: Book, until: datetime | None) -> None:
    name = _name(case, line_no, part)
    peg = SupplyPeg(order_id=case.key, line_no=line_no, quantity=part.quantity)
    if part.origin is Origin.STOCK:
        ledger = book.need(StockLedger, name)
        book.record(ledger, _reserved(ledger, case.key, line_no, part.quantity, until))
    elif part.origin is Origin.SUPPLY:
        supply = book.need(SupplyOrder, name)
        book.record(supply, SupplyPegged(pegs=(*supply.pegs, peg)))
    else:
        proposed = _build_supply(case, line_no, part, peg, book)
        book.begin(SupplyOrder, proposed.key, SupplyProposed(supply=proposed))


def _build_supply(case: OrderCase, line_no: str, part: PromisedPart, peg: SupplyPeg, book: Book) -> SupplyOrder:
    unit = book.master.unit.get(part.source_id)
    count = 1
    while book.get(SupplyOrder, f"{case.key}-{line_no}-P{count}") is not None:
        count += 1
    assert part.available_at is not None
    return SupplyOrder(
        supply_id=f"{case.key}-{line_no}-P{count}",
        kind=_KINDS[part.origin],
        item_id=case.line(line_no).ask.item_id,
        source_id=part.source_id,
        site=(unit.site if unit else None) or "",
        quantity=part.quantity,
        starts_at=part.starts_at,
        due_at=part.available_at,
        pegs=(peg,),
    )


def _reserved(
    ledger: StockLedger, order_id: str, line_no: str, quantity: Decimal, until: datetime | None = None
) -> StockReserved:
    return StockReserved(
        item_id=ledger.item_id,
        site=ledger.site,
        order_id=order_id,
        line_no=line_no,
        quantity=quantity,
        until=until,
    )
