"""Payments of customers: recorded once, settled or failed, allocated, reversed."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from orderopt.models.life.account import Account, PartyKind
from orderopt.models.life.amounts import Currency
from orderopt.models.life.payment import Allocating, Payment
from orderopt.models.life.roles import Role
from orderopt.models.measure import PositiveMoney
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.allocate import Target, allocate_credit
from orderopt.stages.settle.money import record_payment, reverse_payment, step_payment
from orderopt.stages.settle.post import open_account
from orderopt.stages.settle.rates import find_today


class RecordPayment(Command):
    """Record that a customer pays; the same id and content again changes nothing.

    A settled payment lowers what the customer owes at once, even before it is allocated; one that is not settled
    yet counts for nothing. Returns the payment.

    Attributes
    ----------
    payment_id
        Its name at the bank or payment service.
    value_on
        The day from which it counts.
    settled
        Whether the money has arrived.
    allocating, named
        What it is used for; an advance is allocated to nothing. Naming documents allocates to them.
    order_id
        For an advance: the order it is for.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    payment_id: Id
    customer_id: Id
    amount: PositiveMoney
    currency: Currency
    value_on: date
    settled: bool = True
    allocating: Allocating = Allocating.OLDEST
    named: tuple[Id, ...] = ()
    order_id: Id | None = None
    text: str | None = None


class SettlePayment(Command):
    """Record that a pending payment or refund has arrived: only now it counts."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    payment_id: Id


class FailPayment(Command):
    """Record that a pending payment or refund has failed: nothing was paid, nothing is paid back."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    payment_id: Id
    reason: str


class ReversePayment(Command):
    """Take a settled payment back (a returned debit, a chargeback): what it had paid is open again."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    payment_id: Id
    reason: str


class AllocateCredit(Command):
    """Use an unallocated payment or credit note for what the customer owes.

    Attributes
    ----------
    ref
        The payment's id or the credit note's number.
    targets
        Documents and amounts; an amount left out means all that is open. Default: the oldest first.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    customer_id: Id
    ref: Id
    targets: tuple[tuple[Id, PositiveMoney | None], ...] | None = None


@does(RecordPayment)
def record_customer_payment(command: RecordPayment, book: Book) -> Payment:
    """Record the payment, and what it is used for."""
    asked = command.model_dump(exclude={"customer_id", "settled"})
    if command.named:
        asked["allocating"] = Allocating.NAMED
    payment = Payment(party=PartyKind.CUSTOMER, party_id=command.customer_id, **asked)
    return record_payment(book, payment, is_settled=command.settled)


@does(SettlePayment)
def settle_payment(command: SettlePayment, book: Book) -> Payment:
    """Record that it counts."""
    return step_payment(book, book.need(Payment, command.payment_id), "settle")


@does(FailPayment)
def fail_payment(command: FailPayment, book: Book) -> Payment:
    """Record that it does not."""
    return step_payment(book, book.need(Payment, command.payment_id), "fail", why=command.reason)


@does(ReversePayment)
def reverse_settled_payment(command: ReversePayment, book: Book) -> Payment:
    """Take it back."""
    return reverse_payment(book, book.need(Payment, command.payment_id), why=command.reason)


@does(AllocateCredit)
def allocate(command: AllocateCredit, book: Book) -> Account:
    """Allocate, and return the account."""
    account = open_account(book, PartyKind.CUSTOMER, command.customer_id)
    targets: list[Target] | None = None if command.targets is None else list(command.targets)
    return allocate_credit(book, account, account.item(command.ref), targets, on=find_today(book))
