"""What is agreed about the invoices of an order: terms of billing, and charges beside the goods."""

from __future__ import annotations

from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.billing import BillingTerms, Charge, ChargeCode
from orderopt.models.life.happened.billing import BillingAgreed, ChargeAgreed
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.measure import Money
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills


class AgreeBilling(Command):
    """Say how an order is invoiced; only while it has no invoice yet."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.FINANCE})

    order_id: Id
    billing: BillingTerms


class AgreeCharge(Command):
    """Add a fee, freight or a service to what the next invoice of an order bears; the same id twice adds it once."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.FINANCE})

    order_id: Id
    charge_id: Id
    code: ChargeCode
    amount: Money
    text: str | None = None
    tax_code: Id | None = None


@does(AgreeBilling)
def agree_billing(command: AgreeBilling, book: Book) -> OrderCase:
    """Record the terms."""
    order = book.need(OrderCase, command.order_id)
    if find_bills(book, order.key).documents:
        raise GuardError(
            f"the billing of order {order.key} cannot be changed",
            [Finding(code="INVOICED", subject=order.key, says="it has invoices", mend="credit them first")],
        )
    return book.record(order, BillingAgreed(billing=command.billing)) if order.billing != command.billing else order


@does(AgreeCharge)
def agree_charge(command: AgreeCharge, book: Book) -> OrderCase:
    """Record the charge."""
    return add_charge(book, command.order_id, Charge(**command.model_dump(exclude={"order_id"})))


def add_charge(book: Book, order_id: str, charge: Charge) -> OrderCase:
    """Record that the next invoice of an order bears a charge, once."""
    order = book.need(OrderCase, order_id)
    if any(one.charge_id == charge.charge_id for one in order.charges):
        return order
    return book.record(order, ChargeAgreed(charge=charge))
