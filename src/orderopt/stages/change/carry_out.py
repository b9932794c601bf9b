"""The movements behind a disposition: pegs, reservations and goods change hands, supply is cut or cancelled."""

from __future__ import annotations

from decimal import Decimal

from orderopt.models.life.disposition import Disposition, Holding, Orphan
from orderopt.models.life.happened.change import GoodsReleased
from orderopt.models.life.happened.making import SupplyCredited
from orderopt.models.life.happened.review import AllocationCounted
from orderopt.models.life.happened.stock import StockMoved, StockReserved
from orderopt.models.life.happened.supply import SupplyPegged, SupplyRescheduled, SupplyStepped
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder, SupplyPeg
from orderopt.stages.book import Book
from orderopt.stages.change.commitments import find_givers


def take_off(book: Book, disposition: Disposition) -> None:
    """Count less as allocated to the line that it was for."""
    case = book.need(OrderCase, disposition.order_id)
    quantity = min(disposition.quantity, case.line(disposition.line_no).counts.allocated)
    if quantity > 0:
        book.record(case, AllocationCounted(amounts={disposition.line_no: -quantity}))


def detach(book: Book, disposition: Disposition) -> None:
    """Take the peg or the reservation away from whom it was for."""
    if disposition.holding is Holding.SUPPLY:
        supply = book.need(SupplyOrder, disposition.key)
        book.record(supply, SupplyPegged(pegs=_without(supply.pegs, disposition)))
        return
    ledger = book.need(StockLedger, disposition.key)
    left = disposition.quantity
    for one in ledger.reservations:
        is_its = (
            one.order_id == disposition.parent_id
            if disposition.parent_id is not None
            else (one.order_id, one.line_no) == (disposition.order_id, disposition.line_no)
        )
        taken = min(left, one.quantity) if is_its else ZERO
        if taken > 0:
            _reserve(book, ledger, one.order_id, one.line_no, -taken)
            left -= taken


def release_goods(book: Book, disposition: Disposition, *, keep: bool) -> None:
    """Take goods off their line; they go to stock, what is not inspected to inspection, unless they are scrapped."""
    case = book.need(OrderCase, disposition.order_id)
    passed = find_passed(case, disposition)
    made = disposition.quantity - min(disposition.quantity, case.line(disposition.line_no).counts.from_stock)
    book.record(case, GoodsReleased(line_no=disposition.line_no, quantity=disposition.quantity, passed=passed))
    _take_credit(book, disposition, made)
    if keep:
        moved = StockMoved(
            **_place(disposition.key),
            on_hand=passed,
            in_inspection=disposition.quantity - passed,
            order_id=disposition.order_id,
            line_no=disposition.line_no,
        )
        ledger = book.get(StockLedger, disposition.key)
        if ledger is None:
            book.begin(StockLedger, disposition.key, moved)
        else:
            book.record(ledger, moved)


def _take_credit(book: Book, disposition: Disposition, made: Decimal) -> None:
    """Let the supply orders that made the goods have given them to stock, so that corrections do not come back."""
    order_id, line_no = disposition.order_id, disposition.line_no
    for supply in reversed(find_givers(book, order_id, line_no)):
        credit = next(one for one in supply.credits if (one.order_id, one.line_no) == (order_id, line_no))
        part = min(made, credit.good)
        if part > 0:
            less = credit.model_copy(update={"good": credit.good - part})
            book.record(
                supply,
                SupplyPegged(pegs=_without(supply.pegs, disposition.model_copy(update={"quantity": part}))),
                SupplyCredited(
                    credits=tuple(less if one == credit else one for one in supply.credits),
                    to_stock=supply.to_stock + part,
                    sent=supply.sent,
                ),
            )
            made -= part


def find_passed(case: OrderCase, orphan: Orphan) -> Decimal:
    """Return how much of orphaned goods was inspected."""
    counts = case.line(orphan.line_no).counts
    return min(orphan.quantity, max(ZERO, counts.qc_passed - counts.packed))


def attach(book: Book, disposition: Disposition) -> None:
    """Peg or reserve it for the line that it goes to."""
    assert disposition.to_order is not None
    assert disposition.to_line is not None
    if disposition.holding is Holding.SUPPLY:
        supply = book.need(SupplyOrder, disposition.key)
        peg = SupplyPeg(order_id=disposition.to_order, line_no=disposition.to_line, quantity=disposition.quantity)
        book.record(supply, SupplyPegged(pegs=_with(supply.pegs, peg)))
    else:
        ledger = book.need(StockLedger, disposition.key)
        _reserve(book, ledger, disposition.to_order, disposition.to_line, disposition.quantity)
    shifted = AllocationCounted(amounts={disposition.to_line: disposition.quantity})
    book.record(book.need(OrderCase, disposition.to_order), shifted)


def cut(book: Book, supply_id: str, quantity: Decimal) -> None:
    """Let a supply order give less; if nothing is left to come, it is cancelled, or done with what it has given."""
    supply = book.need(SupplyOrder, supply_id)
    past = supply.done + supply.scrapped
    left = max(past, supply.quantity - quantity)
    if left > past:
        book.record(supply, SupplyRescheduled(quantity=left))
    elif supply.state is SupplyState.PROPOSED:
        book.record(supply, SupplyStepped(trigger="withdraw"))
    elif past == 0:
        book.record(supply, SupplyStepped(trigger="cancel"))
    else:
        book.record(supply, SupplyRescheduled(quantity=past), SupplyStepped(trigger="finish"))


def scrap_stock(book: Book, disposition: Disposition) -> None:
    """Take it off the stock."""
    ledger = book.need(StockLedger, disposition.key)
    book.record(ledger, StockMoved(item_id=ledger.item_id, site=ledger.site, on_hand=-disposition.quantity))


def _reserve(book: Book, ledger: StockLedger, order_id: str, line_no: str, quantity: Decimal) -> None:
    fact = StockReserved(
        item_id=ledger.item_id, site=ledger.site, order_id=order_id, line_no=line_no, quantity=quantity
    )
    book.record(ledger, fact)


def _without(pegs: tuple[SupplyPeg, ...], disposition: Disposition) -> tuple[SupplyPeg, ...]:
    is_component = disposition.parent_id is not None
    gone = (
        None if is_component else disposition.order_id,
        None if is_component else disposition.line_no,
        disposition.parent_id,
    )
    left = disposition.quantity
    kept: list[SupplyPeg] = []
    for peg in reversed(pegs):
        taken = min(left, peg.quantity) if _target(peg) == gone else ZERO
        left -= taken
        if peg.quantity > taken:
            kept.append(peg.model_copy(update={"quantity": peg.quantity - taken}))
    return tuple(reversed(kept))


def _with(pegs: tuple[SupplyPeg, ...], more: SupplyPeg) -> tuple[SupplyPeg, ...]:
    if any(_target(peg) == _target(more) for peg in pegs):
        return tuple(
            peg.model_copy(update={"quantity": peg.quantity + more.quantity}) if _target(peg) == _target(more) else peg
            for peg in pegs
        )
    return (*pegs, more)


def _target(peg: SupplyPeg) -> tuple[str | None, str | None, str | None]:
    return peg.order_id, peg.line_no, peg.supply_id


def _place(key: str) -> dict[str, str]:
    item_id, _, site = key.rpartition("@")
    return {"item_id": item_id, "site": site}
