"""Deliveries, and what they are worth: on time, late, short, and late by how many quantity-days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from orderopt.models.plan import Plan
from orderopt.models.result import DemandType
from orderopt.models.snapshot import Snapshot

DAY = timedelta(days=1)
ZERO = Decimal(0)
PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Delivery:
    """A quantity that an order gets at a moment."""

    order_id: str
    at: datetime
    quantity: Decimal


@dataclass(frozen=True)
class Kpis:
    """What became of a set of orders; each delivery counts by itself, as in frePPLe's ``kpis.csv``.

    Attributes
    ----------
    on_time, late, short, over
        Quantities: delivered by the due date, after it, not at all, and more than was ordered.
    late_days
        Late quantity times its days late.
    """

    on_time: Decimal
    late: Decimal
    short: Decimal
    over: Decimal
    late_days: Decimal

    def is_no_worse_than(self, other: Kpis) -> bool:
        """Whether less is short, or as little and no more late in quantity-days."""
        return (self.short, self.late_days) <= (other.short, other.late_days)

    def __add__(self, other: Kpis) -> Kpis:
        return Kpis(
            self.on_time + other.on_time,
            self.late + other.late,
            self.short + other.short,
            self.over + other.over,
            self.late_days + other.late_days,
        )


NOTHING = Kpis(ZERO, ZERO, ZERO, ZERO, ZERO)


def judge_deliveries(snapshot: Snapshot, deliveries: Iterable[Delivery]) -> Kpis:
    """Return what a set of deliveries does for the planned lines of a snapshot (one line an order)."""
    of_order: Mapping[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        of_order[delivery.order_id].append(delivery)
    total = NOTHING
    for line in snapshot.planned_lines:
        on_time = late = ZERO
        days = ZERO
        for delivery in of_order.get(line.order_id, ()):
            if delivery.at <= line.due_at:
                on_time += delivery.quantity
            else:
                late += delivery.quantity
                days += delivery.quantity * Decimal((delivery.at - line.due_at) / DAY)
        left = line.quantity - on_time - late
        total += Kpis(on_time, late, max(left, ZERO), max(-left, ZERO), days.quantize(PLACES))
    return total


def read_deliveries(plan: Plan) -> list[Delivery]:
    """Return when each order of a plan gets how much, part by part; for lines that are collected."""
    pegs = plan.pegging
    return [
        Delivery(str(peg.demand_id).rpartition("/")[0], max(peg.available_at, peg.needed_at), peg.quantity)
        for peg in pegs[pegs.demand_type == DemandType.LINE].itertuples()
    ]
