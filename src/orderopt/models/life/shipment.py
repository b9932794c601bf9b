"""Shipments: what goes out together, in which packages, and what the carrier tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.states import SHIPMENT, ShipmentState
from orderopt.models.measure import PositiveQuantity, Weight
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ShipmentLine(Part):
    """A quantity of an order line in a shipment.

    Attributes
    ----------
    taken
        Of the quantity, what was taken from stock to pack it: it goes back if the shipment is called off.
    delivered
        What the customer has got of it; None: not delivered yet.
    """

    line_no: Id
    quantity: PositiveQuantity
    taken: Count = ZERO
    delivered: Count | None = None


class Package(Part):
    """One box or pallet.

    Attributes
    ----------
    contents
        Quantities by line.
    """

    package_id: Id
    weight_kg: Weight | None = None
    contents: tuple[tuple[Id, PositiveQuantity], ...]


class CarrierEventKind(StrEnum):
    """What a carrier tells."""

    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ARRIVAL_EXPECTED = "arrival_expected"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    DELIVERED = "delivered"


class CarrierEvent(Part):
    """One message of a carrier; source and id together are told once.

    Attributes
    ----------
    expected_at
        When the carrier expects to deliver.
    signed_by
        Proof of delivery.
    """

    source: Id
    event_id: Id
    kind: CarrierEventKind
    happened_at: Moment
    place: str | None = None
    reason: Id | None = None
    expected_at: Moment | None = None
    signed_by: Annotated[str | None, Sensitivity.PERSONAL] = None

    @property
    def name(self) -> tuple[str, str]:
        """Source and id."""
        return self.source, self.event_id

    @property
    def is_trouble(self) -> bool:
        """Whether something is wrong with the goods or the way."""
        return self.kind is CarrierEventKind.EXCEPTION


class Shipment(Part):
    """Goods of one order that leave together.

    Attributes
    ----------
    shipment_id
        Name within the order, for example ``O-1-S2``.
    site, destination
        From where, and to where if not to the order's destination.
    split_from
        The shipment that it was part of before.
    events
        What carriers told, by the time at which it happened.
    proof, signed_by
        Proof of delivery: number of the document, and who signed; without a document, what the carrier says counts.
    """

    shipment_id: Id
    state: ShipmentState = SHIPMENT.first
    lines: Annotated[tuple[ShipmentLine, ...], Field(min_length=1)]
    site: str = ""
    destination: str | None = None
    carrier: str | None = None
    tracking_no: str | None = None
    planned_at: Moment | None = None
    arrives_at: Moment | None = None
    packages: tuple[Package, ...] = ()
    split_from: Id | None = None
    packed_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    proof: str | None = None
    signed_by: Annotated[str | None, Sensitivity.PERSONAL] = None
    events: tuple[CarrierEvent, ...] = ()

    @property
    def key(self) -> str:
        """The shipment's name."""
        return self.shipment_id

    @property
    def is_live(self) -> bool:
        """Whether it was not called off."""
        return self.state is not ShipmentState.CANCELLED

    @property
    def has_left(self) -> bool:
        """Whether the goods are out of the house."""
        return self.shipped_at is not None

    @property
    def weight_kg(self) -> Decimal | None:
        """Weight of all packages; None if one is not known."""
        weights = [package.weight_kg for package in self.packages]
        known = [weight for weight in weights if weight is not None]
        return sum(known, ZERO) if weights and len(known) == len(weights) else None

    @property
    def expected_at(self) -> Moment | None:
        """When it arrives or arrived: proof, else the carrier's last word, else the plan."""
        told = [event.expected_at for event in self.events if event.expected_at is not None]
        return self.delivered_at or (told[-1] if told else self.arrives_at)

    def quantity(self, line_no: str) -> Decimal:
        """Return how much of an order line is in it."""
        return sum((line.quantity for line in self.lines if line.line_no == line_no), ZERO)

    def missing(self, line_no: str) -> Decimal:
        """Return how much of an order line was shipped and not delivered with the rest."""
        found = [line for line in self.lines if line.line_no == line_no]
        return sum((line.quantity - line.delivered for line in found if line.delivered is not None), ZERO)

    def stepped(self, trigger: str, **changes: object) -> Shipment:
        """Return the shipment after a step, with other changes; raises UnlawfulStepError."""
        state = SHIPMENT.step(self.state, trigger, self.shipment_id)
        return self.model_copy(update={"state": state, **changes})

    def heard(self, event: CarrierEvent) -> Shipment:
        """Return the shipment after one more message of a carrier, whenever it arrives."""
        events = tuple(sorted((*self.events, event), key=lambda one: (one.happened_at, one.name)))
        return self.model_copy(update={"events": events}).caught_up()

    def caught_up(self) -> Shipment:
        """Return the shipment as far as its messages say: delivered, in exception, or on its way."""
        if not self.has_left:
            return self
        delivered = next((event for event in self.events if event.kind is CarrierEventKind.DELIVERED), None)
        if self.state is ShipmentState.DELIVERED:
            if delivered is None or self.proof is not None:
                return self
            return self.model_copy(update={"delivered_at": delivered.happened_at, "signed_by": delivered.signed_by})
        if delivered is not None:
            return self.handed_over(delivered.happened_at, signed_by=delivered.signed_by)
        telling = [event for event in self.events if event.is_trouble or event.kind in _MOVING]
        in_trouble = bool(telling) and telling[-1].is_trouble
        if in_trouble and self.state is ShipmentState.SHIPPED:
            return self.stepped("except")
        if not in_trouble and self.state is ShipmentState.EXCEPTION:
            return self.stepped("resume")
        return self

    def handed_over(
        self,
        moment: Moment,
        *,
        quantities: Sequence[tuple[str, Decimal]] = (),
        proof: str | None = None,
        signed_by: str | None = None,
    ) -> Shipment:
        """Return the shipment after delivery; lines that `quantities` does not name arrived whole."""
        said = dict(quantities)
        lines = tuple(
            line.model_copy(update={"delivered": said.get(line.line_no, line.quantity)}) for line in self.lines
        )
        return self.stepped("deliver", lines=lines, delivered_at=moment, proof=proof, signed_by=signed_by)


_MOVING = frozenset({CarrierEventKind.PICKED_UP, CarrierEventKind.IN_TRANSIT, CarrierEventKind.OUT_FOR_DELIVERY})
