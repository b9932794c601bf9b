"""Invoicing an order: what is due by its contract, deposits, and what was paid ahead taken off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.amounts import ZERO, known, round_to, take_part
from orderopt.models.life.billing import BillingMethod, BillingTerms, Charge, ChargeCode
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.happened.billing import BillingAgreed
from orderopt.models.life.hold import Blocks, Hold
from orderopt.models.life.invoice import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import Count
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.models.measure import PLACES
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills, issue_document
from orderopt.stages.settle.price import Draft, price_lines
from orderopt.stages.settle.rates import find_minor_unit, find_tax_rate, find_today

BILLABLE = (OrderState.CONFIRMED, OrderState.IN_EXECUTION, OrderState.COMPLETED)
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


class IssueDeposit(Command):
    """Invoice the deposit that was agreed for an order, once. Returns the deposit invoice."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    order_id: Id


@does(IssueInvoice)
def issue_invoice(command: IssueInvoice, book: Book) -> Invoice:
    """Issue the invoice."""
    order, terms = agree_terms(book, book.need(OrderCase, command.order_id))
    bills = find_bills(book, order.key)
    charges = find_charges(order, bills)
    wanted = _find_quantities(command, order, terms, bills)
    _guard(order, terms, wanted, charges, is_asked=command.lines is not None)
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


@does(IssueDeposit)
def issue_deposit(command: IssueDeposit, book: Book) -> Invoice:
    """Issue the deposit invoice: a line for each tax rate, of the agreed share of the order's value."""
    order, terms = agree_terms(book, book.need(OrderCase, command.order_id))
    bills = find_bills(book, order.key)
    issued = any(one.kind is InvoiceKind.DEPOSIT for one in bills.documents if bills_left(bills, one))
    if not terms.deposit or issued or order.state not in (*BILLABLE, OrderState.SECONDARY_REVIEW):
        says = "its deposit is invoiced" if issued else f"no deposit is due in state {order.state}"
        raise _refuse(order, Finding(code="NO_DEPOSIT", subject=order.key, says=says, mend="agree on a deposit"))
    _guard(order, terms, [(line.line_no, line.counts.ordered) for line in order.lines], (), is_asked=False)
    sums: dict[str | None, Decimal] = {}
    for line in order.lines:
        value = (line.counts.ordered - line.counts.cancelled) * find_price(line)
        sums[line.ask.tax_code] = sums.get(line.ask.tax_code, ZERO) + value
    drafts = []
    for code, value in sums.items():
        used, rate = find_tax_rate(book, code, find_today(book))
        line = InvoiceLine(
            no=str(len(drafts) + 1),
            kind=InvoiceLineKind.DEPOSIT,
            tax_code=used,
            tax_rate=rate.rate,
            tax_category=rate.category,
            net=ZERO,
            tax=ZERO,
        )
        drafts.append(Draft(line=line, exact=value * terms.deposit))
    unit = find_minor_unit(book, order.head.currency)
    lines = price_lines(drafts, includes_tax=order.head.prices_include_tax, unit=unit, terms=terms)
    return issue_document(book, order, InvoiceKind.DEPOSIT, lines)


def agree_terms(book: Book, order: OrderCase) -> tuple[OrderCase, BillingTerms]:
    """Return the order with its terms of billing; the first document fixes those of the policy."""
    if order.billing is None:
        order = book.record(order, BillingAgreed(billing=book.policy.settlement.billing))
    return order, order.billing or book.policy.settlement.billing


def find_price(line: CaseLine) -> Decimal:
    """Return the price of one unit of a line, its discount taken off."""
    return known(line.ask.unit_price) * (1 - line.ask.discount)


def find_due_quantity(order: OrderCase, terms: BillingTerms, line: CaseLine) -> Decimal:
    """Return what of a line is to be invoiced now by the contract, milestones left out.

    Goods that were shipped count, less those that came back accepted: what replaces them is invoiced no second time.
    """
    counts = line.counts
    billed = counts.invoiced - counts.credited
    if terms.method is BillingMethod.PREPAYMENT:
        whole = max(counts.ordered - counts.cancelled, counts.shipped) - counts.return_accepted + counts.replaced
    elif terms.method is BillingMethod.ON_COMPLETION and order.state is not OrderState.COMPLETED:
        return ZERO
    else:
        whole = counts.shipped - counts.return_accepted
    return max(ZERO, whole - billed)


def find_charges(order: OrderCase, bills: OrderBills) -> list[Charge]:
    """Return charges of an order that no invoice bears yet: those agreed, and the fees of changes that were applied."""
    fees = [
        Charge(
            charge_id=change.change_id,
            code=ChargeCode.CHANGE_FEE,
            text=f"fee of {change.change_id}",
            amount=change.impact.fee,
        )
        for change in order.changes
        if change.applied_at is not None and change.impact is not None and change.impact.fee
    ]
    borne = {line.charge_id for _, line in bills.lines()}
    return [charge for charge in (*order.charges, *fees) if charge.charge_id not in borne]


def _find_quantities(
    command: IssueInvoice, order: OrderCase, terms: BillingTerms, bills: OrderBills
) -> list[tuple[str, Decimal]]:
    if command.lines is not None:
        return list(command.lines)
    if command.milestone is not None:
        found = _find_milestone_quantities(command.milestone, order, terms, bills)
    elif terms.method is BillingMethod.MILESTONE and order.state is not OrderState.COMPLETED:
        raise _refuse(
            order, Finding(code="NO_MILESTONE", says="it is invoiced by milestones", mend="name the one reached")
        )
    else:
        found = [(line.line_no, find_due_quantity(order, terms, line)) for line in order.lines]
    return [(name, quantity) for name, quantity in found if quantity and not order.holds_on(Blocks.INVOICE, name)]


def _find_milestone_quantities(
    milestone: str, order: OrderCase, terms: BillingTerms, bills: OrderBills
) -> list[tuple[str, Decimal]]:
    """Return the milestone's share of each line; the last milestone takes the rest."""
    done = {one.milestone for one in bills.documents if one.kind is InvoiceKind.INVOICE and bills_left(bills, one)}
    shares = {one.name: one.share for one in terms.milestones}
    if milestone not in shares or milestone in done:
        left = ", ".join(name for name in shares if name not in done) or "none"
        says = f"milestone {milestone} is " + ("invoiced already" if milestone in done else "not agreed")
        raise _refuse(order, Finding(code="WRONG_MILESTONE", says=says, mend=f"milestones left: {left}"))
    is_last = done | {milestone} >= set(shares)
    found = []
    for line in order.lines:
        whole = line.counts.ordered - line.counts.cancelled
        left_over = whole - line.counts.invoiced + line.counts.credited
        part = left_over if is_last else min(left_over, round_to(whole * shares[milestone], _QUANTUM))
        found.append((line.line_no, max(ZERO, part)))
    return found


def bills_left(bills: OrderBills, document: Invoice) -> bool:
    """Tell whether a document is not credited as a whole."""
    return any(left.net or left.tax for left in (bills.left(document, line) for line in document.lines))


def _guard(
    order: OrderCase,
    terms: BillingTerms,
    wanted: Sequence[tuple[str, Decimal]],
    charges: Sequence[Charge],
    *,
    is_asked: bool,
) -> None:
    found = []
    if order.state not in BILLABLE and (wanted or order.state is not OrderState.CANCELLED):
        found.append(
            Finding(code="NOT_BILLABLE", subject=order.key, says=f"it is {order.state}", mend="confirm the order first")
        )
    for name, quantity in wanted:
        line, subject = order.line(name), f"{order.key}/{name}"
        if quantity <= 0:
            found.append(Finding(code="QUANTITY", subject=subject, says=f"{quantity} cannot be invoiced"))
        if line.ask.unit_price is None:
            found.append(Finding(code="PRICE_MISSING", subject=subject, says="it has no price", mend="amend the price"))
        if is_asked and not terms.is_before_shipment and quantity > find_due_quantity(order, terms, line):
            says = f"{quantity} is above the {find_due_quantity(order, terms, line)} that is due"
            found.append(Finding(code="NOT_DUE", subject=subject, says=says, mend="wait until it is shipped"))
    found.extend(
        Finding(code="ON_HOLD", subject=order.key, says=f"{hold.type} hold {hold.hold_id}", mend="release the hold")
        for hold in _find_holds(order, [name for name, _ in wanted])
    )
    if not wanted and not charges and not found:
        mend = "wait for a shipment" if terms.method is BillingMethod.PER_SHIPMENT else "see the order's billing"
        found.append(Finding(code="NOTHING_DUE", subject=order.key, says="nothing is to be invoiced", mend=mend))
    if found:
        raise _refuse(order, *found)


def _find_holds(order: OrderCase, names: Iterable[str]) -> list[Hold]:
    whole = {hold.hold_id: hold for hold in order.holds_on(Blocks.INVOICE) if hold.line_no is None}
    own = {hold.hold_id: hold for name in names for hold in order.holds_on(Blocks.INVOICE, name)}
    return [*{**whole, **own}.values()]


def _refuse(order: OrderCase, *findings: Finding) -> GuardError:
    return GuardError(f"order {order.key} cannot be invoiced", findings)


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
