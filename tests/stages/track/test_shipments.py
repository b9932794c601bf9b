"""News of shipments and returns: alerts, dates, and the same end whatever order messages come in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.errors import GuardError
from orderopt.models.life.quantities import Fill
from orderopt.models.life.returns import ReturnOutcome
from orderopt.models.life.shipment import CarrierEvent, CarrierEventKind
from orderopt.models.life.states import ShipmentState
from orderopt.stages.complete.complete import CheckCompletion
from orderopt.stages.settle.accept import AcceptReturn
from orderopt.stages.ship_out.deliver import TellCarrierEvent
from orderopt.stages.ship_out.plan_shipment import CancelShipment, SplitShipment
from orderopt.stages.take_back.receive import AnnounceReturn, EndReturn, ReceiveReturn
from orderopt.stages.track.alerts import FindAlerts
from orderopt.stages.track.report import Taken

from .shop import DAY, NOON, Shop


def test_a_tolerance_lets_more_leave_and_the_invariant_knows(shop):
    shop = Shop(over="0.1")
    shop.order()
    shop.release()
    shop.supply()
    shop.put_in_stock(1, reserved=1)
    shop.report(good=10)
    shop.inspect(10)
    shop.send(("10", 11))
    assert shop.case().line("10").fulfilment_status is Fill.OVER


@given(st.integers(0, 6), st.integers(0, 8), st.integers(1, 13), st.lists(st.integers(1, 12), max_size=3))
def test_splitting_conserves_and_calling_off_all_parts_restores(made, reserved, quantity, cuts):
    shop = Shop()
    shop.order(quantities=(14,))
    shop.release()
    shop.supply(quantity=14, pegs=(("O-1", "10", 14),))
    if made:
        shop.report(good=made)
        shop.inspect(made)
    shop.put_in_stock(9, reserved=reserved)
    stock, counts = shop.stock(), shop.counts()
    shipments = [shop.plan(("10", quantity))]
    for cut in cuts:
        command = SplitShipment(order_id="O-1", shipment_id=shipments[-1], lines=(("10", cut),))
        if cut >= shop.case().shipment(shipments[-1]).quantity("10"):
            with pytest.raises(GuardError):
                shop.do(command)
        else:
            kept, parted = shop.do(command)
            shipments[-1:] = [kept.key, parted.key]
    assert sum(one.quantity("10") for one in shop.case().shipments) == quantity
    left = made + reserved
    for shipment in shipments:
        part = shop.case().shipment(shipment).quantity("10")
        if part > left:
            with pytest.raises(GuardError, match="NOT_THERE"):
                shop.pack(shipment)
        else:
            shop.pack(shipment)
            left -= part
    assert shop.counts().packed == made + reserved - left
    for shipment in shipments:
        shop.do(CancelShipment(order_id="O-1", shipment_id=shipment, reason="off"))
    assert shop.counts() == counts
    after = shop.stock()
    assert (after.on_hand, after.reserved_for("O-1", "10")) == (stock.on_hand, stock.reserved_for("O-1", "10"))


def _tell(shop, shipment, number, kind, hours=0, **said):
    event = CarrierEvent(
        source="post", event_id=str(number), kind=kind, happened_at=NOON + timedelta(hours=hours), **said
    )
    return shop.do(TellCarrierEvent(order_id="O-1", shipment_id=shipment, event=event))


def test_trouble_on_the_way_is_an_alert_until_it_is_over(shop):
    shop.ready()
    shipment = shop.send(("10", 10))
    _tell(shop, shipment, 1, CarrierEventKind.EXCEPTION, 2, reason="DAMAGED_BOX")
    (alert,) = shop.do(FindAlerts())
    assert (alert.reason, shop.case().shipment(shipment).state) == ("DAMAGED_BOX", ShipmentState.EXCEPTION)
    assert _tell(shop, shipment, 1, CarrierEventKind.EXCEPTION, 2, reason="DAMAGED_BOX") is Taken.REPEATED
    with pytest.raises(GuardError, match="REPORT_DIFFERS"):
        _tell(shop, shipment, 1, CarrierEventKind.EXCEPTION, 3)
    _tell(shop, shipment, 2, CarrierEventKind.IN_TRANSIT, 4)
    assert not shop.do(FindAlerts())


def test_the_carriers_date_moves_the_lines_projection_and_warns(shop):
    shop.ready(promised=NOON + 3 * DAY)
    shipment = shop.send(("10", 10), arrives_at=NOON + 2 * DAY)
    assert shop.case().line("10").dates.projected == NOON + 2 * DAY
    _tell(shop, shipment, 1, CarrierEventKind.ARRIVAL_EXPECTED, 1, expected_at=NOON + 5 * DAY)
    assert shop.case().line("10").dates.projected == NOON + 5 * DAY
    (alert,) = shop.do(FindAlerts(order_id="O-1"))
    assert (alert.reason, alert.figures["late"]) == ("LATE_TRANSPORT", "48.0 h")


def test_less_may_arrive_than_left_and_that_is_said(shop):
    shop.ready()
    shipment = shop.send(("10", 10))
    with pytest.raises(GuardError, match="TOO_MUCH"):
        shop.deliver(shipment, quantities=(("10", 11),))
    shop.deliver(shipment, quantities=(("10", 8),))
    assert (shop.counts().shipped, shop.counts().delivered) == (10, 8)
    (alert,) = shop.do(FindAlerts())
    assert alert.figures == {"missing": "2"}


messages = st.lists(
    st.tuples(st.sampled_from(CarrierEventKind), st.integers(0, 5)), max_size=5, unique_by=lambda told: told
)


@given(messages, st.data())
def test_messages_of_carriers_end_the_same_in_any_order_even_before_it_left(told, data):
    numbered = list(enumerate(told))

    def hear(order, when):
        shop = Shop()
        shop.ready()
        shipment = shop.plan(("10", 10))
        shop.pack(shipment)
        for place, (number, (kind, hours)) in enumerate(order):
            if place == when:
                shop.ship(shipment)
            signed = {"signed_by": f"N{number}"} if kind is CarrierEventKind.DELIVERED else {}
            _tell(shop, shipment, number, kind, hours, **signed)
        if when >= len(order):
            shop.ship(shipment)
        return shop.case().shipment(shipment), shop.counts()

    shuffled = data.draw(st.permutations(numbered))
    when = data.draw(st.integers(0, len(told)))
    assert hear(shuffled, when) == hear(numbered, 0)


def test_the_rest_of_a_short_return_is_waited_for_and_a_replacement_goes_out_again(shop):
    shop.ready()
    shop.deliver(shop.send(("10", 10)))
    number = shop.do(AnnounceReturn(order_id="O-1", lines=(("10", 3),), reason="TOO_SMALL"))
    came = ReceiveReturn(
        order_id="O-1", return_id=number, source="gate", arrival_id="1", site="BACK", quantities=(("10", 2),)
    )
    shop.do(came)
    (alert,) = shop.do(FindAlerts())
    assert (alert.reason, alert.about.return_id) == ("SHORT", number)
    shop.do(came.model_copy(update={"arrival_id": "2", "quantities": (("10", 1),)}))
    assert not shop.do(FindAlerts())
    lines = (("10", 3, ReturnOutcome.REPLACE),)
    shop.do(AcceptReturn(order_id="O-1", return_id=number, lines=lines))
    assert (shop.stock(site="BACK").in_inspection, shop.counts().open) == (0, 3)
    shop.put_in_stock(3, reserved=3)
    shop.send(("10", 3))
    assert shop.counts().shipped == 13


def test_a_lost_return_is_an_alert(shop):
    shop.ready()
    shop.deliver(shop.send(("10", 10)))
    number = shop.do(AnnounceReturn(order_id="O-1", lines=(("10", 3),), reason="TOO_SMALL"))
    from orderopt.stages.take_back.receive import TellReturnSent

    shop.do(TellReturnSent(order_id="O-1", return_id=number))
    shop.do(EndReturn(order_id="O-1", return_id=number, is_lost=True, reason="never came"))
    assert [alert.reason for alert in shop.do(FindAlerts())] == ["LOST"]


def test_a_quality_hold_keeps_an_order_from_being_complete():
    shop = Shop(hold_above_rejected="0.1")
    shop.order()
    shop.release()
    shop.supply(quantity=14)
    shop.put_in_stock(8, reserved=8)
    shop.report(good=10)
    shop.inspect(2)
    shop.send(("10", 10))
    shop.inspect(0, 8)
    assert [finding.code for finding in shop.do(CheckCompletion(order_id="O-1"))] == ["HELD"]
