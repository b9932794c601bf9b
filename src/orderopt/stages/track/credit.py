"""What a supply order gives is credited to the order lines that it is pegged to; the rest goes to stock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import ROUND_FLOOR, Decimal

from orderopt.models.life.happened.making import SupplyCredited
from orderopt.models.life.happened.stock import StockMoved, StockReserved
from orderopt.models.life.happened.tracking import LineCredited
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.progress import PegCredit, Target
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.stock_ledger import COMPONENT, StockLedger, name_stock
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
    before = {one.target: one for one in supply.credits}
    for now in shares:
        _credit_line(supply, before.get(now.target, _nothing(now.target)), now, book)
    sent = find_sent(supply)
    arrived = rest - supply.to_stock + _sum_components(shares) - _sum_components(supply.credits)
    sent_now = sent - supply.sent
    if (shares, rest, sent) != (supply.credits, supply.to_stock, supply.sent):
        supply = book.record(supply, SupplyCredited(credits=shares, to_stock=rest, sent=sent))
    if is_inspected(supply, book):
        _move_stock(supply, arrived, sent_now, book)
        return supply
    if arrived < 0:
        supply = reserve_components(supply, arrived, book)
    _move_stock(supply, arrived, sent_now, book)
    return reserve_components(supply, arrived, book) if arrived > 0 else supply


def _nothing(target: Target) -> PegCredit:
    order_id, line_no, supply_id = target
    return PegCredit(order_id=order_id, line_no=line_no, supply_id=supply_id)


def _sum_components(shares: Sequence[PegCredit]) -> Decimal:
    return sum((one.good for one in shares if one.supply_id is not None), ZERO)


def _share(supply: SupplyOrder, book: Book) -> tuple[tuple[PegCredit, ...], Decimal]:
    known = {one.target: one for one in supply.credits}
    places = _find_places(supply, known, book)
    before = [known.get(place, _nothing(place)) for place in places]
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


def _find_places(supply: SupplyOrder, known: Collection[Target], book: Book) -> dict[Target, tuple[Decimal, Decimal]]:
    """Map those whom it is for to what is pegged to them, and to what they take beyond that."""
    pegged: dict[Target, Decimal] = dict.fromkeys(known, ZERO)
    for peg in supply.pegs:
        if peg.target in known or peg.order_id is None or _takes(peg.order_id, book):
            pegged[peg.target] = pegged.get(peg.target, ZERO) + peg.quantity
    return {target: (quantity, _find_extra(supply, target, quantity, book)) for target, quantity in pegged.items()}


def _takes(order_id: str, book: Book) -> bool:
    case = book.get(OrderCase, order_id)
    return case is not None and case.state in _TAKES


def _find_extra(supply: SupplyOrder, target: Target, pegged: Decimal, book: Book) -> Decimal:
    order_id, line_no, _ = target
    if book.policy.tracking.over_production == "stock" or order_id is None or line_no is None:
        return ZERO
    over = find_over(book.need(OrderCase, order_id).line(line_no), book.policy)
    item = book.master.item.get(supply.item_id)
    step = item.quantity_step if item else Decimal(1)
    return (pegged * over / step).to_integral_value(ROUND_FLOOR) * step


def _find_missing(before: PegCredit, short: Decimal, book: Book) -> Decimal:
    """Return what a line will not get; no more than it counts as allocated."""
    if before.order_id is None or before.line_no is None:
        return ZERO
    allocated = book.need(OrderCase, before.order_id).line(before.line_no).counts.allocated
    return min(max(ZERO, short), allocated + before.missing)


def _credit_line(supply: SupplyOrder, before: PegCredit, now: PegCredit, book: Book) -> None:
    change = {name: getattr(now, name) - getattr(before, name) for name in ("good", "scrap", "rework", "missing")}
    if now.order_id is None or now.line_no is None or not any(change.values()):
        return
    case = book.need(OrderCase, now.order_id)
    needs_inspection = is_inspected(supply, book) or case.line(now.line_no).ask.spec
    passed = ZERO if needs_inspection else change["good"]
    book.record(case, LineCredited(line_no=now.line_no, supply_id=supply.supply_id, passed=passed, **change))


def is_inspected(supply: SupplyOrder, book: Book) -> bool:
    """Tell whether what a supply order gives must be inspected, whoever it is for."""
    return supply.kind in book.policy.tracking.inspected_kinds


def _move_stock(supply: SupplyOrder, arrived: Decimal, sent: Decimal, book: Book) -> None:
    """Bring the rest into stock, and take what a move needs from where it comes from."""
    place = "in_inspection" if is_inspected(supply, book) else "on_hand"
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


def reserve_components(supply: SupplyOrder, usable: Decimal, book: Book) -> SupplyOrder:
    """Reserve what has become usable for the supply orders that wait for it, in the order of the pegs.

    Parameters
    ----------
    usable
        Change of the usable stock that came of the supply order; below 0 takes reservations back.
    """
    waiting = [one for one in supply.credits if one.supply_id is not None]
    rooms, reserved = [one.good for one in waiting], [one.reserved for one in waiting]
    total = max(ZERO, min(sum(reserved, ZERO) + usable, sum(rooms, ZERO)))
    now, _ = share_out(total, rooms, reserved, ZERO)
    changes = {one.target: after - one.reserved for one, after in zip(waiting, now, strict=True)}
    if not any(changes.values()):
        return supply
    ledger = book.need(StockLedger, name_stock(supply.item_id, supply.site))
    place = {"item_id": supply.item_id, "site": supply.site, "line_no": COMPONENT}
    facts = [StockReserved(**place, order_id=target[2], quantity=less) for target, less in changes.items() if less]
    book.record(ledger, *facts)
    shares = tuple(
        one.model_copy(update={"reserved": one.reserved + changes.get(one.target, ZERO)}) for one in supply.credits
    )
    return book.record(supply, SupplyCredited(credits=shares, to_stock=supply.to_stock, sent=supply.sent))
