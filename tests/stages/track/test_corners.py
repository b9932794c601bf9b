"""Corners of shipping, completing and taking back: what is undone fits, what is over is free, what is told stands."""

from __future__ import annotations

import pytest

from orderopt.errors import GuardError
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead
from orderopt.models.life.states import OrderState, ReceptionState, SupplyState
from orderopt.stages.complete.complete import Complete
from orderopt.stages.ship_out.plan_shipment import CancelShipment
from orderopt.stages.take_back.receive import AnnounceReturn, EndReturn, ExpireReturns, ReceiveReturn
from orderopt.stages.track.report import Taken
from orderopt.stages.track.take import PutBack, TakeFromStock

from .shop import DAY, NOON, Begun, Lay, Shop


@pytest.fixture
def packed(shop):
    """A shop whose shipment O-1-S1 holds 6 that were made and 2 that were taken from stock to pack it."""
    shop.order()
    shop.release()
    shop.supply(quantity=6, pegs=(("O-1", "10", 6),))
    shop.report(good=6)
    shop.inspect(6)
    shop.put_in_stock(2, reserved=2)
    shop.pack(shop.plan(("10", 8)))
    return shop


def test_what_was_taken_to_pack_a_shipment_goes_back_with_the_shipment_only(packed):
    packed.supply("M-2", 2, (("O-1", "10", 2),))
    packed.report("M-2", good=2)
    packed.inspect(2)
    with pytest.raises(GuardError, match="NOT_TAKEN"):
        packed.do(PutBack(order_id="O-1", line_no="10", quantity=1, site="HALL"))
    packed.do(CancelShipment(order_id="O-1", shipment_id="O-1-S1", reason="label"))
    assert (packed.counts().packed, packed.counts().from_stock, packed.stock().reserved) == (0, 0, 2)


def test_what_was_taken_by_hand_can_go_back_while_a_shipment_is_packed(shop):
    shop.order()
    shop.release()
    shop.put_in_stock(9, reserved=9)
    shop.do(TakeFromStock(order_id="O-1", line_no="10", quantity=3, site="HALL"))
    shop.pack(shop.plan(("10", 5)))
    with pytest.raises(GuardError, match="0 taken and not packed"):
        shop.do(PutBack(order_id="O-1", line_no="10", quantity=1, site="HALL"))
    shop.do(CancelShipment(order_id="O-1", shipment_id="O-1-S1", reason="label"))
    shop.do(PutBack(order_id="O-1", line_no="10", quantity=3, site="HALL"))
    assert (shop.stock().on_hand, shop.stock().reserved, shop.counts().from_stock) == (9, 9, 0)


def test_no_more_goes_back_to_be_reworked_than_waits_for_inspection(shop):
    shop.order()
    shop.release()
    shop.supply()
    shop.report(good=5)
    with pytest.raises(GuardError, match="NOTHING_TO_INSPECT"):
        shop.inspect(4, rework=2, reason="PAINT")
    shop.inspect(3, rework=2, reason="PAINT")
    shop.inspect(2)
    assert (shop.counts().qc_passed, shop.counts().reworked, shop.counts().uninspected) == (5, 2, 0)


def test_a_complete_order_keeps_nothing_that_others_could_have():
    shop = Shop(under="0.2")
    shop.order()
    shop.release()
    shop.supply(quantity=12, pegs=(("O-1", "10", 8), ("O-2", "10", 3)))
    shop.report(good=8)
    shop.inspect(8)
    shop.put_in_stock(1, reserved=1)
    shop.supply("M-2", 1, (("O-1", "10", 1),), released=False)
    shop.send(("10", 8))
    assert shop.do(Complete(order_id="O-1")) is OrderState.COMPLETED
    assert (shop.stock().reserved, shop.stock().free) == (0, 1)
    assert [peg.order_id for peg in shop.made().pegs] == ["O-2"]
    assert (shop.made("M-2").state, shop.made("M-2").pegs) == (SupplyState.CANCELLED, ())
    assert shop.counts().allocated == 8
    shop.report(good=4, kind="finished")
    assert shop.counts().produced == 8


def test_a_proof_or_an_arrival_of_the_same_name_must_say_the_same(shop):
    shop.ready()
    shipment = shop.send(("10", 10))
    shop.deliver(shipment)
    assert shop.deliver(shipment) is Taken.REPEATED
    with pytest.raises(GuardError, match="REPORT_DIFFERS"):
        shop.deliver(shipment, quantities=(("10", 9),))
    number = shop.do(AnnounceReturn(order_id="O-1", lines=(("10", 3),), reason="TOO_SMALL"))
    came = ReceiveReturn(order_id="O-1", return_id=number, source="gate", arrival_id="1", quantities=(("10", 2),))
    assert [shop.do(came), shop.do(came)] == [Taken.COUNTED, Taken.REPEATED]
    with pytest.raises(GuardError, match="REPORT_DIFFERS"):
        shop.do(came.model_copy(update={"quantities": (("10", 1),)}))
    assert (shop.counts().return_received, shop.stock(site="").in_inspection) == (2, 2)


def test_a_proof_names_no_line_twice(shop):
    shop.ready()
    shipment = shop.send(("10", 10))
    with pytest.raises(GuardError, match="TWICE"):
        shop.deliver(shipment, quantities=(("10", 4), ("10", 6)))
    assert shop.counts().delivered == 0


@pytest.mark.parametrize("is_late", [True, False])
def test_what_is_not_expected_any_more_needs_a_return_of_its_own(shop, is_late):
    shop.ready()
    shop.deliver(shop.send(("10", 10)))
    number = shop.do(AnnounceReturn(order_id="O-1", lines=(("10", 3),), reason="TOO_SMALL", days=5))
    if is_late:
        shop.now += 6 * DAY
        assert shop.do(ExpireReturns()) == (number,)
    else:
        shop.do(EndReturn(order_id="O-1", return_id=number, is_lost=False, reason="keeps it"))
    came = ReceiveReturn(order_id="O-1", return_id=number, source="gate", arrival_id="1", quantities=(("10", 2),))
    with pytest.raises(GuardError, match="NOT_EXPECTED"):
        shop.do(came)
    assert shop.counts().return_received == 0
    again = shop.do(AnnounceReturn(order_id="O-1", lines=(("10", 2),), reason="TOO_SMALL"))
    shop.do(came.model_copy(update={"return_id": again}))
    assert shop.case().returned(again).reception is ReceptionState.RECEIVED


def test_a_shipment_goes_to_one_destination(shop):
    lines = tuple(
        OrderedLine(line_no=line_no, item_id="CHAIR", quantity=5, requested_at=NOON, destination=place)
        for line_no, place in (("10", "BONN"), ("20", None), ("30", "ULM"))
    )
    head = OrderHead(order_id="O-1", channel="direct", customer_id="C-1", received_at=NOON, destination="ULM")
    shop.do(Lay(kind=OrderCase, key="O-1", facts=(Begun(head=head, lines=lines),)))
    shop.release()
    with pytest.raises(GuardError, match="DESTINATIONS_DIFFER"):
        shop.plan(("10", 1), ("20", 1))
    to_bonn, to_ulm = shop.plan(("10", 1)), shop.plan(("20", 1), ("30", 1))
    assert shop.case().shipment(to_bonn).destination == "BONN"
    assert shop.case().shipment(to_ulm).quantity("30") == 1
