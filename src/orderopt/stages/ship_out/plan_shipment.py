"""Planning what leaves together, splitting it, and calling it off before it has left."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.models.finding import Finding
from orderopt.models.life.happened.shipping import ShipmentCancelled, ShipmentPlanned, ShipmentSplit
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.shipment import Shipment, ShipmentLine
from orderopt.models.life.states import OrderState, ShipmentState
from orderopt.models.measure import PositiveQuantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.track.guard import find_most, refuse
from orderopt.stages.track.take import put_back

SHIPPERS = frozenset({Role.WAREHOUSE, Role.PLANNER})
Quantities = Annotated[tuple[tuple[Id, PositiveQuantity], ...], Field(min_length=1)]
"""Quantities by line; no line stands there twice."""


class PlanShipment(Command):
    """Say which quantities of an order leave together, from a site.

    Needs: the order is in execution, all lines go to the same destination, and with all other shipments no line is
    exceeded beyond its tolerance.
    """

    ROLES: ClassVar[frozenset[Role]] = SHIPPERS

    order_id: Id
    lines: Quantities
    site: str = ""
    carrier: str | None = None
    planned_at: Moment | None = None
    arrives_at: Moment | None = None


class SplitShipment(Command):
    """Take quantities out of a planned shipment into one of their own; together they stay what it was."""

    ROLES: ClassVar[frozenset[Role]] = SHIPPERS

    order_id: Id
    shipment_id: Id
    lines: Quantities


class CancelShipment(Command):
    """Call a shipment off that has not left; what was taken from stock for it is reserved for its line again."""

    ROLES: ClassVar[frozenset[Role]] = SHIPPERS

    order_id: Id
    shipment_id: Id
    reason: str = Field(min_length=1)


@does(PlanShipment)
def plan_shipment(command: PlanShipment, book: Book) -> Shipment:
    """Record the shipment and return it."""
    case = book.need(OrderCase, command.order_id)
    refuse(f"order {case.key} cannot be shipped like this", _find_faults(case, command, book))
    shipment = Shipment(
        shipment_id=_name(case, 1),
        lines=tuple(ShipmentLine(line_no=line_no, quantity=quantity) for line_no, quantity in command.lines),
        site=command.site,
        destination=case.line(command.lines[0][0]).ask.destination,
        carrier=command.carrier,
        planned_at=command.planned_at,
        arrives_at=command.arrives_at,
    )
    book.record(case, ShipmentPlanned(shipment=shipment))
    return shipment


def _name(case: OrderCase, further: int) -> str:
    """Return the name of a further shipment; names of those that were split are not given again."""
    numbers = [int(one.key.rpartition("-S")[2]) for one in case.shipments]
    return f"{case.key}-S{max(numbers, default=0) + further}"


def _find_faults(case: OrderCase, command: PlanShipment, book: Book) -> Iterator[Finding]:
    if case.state is not OrderState.IN_EXECUTION:
        says = f"the order is {case.state}"
        yield Finding(code="NOT_IN_EXECUTION", subject=case.key, says=says, mend="release it")
    yield from find_twice(case.key, command.lines)
    places = {case.line(line_no).ask.destination or case.head.destination for line_no, _ in command.lines}
    if len(places) > 1:
        says = f"its lines go to {len(places)} destinations"
        yield Finding(code="DESTINATIONS_DIFFER", subject=case.key, says=says, mend="plan a shipment for each")
    for line_no, quantity in command.lines:
        line = case.line(line_no)
        planned = sum((one.quantity(line_no) for one in case.shipments if one.is_live), ZERO)
        most = find_most(line, book.policy)
        if planned + quantity > most:
            says = f"{planned + quantity} would be in shipments, {most} may be delivered"
            yield Finding(code="TOO_MUCH", subject=f"{case.key}/{line_no}", says=says, mend="ship less")


def find_twice(subject: str, lines: tuple[tuple[str, Decimal], ...]) -> Iterator[Finding]:
    """Yield a finding for each line that stands in quantities twice."""
    names = [line_no for line_no, _ in lines]
    for line_no in sorted({name for name in names if names.count(name) > 1}):
        says = "stands there twice"
        yield Finding(code="TWICE", subject=f"{subject}/{line_no}", says=says, mend="give one quantity a line")


@does(SplitShipment)
def split_shipment(command: SplitShipment, book: Book) -> tuple[Shipment, Shipment]:
    """Record the split; return what is left and what was taken out."""
    case = book.need(OrderCase, command.order_id)
    found = case.shipment(command.shipment_id)
    refuse(f"shipment {found.key} cannot be split like this", _find_split_faults(found, command))
    moved = dict(command.lines)
    kept = tuple(
        line.model_copy(update={"quantity": line.quantity - moved.get(line.line_no, ZERO)})
        for line in found.lines
        if line.quantity > moved.get(line.line_no, ZERO)
    )
    taken = tuple(ShipmentLine(line_no=line_no, quantity=quantity) for line_no, quantity in command.lines)
    parts = tuple(
        found.model_copy(update={"shipment_id": _name(case, number), "lines": lines, "split_from": found.key})
        for number, lines in enumerate((kept, taken), start=1)
    )
    book.record(case, ShipmentSplit(shipment_id=found.key, parts=parts))
    return parts[0], parts[1]


def _find_split_faults(found: Shipment, command: SplitShipment) -> Iterator[Finding]:
    if found.state is not ShipmentState.PLANNED:
        says = f"it is {found.state}"
        yield Finding(code="NOT_PLANNED", subject=found.key, says=says, mend="cancel it and plan two")
    yield from find_twice(found.key, command.lines)
    for line_no, quantity in command.lines:
        if quantity > found.quantity(line_no):
            says = f"{quantity} is above the {found.quantity(line_no)} in it"
            yield Finding(code="TOO_MUCH", subject=f"{found.key}/{line_no}", says=says, mend="take out less")
    if all(dict(command.lines).get(line.line_no, ZERO) >= line.quantity for line in found.lines):
        yield Finding(code="NOTHING_LEFT", subject=found.key, says="nothing would be left in it", mend="take out less")


@does(CancelShipment)
def cancel_shipment(command: CancelShipment, book: Book) -> OrderCase:
    """Record the step and put back what was taken; return the order."""
    case = book.need(OrderCase, command.order_id)
    found = case.shipment(command.shipment_id)
    case = book.record(case, ShipmentCancelled(shipment_id=found.key), why=command.reason)
    for line in found.lines:
        asked = case.line(line.line_no)
        taken = min(line.taken, asked.counts.from_stock)  # a change may have set some of it free
        if taken:
            case = put_back(case, line.line_no, asked.ask.item_id, found.site, taken, book)
    return case
