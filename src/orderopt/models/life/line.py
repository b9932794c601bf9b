"""A line of a living order: what is asked for, what was promised, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.quantities import ZERO, Count, Fill, LineQuantities, find_fill
from orderopt.models.measure import Money, PositiveQuantity, Quantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ShipPolicy(StrEnum):
    """What may be shipped apart."""

    ANY = "any"
    COMPLETE_LINE = "complete_line"
    COMPLETE_ORDER = "complete_order"


class OrderedLine(Part):
    """What a customer asks for in one line.

    Attributes
    ----------
    quantity
        In the item's unit; what was written, and in which unit, stands in `as_written`.
    unit_price, discount
        Net or gross as the order says; the discount is a share of the price.
    spec
        Characteristics that inspection must confirm, by name: a value, or ``low..high``.
    special_requirements
        Names that a source must be able to do.
    over, under
        Shares by which a delivery may be above or below and the line counts as complete; None: the customer's.
    extra
        Columns of the sender that orderopt does not know.
    """

    line_no: Id
    item_id: Id
    quantity: PositiveQuantity
    requested_at: Moment
    as_written: str | None = None
    unit_price: Annotated[Money | None, Sensitivity.PRICE] = None
    discount: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    tax_code: str | None = None
    destination: str | None = None
    ship_policy: ShipPolicy = ShipPolicy.ANY
    may_split: bool = True
    spec: Mapping[str, str] = Field(default_factory=dict)
    special_requirements: tuple[str, ...] = ()
    over: Annotated[Decimal | None, Field(ge=0)] = None
    under: Annotated[Decimal | None, Field(ge=0, lt=1)] = None
    lot: str | None = None
    note: Annotated[str | None, Sensitivity.PERSONAL] = None
    extra: Mapping[str, Any] = Field(default_factory=dict)


class Dates(Part):
    """The dates of a line: first promised, last promised and what that depended on, expected now."""

    first_promise: Moment | None = None
    last_promise: Moment | None = None
    cause: str | None = None
    projected: Moment | None = None


class CaseLine(Part):
    """A line with its counts and dates.

    Attributes
    ----------
    over
        Share by which more was allowed when it shipped; counts where the line itself says nothing.
    """

    ask: OrderedLine
    counts: LineQuantities
    dates: Dates = Dates()
    over: Count = ZERO

    @classmethod
    def of(cls, ask: OrderedLine) -> CaseLine:
        """Return a new line of which nothing has been done."""
        return cls(ask=ask, counts=LineQuantities(ordered=ask.quantity))

    @property
    def line_no(self) -> str:
        """The line's name within its order."""
        return self.ask.line_no

    @property
    def may_exceed(self) -> Decimal:
        """Share by which deliveries may be above what was ordered."""
        return self.over if self.ask.over is None else self.ask.over

    @property
    def allocation_status(self) -> Fill:
        """How much of it has a source."""
        return find_fill(self.counts.allocated, self.counts.wanted)

    @property
    def fulfilment_status(self) -> Fill:
        """How much of it is shipped."""
        return find_fill(self.counts.shipped, self.counts.wanted)

    @property
    def quality_status(self) -> Fill:
        """How much of it is inspected and good."""
        return find_fill(self.counts.qc_passed, self.counts.wanted)

    @property
    def invoice_status(self) -> Fill:
        """How much of it is invoiced, credits taken off."""
        return find_fill(self.counts.invoiced - self.counts.credited, self.counts.ordered - self.counts.cancelled)

    @property
    def return_status(self) -> Fill:
        """How much of what was delivered came back."""
        return find_fill(self.counts.return_received, self.counts.delivered) if self.counts.delivered else Fill.NONE

    def is_complete(self, under: Quantity) -> bool:
        """Tell whether what is shipped is enough, with a share that may be missing."""
        return self.counts.shipped >= self.counts.wanted * (1 - under)
