"""Looking ahead: which orders a late supply order hits, and a watch over all that is due, by the clock."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count
from orderopt.models.life.roles import Role
from orderopt.models.life.states import SupplyState
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.track.follow import follow_supply
from orderopt.stages.track.hits import FedLine, find_fed_lines
from orderopt.stages.track.project import Projection

_STAFF = frozenset(Role) - {Role.CUSTOMER}


class FindHitOrders(Command):
    """Query: which order lines depend on a supply order, and when they arrive if it is ready at a moment.

    Parameters
    ----------
    ready_at
        When it is ready; None: as it looks now.
    """

    ROLES: ClassVar[frozenset[Role]] = _STAFF

    supply_id: Id
    ready_at: Moment | None = None


class HitLine(Part):
    """An order line that depends on a supply order.

    Attributes
    ----------
    quantity
        What the last supply order of the chain is to give it.
    chain
        Supply orders from the one asked about to the one that serves the line.
    expected_at, expected_before
        When the line arrives in that case, and when without it.
    late_hours
        Hours past the last promise; None if it will be kept or none was given.
    """

    order_id: str
    line_no: str
    customer_id: str
    quantity: Count
    chain: tuple[str, ...]
    promised_at: Moment | None
    expected_before: Moment | None
    expected_at: Moment | None
    late_hours: float | None


class WatchExecution(Command):
    """Look at all supply orders on the way: what should have begun or ended and has not moves dates and raises alerts.

    For the clock. Returns the supply orders that are late.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.ADMINISTRATOR})


@does(FindHitOrders)
def find_hit_orders(command: FindHitOrders, book: Book) -> tuple[HitLine, ...]:
    """Return the lines, the latest first, then by name."""
    supply = book.need(SupplyOrder, command.supply_id)
    assumed = {supply.supply_id: command.ready_at} if command.ready_at else {}
    then, now = Projection(book, assumed), Projection(book)
    hits = [_build_hit(fed, then, now, book) for fed in find_fed_lines(supply, book)]
    return tuple(sorted(hits, key=lambda hit: (-(hit.late_hours or 0), hit.order_id, hit.line_no, hit.chain)))


def _build_hit(fed: FedLine, then: Projection, now: Projection, book: Book) -> HitLine:
    case = book.need(OrderCase, fed.order_id)
    line = case.line(fed.line_no)
    expected, promise = then.find_arrival(case, line), line.dates.last_promise
    return HitLine(
        order_id=fed.order_id,
        line_no=fed.line_no,
        customer_id=case.head.customer_id,
        quantity=fed.quantity,
        chain=fed.chain,
        promised_at=promise,
        expected_before=now.find_arrival(case, line),
        expected_at=expected,
        late_hours=_find_hours(expected, promise),
    )


def _find_hours(expected: datetime | None, promise: datetime | None) -> float | None:
    if expected is None or promise is None or expected <= promise:
        return None
    return (expected - promise).total_seconds() / 3600


@does(WatchExecution)
def watch_execution(command: WatchExecution, book: Book) -> tuple[str, ...]:
    """Follow every supply order that is later than planned; return their names."""
    late = []
    for state in (SupplyState.FIRM, SupplyState.RELEASED, SupplyState.IN_PROGRESS):
        for supply in book.find(SupplyOrder, {"state": str(state)}):
            if Projection(book).find_ready(supply) > supply.due_at:
                follow_supply(supply, book)
                late.append(supply.supply_id)
    return tuple(sorted(late))
