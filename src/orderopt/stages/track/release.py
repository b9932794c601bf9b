"""Releasing orders and supply orders: from here on work is done and money is spent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.happened.order import OrderReleased
from orderopt.models.life.happened.stock import StockReserved
from orderopt.models.life.happened.supply import SupplyStepped
from orderopt.models.life.hold import Blocks
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER, SUPPLY, OrderState
from orderopt.models.life.stock_ledger import COMPONENT, StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.release import find_release_lacks
from orderopt.stages.track.guard import find_held, refuse
from orderopt.stages.track.hits import find_fed_lines


class FirmSupply(Command):
    """Fix a proposed supply order: the planner may move it from now on only at a cost."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.PURCHASING})

    supply_id: Id


class ReleaseSupply(Command):
    """Hand a firm supply order to the shop floor, the supplier or the carrier.

    Needs: no hold on RELEASE of any order that it is for, directly or as a component; these orders are
    confirmed, within the credit limit, and a deposit that was agreed is paid. Orders that were not in execution
    before are from now on.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.PURCHASING, Role.SHOP_FLOOR})

    supply_id: Id


class CloseSupply(Command):
    """Close a supply order that is done and counted; what was reserved for it and not used is free again."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.PURCHASING, Role.FINANCE})

    supply_id: Id


@does(FirmSupply)
def firm_supply(command: FirmSupply, book: Book) -> None:
    """Take the step."""
    book.record(book.need(SupplyOrder, command.supply_id), SupplyStepped(trigger="firm"))


@does(ReleaseSupply)
def release_supply(command: ReleaseSupply, book: Book) -> tuple[str, ...]:
    """Take the step; return the orders that are in execution from now on."""
    supply = book.need(SupplyOrder, command.supply_id)
    SUPPLY.step(supply.state, "release", supply.key)
    fed = sorted({(line.order_id, line.line_no) for line in find_fed_lines(supply, book)})
    refuse(f"supply order {supply.key} cannot be released", _find_obstacles(fed, book))
    book.record(supply, SupplyStepped(trigger="release"))
    begun = []
    for order_id in dict.fromkeys(order_id for order_id, _ in fed):
        case = book.need(OrderCase, order_id)
        if ORDER.allows(case.state, "release"):
            book.record(case, OrderReleased())
            begun.append(order_id)
    return tuple(begun)


def _find_obstacles(fed: list[tuple[str, str]], book: Book) -> Iterator[Finding]:
    seen: set[str] = set()
    for order_id, line_no in fed:
        case = book.need(OrderCase, order_id)
        if case.state not in (OrderState.CONFIRMED, OrderState.IN_EXECUTION):
            yield Finding(
                code="ORDER_NOT_CONFIRMED",
                subject=f"{order_id}/{line_no}",
                says=f"the order is {case.state}",
                mend="confirm it, or peg the supply order to something else",
            )
        if case.state is OrderState.CONFIRMED and order_id not in seen:
            seen.add(order_id)
            yield from find_release_lacks(case, book)
        yield from find_held(case.holds_on(Blocks.RELEASE, line_no), f"{order_id}/{line_no}")


@does(CloseSupply)
def close_supply(command: CloseSupply, book: Book) -> None:
    """Take the step and free what is left."""
    supply = book.record(book.need(SupplyOrder, command.supply_id), SupplyStepped(trigger="close"))
    for component in book.master.components.get(supply.item_id, ()):
        for ledger in book.find(StockLedger, {"item": component.component_id}):
            left = ledger.reserved_for(supply.key, COMPONENT)
            if left:
                place = {"item_id": ledger.item_id, "site": ledger.site, "order_id": supply.key, "line_no": COMPONENT}
                book.record(ledger, StockReserved(**place, quantity=-left))
