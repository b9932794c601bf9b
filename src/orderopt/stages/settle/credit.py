"""Credit notes and debit notes: what an invoice charged too much or too little."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, known, round_to, spread, take_part
from orderopt.models.life.billing import Charge, ChargeCode
from orderopt.models.life.bills import Left, OrderBills
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.measure import PositiveMoney, PositiveQuantity
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.bill import draft_charge
from orderopt.stages.settle.documents import find_bills, issue_document
from orderopt.stages.settle.due import agree_terms
from orderopt.stages.settle.money import fall_exposure
from orderopt.stages.settle.post import match_items
from orderopt.stages.settle.price import find_tax, price_lines
from orderopt.stages.settle.rates import find_minor_unit, find_today


class IssueCreditNote(Command):
    """Credit an invoice: as a whole, quantities of its lines, or an amount off a line's price.

    A credit note uses the prices, taxes and rate of the invoice; all credit notes of a line together are never above
    it, and exactly it once everything is credited. It is used for the invoice at once as far as that is open; the
    rest is a credit of the customer. Returns the credit note.

    Attributes
    ----------
    quantities
        By line of the invoice.
    allowances
        Amounts by line of the invoice, net or gross as the order's prices are; no quantity is credited.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    number: Id
    reason: str = Field(min_length=1)
    quantities: tuple[tuple[Id, PositiveQuantity], ...] = ()
    allowances: tuple[tuple[Id, PositiveMoney], ...] = ()


class IssueDebitNote(Command):
    """Charge something that an invoice left out. Returns the debit note."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    number: Id
    reason: str = Field(min_length=1)
    amount: PositiveMoney
    tax_code: Id | None = None


@does(IssueCreditNote)
def issue_credit_note(command: IssueCreditNote, book: Book) -> Invoice:
    """Issue the credit note."""
    invoice = book.need(Invoice, command.number)
    return credit_invoice(
        book, invoice, reason=command.reason, quantities=command.quantities, allowances=command.allowances
    )


@does(IssueDebitNote)
def issue_debit_note(command: IssueDebitNote, book: Book) -> Invoice:
    """Issue the debit note."""
    invoice = book.need(Invoice, command.number)
    _guard(invoice, ())
    order, terms = agree_terms(book, book.need(OrderCase, invoice.order_id))
    charge = Charge(
        charge_id="1", code=ChargeCode.SERVICE, text=command.reason, amount=command.amount, tax_code=command.tax_code
    )
    draft = draft_charge(book, charge)
    unit = find_minor_unit(book, invoice.currency)
    lines = price_lines([draft], includes_tax=invoice.prices_include_tax, unit=unit, terms=terms)
    own = [line.model_copy(update={"charge_id": None}) for line in lines]
    return issue_document(book, order, InvoiceKind.DEBIT_NOTE, own, corrects=invoice, reason=command.reason)


def credit_invoice(
    book: Book,
    invoice: Invoice,
    *,
    reason: str,
    quantities: Sequence[tuple[str, Decimal]] = (),
    allowances: Sequence[tuple[str, Decimal]] = (),
) -> Invoice:
    """Issue a credit note over quantities and amounts of an invoice, or over all that is left of it, and use it."""
    _guard(invoice, [name for name, _ in (*quantities, *allowances)])
    bills = find_bills(book, invoice.order_id)
    unit = find_minor_unit(book, invoice.currency)
    if quantities or allowances:
        lines = [
            *(_credit_quantity(bills, invoice, name, quantity, unit) for name, quantity in quantities),
            *(_credit_amount(bills, invoice, name, amount, unit) for name, amount in allowances),
        ]
    else:
        lines = [
            build_credit(invoice, line, left.quantity, left)
            for line, left in ((line, find_left(bills, invoice, line)) for line in invoice.lines)
            if left.quantity or left.net or left.tax
        ]
    return _issue(book, invoice, lines, reason)


def credit_sum(book: Book, invoice: Invoice, amount: Decimal, reason: str) -> Invoice:
    """Credit a gross sum of an invoice, spread over its lines by what is left of each."""
    _guard(invoice, ())
    bills = find_bills(book, invoice.order_id)
    lefts = [(line, find_left(bills, invoice, line)) for line in invoice.lines]
    useful = [(line, left) for line, left in lefts if left.gross > 0]
    if amount > sum((left.gross for _, left in useful), ZERO):
        says = "less than that is left of it"
        raise _refuse(invoice, Finding(code="ABOVE_LEFT", subject=invoice.number, says=says, mend="credit less"))
    unit = find_minor_unit(book, invoice.currency)
    parts = spread(amount, [left.gross for _, left in useful], unit)
    lines = []
    for (line, left), part in zip(useful, parts, strict=True):
        net = left.net if part == left.gross else round_to(part * left.net / left.gross, unit)
        if part:
            off = Left(ZERO, net, part - net)
            lines.append(build_credit(invoice, line, ZERO, off, InvoiceLineKind.ALLOWANCE))
    return _issue(book, invoice, lines, reason)


def find_left(bills: OrderBills, invoice: Invoice, line: InvoiceLine) -> Left:
    """Return what of a line can be credited: of a deposit, what was not taken off an invoice."""
    if line.kind is not InvoiceLineKind.DEPOSIT:
        return bills.left(invoice, line)
    return next(
        (left for deposit, own, left in bills.deposits_left() if (deposit.number, own.no) == (invoice.number, line.no)),
        Left(ZERO, ZERO, ZERO),
    )


def _guard(invoice: Invoice, names: Sequence[str]) -> None:
    if invoice.is_credit:
        raise _refuse(invoice, Finding(code="NO_INVOICE", subject=invoice.number, says="it is a credit note"))
    if len(set(names)) < len(names):
        raise _refuse(invoice, Finding(code="NAMED_TWICE", subject=invoice.number, says="a line is named twice"))


def _issue(book: Book, invoice: Invoice, lines: Sequence[InvoiceLine], reason: str) -> Invoice:
    if not lines:
        raise _refuse(invoice, Finding(code="NOTHING_LEFT", subject=invoice.number, says="all of it is credited"))
    order = book.need(OrderCase, invoice.order_id)
    numbered = [line.model_copy(update={"no": str(position)}) for position, line in enumerate(lines, start=1)]
    note = issue_document(book, order, InvoiceKind.CREDIT_NOTE, numbered, corrects=invoice, reason=reason)
    account = book.need(Account, name_account(PartyKind.CUSTOMER, invoice.customer_id))
    used = min(note.gross, account.open_of(invoice.number))
    if used:
        match_items(book, account, credit=note.item, debit=invoice.item, amount=used, on=find_today(book))
    fall_exposure(book, PartyKind.CUSTOMER, invoice.customer_id)
    return book.need(Invoice, note.number)


def _credit_quantity(bills: OrderBills, invoice: Invoice, name: str, quantity: Decimal, unit: Decimal) -> InvoiceLine:
    line = invoice.line(name)
    left, goods = bills.left(invoice, line), bills.left(invoice, line, allowances=False)
    if line.kind is not InvoiceLineKind.GOODS or quantity > left.quantity:
        says = f"{quantity} is above the {left.quantity} that is left of line {name}"
        raise _refuse(invoice, Finding(code="ABOVE_LEFT", subject=invoice.number, says=says, mend="credit less"))
    part = line.quantity - left.quantity + quantity
    let_off = goods.net - left.net, goods.tax - left.tax
    net, tax = (
        take_part(known(whole) - off, part=part, of=line.quantity, taken=known(whole) - rest, unit=unit)
        for whole, rest, off in ((line.net, goods.net, let_off[0]), (line.tax, goods.tax, let_off[1]))
    )
    return build_credit(invoice, line, quantity, Left(quantity, net, tax))


def _credit_amount(bills: OrderBills, invoice: Invoice, name: str, amount: Decimal, unit: Decimal) -> InvoiceLine:
    line = invoice.line(name)
    left = find_left(bills, invoice, line)
    most = left.gross if invoice.prices_include_tax else left.net
    if amount > most or round_to(amount, unit) != amount:
        says = f"the amount is above what is left of line {name}, or has too many places"
        raise _refuse(invoice, Finding(code="ABOVE_LEFT", subject=invoice.number, says=says, mend="credit less"))
    if amount == most:
        off = Left(ZERO, left.net, left.tax)
    else:
        tax = min(left.tax, round_to(find_tax(amount, line.tax_rate, includes_tax=invoice.prices_include_tax), unit))
        off = Left(ZERO, amount - tax if invoice.prices_include_tax else amount, tax)
    return build_credit(invoice, line, ZERO, off, InvoiceLineKind.ALLOWANCE)


def build_credit(
    invoice: Invoice, line: InvoiceLine, quantity: Decimal, part: Left, kind: InvoiceLineKind | None = None
) -> InvoiceLine:
    """Return a line that credits a part of an invoice's line."""
    return line.model_copy(
        update={
            "kind": kind or line.kind,
            "quantity": quantity,
            "net": part.net,
            "tax": part.tax,
            "residual": ZERO,
            "tax_residual": ZERO,
            "of": invoice.number,
            "of_line": line.no,
        }
    )


def _refuse(invoice: Invoice, *findings: Finding) -> GuardError:
    return GuardError(f"{invoice.number} cannot be corrected", findings)
