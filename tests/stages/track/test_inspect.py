"""Inspection: by characteristic, once, never more than is there; too much rejected holds the line."""

from __future__ import annotations

import pytest

from orderopt.errors import GuardError, QuantityError
from orderopt.models.life.alert import Alert
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.inspection import fits
from orderopt.models.life.states import SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.track.alerts import FindAlerts
from orderopt.stages.track.inspect import InspectStock
from orderopt.stages.track.release import CloseSupply, FirmSupply, ReleaseSupply
from orderopt.stages.track.report import Taken
from orderopt.stages.track.take import IssueMaterial, PutBack, TakeFromStock


@pytest.mark.parametrize(
    ("asked", "value", "is_fit"),
    [
        ("9.9..10.1", "10.1", True),
        ("9.9..10.1", "10.11", False),
        ("..5", "-3", True),
        ("5..", "4.99", False),
        ("red", "red", True),
        ("red", "Red", False),
        ("10", "10.00", True),
        ("1..2", "much", False),
        ("a..b", "1", False),
        ("..", "1", False),
        ("1..2", "NaN", False),
    ],
)
def test_a_measured_value_fits_a_value_or_a_range(asked, value, is_fit):
    assert fits(asked, value) is is_fit


def test_what_passes_must_be_measured_in_every_characteristic(shop):
    shop.order(spec={"width": "9.9..10.1", "colour": "red"})
    shop.release()
    shop.supply()
    shop.report(good=10)
    with pytest.raises(GuardError) as caught:
        shop.inspect(6, measured={"width": ("10.0", "10.3")})
    assert {finding.code for finding in caught.value.findings} == {"OUT_OF_SPECIFICATION", "NOT_MEASURED"}
    assert shop.inspect(6, measured={"width": ("10.0",), "colour": ("red",)}) is Taken.COUNTED
    assert shop.counts().qc_passed == 6


def test_an_inspection_counts_once(shop):
    shop.order()
    shop.release()
    shop.supply()
    shop.report(good=10)
    shop.inspect(4, name="A")
    assert shop.inspect(4, name="A") is Taken.REPEATED
    assert shop.counts().qc_passed == 4
    with pytest.raises(GuardError, match="REPORT_DIFFERS"):
        shop.inspect(5, name="A")


def test_no_more_is_inspected_than_is_there_and_nothing_is_rejected_without_a_reason(shop):
    shop.order()
    shop.release()
    shop.supply()
    shop.report(good=5)
    with pytest.raises(GuardError, match="NOTHING_TO_INSPECT"):
        shop.inspect(4, 2)
    with pytest.raises(GuardError, match="NO_REASON"):
        shop.inspect(4, 1, reason=None)
    shop.inspect(rework=2, reason="PAINT")
    assert (shop.counts().reworked, shop.counts().uninspected) == (2, 5)


def test_too_much_rejected_holds_the_line_and_only_its_shipping(shop):
    shop.order(quantities=(10, 10))
    shop.release()
    shop.supply()
    shop.report(good=10)
    shop.inspect(9, 1)
    assert not shop.case().holds
    shop.inspect(-1, 1, rejected_to="blocked", site="HALL")
    (hold,) = shop.case().holds
    assert (hold.type, hold.line_no) == (HoldType.QUALITY, "10")
    assert shop.case().holds_on(Blocks.SHIP, "10")
    assert not shop.case().holds_on(Blocks.SHIP, "20")
    assert not shop.case().holds_on(Blocks.RELEASE)
    assert (shop.counts().scrapped, shop.stock().blocked) == (1, 1)
    (alert,) = shop.do(FindAlerts())
    assert isinstance(alert, Alert)
    assert (alert.reason, alert.figures["rejected"]) == ("SCRATCH", "2")


def test_reserved_stock_counts_as_inspected_when_it_is_taken_and_comes_back_reserved(shop):
    shop.order()
    shop.release()
    shop.put_in_stock(8, reserved=5)
    before = shop.stock()
    shop.do(TakeFromStock(order_id="O-1", line_no="10", quantity=5, site="HALL"))
    assert (shop.counts().from_stock, shop.counts().qc_passed, shop.stock().on_hand) == (5, 5, 3)
    with pytest.raises(GuardError, match="NOT_RESERVED"):
        shop.do(TakeFromStock(order_id="O-1", line_no="10", quantity=1, site="HALL"))
    shop.do(PutBack(order_id="O-1", line_no="10", quantity=5, site="HALL"))
    assert shop.stock().model_copy(update={"version": before.version}) == before
    with pytest.raises(GuardError, match="NOT_TAKEN"):
        shop.do(PutBack(order_id="O-1", line_no="10", quantity=1, site="HALL"))


def test_components_wait_for_inspection_and_are_then_kept_for_the_job_that_needs_them(shop):
    shop.order()
    shop.supply("M-1")
    shop.supply("B-1", 30, (("M-1", 20),), kind="buy", item_id="LEG")
    shop.report("B-1", good=30)
    assert (shop.stock("LEG").in_inspection, shop.stock("LEG").free) == (30, 0)
    check = InspectStock(
        item_id="LEG", site="HALL", source="lab", inspection_id="7", passed=25, scrapped=1, supply_id="B-1"
    )
    assert [shop.do(check), shop.do(check)] == [Taken.COUNTED, Taken.REPEATED]
    ledger = shop.stock("LEG")
    assert (ledger.on_hand, ledger.in_inspection, ledger.reserved_for("M-1"), ledger.free) == (25, 4, 20, 5)
    shop.do(IssueMaterial(supply_id="M-1", item_id="LEG", site="HALL", quantity=22))
    ledger = shop.stock("LEG")
    assert (ledger.on_hand, ledger.reserved, ledger.free) == (3, 0, 3)
    with pytest.raises(QuantityError):
        shop.do(IssueMaterial(supply_id="M-1", item_id="LEG", site="HALL", quantity=4))


def test_closing_a_job_frees_what_it_did_not_use(shop):
    from orderopt.models.item import BomLine, Item
    from orderopt.stages.master import PutMaster

    items = (Item(item_id="CHAIR"), Item(item_id="LEG"))
    shop.do(PutMaster(records=(*items, BomLine(item_id="CHAIR", component_id="LEG", quantity_per=2))))
    shop.order()
    shop.supply("M-1")
    shop.supply("T-1", 20, (("M-1", 20),), kind="move", item_id="LEG", source_id="FAR")
    shop.put_in_stock(20, item_id="LEG", site="FAR")
    shop.report("T-1", good=20)
    assert shop.stock("LEG").reserved_for("M-1") == 20
    shop.do(IssueMaterial(supply_id="M-1", item_id="LEG", site="HALL", quantity=18))
    shop.report("M-1", good=10)
    shop.do(CloseSupply(supply_id="M-1"))
    assert (shop.stock("LEG").reserved, shop.stock("LEG").free) == (0, 2)
    assert shop.get(StockLedger, "LEG@FAR").on_hand == 0


def test_the_first_release_of_its_supply_brings_an_order_into_execution(shop):
    shop.order()
    shop.supply("M-1", released=False)
    shop.supply("B-1", 20, (("M-1", 20),), kind="buy", item_id="LEG", released=False)
    shop.do(FirmSupply(supply_id="B-1"))
    assert shop.do(ReleaseSupply(supply_id="B-1")) == ("O-1",)
    assert str(shop.case().state) == "in_execution"
    assert shop.get(SupplyOrder, "B-1").state is SupplyState.RELEASED


def test_a_hold_on_release_stops_components_too(shop):
    from orderopt.models.life.happened.order import HoldPlaced
    from orderopt.models.life.hold import USUAL_BLOCKS, Hold
    from orderopt.models.life.order_case import OrderCase

    from .shop import NOON, Lay

    shop.order()
    shop.supply("M-1", released=False)
    shop.supply("B-1", 20, (("M-1", 20),), kind="buy", item_id="LEG", released=False)
    hold = Hold(
        hold_id="H",
        type=HoldType.CREDIT,
        blocks=USUAL_BLOCKS[HoldType.CREDIT],
        reason="over the limit",
        placed_by="x",
        placed_at=NOON,
    )
    shop.do(Lay(kind=OrderCase, key="O-1", facts=(HoldPlaced(hold=hold),)))
    shop.do(FirmSupply(supply_id="B-1"))
    with pytest.raises(GuardError, match="HELD"):
        shop.do(ReleaseSupply(supply_id="B-1"))
