"""From the desk to the planner: all orders, stock and supply that are there now, as a snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from orderopt.models.life.hold import Blocks
from orderopt.models.life.line import CaseLine, OrderedLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderKind, OrderState, SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder
from orderopt.models.measure import PLACES
from orderopt.models.moment import ceil_minute
from orderopt.models.network import Receipt, ReceiptKind, Stock
from orderopt.models.order import Order, OrderLine
from orderopt.models.result import FixedTask
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book, Command, does

PLANNED_STATES = (OrderState.CONFIRMED, OrderState.IN_EXECUTION)
"""Orders that are planned unless others are asked for."""

COMMITTED = (SupplyState.FIRM, SupplyState.RELEASED, SupplyState.IN_PROGRESS)
"""Supply that a plan takes as given; what is only proposed is decided anew."""

_PASSED_ON = ("tardiness_cost", "late_cost", "earliness_cost", "unserved_cost", "release_at", "min_split")


class GatherSnapshot(Command):
    """Ask for a snapshot of all that there is to plan."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER})

    states: tuple[OrderState, ...] = PLANNED_STATES


@does(GatherSnapshot)
def answer_gather_snapshot(query: GatherSnapshot, book: Book) -> Snapshot:
    """Return the snapshot as of the book's moment."""
    return gather_snapshot(book, states=query.states)


def gather_snapshot(
    book: Book,
    *,
    states: Collection[OrderState] = PLANNED_STATES,
    also: Sequence[OrderCase] = (),
    as_of: datetime | None = None,
) -> Snapshot:
    """Return what there is to plan, and to plan with.

    Parameters
    ----------
    states
        Orders and quotes in these states are planned, but for those with a hold on PLAN; inquiries never are.
    also
        Further orders, for a what-if; they take the place of the stored ones of their names.
    as_of
        From when is planned; default: the book's moment, rounded up to a minute.

    Notes
    -----
    A line asks for what is neither shipped nor made for it already. Stock that is reserved for an order that is
    planned is planned with; what is reserved for others, and for jobs that are committed, is not. Committed supply
    comes as receipts, without what is meant for committed jobs, and its tasks keep their machines busy. A line is
    due when it was asked for, or when it was promised if that is later.
    """
    start = ceil_minute(as_of or book.at)
    found = (case for state in states for case in book.find(OrderCase, {"state": str(state)}))
    cases = {case.key: case for case in found if case.head.kind is not OrderKind.INQUIRY}
    cases.update((case.key, case) for case in also)
    lines = {key: tuple(_build_lines(case)) for key, case in sorted(cases.items())}
    planned = [key for key in lines if lines[key]]
    supply = {order.key: order for order in book.find(SupplyOrder, {"open": "1"})}
    committed = {key: order for key, order in supply.items() if order.state in COMMITTED}
    decided_anew = {*planned, *supply} - set(committed)
    master = book.master
    end = master.settings.horizon_end
    return master.replace(
        settings=master.settings.model_copy(
            update={"horizon_start": start, "horizon_end": end if end and end > start else None}
        ),
        orders=tuple(_build_order(cases[key]) for key in planned),
        order_lines=tuple(line for key in planned for line in lines[key]),
        stock=tuple(_build_stock(book.find(StockLedger), decided_anew)),
        receipts=tuple(_build_receipts(committed, start)),
        fixed_tasks=tuple(_build_fixed_tasks(committed.values(), start)),
    )


def find_need(line: CaseLine) -> Decimal:
    """Return what a line still needs a source for: wanted less what is taken from stock or made well for it."""
    counts = line.counts
    ready = counts.from_stock + counts.produced - counts.qc_rejected
    return max(ZERO, counts.wanted - max(ready, counts.shipped))


def _build_order(case: OrderCase) -> Order:
    head = case.head
    return Order(
        order_id=case.key,
        customer_id=head.customer_id,
        channel=head.channel,
        external_ref=head.external_ref,
        received_at=head.received_at,
        currency=head.currency,
        priority=head.priority,
        status=str(case.state),
    )


def _build_lines(case: OrderCase) -> Iterator[OrderLine]:
    for line in case.lines:
        need = find_need(line)
        if need == 0 or case.holds_on(Blocks.PLAN, line.line_no):
            continue
        ask = line.ask
        passed: dict[str, Any] = {name: ask.extra[name] for name in _PASSED_ON if ask.extra.get(name) is not None}
        yield OrderLine(
            order_id=case.key,
            line_no=line.line_no,
            item_id=ask.item_id,
            quantity=need,
            due_at=max(ask.requested_at, line.dates.last_promise or ask.requested_at),
            unit_price=_find_price(ask),
            may_split=ask.may_split,
            destination=ask.destination or case.head.destination,
            **passed,
        )


def _find_price(ask: OrderedLine) -> Decimal | None:
    if ask.unit_price is None or not ask.discount:
        return ask.unit_price
    return round(ask.unit_price * (1 - ask.discount), PLACES)


def _build_stock(ledgers: Iterable[StockLedger], decided_anew: Collection[str]) -> Iterator[Stock]:
    for ledger in ledgers:
        elsewhere = sum((one.quantity for one in ledger.reservations if one.order_id not in decided_anew), ZERO)
        usable = ledger.on_hand - elsewhere
        if usable > 0 or ledger.safety:
            yield Stock(item_id=ledger.item_id, on_hand=usable, site=ledger.site or None, safety_stock=ledger.safety)


def _build_receipts(committed: Mapping[str, SupplyOrder], start: datetime) -> Iterator[Receipt]:
    for order in committed.values():
        for_jobs = sum((peg.quantity for peg in order.pegs if peg.supply_id in committed), ZERO)
        if order.to_come > for_jobs:
            yield Receipt(
                receipt_id=order.key,
                item_id=order.item_id,
                quantity=order.to_come - for_jobs,
                available_at=max(order.due_at, start),
                site=order.site or None,
                kind=ReceiptKind.PURCHASE if order.kind is SupplyKind.BUY else ReceiptKind.WIP,
            )


def _build_fixed_tasks(supply: Iterable[SupplyOrder], start: datetime) -> Iterator[FixedTask]:
    for order in supply:
        for task in order.tasks:
            if task.ends_at > start:
                yield FixedTask(
                    task_id=task.task_id,
                    job_id=order.key,
                    item_id=order.item_id,
                    unit_id=task.unit_id,
                    op_no=task.op_no,
                    resource_id=task.resource_id,
                    setup_minutes=task.setup_minutes,
                    start=task.starts_at,
                    end=task.ends_at,
                    quantity=task.quantity,
                )
