"""Payments to suppliers."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from orderopt.models.life.account import PartyKind
from orderopt.models.life.amounts import Currency
from orderopt.models.life.payment import Allocating, Payment
from orderopt.models.life.roles import Role
from orderopt.models.life.supplier_invoice import name_bill
from orderopt.models.measure import PositiveMoney
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.money import record_payment


class PaySupplier(Command):
    """Record a payment to a supplier; the same id and content again changes nothing. Returns the payment.

    Attributes
    ----------
    numbers
        Numbers of the supplier's invoices; none: what is owed, the earliest due date first.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    payment_id: Id
    supplier_id: Id
    amount: PositiveMoney
    currency: Currency
    value_on: date
    settled: bool = True
    numbers: tuple[Id, ...] = ()


@does(PaySupplier)
def pay_supplier(command: PaySupplier, book: Book) -> Payment:
    """Record the payment, and what it pays."""
    payment = Payment(
        payment_id=command.payment_id,
        party=PartyKind.SUPPLIER,
        party_id=command.supplier_id,
        amount=command.amount,
        currency=command.currency,
        value_on=command.value_on,
        allocating=Allocating.NAMED if command.numbers else Allocating.OLDEST,
        named=tuple(name_bill(command.supplier_id, number) for number in command.numbers),
    )
    return record_payment(book, payment, is_settled=command.settled)
