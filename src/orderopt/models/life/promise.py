"""Promises: when the lines of an order can be there, out of what, and what it depends on."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from orderopt.models.life.part import Part
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class Origin(StrEnum):
    """Where a part of a promise comes from."""

    STOCK = "stock"
    SUPPLY = "supply"
    MAKE = "make"
    BUY = "buy"


class PromisedPart(Part):
    """A quantity of a line and where it comes from.

    Attributes
    ----------
    source_id
        Site of the stock, supply order, production unit or supplier.
    starts_at, available_at
        For what is still to be made or bought: when that begins, and when it is there.
    """

    origin: Origin
    source_id: str
    quantity: Count
    starts_at: Moment | None = None
    available_at: Moment | None = None


class LinePromise(Part):
    """When a line can be there.

    Attributes
    ----------
    promised_at
        When all of it is at its destination; None if not all of it can be had.
    quantity
        How much can be had.
    cause
        What binds, kind and name, for example ``material: CASTING from FOUNDRY``.
    says
        The same in words.
    """

    line_no: Id
    promised_at: Moment | None
    quantity: Count
    cause: str | None = None
    says: str = ""
    parts: tuple[PromisedPart, ...] = ()

    def quantity_from(self, *origins: Origin) -> Decimal:
        """Return how much comes from some kinds of origin."""
        return sum((part.quantity for part in self.parts if part.origin in origins), ZERO)


class OrderPromise(Part):
    """Promises of all lines of an order.

    Attributes
    ----------
    hurt
        Lines of other orders, as ``order/line``, that would come after their promise because of this order.
    """

    lines: tuple[LinePromise, ...]
    hurt: tuple[str, ...] = ()

    @property
    def promised_at(self) -> Moment | None:
        """When everything is there: the latest line; None if one has no date."""
        dates = [line.promised_at for line in self.lines if line.promised_at is not None]
        return max(dates) if len(dates) == len(self.lines) and dates else None

    def line(self, line_no: str) -> LinePromise | None:
        """Return the promise of a line."""
        return next((line for line in self.lines if line.line_no == line_no), None)
