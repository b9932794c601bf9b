"""Plants made by hand: machines of units U and V, a customer K, and lines that cost 1 a minute late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from orderopt.models.customer import Customer
from orderopt.models.item import Item, Operation
from orderopt.models.network import ProductionUnit, Resource
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.result import FixedTask
from orderopt.models.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
"""A Monday."""


def at(hours: float) -> datetime:
    """Return the moment some hours after the start."""
    return START + timedelta(hours=hours)


def line(order: str, quantity: int, due: float, item: str = "P", **more: Any) -> OrderLine:
    """Return a line that costs 1 a minute late."""
    return OrderLine(
        order_id=order,
        line_no="1",
        item_id=item,
        quantity=quantity,
        due_at=at(due),
        **({"tardiness_cost": 1440, "unserved_cost": 100_000} | more),
    )


def step(resource: str, minutes: float, item: str = "P", op_no: int = 10, **more: Any) -> Operation:
    """Return a step of a routing at the unit that the resource's name begins with."""
    return Operation(
        item_id=item, unit_id=resource[0], op_no=op_no, resource_id=resource, minutes_per_unit=minutes, **more
    )


def plant(lines: Sequence[OrderLine], operations: Sequence[Operation] = (), **more: Any) -> Snapshot:
    """Return a plant of units U and V with the machines that the routings name, 60 an hour each."""
    resources = {row.resource_id: row.unit_id for row in operations}
    made = [row.item_id for row in (*lines, *operations)]
    items = dict.fromkeys([*made, *(row.component_id for row in more.get("bom", ()))])
    tables: dict[str, Any] = {
        "settings": Policy(horizon_start=START),
        "customers": [Customer(customer_id="K")],
        "orders": [Order(order_id=name, customer_id="K") for name in dict.fromkeys(row.order_id for row in lines)],
        "items": [Item(item_id=name) for name in items],
        "order_lines": lines,
        "operations": operations,
        "production_units": [ProductionUnit(unit_id=name) for name in sorted(set(resources.values()))],
        "resources": [Resource(resource_id=name, unit_id=unit, cost_per_hour=60) for name, unit in resources.items()],
    }
    return Snapshot.model_validate(tables | more)


def fixed(start: float, end: float, **more: Any) -> FixedTask:
    """Return a fixed task of P on U1."""
    return FixedTask(
        **(
            {
                "task_id": "F",
                "job_id": "J",
                "item_id": "P",
                "unit_id": "U",
                "op_no": 10,
                "resource_id": "U1",
                "start": at(start),
                "end": at(end),
                "quantity": 1,
            }
            | more
        )
    )
