"""The Brunel supply chain: one day's window (L1) and the fewest days for all orders (L2)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from benchmarks.converters.brunel import build_snapshot, read_reference, read_source
from orderopt.models.plan import Plan
from orderopt.models.snapshot import Snapshot
from orderopt.stages.plan import plan

UNSERVED_COST = Decimal(300_000)
"""Above the dearest way of serving an order (242,860): serving one more always pays."""

MINUTES_A_DAY = 1440


class Rest(StrEnum):
    """What becomes of orders that the window does not hold."""

    UNSERVED = "unserved"
    """Left out: the reference's reading."""

    LATE = "late"
    """Served after the window, at a small cost a day."""


@dataclass(frozen=True)
class DaysComparison:
    """What a window of so many days allows: orders served in it, and what serving those costs."""

    name: str
    rest: Rest
    days: int
    orders: int
    served: int
    reference_served: int
    cost: float
    reference_cost: float
    status: str
    gap: float | None
    seconds: float


def refuse_late(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot in which an order is served in the window or not at all.

    Orders are due when the last dock of the window's last day has closed, so that what comes later waits for the
    night; a cost a day that makes this wait dearer than not being served is then moderate.
    """
    closes = max(_minutes(shift.closes) for shift in snapshot.calendars)
    wait = MINUTES_A_DAY - closes
    lines = [
        line.model_copy(
            update={
                "due_at": line.due_at - timedelta(minutes=wait),
                "unserved_cost": UNSERVED_COST,
                "tardiness_cost": Decimal(round(2 * UNSERVED_COST * MINUTES_A_DAY / wait)),
            }
        )
        for line in snapshot.order_lines
    ]
    return snapshot.replace(order_lines=lines)


def _minutes(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return 60 * hours + minutes


def plan_days(
    folder: Path,
    *,
    name: str,
    days: int,
    rest: Rest = Rest.UNSERVED,
    strategy: str = "auto",
    time_limit: float,
    seed: int = 0,
) -> tuple[Plan, DaysComparison]:
    """Plan as many orders as the window of some days holds, at least cost, and compare with the reference."""
    values = read_reference(folder)
    served, cost = {
        "L1": (values["L1_one_day_max_orders"], values["L1_one_day_min_cost_at_max_orders"]),
        "L2": (values["orders"], values["L2_min_cost_at_min_days"]),
    }[name]
    snapshot = build_snapshot(read_source(folder), days=days)
    if rest is Rest.UNSERVED:
        snapshot = refuse_late(snapshot)
    began = time.monotonic()
    made = plan(snapshot, strategy=strategy, time_limit=time_limit, seed=seed)
    seconds = time.monotonic() - began
    return made, DaysComparison(
        name,
        rest,
        days,
        len(snapshot.planned_lines),
        made.summary.counts["lines_on_time"],
        int(served),
        _cost_in_time(made),
        cost,
        str(made.summary.status),
        made.summary.gap,
        seconds,
    )


def _cost_in_time(made: Plan) -> float:
    """Return what the lines that are on time cost; the converter has the whole cost of a line on its lane."""
    promises, shipments = made.promises, made.shipments
    on_time = set(promises[promises.on_time.astype(bool)].order_id)
    in_time = shipments.lines.str.partition("/")[0].isin(on_time)
    return float(sum(shipments[in_time].cost))
