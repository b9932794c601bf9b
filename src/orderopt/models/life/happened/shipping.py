"""What happens to shipments: planned, packed, gone, told of by carriers, delivered, called off, split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from orderopt.errors import QuantityError
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.shipment import CarrierEvent, Package, Shipment
from orderopt.models.life.states import ShipmentState
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ShipmentPlanned(Payload):
    """Quantities are to leave together."""

    shipment: Shipment

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the shipment."""
        return document.model_copy(update={"shipments": (*document.shipments, self.shipment)})


class ShipmentPacked(Payload):
    """A shipment is in its packages.

    Attributes
    ----------
    taken
        By line, what was taken from stock to pack it.
    """

    shipment_id: Id
    packages: tuple[Package, ...] = ()
    taken: tuple[tuple[Id, Count], ...] = ()

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step and count what is packed."""
        found = document.shipment(self.shipment_id)
        taken = dict(self.taken)
        lines = tuple(
            line.model_copy(update={"taken": line.taken + taken.pop(line.line_no, ZERO)}) for line in found.lines
        )
        changed = found.stepped("pack", lines=lines, packages=self.packages, packed_at=stamp.at)
        return _count(document.with_shipment(changed), found, "packed", 1)


class ShipmentLeft(Payload):
    """A shipment is out of the house.

    Attributes
    ----------
    over
        By line, the share by which more was allowed than the line itself says.
    """

    shipment_id: Id
    left_at: Moment
    carrier: str | None = None
    tracking_no: str | None = None
    arrives_at: Moment | None = None
    over: Mapping[str, Decimal] = Field(default_factory=dict)

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step and count what is shipped; what the carrier told before counts now."""
        for line_no, share in self.over.items():
            document = document.with_line(document.line(line_no).model_copy(update={"over": share}))
        found = document.shipment(self.shipment_id)
        said = {"carrier": self.carrier, "tracking_no": self.tracking_no, "arrives_at": self.arrives_at}
        known = {name: value for name, value in said.items() if value is not None}
        gone = found.stepped("ship", shipped_at=self.left_at, **known)
        return _hand_over(_count(document, found, "shipped", 1), gone, gone.caught_up())


class CarrierTold(Payload):
    """A carrier told something of a shipment."""

    shipment_id: Id
    event: CarrierEvent

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the message; count what it delivers."""
        found = document.shipment(self.shipment_id)
        return _hand_over(document, found, found.heard(self.event))


class ShipmentDelivered(Payload):
    """A proof of delivery came: when, how much of each line (all of those not named), and who signed."""

    shipment_id: Id
    delivered_at: Moment
    quantities: tuple[tuple[Id, Count], ...] = ()
    proof: str
    signed_by: Annotated[str | None, Sensitivity.PERSONAL] = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Count what was delivered; a proof stands above what the carrier said."""
        found = document.shipment(self.shipment_id)
        said = dict(self.quantities)
        if found.state is ShipmentState.DELIVERED:
            lines = tuple(
                line.model_copy(update={"delivered": said.get(line.line_no, line.quantity)}) for line in found.lines
            )
            facts = {"delivered_at": self.delivered_at, "proof": self.proof, "signed_by": self.signed_by}
            return _hand_over(document, found, found.model_copy(update={"lines": lines, **facts}))
        now = found.handed_over(
            self.delivered_at, quantities=self.quantities, proof=self.proof, signed_by=self.signed_by
        )
        return _hand_over(document, found, now)


class ShipmentCancelled(Payload):
    """A shipment was called off before it left; what was taken from stock for it goes back by facts of its own."""

    shipment_id: Id

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step; nothing of it is packed any more."""
        found = document.shipment(self.shipment_id)
        changed = document.with_shipment(found.stepped("cancel"))
        return _count(changed, found, "packed", -1) if found.state is ShipmentState.PACKED else changed


class ShipmentSplit(Payload):
    """A planned shipment became several; together they are what it was."""

    shipment_id: Id
    parts: tuple[Shipment, ...]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Put the parts in its place; raises QuantityError if they are not what it was."""
        found = document.shipment(self.shipment_id)
        if _sum([found]) != _sum(self.parts):
            raise QuantityError(f"shipment {found.key}: its parts are not what it was")
        others = tuple(one for one in document.shipments if one.key != found.key)
        return document.model_copy(update={"shipments": (*others, *self.parts)})


def _sum(shipments: Sequence[Shipment]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for shipment in shipments:
        for line in shipment.lines:
            total[line.line_no] = total.get(line.line_no, ZERO) + line.quantity
    return total


def _count(document: OrderCase, shipment: Shipment, count: str, sign: int) -> OrderCase:
    for line_no, quantity in _sum([shipment]).items():
        document = document.counted(line_no, **{count: sign * quantity})
    return document


def _hand_over(document: OrderCase, before: Shipment, after: Shipment) -> OrderCase:
    """Put a shipment in place of what it was, and count what it delivers more (or less)."""
    document = document.with_shipment(after)
    for old, new in zip(before.lines, after.lines, strict=True):
        change = (new.delivered or ZERO) - (old.delivered or ZERO)
        if change:
            document = document.counted(new.line_no, delivered=change)
    return document
