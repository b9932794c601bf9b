"""Stock of one item at one site: what is there, and for whom it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Self

from orderopt.errors import QuantityError
from orderopt.models.life.document import Document
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.seen import SeenIds
from orderopt.models.moment import Moment
from orderopt.models.record import Id

COMPONENT = "component"
"""Line of a reservation that a supply order holds on what goes into it."""


class Reservation(Part):
    """A quantity kept for an order line, or as a component for a supply order.

    Attributes
    ----------
    until
        When a quote's reservation ends by itself; None: it stands.
    """

    order_id: Id
    line_no: Id
    quantity: Count
    until: Moment | None = None


class StockLedger(Document):
    """Usable, uninspected and blocked stock, and reservations on the usable part.

    `safety` of the usable part is not planned with.
    """

    KIND: ClassVar[str] = "stock"

    item_id: Id
    site: str = ""
    on_hand: Count = ZERO
    in_inspection: Count = ZERO
    blocked: Count = ZERO
    safety: Count = ZERO
    reservations: tuple[Reservation, ...] = ()
    inspected: SeenIds = SeenIds()

    @property
    def key(self) -> str:
        """``item@site``."""
        return name_stock(self.item_id, self.site)

    def labels(self) -> Mapping[str, str]:
        """Return item and site."""
        return {"item": self.item_id, "site": self.site}

    @property
    def reserved(self) -> Decimal:
        """Sum of all reservations."""
        return sum((one.quantity for one in self.reservations), ZERO)

    @property
    def free(self) -> Decimal:
        """What nobody has reserved."""
        return self.on_hand - self.reserved

    def reserved_for(self, order_id: str, line_no: str | None = None) -> Decimal:
        """Return what is kept for an order, or for one of its lines."""
        return sum(
            (one.quantity for one in self.reservations if one.order_id == order_id and line_no in (None, one.line_no)),
            ZERO,
        )

    def available_to(self, order_id: str) -> Decimal:
        """Return what an order could have: what is free and what is kept for it."""
        return self.free + self.reserved_for(order_id)

    def with_reserved(self, order_id: str, line_no: str, change: Decimal, until: Moment | None = None) -> Self:
        """Return the ledger with a reservation made larger or smaller; at 0 it is gone."""
        others = tuple(one for one in self.reservations if (one.order_id, one.line_no) != (order_id, line_no))
        quantity = self.reserved_for(order_id, line_no) + change
        if quantity < 0:
            raise QuantityError(f"stock {self.key}: reservation of {order_id}/{line_no} would be {quantity}")
        mine = Reservation(order_id=order_id, line_no=line_no, quantity=quantity, until=until)
        return self.model_copy(update={"reservations": (*others, mine) if quantity else others})

    def check(self) -> Self:
        """Return the ledger itself if nothing is below 0 or reserved twice."""
        for name in ("on_hand", "in_inspection", "blocked"):
            if getattr(self, name) < 0:
                raise QuantityError(f"stock {self.key}: {name} would be {getattr(self, name)}")
        if self.free < 0:
            raise QuantityError(f"stock {self.key}: {self.reserved} would be reserved of {self.on_hand}")
        return self


def name_stock(item_id: str, site: str | None) -> str:
    """Return the key of an item's stock at a site."""
    return f"{item_id}@{site or ''}"
