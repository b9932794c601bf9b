"""The job shop fixture of frePPLe as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.converters.frepple.work import PLANT
from orderopt.models.customer import Customer
from orderopt.models.item import Item, Operation
from orderopt.models.network import ProductionUnit, Resource
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot


def build_jobshop(path: Path, *, due_hours: int = 930) -> Snapshot:
    """Return frePPLe's job shop fixture (FT10 of Fisher and Thompson, 1963) from its JSPLIB form.

    Every job is an order for one piece, due `due_hours` after the start; durations are hours. 930 is the least
    makespan there is, so that 930 can be kept by all and 929 cannot.
    """
    numbers = [list(map(int, line.split())) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    num_jobs, num_machines = numbers[0]
    start = datetime(2014, 1, 1, tzinfo=UTC)
    jobs = [f"job {job}" for job in range(num_jobs)]
    return Snapshot(
        settings=Policy(horizon_start=start, timezone="UTC", currency="USD"),
        customers=(Customer(customer_id="customer"),),
        items=tuple(Item(item_id=job) for job in jobs),
        orders=tuple(Order(order_id=f"order {job}", customer_id="customer") for job in jobs),
        order_lines=tuple(
            OrderLine(
                order_id=f"order {job}",
                line_no="1",
                item_id=job,
                quantity=Decimal(1),
                due_at=start + timedelta(hours=due_hours),
            )
            for job in jobs
        ),
        production_units=(ProductionUnit(unit_id=PLANT),),
        resources=tuple(Resource(resource_id=f"machine {machine}", unit_id=PLANT) for machine in range(num_machines)),
        operations=tuple(
            Operation(
                item_id=job,
                unit_id=PLANT,
                op_no=10 * (step + 1),
                resource_id=f"machine {machine}",
                fixed_minutes=Decimal(60 * hours),
            )
            for job, row in zip(jobs, numbers[1:], strict=True)
            for step, (machine, hours) in enumerate(zip(row[::2], row[1::2], strict=True))
        ),
    )
