"""What was agreed about invoices of an order: when they are made, deposits, milestones, charges."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from orderopt.models.life.amounts import Price, Residual, Rounding
from orderopt.models.life.part import Part
from orderopt.models.record import Id


class BillingMethod(StrEnum):
    """What makes a quantity due for an invoice."""

    PER_SHIPMENT = "per_shipment"
    ON_COMPLETION = "on_completion"
    MILESTONE = "milestone"
    PREPAYMENT = "prepayment"


class RoundingLevel(StrEnum):
    """Where amounts are rounded: each line for itself, or the sum of each tax rate, its residual on a named line."""

    LINE = "line"
    DOCUMENT = "document"


class Milestone(Part):
    """A share of the ordered quantities that is invoiced when something is reached."""

    name: Id
    share: Annotated[Decimal, Field(gt=0, le=1, decimal_places=6)]


class BillingTerms(Part):
    """How an order is invoiced.

    Attributes
    ----------
    deposit
        Share of the order's value that is invoiced before release and taken off later invoices.
    milestones
        For the method milestone; their shares sum to 1.
    rounding, level, residual
        How amounts are rounded, where, and which line bears what is left over.
    """

    method: BillingMethod = BillingMethod.PER_SHIPMENT
    deposit: Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)] = Decimal(0)
    milestones: tuple[Milestone, ...] = ()
    rounding: Rounding = Rounding.HALF_UP
    level: RoundingLevel = RoundingLevel.LINE
    residual: Residual = Residual.LARGEST

    @model_validator(mode="after")
    def _check_milestones(self) -> Self:
        if (self.method is BillingMethod.MILESTONE) != bool(self.milestones):
            raise ValueError("the method milestone needs milestones, and only that one")
        if self.milestones and sum(one.share for one in self.milestones) != 1:
            raise ValueError("the shares of all milestones must sum to 1")
        return self

    @property
    def is_before_shipment(self) -> bool:
        """Whether quantities may be invoiced before they are shipped."""
        return self.method in (BillingMethod.MILESTONE, BillingMethod.PREPAYMENT)


class ChargeCode(StrEnum):
    """What a charge beside the goods is for."""

    CANCELLATION_FEE = "cancellation_fee"
    CHANGE_FEE = "change_fee"
    FREIGHT = "freight"
    SERVICE = "service"


class Charge(Part):
    """An amount beside the goods that the next invoice of the order bears.

    Attributes
    ----------
    amount
        Net or gross as the order's prices are.
    """

    charge_id: Id
    code: ChargeCode
    text: str | None = None
    amount: Price
    tax_code: Id | None = None
