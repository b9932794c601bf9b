"""The Brunel supply chain: one day's window (L1) and the fewest days for all orders (L2)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.converters.brunel import build_snapshot, read_reference, read_source
from orderopt.models.plan import Plan
from orderopt.models.result import SourceType
from orderopt.models.snapshot import Snapshot
from orderopt.stages.plan import plan

UNSERVED_COST = Decimal(1_000_000)
"""Above the dearest way of serving an order (242,860): serving one more always pays."""

MINUTES_A_DAY = 1440


@dataclass(frozen=True)
class DaysComparison:
    """What a window of so many days allows: orders served in it, and what serving them costs."""

    name: str
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
    """Return the snapshot in which an order is served in the window or not at all: a minute late costs more."""
    lines = [
        line.model_copy(update={"unserved_cost": UNSERVED_COST, "tardiness_cost": UNSERVED_COST * MINUTES_A_DAY})
        for line in snapshot.order_lines
    ]
    return snapshot.replace(order_lines=lines)


def plan_days(
    folder: Path, *, name: str, days: int, strategy: str = "auto", time_limit: float, seed: int = 0
) -> tuple[Plan, DaysComparison]:
    """Plan as many orders as the window of some days holds, at least cost, and compare with the reference."""
    values = read_reference(folder)
    served, cost = {
        "L1": (values["L1_one_day_max_orders"], values["L1_one_day_min_cost_at_max_orders"]),
        "L2": (values["orders"], values["L2_min_cost_at_min_days"]),
    }[name]
    snapshot = refuse_late(build_snapshot(read_source(folder), days=days))
    began = time.monotonic()
    made = plan(snapshot, strategy=strategy, time_limit=time_limit, seed=seed)
    seconds = time.monotonic() - began
    return made, DaysComparison(
        name,
        days,
        len(snapshot.planned_lines),
        int((made.allocation.source_type != SourceType.UNSERVED).sum()),
        int(served),
        made.summary.terms["transport"],
        cost,
        str(made.summary.status),
        made.summary.gap,
        seconds,
    )
