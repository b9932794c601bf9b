"""A right plan of any size: a flow line of five stages with shifts, changeovers, material and transport."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from orderopt.models.calendar import Shift
from orderopt.models.customer import Customer
from orderopt.models.item import BomLine, Item, Operation, Setup
from orderopt.models.network import Lane, ProductionUnit, Resource, Stock
from orderopt.models.order import Order, OrderLine
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DUE = datetime(2027, 1, 4, tzinfo=UTC)
NUM_STAGES = 5
SLOTS_A_DAY = 16
TEN, ONE, NOTHING = Decimal(10), Decimal(1), Decimal(0)


def build_big_snapshot(num_jobs: int, num_machines: int) -> Snapshot:
    """Return a flow line of five stages with so many machines each, and an order line a job."""
    machines = [[f"M{stage}-{machine}" for machine in range(num_machines)] for stage in range(NUM_STAGES)]
    return Snapshot(
        settings=Policy(horizon_start=MONDAY),
        customers=[Customer(customer_id="C")],
        items=[*(Item(item_id=f"I{family}") for family in range(2)), Item(item_id="RAW")],
        orders=[Order(order_id=f"O{job}", customer_id="C") for job in range(num_jobs)],
        order_lines=[
            OrderLine(
                order_id=f"O{job}",
                line_no="1",
                item_id=f"I{job // num_machines % 2}",
                quantity=TEN,
                due_at=DUE,
                destination="CUST",
            )
            for job in range(num_jobs)
        ],
        production_units=[ProductionUnit(unit_id="U", site="S")],
        resources=[
            Resource(resource_id=name, unit_id="U", calendar_id="TWO", initial_family="F1", cost_per_hour=TEN)
            for stage in machines
            for name in stage
        ],
        operations=[
            Operation(
                item_id=f"I{family}",
                unit_id="U",
                op_no=10 * stage + 10,
                resource_id=name,
                fixed_minutes=TEN,
                minutes_per_unit=Decimal(4),
                family=f"F{family}",
            )
            for family in range(2)
            for stage in range(NUM_STAGES)
            for name in machines[stage]
        ],
        setups=[
            Setup(resource_id=name, from_family="*", to_family=f"F{family}", minutes=TEN, cost=ONE)
            for stage in machines
            for name in stage
            for family in range(2)
        ],
        calendars=[Shift(calendar_id="TWO", weekday=day, opens="06:00", closes="22:00") for day in range(7)],
        bom=[BomLine(item_id=f"I{family}", component_id="RAW", quantity_per=Decimal("1.5")) for family in range(2)],
        stock=[Stock(item_id="RAW", on_hand=Decimal(15 * num_jobs), site="S")],
        lanes=[Lane(origin="S", destination="CUST", lead_time_hours=TEN, cost_fixed=ONE)],
    )


def _moments(minutes: np.ndarray) -> pd.Series:
    base = np.datetime64(MONDAY.replace(tzinfo=None), "us")
    return pd.Series(pd.to_datetime(base + minutes.astype("timedelta64[m]"), utc=True))


def build_big_plan(num_jobs: int, num_machines: int) -> dict[str, pd.DataFrame]:
    """Return a right plan for the flow line: every task takes one slot of an hour."""
    jobs = np.arange(num_jobs)
    job = np.repeat(jobs, NUM_STAGES)
    stage = np.tile(np.arange(NUM_STAGES), num_jobs)
    slot = job // num_machines + stage
    start = slot // SLOTS_A_DAY * 1440 + slot % SLOTS_A_DAY * 60 + 360
    end = start.reshape(-1, NUM_STAGES)[:, -1] + 60
    job_ids = pd.Series([f"J{number}" for number in jobs], dtype=object)
    order_ids = pd.Series([f"O{number}" for number in jobs], dtype=object)
    names = order_ids + "/1"
    items = pd.Series([f"I{family}" for family in jobs // num_machines % 2], dtype=object)
    machines = [f"M{place}-{machine}" for place, machine in zip(stage, job % num_machines, strict=True)]
    tables = {
        "allocation": {
            "order_id": order_ids,
            "line_no": "1",
            "part_no": 1,
            "source_type": "unit",
            "source_id": "U",
            "supply_id": job_ids,
            "quantity": TEN,
            "cost": NOTHING,
            "reason": "",
        },
        "jobs": {
            "job_id": job_ids,
            "item_id": items,
            "unit_id": "U",
            "quantity": TEN,
            "good_quantity": TEN,
            "parent_type": "line",
            "parent_id": names,
            "available_at": _moments(end),
        },
        "schedule": {
            "task_id": pd.Series([f"T{number}" for number in range(len(job))], dtype=object),
            "job_id": job_ids.to_numpy()[job],
            "order_id": order_ids.to_numpy()[job],
            "line_no": "1",
            "item_id": items.to_numpy()[job],
            "unit_id": "U",
            "op_no": 10 * stage + 10,
            "resource_id": machines,
            "setup_minutes": TEN,
            "start": _moments(start),
            "end": _moments(start + 60),
            "quantity": TEN,
            "frozen": False,
        },
        "purchases": {},
        "shipments": {
            "shipment_id": "S" + names,
            "origin": "S",
            "destination": "CUST",
            "mode": None,
            "depart_at": _moments(end),
            "arrive_at": _moments(end + 600),
            "quantity": TEN,
            "cost": ONE,
            "lines": names + "/1",
        },
        "pegging": {},
        "promises": {
            "order_id": order_ids,
            "line_no": "1",
            "due_at": DUE,
            "promised_at": _moments(end + 600),
            "quantity": TEN,
            "tardiness_minutes": np.maximum(end + 600 - 364 * 1440, 0),
            "on_time": end + 600 <= 364 * 1440,
            "bottleneck": None,
            "explanation": "",
        },
    }
    pegs = [
        pd.DataFrame(
            {
                "supply_type": "job",
                "supply_id": job_ids,
                "item_id": items,
                "quantity": TEN,
                "demand_type": "line",
                "demand_id": names,
                "available_at": _moments(end),
                "needed_at": _moments(end),
            }
        ),
        pd.DataFrame(
            {
                "supply_type": "stock",
                "supply_id": "RAW@S",
                "item_id": "RAW",
                "quantity": Decimal(15),
                "demand_type": "job",
                "demand_id": job_ids,
                "available_at": _moments(start[::NUM_STAGES] * 0),
                "needed_at": _moments(start[::NUM_STAGES]),
            }
        ),
    ]
    frames = {name: pd.DataFrame(cells, columns=list(PLAN_TABLES[name].columns())) for name, cells in tables.items()}
    return {**frames, "pegging": pd.concat(pegs, ignore_index=True)}
