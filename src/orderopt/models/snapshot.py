"""A snapshot: all facts as of one moment, the input of every plan."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field

from orderopt.models.calendar import CalendarException, Shift
from orderopt.models.customer import Customer
from orderopt.models.finding import Finding
from orderopt.models.history import HistoryRecord
from orderopt.models.item import BomLine, Item, Operation, Setup, UnitConversion
from orderopt.models.network import (
    CapacityChange,
    Lane,
    Offer,
    ProductionUnit,
    Quota,
    Receipt,
    Resource,
    Stock,
    Supplier,
)
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.record import Record
from orderopt.models.result import FixedTask


class Snapshot(BaseModel):
    """All facts as of one moment; one attribute for each input table.

    Snapshots are frozen: a change makes a copy (:meth:`replace`). Cross-references are not checked here, so
    that an edit may be half done; reading and planning check them all at once.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> snapshot = Snapshot(settings=Policy(horizon_start=datetime(2026, 1, 5, tzinfo=UTC)))
    >>> snapshot
    <Snapshot from 2026-01-05 00:00 UTC: 0 orders, 0 lines, 0 items, 0 resources>
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: Policy
    customers: tuple[Customer, ...] = ()
    items: tuple[Item, ...] = ()
    orders: tuple[Order, ...] = ()
    order_lines: tuple[OrderLine, ...] = ()
    production_units: tuple[ProductionUnit, ...] = ()
    resources: tuple[Resource, ...] = ()
    operations: tuple[Operation, ...] = ()
    setups: tuple[Setup, ...] = ()
    calendars: tuple[Shift, ...] = ()
    calendar_exceptions: tuple[CalendarException, ...] = ()
    capacity_changes: tuple[CapacityChange, ...] = ()
    bom: tuple[BomLine, ...] = ()
    unit_conversions: tuple[UnitConversion, ...] = ()
    stock: tuple[Stock, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    suppliers: tuple[Supplier, ...] = ()
    offers: tuple[Offer, ...] = ()
    quotas: tuple[Quota, ...] = ()
    lanes: tuple[Lane, ...] = ()
    fixed_tasks: tuple[FixedTask, ...] = ()
    history: tuple[HistoryRecord, ...] = ()
    findings: tuple[Finding, ...] = Field(default=(), repr=False, description="What reading had to say.")

    def replace(self, **tables: Any) -> Snapshot:
        """Return a copy with some tables exchanged, for example ``replace(lanes=[...])``."""
        return Snapshot.model_validate({**{name: getattr(self, name) for name in type(self).model_fields}, **tables})

    def __repr__(self) -> str:
        local = self.settings.horizon_start.astimezone(self.settings.zone)
        return (
            f"<Snapshot from {local:%Y-%m-%d %H:%M %Z}: {len(self.orders)} orders, {len(self.order_lines)} lines, "
            f"{len(self.items)} items, {len(self.resources)} resources>"
        )

    __str__ = __repr__

    @cached_property
    def order(self) -> dict[str, Order]:
        """Orders by id."""
        return {order.order_id: order for order in self.orders}

    @cached_property
    def customer(self) -> dict[str, Customer]:
        """Customers by id."""
        return {customer.customer_id: customer for customer in self.customers}

    @cached_property
    def item(self) -> dict[str, Item]:
        """Items by id."""
        return {item.item_id: item for item in self.items}

    @cached_property
    def unit(self) -> dict[str, ProductionUnit]:
        """Production units by id."""
        return {unit.unit_id: unit for unit in self.production_units}

    @cached_property
    def resource(self) -> dict[str, Resource]:
        """Resources by id."""
        return {resource.resource_id: resource for resource in self.resources}

    @cached_property
    def supplier(self) -> dict[str, Supplier]:
        """Suppliers by id."""
        return {supplier.supplier_id: supplier for supplier in self.suppliers}

    @cached_property
    def routing(self) -> dict[tuple[str, str], dict[int, tuple[Operation, ...]]]:
        """Alternatives of every step, in order of the steps, by (item_id, unit_id)."""
        steps: dict[tuple[str, str], dict[int, list[Operation]]] = defaultdict(lambda: defaultdict(list))
        for operation in self.operations:
            steps[operation.item_id, operation.unit_id][operation.op_no].append(operation)
        return {key: {op_no: tuple(routing[op_no]) for op_no in sorted(routing)} for key, routing in steps.items()}

    @cached_property
    def units_of_item(self) -> dict[str, tuple[str, ...]]:
        """Units that can make an item, by item_id."""
        units: dict[str, list[str]] = defaultdict(list)
        for item_id, unit_id in self.routing:
            units[item_id].append(unit_id)
        return {item_id: tuple(found) for item_id, found in units.items()}

    @cached_property
    def components(self) -> dict[str, tuple[BomLine, ...]]:
        """Bill of material by item_id."""
        lines: dict[str, list[BomLine]] = defaultdict(list)
        for line in self.bom:
            lines[line.item_id].append(line)
        return {item_id: tuple(found) for item_id, found in lines.items()}

    @cached_property
    def conversions_of_item(self) -> dict[str, tuple[UnitConversion, ...]]:
        """Other units by item_id."""
        rows: dict[str, list[UnitConversion]] = defaultdict(list)
        for row in self.unit_conversions:
            rows[row.item_id].append(row)
        return {item_id: tuple(found) for item_id, found in rows.items()}

    @cached_property
    def offers_of_item(self) -> dict[str, dict[str, tuple[Offer, ...]]]:
        """Price breaks in rising order, by item_id and supplier_id."""
        offers: dict[str, dict[str, list[Offer]]] = defaultdict(lambda: defaultdict(list))
        for offer in self.offers:
            offers[offer.item_id][offer.supplier_id].append(offer)
        return {
            item_id: {
                supplier_id: tuple(sorted(breaks, key=lambda offer: offer.from_quantity))
                for supplier_id, breaks in by_supplier.items()
            }
            for item_id, by_supplier in offers.items()
        }

    @cached_property
    def lanes_from(self) -> dict[tuple[str, str], tuple[Lane, ...]]:
        """Lanes by (origin, destination)."""
        lanes: dict[tuple[str, str], list[Lane]] = defaultdict(list)
        for lane in self.lanes:
            lanes[lane.origin, lane.destination].append(lane)
        return {key: tuple(found) for key, found in lanes.items()}

    @cached_property
    def planned_lines(self) -> tuple[OrderLine, ...]:
        """Lines of open orders."""
        return tuple(line for line in self.order_lines if self.order[line.order_id].is_open)

    def priority(self, line: OrderLine) -> Any:
        """Return the priority of a line (Decimal): that of its customer times that of its order."""
        order = self.order[line.order_id]
        return order.priority * self.customer[order.customer_id].priority


def record_types() -> dict[str, type[Record]]:
    """Map each input table (settings apart) to the type of its records."""
    return {
        name: get_args(field.annotation)[0]
        for name, field in Snapshot.model_fields.items()
        if name not in {"settings", "findings"}
    }
