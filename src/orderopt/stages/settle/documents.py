"""Issuing a document of an order's money: number, terms, rates, the order's counts, the customer's account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orderopt.models.life.account import PartyKind
from orderopt.models.life.amounts import ZERO
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.happened.billing import InvoiceIssued, LineAmount, OrderCredited, OrderInvoiced
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.terms import PaymentTerms, parse_terms
from orderopt.stages.book import Book
from orderopt.stages.settle.post import post_item, take_number
from orderopt.stages.settle.rates import find_exchange_rate, find_today

PREFIXES = {
    InvoiceKind.INVOICE: "INV",
    InvoiceKind.DEPOSIT: "INV",
    InvoiceKind.CREDIT_NOTE: "CN",
    InvoiceKind.DEBIT_NOTE: "DN",
}
"""Series of numbers; the year follows. Deposit invoices are invoices and share their series."""


def find_bills(book: Book, order_id: str) -> OrderBills:
    """Return all documents of an order."""
    return OrderBills.of(book.find(Invoice, {"order": order_id}))


def find_terms(book: Book, order: OrderCase) -> tuple[str, PaymentTerms]:
    """Return the payment terms of an order as text and parsed: its own, the customer's, or the policy's."""
    customer = book.master.customer.get(order.head.customer_id)
    text = order.head.terms or (customer.payment_terms if customer else None) or book.policy.settlement.terms
    return text, parse_terms(text)


def issue_document(
    book: Book,
    order: OrderCase,
    kind: InvoiceKind,
    lines: Sequence[InvoiceLine],
    *,
    corrects: Invoice | None = None,
    milestone: str | None = None,
    reason: str | None = None,
) -> Invoice:
    """Give a document its number, count its quantities on the order, and post it to the customer's account.

    A credit note has the rate of the invoice that it corrects, so that both cancel out in every currency.
    """
    today, head = find_today(book), order.head
    rate, rate_on = (corrects.rate, corrects.rate_on) if corrects else find_exchange_rate(book, head.currency, today)
    text, terms = find_terms(book, order)
    is_credit = kind is InvoiceKind.CREDIT_NOTE
    can_discount = kind is InvoiceKind.INVOICE
    number = take_number(book, f"{PREFIXES[kind]}-{today.year}")
    invoice = book.begin(
        Invoice,
        number,
        InvoiceIssued(
            invoice=Invoice(
                number=number,
                kind=kind,
                order_id=order.key,
                customer_id=head.customer_id,
                issued_on=today,
                due_on=today if is_credit else terms.find_due(today),
                terms=None if is_credit else text,
                discount=terms.discount if can_discount else Decimal(0),
                discount_until=terms.find_discount_end(today) if can_discount else None,
                currency=head.currency,
                rate=rate,
                rate_on=rate_on,
                prices_include_tax=head.prices_include_tax,
                lines=tuple(lines),
                corrects=corrects.number if corrects else None,
                milestone=milestone,
                reason=reason,
                customer_po=head.customer_po,
                buyer=head.party,
            )
        ),
        why=reason,
    )
    _count(book, order, invoice)
    post_item(book, PartyKind.CUSTOMER, head.customer_id, invoice.item)
    return invoice


def _count(book: Book, order: OrderCase, invoice: Invoice) -> None:
    """Record on the order what the document charges or credits."""
    sums: dict[str, Decimal] = {}
    for line in invoice.lines:
        if line.kind is InvoiceLineKind.GOODS and line.order_line is not None and line.quantity:
            sums[line.order_line] = sums.get(line.order_line, ZERO) + line.quantity
    amounts = tuple(LineAmount(line_no=name, quantity=quantity) for name, quantity in sums.items())
    if invoice.is_credit:
        book.record(order, OrderCredited(number=invoice.number, lines=amounts))
    else:
        book.record(order, OrderInvoiced(number=invoice.number, lines=amounts))
