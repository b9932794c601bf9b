"""Commands that look at the same things at once do not both act on what is no longer true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier, Thread

import pytest

from orderopt.desk import OrderDesk
from orderopt.errors import ConflictError, GuardError
from orderopt.models.life.happened.stock import StockMoved
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.stages.book import Command, does
from orderopt.stages.stock import CountStock
from orderopt.storage.memory import MemoryStore

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = Actor.of("me", Role.ADMINISTRATOR)
meeting = Barrier(2)


class TakeIfOthersHaveLeft(Command):
    """Take one from a shelf if both together hold more than one: the others are only looked at."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    mine: str
    other: str
    meets: list


@does(TakeIfOthersHaveLeft)
def take(command, book):
    mine, other = (book.need(StockLedger, f"{name}@") for name in (command.mine, command.other))
    if mine.on_hand + other.on_hand < 2:
        raise GuardError("only one is left")
    if command.meets:
        command.meets.pop()
        meeting.wait(10)
    return book.record(mine, StockMoved(item_id=command.mine, on_hand=Decimal(-1)))


def test_two_that_look_at_each_other_do_not_both_act(store):
    desk = OrderDesk(store, clock=lambda: NOW)
    for name in "AB":
        desk.do(CountStock(item_id=name, on_hand=1, reason="begin"), by=ME)
    ends = []

    def act(mine, other):
        try:
            desk.do(TakeIfOthersHaveLeft(mine=mine, other=other, meets=[1]), by=ME)
            ends.append("taken")
        except GuardError:
            ends.append("refused")

    threads = [Thread(target=act, args=pair) for pair in ("AB", "BA")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["refused", "taken"]


class TakeOne(Command):
    """Take one, while somebody else always is faster."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    meddle: object


@does(TakeOne)
def take_one(command, book):
    ledger = book.need(StockLedger, "A@")
    command.meddle()
    return book.record(ledger, StockMoved(item_id="A", on_hand=Decimal(-1)))


def test_who_is_never_first_is_told_so_and_nothing_is_lost(store):
    desk = OrderDesk(store, clock=lambda: NOW)
    desk.do(CountStock(item_id="A", on_hand=100, reason="begin"), by=ME)
    counts = iter(range(101, 200))

    def meddle():
        desk.do(CountStock(item_id="A", on_hand=next(counts), reason="found one"), by=ME)

    with pytest.raises(ConflictError, match="stock/A@ was changed in between"):
        desk.do(TakeOne(meddle=meddle), by=ME)
    assert next(counts) == 109


class LookAside(Command):
    """Count a shelf aside, then again after others have changed it."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    meanwhile: Callable[[], None]


@does(LookAside)
def look_aside(command, book):
    mine = book.record(book.need(StockLedger, "A@"), StockMoved(item_id="A", on_hand=Decimal(1)))
    aside = book.aside()
    seen = aside.need(StockLedger, "A@"), aside.need(StockLedger, "B@")
    aside.record(seen[0], StockMoved(item_id="A", on_hand=Decimal(50)))
    aside.record(seen[1], StockMoved(item_id="B", on_hand=Decimal(50)))
    command.meanwhile()
    return mine, *seen


def test_what_is_looked_at_aside_may_change_and_what_is_tried_there_is_forgotten():
    desk = OrderDesk(MemoryStore(), clock=lambda: NOW)
    for name in "AB":
        desk.do(CountStock(item_id=name, on_hand=1, reason="begin"), by=ME)
    tries = []

    def change():
        tries.append(1)
        desk.do(CountStock(item_id="B", on_hand=7, reason="found more"), by=ME)

    mine, of_a, of_b = desk.do(LookAside(meanwhile=change), by=ME)
    assert (mine.on_hand, of_a.on_hand, of_b.on_hand) == (2, 2, 1)
    assert len(tries) == 1
    kept = {one.stream: one.version for one in desk.store.find("stock")}
    assert kept == {"stock/A@": 2, "stock/B@": 2}


class CompareShelves(Command):
    """Refuse if two shelves do not hold the same, with something happening between the looks."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    meanwhile: Callable[[], None]


@does(CompareShelves)
def compare_shelves(command, book):
    first = book.need(StockLedger, "A@").on_hand
    command.meanwhile()
    if book.need(StockLedger, "B@").on_hand != first:
        raise GuardError("the shelves differ")
    return first


def test_a_refusal_by_what_was_true_only_in_between_is_looked_at_again():
    desk = OrderDesk(MemoryStore(), clock=lambda: NOW)
    for name in "AB":
        desk.do(CountStock(item_id=name, on_hand=1, reason="begin"), by=ME)
    changes = [lambda name=name: desk.do(CountStock(item_id=name, on_hand=2, reason="more"), by=ME) for name in "AB"]

    def change_both():
        while changes:
            changes.pop()()

    assert desk.do(CompareShelves(meanwhile=change_both), by=ME) == 2
    desk.do(CountStock(item_id="A", on_hand=9, reason="more"), by=ME)
    with pytest.raises(GuardError, match="the shelves differ"):
        desk.do(CompareShelves(meanwhile=lambda: None), by=ME)
