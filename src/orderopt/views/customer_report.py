"""The report that a customer gets: an HTML page that needs nothing else, and plain text, in the customer's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from orderopt.models.life.customer_report import CustomerReport, ReportedLine, ReportedOrder, ReportedShipment
from orderopt.views.customer_texts import TEXTS
from orderopt.views.page import html_environment

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Content security policy of the page: nothing is loaded and nothing runs."""


class Wording:
    """The words of one report: texts of its language, days by its clock."""

    def __init__(self, report: CustomerReport) -> None:
        self._texts = TEXTS[report.language]
        self._zone = ZoneInfo(report.timezone)

    def say(self, name: str, **said: object) -> str:
        """Return a text with its gaps filled."""
        return self._texts[name].format(**said)

    def day(self, moment: datetime | None) -> str:
        """Return a day as the language writes it; a dash if there is none."""
        if moment is None:
            return "–"
        local = moment.astimezone(self._zone)
        return self.say("day", year=local.year, month=local.month, day=local.day)

    def moment(self, moment: datetime) -> str:
        """Return day and time, with the zone's name."""
        return f"{self.day(moment)} {moment.astimezone(self._zone):%H:%M %Z}"

    def quantity(self, quantity: Decimal, unit: str | None = None) -> str:
        """Return a quantity without needless zeros, with its unit."""
        return f"{quantity.normalize():f} {unit or ''}".rstrip()

    def head(self, order: ReportedOrder) -> str:
        """Return what an order is called."""
        parts = [self.say("order", order_id=order.order_id)]
        if order.customer_po:
            parts.append(self.say("your_order", po=order.customer_po))
        parts.append(self.say("received", day=self.day(order.received_at)))
        return " · ".join(parts)

    def shipment(self, shipment: ReportedShipment) -> str:
        """Return one shipment in one line."""
        arrival = "arrived" if shipment.state == "delivered" else "arrives"
        parts = [shipment.shipment_id, self.say(shipment.state), self.quantity(shipment.quantity)]
        parts += [self.say("left", day=self.day(shipment.shipped_at))] if shipment.shipped_at else []
        parts += [self.say(arrival, day=self.day(shipment.expected_at))] if shipment.expected_at else []
        parts += [shipment.carrier] if shipment.carrier else []
        parts += [self.say("tracking", number=shipment.tracking_no)] if shipment.tracking_no else []
        return " · ".join(parts)

    def late(self, line: ReportedLine) -> str:
        """Return by how much a promise is missed; empty if it is not."""
        return self.say("late_by", days=line.late_days) if line.late_days else ""


def build_customer_page(report: CustomerReport) -> str:
    """Return the report as an HTML page; everything from outside is escaped."""
    words = Wording(report)
    return (
        html_environment()
        .get_template("customer_report.html")
        .render(report=report, words=words, policy=POLICY, facts=_find_facts(report, words))
    )


def build_customer_text(report: CustomerReport) -> str:
    """Return the report as plain text, for a mail."""
    return "\n".join(_write_lines(report, Wording(report))) + "\n"


def _find_facts(report: CustomerReport, words: Wording) -> list[tuple[str, int]]:
    return [
        (words.say("orders"), len(report.orders)),
        (words.say("lines"), report.num_lines),
        (words.say("late"), report.num_late),
        (words.say("questions"), report.num_questions),
    ]


def _write_lines(report: CustomerReport, words: Wording) -> Iterator[str]:
    separator = words.say("separator")
    yield f"{words.say('title')}{separator}{report.customer_name or report.customer_id}"
    yield words.say("span", since=words.day(report.since), until=words.day(report.until))
    yield words.say("as_of", moment=words.moment(report.as_of))
    yield ""
    for name, count in _find_facts(report, words):
        yield f"{name}{separator}{count}"
    if not report.orders:
        yield from ("", words.say("nothing"))
    for order in report.orders:
        yield from ("", words.head(order))
        for line in order.lines:
            yield from _write_line(line, words)
        for shipment in order.shipments:
            yield f"  > {words.shipment(shipment)}"
        yield from _write_questions(order, words)


def _write_line(line: ReportedLine, words: Wording) -> Iterator[str]:
    separator = words.say("separator")
    name = f"{line.item_id} {line.item_name or ''}".rstrip()
    yield f"  {line.line_no}  {name} · {words.quantity(line.wanted, line.unit)} · {words.say(line.standing)}"
    dates = [
        f"{words.say(label)}{separator}{words.day(moment)}"
        for label, moment in (
            ("requested", line.requested_at),
            ("promised", line.promised_at),
            ("expected", line.expected_at),
        )
    ]
    shipped = [f"{words.say('shipped_quantity')}{separator}{words.quantity(line.shipped, line.unit)}"]
    late = [f"! {words.late(line)}"] if line.late_days else []
    yield "      " + " · ".join([*shipped, *dates, *late])


def _write_questions(order: ReportedOrder, words: Wording) -> Iterator[str]:
    if not order.num_questions:
        return
    shown = order.questions or (words.say("num_open", count=order.num_questions),)
    for question in shown:
        yield f"  ? {words.say('please_answer')}{words.say('separator')}{question}"
