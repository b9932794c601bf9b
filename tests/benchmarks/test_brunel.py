from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from benchmarks.converters.brunel import (
    Source,
    build_snapshot,
    judge_cheapest,
    judge_days,
    main,
    read_reference,
    read_source,
)  # fmt: skip

from orderopt.models.consistency import find_inconsistencies
from orderopt.tables.read import read_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from orderopt.models.snapshot import Snapshot


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    return shared_data / "brunel_supply_chain"


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    return build_snapshot(read_source(folder))


def test_the_tables_have_every_order_and_fit_together(folder: Path, snapshot: Snapshot) -> None:
    assert len(snapshot.order_lines) == read_reference(folder)["orders"]
    assert [finding for finding in find_inconsistencies(snapshot) if finding.is_error] == []


def test_the_cheapest_plan_without_limits_costs_what_the_reference_says(folder: Path, snapshot: Snapshot) -> None:
    assert float(judge_cheapest(snapshot)) == pytest.approx(
        read_reference(folder)["L0_uncapacitated_min_cost"], abs=0.01
    )


def test_one_day_handles_as_many_orders_as_the_reference_says_at_its_cost(folder: Path, snapshot: Snapshot) -> None:
    num_orders, cost = judge_days(snapshot, 1)
    assert num_orders == read_reference(folder)["L1_one_day_max_orders"]
    assert float(cost) == pytest.approx(read_reference(folder)["L1_one_day_min_cost_at_max_orders"], abs=0.01)


def test_all_orders_take_as_many_days_as_the_reference_says(folder: Path, snapshot: Snapshot) -> None:
    days = int(read_reference(folder)["L2_min_days_all_orders"])
    assert judge_days(snapshot, days - 1)[0] < len(snapshot.order_lines)
    num_orders, cost = judge_days(snapshot, days)
    assert num_orders == len(snapshot.order_lines)
    assert float(cost) == pytest.approx(read_reference(folder)["L2_min_cost_at_min_days"], abs=0.01)


def test_the_command_writes_tables_that_read_back_equal(folder: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    assert main([str(folder), str(tmp_path)]) == 0
    assert read_snapshot(tmp_path).replace(findings=()) == snapshot


def test_freight_follows_band_minimum_and_service() -> None:
    plants = {"plant": "P", "port": "Q", "product_id": "A", "cost_per_unit": "2", "orders_per_day": "3"}
    rate = {"orig_port": "Q", "service": "DTD", "min_weight": "0", "max_weight": "10", "min_cost": "7", "rate": "1"}
    order = {"customer": "C", "product_id": "A", "unit_quantity": "5"}
    source = Source(
        {
            "orders": [
                {**order, "order_id": "light", "service_level": "DTD", "weight_kg": "1"},
                {**order, "order_id": "heavy", "service_level": "DTD", "weight_kg": "9"},
                {**order, "order_id": "too-heavy", "service_level": "DTD", "weight_kg": "11"},
                {**order, "order_id": "collected", "service_level": "CRF", "weight_kg": "99"},
            ],
            "freight_rates": [{**rate, "mode": "AIR"}],
            "vmi_customers": [],
            "plant_ports": [plants],
            "products_per_plant": [plants],
            "warehouse_costs": [plants],
            "warehouse_capacities": [plants],
        }
    )
    costs = {lane.destination: lane.cost_fixed for lane in build_snapshot(source).lanes}
    assert costs == {"ORDER-light": Decimal(17), "ORDER-heavy": Decimal(19), "ORDER-collected": Decimal(10)}
