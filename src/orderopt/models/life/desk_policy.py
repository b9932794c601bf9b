"""What a company decides once for all its orders: thresholds, clocks and tolerances, one class for each room."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from orderopt.models.life.part import Part

Share = Annotated[Decimal, Field(ge=0)]


class IntakePolicy(Part):
    """How orders come in."""

    accept: Literal["all_or_nothing", "reject_failed_rows", "ignore_failed"] = "reject_failed_rows"


class ReviewPolicy(Part):
    """How orders are reviewed.

    Attributes
    ----------
    sla_hours
        Working hours from submission within which both reviews must have ended.
    calendar_id
        The shifts that count as working time; None: Monday to Friday, 9 to 17, in the policy's zone.
    """

    sla_hours: Decimal = Decimal(8)
    calendar_id: str | None = None


class TrackingPolicy(Part):
    """How execution is followed."""

    over: Share = Decimal(0)
    under: Share = Decimal(0)


class ChangePolicy(Part):
    """How changes are judged."""


class SettlementPolicy(Part):
    """How money is counted."""


class DeskPolicy(Part):
    """Everything that a desk decides by."""

    timezone: str = "UTC"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    intake: IntakePolicy = IntakePolicy()
    review: ReviewPolicy = ReviewPolicy()
    tracking: TrackingPolicy = TrackingPolicy()
    change: ChangePolicy = ChangePolicy()
    settlement: SettlementPolicy = SettlementPolicy()
