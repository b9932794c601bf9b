"""What is due of an order: its terms of billing, quantities and charges, and what stands in the way of an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.amounts import ZERO, known
from orderopt.models.life.billing import BillingMethod, BillingTerms, Charge, ChargeCode
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.happened.billing import BillingAgreed
from orderopt.models.life.hold import Blocks, Hold
from orderopt.models.life.invoice import Invoice
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import OrderState
from orderopt.stages.book import Book

BILLABLE = (OrderState.CONFIRMED, OrderState.IN_EXECUTION, OrderState.COMPLETED)


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
            code=ChargeCode.CANCELLATION_FEE,
            text=f"fee of {change.change_id}",
            amount=change.impact.fee,
        )
        for change in order.changes
        if change.applied_at is not None and change.impact is not None and change.impact.fee
    ]
    borne = {line.charge_id for _, line in bills.lines()}
    return [charge for charge in (*order.charges, *fees) if charge.charge_id not in borne]


def is_left(bills: OrderBills, document: Invoice) -> bool:
    """Tell whether a document is not credited as a whole."""
    return any(left.net or left.tax for left in (bills.left(document, line) for line in document.lines))


def guard_billing(
    order: OrderCase,
    terms: BillingTerms,
    wanted: Sequence[tuple[str, Decimal]],
    charges: Sequence[Charge],
    *,
    is_asked: bool,
) -> None:
    """Raise GuardError with everything that keeps quantities and charges of an order from being invoiced now."""
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
        raise refuse(order, *found)


def _find_holds(order: OrderCase, names: Iterable[str]) -> list[Hold]:
    whole = {hold.hold_id: hold for hold in order.holds_on(Blocks.INVOICE) if hold.line_no is None}
    own = {hold.hold_id: hold for name in names for hold in order.holds_on(Blocks.INVOICE, name)}
    return [*{**whole, **own}.values()]


def refuse(order: OrderCase, *findings: Finding) -> GuardError:
    """Return the refusal of an invoice."""
    return GuardError(f"order {order.key} cannot be invoiced", findings)
