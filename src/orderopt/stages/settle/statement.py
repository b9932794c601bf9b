"""The statement of an order: its invoices, what settled them, and whether all of it adds up to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, Currency, Price, known
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.invoice import Invoice, SettlementKind
from orderopt.models.life.money_audit import MoneyAudit
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.payment import Payment
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills


class OrderStatement(Part):
    """An order's money.

    Attributes
    ----------
    documents
        Invoices, deposits, credit and debit notes, with what settled them.
    invoiced, credited, payable
        Sums with tax; payable is invoiced less credited.
    paid
        By payments, refunds taken off.
    discounted, written_off
        What was let off.
    open
        Payable less all of these.
    findings
        Everything that does not add up; empty, unless something is broken.
    """

    order_id: Id
    currency: Currency
    documents: tuple[Invoice, ...]
    payments: tuple[Payment, ...]
    invoiced: Price = ZERO
    credited: Price = ZERO
    payable: Price = ZERO
    paid: Price = ZERO
    discounted: Price = ZERO
    written_off: Price = ZERO
    open: Price = ZERO
    findings: tuple[Finding, ...] = ()


class ShowStatement(Command):
    """Ask for the statement of an order."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.SALES, Role.AUDITOR})

    order_id: Id


class ShowInvoice(Command):
    """Ask for one document of an order's money by its number."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.SALES, Role.AUDITOR})

    number: Id


@does(ShowInvoice)
def show_invoice(query: ShowInvoice, book: Book) -> Invoice:
    """Return the document."""
    return mask(book.need(Invoice, query.number), book.actor.sees)


@does(ShowStatement)
def show_statement(query: ShowStatement, book: Book) -> OrderStatement:
    """Return the statement."""
    order = book.need(OrderCase, query.order_id)
    return mask(build_statement(book, order), book.actor.sees)


def build_statement(book: Book, order: OrderCase) -> OrderStatement:
    """Return the statement of an order, with its checks."""
    bills = find_bills(book, order.key)
    names = dict.fromkeys(
        one.source
        for document in bills.documents
        for one in document.settled
        if one.kind in (SettlementKind.PAYMENT, SettlementKind.REFUND)
    )
    sums = dict.fromkeys(SettlementKind, ZERO)
    for document in bills.documents:
        for one in document.settled:
            sums[one.kind] += document.sign * known(one.amount)
    credited = sum((one.gross for one in bills.documents if one.is_credit), ZERO)
    payments = tuple(book.need(Payment, name) for name in names)
    return OrderStatement(
        order_id=order.key,
        currency=order.head.currency,
        documents=bills.documents,
        payments=payments,
        invoiced=bills.payable + credited,
        credited=credited,
        payable=bills.payable,
        paid=sums[SettlementKind.PAYMENT] + sums[SettlementKind.REFUND],
        discounted=sums[SettlementKind.DISCOUNT],
        written_off=sums[SettlementKind.WRITE_OFF],
        open=bills.open,
        findings=tuple(judge_money(book, order, bills, payments)),
    )


def judge_money(book: Book, order: OrderCase, bills: OrderBills, payments: Iterable[Payment]) -> Iterator[Finding]:
    """Yield what does not add up between an order, its documents, its payments and the customer's account."""
    audit = MoneyAudit(is_whole=False)
    account = book.get(Account, name_account(PartyKind.CUSTOMER, order.head.customer_id))
    for document in (order, *bills.documents, *payments, *([account] if account else [])):
        audit.look_at(document)
    yield from audit.find_faults()
