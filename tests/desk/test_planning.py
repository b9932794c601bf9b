"""The desk gives the planner what is there, and takes its plan back."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

import orderopt
from orderopt.desk import OrderDesk
from orderopt.errors import GuardError
from orderopt.models.life.happened.order import HoldPlaced
from orderopt.models.life.happened.stock import StockReserved
from orderopt.models.life.hold import USUAL_BLOCKS, Blocks, Hold, HoldType
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.book import Command, does
from orderopt.stages.stock import CountStock
from orderopt.stages.take_over import TakeOver
from orderopt.storage.memory import MemoryStore

ME = Actor.of("me", Role.ADMINISTRATOR, Role.PLANNER)


@pytest.fixture(scope="module")
def given():
    return orderopt.read_snapshot("examples/small")


@pytest.fixture
def desk(given):
    desk = OrderDesk(MemoryStore(), clock=lambda: given.settings.horizon_start)
    desk.do(TakeOver(snapshot=given, reason="begin"), by=ME)
    return desk


class Tamper(Command):
    """Record any facts of any document."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    kind: type
    key: str
    facts: tuple


@does(Tamper)
def tamper(command, book):
    return book.record(book.need(command.kind, command.key), *command.facts)


def plan_now(desk):
    return orderopt.plan(desk.snapshot(by=ME), strategy="dispatch", time_limit=20, workers=1)


def read_all(desk, kind):
    return desk.do(ReadAll(kind=kind), by=ME)


class ReadAll(Command):
    """Return all documents of a kind."""

    ROLES = frozenset({Role.ADMINISTRATOR})
    kind: type


@does(ReadAll)
def find_all(command, book):
    return book.find(command.kind)


def test_what_was_taken_over_is_what_is_planned(desk, given):
    gathered = desk.snapshot(by=ME)
    for table in ("order_lines", "stock", "receipts", "fixed_tasks", "operations", "offers", "customers"):
        assert sorted(map(repr, getattr(gathered, table))) == sorted(map(repr, getattr(given, table))), table


def test_taking_over_twice_is_refused_and_changes_nothing(desk, given):
    before = [event.digest for event in desk.store.events()]
    with pytest.raises(GuardError, match="ALREADY_THERE"):
        desk.do(TakeOver(snapshot=given, reason="again"), by=ME)
    assert [event.digest for event in desk.store.events()] == before


def test_an_adopted_plan_stands_in_orders_supply_and_stock(desk):
    plan = plan_now(desk)
    desk.adopt(plan, by=ME, plan_id="P1")
    supply = {order.key: order for order in read_all(desk, SupplyOrder)}
    assert set(supply) == {f"P1-{name}" for name in (*plan.jobs.job_id, *plan.purchases.purchase_id)}
    assert sum(len(order.tasks) for order in supply.values()) == len(plan.schedule)
    pegged = sum(order.pegged for order in supply.values())
    in_stock = sum(ledger.reserved for ledger in read_all(desk, StockLedger))
    assert pegged + in_stock == plan.pegging.quantity.sum()
    served = plan.allocation[plan.allocation.source_type != "unserved"]
    cases = {case.key: case for case in read_all(desk, OrderCase)}
    for (order_id, line_no), rows in served.groupby(["order_id", "line_no"]):
        assert cases[order_id].line(line_no).counts.allocated == rows.quantity.sum()
    for row in plan.promises.itertuples():
        promised = cases[row.order_id].line(row.line_no).dates
        assert promised.first_promise == promised.last_promise == promised.projected
        assert promised.projected == (None if pd.isna(row.promised_at) else row.promised_at)


def test_a_second_plan_takes_the_place_of_the_first(desk):
    desk.adopt(plan_now(desk), by=ME, plan_id="P1")
    reserved = {ledger.key: ledger.reserved for ledger in read_all(desk, StockLedger)}
    second = plan_now(desk)
    desk.adopt(second, by=ME, plan_id="P2")
    open_supply = [order for order in read_all(desk, SupplyOrder) if order.state == "proposed"]
    assert {order.plan_id for order in open_supply} == {"P2"}
    assert {ledger.key: ledger.reserved for ledger in read_all(desk, StockLedger)} == reserved
    gone = [order for order in read_all(desk, SupplyOrder) if order.state == "cancelled"]
    assert gone
    assert not any(order.pegs for order in gone)


def test_a_plan_from_outdated_data_is_refused_with_every_difference(desk):
    plan = plan_now(desk)
    order = plan.snapshot.orders[0].order_id
    hold = Hold(
        hold_id="H1",
        type=HoldType.COMPLIANCE,
        blocks=USUAL_BLOCKS[HoldType.COMPLIANCE],
        reason="papers are missing",
        placed_by="me",
        placed_at=plan.snapshot.settings.horizon_start,
    )
    assert Blocks.PLAN in hold.blocks
    desk.do(Tamper(kind=OrderCase, key=order, facts=(HoldPlaced(hold=hold),)), by=ME)
    stock = plan.snapshot.stock[0]
    desk.do(CountStock(item_id=stock.item_id, site=stock.site, on_hand=stock.on_hand + 1, reason="found one"), by=ME)
    before = len(list(desk.store.events()))
    with pytest.raises(GuardError) as caught:
        desk.adopt(plan, by=ME, plan_id="P1")
    told = {(finding.table, finding.subject.split("/")[0]) for finding in caught.value.findings}
    assert told == {("orders", order), ("order_lines", order), ("stock", stock.item_id)}
    assert len(list(desk.store.events())) == before


def test_stock_kept_for_an_order_that_is_not_planned_is_not_planned_with(desk, given):
    stock = given.stock[0]
    kept = StockReserved(item_id=stock.item_id, site=stock.site, order_id="Q-1", line_no="1", quantity=Decimal(3))
    desk.do(Tamper(kind=StockLedger, key=stock.name, facts=(kept,)), by=ME)
    (left,) = [row for row in desk.snapshot(by=ME).stock if row.name == stock.name]
    assert left.on_hand == stock.on_hand - 3
