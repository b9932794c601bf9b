"""How well orders were served: on time in full on three bases, fill rates, and how plans were kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from zoneinfo import ZoneInfo

from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does


class Basis(StrEnum):
    """The date that a delivery is held against; to be published with the number."""

    REQUESTED = "requested"
    FIRST_PROMISE = "first_promise"
    LAST_PROMISE = "last_promise"


@dataclass(frozen=True)
class Demand:
    """A line as it counts for service: what was wanted by when, and what came when.

    Attributes
    ----------
    least
        The quantity from which the line counts as full: wanted less the tolerance.
    deliveries
        Moments and quantities, in order of time.
    """

    order_id: str
    wanted: Decimal
    least: Decimal
    due_at: datetime
    deliveries: tuple[tuple[datetime, Decimal], ...]


class ServiceLevel(Part):
    """Counts and rates of service; a rate of nothing is None.

    Attributes
    ----------
    line_otif, order_otif
        Lines, and orders of which all lines, had arrived in full by their day.
    unit_on_time
        Units that had arrived by their day (unit fill rate).
    line_fill
        Lines that were full with their first delivery.
    """

    basis: Basis
    num_lines: int
    num_orders: int
    line_otif: Decimal | None
    order_otif: Decimal | None
    unit_on_time: Decimal | None
    line_fill: Decimal | None


def measure_service(demands: Sequence[Demand], basis: Basis, zone: ZoneInfo) -> ServiceLevel:
    """Return the service level of some lines.

    Parameters
    ----------
    zone
        Whose days count: a line due on the 10th is in time until that day ends.

    Notes
    -----
    On time in full: the cumulative quantity is inside tolerance by the date.
    """

    def day(moment: datetime) -> int:
        return moment.astimezone(zone).toordinal()

    in_time = [
        sum((quantity for at, quantity in one.deliveries if day(at) <= day(one.due_at)), ZERO) for one in demands
    ]
    are_full = [got >= one.least for got, one in zip(in_time, demands, strict=True)]
    orders: dict[str, bool] = {}
    for one, is_full in zip(demands, are_full, strict=True):
        orders[one.order_id] = orders.get(one.order_id, True) and is_full
    units = sum((min(got, one.wanted) for got, one in zip(in_time, demands, strict=True)), ZERO)
    at_once = [bool(one.deliveries) and one.deliveries[0][1] >= one.least for one in demands]
    return ServiceLevel(
        basis=basis,
        num_lines=len(demands),
        num_orders=len(orders),
        line_otif=_find_rate(sum(are_full), len(demands)),
        order_otif=_find_rate(sum(orders.values()), len(orders)),
        unit_on_time=_find_rate(units, sum((one.wanted for one in demands), ZERO)),
        line_fill=_find_rate(sum(at_once), len(demands)),
    )


def _find_rate(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None


def find_demands(cases: Iterable[OrderCase], basis: Basis, under: Decimal) -> Iterator[Demand]:
    """Yield the lines of orders that count on a basis: wanted, confirmed, and with a date of that basis.

    Parameters
    ----------
    under
        Share that may be missing where the line does not say.
    """
    for case in cases:
        for line in case.lines:
            due = _find_due(line, basis)
            wanted = line.counts.ordered - line.counts.cancelled
            if due is not None and wanted > 0:
                share = under if line.ask.under is None else line.ask.under
                least = wanted * (1 - share)
                yield Demand(case.key, wanted, least, due, tuple(_find_deliveries(case, line.line_no)))


def _find_due(line: CaseLine, basis: Basis) -> datetime | None:
    if basis is Basis.REQUESTED:
        return line.ask.requested_at
    return line.dates.first_promise if basis is Basis.FIRST_PROMISE else line.dates.last_promise


def _find_deliveries(case: OrderCase, line_no: str) -> list[tuple[datetime, Decimal]]:
    return sorted(
        (shipment.delivered_at, shipment.quantity(line_no) - shipment.missing(line_no))
        for shipment in case.shipments
        if shipment.delivered_at is not None and shipment.quantity(line_no)
    )


class ReportService(Command):
    """Ask how well confirmed orders whose lines were due in a span of time were served."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(Role) - {Role.CUSTOMER}

    basis: Basis = Basis.FIRST_PROMISE
    due_from: Moment
    due_before: Moment
    customer_id: Id | None = None


_NOT_YET = frozenset(
    {
        OrderState.DRAFT,
        OrderState.SUBMITTED,
        OrderState.PRIMARY_REVIEW,
        OrderState.SECONDARY_REVIEW,
        OrderState.REJECTED,
        OrderState.EXPIRED,
    }
)


@does(ReportService)
def report_service(query: ReportService, book: Book) -> ServiceLevel:
    """Return the service level."""
    where = {} if query.customer_id is None else {"customer": query.customer_id}
    cases = [case for case in book.find(OrderCase, where) if case.state not in _NOT_YET]
    found = find_demands(cases, query.basis, book.policy.tracking.under)
    demands = [one for one in found if query.due_from <= one.due_at < query.due_before]
    return measure_service(demands, query.basis, ZoneInfo(book.policy.timezone))


_ENDED = frozenset({SupplyState.DONE, SupplyState.CLOSED})


class PlanAdherence(Part):
    """How supply orders that were due kept their planned start and end.

    Attributes
    ----------
    num_due, num_finished
        Supply orders that should have ended, and those that have.
    finished_in_time, started_in_time
        Shares of those due.
    mean_delay_hours
        Of those finished: actual less planned end, early ones below 0.
    """

    num_due: int
    num_finished: int
    finished_in_time: Decimal | None
    started_in_time: Decimal | None
    mean_delay_hours: Decimal | None


class ReportAdherence(Command):
    """Ask how the supply orders that were due in a span of time kept to the plan."""

    ROLES: ClassVar[frozenset[Role]] = frozenset(Role) - {Role.CUSTOMER, Role.SALES}

    due_from: Moment
    due_before: Moment
    tolerance_hours: Decimal = ZERO


@does(ReportAdherence)
def report_adherence(query: ReportAdherence, book: Book) -> PlanAdherence:
    """Return how planned and actual times compare; what was withdrawn or cancelled does not count."""
    due = [
        supply
        for supply in book.find(SupplyOrder)
        if query.due_from <= supply.due_at < query.due_before and supply.state != "cancelled"
    ]
    ends = [(supply, supply.progress.whole.last_at) for supply in due if supply.state in _ENDED]
    delays = [_find_hours(supply.due_at, end) for supply, end in ends if end is not None]
    begins = [
        _find_hours(supply.starts_at, supply.progress.whole.started_at)
        for supply in due
        if supply.starts_at is not None and supply.progress.whole.started_at is not None
    ]
    return PlanAdherence(
        num_due=len(due),
        num_finished=len(ends),
        finished_in_time=_find_rate(sum(delay <= query.tolerance_hours for delay in delays), len(due)),
        started_in_time=_find_rate(sum(delay <= query.tolerance_hours for delay in begins), len(due)),
        mean_delay_hours=_find_rate(sum(delays, ZERO), len(delays)),
    )


def _find_hours(planned: datetime, actual: datetime) -> Decimal:
    return Decimal((actual - planned) // (actual - planned).resolution) / 3_600_000_000
