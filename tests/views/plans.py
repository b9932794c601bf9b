"""Plans made by hand: what the views show is known to the last minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from orderopt.models.calendar import Shift
from orderopt.models.customer import Customer
from orderopt.models.item import Item, Operation
from orderopt.models.network import ProductionUnit, Resource, Supplier
from orderopt.models.order import Order, OrderLine
from orderopt.models.plan import PLAN_TABLES, Plan
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.models.summary import Status, Summary

ZONE = ZoneInfo("Europe/Berlin")
NASTY = "Shaft <script>document.title='hacked'</script>"
TERMS = ("unserved", "tardiness", "production", "setup", "purchase", "transport", "fairness", "change")


def at(text: str) -> datetime:
    """Return a wall-clock time of January 2026 in the plan's zone: ``05 06:30``."""
    return datetime.strptime(f"2026-01-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def frame(table: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return a table of a plan; times become aware columns in the plan's zone."""
    found = pd.DataFrame(rows, columns=list(PLAN_TABLES[table].columns()))
    for column in found.columns:
        if column in {"start", "end"} or column.endswith("_at"):
            found[column] = pd.to_datetime(found[column], utc=True).dt.tz_convert(ZONE)
    return found


def shifts(calendar_id: str, opens: str, closes: str) -> list[Shift]:
    """Return one shift a day, Monday to Friday."""
    return [Shift(calendar_id=calendar_id, weekday=day, opens=opens, closes=closes) for day in range(5)]


def summary(**changes: Any) -> Summary:
    """Return the summary of the small plan."""
    facts: dict[str, Any] = {
        "status": Status.FEASIBLE,
        "currency": "EUR",
        "objective": 1234.5,
        "terms": dict.fromkeys(TERMS, 0.0) | {"unserved": 700.0, "tardiness": 34.5, "production": 500.0},
        "weights": dict.fromkeys(TERMS, 1.0),
        "bound": 1111.05,
        "gap": 0.1,
        "strategy": "auto",
        "stop_reason": "time",
        "seed": 7,
        "workers": 1,
        "time_limit": 30.0,
        "counts": {"lines": 5, "lines_on_time": 2, "tasks": 7, "jobs": 5, "purchases": 1},
        "warnings": ("Item <b>STEEL</b> has no second source.",),
        "seconds": {"plan": 1.234},
        "peak_memory_mb": 321.5,
    }
    return Summary(**(facts | changes))


def small_snapshot() -> Snapshot:
    """Return two units, five resources, five order lines, and names in several scripts."""
    steps = [
        ("FLANGE", "NORTH", 10, "MILL-1", "steel"),
        ("FLANGE", "NORTH", 20, "OVEN", None),
        ("SHAFT", "NORTH", 10, "MILL-1", "brass $$x^2$$"),
        ("SHAFT", "NORTH", 20, "OVEN", None),
        ("FLANGE", "SOUTH", 10, "PRESS", "steel"),
        ("FLANGE", "SOUTH", 20, "PACK", None),
    ]
    lines = [
        ("SO-1", "FLANGE", 100, "07 12:00"),
        ("SO-2", "SHAFT", 40, "05 18:00"),
        ("SO-3", "FLANGE", 20, "08 12:00"),
        ("SO-4", "SHAFT", 5, "06 12:00"),
        ("SO-5", "FLANGE", 10, "09 12:00"),
    ]
    return Snapshot(
        settings=Policy(horizon_start=at("05 06:00"), timezone="Europe/Berlin"),
        customers=(Customer(customer_id="C1", name="Nordlicht & Töchter"), Customer(customer_id="C2", name="长城机械")),
        items=(
            Item(item_id="FLANGE", name="Flange 法兰", uom="pcs"),
            Item(item_id="SHAFT", name=NASTY, uom="pcs"),
            Item(item_id="STEEL", name="Steel bar", uom="m"),
        ),
        orders=tuple(Order(order_id=name, customer_id="C1" if name < "SO-3" else "C2") for name, *_ in lines),
        order_lines=tuple(
            OrderLine(order_id=name, line_no="1", item_id=item, quantity=Decimal(quantity), due_at=at(due))
            for name, item, quantity, due in lines
        ),
        production_units=(
            ProductionUnit(unit_id="NORTH", name="North 北方工厂"),
            ProductionUnit(unit_id="SOUTH", name="South <script>alert('unit')</script>"),
        ),
        resources=(
            Resource(resource_id="MILL-1", unit_id="NORTH", calendar_id="two"),
            Resource(resource_id="PRESS", unit_id="SOUTH", calendar_id="day"),
            Resource(resource_id="MILL-2", unit_id="NORTH", calendar_id="two"),
            Resource(resource_id="OVEN", unit_id="NORTH", capacity=2),
            Resource(resource_id="PACK", unit_id="SOUTH", calendar_id="day"),
        ),
        operations=tuple(
            Operation(item_id=item, unit_id=unit, op_no=number, resource_id=resource, family=family)
            for item, unit, number, resource, family in steps
        ),
        calendars=tuple(shifts("two", "06:00", "22:00") + shifts("day", "08:00", "17:00")),
        suppliers=(Supplier(supplier_id="S1", name="Stahl & Söhne"),),
    )


def small_tables() -> dict[str, pd.DataFrame]:
    """Return the tables of the small plan: one late line, one unserved, one partly served, one fixed task."""
    one, ten = Decimal(1), Decimal(10)
    tasks = [
        ("T1", "J1", "SO-1", "FLANGE", "NORTH", 10, "MILL-1", 30, "05 06:00", "05 10:00", 100, False),
        ("T2", "J1", "SO-1", "FLANGE", "NORTH", 20, "OVEN", 0, "05 10:00", "05 14:00", 100, False),
        ("T3", "J2", "SO-2", "SHAFT", "NORTH", 10, "MILL-1", 60, "05 10:00", "06 08:00", 40, False),
        ("T4", "J2", "SO-2", "SHAFT", "NORTH", 20, "OVEN", 0, "06 08:00", "06 12:00", 40, False),
        ("T5", "J3", "SO-3", "FLANGE", "SOUTH", 10, "PRESS", 60, "05 16:30", "06 09:30", 20, False),
        ("T6", "J0", None, "FLANGE", "SOUTH", 20, "PACK", 0, "05 08:00", "05 09:00", 3, True),
        ("T7", "J4", "SO-5", "FLANGE", "NORTH", 20, "OVEN", 0, "05 12:00", "05 16:00", 6, False),
    ]
    ends = {"J1": "05 14:00", "J2": "06 12:00", "J3": "06 09:30", "J0": "05 09:00", "J4": "05 16:00"}
    made = {job: (item, unit, quantity) for _, job, _, item, unit, *_, quantity, _ in tasks}
    parents = {"J1": "SO-1/1", "J2": "SO-2/1", "J3": "SO-3/1", "J4": "SO-5/1", "J0": None}
    promises = [
        (
            "SO-1",
            "07 12:00",
            "05 14:00",
            100,
            0,
            True,
            "resource MILL-1",
            "Made at NORTH; the mill is what it waits for.",
        ),
        (
            "SO-2",
            "05 18:00",
            "06 12:00",
            40,
            1080,
            False,
            "resource MILL-1",
            "Waits for MILL-1 <b>until</b> Monday 10:00.",
        ),
        ("SO-3", "08 12:00", "06 09:30", 20, 0, True, None, "Made at SOUTH, in time. 按时交货"),
        ("SO-4", "06 12:00", None, 0, 0, False, "material STEEL", "No source has enough."),
        ("SO-5", "09 12:00", "05 16:00", 6, 0, False, "material STEEL", "Steel for 6 of 10."),
    ]
    return {
        "allocation": frame(
            "allocation",
            [
                ("SO-1", "1", 1, "unit", "NORTH", "J1", Decimal(100), ten, "cheapest"),
                ("SO-2", "1", 1, "unit", "NORTH", "J2", Decimal(40), ten, "only routing"),
                ("SO-3", "1", 1, "unit", "SOUTH", "J3", Decimal(20), ten, "NORTH is full"),
                ("SO-4", "1", 1, "unserved", None, None, Decimal(5), Decimal(0), "no <i>steel</i> left 缺料"),
                ("SO-5", "1", 1, "unit", "NORTH", "J4", Decimal(6), ten, "cheapest"),
                ("SO-5", "1", 2, "unserved", None, None, Decimal(4), Decimal(0), "steel is short by 4 m"),
            ],
        ),
        "jobs": frame(
            "jobs",
            [
                (
                    job,
                    item,
                    unit,
                    Decimal(quantity),
                    Decimal(quantity),
                    "line" if parents[job] else "stock",
                    parents[job],
                    at(ends[job]),
                )
                for job, (item, unit, quantity) in made.items()
            ],
        ),
        "schedule": frame(
            "schedule",
            [
                (
                    task,
                    job,
                    order,
                    "1" if order else None,
                    item,
                    unit,
                    step,
                    resource,
                    Decimal(setup),
                    at(start),
                    at(end),
                    Decimal(quantity),
                    frozen,
                )
                for task, job, order, item, unit, step, resource, setup, start, end, quantity, frozen in tasks
            ],
        ),
        "purchases": frame(
            "purchases",
            [
                (
                    "P1",
                    "S1",
                    "STEEL",
                    Decimal("12.5"),
                    at("05 06:00"),
                    at("05 18:00"),
                    Decimal("4.20"),
                    Decimal("52.50"),
                    "J4",
                ),
            ],
        ),
        "shipments": frame("shipments", []),
        "pegging": frame(
            "pegging",
            [
                ("purchase", "P1", "STEEL", one, "job", "J4", at("05 18:00"), at("05 18:00")),
            ],
        ),
        "promises": frame(
            "promises",
            [
                (
                    order,
                    "1",
                    at(due),
                    at(promised) if promised else pd.NaT,
                    Decimal(quantity),
                    late,
                    on_time,
                    bottleneck,
                    why,
                )
                for order, due, promised, quantity, late, on_time, bottleneck, why in promises
            ],
        ),
    }


def many_tasks(num_tasks: int, num_resources: int = 24) -> Plan:
    """Return a plan with many one-step jobs, one a line, on two-shift resources of four units."""
    draw = np.random.default_rng(5)
    names = [f"M{number:03d}" for number in range(num_resources)]
    items = [f"ITEM-{number:02d}" for number in range(12)]
    units = [f"UNIT-{number}" for number in range(4)]
    ready = dict.fromkeys(names, at("05 06:00"))
    tasks, jobs, parts, promises, lines, orders = [], [], [], [], [], []
    for number in range(num_tasks):
        resource = names[number % num_resources]
        unit, item = units[number % num_resources % 4], items[int(draw.integers(12))]
        start = ready[resource]
        minutes = int(draw.integers(40, 240))
        if start.hour * 60 + start.minute + minutes > 22 * 60:
            start = (start + timedelta(days=3 if start.weekday() == 4 else 1)).replace(hour=6, minute=0)
        end = ready[resource] = start + timedelta(minutes=minutes)
        due = end + timedelta(minutes=int(draw.integers(-600, 9000)))
        late = max(0, int((end - due).total_seconds() // 60))
        order, quantity = f"SO-{number:05d}", Decimal(int(draw.integers(1, 90)))
        setup = Decimal(20 if draw.random() < 0.3 else 0)
        job = f"J{number:05d}"
        tasks.append(
            (f"T{number:05d}", job, order, "1", item, unit, 10, resource, setup, start, end, quantity, number % 97 == 0)
        )
        jobs.append((job, item, unit, quantity, quantity, "line", f"{order}/1", end))
        parts.append((order, "1", 1, "unit", unit, job, quantity, Decimal(10), "cheapest"))
        why = f"Made at {unit} on {resource}; it waits for the machine."
        promises.append((order, "1", due, end, quantity, late, late == 0, f"resource {resource}", why))
        orders.append(Order(order_id=order, customer_id=f"C{number % 40}"))
        lines.append(OrderLine(order_id=order, line_no="1", item_id=item, quantity=quantity, due_at=due))
    snapshot = Snapshot(
        settings=Policy(horizon_start=at("05 06:00"), timezone="Europe/Berlin"),
        customers=tuple(Customer(customer_id=f"C{number}", name=f"Customer {number}") for number in range(40)),
        items=tuple(Item(item_id=item, name=f"Part {item[-2:]}", uom="pcs") for item in items),
        orders=tuple(orders),
        order_lines=tuple(lines),
        production_units=tuple(ProductionUnit(unit_id=unit) for unit in units),
        resources=tuple(
            Resource(resource_id=name, unit_id=units[place % 4], calendar_id="two") for place, name in enumerate(names)
        ),
        operations=tuple(
            Operation(item_id=item, unit_id=units[place % 4], op_no=10, resource_id=name, family=f"family {item[-2:]}")
            for item in items
            for place, name in enumerate(names)
        ),
        calendars=tuple(shifts("two", "06:00", "22:00")),
    )
    tables = {name: frame(name, []) for name in PLAN_TABLES}
    tables |= {
        "schedule": frame("schedule", tasks),
        "jobs": frame("jobs", jobs),
        "allocation": frame("allocation", parts),
        "promises": frame("promises", promises),
    }
    return Plan(snapshot, summary(counts={"lines": num_tasks, "tasks": num_tasks}), tables)
