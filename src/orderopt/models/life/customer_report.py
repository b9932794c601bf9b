"""The report that a customer gets of their orders, and which reports went out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from orderopt.models.customer import Language
from orderopt.models.life.document import Document, Payload, Stamp
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.quantities import Count
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class Standing(StrEnum):
    """Where a line stands, as a customer would say it."""

    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    IN_PRODUCTION = "in_production"
    READY = "ready"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class ReportedLine(Part):
    """A line of a report.

    Attributes
    ----------
    promised_at, expected_at
        The last promise, and when it is expected now or came.
    """

    line_no: Id
    item_id: Id
    item_name: str | None = None
    unit: str | None = None
    wanted: Count
    shipped: Count
    delivered: Count
    standing: Standing
    requested_at: Moment
    promised_at: Moment | None = None
    expected_at: Moment | None = None

    @property
    def late_days(self) -> int:
        """Days, begun ones counted, by which the promise is missed."""
        if self.promised_at is None or self.expected_at is None or self.expected_at <= self.promised_at:
            return 0
        late = self.expected_at - self.promised_at
        return late.days + bool(late.seconds or late.microseconds)


class ReportedShipment(Part):
    """A shipment of a report."""

    shipment_id: Id
    state: str
    carrier: str | None = None
    tracking_no: str | None = None
    shipped_at: Moment | None = None
    expected_at: Moment | None = None
    quantity: Count


class ReportedOrder(Part):
    """An order of a report.

    Attributes
    ----------
    questions
        What waits for the customer's answer.
    """

    order_id: Id
    customer_po: str | None = None
    received_at: Moment
    lines: tuple[ReportedLine, ...]
    shipments: tuple[ReportedShipment, ...]
    num_questions: int
    questions: Annotated[tuple[str, ...] | None, Sensitivity.PERSONAL] = None


class CustomerReport(Part):
    """Where all orders of one customer stand.

    Attributes
    ----------
    since, until
        The span of time that it reports on; shipments of it are listed.
    as_of
        When it was written.
    """

    customer_id: Id
    customer_name: Annotated[str | None, Sensitivity.PERSONAL] = None
    language: Language
    timezone: str
    since: Moment
    until: Moment
    as_of: Moment
    orders: tuple[ReportedOrder, ...]

    @property
    def num_lines(self) -> int:
        """Lines of all orders."""
        return sum(len(order.lines) for order in self.orders)

    @property
    def num_late(self) -> int:
        """Lines whose promise is missed."""
        return sum(line.late_days > 0 for order in self.orders for line in order.lines)

    @property
    def num_questions(self) -> int:
        """Questions that wait for the customer."""
        return sum(order.num_questions for order in self.orders)

    @property
    def open_quantity(self) -> Decimal:
        """What is still to be shipped, over all lines."""
        lines = [line for order in self.orders for line in order.lines]
        return sum((max(Decimal(0), line.wanted - line.shipped) for line in lines), Decimal(0))


class ReportLog(Document):
    """Up to when a customer was reported to."""

    KIND: ClassVar[str] = "report_log"

    customer_id: Id
    reported_until: Moment

    @property
    def key(self) -> str:
        """The customer's id."""
        return self.customer_id

    def labels(self) -> Mapping[str, str]:
        """Return the customer."""
        return {"customer": self.customer_id}


class ReportSent(Payload):
    """A customer got a report."""

    customer_id: Id
    until: Moment

    def apply(self, document: ReportLog | None, stamp: Stamp) -> ReportLog:
        """Remember it; an older report that is entered late changes nothing."""
        before = self.until if document is None else document.reported_until
        return ReportLog(customer_id=self.customer_id, reported_until=max(before, self.until))
