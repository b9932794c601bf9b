"""Items and how they are made: bills of material, routings and changeovers."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from orderopt.models.life.part import Sensitivity
from orderopt.models.measure import Minutes, Money, PositiveQuantity, Quantity, Share
from orderopt.models.record import Id, Record, Ref


class MakePolicy(StrEnum):
    """When an item is made: to order, to stock, or assembled to order."""

    MTO = "MTO"
    MTS = "MTS"
    ATO = "ATO"


class Item(Record):
    """Anything stocked, made or bought: finished goods, assemblies and materials alike."""

    TABLE = "items"
    KEY = ("item_id",)

    item_id: Id = Field(description="Name of the item.")
    name: str | None = Field(default=None, description="What people call it.")
    uom: str | None = Field(default=None, description="Unit of measure of every quantity of it.")
    quantity_step: PositiveQuantity = Field(
        default=Decimal(1), description="Made and bought quantities are multiples of it."
    )
    make_policy: MakePolicy | None = Field(default=None, description="MTO, MTS or ATO.")
    shelf_life_days: Quantity | None = Field(default=None, description="Days it keeps.")
    active: bool = Field(default=True, description="0: not sold any more; no order for it passes review.")
    list_price: Annotated[Money | None, Sensitivity.PRICE] = Field(
        default=None, description="Net price of one unit that orders are reviewed against, in the plan's currency."
    )
    cost: Annotated[Money | None, Sensitivity.PRICE] = Field(
        default=None, description="Cost of one unit that margins are reviewed by, in the plan's currency."
    )
    quality_floor: Share | None = Field(
        default=None,
        description="Lowest quality_rating of a unit that may make it or a supplier it may be bought from.",
    )


def _check_factor(text: str) -> str:
    _, _, divisor = text.partition("/")
    if (divisor and not Fraction(divisor)) or not Fraction(text.partition("/")[0]):
        raise ValueError("is not above 0")
    return text


Factor = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,12})?(/[0-9]{1,12})?$"), AfterValidator(_check_factor)
]
"""An exact number above 0 as text: ``12``, ``0.5`` or ``1/3``."""


class UnitConversion(Record):
    """How much of an item one other unit is: a carton, a pallet, a metre of it."""

    TABLE = "unit_conversions"
    KEY = ("item_id", "unit")

    item_id: Annotated[Id, Ref("items")] = Field(description="The item.")
    unit: Id = Field(description="The other unit: a UN/ECE Rec 20 or 21 code such as CT, or the word that is used.")
    factor: Factor = Field(description="Units of the item (its uom) in one of it, exact: 12, 0.5 or 1/3.")

    @property
    def ratio(self) -> Fraction:
        """The factor as an exact number."""
        over, _, under = self.factor.partition("/")
        return Fraction(over) / Fraction(under or 1)


class BomLine(Record):
    """One component that goes into an item."""

    TABLE = "bom"
    KEY = ("item_id", "component_id", "op_no")

    item_id: Annotated[Id, Ref("items")] = Field(description="The item that is made.")
    component_id: Annotated[Id, Ref("items")] = Field(description="The item that goes in.")
    quantity_per: PositiveQuantity = Field(description="Units of the component for one started unit.")
    op_no: int | None = Field(default=None, description="Operation that consumes it; empty: the first.")
    scrap: Quantity | None = Field(
        default=None, description="Share lost on the way in: 0.05 takes 5 % more of the component."
    )

    @property
    def need_per_unit(self) -> Decimal:
        """Units of the component drawn for one started unit, scrap included."""
        return self.quantity_per * (1 + (self.scrap or Decimal(0)))


class Operation(Record):
    """A step of a routing on one eligible resource; rows of one step are alternatives."""

    TABLE = "operations"
    KEY = ("item_id", "unit_id", "op_no", "resource_id")

    item_id: Annotated[Id, Ref("items")] = Field(description="The item that is made.")
    unit_id: Annotated[Id, Ref("production_units")] = Field(description="The unit that makes it.")
    op_no: int = Field(description="Steps are done in rising order.")
    resource_id: Annotated[Id, Ref("resources")] = Field(description="A resource that can do the step.")
    name: str | None = Field(default=None, description="What people call the step.")
    fixed_minutes: Minutes = Field(default=Decimal(0), description="Working minutes whatever the quantity.")
    minutes_per_unit: Minutes = Field(default=Decimal(0), description="Working minutes for each started unit.")
    family: str | None = Field(default=None, description="Setup family on this resource.")
    breakable: bool = Field(
        default=True, description="1: may pause while the resource is closed; 0: must fit in one open window."
    )
    transfer_minutes: Minutes | None = Field(
        default=None, description="Minutes between the end of this step and the start of the next."
    )
    transfer_batch: PositiveQuantity | None = Field(
        default=None,
        description="Started units after which the next step may begin, so that both overlap; empty: all of them.",
    )
    max_wait_minutes: Minutes | None = Field(
        default=None, description="Most minutes between the end of this step and the start of the next."
    )


class Setup(Record):
    """Changing a resource over from one family to another."""

    TABLE = "setups"
    KEY = ("resource_id", "from_family", "to_family")

    resource_id: Annotated[Id, Ref("resources")] = Field(description="Where the changeover happens.")
    from_family: Id = Field(description="Family before; * matches any that has no row of its own.")
    to_family: Id = Field(description="Family after.")
    minutes: Minutes = Field(description="Open minutes the changeover takes.")
    cost: Money = Field(default=Decimal(0), description="What it costs each time.")
    forbidden: bool = Field(
        default=False,
        description="1: the family after may not follow the family before; minutes and cost do not count.",
    )


ANY_FAMILY = "*"
"""As `from_family` of a changeover: any family that has no row of its own."""
