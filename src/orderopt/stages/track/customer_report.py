"""Reports to customers: which are due, what they say, and that they went out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from orderopt.models.customer import Cadence, Language
from orderopt.models.life.customer_report import (
    CustomerReport,
    ReportedLine,
    ReportedOrder,
    ReportedShipment,
    ReportLog,
    ReportSent,
    Standing,
)
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.shipment import Shipment
from orderopt.models.life.states import OrderKind, OrderState
from orderopt.models.moment import Moment, to_utc
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does

_REPORTERS = frozenset({Role.SALES, Role.ADMINISTRATOR})
_REVIEWED = frozenset({OrderState.DRAFT, OrderState.SUBMITTED, OrderState.PRIMARY_REVIEW, OrderState.SECONDARY_REVIEW})
_UNDER_WAY = _REVIEWED | {OrderState.CONFIRMED, OrderState.IN_EXECUTION}


class ListDueReports(Command):
    """Ask which customers with open orders are to get a report now, by their cadence."""

    ROLES: ClassVar[frozenset[Role]] = _REPORTERS


class DueReport(Part):
    """A report that is due: for whom, about which span of time, in which language."""

    customer_id: str
    cadence: Cadence
    language: Language
    since: Moment
    until: Moment


class BuildCustomerReport(Command):
    """Ask for the report of one customer's orders: all under way, and those with a shipment in the span of time.

    Parameters
    ----------
    since, until
        The span; None: from the last report (else one period back) to now.
    """

    ROLES: ClassVar[frozenset[Role]] = _REPORTERS | {Role.CUSTOMER}

    customer_id: Id
    since: Moment | None = None
    until: Moment | None = None


class RecordReportSent(Command):
    """Say that a customer got the report up to a moment; again changes nothing."""

    ROLES: ClassVar[frozenset[Role]] = _REPORTERS

    customer_id: Id
    until: Moment


@does(ListDueReports)
def list_due_reports(query: ListDueReports, book: Book) -> tuple[DueReport, ...]:
    """Return the reports, by customer."""
    due = []
    for customer_id in sorted(book.master.customer):
        cadence, language = find_wishes(customer_id, book)
        if cadence is Cadence.NEVER:
            continue
        until = find_period_start(book.at, cadence, book.policy.timezone)
        since = _find_since(customer_id, cadence, until, book)
        if since < until and book.find(OrderCase, {"customer": customer_id, "open": "1"}):
            due.append(DueReport(customer_id=customer_id, cadence=cadence, language=language, since=since, until=until))
    return tuple(due)


def find_wishes(customer_id: str, book: Book) -> tuple[Cadence, Language]:
    """Return how often and in what language a customer is reported to: as the customer says, else as is usual."""
    customer, usual = book.master.customer.get(customer_id), book.policy.tracking
    cadence = customer.report_cadence if customer else None
    language = customer.language if customer else None
    return cadence or usual.report_cadence, language or usual.language


def find_period_start(moment: datetime, cadence: Cadence, timezone: str) -> datetime:
    """Return when the day, week (from Monday) or month began that a moment lies in, by the clock of a zone.

    Examples
    --------
    >>> from datetime import UTC
    >>> find_period_start(datetime(2026, 3, 4, 1, tzinfo=UTC), Cadence.WEEKLY, "Asia/Taipei").isoformat()
    '2026-03-01T16:00:00+00:00'
    """
    local = moment.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if cadence is Cadence.WEEKLY:
        local -= timedelta(days=local.weekday())
    elif cadence is Cadence.MONTHLY:
        local = local.replace(day=1)
    return to_utc(local)


def _find_since(customer_id: str, cadence: Cadence, until: datetime, book: Book) -> datetime:
    log = book.get(ReportLog, customer_id)
    if log is not None:
        return log.reported_until
    return find_period_start(until - timedelta(hours=12), cadence, book.policy.timezone)


@does(RecordReportSent)
def record_report_sent(command: RecordReportSent, book: Book) -> None:
    """Record it once."""
    fact = ReportSent(customer_id=command.customer_id, until=command.until)
    log = book.get(ReportLog, command.customer_id)
    if log is None:
        book.begin(ReportLog, command.customer_id, fact)
    elif log.reported_until < command.until:
        book.record(log, fact)


@does(BuildCustomerReport)
def build_customer_report(query: BuildCustomerReport, book: Book) -> CustomerReport:
    """Return the report, without what the asker may not see."""
    cadence, language = find_wishes(query.customer_id, book)
    until = query.until or book.at
    since = query.since or _find_since(query.customer_id, cadence, until, book)
    customer = book.master.customer.get(query.customer_id)
    cases = book.find(OrderCase, {"customer": query.customer_id, "kind": str(OrderKind.ORDER)})
    shown = [case for case in cases if case.state in _UNDER_WAY or any(_find_recent(case, since))]
    report = CustomerReport(
        customer_id=query.customer_id,
        customer_name=customer.name if customer else None,
        language=language,
        timezone=book.policy.timezone,
        since=since,
        until=until,
        as_of=book.at,
        orders=tuple(_build_order(case, since, book) for case in sorted(shown, key=_find_urgency)),
    )
    return mask(report, book.actor.sees)


def _find_urgency(case: OrderCase) -> tuple[datetime, str]:
    return min(line.ask.requested_at for line in case.lines), case.key


def _find_recent(case: OrderCase, since: datetime) -> list[Shipment]:
    """Return the shipments that are on their way, or left or arrived since a moment."""
    return [
        one
        for one in case.shipments
        if one.shipped_at is not None and (one.delivered_at is None or max(one.shipped_at, one.delivered_at) >= since)
    ]


def _build_order(case: OrderCase, since: datetime, book: Book) -> ReportedOrder:
    questions = [question for question in case.open_questions if question.owner == "customer"]
    return ReportedOrder(
        order_id=case.key,
        customer_po=case.head.customer_po,
        received_at=case.head.received_at,
        lines=tuple(_build_line(case, line, book) for line in case.lines),
        shipments=tuple(
            ReportedShipment(
                shipment_id=one.key,
                state=str(one.state),
                carrier=one.carrier,
                tracking_no=one.tracking_no,
                shipped_at=one.shipped_at,
                expected_at=one.expected_at,
                quantity=sum((line.quantity for line in one.lines), ZERO),
            )
            for one in _find_recent(case, since)
        ),
        num_questions=len(questions),
        questions=tuple(question.question for question in questions if question.question) or None,
    )


def _build_line(case: OrderCase, line: CaseLine, book: Book) -> ReportedLine:
    item = book.master.item.get(line.ask.item_id)
    arrivals = [one.delivered_at for one in case.shipments if one.quantity(line.line_no) and one.delivered_at]
    is_there = bool(arrivals) and line.counts.delivered >= line.counts.wanted
    return ReportedLine(
        line_no=line.line_no,
        item_id=line.ask.item_id,
        item_name=item.name if item else None,
        unit=item.uom if item else None,
        wanted=line.counts.wanted,
        shipped=line.counts.shipped,
        delivered=line.counts.delivered,
        standing=find_standing(case, line),
        requested_at=line.ask.requested_at,
        promised_at=line.dates.last_promise,
        expected_at=max(arrivals) if is_there else line.dates.projected or line.dates.last_promise,
    )


def find_standing(case: OrderCase, line: CaseLine) -> Standing:
    """Return where a line stands, as a customer would say it: always by its counts."""
    counts = line.counts
    if case.state is OrderState.CANCELLED or counts.wanted <= 0:
        return Standing.CANCELLED
    if counts.delivered >= counts.wanted:
        return Standing.DELIVERED
    if counts.shipped >= counts.wanted:
        return Standing.SHIPPED
    if counts.shipped > 0:
        return Standing.PARTLY_SHIPPED
    if counts.qc_passed >= counts.wanted:
        return Standing.READY
    if counts.produced > 0 or case.state is OrderState.IN_EXECUTION:
        return Standing.IN_PRODUCTION
    return Standing.IN_REVIEW if case.state in _REVIEWED else Standing.CONFIRMED
