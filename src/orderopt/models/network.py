"""The supply network: units and resources, suppliers and offers, stock and receipts, lanes."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from orderopt.models.departures import Departures
from orderopt.models.measure import Minutes, Money, PositiveQuantity, PositiveWeight, Quantity, Rate, Share
from orderopt.models.moment import Earliest, Latest
from orderopt.models.record import Id, Record, Ref


class ProductionUnit(Record):
    """A plant, department or line group that makes items."""

    TABLE = "production_units"
    KEY = ("unit_id",)

    unit_id: Id = Field(description="Name of the unit.")
    name: str | None = Field(default=None, description="What people call it.")
    quality: Share = Field(default=Decimal(1), description="Share of good output.")
    site: Id | None = Field(default=None, description="Where it stands.")
    max_share: Share | None = Field(
        default=None, description="Highest share of all quantity made for order lines that the unit may take."
    )
    capabilities: str | None = Field(
        default=None, description="Special requirements it can meet, separated by semicolons."
    )
    quality_rating: Share | None = Field(
        default=None, description="How its quality is rated, held against quality_floor. Default: its quality."
    )
    on_time_rate: Rate | None = Field(default=None, description="Share of its deliveries that come on time.")
    usual_lead_days: Quantity | None = Field(
        default=None, description="Days that an order usually takes there; counts in its preference alone."
    )
    usual_per_week: Quantity | None = Field(
        default=None, description="What it usually delivers in a week; counts in its preference alone."
    )
    preference: Rate | None = Field(
        default=None, description="How gladly it is taken, 0 to 1; empty: as strong, fast and reliable as it is."
    )

    @property
    def rating(self) -> Decimal:
        """How its quality is rated."""
        return self.quality if self.quality_rating is None else self.quality_rating


class Resource(Record):
    """A machine, line or crew that does one task or several at once."""

    TABLE = "resources"
    KEY = ("resource_id",)

    resource_id: Id = Field(description="Name of the resource.")
    unit_id: Annotated[Id, Ref("production_units")] = Field(description="The unit it belongs to.")
    calendar_id: Annotated[Id, Ref("calendars")] | None = Field(
        default=None, description="When it is open; empty: always."
    )
    capacity: int = Field(default=1, ge=1, description="Tasks at once.")
    cost_per_hour: Money = Field(default=Decimal(0), description="Cost of an hour of setup or work.")
    efficiency: PositiveWeight = Field(default=Decimal(1), description="2 works twice as fast.")
    initial_family: str | None = Field(default=None, description="Setup family at the start.")
    setup_crew: Id | None = Field(
        default=None, description="Crew that changes it over; a crew changes over one resource at a time."
    )


class CapacityChange(Record):
    """A span in which a resource that does several tasks at once has fewer places."""

    TABLE = "capacity_changes"
    KEY = ("resource_id", "starts_at")

    resource_id: Annotated[Id, Ref("resources")] = Field(description="A resource with a capacity above 1.")
    starts_at: Latest = Field(description="Begin of the span.")
    ends_at: Earliest = Field(description="End of the span.")
    capacity: int = Field(ge=0, description="Tasks at once within the span; where spans overlap, the least counts.")

    @model_validator(mode="after")
    def _check_order(self) -> CapacityChange:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self


class Supplier(Record):
    """Someone who sells items to us."""

    TABLE = "suppliers"
    KEY = ("supplier_id",)

    supplier_id: Id = Field(description="Name of the supplier.")
    name: str | None = Field(default=None, description="What people call it.")
    quality: Share = Field(default=Decimal(1), description="Share of good pieces in what is bought.")
    on_time_rate: Rate | None = Field(default=None, description="Share of deliveries that come on time.")
    calendar_id: Annotated[Id, Ref("calendars")] | None = Field(
        default=None, description="When it delivers; empty: always."
    )
    capabilities: str | None = Field(
        default=None, description="Special requirements it can meet, separated by semicolons."
    )
    quality_rating: Share | None = Field(
        default=None, description="How its quality is rated, held against quality_floor. Default: its quality."
    )

    @property
    def rating(self) -> Decimal:
        """How its quality is rated."""
        return self.quality if self.quality_rating is None else self.quality_rating


class Offer(Record):
    """What a supplier asks for an item, from a quantity on; several rows are price breaks."""

    TABLE = "offers"
    KEY = ("supplier_id", "item_id", "from_quantity")

    supplier_id: Annotated[Id, Ref("suppliers")] = Field(description="Who sells.")
    item_id: Annotated[Id, Ref("items")] = Field(description="What is sold.")
    lead_time_days: Quantity = Field(description="Calendar days from order to receipt.")
    unit_price: Money = Field(description="Price of one unit.")
    currency: str | None = Field(default=None, description="ISO 4217 code; empty: that of the plan.")
    min_quantity: PositiveQuantity | None = Field(default=None, description="Smallest purchase.")
    lot_multiple: PositiveQuantity | None = Field(default=None, description="A purchase is a multiple of it.")
    max_per_week: PositiveQuantity | None = Field(
        default=None, description="Most that can be received in one ISO week."
    )
    from_quantity: Quantity = Field(default=Decimal(0), description="The price holds from this quantity on.")
    preference: Rate | None = Field(
        default=None,
        description="How gladly the supplier is taken for the item, 0 to 1; empty: as strong, fast and reliable as it "
        "is. Of several rows the one with the lowest from_quantity counts.",
    )


class Quota(Record):
    """What share of an item one unit or supplier is to have, counted from the begin of the agreement."""

    TABLE = "quotas"
    KEY = ("item_id", "unit_id", "supplier_id")

    item_id: Annotated[Id, Ref("items")] = Field(description="What is shared out.")
    unit_id: Annotated[Id, Ref("production_units")] | None = Field(
        default=None, description="The unit that has the share."
    )
    supplier_id: Annotated[Id, Ref("suppliers")] | None = Field(
        default=None, description="The supplier that has it; either a unit or a supplier."
    )
    share: Share = Field(description="Its share of all that the sources of the agreement deliver; together they are 1.")
    so_far: Quantity = Field(
        default=Decimal(0), description="What it has had since the agreement began, jobs under way counted."
    )

    @model_validator(mode="after")
    def _check_source(self) -> Quota:
        if (self.unit_id is None) == (self.supplier_id is None):
            raise ValueError("either unit_id or supplier_id must be given, not both")
        return self

    @property
    def source_id(self) -> str:
        """The unit or supplier."""
        return self.unit_id or self.supplier_id or ""


class Stock(Record):
    """What lies at a site."""

    TABLE = "stock"
    KEY = ("item_id", "site")

    item_id: Annotated[Id, Ref("items")] = Field(description="What lies there.")
    on_hand: Quantity = Field(description="How much.")
    site: Id | None = Field(default=None, description="Where.")
    safety_stock: Quantity = Field(default=Decimal(0), description="Stays; is not planned away.")
    available_at: Earliest | None = Field(default=None, description="From when; empty: at once.")

    @property
    def name(self) -> str:
        """``item_id@site``: how pegging names the stock."""
        return f"{self.item_id}@{self.site or ''}"

    @property
    def free(self) -> Decimal:
        """What may be planned with: on hand less the safety stock, never below zero."""
        return max(self.on_hand - self.safety_stock, Decimal(0))


class ReceiptKind(StrEnum):
    """Where a receipt comes from."""

    PURCHASE = "purchase"
    WIP = "wip"


class Receipt(Record):
    """A quantity that is already on its way."""

    TABLE = "receipts"
    KEY = ("receipt_id",)

    receipt_id: Id = Field(description="Name of the receipt.")
    item_id: Annotated[Id, Ref("items")] = Field(description="What comes.")
    quantity: PositiveQuantity = Field(description="How much.")
    available_at: Earliest = Field(description="When.")
    site: Id | None = Field(default=None, description="Where.")
    kind: ReceiptKind | None = Field(default=None, description="purchase or wip.")


class Lane(Record):
    """A way from an origin to a destination."""

    TABLE = "lanes"
    KEY = ("origin", "destination", "mode")

    origin: Id = Field(description="A site, unit or supplier.")
    destination: Id = Field(description="Where it leads.")
    mode: str | None = Field(default=None, description="For example road, sea or air.")
    lead_time_hours: Minutes = Field(default=Decimal(0), description="Hours from departure to arrival.")
    cost_fixed: Money = Field(default=Decimal(0), description="Cost of one shipment.")
    cost_per_unit: Money = Field(default=Decimal(0), description="Cost of one unit shipped.")
    capacity: PositiveQuantity | None = Field(default=None, description="Most units in one shipment.")
    departs: Departures | None = Field(
        default=None,
        description="When shipments leave, as days and times: 0-4/16:00; 5/10:00 (0 is Monday, * is daily). "
        "One shipment leaves each time. Empty: at once.",
    )
