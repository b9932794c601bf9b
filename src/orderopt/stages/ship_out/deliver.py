"""What carriers tell, and proof of delivery: late, repeated and out of order without harm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.shipping import CarrierTold, ShipmentDelivered
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.shipment import CarrierEvent, Shipment
from orderopt.models.life.states import ShipmentState
from orderopt.models.measure import Quantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.ship_out.follow import follow_shipment
from orderopt.stages.ship_out.plan_shipment import find_twice
from orderopt.stages.track.guard import refuse
from orderopt.stages.track.report import Taken

_TELLERS = frozenset({Role.WAREHOUSE, Role.PLANNER, Role.SALES})


class TellCarrierEvent(Command):
    """Hand on a carrier's message; it counts once, whenever and in whatever order messages come.

    A message that comes before the shipment has left is kept and counts when it leaves. Refused if a message of
    the same name said something else.
    """

    ROLES: ClassVar[frozenset[Role]] = _TELLERS

    order_id: Id
    shipment_id: Id
    event: CarrierEvent


class ProveDelivery(Command):
    """Hand in a proof of delivery: its number, when, who signed, and how much where less than all arrived.

    The same proof twice changes nothing; a second one, or the same with another content, is refused.
    """

    ROLES: ClassVar[frozenset[Role]] = _TELLERS

    order_id: Id
    shipment_id: Id
    proof: Id
    delivered_at: Moment
    quantities: tuple[tuple[Id, Quantity], ...] = ()
    signed_by: str | None = None


@does(TellCarrierEvent)
def tell_carrier_event(command: TellCarrierEvent, book: Book) -> Taken:
    """Record the message if it is new."""
    case = book.need(OrderCase, command.order_id)
    found = case.shipment(command.shipment_id)
    known = next((one for one in found.events if one.name == command.event.name), None)
    if known is None:
        follow_shipment(book.record(case, CarrierTold(shipment_id=found.key, event=command.event)), found.key, book)
        return Taken.COUNTED
    if known.model_copy(update={"signed_by": None}) != command.event.model_copy(update={"signed_by": None}):
        says = "it said something else then"
        finding = Finding(code="REPORT_DIFFERS", subject=found.key, says=says, mend="give a new one its own name")
        raise GuardError(f"message {command.event.event_id} of {found.key} was counted before", [finding])
    return Taken.REPEATED


@does(ProveDelivery)
def prove_delivery(command: ProveDelivery, book: Book) -> Taken:
    """Record the delivery if the proof is new."""
    case = book.need(OrderCase, command.order_id)
    found = case.shipment(command.shipment_id)
    if found.proof == command.proof:
        refuse(f"proof {command.proof} of {found.key} was counted before", _find_other(found, command))
        return Taken.REPEATED
    findings = [
        *find_twice(found.key, command.quantities),
        *(
            Finding(
                code="TOO_MUCH",
                subject=f"{found.key}/{line_no}",
                says=f"{quantity} delivered of {most}",
                mend="check it",
            )
            for line_no, quantity in command.quantities
            for most in [found.quantity(line_no)]
            if quantity > most
        ),
    ]
    if found.state is ShipmentState.DELIVERED and found.proof is not None:
        says = f"it is proved by {found.proof} already"
        findings.append(Finding(code="PROVED", subject=found.key, says=says, mend="enter a return for what is missing"))
    refuse(f"delivery of {found.key} is not proved by this", findings)
    delivered = ShipmentDelivered(
        shipment_id=found.key,
        delivered_at=command.delivered_at,
        quantities=command.quantities,
        proof=command.proof,
        signed_by=command.signed_by,
    )
    follow_shipment(book.record(case, delivered), found.key, book)
    return Taken.COUNTED


def _find_other(found: Shipment, command: ProveDelivery) -> Iterator[Finding]:
    said = dict(command.quantities)
    differs = any(line.delivered != said.get(line.line_no, line.quantity) for line in found.lines)
    if differs or found.delivered_at != command.delivered_at:
        says = "it said something else then"
        yield Finding(code="REPORT_DIFFERS", subject=found.key, says=says, mend="enter a return for what is missing")
