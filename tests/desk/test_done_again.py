"""A command that is refused for what it read at different moments is done again; one that is refused rightly is not."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pytest

from orderopt.desk import OrderDesk
from orderopt.errors import GuardError
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.stages.book import Command, does
from orderopt.stages.stock import CountStock
from orderopt.storage.memory import MemoryStore

WES = Actor.of("wes", Role.WAREHOUSE)


class CompareStock(Command):
    """Refuse unless two items are equally many; somebody counts both in between."""

    ROLES: ClassVar = frozenset({Role.WAREHOUSE})
    between: list

    def interrupt(self):
        if self.between:
            self.between.pop()()


@does(CompareStock)
def compare_stock(command, book):
    first = book.need(StockLedger, "A@")
    command.interrupt()
    second = book.need(StockLedger, "B@")
    if first.on_hand != second.on_hand:
        raise GuardError(f"A is {first.on_hand}, B is {second.on_hand}")
    return second.on_hand


@pytest.fixture
def desk():
    return OrderDesk(MemoryStore())


def count(desk, a, b):
    for item_id, on_hand in (("A", a), ("B", b)):
        desk.do(CountStock(item_id=item_id, on_hand=Decimal(on_hand), reason="counted"), by=WES)


def test_a_refusal_for_what_never_was_is_not_passed_on(desk):
    count(desk, 1, 1)
    asked = CompareStock.model_construct(between=[lambda: count(desk, 2, 2)])
    assert desk.do(asked, by=WES) == 2


def test_a_refusal_for_what_is_so_is_passed_on_at_once(desk):
    count(desk, 1, 2)
    asked = CompareStock.model_construct(between=[lambda: None, lambda: None])
    with pytest.raises(GuardError, match="A is 1, B is 2"):
        desk.do(asked, by=WES)
    assert len(asked.between) == 1
