"""What happens to goods that come back, until they are in the house."""

from __future__ import annotations

from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.returns import Arrival, Return
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ReturnAnnounced(Payload):
    """A customer may send goods back."""

    back: Return

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the return."""
        return document.model_copy(update={"returns": (*document.returns, self.back)})


class ReturnStepped(Payload):
    """Its reception took a step in which nothing arrived: sent, lost, expired or cancelled."""

    return_id: Id
    trigger: str
    sent_at: Moment | None = None
    tracking_no: str | None = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step."""
        said = {"sent_at": self.sent_at, "tracking_no": self.tracking_no}
        known = {name: value for name, value in said.items() if value is not None}
        changed = document.returned(self.return_id).stepped(self.trigger)
        return document.with_return(changed.model_copy(update=known))


class ReturnArrived(Payload):
    """Goods of a return came in; `trigger` is the step of its reception, if they end it."""

    return_id: Id
    arrival: Arrival
    trigger: str | None = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Count what came."""
        found = document.returned(self.return_id).with_received(self.arrival.quantities)
        found = found.model_copy(update={"arrivals": (*found.arrivals, self.arrival)})
        document = document.with_return(found.stepped(self.trigger) if self.trigger else found)
        for line_no, quantity in self.arrival.quantities:
            document = document.counted(line_no, return_received=quantity)
        return document
