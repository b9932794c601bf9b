"""What happens to the money of an order: agreed, invoiced, credited, contested, settled; and rates that were set."""

from __future__ import annotations

from typing import ClassVar

from orderopt.errors import NotFoundError
from orderopt.models.life.amounts import Currency
from orderopt.models.life.billing import BillingTerms, Charge
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.happened.order import OrderStepped
from orderopt.models.life.invoice import Dispute, Invoice, Resolution, Settled
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count
from orderopt.models.life.tax import DailyRate, ExchangeRate, TaxCode, TaxRate
from orderopt.models.record import Id


class TaxRateSet(Payload):
    """A tax code has a rate from a day on; the same day again corrects it."""

    code: Id
    rate: TaxRate

    def apply(self, document: TaxCode | None, stamp: Stamp) -> TaxCode:
        """Add the rate."""
        before = document or TaxCode(code=self.code)
        others = tuple(rate for rate in before.rates if rate.starts_on != self.rate.starts_on)
        rates = tuple(sorted((*others, self.rate), key=lambda rate: rate.starts_on))
        return before.model_copy(update={"rates": rates})


class ExchangeRateSet(Payload):
    """A currency has a rate from a day on; the same day again corrects it."""

    currency: Currency
    into: Currency
    rate: DailyRate
    max_age_days: int | None = None

    def apply(self, document: ExchangeRate | None, stamp: Stamp) -> ExchangeRate:
        """Add the rate."""
        before = document or ExchangeRate(currency=self.currency, into=self.into)
        others = tuple(rate for rate in before.rates if rate.starts_on != self.rate.starts_on)
        rates = tuple(sorted((*others, self.rate), key=lambda rate: rate.starts_on))
        return before.model_copy(update={"rates": rates, "max_age_days": self.max_age_days})


class BillingAgreed(Payload):
    """How the order is invoiced."""

    billing: BillingTerms

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the terms."""
        return document.model_copy(update={"billing": self.billing})


class ChargeAgreed(Payload):
    """The next invoice bears a fee, freight or a service beside the goods."""

    charge: Charge

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the charge."""
        return document.model_copy(update={"charges": (*document.charges, self.charge)})


class LineAmount(Part):
    """A quantity of a line."""

    line_no: Id
    quantity: Count


class OrderInvoiced(Payload):
    """Quantities stand on an invoice."""

    number: Id
    lines: tuple[LineAmount, ...] = ()

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Count the quantities."""
        return _count(document, self.lines, "invoiced")


class OrderCredited(Payload):
    """Quantities stand on a credit note."""

    number: Id
    lines: tuple[LineAmount, ...] = ()

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Count the quantities."""
        return _count(document, self.lines, "credited")


class OrderSettled(Payload):
    """Everything is paid or written off; the claim window begins."""

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step."""
        return document.stepped("settle", settled_at=stamp.at)


class OrderClosed(OrderStepped):
    """The claim window is over."""

    TRIGGER: ClassVar[str] = "close"


class InvoiceIssued(Payload):
    """A document got its number and was sent."""

    invoice: Invoice

    def apply(self, document: Invoice | None, stamp: Stamp) -> Invoice:
        """Begin it."""
        return self.invoice


class InvoiceSettled(Payload):
    """Parts of a document were settled, or a settlement was taken back."""

    settled: tuple[Settled, ...]

    def apply(self, document: Invoice, stamp: Stamp) -> Invoice:
        """Add what was settled."""
        return document.model_copy(update={"settled": (*document.settled, *self.settled)})


class DisputeOpened(Payload):
    """The customer contests an amount, or has kept it back."""

    dispute: Dispute

    def apply(self, document: Invoice, stamp: Stamp) -> Invoice:
        """Add the dispute."""
        return document.model_copy(update={"disputes": (*document.disputes, self.dispute)})


class DisputeEnded(Payload):
    """A dispute has an end."""

    dispute_id: Id
    resolution: Resolution

    def apply(self, document: Invoice, stamp: Stamp) -> Invoice:
        """Mark the dispute; raises NotFoundError if it is not open."""
        if not any(one.dispute_id == self.dispute_id and one.ended_at is None for one in document.disputes):
            raise NotFoundError(f"{document.number} has no open dispute {self.dispute_id}")
        ended = {"ended_at": stamp.at, "resolution": self.resolution}
        disputes = tuple(
            one.model_copy(update=ended) if one.dispute_id == self.dispute_id else one for one in document.disputes
        )
        return document.model_copy(update={"disputes": disputes})


def _count(document: OrderCase, lines: tuple[LineAmount, ...], name: str) -> OrderCase:
    for amount in lines:
        line = document.line(amount.line_no)
        counts = line.counts.add(**{name: amount.quantity})
        document = document.with_line(line.model_copy(update={"counts": counts}))
    return document
