"""Orders and their lines: what customers ask for, by when, and what failing them costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from orderopt.models.measure import Money, PositiveQuantity, PositiveWeight, Share
from orderopt.models.moment import Earliest, Latest, Moment
from orderopt.models.record import Id, Record, Ref

ENDED = frozenset({"cancelled", "canceled", "rejected", "expired", "completed", "settled", "closed"})
"""Order states in which nothing is left to plan."""

UNSERVED_DAYS = 100
"""Leaving a line unserved costs as much as being this many days late, unless the line says otherwise."""


class Order(Record):
    """One order of one customer; what is ordered stands in its lines."""

    TABLE = "orders"
    KEY = ("order_id",)

    order_id: Id = Field(description="Name of the order.")
    customer_id: Annotated[Id, Ref("customers")] = Field(description="Who ordered.")
    channel: str | None = Field(
        default=None, description="How it came in: direct, sales_rep, ecommerce, edi, api, file, …"
    )
    external_ref: str | None = Field(default=None, description="The order's name at the sender.")
    received_at: Moment | None = Field(default=None, description="When it came in.")
    currency: str | None = Field(default=None, description="ISO 4217 code of the order's prices.")
    priority: PositiveWeight = Field(
        default=Decimal(1), description="Multiplies the cost of being late; higher is more urgent."
    )
    status: str | None = Field(
        default=None,
        description="State of the order; lines of an order that is cancelled, rejected, expired, completed, "
        "settled or closed are not planned.",
    )

    @property
    def is_open(self) -> bool:
        """Whether the order still has something to plan."""
        return (self.status or "").strip().lower() not in ENDED


class OrderLine(Record):
    """A quantity of one item, wanted by a moment, at a place."""

    TABLE = "order_lines"
    KEY = ("order_id", "line_no")

    order_id: Annotated[Id, Ref("orders")] = Field(description="The order it belongs to.")
    line_no: Id = Field(description="Name of the line within its order.")
    item_id: Annotated[Id, Ref("items")] = Field(description="What is asked for.")
    quantity: PositiveQuantity = Field(description="How much, in the item's unit.")
    due_at: Latest = Field(description="When it should have arrived.")
    release_at: Earliest | None = Field(default=None, description="No work for the line starts before.")
    unit_price: Money | None = Field(default=None, description="Price of one unit, in the order's currency.")
    tardiness_cost: Money | None = Field(
        default=None, description="Cost of each day late, for the whole line. Default: 1 a unit."
    )
    late_cost: Money | None = Field(
        default=None, description="Cost of being late at all, once for the whole line. Default: 1."
    )
    earliness_cost: Money | None = Field(
        default=None, description="Cost of each day early, for the whole line. Default: 1 a unit."
    )
    unserved_cost: Money | None = Field(
        default=None,
        description="Cost of leaving the whole line unserved (a part: in proportion). Default: the line's price "
        "and what it would cost to be 100 days late.",
    )
    may_split: bool = Field(default=False, description="1: several sources may share the line.")
    min_split: PositiveQuantity | None = Field(default=None, description="The smallest part of a split line.")
    destination: Id | None = Field(default=None, description="Where it goes; empty: it is collected where it is made.")
    quality_floor: Share | None = Field(
        default=None,
        description="Lowest quality_rating of a unit or supplier that may serve the line; the highest of the floors of "
        "line, item and customer counts.",
    )

    @model_validator(mode="after")
    def _check_split(self) -> OrderLine:
        if self.min_split is not None and self.min_split > self.quantity:
            raise ValueError("min_split must not be above quantity")
        return self

    @property
    def name(self) -> str:
        """``order_id/line_no``: how pegging and jobs name the line."""
        return f"{self.order_id}/{self.line_no}"

    @property
    def daily_tardiness_cost(self) -> Decimal:
        """Cost of a day late before priorities, in currency."""
        return self.quantity if self.tardiness_cost is None else self.tardiness_cost

    @property
    def once_late_cost(self) -> Decimal:
        """Cost of being late at all before priorities, in currency."""
        return Decimal(1) if self.late_cost is None else self.late_cost

    @property
    def daily_earliness_cost(self) -> Decimal:
        """Cost of a day early before priorities, in currency."""
        return self.quantity if self.earliness_cost is None else self.earliness_cost

    def full_unserved_cost(self, priority: Decimal) -> Decimal:
        """Return the cost of leaving the whole line unserved, in currency.

        Parameters
        ----------
        priority
            Priority of the customer times that of the order.
        """
        if self.unserved_cost is not None:
            return self.unserved_cost
        value = self.quantity * (self.unit_price or Decimal(0))
        return value + UNSERVED_DAYS * self.daily_tardiness_cost * priority
