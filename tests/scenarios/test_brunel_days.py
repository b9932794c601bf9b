"""The Brunel supply chain planned by orderopt: as many orders as the docks take, at the least cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from benchmarks.converters.brunel import build_snapshot, judge_days, read_reference, read_source
from benchmarks.outside.brunel import Rest, plan_days

from orderopt.stages.plan import plan

if TYPE_CHECKING:
    from pathlib import Path

    from orderopt.models.snapshot import Snapshot


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "brunel_supply_chain"


def part_of(snapshot: Snapshot, num_orders: int) -> Snapshot:
    """Return the snapshot with its first orders only."""
    kept = {order.order_id for order in snapshot.orders[:num_orders]}
    return snapshot.replace(
        orders=[order for order in snapshot.orders if order.order_id in kept],
        order_lines=[line for line in snapshot.order_lines if line.order_id in kept],
        lanes=[lane for lane in snapshot.lanes if lane.destination.removeprefix("ORDER-") in kept],
    )


def test_300_orders_are_served_in_four_days_at_the_least_cost(folder: Path) -> None:
    snapshot = part_of(build_snapshot(read_source(folder), days=4), 300)
    served, cost = judge_days(snapshot, 4)
    made = plan(snapshot, time_limit=10.0, workers=1)
    assert made.summary.counts["lines_on_time"] == served == 300
    assert made.summary.terms["transport"] == pytest.approx(float(cost), abs=0.01)
    assert made.summary.status == "OPTIMAL"


@pytest.mark.slow
def test_all_orders_are_served_in_four_days_at_the_reference_cost(folder: Path) -> None:
    made, comparison = plan_days(folder, name="L2", days=4, time_limit=60.0)
    assert comparison.served == read_reference(folder)["orders"]
    assert comparison.cost == pytest.approx(comparison.reference_cost, abs=0.01)
    assert made.summary.status == "OPTIMAL"


@pytest.mark.slow
def test_one_day_serves_as_many_orders_as_the_reference_at_its_cost(folder: Path) -> None:
    made, comparison = plan_days(folder, name="L1", days=1, time_limit=60.0)
    assert comparison.served == comparison.reference_served
    assert comparison.cost == pytest.approx(comparison.reference_cost, abs=0.01)
    assert made.summary.status == "OPTIMAL"


@pytest.mark.slow
def test_one_day_takes_as_many_orders_as_the_reference_says_if_the_rest_may_be_late(folder: Path) -> None:
    made, comparison = plan_days(folder, name="L1", days=1, rest=Rest.LATE, time_limit=60.0)
    assert comparison.served == comparison.reference_served
    assert made.summary.counts["lines_unserved"] == 0
    assert Decimal(str(made.summary.terms["transport"])) >= Decimal(str(comparison.cost))
