"""Suppliers' invoices: each line held against what was ordered and received, then owed, paid, and the supply closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError, NotAllowedError
from orderopt.models.finding import Finding
from orderopt.models.life.account import PartyKind
from orderopt.models.life.amounts import Currency, known, round_to
from orderopt.models.life.happened.payment import BillMatched, BillRecorded, BillStepped, SupplyInvoiced
from orderopt.models.life.roles import Role
from orderopt.models.life.states import BillState
from orderopt.models.life.supplier_invoice import BillLine, MatchCode, MatchResult, SupplierInvoice, name_bill
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.post import post_item
from orderopt.stages.settle.rates import find_exchange_rate, find_minor_unit

_BOUGHT = (SupplyKind.BUY, SupplyKind.SUBCONTRACT)


class RecordSupplierInvoice(Command):
    """Record an invoice of a supplier and match it: ordered, received, invoiced.

    Every line names its supply order. A line agrees if no more is invoiced in all than was received, and the price
    is not above the one agreed, each within the policy's tolerance. If all lines agree the invoice is owed at once;
    otherwise it is held until receipts come (MatchSupplierInvoice), someone else approves it, or it is rejected.
    The same number with the same content again changes nothing. Returns the invoice with a result for each line.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.PURCHASING})

    supplier_id: Id
    number: Id
    issued_on: date
    due_on: date
    currency: Currency
    lines: tuple[BillLine, ...] = Field(min_length=1)


class MatchSupplierInvoice(Command):
    """Match an invoice that is held once more, for example after a late receipt."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.PURCHASING})

    supplier_id: Id
    number: Id


class ApproveSupplierInvoice(Command):
    """Accept an invoice that does not match, with a reason; by another person than recorded it."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    supplier_id: Id
    number: Id
    reason: str = Field(min_length=1)


class RejectSupplierInvoice(Command):
    """Send an invoice that does not match back, with a reason: nothing is owed."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.PURCHASING})

    supplier_id: Id
    number: Id
    reason: str = Field(min_length=1)


@does(RecordSupplierInvoice)
def record_supplier_invoice(command: RecordSupplierInvoice, book: Book) -> SupplierInvoice:
    """Record, count on the supply orders, match."""
    rate, _ = find_exchange_rate(book, command.currency, command.issued_on)
    bill = SupplierInvoice(rate=rate, **{name: getattr(command, name) for name in type(command).model_fields})
    found = book.get(SupplierInvoice, bill.key)
    if found is not None:
        if _content(found) == _content(bill):
            return found
        says = "it is known with other content"
        raise _refuse(bill, Finding(code="BILL_DIFFERS", subject=bill.key, says=says, mend="ask the supplier"))
    _guard(bill, find_minor_unit(book, bill.currency))
    bill = book.begin(SupplierInvoice, bill.key, BillRecorded(bill=bill))
    _count(book, bill, 1)
    return _match(book, bill)


@does(MatchSupplierInvoice)
def match_supplier_invoice(command: MatchSupplierInvoice, book: Book) -> SupplierInvoice:
    """Match again."""
    return _match(book, _need(book, command.supplier_id, command.number))


@does(ApproveSupplierInvoice)
def approve_supplier_invoice(command: ApproveSupplierInvoice, book: Book) -> SupplierInvoice:
    """Take the step; from now on it is owed."""
    bill = _need(book, command.supplier_id, command.number)
    if bill.recorded_by == book.actor.name:
        raise NotAllowedError(f"{book.actor.name} recorded supplier invoice {bill.key}; someone else must approve it")
    bill = book.record(bill, BillStepped(trigger="approve"), why=command.reason)
    post_item(book, PartyKind.SUPPLIER, bill.supplier_id, bill.item)
    return bill


@does(RejectSupplierInvoice)
def reject_supplier_invoice(command: RejectSupplierInvoice, book: Book) -> SupplierInvoice:
    """Take the step; its quantities are not invoiced any more."""
    bill = _need(book, command.supplier_id, command.number)
    bill = book.record(bill, BillStepped(trigger="reject"), why=command.reason)
    _count(book, bill, -1)
    return bill


def _need(book: Book, supplier_id: str, number: str) -> SupplierInvoice:
    return book.need(SupplierInvoice, name_bill(supplier_id, number))


def _content(bill: SupplierInvoice) -> tuple[object, ...]:
    lines = tuple(line.model_copy(update={"match": None}) for line in bill.lines)
    return bill.issued_on, bill.due_on, bill.currency, lines


def _guard(bill: SupplierInvoice, unit: Decimal) -> None:
    found = []
    for line in bill.lines:
        amounts = known(line.net), known(line.tax)
        if any(round_to(amount, unit) != amount for amount in amounts) or min(amounts) < 0:
            says = f"line {line.no} has an amount below 0 or with more places than {bill.currency} has"
            found.append(Finding(code="AMOUNT", subject=bill.key, says=says, mend="ask the supplier"))
        worth = round_to(line.quantity * known(line.unit_price), unit)
        if worth != known(line.net):
            says = f"line {line.no}: quantity times price is not its amount"
            found.append(Finding(code="LINE_SUM", subject=bill.key, says=says, mend="ask the supplier"))
    if found:
        raise _refuse(bill, *found)


def _count(book: Book, bill: SupplierInvoice, sign: int) -> None:
    for line in bill.lines:
        supply = book.get(SupplyOrder, line.supply_id)
        if supply is not None:
            book.record(supply, SupplyInvoiced(number=bill.key, quantity=sign * line.quantity))


def _match(book: Book, bill: SupplierInvoice) -> SupplierInvoice:
    results = tuple(_match_line(book, bill, line) for line in bill.lines)
    matched = all(result.is_matched for result in results)
    trigger = "match" if matched else ("hold" if bill.state is BillState.RECEIVED else None)
    bill = book.record(bill, BillMatched(results=results, trigger=trigger))
    if matched:
        post_item(book, PartyKind.SUPPLIER, bill.supplier_id, bill.item)
    return bill


def _match_line(book: Book, bill: SupplierInvoice, line: BillLine) -> MatchResult:
    supply = book.get(SupplyOrder, line.supply_id)
    if supply is None:
        return MatchResult(invoiced=line.quantity, codes=(MatchCode.UNKNOWN_SUPPLY,))
    return MatchResult(
        ordered=supply.quantity,
        received=supply.done,
        invoiced=supply.invoiced,
        agreed_price=supply.unit_cost,
        codes=tuple(_find_codes(book, bill, line, supply)),
    )


def _find_codes(book: Book, bill: SupplierInvoice, line: BillLine, supply: SupplyOrder) -> Iterator[MatchCode]:
    policy = book.policy.settlement
    over = 1 + policy.match_quantity
    if supply.source_id != bill.supplier_id:
        yield MatchCode.OTHER_SUPPLIER
    if supply.done == 0:
        yield MatchCode.NOT_RECEIVED
    elif supply.invoiced > supply.done * over:
        yield MatchCode.ABOVE_RECEIVED
    if supply.invoiced > max(supply.quantity, supply.done) * over:
        yield MatchCode.ABOVE_ORDERED
    if supply.unit_cost is None:
        yield MatchCode.PRICE_UNKNOWN
        return
    asked = known(line.unit_price) * bill.rate
    dearer = (asked - supply.unit_cost) * line.quantity
    if asked > supply.unit_cost * (1 + policy.match_price) and dearer > policy.match_amount:
        yield MatchCode.PRICE_ABOVE


def find_supply_lack(supply: SupplyOrder, book: Book) -> Iterator[Finding]:
    """Yield what keeps a supply order from being closed: what is bought must be invoiced as received, and paid."""
    if supply.kind not in _BOUGHT:
        return
    if supply.invoiced != supply.done:
        says = f"{supply.invoiced} is invoiced of {supply.done} received"
        yield Finding(code="NOT_INVOICED", subject=supply.key, says=says, mend="wait for the supplier's invoice")
    for bill in book.find(SupplierInvoice, {"supplier": supply.source_id}):
        if bill.state is not BillState.REJECTED and any(line.supply_id == supply.key for line in bill.lines):
            if bill.state in (BillState.RECEIVED, BillState.HELD):
                yield Finding(code="NOT_MATCHED", subject=bill.key, says="it is not matched", mend="match it")
            elif bill.open:
                yield Finding(code="NOT_PAID", subject=bill.key, says="it is not paid", mend="pay it")


def _refuse(bill: SupplierInvoice, *findings: Finding) -> GuardError:
    return GuardError(f"supplier invoice {bill.key} cannot be recorded", findings)
