"""From inspected goods to the customer's door and back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from orderopt.errors import CommandError, GuardError, NotFoundError, UnlawfulStepError
from orderopt.models.life.happened.order import OrderReleased
from orderopt.models.life.happened.stock import StockReserved
from orderopt.models.life.hold import HoldType
from orderopt.models.life.line import ShipPolicy
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import Fill
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.shipment import CarrierEvent, CarrierEventKind, Package
from orderopt.models.life.states import OrderState, ReceptionState, ShipmentState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.stages.complete.complete import CheckCompletion, Complete, GiveFeedback
from orderopt.stages.review.holds import PlaceHold, ReleaseHold
from orderopt.stages.ship_out.deliver import ProveDelivery, TellCarrierEvent
from orderopt.stages.ship_out.leave import Pack, Ship
from orderopt.stages.ship_out.plan_shipment import CancelShipment, PlanShipment, SplitShipment
from orderopt.stages.stock import CountStock
from orderopt.stages.take_back.receive import AnnounceReturn, EndReturn, ExpireReturns, ReceiveReturn, TellReturnSent
from orderopt.stages.track.inspect import Inspect
from orderopt.stages.track.report import Taken
from orderopt.stages.track.take import PutBack, TakeFromStock

from .shop import DAY, NOON, Lay, Shop


@pytest.fixture
def made():
    """A shop whose order O-1 wants 10, of which 6 are made and inspected; 4 are reserved in stock."""
    shop = Shop()
    shop.order()
    release(shop)
    shop.supply(quantity=6, pegs=(("O-1", "10", 6),))
    shop.report(good=Decimal(6), kind="finished")
    inspect(shop, passed=6)
    reserve(shop, 4)
    return shop


def release(shop):
    shop.do(Lay(kind=OrderCase, key="O-1", facts=(OrderReleased(),)))


def reserve(shop, quantity, line_no="10"):
    shop.do(CountStock(item_id="CHAIR", site="HALL", on_hand=shop.stock().on_hand + quantity, reason="found"))
    fact = StockReserved(item_id="CHAIR", site="HALL", order_id="O-1", line_no=line_no, quantity=Decimal(quantity))
    shop.do(Lay(kind=StockLedger, key="CHAIR@HALL", facts=(fact,)))


def inspect(shop, **said):
    shop.num_reports += 1
    amounts = {name: Decimal(value) if isinstance(value, int) else value for name, value in said.items()}
    line_no = amounts.pop("line_no", "10")
    name = f"I-{shop.num_reports}"
    return shop.do(Inspect(order_id="O-1", line_no=line_no, source="lab", inspection_id=name, **amounts))


def plan(shop, quantity, line_no="10"):
    return shop.do(PlanShipment(order_id="O-1", lines=((line_no, Decimal(quantity)),), site="HALL")).key


def send(shop, quantity, line_no="10"):
    name = plan(shop, quantity, line_no)
    shop.do(Pack(order_id="O-1", shipment_id=name))
    shop.do(Ship(order_id="O-1", shipment_id=name))
    return name


def prove(shop, name, proof="POD-1", **said):
    return shop.do(ProveDelivery(order_id="O-1", shipment_id=name, proof=proof, delivered_at=shop.now, **said))


def test_what_is_missing_is_taken_from_reserved_stock_when_it_is_packed(made):
    send(made, 10)
    counts = made.counts()
    assert (counts.packed, counts.shipped, counts.from_stock, counts.qc_passed) == (10, 10, 4, 10)
    assert (made.stock().on_hand, made.stock().reserved) == (0, 0)
    assert made.case().lines[0].fulfilment_status is Fill.FULL


def test_cancelling_before_it_leaves_restores_exactly_what_was_there(made):
    before = (made.counts(), made.stock().model_copy(update={"version": 0}))
    name = plan(made, 9)
    made.do(Pack(order_id="O-1", shipment_id=name))
    made.do(CancelShipment(order_id="O-1", shipment_id=name, reason="wrong label"))
    assert (made.counts(), made.stock().model_copy(update={"version": 0})) == before
    with pytest.raises(UnlawfulStepError):
        made.do(Ship(order_id="O-1", shipment_id=name))


def test_what_has_left_cannot_be_cancelled(made):
    name = send(made, 6)
    with pytest.raises(UnlawfulStepError, match="shipped"):
        made.do(CancelShipment(order_id="O-1", shipment_id=name, reason="regret"))


def test_nothing_is_packed_that_is_not_there(made):
    with pytest.raises(GuardError, match="TOO_MUCH"):
        plan(made, 11)
    inspect(made, passed=-2, reason="WRONG")
    name = plan(made, 10)
    with pytest.raises(GuardError, match="NOT_THERE"):
        made.do(Pack(order_id="O-1", shipment_id=name))


def test_packages_hold_what_the_shipment_does(made):
    name = plan(made, 6)
    box = Package(package_id="B1", weight_kg=Decimal("2.5"), contents=(("10", Decimal(5)),))
    with pytest.raises(GuardError, match="PACKAGES_DIFFER"):
        made.do(Pack(order_id="O-1", shipment_id=name, packages=(box,)))
    rest = Package(package_id="B2", weight_kg=Decimal(1), contents=(("10", Decimal(1)),))
    assert made.do(Pack(order_id="O-1", shipment_id=name, packages=(box, rest))).weight_kg == Decimal("3.5")


def test_a_hold_on_shipping_keeps_a_packed_shipment_in_the_house(made):
    name = plan(made, 6)
    made.do(Pack(order_id="O-1", shipment_id=name))
    made.do(PlaceHold(order_id="O-1", type=HoldType.CREDIT, reason="limit"))
    with pytest.raises(GuardError, match="HELD"):
        made.do(Ship(order_id="O-1", shipment_id=name))
    (hold,) = made.case().holds
    made.do(ReleaseHold(order_id="O-1", hold_id=hold.hold_id, reason="paid"))
    made.do(Ship(order_id="O-1", shipment_id=name))


@pytest.mark.parametrize(("policy", "is_refused"), [("any", False), ("complete_line", True), ("complete_order", True)])
def test_the_ship_policy_decides_on_partial_deliveries(policy, is_refused):
    shop = Shop()
    shop.order(ship_policy=ShipPolicy(policy))
    release(shop)
    shop.supply(pegs=(("O-1", "10", 10),))
    shop.report(good=Decimal(10), kind="finished")
    inspect(shop, passed=10)
    name = plan(shop, 6)
    shop.do(Pack(order_id="O-1", shipment_id=name))
    if is_refused:
        with pytest.raises(GuardError, match="NOT_COMPLETE"):
            shop.do(Ship(order_id="O-1", shipment_id=name))
    else:
        shop.do(Ship(order_id="O-1", shipment_id=name))


def test_a_split_conserves_quantities_and_both_parts_go_their_way(made):
    name = plan(made, 10)
    left, taken = made.do(SplitShipment(order_id="O-1", shipment_id=name, lines=(("10", Decimal(4)),)))
    assert (left.quantity("10"), taken.quantity("10")) == (6, 4)
    with pytest.raises(GuardError, match="NOTHING_LEFT"):
        made.do(SplitShipment(order_id="O-1", shipment_id=taken.key, lines=(("10", Decimal(4)),)))
    for part in (left, taken):
        made.do(Pack(order_id="O-1", shipment_id=part.key))
        made.do(Ship(order_id="O-1", shipment_id=part.key))
    assert made.counts().shipped == 10


EVENTS = (
    CarrierEvent(source="dhl", event_id="1", kind=CarrierEventKind.PICKED_UP, happened_at=NOON),
    CarrierEvent(source="dhl", event_id="2", kind=CarrierEventKind.EXCEPTION, happened_at=NOON + DAY, reason="FLOOD"),
    CarrierEvent(source="dhl", event_id="3", kind=CarrierEventKind.IN_TRANSIT, happened_at=NOON + 2 * DAY),
    CarrierEvent(
        source="dhl", event_id="4", kind=CarrierEventKind.DELIVERED, happened_at=NOON + 3 * DAY, signed_by="M. Muster"
    ),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2, 2, 3), (2, 0, 3, 1)])
@pytest.mark.parametrize("num_before", [0, 2])
def test_carriers_may_tell_in_any_order_twice_and_too_early(made, order, num_before):
    name = plan(made, 6)
    made.do(Pack(order_id="O-1", shipment_id=name))
    said = []
    for place, position in enumerate(order):
        if place == num_before:
            made.do(Ship(order_id="O-1", shipment_id=name))
        said.append(made.do(TellCarrierEvent(order_id="O-1", shipment_id=name, event=EVENTS[position])))
    assert said.count(Taken.REPEATED) == len(order) - len(set(order))
    shipment = made.case().shipment(name)
    assert (shipment.state, shipment.delivered_at) == (ShipmentState.DELIVERED, NOON + 3 * DAY)
    assert made.counts().delivered == 6
    assert [event.event_id for event in shipment.events] == ["1", "2", "3", "4"]


def test_a_proof_counts_once_and_stands_above_what_the_carrier_said(made):
    name = send(made, 6)
    made.do(TellCarrierEvent(order_id="O-1", shipment_id=name, event=EVENTS[3]))
    assert prove(made, name, quantities=(("10", Decimal(5)),)) is Taken.COUNTED
    assert prove(made, name, quantities=(("10", Decimal(5)),)) is Taken.REPEATED
    assert made.counts().delivered == 5
    assert made.case().shipment(name).missing("10") == 1
    with pytest.raises(GuardError, match="PROVED"):
        prove(made, name, proof="POD-2")


def test_an_order_is_complete_when_all_is_shipped_and_confirmed():
    shop = Shop()
    shop.order(spec={"length": "9..11"})
    release(shop)
    shop.supply(pegs=(("O-1", "10", 10),))
    shop.report(good=Decimal(10), kind="finished")
    with pytest.raises(GuardError, match="OUT_OF_SPECIFICATION"):
        inspect(shop, passed=10, measured={"length": ("12",)})
    inspect(shop, passed=10, measured={"length": ("10", "9.5")})
    send(shop, 6)
    assert [finding.code for finding in shop.do(CheckCompletion(order_id="O-1"))] == ["NOT_SHIPPED"]
    with pytest.raises(GuardError, match="NOT_SHIPPED"):
        shop.do(Complete(order_id="O-1"))
    waiting = plan(shop, 4)
    assert {finding.code for finding in shop.do(CheckCompletion(order_id="O-1"))} == {"NOT_SHIPPED", "SHIPMENT_WAITS"}
    shop.do(Pack(order_id="O-1", shipment_id=waiting))
    shop.do(Ship(order_id="O-1", shipment_id=waiting))
    assert shop.do(Complete(order_id="O-1")) is OrderState.COMPLETED
    with pytest.raises(UnlawfulStepError):
        shop.do(Complete(order_id="O-1"))
    customer = Actor.of("c", Role.CUSTOMER, customer_id="C-1")
    shop.do(GiveFeedback(order_id="O-1", rating=4, says="well made"), by=customer)
    assert shop.case().feedback[0].rating == 4
    with pytest.raises(GuardError, match="NOT_ASKED"):
        shop.do(GiveFeedback(order_id="O-1", rating=5), by=customer)


def test_a_tolerance_lets_an_order_be_complete():
    shop = Shop(under=Decimal("0.02"))
    shop.order(quantities=(100,))
    release(shop)
    shop.supply(quantity=98, pegs=(("O-1", "10", 98),))
    shop.report(good=Decimal(98), kind="finished")
    inspect(shop, passed=98)
    send(shop, 97)
    with pytest.raises(GuardError, match=r"97 of 100 shipped, at least 98\.00 must be"):
        shop.do(Complete(order_id="O-1"))
    send(shop, 1)
    assert shop.do(Complete(order_id="O-1")) is OrderState.COMPLETED


def test_returned_goods_wait_for_inspection_and_count_once(made):
    name = send(made, 10)
    prove(made, name)
    back = made.do(AnnounceReturn(order_id="O-1", lines=(("10", Decimal(3)),), reason="SCRATCHED", days=14))
    with pytest.raises(GuardError, match="TOO_MUCH"):
        made.do(AnnounceReturn(order_id="O-1", lines=(("10", Decimal(8)),), reason="SCRATCHED"))
    made.do(TellReturnSent(order_id="O-1", return_id=back, tracking_no="T1"))
    first = ReceiveReturn(
        order_id="O-1", return_id=back, source="gate", arrival_id="A1", quantities=(("10", Decimal(2)),), site="HALL"
    )
    assert made.do(first) is Taken.COUNTED
    assert made.do(first) is Taken.REPEATED
    assert made.case().returned(back).reception is ReceptionState.SHORT
    assert (made.counts().return_received, made.stock().in_inspection) == (2, 2)
    rest = first.model_copy(update={"arrival_id": "A2", "quantities": (("10", Decimal(1)),)})
    made.do(rest)
    assert made.case().returned(back).reception is ReceptionState.RECEIVED
    assert made.case().lines[0].return_status is Fill.PARTIAL


def test_wrong_goods_are_kept_apart_lost_and_late_ones_end_the_return(made):
    name = send(made, 10)
    prove(made, name)

    def announce():
        return made.do(AnnounceReturn(order_id="O-1", lines=(("10", Decimal(1)),), reason="BROKEN", days=14))

    wrong, lost, late = announce(), announce(), announce()
    made.do(
        ReceiveReturn(
            order_id="O-1", return_id=wrong, source="gate", arrival_id="A1", wrong=(("TABLE", Decimal(1)),), site="HALL"
        )
    )
    assert made.case().returned(wrong).reception is ReceptionState.WRONG_ITEM
    assert made.stock("TABLE").blocked == 1
    made.do(TellReturnSent(order_id="O-1", return_id=lost))
    made.do(EndReturn(order_id="O-1", return_id=lost, is_lost=True, reason="carrier"))
    made.now += timedelta(days=15)
    assert made.do(ExpireReturns()) == (late,)
    assert made.counts().return_received == 0


class Shipping(RuleBasedStateMachine):
    """Random lawful and unlawful commands on an order: quantities always make sense, stock is never below 0."""

    names = st.integers(1, 6).map(lambda number: f"O-1-S{number}")
    amounts = st.integers(1, 6)

    @initialize()
    def begin(self):
        self.shop = Shop()
        self.shop.order(quantities=(8,))
        release(self.shop)
        self.shop.supply(quantity=5, pegs=(("O-1", "10", 5),))
        reserve(self.shop, 3)
        self.pieces = 3

    def attempt(self, command):
        before = (self.shop.case(), self.shop.stock())
        try:
            self.shop.do(command)
        except CommandError:
            assert (self.shop.case(), self.shop.stock()) == before

    def on(self, kind, name, **said):
        try:
            self.attempt(kind(order_id="O-1", shipment_id=name, **said))
        except NotFoundError:
            assert all(shipment.key != name for shipment in self.shop.case().shipments)

    @rule(good=amounts)
    def make(self, good):
        try:
            self.shop.report(good=Decimal(good))
        except CommandError:
            return
        self.pieces += good

    @rule(passed=amounts, rejected=st.integers(0, 2))
    def look(self, passed, rejected):
        self.shop.num_reports += 1
        said = {"passed": Decimal(passed), "rejected": Decimal(rejected), "reason": "BAD"}
        name = f"I-{self.shop.num_reports}"
        before = self.shop.counts().scrapped
        self.attempt(Inspect(order_id="O-1", line_no="10", source="lab", inspection_id=name, **said))
        self.pieces -= self.shop.counts().scrapped - before

    @rule(quantity=amounts)
    def take(self, quantity):
        self.attempt(TakeFromStock(order_id="O-1", line_no="10", quantity=Decimal(quantity), site="HALL"))

    @rule(quantity=amounts)
    def put_back(self, quantity):
        self.attempt(PutBack(order_id="O-1", line_no="10", quantity=Decimal(quantity), site="HALL"))

    @rule(quantity=amounts)
    def plan(self, quantity):
        self.attempt(PlanShipment(order_id="O-1", lines=(("10", Decimal(quantity)),), site="HALL"))

    @rule(name=names)
    def pack(self, name):
        self.on(Pack, name)

    @rule(name=names)
    def ship(self, name):
        self.on(Ship, name)

    @rule(name=names)
    def cancel(self, name):
        found = next((one for one in self.shop.case().shipments if one.key == name), None)
        if found is not None and found.state in (ShipmentState.PLANNED, ShipmentState.PACKED):
            self.shop.do(CancelShipment(order_id="O-1", shipment_id=name, reason="x"))  # is never refused
        else:
            self.on(CancelShipment, name, reason="x")

    @rule(name=names, quantity=amounts)
    def split(self, name, quantity):
        self.on(SplitShipment, name, lines=(("10", Decimal(quantity)),))

    @rule(name=names, quantity=amounts)
    def deliver(self, name, quantity):
        self.on(ProveDelivery, name, proof="P", delivered_at=NOON, quantities=(("10", Decimal(quantity)),))

    @rule(quantity=amounts)
    def announce(self, quantity):
        self.attempt(AnnounceReturn(order_id="O-1", lines=(("10", Decimal(quantity)),), reason="X"))

    @rule(quantity=amounts)
    def receive(self, quantity):
        for back in self.shop.case().returns[-1:]:
            self.shop.num_reports += 1
            name = f"A-{self.shop.num_reports}"
            quantities = (("10", Decimal(quantity)),)
            self.attempt(
                ReceiveReturn(
                    order_id="O-1", return_id=back.key, source="g", arrival_id=name, quantities=quantities, site="HALL"
                )
            )

    @rule()
    def complete(self):
        self.attempt(Complete(order_id="O-1"))

    @invariant()
    def nothing_comes_from_nowhere(self):
        if not hasattr(self, "shop"):
            return
        case, stock = self.shop.case().check(), self.shop.stock().check()
        counts = case.lines[0].counts
        live = [shipment for shipment in case.shipments if shipment.is_live]
        packed = sum(one.quantity("10") for one in live if one.state is not ShipmentState.PLANNED)
        assert counts.packed == packed
        assert counts.shipped == sum(one.quantity("10") for one in live if one.has_left)
        in_house = stock.on_hand + stock.in_inspection + counts.produced + counts.from_stock - counts.shipped
        assert in_house + counts.shipped - counts.return_received - counts.scrapped >= 0
        made = self.shop.made().done
        assert stock.on_hand + counts.from_stock <= 3 + made
        assert counts.delivered - counts.return_received >= 0


TestShipping = Shipping.TestCase
TestShipping.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
