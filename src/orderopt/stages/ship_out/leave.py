"""Packing a shipment and letting it go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.happened.shipping import ShipmentLeft, ShipmentPacked
from orderopt.models.life.hold import Blocks
from orderopt.models.life.line import ShipPolicy
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.shipment import Package, Shipment
from orderopt.models.life.states import OrderState, ShipmentState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.ship_out.follow import follow_shipment
from orderopt.stages.track.guard import find_held, find_most, find_over, find_under, refuse
from orderopt.stages.track.take import take


class Pack(Command):
    """Put a planned shipment into packages; what is not made for its lines is taken from stock reserved for them.

    Needs: inspected quantities, or stock reserved at the shipment's site, and no more than is still wanted.
    Contents of packages, where they are given, are what the shipment holds.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.WAREHOUSE})

    order_id: Id
    shipment_id: Id
    packages: tuple[Package, ...] = ()


class Ship(Command):
    """Let a packed shipment go.

    Needs: the order is in execution, no hold on SHIP, and what the lines say of partial deliveries: complete lines,
    or the complete order.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.WAREHOUSE})

    order_id: Id
    shipment_id: Id
    left_at: Moment | None = None
    carrier: str | None = None
    tracking_no: str | None = None
    arrives_at: Moment | None = None


@does(Pack)
def pack(command: Pack, book: Book) -> Shipment:
    """Take what is missing from stock, record the step, return the shipment."""
    case = book.need(OrderCase, command.order_id)
    found = case.shipment(command.shipment_id)
    lacking = {line.line_no: _find_lack(case, line.line_no, line.quantity) for line in found.lines}
    refuse(f"shipment {found.key} cannot be packed", _find_pack_faults(case, found, command, lacking, book))
    for line_no, quantity in lacking.items():
        if quantity:
            case = take(case, line_no, case.line(line_no).ask.item_id, found.site, quantity, book)
    taken = tuple((line_no, quantity) for line_no, quantity in lacking.items() if quantity)
    packed = ShipmentPacked(shipment_id=found.key, packages=command.packages, taken=taken)
    return book.record(case, packed).shipment(found.key)


def _find_lack(case: OrderCase, line_no: str, quantity: Decimal) -> Decimal:
    return max(ZERO, quantity - case.line(line_no).counts.unpacked)


def _find_pack_faults(
    case: OrderCase, found: Shipment, command: Pack, lacking: Mapping[str, Decimal], book: Book
) -> Iterator[Finding]:
    if found.state is ShipmentState.PLANNED and case.state is not OrderState.IN_EXECUTION:
        says = f"the order is {case.state}"
        yield Finding(code="NOT_IN_EXECUTION", subject=case.key, says=says, mend="release it")
    for line in found.lines:
        asked = case.line(line.line_no)
        subject, lack = f"{case.key}/{line.line_no}", lacking[line.line_no]
        ledger = book.get(StockLedger, name_stock(asked.ask.item_id, found.site)) if lack else None
        kept = ledger.reserved_for(case.key, line.line_no) if ledger else ZERO
        if lack > kept:
            says = f"{line.quantity} to be packed, {asked.counts.unpacked} inspected and {kept} reserved"
            yield Finding(code="NOT_THERE", subject=subject, says=says, mend="make, inspect or reserve the rest")
        room = find_most(asked, book.policy) - asked.counts.packed
        if line.quantity > room:
            says = f"{line.quantity} to be packed, {max(ZERO, room)} still wanted"
            yield Finding(code="TOO_MUCH", subject=subject, says=says, mend="split or cancel the shipment")
    if command.packages and _sum_packages(command) != {line.line_no: line.quantity for line in found.lines}:
        says = "the packages do not hold what the shipment does"
        yield Finding(code="PACKAGES_DIFFER", subject=found.key, says=says, mend="correct their contents")


def _sum_packages(command: Pack) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for package in command.packages:
        for line_no, quantity in package.contents:
            total[line_no] = total.get(line_no, ZERO) + quantity
    return total


@does(Ship)
def ship(command: Ship, book: Book) -> Shipment:
    """Record the step and return the shipment."""
    case = book.need(OrderCase, command.order_id)
    found = case.shipment(command.shipment_id)
    if found.state is ShipmentState.PACKED:
        refuse(f"shipment {found.key} may not leave", _find_ship_faults(case, found, book))
    shares = {line.line_no: find_over(case.line(line.line_no), book.policy) for line in found.lines}
    left = ShipmentLeft(
        shipment_id=found.key,
        left_at=command.left_at or book.at,
        carrier=command.carrier,
        tracking_no=command.tracking_no,
        arrives_at=command.arrives_at,
        over={name: share for name, share in shares.items() if share},
    )
    return follow_shipment(book.record(case, left), found.key, book)


def _find_ship_faults(case: OrderCase, found: Shipment, book: Book) -> Iterator[Finding]:
    if case.state is not OrderState.IN_EXECUTION:
        says = f"the order is {case.state}"
        yield Finding(code="NOT_IN_EXECUTION", subject=case.key, says=says, mend="cancel the shipment")
    held = {hold.hold_id: hold for line in found.lines for hold in case.holds_on(Blocks.SHIP, line.line_no)}
    yield from find_held(held.values(), found.key)
    policies = {case.line(line.line_no).ask.ship_policy for line in found.lines}
    for line in case.lines:
        quantity = found.quantity(line.line_no)
        is_bound = (quantity and line.ask.ship_policy is ShipPolicy.COMPLETE_LINE) or (
            ShipPolicy.COMPLETE_ORDER in policies and line.counts.wanted > 0
        )
        least = line.counts.wanted * (1 - find_under(line, book.policy))
        if is_bound and line.counts.shipped + quantity < least:
            says = f"{line.counts.shipped + quantity} of {line.counts.wanted} would have left; it goes complete or not"
            subject = f"{case.key}/{line.line_no}"
            yield Finding(code="NOT_COMPLETE", subject=subject, says=says, mend="wait for the rest")
