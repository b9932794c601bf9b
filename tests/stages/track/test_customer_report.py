"""Reports to customers: due by cadence, of their own orders, in their language, masked for whom it concerns not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderopt.errors import NotFoundError
from orderopt.models.customer import Cadence, Customer, Language
from orderopt.models.item import Item
from orderopt.models.life.customer_report import ReportLog, Standing
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.master import PutMaster
from orderopt.stages.track.customer_report import (
    BuildCustomerReport,
    ListDueReports,
    RecordReportSent,
    find_period_start,
)

from .shop import DAY, NOON

SALES = Actor.of("sam", Role.SALES)


@pytest.fixture
def sold(shop):
    """Two customers with an order each; the first wants daily reports in Chinese, the second says nothing."""
    customers = (
        Customer(customer_id="C-1", name="Ann", report_cadence=Cadence.DAILY, language=Language.CHINESE),
        Customer(customer_id="C-2", name="Bob"),
        Customer(customer_id="C-3", report_cadence=Cadence.NEVER),
    )
    shop.do(PutMaster(records=(*customers, Item(item_id="CHAIR", name="Stuhl", uom="pcs"))))
    for number in (1, 2, 3):
        shop.order(f"O-{number}", customer=f"C-{number}")
    return shop


def _report(shop, customer="C-1", *, by=SALES, **said):
    return shop.do(BuildCustomerReport(customer_id=customer, **said), by=by)


def test_reports_are_due_once_a_period(sold):
    due = {one.customer_id: one for one in sold.do(ListDueReports(), by=SALES)}
    assert set(due) == {"C-1", "C-2"}
    assert (due["C-1"].language, due["C-2"].cadence) == (Language.CHINESE, Cadence.WEEKLY)
    midnight = NOON.replace(hour=0)
    assert (due["C-1"].since, due["C-1"].until) == (midnight - DAY, midnight)
    assert (due["C-2"].since, due["C-2"].until) == (midnight - 7 * DAY, midnight)
    for one in due.values():
        sold.do(RecordReportSent(customer_id=one.customer_id, until=one.until), by=SALES)
        sold.do(RecordReportSent(customer_id=one.customer_id, until=one.until), by=SALES)
    assert sold.do(ListDueReports(), by=SALES) == ()
    assert sold.get(ReportLog, "C-1").version == 1
    sold.now += DAY
    assert [one.customer_id for one in sold.do(ListDueReports(), by=SALES)] == ["C-1"]


@pytest.mark.parametrize(
    ("cadence", "timezone", "start"),
    [
        (Cadence.DAILY, "Asia/Taipei", datetime(2026, 3, 4, 16, tzinfo=UTC)),
        (Cadence.WEEKLY, "Asia/Taipei", datetime(2026, 3, 1, 16, tzinfo=UTC)),
        (Cadence.MONTHLY, "America/New_York", datetime(2026, 3, 1, 5, tzinfo=UTC)),
    ],
)
def test_a_period_begins_at_the_companys_midnight(cadence, timezone, start):
    assert find_period_start(datetime(2026, 3, 4, 20, tzinfo=UTC), cadence, timezone) == start


def test_a_month_begins_at_midnight_even_across_a_change_of_clocks():
    moment = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert find_period_start(moment, Cadence.MONTHLY, "Europe/Vienna") == datetime(2026, 2, 28, 23, tzinfo=UTC)


def test_a_report_holds_only_the_customers_own_orders_and_says_how_they_stand(sold):
    sold.release()
    sold.supply(due_at=NOON + 5 * DAY)
    report = _report(sold)
    assert [order.order_id for order in report.orders] == ["O-1"]
    (line,) = report.orders[0].lines
    assert (line.standing, line.item_name, line.late_days) == (Standing.IN_PRODUCTION, "Stuhl", 0)
    sold.report(kind="delayed", expected_at=NOON + 11 * DAY + timedelta(hours=1), reason="X")
    assert _report(sold).orders[0].lines[0].late_days == 2
    assert _report(sold).num_late == 1
    sold.now += 4 * DAY
    sold.report(good=10)
    sold.inspect(10)
    assert _report(sold).orders[0].lines[0].standing is Standing.READY
    first = sold.send(("10", 4), carrier=None)
    assert _report(sold).orders[0].lines[0].standing is Standing.PARTLY_SHIPPED
    second = sold.send(("10", 6))
    assert _report(sold).orders[0].lines[0].standing is Standing.SHIPPED
    sold.deliver(first)
    sold.deliver(second)
    line = _report(sold).orders[0].lines[0]
    assert (line.standing, line.expected_at, line.late_days) == (Standing.DELIVERED, sold.now, 0)
    assert [one.shipment_id for one in _report(sold).orders[0].shipments] == [first, second]
    assert not _report(sold, since=sold.now + DAY).orders[0].shipments


def test_a_customer_gets_their_own_report_and_no_other(sold):
    ann = Actor.of("ann", Role.CUSTOMER, customer_id="C-1")
    assert _report(sold, by=ann).customer_name == "Ann"
    with pytest.raises(NotFoundError):
        _report(sold, "C-2", by=ann)


def test_who_may_not_see_personal_data_gets_the_report_without(sold):
    assert _report(sold, by=Actor.of("clock", Role.ADMINISTRATOR)).customer_name is None
