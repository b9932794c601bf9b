"""An order from a marketplace's export to its close, on every store, interrupted anywhere, with every total right."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.scenarios.story import EXPORT, MAPPING, OrderCase, build_desk, find, find_all, find_owed, play, tell

from orderopt.errors import StoreError
from orderopt.models.life.change import ChangeState
from orderopt.models.life.hold import HoldType
from orderopt.models.life.invoice import Invoice
from orderopt.models.life.quantities import Fill
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.queries import ShowHistory
from orderopt.storage.memory import MemoryStore
from orderopt.storage.opening import open_store
from orderopt.storage.verify import verify
from orderopt.tables.channels.deliveries import read_delivery

ORDER, TWIN = "M-1@marketplace", "R-9@sales_rep"


@pytest.fixture(scope="module")
def delivery(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "shop.csv"
    path.write_text(EXPORT, "utf-8")
    return read_delivery(path, MAPPING)


def find_end(store):
    """Everything that is true in the end: all documents, without salts and digests."""
    kinds = ("order", "stock", "supply", "account", "invoice", "payment", "batch", "plan", "tax", "catalogue")
    return {
        one.stream: (one.version, one.text, dict(one.apart), dict(one.labels))
        for kind in kinds
        for one in store.find(kind)
    }


@pytest.fixture(scope="module")
def end(delivery):
    """The end of the story in memory, without interruption."""
    store = MemoryStore()
    desk = build_desk(store)
    for step in tell(desk, delivery):
        play(desk, step)
    return find_end(store)


def test_the_whole_story_with_every_total_right(store, delivery, end):
    desk = build_desk(store)
    for step in tell(desk, delivery):
        play(desk, step)

    case, twin = find(desk, OrderCase, ORDER), find(desk, OrderCase, TWIN)
    assert (case.state, twin.state) == (OrderState.CLOSED, OrderState.CANCELLED)
    assert [hold.type for hold in twin.holds] == [HoldType.DUPLICATE]
    assert [request.state for request in case.changes] == [ChangeState.ACKNOWLEDGED]
    assert {review.reviewer for review in case.reviews} == {"alice", "bob"}
    red, blue = (line.counts for line in case.lines)
    assert (red.ordered, red.shipped, red.delivered, red.return_received, red.invoiced, red.credited) == (
        20,
        20,
        20,
        1,
        20,
        1,
    )
    assert (blue.ordered, blue.shipped, blue.delivered, blue.invoiced) == (8, 8, 8, 8)
    assert red.scrapped == 1
    assert all(line.fulfilment_status is Fill.FULL for line in case.lines)

    invoices = {document.number: document for document in find_all(desk, Invoice)}
    assert [document.gross for document in invoices.values()] == [
        Decimal("94.01"),
        Decimal("1342.32"),
        Decimal("1342.32"),
    ]
    net, tax = (20 * Decimal("79.00") + 8 * Decimal("84.50")), Decimal("0.19")
    invoiced = [document for number, document in invoices.items() if number.startswith("INV")]
    assert sum(document.gross for document in invoiced) == net * (1 + tax)
    assert find_owed(desk) == 0

    ledgers = {ledger.key: ledger for ledger in find_all(desk, StockLedger)}
    assert all(ledger.reserved == 0 for ledger in ledgers.values())
    assert ledgers["FRAME@KIEL"].on_hand == 0
    assert {order.state for order in find_all(desk, SupplyOrder)} == {SupplyState.DONE, SupplyState.CANCELLED}
    assert not list(verify(store).findings)
    assert find_end(store) == end


def test_the_history_says_who_did_what_and_hides_what_does_not_concern(store, delivery):
    desk = build_desk(store)
    for step in tell(desk, delivery):
        play(desk, step)
    history = desk.do(ShowHistory(order_id=ORDER), by=Actor.of("x", Role.SHOP_FLOOR))
    assert [row.version for row in history] == list(range(1, len(history) + 1))
    assert {row.actor for row in history} >= {"sam", "alice", "bob", "paula", "mes", "will", "fay", "shop"}
    assert "A. Person" not in str(history)
    assert "84.5" not in str(history)


class Dying:
    """A store that dies at one append: before it writes, or after it has written and before it says so."""

    def __init__(self, store, position, is_after):
        self._store, self._left, self._is_after = store, position, is_after

    def __getattr__(self, name):
        return getattr(self._store, name)

    def append(self, *arguments):
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise StoreError("the process was killed")
        self._store.append(*arguments)
        if self._left == 0:
            raise StoreError("the process was killed")


@pytest.mark.parametrize("stride", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_interrupted_and_resumed_at_each_step_the_end_is_the_same(delivery, end, stride):
    """A killed step was either kept whole, then the story goes on after it, or not at all, then it is told again."""
    num_steps = sum(1 for _ in replay(MemoryStore(), delivery))
    for position in range(1, num_steps + 1, stride):
        store = MemoryStore()
        assert sum(1 for _ in replay(Dying(store, position, is_after=position // stride % 2), delivery)) == num_steps
        assert find_end(store) == end, position


def replay(store, delivery):
    """Tell the story; after a death, look whether the step was kept, and tell it again if it was not."""
    desk = build_desk(store)
    for step in tell(desk, delivery):
        before = sum(1 for _ in store.events())
        try:
            play(desk, step)
        except StoreError:
            if sum(1 for _ in store.events()) == before:
                play(desk, step)
        yield step


def test_a_new_process_for_every_step_ends_the_same(store_url, delivery, end):
    store = open_store(store_url)
    steps = tell(build_desk(Reopened(store_url)), delivery)
    for step in steps:
        fresh = open_store(store_url)
        play(build_desk(fresh), step)
        fresh.close()
    assert find_end(store) == end
    store.close()


class Reopened:
    """Looks into a store through a new opening each time, as a new process would."""

    def __init__(self, url):
        self._url = url

    def __getattr__(self, name):
        def look(*arguments, **options):
            opened = open_store(self._url)
            try:
                return getattr(opened, name)(*arguments, **options)
            finally:
                opened.close()

        return look
