"""Counting stock: what lies where, as somebody found it."""

from __future__ import annotations

from typing import ClassVar

from orderopt.models.life.happened.stock import SafetyStockSet, StockMoved, StockPayload
from orderopt.models.life.roles import Role
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.measure import Quantity
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does


class CountStock(Command):
    """Say how much of an item lies at a site, usable, uninspected and blocked; None leaves a count as it is.

    Refused with QuantityError where more is reserved than was found.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.WAREHOUSE, Role.PLANNER, Role.ADMINISTRATOR})

    item_id: Id
    site: str = ""
    on_hand: Quantity | None = None
    in_inspection: Quantity | None = None
    blocked: Quantity | None = None
    safety: Quantity | None = None
    reason: str


@does(CountStock)
def count_stock(command: CountStock, book: Book) -> StockLedger:
    """Record the differences; return the ledger."""
    key = name_stock(command.item_id, command.site)
    found = book.get(StockLedger, key)
    before = found or StockLedger(item_id=command.item_id, site=command.site)
    place = {"item_id": command.item_id, "site": command.site}
    found_now = {name: getattr(command, name) for name in ("on_hand", "in_inspection", "blocked")}
    moved = {name: count - getattr(before, name) for name, count in found_now.items() if count is not None}
    facts: list[StockPayload] = []
    if any(moved.values()) or found is None:
        facts.append(StockMoved(**place, **moved))
    if command.safety is not None and command.safety != before.safety:
        facts.append(SafetyStockSet(**place, safety=command.safety))
    if found is None:
        return book.begin(StockLedger, key, *facts, why=command.reason)
    return book.record(found, *facts, why=command.reason) if facts else found
