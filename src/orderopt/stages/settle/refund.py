"""Refunds: paying a credit out. Only a refund that is settled lowers the credit."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, known
from orderopt.models.life.payment import Payment
from orderopt.models.life.roles import Role
from orderopt.models.measure import PositiveMoney
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.money import record_payment


class RefundCredit(Command):
    """Pay a credit of a customer out: a credit note, or a payment that is not allocated.

    The refund is pending until SettlePayment says that it arrived, and FailPayment that it did not; a failed one
    leaves the credit as it was. Needs a credit of that amount, refunds on their way taken off. Returns the refund.

    Attributes
    ----------
    payment_id
        The refund's name at the bank or payment service.
    ref
        The credit note's number or the payment's id.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    payment_id: Id
    customer_id: Id
    ref: Id
    amount: PositiveMoney
    value_on: date
    settled: bool = False


@does(RefundCredit)
def refund_credit(command: RefundCredit, book: Book) -> Payment:
    """Record the refund."""
    account = book.need(Account, name_account(PartyKind.CUSTOMER, command.customer_id))
    again = book.get(Payment, command.payment_id)
    found = account.find_item(command.ref)
    credit = found if found is not None and found.is_credit else None
    if again is None:
        pending = sum(
            (known(one.amount) for one in book.find(Payment, {"refunds": command.ref, "state": "pending"})), ZERO
        )
        left = max(ZERO, -account.open_of(command.ref) - pending)
        if command.amount > left:
            says = "it is above the credit that is left" if credit else "there is no such credit"
            raise GuardError(
                f"refund {command.payment_id} is not possible",
                [Finding(code="ABOVE_CREDIT", subject=command.ref, says=says, mend="refund what is left")],
            )
    payment = Payment(
        payment_id=command.payment_id,
        party=PartyKind.CUSTOMER,
        party_id=command.customer_id,
        is_refund=True,
        amount=command.amount,
        currency=credit.currency if credit else (again.currency if again else account.currency),
        value_on=command.value_on,
        order_id=credit.order_id if credit else None,
        refunds=command.ref,
    )
    return record_payment(book, payment, is_settled=command.settled)
