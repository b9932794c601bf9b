"""The quantities of an order line: counted exactly, never stored as a status."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.errors import QuantityError
from orderopt.models.life.part import Part
from orderopt.models.measure import PLACES

Count = Annotated[Decimal, Field(decimal_places=PLACES, allow_inf_nan=False)]
ZERO = Decimal(0)


class Fill(StrEnum):
    """How much of a whole is done, exactly: 99.9996 % is partial."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"
    OVER = "over"


def find_fill(part: Decimal, whole: Decimal) -> Fill:
    """Return how far `part` fills `whole`; nothing of nothing is full.

    Examples
    --------
    >>> find_fill(Decimal("99.9996"), Decimal(100))
    <Fill.PARTIAL: 'partial'>
    """
    if part > whole:
        return Fill.OVER
    if part == whole:
        return Fill.FULL
    return Fill.PARTIAL if part > 0 else Fill.NONE


class LineQuantities(Part):
    """All counts of one order line, in the item's unit.

    Attributes
    ----------
    ordered
        As ordered now, changes applied, cancellations not taken off.
    cancelled
        Of it, what will not be delivered.
    replaced
        Returned quantity that is to be delivered again.
    allocated
        For which a source is chosen (stock reserved or supply pegged).
    from_stock
        Taken from stock that was inspected before.
    produced, scrapped, reworked
        Good and lost quantity reported by production and receipts for this line; rework comes back as produced.
    qc_passed, qc_rejected
        By inspection; stock counts as passed when it is taken.
    packed, shipped, delivered
        On their way to the customer; each counts what the next one counts, too.
    return_received, return_accepted
        Come back, and accepted as a claim.
    invoiced, credited
        In the line's unit, by documents.
    """

    ordered: Count
    cancelled: Count = ZERO
    replaced: Count = ZERO
    allocated: Count = ZERO
    from_stock: Count = ZERO
    produced: Count = ZERO
    scrapped: Count = ZERO
    reworked: Count = ZERO
    qc_passed: Count = ZERO
    qc_rejected: Count = ZERO
    packed: Count = ZERO
    shipped: Count = ZERO
    delivered: Count = ZERO
    return_received: Count = ZERO
    return_accepted: Count = ZERO
    invoiced: Count = ZERO
    credited: Count = ZERO

    @property
    def wanted(self) -> Decimal:
        """What is to be delivered in all: ordered less cancelled, and what replaces returns."""
        return self.ordered - self.cancelled + self.replaced

    @property
    def open(self) -> Decimal:
        """What is still to be shipped."""
        return max(ZERO, self.wanted - self.shipped)

    @property
    def uninspected(self) -> Decimal:
        """What is there and waits for inspection."""
        return self.produced + self.from_stock - self.qc_passed - self.qc_rejected

    @property
    def unpacked(self) -> Decimal:
        """What is inspected and not yet packed."""
        return self.qc_passed - self.packed

    def add(self, **amounts: Decimal) -> LineQuantities:
        """Return a copy with amounts added to counts, for example ``add(shipped=Decimal(5))``."""
        return self.model_copy(update={name: getattr(self, name) + amount for name, amount in amounts.items()})

    def check(self, subject: str, *, over: Decimal = ZERO, invoice_on_order: bool = False) -> LineQuantities:
        """Return the counts themselves if they make sense.

        Parameters
        ----------
        subject
            The line, for the error's text.
        over
            Share by which deliveries and invoices may be above what was ordered.
        invoice_on_order
            Whether invoices may come before shipments (prepayment, milestones).

        Raises
        ------
        QuantityError
            With every rule that is broken.
        """
        broken = [says for holds, says in self._rules(over, invoice_on_order) if not holds]
        negative = [name for name, value in self if value < 0]
        broken.extend(f"{name} {getattr(self, name)} is below 0" for name in negative)
        if broken:
            raise QuantityError(f"{subject}: {'; '.join(broken)}")
        return self

    def _rules(self, over: Decimal, invoice_on_order: bool) -> list[tuple[bool, str]]:
        made = self.produced + self.from_stock
        most = self.wanted * (1 + over)
        invoiceable = (self.ordered - self.cancelled if invoice_on_order else self.shipped) * (1 + over)
        net = self.invoiced - self.credited
        return [
            (self.shipped <= self.packed, f"shipped {self.shipped} is above packed {self.packed}"),
            (self.packed <= self.qc_passed, f"packed {self.packed} is above inspected {self.qc_passed}"),
            (
                self.qc_passed + self.qc_rejected <= made,
                f"inspected {self.qc_passed + self.qc_rejected} is above produced and taken from stock {made}",
            ),
            (self.shipped <= most, f"shipped {self.shipped} is above the {most} that may be delivered"),
            (self.delivered <= self.shipped, f"delivered {self.delivered} is above shipped {self.shipped}"),
            (
                self.return_received <= self.delivered,
                f"received back {self.return_received} is above delivered {self.delivered}",
            ),
            (
                self.return_accepted <= self.return_received,
                f"accepted back {self.return_accepted} is above received back {self.return_received}",
            ),
            (
                self.cancelled <= max(ZERO, self.ordered - self.shipped + self.replaced),
                f"cancelled {self.cancelled} is above what is not shipped, {self.ordered - self.shipped}",
            ),
            (net <= invoiceable, f"invoiced {net} is above the {invoiceable} that may be invoiced"),
            (self.credited <= self.invoiced, f"credited {self.credited} is above invoiced {self.invoiced}"),
        ]
