"""Invoices of suppliers, and how each line agrees with what was ordered and received."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field

from orderopt.errors import MoneyError
from orderopt.models.life.account import ItemKind, OpenItem
from orderopt.models.life.amounts import ZERO, Currency, Price, Rate, known
from orderopt.models.life.document import Document
from orderopt.models.life.invoice import Settled
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count, Fill, find_fill
from orderopt.models.life.states import BILL, BillState
from orderopt.models.life.tax import TaxShare
from orderopt.models.record import Id


class MatchCode(StrEnum):
    """Why a line does not agree."""

    UNKNOWN_SUPPLY = "UNKNOWN_SUPPLY"
    OTHER_SUPPLIER = "OTHER_SUPPLIER"
    NOT_RECEIVED = "NOT_RECEIVED"
    ABOVE_RECEIVED = "ABOVE_RECEIVED"
    ABOVE_ORDERED = "ABOVE_ORDERED"
    PRICE_ABOVE = "PRICE_ABOVE"
    PRICE_UNKNOWN = "PRICE_UNKNOWN"


class MatchResult(Part):
    """The three-way match of one line: ordered, received and invoiced, each with what came before.

    Attributes
    ----------
    invoiced
        Invoiced in all, this line taken in.
    codes
        Why it does not agree; empty: it does.
    """

    ordered: Count = ZERO
    received: Count = ZERO
    invoiced: Count
    agreed_price: Price = None
    codes: tuple[MatchCode, ...] = ()

    @property
    def is_matched(self) -> bool:
        """Whether it agrees."""
        return not self.codes


class BillLine(Part):
    """One line of a supplier's invoice."""

    no: Id
    supply_id: Id
    quantity: Annotated[Decimal, Field(gt=0, decimal_places=6)]
    unit_price: Price
    net: Price
    tax: Price = ZERO
    tax_rate: TaxShare = Decimal(0)
    match: MatchResult | None = None


class SupplierInvoice(Document):
    """What a supplier asks for.

    Attributes
    ----------
    recorded_by
        Who entered it; someone else must approve what does not match.
    """

    KIND: ClassVar[str] = "supplier_invoice"

    supplier_id: Id
    number: Id
    issued_on: date
    due_on: date
    currency: Currency
    rate: Rate = Decimal(1)
    lines: tuple[BillLine, ...] = Field(min_length=1)
    state: BillState = BILL.first
    recorded_by: str = ""
    settled: tuple[Settled, ...] = ()

    @property
    def key(self) -> str:
        """Supplier and number, since two suppliers may use the same."""
        return name_bill(self.supplier_id, self.number)

    def labels(self) -> Mapping[str, str]:
        """Return supplier, state and due date."""
        return {
            "supplier": self.supplier_id,
            "state": str(self.state),
            "due": self.due_on.isoformat(),
            "open": "1" if self.open else "0",
        }

    def check(self) -> Self:
        """Return the invoice itself if no more is settled of it than it is over."""
        if not 0 <= self.open <= self.gross:
            raise MoneyError(f"supplier invoice {self.key}: more would be settled than it is over")
        return self

    @property
    def net(self) -> Decimal:
        """Sum of all lines before tax."""
        return sum((known(line.net) for line in self.lines), ZERO)

    @property
    def gross(self) -> Decimal:
        """What is asked for."""
        return self.net + sum((known(line.tax) for line in self.lines), ZERO)

    @property
    def open(self) -> Decimal:
        """What is not paid."""
        return self.gross - sum((known(one.amount) for one in self.settled), ZERO)

    @property
    def payment_status(self) -> Fill:
        """How far it is paid."""
        return find_fill(self.gross - self.open, self.gross)

    @property
    def is_matched(self) -> bool:
        """Whether every line agrees."""
        return all(line.match is not None and line.match.is_matched for line in self.lines)

    @property
    def item(self) -> OpenItem:
        """The invoice as an item of the supplier's account."""
        return OpenItem(
            ref=self.key,
            kind=ItemKind.INVOICE,
            issued_on=self.issued_on,
            due_on=self.due_on,
            currency=self.currency,
            rate=self.rate,
            amount=self.gross,
            open=self.gross,
        )


def name_bill(supplier_id: str, number: str) -> str:
    """Return the key of a supplier's invoice."""
    return f"{supplier_id}:{number}"
