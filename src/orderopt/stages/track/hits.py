"""Which orders depend on a supply order: over its pegs, through as many levels as there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.book import Book


@dataclass(frozen=True)
class FedLine:
    """An order line that a supply order is for.

    Attributes
    ----------
    quantity
        What the last supply order of the chain is to give the line.
    chain
        Supply orders from the one asked about to the one that is pegged to the line.
    """

    order_id: str
    line_no: str
    quantity: Decimal
    chain: tuple[str, ...]


def find_fed_lines(supply: SupplyOrder, book: Book) -> Iterator[FedLine]:
    """Yield every order line that a supply order is for, directly or as a component; each chain once.

    A supply order that pegs name and the store does not know feeds nothing. Chains that run in a circle end
    where they meet themselves.
    """
    yield from _walk(supply, (supply.supply_id,), book)


def _walk(supply: SupplyOrder, chain: tuple[str, ...], book: Book) -> Iterator[FedLine]:
    for peg in supply.pegs:
        if peg.order_id is not None and peg.line_no is not None:
            yield FedLine(peg.order_id, peg.line_no, peg.quantity, chain)
        if peg.supply_id is not None and peg.supply_id not in chain:
            parent = book.get(SupplyOrder, peg.supply_id)
            if parent is not None:
                yield from _walk(parent, (*chain, parent.supply_id), book)
