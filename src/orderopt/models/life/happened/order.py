"""What happens to an order as a whole: received, steps of its state, holds."""

from __future__ import annotations

from typing import ClassVar

from orderopt.errors import NotFoundError
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.hold import Hold
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import Arrival, OrderCase, OrderHead, build_case
from orderopt.models.life.states import OrderState
from orderopt.models.record import Id


class OrderReceived(Payload):
    """An order came in: it is a draft; `arrival` is the content that its channel sent."""

    head: OrderHead
    lines: tuple[OrderedLine, ...]
    arrival: Arrival | None = None

    def apply(self, document: OrderCase | None, stamp: Stamp) -> OrderCase:
        """Begin the order."""
        case = build_case(self.head, self.lines)
        return case if self.arrival is None else case.model_copy(update={"arrivals": (self.arrival,)})


class OrderTakenOver(Payload):
    """The order comes from another system, where it had got this far."""

    state: OrderState

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Put it into that state."""
        return document.model_copy(update={"state": self.state})


class OrderStepped(Payload):
    """A step that changes nothing but the state; children name it."""

    TRIGGER: ClassVar[str]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step."""
        return document.stepped(self.TRIGGER)


class OrderCancelled(OrderStepped):
    """The whole order is off."""

    TRIGGER: ClassVar[str] = "cancel"


class OrderExpired(OrderStepped):
    """An inquiry or quote is no longer valid."""

    TRIGGER: ClassVar[str] = "expire"


class OrderReleased(OrderStepped):
    """Work or picking may begin."""

    TRIGGER: ClassVar[str] = "release"


class HoldPlaced(Payload):
    """Something stands in the order's way."""

    hold: Hold

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the hold."""
        return document.model_copy(update={"holds": (*document.holds, self.hold)})


class HoldReleased(Payload):
    """A hold is lifted, by a person or by a rule."""

    hold_id: Id
    rule: str | None = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Mark the hold as released; raises NotFoundError if it is not active."""
        if not any(hold.hold_id == self.hold_id and hold.is_active for hold in document.holds):
            raise NotFoundError(f"order {document.key} has no active hold {self.hold_id}")
        lifted = {"released_by": stamp.actor, "released_at": stamp.at, "released_by_rule": self.rule}
        holds = tuple(
            hold.model_copy(update=lifted) if hold.hold_id == self.hold_id else hold for hold in document.holds
        )
        return document.model_copy(update={"holds": holds})
