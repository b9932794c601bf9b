"""Accounts: what a customer owes, and what a supplier is owed, as open items and the sums that they must meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Self

from orderopt.errors import MoneyError, NotFoundError
from orderopt.models.life.amounts import ZERO, Currency, Price, Rate, find_unit, known, round_to
from orderopt.models.life.document import Document
from orderopt.models.life.part import Part
from orderopt.models.record import Id


class PartyKind(StrEnum):
    """Whose account it is."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class ItemKind(StrEnum):
    """What an open item came from."""

    OPENING = "opening"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"


class OpenItem(Part):
    """An amount that is not settled yet: above 0 it is owed, below 0 it is a credit.

    Attributes
    ----------
    ref
        Number of the document or the payment; ``opening`` for what was owed before orderopt.
    amount, open
        What it was, and what is left of it; both of one sign.
    rate
        What one unit of its currency was worth in the account's, on the day of the document.
    disputed
        Of what is open, what the customer contests.
    """

    ref: Id
    kind: ItemKind
    order_id: Id | None = None
    issued_on: date
    due_on: date
    currency: Currency
    rate: Rate = Decimal(1)
    amount: Price
    open: Price
    disputed: Price = ZERO

    @property
    def is_credit(self) -> bool:
        """Whether it lowers what is owed."""
        return known(self.amount) < 0


class Sums(Part):
    """All that was ever posted in one currency; what is open must be what these sums leave.

    Attributes
    ----------
    posted
        Invoices and refunds less credit notes and payments.
    discounted, written_off
        What was let off.
    """

    currency: Currency
    posted: Price = ZERO
    discounted: Price = ZERO
    written_off: Price = ZERO

    @property
    def balance(self) -> Decimal:
        """What must be open."""
        return known(self.posted) - known(self.discounted) - known(self.written_off)


class Account(Document):
    """The money between the company and one customer or supplier.

    Amounts above 0 are owed: by the customer, or to the supplier. An item that is settled leaves the account; it
    stays in the invoice or payment that it came from.

    Attributes
    ----------
    currency
        The currency in which exposure is counted; items keep their own.
    openings
        What was open before orderopt, settled or not: items without a document.
    """

    KIND: ClassVar[str] = "account"

    party: PartyKind
    party_id: Id
    currency: Currency
    items: tuple[OpenItem, ...] = ()
    sums: tuple[Sums, ...] = ()
    openings: tuple[OpenItem, ...] = ()

    @property
    def key(self) -> str:
        """Kind and id of the party, for example ``customer:C1``."""
        return name_account(self.party, self.party_id)

    def labels(self) -> Mapping[str, str]:
        """Return the party, and whether anything is open."""
        return {"party": self.party, "party_id": self.party_id, "open": "1" if self.items else "0"}

    def check(self) -> Self:
        """Return the account itself if what is open is what was posted less what was let off, in each currency."""
        for sums in self.sums:
            left = sum((known(item.open) for item in self.items if item.currency == sums.currency), ZERO)
            if left != sums.balance:
                raise MoneyError(f"account {self.key}: what is open in {sums.currency} is not what the ledger says")
        for item in self.items:
            amount, left = known(item.amount), known(item.open)
            if left == 0 or left * amount < 0 or abs(left) > abs(amount):
                raise MoneyError(
                    f"account {self.key}: more than all, or less than nothing, would be open of {item.ref}"
                )
        return self

    def item(self, ref: str) -> OpenItem:
        """Return an open item; raises NotFoundError if nothing of that name is open."""
        found = self.find_item(ref)
        if found is None:
            raise NotFoundError(f"account {self.key} has no open item {ref}")
        return found

    def find_item(self, ref: str) -> OpenItem | None:
        """Return an open item, or None."""
        return next((item for item in self.items if item.ref == ref), None)

    def open_of(self, ref: str) -> Decimal:
        """Return what is open of a document or payment, signed; 0 if it is settled."""
        found = self.find_item(ref)
        return known(found.open) if found else ZERO

    @property
    def debits(self) -> tuple[OpenItem, ...]:
        """What is owed, the earliest due date first."""
        owed = (item for item in self.items if not item.is_credit)
        return tuple(sorted(owed, key=lambda item: (item.due_on, item.issued_on, item.ref)))

    @property
    def credits(self) -> tuple[OpenItem, ...]:
        """Unallocated payments and credit notes, the oldest first."""
        found = (item for item in self.items if item.is_credit)
        return tuple(sorted(found, key=lambda item: (item.issued_on, item.ref)))

    @property
    def balance(self) -> Decimal:
        """What is owed less what is unallocated, in the account's currency; below 0 the party has a credit."""
        unit = find_unit(self.currency)
        return sum((round_to(known(item.open) * item.rate, unit) for item in self.items), ZERO)

    @property
    def receivable(self) -> Decimal:
        """What a customer owes in all, unallocated payments and credits taken off: the first part of exposure."""
        return self.balance if self.party is PartyKind.CUSTOMER else ZERO

    @property
    def payable(self) -> Decimal:
        """What a supplier is owed in all, payments ahead taken off."""
        return self.balance if self.party is PartyKind.SUPPLIER else ZERO

    def posted(self, item: OpenItem) -> Self:
        """Return the account with one more item."""
        if any(other.ref == item.ref for other in self.items):
            raise MoneyError(f"account {self.key} has an open item {item.ref} already")
        amount = known(item.amount)
        after = self._summed(item.currency, posted=amount)
        openings = (*self.openings, item) if item.kind is ItemKind.OPENING else self.openings
        return after.model_copy(update={"items": (*self.items, item) if amount else self.items, "openings": openings})

    def withdrawn(self, ref: str) -> Self:
        """Return the account without an item of which nothing is used, as if it had never been posted."""
        item = self.item(ref)
        if item.open != item.amount:
            raise MoneyError(f"account {self.key}: {ref} is used already; take that back first")
        after = self._summed(item.currency, posted=-known(item.amount))
        return after.model_copy(update={"items": tuple(other for other in self.items if other.ref != ref)})

    def moved(self, item: OpenItem, change: Decimal) -> Self:
        """Return the account with what is open of an item changed; at 0 it is gone, and it comes back from 0."""
        here = self.find_item(item.ref)
        left = (known(here.open) if here else ZERO) + change
        others = tuple(other for other in self.items if other.ref != item.ref)
        disputed = min(known(here.disputed), abs(left)) if here else ZERO
        mine = (here or item).model_copy(update={"open": left, "disputed": disputed})
        return self.model_copy(update={"items": (*others, mine) if left else others})

    def let_off(self, item: OpenItem, *, discounted: Decimal = ZERO, written_off: Decimal = ZERO) -> Self:
        """Return the account with a part of an item let off; amounts below 0 take that back."""
        after = self.moved(item, -discounted - written_off)
        return after._summed(item.currency, discounted=discounted, written_off=written_off)

    def _summed(self, currency: str, **amounts: Decimal) -> Self:
        before = next((sums for sums in self.sums if sums.currency == currency), Sums(currency=currency))
        now = before.model_copy(update={name: getattr(before, name) + value for name, value in amounts.items()})
        others = tuple(sums for sums in self.sums if sums.currency != currency)
        return self.model_copy(update={"sums": tuple(sorted((*others, now), key=lambda sums: sums.currency))})


def name_account(party: PartyKind, party_id: str) -> str:
    """Return the key of a customer's or supplier's account.

    Examples
    --------
    >>> name_account(PartyKind.CUSTOMER, "C1")
    'customer:C1'
    """
    return f"{party}:{party_id}"
