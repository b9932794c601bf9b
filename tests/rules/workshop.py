"""A small workshop and a right plan for it, made by hand; tests break it in one place at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from orderopt.models.calendar import Shift
from orderopt.models.customer import Customer
from orderopt.models.item import BomLine, Item, Operation, Setup
from orderopt.models.network import Lane, Offer, ProductionUnit, Receipt, Resource, Stock, Supplier
from orderopt.models.order import Order, OrderLine
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.policy import Policy
from orderopt.models.result import FixedTask
from orderopt.models.scorecard import Verdict
from orderopt.models.snapshot import Snapshot
from orderopt.rules.judge import judge_plan

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def at(day: int, clock: str) -> datetime:
    """Return a moment: days after Monday, and HH:MM in UTC."""
    hours, minutes = clock.split(":")
    return MONDAY + timedelta(days=day, hours=int(hours), minutes=int(minutes))


def build_workshop(**tables: Any) -> Snapshot:
    """Return the workshop: tables are assembled in U1 of legs that U2 makes; wood is bought, bolts lie there."""
    given: dict[str, Any] = {
        "settings": Policy(horizon_start=MONDAY, horizon_end=at(1, "00:00")),
        "customers": [Customer(customer_id="C", priority=Decimal(2))],
        "items": [Item(item_id=item_id) for item_id in ("TABLE", "LEG", "WOOD", "BOLT")],
        "orders": [
            Order(order_id="O1", customer_id="C", priority=Decimal("1.5")),
            Order(order_id="O2", customer_id="C"),
            Order(order_id="O9", customer_id="C", status="cancelled"),
        ],
        "order_lines": [
            OrderLine(
                order_id="O1",
                line_no="1",
                item_id="TABLE",
                quantity=Decimal(10),
                due_at=at(2, "00:00"),
                tardiness_cost=Decimal(72),
                destination="CUST",
            ),
            OrderLine(order_id="O1", line_no="2", item_id="WOOD", quantity=Decimal(5), due_at=at(2, "00:00")),
            OrderLine(
                order_id="O2",
                line_no="1",
                item_id="BOLT",
                quantity=Decimal(3),
                due_at=at(2, "00:00"),
                release_at=at(0, "06:00"),
            ),
            OrderLine(
                order_id="O2",
                line_no="2",
                item_id="TABLE",
                quantity=Decimal(4),
                due_at=at(4, "00:00"),
                unserved_cost=Decimal(100),
                may_split=True,
                min_split=Decimal(1),
                destination="PORT",
            ),
            OrderLine(order_id="O9", line_no="1", item_id="TABLE", quantity=Decimal(4), due_at=at(4, "00:00")),
        ],
        "production_units": [
            ProductionUnit(unit_id="U1", site="S1"),
            ProductionUnit(unit_id="U2", site="S2", quality=Decimal("0.8")),
        ],
        "resources": [
            Resource(resource_id="M1", unit_id="U1", calendar_id="DAY", cost_per_hour=Decimal(60), initial_family="A"),
            Resource(resource_id="M2", unit_id="U1"),
            Resource(resource_id="K", unit_id="U2", capacity=2, cost_per_hour=Decimal(30)),
        ],
        "operations": [
            Operation(
                item_id="TABLE",
                unit_id="U1",
                op_no=10,
                resource_id="M1",
                fixed_minutes=Decimal(10),
                minutes_per_unit=Decimal(5),
                family="B",
                transfer_minutes=Decimal(30),
            ),
            Operation(item_id="TABLE", unit_id="U1", op_no=20, resource_id="M2", minutes_per_unit=Decimal(2)),
            Operation(item_id="LEG", unit_id="U2", op_no=10, resource_id="K", minutes_per_unit=Decimal(1)),
        ],
        "setups": [Setup(resource_id="M1", from_family="A", to_family="B", minutes=Decimal(15), cost=Decimal(7))],
        "calendars": [Shift(calendar_id="DAY", weekday=day, opens="08:00", closes="16:00") for day in range(5)],
        "bom": [
            BomLine(item_id="TABLE", component_id="LEG", quantity_per=Decimal(4)),
            BomLine(item_id="TABLE", component_id="BOLT", quantity_per=Decimal(8), op_no=10),
            BomLine(item_id="TABLE", component_id="WOOD", quantity_per=Decimal(1), op_no=20),
        ],
        "stock": [Stock(item_id="BOLT", on_hand=Decimal(100), site="S1", safety_stock=Decimal(10))],
        "receipts": [
            Receipt(receipt_id="R1", item_id="TABLE", quantity=Decimal(1), available_at=at(0, "10:00"), site="S1")
        ],
        "suppliers": [Supplier(supplier_id="W")],
        "offers": [
            Offer(
                supplier_id="W",
                item_id="WOOD",
                lead_time_days=Decimal(1),
                unit_price=Decimal(2),
                min_quantity=Decimal(5),
                lot_multiple=Decimal(5),
                max_per_week=Decimal(20),
            ),
            Offer(
                supplier_id="W",
                item_id="WOOD",
                lead_time_days=Decimal(1),
                unit_price=Decimal("1.5"),
                min_quantity=Decimal(5),
                lot_multiple=Decimal(5),
                max_per_week=Decimal(20),
                from_quantity=Decimal(10),
            ),
        ],
        "lanes": [
            Lane(
                origin="S1",
                destination="CUST",
                mode="road",
                lead_time_hours=Decimal(24),
                cost_fixed=Decimal(10),
                cost_per_unit=Decimal("0.5"),
            ),
            Lane(
                origin="S1",
                destination="PORT",
                mode="ship",
                lead_time_hours=Decimal(48),
                cost_fixed=Decimal(20),
                capacity=Decimal(5),
                departs="0,2/12:00",
            ),
        ],
        "fixed_tasks": [
            FixedTask(
                task_id="F1",
                job_id="WIP",
                item_id="LEG",
                unit_id="U2",
                op_no=10,
                resource_id="K",
                start=at(-1, "23:00"),
                end=at(0, "01:00"),
                quantity=Decimal(5),
            ),
        ],
    }
    return Snapshot(**{**given, **tables})


def table(name: str, *rows: tuple[Any, ...]) -> pd.DataFrame:
    """Return a table of a plan from rows in the order of its columns."""
    columns = list(PLAN_TABLES[name].columns())
    return pd.DataFrame(list(rows), columns=columns, dtype=object)


def build_plan() -> dict[str, pd.DataFrame]:
    """Return a right plan for the workshop."""
    d = Decimal
    return {
        "allocation": table(
            "allocation",
            ("O1", "1", 1, "unit", "U1", "J1", d(10), d(0), ""),
            ("O1", "2", 1, "supplier", "W", "P1", d(5), d(0), ""),
            ("O2", "1", 1, "stock", "S1", "BOLT@S1", d(3), d(0), ""),
            ("O2", "2", 1, "receipt", "R1", "R1", d(1), d(0), ""),
            ("O2", "2", 2, "unserved", None, None, d(3), d(0), ""),
        ),
        "jobs": table(
            "jobs",
            ("J1", "TABLE", "U1", d(10), d(10), "line", "O1/1", at(1, "00:20")),
            ("J2", "LEG", "U2", d(50), d(40), "job", "J1", at(0, "00:50")),
            ("WIP", "LEG", "U2", d(5), d(4), "stock", None, at(0, "01:00")),
        ),
        "schedule": table(
            "schedule",
            ("T1", "J1", "O1", "1", "TABLE", "U1", 10, "M1", d(15), at(0, "08:00"), at(0, "09:15"), d(10), False),
            ("T2", "J1", "O1", "1", "TABLE", "U1", 20, "M2", d(0), at(1, "00:00"), at(1, "00:20"), d(10), False),
            ("T3", "J2", "O1", "1", "LEG", "U2", 10, "K", d(0), at(0, "00:00"), at(0, "00:50"), d(50), False),
            ("F1", "WIP", None, None, "LEG", "U2", 10, "K", d(0), at(-1, "23:00"), at(0, "01:00"), d(5), True),
        ),
        "purchases": table(
            "purchases",
            ("P1", "W", "WOOD", d(15), at(0, "00:00"), at(1, "00:00"), d("1.5"), d("22.5"), "J1 O1/2"),
        ),
        "shipments": table(
            "shipments",
            ("S-1", "S1", "CUST", "road", at(1, "00:20"), at(2, "00:20"), d(10), d(15), "O1/1/1"),
            ("S-2", "S1", "PORT", "ship", at(0, "12:00"), at(2, "12:00"), d(1), d(20), "O2/2/1"),
        ),
        "pegging": table(
            "pegging",
            ("job", "J1", "TABLE", d(10), "line", "O1/1", at(1, "00:20"), at(1, "00:20")),
            ("job", "J2", "LEG", d(40), "job", "J1", at(0, "00:50"), at(0, "08:00")),
            ("stock", "BOLT@S1", "BOLT", d(80), "job", "J1", at(0, "00:00"), at(0, "08:00")),
            ("purchase", "P1", "WOOD", d(10), "job", "J1", at(1, "00:00"), at(1, "00:00")),
            ("purchase", "P1", "WOOD", d(5), "line", "O1/2", at(1, "00:00"), at(1, "00:00")),
            ("stock", "BOLT@S1", "BOLT", d(3), "line", "O2/1", at(0, "00:00"), at(0, "06:00")),
            ("receipt", "R1", "TABLE", d(1), "line", "O2/2", at(0, "10:00"), at(0, "10:00")),
        ),
        "promises": table(
            "promises",
            ("O1", "1", at(2, "00:00"), at(2, "00:20"), d(10), 20, False, None, ""),
            ("O1", "2", at(2, "00:00"), at(1, "00:00"), d(5), 0, True, None, ""),
            ("O2", "1", at(2, "00:00"), at(0, "06:00"), d(3), 0, True, None, ""),
            ("O2", "2", at(4, "00:00"), at(2, "12:00"), d(1), 0, False, None, ""),
        ),
    }


def change(tables: dict[str, pd.DataFrame], name: str, row: int, **cells: Any) -> dict[str, pd.DataFrame]:
    """Return the tables with some cells of one row exchanged."""
    frame = tables[name].copy()
    for column, cell in cells.items():
        frame.iat[row, frame.columns.get_loc(column)] = cell
    return {**tables, name: frame}


def drop(tables: dict[str, pd.DataFrame], name: str, *rows: int) -> dict[str, pd.DataFrame]:
    """Return the tables without some rows."""
    return {**tables, name: tables[name].drop(index=list(rows)).reset_index(drop=True)}


def add(tables: dict[str, pd.DataFrame], name: str, *cells: Any) -> dict[str, pd.DataFrame]:
    """Return the tables with one more row."""
    return {**tables, name: pd.concat([tables[name], table(name, tuple(cells))], ignore_index=True)}


def judge(tables: dict[str, pd.DataFrame], **given: Any) -> Verdict:
    """Judge a plan of the workshop, with some of its tables exchanged."""
    return judge_plan(build_workshop(**given), tables)


def codes(verdict: Verdict) -> set[str]:
    """Return the kinds of violations found."""
    return {finding.code for finding in verdict.violations}
