"""Deciding on goods that came back: accepted with an outcome, or refused; credited if the customer paid for them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.amounts import ZERO
from orderopt.models.life.happened.returned import ReturnDecided
from orderopt.models.life.happened.stock import StockMoved
from orderopt.models.life.invoice import InvoiceLineKind
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.returns import Decision, Return, ReturnOutcome
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ACCEPTANCE, AcceptanceState, OrderState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.measure import PositiveQuantity
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.credit import credit_invoice
from orderopt.stages.settle.documents import find_bills

_STOCK: dict[ReturnOutcome | None, str] = {ReturnOutcome.RESTOCK: "on_hand", ReturnOutcome.SCRAP: ""}
"""Where goods go from inspection; all others are blocked, empty: nowhere."""


class AcceptReturn(Command):
    """Accept the claim on received goods of a return, each quantity with its outcome.

    Goods leave inspection: to the shelf (RESTOCK), out (SCRAP), or blocked. REPLACE is delivered again, and reopens an
    order that was complete or settled. Every other outcome credits what was invoiced; it does not reopen the order.
    Needs a received quantity that nobody decided on, and an order that is not closed. Returns the numbers of the
    credit notes.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.FINANCE})

    order_id: Id
    return_id: Id
    lines: tuple[tuple[Id, PositiveQuantity, ReturnOutcome], ...] = Field(min_length=1)
    reason: str | None = None


class RefuseReturn(Command):
    """Refuse the claim on received goods; they are blocked until they are sent back. Nothing is credited."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.FINANCE})

    order_id: Id
    return_id: Id
    lines: tuple[tuple[Id, PositiveQuantity], ...] = Field(min_length=1)
    reason: str = Field(min_length=1)


class AskAboutReturn(Command):
    """Put a return aside for a person to decide, since no rule does."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.FINANCE, Role.WAREHOUSE})

    order_id: Id
    return_id: Id
    reason: str = Field(min_length=1)


@does(AcceptReturn)
def accept_return(command: AcceptReturn, book: Book) -> tuple[str, ...]:
    """Record the decisions, move the goods, credit."""
    return _decide(book, command.order_id, command.return_id, command.lines, command.reason)


@does(RefuseReturn)
def refuse_return(command: RefuseReturn, book: Book) -> tuple[str, ...]:
    """Record the decisions and block the goods."""
    lines = [(name, quantity, None) for name, quantity in command.lines]
    return _decide(book, command.order_id, command.return_id, lines, command.reason)


@does(AskAboutReturn)
def ask_about_return(command: AskAboutReturn, book: Book) -> None:
    """Take the step."""
    order = book.need(OrderCase, command.order_id)
    book.record(order, ReturnDecided(return_id=command.return_id, trigger="ask"), why=command.reason)


def _decide(
    book: Book,
    order_id: str,
    return_id: str,
    lines: Sequence[tuple[str, Decimal, ReturnOutcome | None]],
    why: str | None,
) -> tuple[str, ...]:
    order = book.need(OrderCase, order_id)
    found = order.returned(return_id)
    _guard(order, found, lines)
    decisions = tuple(
        Decision(line_no=name, quantity=quantity, outcome=outcome, by=book.actor.name, at=book.at)
        for name, quantity, outcome in lines
    )
    fact = ReturnDecided(return_id=return_id, decisions=decisions, trigger=_find_trigger(found, decisions))
    order = book.record(order, fact, why=why)
    for one in decisions:
        _move_goods(book, order.line(one.line_no), found, one)
    return _credit(book, order, decisions, why or f"return {return_id}")


def _guard(order: OrderCase, found: Return, lines: Sequence[tuple[str, Decimal, ReturnOutcome | None]]) -> None:
    findings = []
    if order.state is OrderState.CLOSED:
        says = "it is closed: the claim window is over"
        findings.append(Finding(code="ORDER_CLOSED", subject=order.key, says=says, mend="make a new order"))
    sums: dict[str, Decimal] = {}
    for name, quantity, _ in lines:
        sums[name] = sums.get(name, ZERO) + quantity
    for name, quantity in sums.items():
        line = found.line(name)
        left = line.undecided if line else ZERO
        if quantity > left:
            says = f"{quantity} is above the {left} that came back and is not decided on"
            findings.append(
                Finding(code="NOT_RECEIVED", subject=f"{found.key}/{name}", says=says, mend="receive first")
            )
    if findings:
        raise GuardError(f"return {found.key} cannot be decided on", findings)


def _find_trigger(found: Return, decisions: Sequence[Decision]) -> str | None:
    """Return the step that ends the acceptance, once everything that came is decided and nothing more is to come."""
    if found.acceptance not in (AcceptanceState.PENDING, AcceptanceState.MANUAL) or found.is_coming:
        return None
    decided = sum((one.quantity for one in decisions), ZERO)
    if sum((line.undecided for line in found.lines), ZERO) > decided:
        return None
    accepted = any(line.accepted for line in found.lines) or any(one.outcome is not None for one in decisions)
    trigger = "accept" if accepted else "reject"
    return trigger if ACCEPTANCE.allows(found.acceptance, trigger) else None


def _move_goods(book: Book, line: CaseLine, found: Return, decision: Decision) -> None:
    """Take goods out of inspection, from the sites where they came in, the first arrival first."""
    left = decision.quantity
    earlier = sum((one.quantity for one in found.decisions if one.line_no == decision.line_no), ZERO)
    for site, arrived in _find_sites(found, decision.line_no):
        skipped = min(earlier, arrived)
        earlier -= skipped
        part = min(left, arrived - skipped)
        if part:
            left -= part
            _move(book, line.ask.item_id, site, part, decision.outcome)


def _find_sites(found: Return, line_no: str) -> list[tuple[str, Decimal]]:
    return [
        (arrival.site, quantity)
        for arrival in found.arrivals
        for name, quantity in arrival.quantities
        if name == line_no
    ]


def _move(book: Book, item_id: str, site: str, quantity: Decimal, outcome: ReturnOutcome | None) -> None:
    amounts = {"in_inspection": -quantity}
    place = _STOCK.get(outcome, "blocked")
    if place:
        amounts[place] = quantity
    ledger = book.need(StockLedger, name_stock(item_id, site))
    book.record(ledger, StockMoved(item_id=item_id, site=site, **amounts))


def _credit(book: Book, order: OrderCase, decisions: Sequence[Decision], reason: str) -> tuple[str, ...]:
    """Credit what is invoiced of accepted goods, the newest invoice first; what replaces goods stays invoiced."""
    wanted: dict[str, Decimal] = {}
    for one in decisions:
        if one.outcome not in (None, ReturnOutcome.REPLACE):
            wanted[one.line_no] = wanted.get(one.line_no, ZERO) + one.quantity
    by_invoice: dict[str, list[tuple[str, Decimal]]] = {}
    bills = find_bills(book, order.key)
    for name, quantity in wanted.items():
        left = min(quantity, _find_overbilled(order.line(name)))
        for document in reversed(bills.documents):
            if document.is_credit:
                continue
            for line in document.lines:
                if line.kind is InvoiceLineKind.GOODS and line.order_line == name:
                    part = min(left, bills.left(document, line).quantity)
                    if part > 0:
                        by_invoice.setdefault(document.number, []).append((line.no, part))
                        left -= part
    documents = {document.number: document for document in bills.documents}
    return tuple(
        credit_invoice(book, documents[number], reason=reason, quantities=quantities).number
        for number, quantities in by_invoice.items()
    )


def _find_overbilled(line: CaseLine) -> Decimal:
    """Return what is invoiced of a line beyond what the customer keeps and is still to get as a replacement."""
    counts = line.counts
    kept = counts.shipped - counts.return_accepted + min(counts.replaced, counts.open)
    return max(ZERO, counts.invoiced - counts.credited - kept)
