"""Whether the tables of a snapshot fit together: keys, references, cycles, currencies, and lines with a source.

Each check looks at one question and returns every finding; :func:`find_inconsistencies` asks them all. An error
means that the row cannot be planned with; a warning that it is planned with as it stands.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from orderopt.models.customer import Customer
from orderopt.models.finding import Finding, Severity
from orderopt.models.snapshot import record_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orderopt.models.item import BomLine
    from orderopt.models.order import OrderLine
    from orderopt.models.record import Record
    from orderopt.models.snapshot import Snapshot

    Rows = Mapping[str, Sequence[int]] | None


def find_inconsistencies(snapshot: Snapshot, rows: Mapping[str, Sequence[int]] | None = None) -> list[Finding]:
    """Return everything in which the tables of a snapshot do not fit together.

    Parameters
    ----------
    snapshot
        What is to be planned.
    rows
        For each table the row number of each of its records, where they were read from a file; without it the
        findings name their subject only.

    Returns
    -------
    list of Finding
        In the order of the tables.
    """
    found = [finding for check in _CHECKS for finding in check(snapshot, rows)]
    places = {name: place for place, name in enumerate(record_types())}
    return sorted(found, key=lambda finding: (places.get(finding.table or "", -1), finding.row or 0))


def derive_customers(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot with a plain customer for each name in its orders, if it has no customers at all."""
    if snapshot.customers or not snapshot.orders:
        return snapshot
    names = dict.fromkeys(order.customer_id for order in snapshot.orders)
    return snapshot.replace(customers=tuple(Customer(customer_id=name) for name in names))


def known_keys(snapshot: Snapshot) -> dict[str, set[str]]:
    """Map each table that is pointed into to the names that stand in it.

    A calendar stands in its weekly shifts, in its exceptions, or in both.
    """
    known = {
        name: {getattr(record, record_type.KEY[0]) for record in getattr(snapshot, name)}
        for name, record_type in record_types().items()
        if len(record_type.KEY) == 1 or name == "calendars"
    }
    known["calendars"] |= {exception.calendar_id for exception in snapshot.calendar_exceptions}
    if not snapshot.customers:
        known["customers"] = {order.customer_id for order in snapshot.orders}
    return known


def _name_of(record: Record) -> str:
    return "/".join("" if part is None else str(part) for part in record.key)


def _find(  # one keyword for each part of a finding
    snapshot: Snapshot,
    rows: Rows,
    table: str,
    position: int,
    code: str,
    says: str,
    *,
    column: str | None = None,
    severity: Severity = Severity.ERROR,
    expected: str | None = None,
    mend: str | None = None,
) -> Finding:
    record = getattr(snapshot, table)[position]
    value = getattr(record, column, None) if column else None
    return Finding(
        code=code,
        severity=severity,
        table=table,
        row=rows[table][position] if rows and table in rows else None,
        column=column,
        value=None if value is None else str(value),
        subject=_name_of(record) or None,
        says=says,
        expected=expected,
        mend=mend,
    )


def _find_duplicates(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    for table, record_type in record_types().items():
        if not record_type.KEY:
            continue
        first: dict[Any, int] = {}
        for position, key in enumerate(map(attrgetter(*record_type.KEY), getattr(snapshot, table))):
            kept = first.setdefault(key, position)
            if kept != position:
                where = f"row {rows[table][kept]}" if rows and table in rows else "a row before it"
                yield _find(
                    snapshot,
                    rows,
                    table,
                    position,
                    "DUPLICATE_KEY",
                    f"has the same key as {where}, which is kept",
                    column=record_type.KEY[-1],
                    expected=f"one row for each {', '.join(record_type.KEY)}",
                    mend="remove one of the rows or rename it",
                )


def _find_unknown_references(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    known = known_keys(snapshot)
    for table, record_type in record_types().items():
        records = getattr(snapshot, table)
        for column, target in record_type.references().items():
            names = known[target]
            for position, record in enumerate(records):
                name = getattr(record, column)
                if name not in names and name is not None:
                    yield _find(
                        snapshot,
                        rows,
                        table,
                        position,
                        "UNKNOWN_REFERENCE",
                        f"{name!r} does not stand in {target}",
                        column=column,
                        expected=f"a {column} that stands in {target}",
                        mend=f"add it to {target} or correct it here",
                    )


def _find_unknown_lines_of_fixed_tasks(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    if not snapshot.fixed_tasks:
        return
    lines = {line.key for line in snapshot.order_lines}
    orders = set(snapshot.order)
    for position, task in enumerate(snapshot.fixed_tasks):
        if task.order_id is not None and task.order_id not in orders:
            yield _find(
                snapshot,
                rows,
                "fixed_tasks",
                position,
                "UNKNOWN_REFERENCE",
                f"{task.order_id!r} does not stand in orders",
                column="order_id",
                expected="an order_id that stands in orders",
                mend="add the order, or leave order_id and line_no empty",
            )
        elif task.line_no is not None and (task.order_id, task.line_no) not in lines:
            yield _find(
                snapshot,
                rows,
                "fixed_tasks",
                position,
                "UNKNOWN_REFERENCE",
                f"{task.order_id}/{task.line_no} does not stand in order_lines",
                column="line_no",
                expected="a line that stands in order_lines",
                mend="add the line, or leave order_id and line_no empty",
            )


def find_cycles(bom: Sequence[BomLine]) -> list[tuple[list[str], list[int]]]:
    """Return each knot of items that go into themselves.

    Returns
    -------
    list of (list of str, list of int)
        One cycle of the knot, its first item again at the end; and the positions of all rows of the knot.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    positions: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, line in enumerate(bom):
        graph.add_edge(line.item_id, line.component_id)
        positions[line.item_id, line.component_id].append(position)
    knots = []
    for items in nx.strongly_connected_components(graph):
        inside = sorted(positions[edge][0] for edge in graph.subgraph(items).edges)
        if inside:
            edges = nx.find_cycle(graph.subgraph(items), bom[inside[0]].item_id)
            rows = sorted(row for edge in graph.subgraph(items).edges for row in positions[edge])
            knots.append(([edges[0][0], *(edge[1] for edge in edges)], rows))
    return sorted(knots, key=lambda knot: knot[1])


def _find_bom_cycles(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    for cycle, positions in find_cycles(snapshot.bom):
        yield _find(
            snapshot,
            rows,
            "bom",
            positions[0],
            "BOM_CYCLE",
            f"an item goes into itself: {' → '.join(cycle)}",
            column="component_id",
            expected="a bill of material without a cycle",
            mend="remove one row of the cycle",
        )


def _find_foreign_resources(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    units = {resource.resource_id: resource.unit_id for resource in snapshot.resources}
    for table in ("operations", "fixed_tasks"):
        for position, record in enumerate(getattr(snapshot, table)):
            unit_id = units.get(record.resource_id, record.unit_id)
            if unit_id != record.unit_id:
                yield _find(
                    snapshot,
                    rows,
                    table,
                    position,
                    "WRONG_UNIT",
                    f"resource {record.resource_id} belongs to unit {unit_id}, not to {record.unit_id}",
                    column="resource_id",
                    expected=f"a resource of unit {record.unit_id}",
                    mend="correct resource_id or unit_id",
                )


def _find_foreign_money(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    currency = snapshot.settings.currency
    for table, severity in (("orders", Severity.WARNING), ("offers", Severity.ERROR)):
        for position, record in enumerate(getattr(snapshot, table)):
            if record.currency is not None and record.currency != currency:
                used = "; its prices are taken as they stand" if severity is Severity.WARNING else ""
                yield _find(
                    snapshot,
                    rows,
                    table,
                    position,
                    "FOREIGN_CURRENCY",
                    f"is in {record.currency}, the plan is in {currency}, and there are no exchange rates{used}",
                    column="currency",
                    severity=severity,
                    expected=currency,
                    mend=f"convert the prices to {currency}",
                )


def _find_odd_lanes(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    places = {place.site for table in ("stock", "receipts", "production_units") for place in getattr(snapshot, table)}
    places |= {*snapshot.unit, *snapshot.supplier}
    for position, lane in enumerate(snapshot.lanes):
        if lane.origin not in places:
            yield _find(
                snapshot,
                rows,
                "lanes",
                position,
                "UNKNOWN_ORIGIN",
                f"{lane.origin!r} is no site, unit or supplier; nothing can leave there",
                column="origin",
                severity=Severity.WARNING,
                expected="a site of a unit, stock or receipt, a unit_id or a supplier_id",
                mend="correct the origin if something should travel here",
            )


def _find_closed_resources(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    open_ever = {shift.calendar_id for shift in snapshot.calendars}
    open_ever |= {exception.calendar_id for exception in snapshot.calendar_exceptions if exception.open}
    known = known_keys(snapshot)["calendars"]
    for table in ("resources", "suppliers"):
        for position, record in enumerate(getattr(snapshot, table)):
            if record.calendar_id in known and record.calendar_id not in open_ever:
                yield _find(
                    snapshot,
                    rows,
                    table,
                    position,
                    "NEVER_OPEN",
                    f"calendar {record.calendar_id} never opens",
                    column="calendar_id",
                    severity=Severity.WARNING,
                    expected="a calendar with open time",
                    mend="add its shifts to calendars",
                )


def _find_senseless_bans(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    many = {resource.resource_id for resource in snapshot.resources if resource.capacity > 1}
    for position, setup in enumerate(snapshot.setups):
        if setup.forbidden and setup.resource_id in many:
            yield _find(
                snapshot,
                rows,
                "setups",
                position,
                "NO_SEQUENCE",
                f"resource {setup.resource_id} does several tasks at once, so that none follows another",
                column="forbidden",
                expected="a forbidden succession on a resource of capacity 1",
                mend="set forbidden to 0, or give each place of the resource a row of its own in resources",
            )


def _find_wrong_waits(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    batches: dict[tuple[str, str, int], Decimal | None] = {}
    for position, operation in enumerate(snapshot.operations):
        if operation.max_wait_minutes is not None and int(operation.max_wait_minutes) < (
            operation.transfer_minutes or 0
        ):
            yield _find(
                snapshot,
                rows,
                "operations",
                position,
                "WAIT_TOO_SHORT",
                f"the next step must begin within {operation.max_wait_minutes} minutes, but the transfer alone takes "
                f"{operation.transfer_minutes}",
                column="max_wait_minutes",
                expected="whole minutes not below transfer_minutes",
                mend="raise max_wait_minutes or lower transfer_minutes",
            )
        step = operation.item_id, operation.unit_id, operation.op_no
        if batches.setdefault(step, operation.transfer_batch) != operation.transfer_batch:
            yield _find(
                snapshot,
                rows,
                "operations",
                position,
                "MIXED_BATCHES",
                "another resource of the same step hands over in other batches",
                column="transfer_batch",
                expected="one transfer_batch for all rows of a step",
                mend="give all rows of the step the same transfer_batch",
            )


def _find_wrong_capacities(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    capacity = {resource.resource_id: resource.capacity for resource in snapshot.resources}
    for position, change in enumerate(snapshot.capacity_changes):
        most = capacity.get(change.resource_id)
        if most == 1:
            yield _find(
                snapshot,
                rows,
                "capacity_changes",
                position,
                "ONE_PLACE",
                f"resource {change.resource_id} does one task at a time; it is open or closed",
                column="resource_id",
                expected="a resource with a capacity above 1",
                mend="close it by a row of calendar_exceptions instead",
            )
        elif most is not None and change.capacity > most:
            yield _find(
                snapshot,
                rows,
                "capacity_changes",
                position,
                "TOO_MANY_PLACES",
                f"resource {change.resource_id} has {most} places at most",
                column="capacity",
                expected=f"0 to {most}",
                mend="raise the capacity in resources and lower it by rows for all other times",
            )


def _find_empty_routings(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    minutes: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    first: dict[tuple[str, str], int] = {}
    for position, operation in enumerate(snapshot.operations):
        key = operation.item_id, operation.unit_id
        first.setdefault(key, position)
        minutes[key] += operation.fixed_minutes + operation.minutes_per_unit
    for key, position in first.items():
        if not minutes[key]:
            yield _find(
                snapshot,
                rows,
                "operations",
                position,
                "NO_WORK",
                f"making {key[0]} at {key[1]} takes no time at all",
                column="minutes_per_unit",
                severity=Severity.WARNING,
                expected="fixed_minutes or minutes_per_unit above 0",
                mend="fill in the times",
            )


def _origins_of_items(snapshot: Snapshot) -> dict[str, set[str | None]]:
    origins: dict[str, set[str | None]] = defaultdict(set)
    for stock in snapshot.stock:
        if stock.free > 0:
            origins[stock.item_id].add(stock.site)
    for receipt in snapshot.receipts:
        origins[receipt.item_id].add(receipt.site)
    for item_id, unit_ids in snapshot.units_of_item.items():
        for unit_id in unit_ids:
            unit = snapshot.unit.get(unit_id)
            origins[item_id] |= {unit_id, unit.site if unit else None}
    for offer in snapshot.offers:
        origins[offer.item_id].add(offer.supplier_id)
    return origins


def _find_lines_without_source(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    origins = _origins_of_items(snapshot)
    leads_to: dict[str, set[str]] = defaultdict(set)
    for lane in snapshot.lanes:
        leads_to[lane.destination].add(lane.origin)
    open_orders = {order.order_id for order in snapshot.orders if order.is_open}
    for position, line in enumerate(snapshot.order_lines):
        if line.order_id not in open_orders:
            continue
        says = _why_unserved(line, origins, leads_to)
        if says is not None:
            yield _find(
                snapshot,
                rows,
                "order_lines",
                position,
                "NO_SOURCE",
                f"{says}; the line will stay unserved",
                column="item_id" if line.item_id not in origins else "destination",
                severity=Severity.WARNING,
                expected="stock, a receipt, a routing or an offer from which a lane leads to the destination",
                mend="add a source or a lane",
            )


def _why_unserved(
    line: OrderLine, origins: Mapping[str, set[str | None]], leads_to: Mapping[str, set[str]]
) -> str | None:
    if line.item_id not in origins:
        return f"nothing supplies {line.item_id}: no stock, receipt, routing or offer"
    places = origins[line.item_id]
    if line.destination is None or line.destination in places or places & leads_to.get(line.destination, set()):
        return None
    return f"no lane leads from a source of {line.item_id} to {line.destination}"


def _find_missing_customers(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    if snapshot.orders and not snapshot.customers:
        yield Finding(
            code="MISSING_TABLE",
            severity=Severity.WARNING,
            table="customers",
            says="is not there; customers are taken from the orders, each with priority 1",
            mend="add customers to give them names and priorities",
        )


def _find_wrong_quotas(snapshot: Snapshot, rows: Rows) -> Iterator[Finding]:
    total: dict[str, Decimal] = defaultdict(Decimal)
    for quota in snapshot.quotas:
        total[quota.item_id] += quota.share
    ordered = {line.item_id for line in snapshot.order_lines}
    for position, quota in enumerate(snapshot.quotas):
        if total[quota.item_id] != 1:
            yield _find(
                snapshot,
                rows,
                "quotas",
                position,
                "QUOTA_SHARES",
                f"the shares of {quota.item_id} add up to {total[quota.item_id]}",
                column="share",
                expected="shares of an item that add up to 1",
                mend="correct the shares, or add the source that lacks",
            )
        elif quota.item_id not in ordered:
            yield _find(
                snapshot,
                rows,
                "quotas",
                position,
                "QUOTA_UNUSED",
                f"no line orders {quota.item_id}; quotas of components are not looked at",
                column="item_id",
                severity=Severity.WARNING,
                expected="an item of an order line",
                mend="leave it, if the item is ordered at other times",
            )


_CHECKS = (
    _find_missing_customers,
    _find_duplicates,
    _find_unknown_references,
    _find_unknown_lines_of_fixed_tasks,
    _find_bom_cycles,
    _find_foreign_resources,
    _find_foreign_money,
    _find_odd_lanes,
    _find_closed_resources,
    _find_senseless_bans,
    _find_wrong_capacities,
    _find_wrong_waits,
    _find_empty_routings,
    _find_wrong_quotas,
    _find_lines_without_source,
)
