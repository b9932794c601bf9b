"""The second review promises dates and keeps what they are made of, all or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from tests.stages.review.shop import ALICE, BOB, ROOT, SALES, SOON, ask, open_shop

from orderopt.errors import GuardError, QuantityError
from orderopt.models.life.happened.stock import StockTaken
from orderopt.models.life.happened.supply import SupplyProposed, SupplyStepped
from orderopt.models.life.hold import HoldType
from orderopt.models.life.promise import LinePromise, OrderPromise, Origin, PromisedPart
from orderopt.models.life.states import OrderKind, OrderState, SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.stages.confirm.confirm import PassSecondary
from orderopt.stages.confirm.release import Release
from orderopt.stages.review.again import ReviewAgain
from orderopt.stages.review.first import Claim, OverrideWarning
from orderopt.stages.review.holds import PlaceHold
from orderopt.stages.stock import CountStock

LATER = SOON + timedelta(days=5)


class Fixed:
    """A promiser that says what it is told to say."""

    def __init__(self) -> None:
        self.promises: dict[str, OrderPromise] = {}

    def promise(self, snapshot, order, lines):
        return self.promises[order.order_id]

    def say(self, order_id: str, *lines: LinePromise, hurt: tuple[str, ...] = ()) -> None:
        self.promises[order_id] = OrderPromise(lines=lines, hurt=hurt)


def line(line_no: str, at: datetime | None = SOON, **origins: tuple[str, int]) -> LinePromise:
    """Return the promise of a line, with parts as ``stock=("", 5)``."""
    parts = tuple(
        PromisedPart(
            origin=Origin(origin), source_id=source, quantity=Decimal(quantity), starts_at=SOON, available_at=SOON
        )
        for origin, (source, quantity) in origins.items()
    )
    return LinePromise(
        line_no=line_no, promised_at=at, quantity=sum((part.quantity for part in parts), Decimal(0)), parts=parts
    )


@pytest.fixture
def promiser():
    return Fixed()


@pytest.fixture
def shop(promiser):
    return open_shop(promiser=promiser)


def begin(shop, order_id: str, *lines, **head):
    shop.submit(order_id, *lines, **head)
    shop.pass_first(order_id)


def confirm(shop, order_id: str):
    return shop.do(PassSecondary(order_id=order_id), by=BOB)


def test_two_lines_that_share_stock_are_summed_first(shop, promiser):
    shop.stock("PUMP", 10)
    begin(shop, "O", ask("1", quantity=6), ask("2", quantity=6))
    promiser.say("O", line("1", stock=("", 6)), line("2", stock=("", 6)))
    with pytest.raises(GuardError, match="STOCK_SHORT"):
        confirm(shop, "O")
    assert shop.ledger("PUMP@").reserved == 0
    assert shop.order("O").state is OrderState.SECONDARY_REVIEW
    shop.stock("PUMP", 12)
    confirm(shop, "O")
    assert shop.ledger("PUMP@").reserved_for("O") == 12


def test_a_promise_of_what_another_order_has_is_refused_with_every_lack(shop, promiser):
    shop.stock("PUMP", 5)
    shop.stock("VALVE", 5, "EAST")
    begin(shop, "A", ask("1", quantity=4), ask("2", "VALVE", 4))
    promiser.say("A", line("1", stock=("", 4)), line("2", stock=("EAST", 4)))
    confirm(shop, "A")
    begin(shop, "B", ask("1", quantity=2), ask("2", "VALVE", 1), ask("3", "VALVE", 1))
    promiser.say("B", line("1", stock=("", 2)), line("2", stock=("EAST", 1)), line("3", stock=("EAST", 1)))
    with pytest.raises(GuardError) as caught:
        confirm(shop, "B")
    assert [finding.code for finding in caught.value.findings] == ["STOCK_SHORT", "STOCK_SHORT"]
    assert shop.ledger("PUMP@").reserved == 4
    assert shop.ledger("VALVE@EAST").reserved == 4


def test_everything_that_is_reserved_for_an_order_can_be_shipped(shop, promiser):
    shop.stock("PUMP", 10)
    begin(shop, "O", ask(quantity=10))
    promiser.say("O", line("1", stock=("", 10)))
    confirm(shop, "O")
    ledger = shop.ledger("PUMP@")
    assert (ledger.free, ledger.available_to("O"), ledger.available_to("P")) == (0, 10, 0)
    taken = StockTaken(item_id="PUMP", order_id="O", line_no="1", quantity=Decimal(10))
    after = shop.tell(StockLedger, "PUMP@", taken)
    assert (after.on_hand, after.reserved) == (0, 0)


def test_reviewing_again_keeps_what_the_order_has_and_reserves_it_once(shop, promiser):
    shop.stock("PUMP", 10)
    begin(shop, "O", ask(quantity=8))
    promiser.say("O", line("1", stock=("", 8)))
    confirm(shop, "O")
    shop.do(ReviewAgain(order_id="O", reason="the date was changed"), by=SALES)
    assert shop.ledger("PUMP@").reserved == 8
    shop.pass_first("O")
    promiser.say("O", line("1", LATER, stock=("", 8)))
    shop.do(Claim(order_id="O"), by=BOB)
    shop.do(OverrideWarning(order_id="O", rule="dates_can_be_kept", line_no="1", code="AGREED"), by=BOB)
    case = confirm(shop, "O")
    assert shop.ledger("PUMP@").reserved == 8
    assert case.line("1").counts.allocated == 8
    dates = case.line("1").dates
    assert (case.line("1").ask.requested_at, dates.first_promise, dates.last_promise) == (SOON, SOON, LATER)


def test_the_order_is_promised_for_its_latest_line(shop, promiser):
    begin(shop, "O", ask("1", requested_at=LATER), ask("2"))
    promiser.say("O", line("1", LATER, make=("U", 1)), line("2", SOON, make=("U", 1)))
    assert confirm(shop, "O").promised_at == LATER


def test_what_is_to_be_made_or_bought_is_proposed_and_pegged(shop, promiser):
    begin(shop, "O", ask("1", quantity=3), ask("2", "VALVE", 2))
    promiser.say("O", line("1", make=("U", 3)), line("2", buy=("S", 2)))
    case = confirm(shop, "O")
    supply = shop.supply()
    assert {(one.kind, one.source_id, one.quantity) for one in supply.values()} == {
        (SupplyKind.MAKE, "U", 3),
        (SupplyKind.BUY, "S", 2),
    }
    assert [(peg.order_id, peg.line_no, peg.quantity) for one in supply.values() for peg in one.pegs] == [
        ("O", "1", 3),
        ("O", "2", 2),
    ]
    assert [one.counts.allocated for one in case.lines] == [3, 2]


def test_committed_supply_is_pegged_and_not_beyond_what_is_to_come(shop, promiser):
    supply = SupplyOrder(
        supply_id="PO", kind=SupplyKind.BUY, item_id="PUMP", source_id="S", quantity=Decimal(10), due_at=SOON
    )
    shop.tell(SupplyOrder, "PO", SupplyProposed(supply=supply), SupplyStepped(trigger="firm"))
    begin(shop, "A", ask(quantity=7))
    promiser.say("A", line("1", supply=("PO", 7)))
    confirm(shop, "A")
    begin(shop, "B", ask(quantity=4))
    promiser.say("B", line("1", supply=("PO", 4)))
    with pytest.raises(GuardError, match="NOT_THERE: supply PO: 4 were promised from it, 3 can be had"):
        confirm(shop, "B")
    promiser.say("B", line("1", supply=("PO", 3)))
    confirm(shop, "B")
    assert shop.supply()["PO"].pegged == 10


def test_proposed_supply_cannot_be_promised_from(shop, promiser):
    supply = SupplyOrder(
        supply_id="PO", kind=SupplyKind.BUY, item_id="PUMP", source_id="S", quantity=Decimal(10), due_at=SOON
    )
    shop.tell(SupplyOrder, "PO", SupplyProposed(supply=supply))
    begin(shop, "A", ask(quantity=7))
    promiser.say("A", line("1", supply=("PO", 7)))
    with pytest.raises(GuardError, match="NOT_THERE"):
        confirm(shop, "A")


def test_a_line_that_cannot_be_had_fails_and_a_late_one_warns(shop, promiser):
    begin(shop, "O", ask("1"), ask("2"))
    promiser.say("O", line("1", None), line("2", LATER, make=("U", 1)), hurt=("X/1",))
    with pytest.raises(GuardError) as caught:
        confirm(shop, "O")
    assert {finding.code for finding in caught.value.findings} == {"NO_DATE", "DATE_LATE", "OTHERS_HURT"}


def test_a_hold_on_confirm_stands_in_the_way(shop, promiser):
    begin(shop, "O", ask())
    promiser.say("O", line("1", make=("U", 1)))
    shop.do(PlaceHold(order_id="O", type=HoldType.DUPLICATE, reason="the same as P"), by=SALES)
    with pytest.raises(GuardError, match="a duplicate hold blocks confirm: the same as P"):
        confirm(shop, "O")


def test_an_inquiry_reserves_nothing(shop, promiser):
    shop.stock("PUMP", 5)
    begin(shop, "O", ask(quantity=5), kind=OrderKind.INQUIRY)
    promiser.say("O", line("1", stock=("", 5)))
    case = confirm(shop, "O")
    assert case.promised_at == SOON
    assert shop.ledger("PUMP@").reserved == 0
    assert case.line("1").counts.allocated == 0
    with pytest.raises(GuardError, match="it is an inquiry"):
        shop.do(Release(order_id="O"), by=SALES)


def test_an_order_that_changed_after_the_first_review_is_not_confirmed(shop, promiser):
    begin(shop, "O", ask())
    promiser.say("O", line("1", make=("U", 1)))
    shop.revise("O")
    with pytest.raises(GuardError, match="REVIEWED_ANOTHER"):
        confirm(shop, "O")


def test_release_needs_an_order_that_is_free_of_holds(shop, promiser):
    begin(shop, "O", ask())
    promiser.say("O", line("1", make=("U", 1)))
    confirm(shop, "O")
    shop.do(PlaceHold(order_id="O", type=HoldType.MANUAL, reason="wait for the drawing"), by=SALES)
    with pytest.raises(GuardError, match="a manual hold blocks release: wait for the drawing"):
        shop.do(Release(order_id="O"), by=SALES)


def test_eight_at_once_never_oversell():
    shop = open_shop()
    shop.stock("PUMP", 20)
    for number in range(8):
        shop.submit(f"O{number}", ask(quantity=5))
        shop.pass_first(f"O{number}", by=ALICE)
    faults: list[Exception] = []

    def act(order_id: str) -> None:
        try:
            shop.do(PassSecondary(order_id=order_id), by=BOB)
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    threads = [Thread(target=act, args=(f"O{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    ledger = shop.ledger("PUMP@")
    assert (ledger.on_hand, ledger.reserved, ledger.free) == (20, 20, 0)
    served = [shop.order(f"O{number}").line("1").counts.allocated for number in range(8)]
    assert sorted(served) == [0, 0, 0, 0, 5, 5, 5, 5]


def test_proposals_are_withdrawn_when_the_order_is_confirmed_anew(shop, promiser):
    begin(shop, "O", ask(quantity=3))
    promiser.say("O", line("1", make=("U", 3)))
    confirm(shop, "O")
    shop.do(ReviewAgain(order_id="O", reason="the date was changed"), by=SALES)
    shop.pass_first("O")
    promiser.say("O", line("1", make=("V", 3)))
    confirm(shop, "O")
    states = {one.source_id: one.state for one in shop.supply().values()}
    assert states == {"U": SupplyState.CANCELLED, "V": SupplyState.PROPOSED}


def test_counting_less_than_is_reserved_is_refused(shop, promiser):
    shop.stock("PUMP", 5)
    begin(shop, "O", ask(quantity=5))
    promiser.say("O", line("1", stock=("", 5)))
    confirm(shop, "O")
    with pytest.raises(QuantityError, match="5 would be reserved of 4"):
        shop.do(CountStock(item_id="PUMP", on_hand=Decimal(4), reason="one is broken"), by=ROOT)


def test_nothing_is_promised_to_be_there_in_the_past():
    shop = open_shop(now=datetime(2026, 1, 5, tzinfo=UTC))
    assert shop.confirm("O", ask(requested_at=SOON)).promised_at == SOON


class OneADay:
    """Promises one pump a day out of a machine: as many days from now as there are pumps that others need.

    The first eight are asked for at the same moment.
    """

    def __init__(self) -> None:
        self.meeting = Barrier(8)
        self.first = iter(range(8))

    def promise(self, snapshot, order, lines):
        if next(self.first, None) is not None:
            self.meeting.wait(20)
        before = sum((one.quantity for one in snapshot.order_lines), Decimal(0))
        at = SOON + timedelta(days=int(before))
        part = PromisedPart(origin=Origin.MAKE, source_id="U", quantity=Decimal(1), starts_at=at, available_at=at)
        return OrderPromise(
            lines=tuple(
                LinePromise(line_no=one.line_no, promised_at=at, quantity=Decimal(1), parts=(part,)) for one in lines
            )
        )


def test_eight_at_once_are_not_promised_the_same_hours():
    shop = open_shop(promiser=OneADay())
    for number in range(8):
        shop.submit(f"O{number}", ask(requested_at=SOON + timedelta(days=30)))
        shop.pass_first(f"O{number}", by=ALICE)
    threads = [Thread(target=confirm, args=(shop, f"O{number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    promised = sorted(shop.order(f"O{number}").promised_at for number in range(8))
    assert promised == [SOON + timedelta(days=number) for number in range(8)]
