"""From the planner back to the desk: a plan becomes supply orders, reservations, promises and planned shipments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import InstanceOf

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.adopted_plan import AdoptedPlan, PlannedLine, PlannedPart, PlannedTask
from orderopt.models.life.happened.plan import OrderPlanned, PlanAdopted
from orderopt.models.life.happened.stock import StockReserved
from orderopt.models.life.happened.supply import SupplyPegged, SupplyProposed, SupplyStepped
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.stock_ledger import COMPONENT, StockLedger
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, SupplyPeg
from orderopt.models.plan import Plan
from orderopt.models.record import Id
from orderopt.models.result import DemandType, SourceType, SupplyType
from orderopt.models.snapshot import Snapshot, record_types
from orderopt.stages.book import Book, Command, does
from orderopt.stages.gather import PLANNED_STATES, find_need, gather_snapshot

Row = Mapping[str, Any]


class AdoptPlan(Command):
    """Make a plan what is to be done: its jobs and purchases are proposed, its stock reserved, its dates promised.

    What an earlier plan proposed and nobody has firmed is withdrawn. Refused with GuardError where the plan was
    made from data that has changed since; the findings list every difference.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER})

    plan_id: Id
    plan: InstanceOf[Plan]
    states: tuple[OrderState, ...] = PLANNED_STATES


@does(AdoptPlan)
def adopt_plan(command: AdoptPlan, book: Book) -> AdoptedPlan:
    """Record the plan everywhere; return its document."""
    plan = command.plan
    changes = find_changes(
        plan.snapshot,
        gather_snapshot(book, states=command.states, as_of=plan.snapshot.settings.horizon_start),
    )
    if changes:
        raise GuardError(f"plan {command.plan_id} was made from data that has changed; plan again", changes)
    pegs = _group(_rows(plan, "pegging"), "supply_type", "supply_id")
    names = {row["job_id"]: f"{command.plan_id}-{row['job_id']}" for row in _rows(plan, "jobs")}
    names.update((row["purchase_id"], f"{command.plan_id}-{row['purchase_id']}") for row in _rows(plan, "purchases"))
    withdrawn = _withdraw(book)
    for supply in (*_build_jobs(plan, command.plan_id), *_build_purchases(plan, command.plan_id)):
        own = pegs.get((str(SupplyType.JOB if supply.kind is SupplyKind.MAKE else SupplyType.PURCHASE), supply.key), ())
        named = supply.model_copy(update={"supply_id": names[supply.key], "pegs": _build_pegs(own, names)})
        book.begin(SupplyOrder, named.key, SupplyProposed(supply=named))
    _peg_receipts(book, pegs, names)
    _reserve_stock(book, pegs, names, {order.order_id for order in plan.snapshot.orders} | withdrawn)
    _plan_orders(book, plan, command.plan_id, names)
    summary = plan.summary
    facts = {name: str(getattr(summary, name)) for name in ("status", "objective", "bound", "gap", "strategy", "seed")}
    facts["input_hash"] = summary.input_hash
    return book.begin(
        AdoptedPlan, command.plan_id, PlanAdopted(plan_id=command.plan_id, facts=facts, counts=summary.counts)
    )


def find_changes(planned: Snapshot, current: Snapshot) -> list[Finding]:
    """Return every row in which two snapshots differ, seen from the one that was planned from."""
    return [
        Finding(
            code="OUTDATED_PLAN", table=table, subject="/".join(map(str, key)) or table, says=says, mend="plan again"
        )
        for table in record_types()
        if table != "history"
        for key, says in _compare_rows(getattr(planned, table), getattr(current, table))
    ]


def _compare_rows(planned: Sequence[Any], current: Sequence[Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    before, after = {row.key: row for row in planned}, {row.key: row for row in current}
    for key in before.keys() - after.keys():
        yield key, "is no longer there"
    for key in after.keys() - before.keys():
        yield key, "is new"
    for key in before.keys() & after.keys():
        if before[key] != after[key]:
            differing = [name for name, value in before[key] if value != getattr(after[key], name)]
            yield key, f"has another {', '.join(differing)}"


def _rows(plan: Plan, table: str) -> list[dict[str, Any]]:
    frame = getattr(plan, table)
    return [
        {name: None if value is None or value != value else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _group(rows: Sequence[Row], *columns: str) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(str(row[column]) for column in columns)].append(row)
    return found


def _withdraw(book: Book) -> set[str]:
    proposed = book.find(SupplyOrder, {"state": str(SupplyState.PROPOSED)})
    for supply in proposed:
        book.record(supply, SupplyPegged(pegs=()), SupplyStepped(trigger="withdraw"), why="a new plan")
    return {supply.key for supply in proposed}


def _build_jobs(plan: Plan, plan_id: str) -> Iterator[SupplyOrder]:
    tasks = _group(_rows(plan, "schedule"), "job_id")
    for job in _rows(plan, "jobs"):
        planned = [_build_task(row, plan_id) for row in tasks.get((job["job_id"],), ()) if not row["frozen"]]
        yield SupplyOrder(
            supply_id=job["job_id"],
            kind=SupplyKind.MAKE,
            item_id=job["item_id"],
            source_id=job["unit_id"],
            site=plan.snapshot.unit[job["unit_id"]].site or "",
            quantity=job["good_quantity"],
            starts_at=min((task.starts_at for task in planned), default=None),
            due_at=job["available_at"],
            plan_id=plan_id,
            tasks=tuple(planned),
        )


def _build_task(row: Row, plan_id: str) -> PlannedTask:
    return PlannedTask(
        task_id=f"{plan_id}-{row['task_id']}",
        op_no=row["op_no"],
        resource_id=row["resource_id"],
        unit_id=row["unit_id"],
        setup_minutes=row["setup_minutes"],
        starts_at=row["start"],
        ends_at=row["end"],
        quantity=row["quantity"],
    )


def _build_purchases(plan: Plan, plan_id: str) -> Iterator[SupplyOrder]:
    for purchase in _rows(plan, "purchases"):
        yield SupplyOrder(
            supply_id=purchase["purchase_id"],
            kind=SupplyKind.BUY,
            item_id=purchase["item_id"],
            source_id=purchase["supplier_id"],
            quantity=purchase["quantity"],
            starts_at=purchase["order_at"],
            due_at=purchase["receive_at"],
            unit_cost=purchase["unit_price"],
            plan_id=plan_id,
        )


def _build_pegs(rows: Sequence[Row], names: Mapping[str, str]) -> tuple[SupplyPeg, ...]:
    return tuple(
        SupplyPeg(order_id=holder, line_no=line, quantity=row["quantity"])
        if line is not None
        else SupplyPeg(supply_id=holder, quantity=row["quantity"])
        for row in rows
        for holder, line in [_find_holder(row, names)]
    )


def _find_holder(peg: Row, names: Mapping[str, str]) -> tuple[str, str | None]:
    """Return order and line, or supply order and None, that a peg is for."""
    demand = str(peg["demand_id"])
    if peg["demand_type"] == DemandType.LINE:
        order_id, _, line_no = demand.rpartition("/")
        return order_id, line_no
    return names[demand], None


def _peg_receipts(book: Book, pegs: Mapping[tuple[str, ...], Sequence[Row]], names: Mapping[str, str]) -> None:
    """Give committed supply to those whom the plan gives it to; what committed jobs wait for stays theirs."""
    for supply in book.find(SupplyOrder, {"open": "1"}):
        if supply.state is SupplyState.PROPOSED:
            continue
        rows = pegs.get((str(SupplyType.RECEIPT), supply.key), ())
        kept = tuple(peg for peg in supply.pegs if peg.supply_id is not None and peg.supply_id not in names.values())
        now = (*kept, *_add_given(supply, _build_pegs(rows, names)))
        if now != supply.pegs:
            book.record(supply, SupplyPegged(pegs=now))


def _add_given(supply: SupplyOrder, planned: Sequence[SupplyPeg]) -> tuple[SupplyPeg, ...]:
    """Return pegs on what is still to come, with what each has got already; lines that have enough keep that."""
    served = tuple(one for one in supply.credits if one.order_id is not None and one.good)
    more = tuple(peg for peg in planned if peg.target not in {one.target for one in served})
    to_come = {peg.target: peg.quantity for peg in planned}
    begun = (
        SupplyPeg(order_id=one.order_id, line_no=one.line_no, quantity=one.good + to_come.get(one.target, ZERO))
        for one in served
    )
    return (*begun, *more)


def _reserve_stock(
    book: Book, pegs: Mapping[tuple[str, ...], Sequence[Row]], names: Mapping[str, str], decided_anew: set[str]
) -> None:
    """Give stock to those whom the plan gives it to; what others have reserved stays theirs."""
    for ledger in book.find(StockLedger):
        change: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for one in ledger.reservations:
            if one.order_id in decided_anew:
                change[one.order_id, one.line_no] -= one.quantity
        for row in pegs.get((str(SupplyType.STOCK), ledger.key), ()):
            holder, line = _find_holder(row, names)
            change[holder, line or COMPONENT] += row["quantity"]
        facts = [
            StockReserved(item_id=ledger.item_id, site=ledger.site, order_id=holder, line_no=line, quantity=quantity)
            for (holder, line), quantity in sorted(change.items(), key=lambda entry: entry[1])
            if quantity
        ]
        if facts:
            book.record(ledger, *facts, why="a new plan")


def _plan_orders(book: Book, plan: Plan, plan_id: str, names: Mapping[str, str]) -> None:
    parts = _group(_rows(plan, "allocation"), "order_id")
    promises = _group(_rows(plan, "promises"), "order_id")
    travels = {part: row for row in _rows(plan, "shipments") for part in str(row["lines"]).split()}
    for order in plan.snapshot.orders:
        case = book.need(OrderCase, order.order_id)
        planned = tuple(_build_part(row, travels, names) for row in parts.get((order.order_id,), ()))
        served: dict[str, Decimal] = defaultdict(Decimal)
        for part in planned:
            if part.source_type is not SourceType.UNSERVED:
                served[part.line_no] += part.quantity
        lines = tuple(
            PlannedLine(
                line_no=str(row["line_no"]),
                allocated=served[str(row["line_no"])] + _find_settled(case, str(row["line_no"])),
                promised_at=row["promised_at"],
                explanation=row["explanation"],
            )
            for row in promises.get((order.order_id,), ())
        )
        book.record(case, OrderPlanned(plan_id=plan_id, lines=lines, parts=planned))


def _find_settled(case: OrderCase, line_no: str) -> Decimal:
    """Return how much of a line needs no source any more."""
    line = case.line(line_no)
    return max(ZERO, line.counts.wanted - find_need(line))


def _build_part(row: Row, travels: Mapping[str, Row], names: Mapping[str, str]) -> PlannedPart:
    shipment = travels.get(f"{row['order_id']}/{row['line_no']}/{row['part_no']}")
    supply = row["supply_id"]
    return PlannedPart(
        line_no=str(row["line_no"]),
        part_no=row["part_no"],
        source_type=row["source_type"],
        source_id=row["source_id"],
        supply_id=None if supply is None else names.get(supply, supply),
        quantity=row["quantity"],
        reason=row["reason"],
        departs_at=shipment and shipment["depart_at"],
        arrives_at=shipment and shipment["arrive_at"],
    )
