"""What stock, supply and goods are committed to a line, and what of it a change leaves without a demand."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from orderopt.models.life.disposition import Holding, Orphan
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, name_peg_label
from orderopt.stages.book import Book

UNDER_WAY = (SupplyState.FIRM, SupplyState.RELEASED, SupplyState.IN_PROGRESS)


@dataclass(frozen=True)
class Commitment:
    """A quantity that is committed to a line, and how gladly it is let go: first what costs least."""

    orphan: Orphan
    rank: tuple[int, str]


def find_goods(line: CaseLine) -> Decimal:
    """Return what was made well or taken from stock for a line and is not packed."""
    counts = line.counts
    ready = counts.from_stock + counts.produced - counts.qc_rejected
    return max(ZERO, ready - max(counts.packed, counts.shipped))


def find_commitments(book: Book, case: OrderCase, line: CaseLine) -> list[Commitment]:
    """Return everything that is committed to a line and not packed, what is let go first in front.

    What is only proposed goes first, then what can be cancelled, then stock, then what is being made, and last
    what is made and what cannot be cancelled; of equals, the latest.
    """
    found = list(_find_supply(book, case, line))
    item_id = line.ask.item_id
    for ledger in book.find(StockLedger, {"item": item_id}):
        kept = ledger.reserved_for(case.key, line.line_no)
        if kept > 0:
            orphan = _orphan(Holding.STOCK, ledger.key, item_id, kept, case.key, line.line_no)
            found.append(Commitment(orphan, (3, ledger.key)))
    goods = find_goods(line)
    if goods > 0:
        key = name_stock(item_id, _find_site(book, case, line))
        found.append(Commitment(_orphan(Holding.GOODS, key, item_id, goods, case.key, line.line_no), (5, "")))
    return sorted(found, key=lambda one: one.rank)


def find_orphans(book: Book, before: OrderCase, after: OrderCase, first: Collection[str] = ()) -> Iterator[Orphan]:
    """Yield what the lines of a changed order no longer need.

    Parameters
    ----------
    before, after
        The order as it is, and as the change would make it.
    first
        Keys of commitments that are to be let go before all others.
    """
    for line in before.lines:
        now = after.line(line.line_no)
        is_same_item = now.ask.item_id == line.ask.item_id
        if is_same_item and now.counts.open >= line.counts.open:
            continue
        commitments = find_commitments(book, before, line)
        kept = max(ZERO, now.counts.open - (line.counts.packed - line.counts.shipped)) if is_same_item else ZERO
        excess = sum((one.orphan.quantity for one in commitments), ZERO) - kept
        for commitment in sorted(commitments, key=lambda one: one.orphan.key not in first):
            taken = min(excess, commitment.orphan.quantity)
            if taken > 0:
                yield commitment.orphan.model_copy(update={"quantity": taken})
                excess -= taken


def find_components(book: Book, supply: SupplyOrder, less: Decimal, lost: Orphan) -> list[Orphan]:
    """Return what was meant as component of a supply order that will give less.

    Parameters
    ----------
    less
        Quantity that it will not give; of its components, the same share is let go, in whole steps of the item.
    lost
        What is lost of it, and for which line that was.
    """
    if supply.kind is SupplyKind.BUY or supply.to_come == 0:
        return []
    share = min(Decimal(1), less / supply.to_come)
    items = {line.component_id for line in book.master.components.get(supply.item_id, ())} | {supply.item_id}
    found: list[Orphan] = []
    for ledger in (one for item_id in sorted(items) for one in book.find(StockLedger, {"item": item_id})):
        quantity = _part(ledger.reserved_for(supply.key), share, _find_step(book, ledger.item_id))
        found.append(_orphan(Holding.STOCK, ledger.key, ledger.item_id, quantity, lost.order_id, lost.line_no))
    for other in book.find(SupplyOrder, {"open": "1", name_peg_label(supply_id=supply.key): "1"}):
        outstanding = find_outstanding(other, supply_id=supply.key)
        quantity = _part(outstanding, share, _find_step(book, other.item_id))
        found.append(_orphan(Holding.SUPPLY, other.key, other.item_id, quantity, lost.order_id, lost.line_no))
    return [orphan.model_copy(update={"parent_id": supply.key}) for orphan in found if orphan.quantity > 0]


def find_outstanding(
    supply: SupplyOrder, order_id: str | None = None, line_no: str | None = None, supply_id: str | None = None
) -> Decimal:
    """Return what a supply order has still to give to a line, or to another supply order.

    What it has given is what was credited to the line. Where nothing was credited (to other supply orders it never
    is), what is done serves the pegs in their order.
    """
    meant = [peg for peg in supply.pegs if (peg.order_id, peg.line_no, peg.supply_id) == (order_id, line_no, supply_id)]
    if order_id is not None and (supply.credits or supply.to_stock):
        got = sum((one.good for one in supply.credits if (one.order_id, one.line_no) == (order_id, line_no)), ZERO)
        return max(ZERO, sum((peg.quantity for peg in meant), ZERO) - got)
    given = supply.done
    outstanding = ZERO
    for peg in supply.pegs:
        served = min(given, peg.quantity)
        given -= served
        outstanding += peg.quantity - served if peg in meant else ZERO
    return outstanding


def find_lost(supply: SupplyOrder, orphan: Orphan) -> Decimal:
    """Return how much of an orphaned peg will never come, because it was lost in making or on the way.

    Who still has a demand gets what comes; the orphan bears the loss.
    """
    targets = {(peg.order_id, peg.line_no, peg.supply_id) for peg in supply.pegs}
    claimed = sum((find_outstanding(supply, *target) for target in targets), ZERO)
    return min(orphan.quantity, max(ZERO, claimed - supply.to_come))


def _find_supply(book: Book, case: OrderCase, line: CaseLine) -> Iterator[Commitment]:
    for supply in book.find(SupplyOrder, {"open": "1", name_peg_label(order_id=case.key): "1"}):
        quantity = find_outstanding(supply, case.key, line.line_no)
        if quantity > 0:
            orphan = _orphan(Holding.SUPPLY, supply.key, supply.item_id, quantity, case.key, line.line_no)
            yield Commitment(orphan, (_rank(supply), _descending(supply)))


def _rank(supply: SupplyOrder) -> int:
    if supply.state is SupplyState.PROPOSED:
        return 0
    if supply.state is SupplyState.IN_PROGRESS:
        return 4
    return 1 if supply.is_cancellable else 6


def _descending(supply: SupplyOrder) -> str:
    minutes = int(supply.due_at.timestamp()) // 60
    return f"{10**10 - minutes:011d} {supply.key}"


def _find_site(book: Book, case: OrderCase, line: CaseLine) -> str:
    """Return where the goods of a line lie: where its supply arrives, else where there is stock of the item."""
    arrived = sorted(supply.site for supply in find_givers(book, case.key, line.line_no))
    item = {"item": line.ask.item_id}
    return next(iter(arrived or sorted(ledger.site for ledger in book.find(StockLedger, item))), "")


def find_givers(book: Book, order_id: str, line_no: str) -> list[SupplyOrder]:
    """Return the supply orders that have given something to a line."""
    return [
        supply
        for supply in book.find(SupplyOrder, {name_peg_label(order_id=order_id): "1"})
        if any((one.order_id, one.line_no) == (order_id, line_no) and one.good > 0 for one in supply.credits)
    ]


def _orphan(holding: Holding, key: str, item_id: str, quantity: Decimal, order_id: str, line_no: str) -> Orphan:
    return Orphan(holding=holding, key=key, item_id=item_id, quantity=quantity, order_id=order_id, line_no=line_no)


def _part(quantity: Decimal, share: Decimal, step: Decimal) -> Decimal:
    """Return a share of a quantity, rounded down so that what is kept is enough."""
    return quantity if share == 1 else (quantity * share / step).to_integral_value(ROUND_FLOOR) * step


def _find_step(book: Book, item_id: str) -> Decimal:
    item = book.master.item.get(item_id)
    return item.quantity_step if item else Decimal(1)
