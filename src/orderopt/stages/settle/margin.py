"""Cost and margin of an order: what is known of its supplies, by the quantities pegged to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from orderopt.models.life.amounts import ZERO, Price, round_to
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.states import SupplyState
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills
from orderopt.stages.settle.rates import find_minor_unit

_NAMES = {
    SupplyKind.BUY: "material",
    SupplyKind.SUBCONTRACT: "material",
    SupplyKind.MAKE: "production",
    SupplyKind.MOVE: "freight",
}


class OrderMargin(Part):
    """What an order brought and cost, in the desk's currency, before tax.

    Attributes
    ----------
    revenue
        Invoiced less credited.
    material, production, freight
        Unit cost of supplies times the quantity that they are for the order, components of components included.
    scrap
        What was lost on the way, at the same unit costs.
    margin
        Revenue less all of these. It is final only if `unknown` is empty.
    unknown
        Supplies without a unit cost, and lines of which a quantity came from stock, whose cost is not kept.
    """

    order_id: Id
    revenue: Price = ZERO
    material: Price = ZERO
    production: Price = ZERO
    freight: Price = ZERO
    scrap: Price = ZERO
    margin: Price = ZERO
    unknown: tuple[str, ...] = ()


class ShowMargin(Command):
    """Ask what an order brought and cost."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.AUDITOR})

    order_id: Id


@dataclass(frozen=True)
class _Use:
    """A share of a supply that is for the order."""

    supply: SupplyOrder
    share: Decimal


@does(ShowMargin)
def show_margin(query: ShowMargin, book: Book) -> OrderMargin:
    """Return the sums."""
    order = book.need(OrderCase, query.order_id)
    bills = find_bills(book, order.key)
    unit = find_minor_unit(book, book.policy.currency)
    revenue = sum((document.sign * document.net * document.rate for document in bills.documents), ZERO)
    sums: dict[str, Decimal] = dict.fromkeys((*_NAMES.values(), "scrap"), ZERO)
    unknown = [f"{order.key}/{line.line_no}: stock" for line in order.lines if line.counts.from_stock]
    for use in _find_uses(book, order.key):
        cost = use.supply.unit_cost
        if cost is None:
            unknown.append(use.supply.key)
            continue
        sums[_NAMES[use.supply.kind]] += use.share * _find_good(use.supply) * cost
        sums["scrap"] += use.share * use.supply.scrapped * cost
    rounded = {name: round_to(value, unit) for name, value in sums.items()}
    brought = round_to(revenue, unit)
    margin = brought - sum(rounded.values(), ZERO)
    found = OrderMargin(order_id=order.key, revenue=brought, margin=margin, unknown=tuple(unknown), **rounded)
    return mask(found, book.actor.sees)


def _find_good(supply: SupplyOrder) -> Decimal:
    """Return the good quantity: what was done, or what is ordered while nothing is."""
    return supply.done or supply.quantity


def _find_uses(book: Book, order_id: str) -> Iterator[_Use]:
    """Yield the supplies of an order and of its supplies, each with the share that is for the order."""
    supplies = {one.key: one for one in book.find(SupplyOrder) if one.state is not SupplyState.CANCELLED}
    feeders: dict[str, list[SupplyOrder]] = {}
    for supply in supplies.values():
        for name in {peg.supply_id for peg in supply.pegs if peg.supply_id is not None}:
            feeders.setdefault(name, []).append(supply)
    shares: dict[str, Decimal] = {}
    for supply in supplies.values():
        mine = sum((peg.quantity for peg in supply.pegs if peg.order_id == order_id), ZERO)
        if mine:
            _add_share(supply, mine / _find_whole(supply), feeders, shares, frozenset())
    for name in sorted(shares):
        yield _Use(supplies[name], min(Decimal(1), shares[name]))


def _find_whole(supply: SupplyOrder) -> Decimal:
    return max(_find_good(supply), supply.pegged)


def _add_share(
    supply: SupplyOrder,
    share: Decimal,
    feeders: Mapping[str, list[SupplyOrder]],
    shares: dict[str, Decimal],
    above: frozenset[str],
) -> None:
    if supply.key in above:
        return
    shares[supply.key] = shares.get(supply.key, ZERO) + share
    for feeder in feeders.get(supply.key, ()):
        pegged = sum((peg.quantity for peg in feeder.pegs if peg.supply_id == supply.key), ZERO)
        _add_share(feeder, share * pegged / _find_whole(feeder), feeders, shares, above | {supply.key})
