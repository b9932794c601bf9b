"""Deposits: invoiced before release, and taken off later invoices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.amounts import ZERO, take_part
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills, issue_document
from orderopt.stages.settle.due import BILLABLE, agree_terms, find_price, guard_billing, is_left, refuse
from orderopt.stages.settle.price import Draft, price_lines
from orderopt.stages.settle.rates import find_minor_unit, find_tax_rate, find_today


class IssueDeposit(Command):
    """Invoice the deposit that was agreed for an order, once. Returns the deposit invoice."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    order_id: Id


@does(IssueDeposit)
def issue_deposit(command: IssueDeposit, book: Book) -> Invoice:
    """Issue the deposit invoice: a line for each tax rate, of the agreed share of the order's value."""
    order, terms = agree_terms(book, book.need(OrderCase, command.order_id))
    bills = find_bills(book, order.key)
    issued = any(one.kind is InvoiceKind.DEPOSIT for one in bills.documents if is_left(bills, one))
    if not terms.deposit or issued or order.state not in (*BILLABLE, OrderState.SECONDARY_REVIEW):
        says = "its deposit is invoiced" if issued else f"no deposit is due in state {order.state}"
        raise refuse(order, Finding(code="NO_DEPOSIT", subject=order.key, says=says, mend="agree on a deposit"))
    guard_billing(order, terms, [(line.line_no, line.counts.ordered) for line in order.lines], (), is_asked=False)
    sums: dict[str | None, Decimal] = {}
    for line in order.lines:
        value = (line.counts.ordered - line.counts.cancelled) * find_price(line)
        sums[line.ask.tax_code] = sums.get(line.ask.tax_code, ZERO) + value
    drafts: list[Draft] = []
    for code, value in sums.items():
        used, rate = find_tax_rate(book, code, find_today(book))
        charge = InvoiceLine(
            no=str(len(drafts) + 1),
            kind=InvoiceLineKind.DEPOSIT,
            tax_code=used,
            tax_rate=rate.rate,
            tax_category=rate.category,
            net=ZERO,
            tax=ZERO,
        )
        drafts.append(Draft(line=charge, exact=value * terms.deposit))
    unit = find_minor_unit(book, order.head.currency)
    lines = price_lines(drafts, includes_tax=order.head.prices_include_tax, unit=unit, terms=terms)
    return issue_document(book, order, InvoiceKind.DEPOSIT, lines)


def take_deposits_off(
    bills: OrderBills, lines: Sequence[InvoiceLine], unit: Decimal, *, includes_tax: bool
) -> list[InvoiceLine]:
    """Return lines that take deposits off, no more of a tax rate than the invoice charges at that rate."""
    room: dict[tuple[str | None, Decimal], Decimal] = {}
    for line in lines:
        room[line.tax_code, line.tax_rate] = room.get((line.tax_code, line.tax_rate), ZERO) + line.gross
    taken = []
    for deposit, line, left in bills.deposits_left():
        gross = min(left.gross, max(ZERO, room.get((line.tax_code, line.tax_rate), ZERO)))
        if not gross:
            continue
        room[line.tax_code, line.tax_rate] -= gross
        tax = take_part(left.tax, part=gross, of=left.gross, taken=ZERO, unit=unit)
        taken.append(
            line.model_copy(
                update={
                    "kind": InvoiceLineKind.DEPOSIT_TAKEN_OFF,
                    "text": deposit.number,
                    "net": tax - gross,
                    "tax": -tax,
                    "residual": ZERO,
                    "tax_residual": ZERO,
                    "of": deposit.number,
                    "of_line": line.no,
                }
            )
        )
    return taken


def find_deposit_lack(order: OrderCase, book: Book) -> Iterator[Finding]:
    """Yield a finding if a deposit was agreed and is not invoiced and paid: the order is not released before."""
    terms = order.billing or book.policy.settlement.billing
    if not terms.deposit:
        return
    bills = find_bills(book, order.key)
    deposits = [one for one in bills.documents if one.kind is InvoiceKind.DEPOSIT and is_left(bills, one)]
    if not deposits:
        yield Finding(code="DEPOSIT_DUE", subject=order.key, says="its deposit is not invoiced", mend="invoice it")
    for one in deposits:
        if one.open:
            yield Finding(code="DEPOSIT_DUE", subject=one.number, says="the deposit is not paid", mend="wait for it")
