"""A promiser is shown what there is less what others have, and what others still need."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.stages.review.shop import BOB, SOON, ask, open_shop

from orderopt.errors import GuardError, InputError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.supply import SupplyProposed, SupplyStepped
from orderopt.models.life.review import Stage
from orderopt.models.life.states import OrderKind
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.stages.confirm.promiser import PromiseAsAsked
from orderopt.stages.review.first import CheckOrder


class Witness(PromiseAsAsked):
    """Remembers what it was shown last."""

    def promise(self, snapshot, order, lines):
        self.__dict__["shown"] = snapshot, order, lines
        return super().promise(snapshot, order, lines)


@pytest.fixture
def witness():
    return Witness()


@pytest.fixture
def shop(witness):
    shop = open_shop(promiser=witness)
    shop.stock("PUMP", 10)
    return shop


def show(shop, witness, order_id: str):
    shop.do(CheckOrder(order_id=order_id, stage=Stage.SECONDARY), by=BOB)
    return witness.__dict__["shown"]


def test_stock_of_others_is_theirs_and_what_they_lack_is_still_needed(shop, witness):
    shop.confirm("A", ask(quantity=7))
    shop.confirm("B", ask(quantity=7))  # 3 from stock, 4 have no source
    shop.submit("ASKED", ask(quantity=5))
    snapshot, order, lines = show(shop, witness, "ASKED")
    assert snapshot.stock == () or snapshot.stock[0].on_hand == 0
    assert [(line.name, line.quantity) for line in snapshot.order_lines] == [("B/1", 4)]
    assert [one.order_id for one in snapshot.orders] == ["B"]
    assert (order.order_id, [line.quantity for line in lines]) == ("ASKED", [5])


def test_an_order_that_is_asked_about_again_has_its_own_stock(shop, witness):
    shop.confirm("A", ask(quantity=7))
    snapshot, _, (line,) = show(shop, witness, "A")
    assert (snapshot.stock[0].on_hand, line.quantity) == (10, 7)


def test_supply_that_is_pegged_to_others_is_theirs(shop, witness):
    shop.confirm("A", ask(item_id="VALVE", quantity=6))
    peg = SupplyPeg(order_id="A", line_no="1", quantity=Decimal(6))
    supply = SupplyOrder(
        supply_id="PO",
        kind=SupplyKind.BUY,
        item_id="VALVE",
        source_id="S",
        quantity=Decimal(10),
        due_at=SOON,
        pegs=(peg,),
    )
    shop.tell(SupplyOrder, "PO", SupplyProposed(supply=supply), SupplyStepped(trigger="firm"))
    shop.submit("ASKED", ask(item_id="VALVE", quantity=5))
    snapshot, _, _ = show(shop, witness, "ASKED")
    assert [(row.receipt_id, row.quantity) for row in snapshot.receipts] == [("PO", 4)]
    assert snapshot.order_lines == ()


def test_inquiries_of_others_need_nothing_and_quotes_do(shop, witness):
    shop.confirm("I", ask(item_id="VALVE", quantity=6), kind=OrderKind.INQUIRY)
    shop.quote("Q", ask(item_id="VALVE", quantity=2))
    shop.submit("ASKED", ask())
    snapshot, _, _ = show(shop, witness, "ASKED")
    assert [line.name for line in snapshot.order_lines] == ["Q/1"]


def test_asking_records_nothing(shop, witness):
    shop.submit("ASKED", ask())
    before = len(list(shop.desk.store.events()))
    show(shop, witness, "ASKED")
    assert len(list(shop.desk.store.events())) == before


def test_data_that_cannot_be_planned_is_named():
    class Broken:
        def promise(self, snapshot, order, lines):
            raise InputError("it cannot be planned", [Finding(code="BOM_CYCLE", says="an item goes into itself")])

    shop = open_shop(promiser=Broken())
    shop.submit("ASKED", ask())
    with pytest.raises(GuardError, match="BOM_CYCLE"):
        shop.do(CheckOrder(order_id="ASKED", stage=Stage.SECONDARY), by=BOB)
