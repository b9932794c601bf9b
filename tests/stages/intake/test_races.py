"""Two programs that take in the same at the same moment: one is first, the other finds it there."""

from __future__ import annotations

import pytest
from tests.stages.intake.desks import NOW, SALES, case_of, count_events, delivery, make_desk, order, row

from orderopt.desk import OrderDesk
from orderopt.stages.intake.receive import ReceiveOrder
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.storage.memory import MemoryStore


class Racing(MemoryStore):
    """A store in which somebody else is first, once, at a chosen call."""

    def __init__(self, kept: MemoryStore, at: str) -> None:
        self.__dict__.update(kept.__dict__)
        self.at, self.rival = at, None

    def _race(self, at: str) -> None:
        if at == self.at and self.rival is not None:
            rival, self.rival = self.rival, None
            rival()

    def append(self, writes, *more, **others):
        self._race("append")
        super().append(writes, *more, **others)

    def load(self, stream):
        if stream.startswith(("order/", "batch/")):
            self._race("load")
        return super().load(stream)


ROWS = (row(2), row(3, quantity="-3"))
ONE = ReceiveBatch(delivery=delivery(*ROWS, source="one.csv"))
OTHER = ReceiveBatch(delivery=delivery(*ROWS, row(4), source="other.csv"))


@pytest.mark.parametrize("at", ["append", "load"])
@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (ReceiveOrder(channel="direct", order=order()), ReceiveOrder(channel="direct", order=order())),
        (ReceiveOrder(channel="direct", order=order()), ReceiveOrder(channel="direct", order=order(), new_id="O-1")),
        (ONE, ONE),
        (ONE, OTHER),
    ],
    ids=["order", "named order", "same file", "longer file"],
)
def test_who_comes_second_finds_what_is_there(at, mine, theirs):
    desk, one_after_the_other = make_desk(), make_desk()
    racing = OrderDesk(Racing(desk.store, at), clock=lambda: NOW)
    racing.store.rival = lambda: OrderDesk(_plain(racing.store), clock=lambda: NOW).do(theirs, by=SALES)
    racing.do(mine, by=SALES)
    assert racing.store.rival is None
    for command in (theirs, mine):
        one_after_the_other.do(command, by=SALES)
    assert count_events(racing) == count_events(one_after_the_other)
    for stored in one_after_the_other.store.find("order"):
        assert case_of(racing, stored.stream.split("/", 1)[1]).version == stored.version


def _plain(store: Racing) -> MemoryStore:
    plain = MemoryStore()
    plain.__dict__.update({name: value for name, value in store.__dict__.items() if name not in ("at", "rival")})
    return plain
