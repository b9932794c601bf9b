"""Holds: what stands in an order's way, and which steps it blocks."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from orderopt.models.life.part import Part
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class HoldType(StrEnum):
    """Why an order is held."""

    CREDIT = "credit"
    PRICE = "price"
    DUPLICATE = "duplicate"
    COMPLIANCE = "compliance"
    CUSTOMER = "customer"
    QUALITY = "quality"
    MANUAL = "manual"


class Blocks(StrEnum):
    """A step that a hold can block."""

    CONFIRM = "confirm"
    PLAN = "plan"
    RELEASE = "release"
    SHIP = "ship"
    INVOICE = "invoice"


USUAL_BLOCKS: dict[HoldType, frozenset[Blocks]] = {
    HoldType.CREDIT: frozenset({Blocks.RELEASE, Blocks.SHIP}),
    HoldType.PRICE: frozenset({Blocks.CONFIRM, Blocks.INVOICE}),
    HoldType.DUPLICATE: frozenset({Blocks.CONFIRM}),
    HoldType.COMPLIANCE: frozenset(Blocks),
    HoldType.CUSTOMER: frozenset({Blocks.CONFIRM, Blocks.RELEASE, Blocks.SHIP}),
    HoldType.QUALITY: frozenset({Blocks.SHIP}),
    HoldType.MANUAL: frozenset({Blocks.CONFIRM, Blocks.RELEASE, Blocks.SHIP}),
}
"""What each type blocks unless it is said otherwise."""


class Hold(Part):
    """One reason why an order or one of its lines may not go on.

    Attributes
    ----------
    hold_id
        Name within the order.
    line_no
        The line it is about; None: the whole order.
    about
        Other orders that it is about, for example likely duplicates.
    auto_release
        Name of the rule that lifts it by itself, for example ``"credit"``; None: a person must.
    released_by_rule
        The rule that has lifted it; None: a person did.
    """

    hold_id: Id
    type: HoldType
    blocks: frozenset[Blocks]
    reason: str = Field(min_length=1)
    line_no: Id | None = None
    placed_by: str
    placed_at: Moment
    about: tuple[Id, ...] = ()
    auto_release: str | None = None
    released_by: str | None = None
    released_at: Moment | None = None
    released_by_rule: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it still blocks."""
        return self.released_at is None
