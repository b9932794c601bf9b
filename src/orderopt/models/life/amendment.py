"""What a change request asks for: one class for each kind of change, each with what was and what shall be."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from orderopt.models.life.line import OrderedLine
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.party import Party
from orderopt.models.measure import Money, PositiveQuantity, Quantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id

Share = Annotated[Decimal | None, Field(ge=0, lt=1), Sensitivity.PRICE]
Price = Annotated[Money | None, Sensitivity.PRICE]


class Amendment(Part):
    """One change of one thing.

    `before` may be left out: it is filled in from the order when the request is drafted, and again when it is
    assessed anew.
    """

    kind: str

    @property
    def place(self) -> str:
        """What it touches; two amendments of one request must not touch the same."""
        line_no = getattr(self, "line_no", None)
        return self.kind if line_no is None else f"{line_no}/{self.kind}"


class QuantityAmended(Amendment):
    """A line shall be larger or smaller; quantities are as ordered, cancellations not taken off."""

    kind: Literal["quantity"] = "quantity"
    line_no: Id
    before: Quantity | None = None
    after: PositiveQuantity


class DateAmended(Amendment):
    """A line is wanted earlier or later."""

    kind: Literal["date"] = "date"
    line_no: Id
    before: Moment | None = None
    after: Moment


class ItemAmended(Amendment):
    """A line shall be another item."""

    kind: Literal["item"] = "item"
    line_no: Id
    before: Id | None = None
    after: Id


class DestinationAmended(Amendment):
    """A line, or the whole order, shall go elsewhere; None: where the order goes, or where it is collected."""

    kind: Literal["destination"] = "destination"
    line_no: Id | None = None
    before: str | None = None
    after: str | None = None


class TermsAmended(Amendment):
    """The order shall be paid on other terms."""

    kind: Literal["terms"] = "terms"
    before: str | None = None
    after: str


class PriceAmended(Amendment):
    """A line shall cost something else."""

    kind: Literal["price"] = "price"
    line_no: Id
    before: Price = None
    after: Price = None
    discount_before: Share = None
    discount_after: Share = None


class PartyAmended(Amendment):
    """Name, address or how to reach the customer is another."""

    kind: Literal["party"] = "party"
    before: Party = Party()
    after: Party


class LineAdded(Amendment):
    """A line shall be added."""

    kind: Literal["add_line"] = "add_line"
    line: OrderedLine

    @property
    def line_no(self) -> str:
        """The new line."""
        return self.line.line_no


class LineCancelled(Amendment):
    """What is not shipped of a line, or a part of that, is no longer wanted.

    Attributes
    ----------
    before
        What was still to be shipped.
    quantity
        How much of it is cancelled; None: all.
    """

    kind: Literal["cancel_line"] = "cancel_line"
    line_no: Id
    before: Quantity | None = None
    quantity: PositiveQuantity | None = None


class RestCancelled(Amendment):
    """Nothing more is wanted of the whole order: it is cancelled, or closed short if something has shipped."""

    kind: Literal["cancel_order"] = "cancel_order"


AnyAmendment = Annotated[
    QuantityAmended
    | DateAmended
    | ItemAmended
    | DestinationAmended
    | TermsAmended
    | PriceAmended
    | PartyAmended
    | LineAdded
    | LineCancelled
    | RestCancelled,
    Field(discriminator="kind"),
]
"""Any kind of change, told apart by `kind`."""
