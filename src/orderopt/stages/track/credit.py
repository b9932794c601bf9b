"""What a supply order gives is credited to the order lines that it is pegged to; the rest goes to stock."""

from __future__ import annotations

from collections.abc import Collection
from decimal import ROUND_FLOOR, Decimal

from orderopt.models.life.happened.making import SupplyCredited
from orderopt.models.life.happened.stock import StockMoved
from orderopt.models.life.happened.tracking import LineCredited
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.progress import PegCredit
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.stages.book import Book
from orderopt.stages.track.guard import find_over
from orderopt.stages.track.share_out import share_out

_TAKES = frozenset({OrderState.CONFIRMED, OrderState.IN_EXECUTION})


def credit_supply(supply: SupplyOrder, book: Book) -> SupplyOrder:
    """Record what orders and stock get of a supply order as it is now, as far as it differs from before.

    What was credited to a line stays with it when pegs change; only a correction takes it back.
    """
    shares, rest = _share(supply, book)
    before = {(one.order_id, one.line_no): one for one in supply.credits}
    for now in shares:
        _credit_line(supply, before.get((now.order_id, now.line_no), _nothing(now.order_id, now.line_no)), now, book)
    sent = find_sent(supply)
    _move_stock(supply, rest - supply.to_stock, sent - supply.sent, book)
    if (shares, rest, sent) == (supply.credits, supply.to_stock, supply.sent):
        return supply
    return book.record(supply, SupplyCredited(credits=shares, to_stock=rest, sent=sent))


def _nothing(order_id: str, line_no: str) -> PegCredit:
    return PegCredit(order_id=order_id, line_no=line_no)


def _share(supply: SupplyOrder, book: Book) -> tuple[tuple[PegCredit, ...], Decimal]:
    known = {(one.order_id, one.line_no): one for one in supply.credits}
    places = _find_places(supply, known, book)
    before = [known.get(place, _nothing(*place)) for place in places]
    rooms = [room for room, _ in places.values()]
    extra = [room for _, room in places.values()]
    given = [min(one.good, room) for one, room in zip(before, rooms, strict=True)]
    beyond = [one.good - part for one, part in zip(before, given, strict=True)]
    good, rest = share_out(supply.done, [*rooms, *extra], [*given, *beyond], supply.to_stock)
    none = [ZERO] * len(places)
    scrap, _ = share_out(supply.scrapped, rooms, none, ZERO)
    rework, _ = share_out(max(ZERO, supply.progress.whole.rework), rooms, none, ZERO)
    shares = []
    for index, one in enumerate(before):
        total = good[index] + good[index + len(before)]
        missing = ZERO
        if supply.state is SupplyState.DONE:
            missing = _find_missing(one, rooms[index] - total, book)
        said = {"good": total, "scrap": scrap[index], "rework": rework[index], "missing": missing}
        shares.append(one.model_copy(update=said))
    return tuple(shares), rest


def _find_places(
    supply: SupplyOrder, known: Collection[tuple[str, str]], book: Book
) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Map order lines to what is pegged to them, and to what they take beyond that."""
    pegged: dict[tuple[str, str], Decimal] = dict.fromkeys(known, ZERO)
    for peg in supply.pegs:
        if peg.order_id is None or peg.line_no is None:
            continue
        place = peg.order_id, peg.line_no
        if place in known or _takes(peg.order_id, book):
            pegged[place] = pegged.get(place, ZERO) + peg.quantity
    return {place: (quantity, _find_extra(supply, place, quantity, book)) for place, quantity in pegged.items()}


def _takes(order_id: str, book: Book) -> bool:
    case = book.get(OrderCase, order_id)
    return case is not None and case.state in _TAKES


def _find_extra(supply: SupplyOrder, place: tuple[str, str], pegged: Decimal, book: Book) -> Decimal:
    if book.policy.tracking.over_production == "stock":
        return ZERO
    over = find_over(book.need(OrderCase, place[0]).line(place[1]), book.policy)
    item = book.master.item.get(supply.item_id)
    step = item.quantity_step if item else Decimal(1)
    return (pegged * over / step).to_integral_value(ROUND_FLOOR) * step


def _find_missing(before: PegCredit, short: Decimal, book: Book) -> Decimal:
    """Return what a peg will not get; no more than the line counts as allocated."""
    allocated = book.need(OrderCase, before.order_id).line(before.line_no).counts.allocated
    return min(max(ZERO, short), allocated + before.missing)


def _credit_line(supply: SupplyOrder, before: PegCredit, now: PegCredit, book: Book) -> None:
    change = {name: getattr(now, name) - getattr(before, name) for name in ("good", "scrap", "rework", "missing")}
    if not any(change.values()):
        return
    case = book.need(OrderCase, now.order_id)
    passed = ZERO if is_inspected(supply, case, now.line_no, book) else change["good"]
    book.record(case, LineCredited(line_no=now.line_no, supply_id=supply.supply_id, passed=passed, **change))


def is_inspected(supply: SupplyOrder, case: OrderCase, line_no: str, book: Book) -> bool:
    """Tell whether what a supply order gives a line must be inspected."""
    return supply.kind in book.policy.tracking.inspected_kinds or bool(case.line(line_no).ask.spec)


def _move_stock(supply: SupplyOrder, arrived: Decimal, sent: Decimal, book: Book) -> None:
    """Bring the rest into stock, and take what a move needs from where it comes from."""
    place = "in_inspection" if supply.kind in book.policy.tracking.inspected_kinds else "on_hand"
    if sent:
        move_stock(book, supply.item_id, supply.source_id, supply_id=supply.supply_id, on_hand=-sent)
    if arrived:
        move_stock(book, supply.item_id, supply.site, supply_id=supply.supply_id, **{place: arrived})


def move_stock(book: Book, item_id: str, site: str, **said: object) -> StockLedger:
    """Record that stock came or went; the first movement opens the ledger."""
    fact = StockMoved.model_validate({"item_id": item_id, "site": site, **said})
    ledger = book.get(StockLedger, name_stock(item_id, site))
    if ledger is None:
        return book.begin(StockLedger, name_stock(item_id, site), fact)
    return book.record(ledger, fact)


def find_sent(supply: SupplyOrder) -> Decimal:
    """Return what a move has taken from its origin: all of it while under way, in the end what arrived or was lost."""
    if supply.kind is not SupplyKind.MOVE:
        return ZERO
    ended = supply.done + supply.scrapped
    is_under_way = supply.progress.whole.started_at is not None and supply.state is not SupplyState.DONE
    return max(ended, supply.quantity) if is_under_way else ended
