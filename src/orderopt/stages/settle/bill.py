"""Invoicing an order: what is due by its contract, deposits, and what was paid ahead taken off."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.amounts import ZERO, known, round_to
from orderopt.models.life.billing import BillingMethod, BillingTerms, Charge
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.hold import Blocks
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import Count
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.models.measure import PLACES
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.deposit import take_deposits_off
from orderopt.stages.settle.documents import find_bills, issue_document
from orderopt.stages.settle.due import (
    agree_terms,
    find_charges,
    find_due_quantity,
    find_price,
    guard_billing,
    is_left,
    refuse,
)
from orderopt.stages.settle.price import Draft, price_lines
from orderopt.stages.settle.rates import find_minor_unit, find_tax_rate, find_today

_QUANTUM = Decimal(1).scaleb(-PLACES)


class IssueInvoice(Command):
    """Invoice what is due of an order by its contract, with its open charges; deposits are taken off.

    Needs a confirmed order (or a cancelled one with open charges), no hold on INVOICE, and something that is due.
    Returns the invoice.

    Attributes
    ----------
    lines
        Quantities by line; None: all that is due, lines that are held left out.
    milestone
        For orders that are invoiced by milestones: the one that was reached.
    shipment_id
        Noted on the lines.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    order_id: Id
    lines: tuple[tuple[Id, Count], ...] | None = None
    milestone: Id | None = None
    shipment_id: Id | None = None


@does(IssueInvoice)
def issue_invoice(command: IssueInvoice, book: Book) -> Invoice:
    """Issue the invoice."""
    order, terms = agree_terms(book, book.need(OrderCase, command.order_id))
    bills = find_bills(book, order.key)
    charges = find_charges(order, bills)
    wanted = _find_quantities(command, order, terms, bills)
    guard_billing(order, terms, wanted, charges, is_asked=command.lines is not None)
    drafts = [
        *(
            _draft_goods(book, order, order.line(name), quantity, bills, command.shipment_id)
            for name, quantity in wanted
        ),
        *(draft_charge(book, charge) for charge in charges),
    ]
    unit = find_minor_unit(book, order.head.currency)
    lines = price_lines(drafts, includes_tax=order.head.prices_include_tax, unit=unit, terms=terms)
    taken = take_deposits_off(bills, lines, unit, includes_tax=order.head.prices_include_tax)
    numbered = [
        line.model_copy(update={"no": str(position)}) for position, line in enumerate((*lines, *taken), start=1)
    ]
    return issue_document(book, order, InvoiceKind.INVOICE, numbered, milestone=command.milestone)


def _find_quantities(
    command: IssueInvoice, order: OrderCase, terms: BillingTerms, bills: OrderBills
) -> list[tuple[str, Decimal]]:
    if command.lines is not None:
        return list(command.lines)
    if command.milestone is not None:
        found = _find_milestone_quantities(command.milestone, order, terms, bills)
    elif terms.method is BillingMethod.MILESTONE and order.state is not OrderState.COMPLETED:
        raise refuse(
            order, Finding(code="NO_MILESTONE", says="it is invoiced by milestones", mend="name the one reached")
        )
    else:
        found = [(line.line_no, find_due_quantity(order, terms, line)) for line in order.lines]
    return [(name, quantity) for name, quantity in found if quantity and not order.holds_on(Blocks.INVOICE, name)]


def _find_milestone_quantities(
    milestone: str, order: OrderCase, terms: BillingTerms, bills: OrderBills
) -> list[tuple[str, Decimal]]:
    """Return the milestone's share of each line; the last milestone takes the rest."""
    done = {one.milestone for one in bills.documents if one.kind is InvoiceKind.INVOICE and is_left(bills, one)}
    shares = {one.name: one.share for one in terms.milestones}
    if milestone not in shares or milestone in done:
        left = ", ".join(name for name in shares if name not in done) or "none"
        says = f"milestone {milestone} is " + ("invoiced already" if milestone in done else "not agreed")
        raise refuse(order, Finding(code="WRONG_MILESTONE", says=says, mend=f"milestones left: {left}"))
    is_last = done | {milestone} >= set(shares)
    found = []
    for line in order.lines:
        whole = line.counts.ordered - line.counts.cancelled
        left_over = whole - line.counts.invoiced + line.counts.credited
        part = left_over if is_last else min(left_over, round_to(whole * shares[milestone], _QUANTUM))
        found.append((line.line_no, max(ZERO, part)))
    return found


def _draft_goods(
    book: Book, order: OrderCase, line: CaseLine, quantity: Decimal, bills: OrderBills, shipment_id: str | None
) -> Draft:
    """Return a line of goods.

    It charges what all goods of the line and price are worth so far, less what was charged before: however an order
    is shipped in parts, the parts sum to the same as the whole.
    """
    used, rate = find_tax_rate(book, line.ask.tax_code, find_today(book))
    goods = InvoiceLine(
        no=line.line_no,
        text=line.ask.item_id,
        order_line=line.line_no,
        shipment_id=shipment_id,
        quantity=quantity,
        unit_price=line.ask.unit_price,
        discount=line.ask.discount,
        tax_code=used,
        tax_rate=rate.rate,
        tax_category=rate.category,
        net=ZERO,
        tax=ZERO,
    )
    before = bills.billed(goods)
    charged = before.gross if order.head.prices_include_tax else before.net
    return Draft(line=goods, exact=(before.quantity + quantity) * find_price(line) - charged)


def draft_charge(book: Book, charge: Charge) -> Draft:
    """Return a line of a charge."""
    used, rate = find_tax_rate(book, charge.tax_code, find_today(book))
    line = InvoiceLine(
        no=charge.charge_id,
        kind=InvoiceLineKind.CHARGE,
        text=charge.text or str(charge.code),
        charge_id=charge.charge_id,
        tax_code=used,
        tax_rate=rate.rate,
        tax_category=rate.category,
        net=ZERO,
        tax=ZERO,
    )
    return Draft(line=line, exact=known(charge.amount))
