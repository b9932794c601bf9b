"""Delays move the dates of the orders that they hit, through all levels, and are said once."""

from __future__ import annotations

import pytest

from orderopt.errors import GuardError
from orderopt.stages.track.alerts import AssignAlert, FindAlerts, ResolveAlert
from orderopt.stages.track.watch import FindHitOrders, WatchExecution

from .shop import DAY, NOON


@pytest.fixture
def chain(shop):
    """Two orders on one job, which waits for a purchase; a third order on the purchase alone."""
    shop.order("O-1", (6,))
    shop.order("O-2", (4,), promised=NOON + 12 * DAY)
    shop.order("O-3", (5,), item_id="LEG")
    pegs = (("O-1", "10", 6), ("O-2", "10", 4))
    shop.supply("M-1", 10, pegs, starts_at=NOON + 6 * DAY, due_at=NOON + 9 * DAY)
    shop.supply("B-1", 25, (("M-1", 20), ("O-3", "10", 5)), kind="buy", item_id="LEG", due_at=NOON + 5 * DAY)
    return shop


def test_a_late_purchase_hits_orders_through_the_job_that_waits_for_it(chain):
    hits = chain.do(FindHitOrders(supply_id="B-1", ready_at=NOON + 8 * DAY))
    assert [(hit.order_id, hit.quantity, hit.chain, hit.late_hours) for hit in hits] == [
        ("O-1", 6, ("B-1", "M-1"), 24),
        ("O-2", 4, ("B-1", "M-1"), None),
        ("O-3", 5, ("B-1",), None),
    ]
    assert [(hit.expected_before, hit.expected_at) for hit in hits] == [
        (NOON + 9 * DAY, NOON + 11 * DAY),
        (NOON + 9 * DAY, NOON + 11 * DAY),
        (NOON + 5 * DAY, NOON + 8 * DAY),
    ]


def test_a_delay_that_is_told_moves_dates_and_raises_one_alert_for_each_thing(chain):
    chain.report("B-1", kind="delayed", expected_at=NOON + 8 * DAY, reason="SUPPLIER_STRIKE")
    assert chain.case("O-1").line("10").dates.projected == NOON + 11 * DAY
    assert chain.case("O-1").line("10").dates.last_promise == NOON + 10 * DAY
    alerts = {alert.alert_id: alert for alert in chain.do(FindAlerts())}
    assert set(alerts) == {"B-1/supply_late", "O-1/10/late_line"}
    late = alerts["O-1/10/late_line"]
    assert (late.reason, late.owner, late.figures["late"]) == ("SUPPLIER_STRIKE", "planner", "24.0 h")
    chain.report("B-1", kind="delayed", expected_at=NOON + 6 * DAY, at=NOON)
    chain.now += DAY / 24
    chain.report("B-1", kind="delayed", expected_at=NOON + 5 * DAY)
    assert not chain.do(FindAlerts())


def test_an_alert_is_owned_and_settled_with_a_reason_and_opens_again(chain):
    chain.report("B-1", kind="delayed", expected_at=NOON + 8 * DAY, reason="STRIKE")
    chain.do(AssignAlert(alert_id="O-1/10/late_line", owner="mei"))
    assert [alert.order_id for alert in (found.about for found in chain.do(FindAlerts(owner="mei")))] == ["O-1"]
    chain.do(ResolveAlert(alert_id="O-1/10/late_line", resolution="the customer agreed", reason="FORCE_MAJEURE"))
    with pytest.raises(GuardError, match="ALERT_SETTLED"):
        chain.do(ResolveAlert(alert_id="O-1/10/late_line", resolution="twice"))
    chain.now += DAY
    chain.report("B-1", kind="delayed", expected_at=NOON + 9 * DAY)
    (again,) = chain.do(FindAlerts(order_id="O-1"))
    assert (again.num_times, again.owner, again.resolution) == (2, "mei", None)


def test_what_should_have_begun_and_has_not_is_found_by_the_clock(chain):
    assert chain.do(WatchExecution()) == ()
    chain.now = NOON + 7 * DAY
    assert chain.do(WatchExecution()) == ("B-1", "M-1")
    assert chain.case("O-1").line("10").dates.projected == NOON + 10 * DAY
    assert {str(alert.kind) for alert in chain.do(FindAlerts())} == {"supply_late"}
    chain.now = NOON + 8 * DAY
    chain.do(WatchExecution())
    assert "O-1/10/late_line" in {alert.alert_id for alert in chain.do(FindAlerts())}
    version = chain.case("O-1").version
    chain.do(WatchExecution())
    assert chain.case("O-1").version == version


def test_a_stop_names_its_reason_until_it_runs_again(chain):
    chain.report("M-1", kind="stopped", reason="TOOL_BROKEN")
    (alert,) = chain.do(FindAlerts())
    assert (str(alert.kind), alert.reason, alert.owner) == ("supply_stopped", "TOOL_BROKEN", "shop_floor")
    chain.now += DAY / 24
    chain.report("M-1", kind="resumed")
    assert not chain.do(FindAlerts())


def test_supply_that_waits_for_itself_ends_the_walk(shop):
    shop.order()
    shop.supply("A", 10, (("B", 5), ("O-1", "10", 5)))
    shop.supply("B", 10, (("A", 5),))
    assert {hit.chain for hit in shop.do(FindHitOrders(supply_id="B"))} == {("B", "A")}
