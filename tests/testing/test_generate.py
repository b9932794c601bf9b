from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest

from orderopt.models.consistency import find_inconsistencies
from orderopt.models.item import ANY_FAMILY
from orderopt.testing.generate import generate_snapshot
from orderopt.testing.load import judge_load


def test_the_same_seed_gives_the_same_snapshot() -> None:
    assert generate_snapshot(120, seed=3) == generate_snapshot(120, seed=3)


def test_another_seed_gives_another_snapshot() -> None:
    assert generate_snapshot(120, seed=3) != generate_snapshot(120, seed=4)


def test_the_global_random_generator_is_not_touched() -> None:
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    generate_snapshot(20, seed=9)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


@pytest.mark.parametrize("num_lines", [1, 2, 10, 50, 200, 2000])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_tables_fit_together(num_lines: int, seed: int) -> None:
    snapshot = generate_snapshot(num_lines, seed=seed)
    assert len(snapshot.order_lines) == num_lines
    assert find_inconsistencies(snapshot) == []


def test_a_plant_without_setups_and_transport_fits_together_too() -> None:
    snapshot = generate_snapshot(50, seed=2, setups=False, transport=False)
    assert find_inconsistencies(snapshot) == []
    assert snapshot.setups == ()
    assert all(operation.family is None for operation in snapshot.operations)
    assert all(line.destination is None for line in snapshot.order_lines)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("load", [0.6, 0.85])
def test_the_busiest_machine_is_about_as_loaded_as_asked(seed: int, load: float) -> None:
    peak = judge_load(generate_snapshot(400, seed=seed, load=load)).peak
    assert 0.85 * load < peak < 1.15 * load


def test_two_hundred_lines_are_about_twelve_hundred_tasks_on_twenty_five_machines() -> None:
    snapshot = generate_snapshot(200, seed=4)
    assert 1_100 < judge_load(snapshot).num_tasks < 1_300
    assert len(snapshot.resources) == 25
    assert len(snapshot.items) == 40
    assert len(snapshot.production_units) == 3
    assert len(snapshot.suppliers) == 6


def test_a_plant_has_every_feature() -> None:
    snapshot = generate_snapshot(500, seed=1)
    alternatives = Counter((row.item_id, row.unit_id, row.op_no) for row in snapshot.operations)
    breaks = Counter((offer.supplier_id, offer.item_id) for offer in snapshot.offers)
    made = set(snapshot.units_of_item)
    assert max(alternatives.values()) > 1
    assert max(breaks.values()) > 1
    assert any(len(units) > 1 for units in snapshot.units_of_item.values())
    assert any(line.item_id in made and line.component_id in made for line in snapshot.bom)
    assert any(resource.capacity > 1 for resource in snapshot.resources)
    assert any(resource.initial_family is None for resource in snapshot.resources)
    assert any(not operation.breakable for operation in snapshot.operations)
    assert any(operation.transfer_minutes for operation in snapshot.operations)
    assert any(line.may_split for line in snapshot.order_lines)
    assert any(line.release_at is not None for line in snapshot.order_lines)
    assert any(stock.safety_stock for stock in snapshot.stock)
    assert {lane.departs is None for lane in snapshot.lanes} == {True, False}
    assert {exception.open for exception in snapshot.calendar_exceptions} == {True, False}
    assert all((offer.min_quantity, offer.lot_multiple, offer.max_per_week) for offer in snapshot.offers)


def test_rows_for_any_family_come_with_rows_for_the_same_family() -> None:
    setups = generate_snapshot(2000, seed=0).setups
    free = {(row.resource_id, row.to_family) for row in setups if row.from_family == row.to_family and not row.minutes}
    wild = {(row.resource_id, row.to_family) for row in setups if row.from_family == ANY_FAMILY}
    assert wild
    assert wild <= free


@pytest.mark.parametrize("arguments", [{"num_lines": 0}, {"num_lines": 5, "load": 0.0}])
def test_nonsense_is_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        generate_snapshot(**arguments)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.serial
def test_a_hundred_thousand_lines_take_less_than_a_minute() -> None:
    begin = time.perf_counter()
    snapshot = generate_snapshot(100_000, seed=1)
    assert time.perf_counter() - begin < 60
    assert len(snapshot.order_lines) == 100_000
    assert find_inconsistencies(snapshot) == []
