"""What news of a shipment means: alerts, and when its lines arrive."""

from __future__ import annotations

from decimal import Decimal

from orderopt.models.life.alert import AlertKind, Subject
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.shipment import Shipment
from orderopt.models.life.states import ShipmentState
from orderopt.stages.book import Book
from orderopt.stages.track.alerts import clear_alert, raise_alert
from orderopt.stages.track.follow import follow_line
from orderopt.stages.track.project import Projection


def follow_shipment(case: OrderCase, shipment_id: str, book: Book) -> Shipment:
    """Raise or settle the alerts of a shipment and record when its lines arrive now; return the shipment."""
    shipment = case.shipment(shipment_id)
    about = Subject(order_id=case.key, shipment_id=shipment.key)
    if shipment.state is ShipmentState.EXCEPTION:
        trouble = next(event for event in reversed(shipment.events) if event.is_trouble)
        reason = trouble.reason or "CARRIER_EXCEPTION"
        raise_alert(AlertKind.CARRIER_TROUBLE, about, book, reason=reason, says=f"the carrier reports {reason}")
    else:
        clear_alert(AlertKind.CARRIER_TROUBLE, about, book, resolution=f"the shipment is {shipment.state}")
    missing: Decimal = sum((shipment.missing(line.line_no) for line in shipment.lines), ZERO)
    if missing:
        says, figures = f"{missing} did not arrive", {"missing": str(missing)}
        raise_alert(AlertKind.SHORT_DELIVERY, about, book, reason="SHORT_DELIVERY", says=says, figures=figures)
    else:
        clear_alert(AlertKind.SHORT_DELIVERY, about, book, resolution="all of it arrived")
    projection = Projection(book)
    for line in shipment.lines:
        follow_line(case.key, line.line_no, projection, book, reason="LATE_TRANSPORT")
    return shipment
