"""Which orders have something to invoice: what a nightly run works through."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from orderopt.models.life.billing import BillingMethod
from orderopt.models.life.hold import Blocks
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderKind, OrderState
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills
from orderopt.stages.settle.due import BILLABLE, find_charges, find_due_quantity


class Billable(Part):
    """An order with something to invoice.

    Attributes
    ----------
    lines
        Quantities that are due, by line.
    charges
        Fees and services that no invoice bears yet.
    is_held
        Whether a hold on invoicing stands in the way of all of it.
    """

    order_id: Id
    lines: tuple[tuple[Id, Decimal], ...] = ()
    charges: tuple[Id, ...] = ()
    is_held: bool = False


class ListBillable(Command):
    """Ask which orders have something to invoice, by order; milestones are reached by people and are not listed."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.AUDITOR})


@does(ListBillable)
def list_billable(query: ListBillable, book: Book) -> tuple[Billable, ...]:
    """Return the orders."""
    found = []
    for state in (*BILLABLE, OrderState.CANCELLED):
        for order in book.find(OrderCase, {"state": str(state), "kind": str(OrderKind.ORDER)}):
            one = _find_billable(order, book)
            if one.lines or one.charges:
                found.append(one)
    return tuple(sorted(found, key=lambda one: one.order_id))


def _find_billable(order: OrderCase, book: Book) -> Billable:
    terms = order.billing or book.policy.settlement.billing
    by_hand = terms.method is BillingMethod.MILESTONE and order.state is not OrderState.COMPLETED
    due = (
        []
        if by_hand or order.state is OrderState.CANCELLED
        else [(x, find_due_quantity(order, terms, x)) for x in order.lines]
    )
    lines = tuple((line.line_no, quantity) for line, quantity in due if quantity)
    has_charges = bool(order.charges) or any(change.applied_at for change in order.changes)
    charges = find_charges(order, find_bills(book, order.key)) if has_charges else []
    held = [name for name, _ in lines if order.holds_on(Blocks.INVOICE, name)]
    whole = any(hold.line_no is None for hold in order.holds_on(Blocks.INVOICE))
    return Billable(
        order_id=order.key,
        lines=lines,
        charges=tuple(charge.charge_id for charge in charges),
        is_held=whole or (len(held) == len(lines) and not charges),
    )
