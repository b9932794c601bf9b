"""Invoices, deposits, credit and debit notes: what they say never changes, only what is settled of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field

from orderopt.errors import MoneyError, NotFoundError
from orderopt.models.life.account import ItemKind, OpenItem
from orderopt.models.life.amounts import ZERO, Currency, Price, Rate, known
from orderopt.models.life.document import Document
from orderopt.models.life.order_case import Party
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count, Fill, find_fill
from orderopt.models.life.tax import TaxShare
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class InvoiceKind(StrEnum):
    """What a document of an order's money is; the amounts of a credit note are above 0, too, and lower what is owed."""

    INVOICE = "invoice"
    DEPOSIT = "deposit"
    CREDIT_NOTE = "credit_note"
    DEBIT_NOTE = "debit_note"


class InvoiceLineKind(StrEnum):
    """What a line charges."""

    GOODS = "goods"
    CHARGE = "charge"
    DEPOSIT = "deposit"
    DEPOSIT_TAKEN_OFF = "deposit_taken_off"
    ALLOWANCE = "allowance"


class InvoiceLine(Part):
    """One line; net and tax are multiples of the minor unit and sum to the gross amount.

    Attributes
    ----------
    order_line
        The line of the order whose goods these are.
    quantity
        Of goods; 0 for amounts without a quantity.
    charge_id
        The order's charge that it bears.
    tax_rate, tax_category
        As they were on the day of the document.
    residual, tax_residual
        What the line bears of the rounding of the whole document, in its amount and in its tax.
    of, of_line
        The document and line that it credits or takes off.
    """

    no: Id
    kind: InvoiceLineKind = InvoiceLineKind.GOODS
    text: str = ""
    order_line: Id | None = None
    charge_id: Id | None = None
    shipment_id: Id | None = None
    quantity: Count = ZERO
    unit_price: Price = None
    discount: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    tax_code: Id | None = None
    tax_rate: TaxShare = Decimal(0)
    tax_category: str = "O"
    net: Price
    tax: Price
    residual: Price = ZERO
    tax_residual: Price = ZERO
    of: Id | None = None
    of_line: Id | None = None

    @property
    def gross(self) -> Decimal:
        """Net and tax."""
        return known(self.net) + known(self.tax)


class TaxSum(Part):
    """Net and tax of all lines of one rate."""

    code: Id | None
    category: str
    rate: TaxShare
    net: Decimal
    tax: Decimal


class SettlementKind(StrEnum):
    """What settles a part of a document."""

    PAYMENT = "payment"
    CREDIT = "credit"
    REFUND = "refund"
    DISCOUNT = "discount"
    WRITE_OFF = "write_off"


class Settled(Part):
    """A part of a document that was settled; below 0: a settlement that was taken back.

    Attributes
    ----------
    source
        Payment, refund or the other document; for write-offs the reason.
    exchange
        Gain (above 0) or loss in the account's currency, since the rate of the payment is another.
    """

    kind: SettlementKind
    source: str
    amount: Price
    on: date
    exchange: Price = ZERO


class DisputeReason(StrEnum):
    """Why a customer contests an amount."""

    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    LATE = "late"
    FREIGHT = "freight"
    OTHER = "other"


class Resolution(StrEnum):
    """How a dispute ended."""

    UPHELD = "upheld"
    CREDITED = "credited"
    WRITTEN_OFF = "written_off"


class Dispute(Part):
    """An amount of an invoice that the customer contests or has kept back."""

    dispute_id: Id
    reason: DisputeReason
    amount: Price
    owner: str
    opened_at: Moment
    ended_at: Moment | None = None
    resolution: Resolution | None = None


class Invoice(Document):
    """One document of an order's money.

    Attributes
    ----------
    issued_on, due_on
        Days in the zone of the desk's policy.
    discount, discount_until
        What an early payment may keep back, and until when.
    rate, rate_on
        What one unit of the currency was worth in the account's currency, and the day of that rate.
    corrects
        The invoice that a credit or debit note is about.
    buyer
        The party as it was on the day.
    """

    KIND: ClassVar[str] = "invoice"

    number: Id
    kind: InvoiceKind
    order_id: Id
    customer_id: Id
    issued_on: date
    due_on: date
    terms: str | None = None
    discount: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    discount_until: date | None = None
    currency: Currency
    rate: Rate = Decimal(1)
    rate_on: date | None = None
    prices_include_tax: bool = False
    lines: tuple[InvoiceLine, ...] = Field(min_length=1)
    corrects: Id | None = None
    milestone: Id | None = None
    reason: str | None = None
    customer_po: str | None = None
    buyer: Party = Party()
    settled: tuple[Settled, ...] = ()
    disputes: tuple[Dispute, ...] = ()

    @property
    def key(self) -> str:
        """The number."""
        return self.number

    def labels(self) -> Mapping[str, str]:
        """Return order, customer, kind, due date, and whether anything is open."""
        return {
            "order": self.order_id,
            "customer": self.customer_id,
            "kind": str(self.kind),
            "due": self.due_on.isoformat(),
            "issued": self.issued_on.isoformat(),
            "open": "1" if self.open else "0",
        }

    def check(self) -> Self:
        """Return the document itself if no more is settled of it than it is over."""
        if not 0 <= abs(self.open) <= abs(self.gross) or self.open * self.gross < 0:
            raise MoneyError(f"{self.kind} {self.number}: more would be settled than it is over")
        if self.gross < 0:
            raise MoneyError(f"{self.kind} {self.number}: its sum would be below 0")
        return self

    @property
    def is_credit(self) -> bool:
        """Whether it lowers what is owed."""
        return self.kind is InvoiceKind.CREDIT_NOTE

    @property
    def sign(self) -> int:
        """1, or -1 for a credit note."""
        return -1 if self.is_credit else 1

    @property
    def net(self) -> Decimal:
        """Sum of all lines before tax."""
        return sum((known(line.net) for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        """Sum of all lines' tax."""
        return sum((known(line.tax) for line in self.lines), ZERO)

    @property
    def gross(self) -> Decimal:
        """What is to be paid, or credited."""
        return self.net + self.tax

    @property
    def taxes(self) -> tuple[TaxSum, ...]:
        """Net and tax by code and rate."""
        sums: dict[tuple[str | None, str, Decimal], tuple[Decimal, Decimal]] = {}
        for line in self.lines:
            name = (line.tax_code, line.tax_category, line.tax_rate)
            net, tax = sums.get(name, (ZERO, ZERO))
            sums[name] = (net + known(line.net), tax + known(line.tax))
        return tuple(
            TaxSum(code=code, category=category, rate=rate, net=net, tax=tax)
            for (code, category, rate), (net, tax) in sums.items()
        )

    @property
    def open(self) -> Decimal:
        """What is not settled."""
        return self.gross - sum((known(one.amount) for one in self.settled), ZERO)

    @property
    def payment_status(self) -> Fill:
        """How far it is settled."""
        return find_fill(self.gross - self.open, self.gross)

    @property
    def disputed(self) -> Decimal:
        """What is contested now."""
        return sum((known(one.amount) for one in self.disputes if one.ended_at is None), ZERO)

    @property
    def item(self) -> OpenItem:
        """The document as an item of the customer's account, as it was posted."""
        amount = self.sign * self.gross
        return OpenItem(
            ref=self.number,
            kind=ItemKind.CREDIT_NOTE if self.is_credit else ItemKind.INVOICE,
            order_id=self.order_id,
            issued_on=self.issued_on,
            due_on=self.due_on,
            currency=self.currency,
            rate=self.rate,
            amount=amount,
            open=amount,
        )

    def line(self, no: str) -> InvoiceLine:
        """Return a line by its number; raises NotFoundError if there is none."""
        for line in self.lines:
            if line.no == no:
                return line
        raise NotFoundError(f"{self.kind} {self.number} has no line {no}")
