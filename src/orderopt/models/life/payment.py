"""Payments and refunds: only what is settled counts as money."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from orderopt.errors import MoneyError
from orderopt.models.life.account import ItemKind, OpenItem, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, Currency, Price, Rate, known
from orderopt.models.life.document import Document
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.states import PAYMENT, PaymentState
from orderopt.models.record import Id


class Allocating(StrEnum):
    """What a payment is used for once it is settled: the oldest first, the documents named, or nothing yet."""

    OLDEST = "oldest"
    NAMED = "named"
    NOTHING = "nothing"


class Application(Part):
    """A part of a payment that was used for a document, or of a refund for a credit.

    Attributes
    ----------
    discount
        What the document was lowered by beside, for early payment.
    exchange
        Gain (above 0) or loss in the account's currency.
    """

    ref: Id
    amount: Price
    discount: Price = ZERO
    exchange: Price = ZERO


class Payment(Document):
    """Money that came from a party, or went to it.

    Attributes
    ----------
    payment_id
        Its name at the bank or payment service; the same name twice is the same payment.
    is_refund
        Whether it went against the usual direction: back to a customer, or back from a supplier.
    value_on
        The day from which it counts.
    refunds
        The credit that a refund pays out: a credit note or an unallocated payment.
    allocating, named
        What it is to be used for when it is settled.
    applied
        What it was used for, as it stands now.
    """

    KIND: ClassVar[str] = "payment"

    payment_id: Id
    party: PartyKind
    party_id: Id
    is_refund: bool = False
    amount: Price
    currency: Currency
    rate: Rate = Decimal(1)
    rate_on: date | None = None
    value_on: date
    state: PaymentState = PAYMENT.first
    order_id: Id | None = None
    refunds: Id | None = None
    allocating: Allocating = Allocating.OLDEST
    named: tuple[Id, ...] = ()
    text: Annotated[str | None, Sensitivity.PERSONAL] = None
    failure: str | None = None
    applied: tuple[Application, ...] = ()

    @property
    def key(self) -> str:
        """The payment's id."""
        return self.payment_id

    def labels(self) -> Mapping[str, str]:
        """Return the account, the state, and what it refunds."""
        found = {
            "account": name_account(self.party, self.party_id),
            "state": str(self.state),
            "refunds": self.refunds,
            "order": self.order_id,
        }
        return {name: value for name, value in found.items() if value is not None}

    def check(self) -> Self:
        """Return the payment itself if no more of it is used than it is over."""
        if not 0 <= self.unused <= known(self.amount):
            raise MoneyError(f"payment {self.payment_id}: more would be used than it is over")
        return self

    @property
    def used(self) -> Decimal:
        """What it was used for in all."""
        return sum((known(one.amount) for one in self.applied), ZERO)

    @property
    def unused(self) -> Decimal:
        """What is unallocated."""
        return known(self.amount) - self.used

    @property
    def is_settled(self) -> bool:
        """Whether it counts."""
        return self.state is PaymentState.SETTLED

    @property
    def item(self) -> OpenItem:
        """The payment as an item of the account, as it is posted once it is settled."""
        amount = known(self.amount) if self.is_refund else -known(self.amount)
        return OpenItem(
            ref=self.payment_id,
            kind=ItemKind.REFUND if self.is_refund else ItemKind.PAYMENT,
            order_id=self.order_id,
            issued_on=self.value_on,
            due_on=self.value_on,
            currency=self.currency,
            rate=self.rate,
            amount=amount,
            open=amount,
        )
