"""The random plants themselves: consistent, varied, and small where they should be."""

from __future__ import annotations

import pytest
from brute_force import is_tiny
from exhaustive.clock import Clock, count_open
from hypothesis import Phase, find, given, settings
from plants import Features, plants

from orderopt.models.snapshot import Snapshot, record_types


def assert_consistent(snapshot: Snapshot) -> None:
    """Check keys and references of every table."""
    for name, record in record_types().items():
        rows = getattr(snapshot, name)
        keys = [row.key for row in rows]
        assert len(keys) == len(set(keys)), f"{name} has a key twice"
        for column, table in record.references().items():
            target = record_types()[table]
            known = {getattr(row, target.KEY[0]) for row in getattr(snapshot, table)}
            for row in rows:
                value = getattr(row, column)
                assert value is None or value in known, f"{name}.{column} points to {value!r}, which {table} lacks"


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_every_plant_is_consistent(size: str) -> None:
    @given(plants(size=size))
    def check(snapshot: Snapshot) -> None:
        assert_consistent(snapshot)

    check()


@given(plants(Features.all_on(), size="small"))
def test_a_plant_with_everything_is_consistent(snapshot: Snapshot) -> None:
    assert_consistent(snapshot)


@given(plants(Features.only("fixed_tasks", "calendars", "parallel", "dst", "bom", "units"), size="small"))
def test_fixed_tasks_are_lawful(snapshot: Snapshot) -> None:
    clock = Clock(snapshot)
    for task in snapshot.fixed_tasks:
        rows = snapshot.routing[task.item_id, task.unit_id][task.op_no]
        assert task.resource_id in {row.resource_id for row in rows}
        span = clock.minute(task.start), clock.minute(task.end)
        open_spans = clock.open_spans(snapshot.resource[task.resource_id].calendar_id)
        assert count_open(open_spans, *span) == span[1] - span[0]
        others = [other for other in snapshot.fixed_tasks if other.resource_id == task.resource_id and other != task]
        assert all(other.end <= task.start or task.end <= other.start for other in others)


@pytest.mark.parametrize(
    ("name", "is_shown"),
    [
        ("calendars", lambda snapshot: any(row.calendar_id for row in snapshot.resources)),
        ("unbreakable", lambda snapshot: any(not row.breakable for row in snapshot.operations)),
        ("setups", lambda snapshot: any(row.from_family == "*" for row in snapshot.setups)),
        ("forbidden", lambda snapshot: any(row.forbidden for row in snapshot.setups)),
        ("parallel", lambda snapshot: any(row.capacity > 1 for row in snapshot.resources)),
        ("windows", lambda snapshot: bool(snapshot.capacity_changes)),
        ("alternatives", lambda snapshot: any(len(a) > 1 for r in snapshot.routing.values() for a in r.values())),
        ("units", lambda snapshot: any(len(units) > 1 for units in snapshot.units_of_item.values())),
        ("transfer", lambda snapshot: any(row.transfer_minutes for row in snapshot.operations)),
        ("waits", lambda snapshot: any(row.max_wait_minutes is not None for row in snapshot.operations)),
        ("overlaps", lambda snapshot: any(row.transfer_batch for row in snapshot.operations)),
        ("crews", lambda snapshot: any(row.setup_crew for row in snapshot.resources)),
        ("bom", lambda snapshot: any(row.op_no and row.scrap for row in snapshot.bom)),
        ("made_components", lambda snapshot: "C1" in snapshot.units_of_item and "C1" in snapshot.components),
        ("stock", lambda snapshot: any(row.safety_stock and row.available_at for row in snapshot.stock)),
        ("receipts", lambda snapshot: bool(snapshot.receipts)),
        ("suppliers", lambda snapshot: any(row.max_per_week and row.from_quantity for row in snapshot.offers)),
        ("lanes", lambda snapshot: any(row.departs and row.capacity for row in snapshot.lanes)),
        ("split", lambda snapshot: any(row.may_split and row.min_split for row in snapshot.planned_lines)),
        ("fixed_tasks", lambda snapshot: any(row.order_id for row in snapshot.fixed_tasks)),
        ("release", lambda snapshot: any(row.release_at for row in snapshot.planned_lines)),
        ("priorities", lambda snapshot: any(row.priority != 1 for row in snapshot.customers)),
        ("fairness", lambda snapshot: snapshot.settings.weight_fairness > 0),
        ("objectives", lambda snapshot: snapshot.settings.weight_makespan > 0),
        ("earliness", lambda snapshot: any(row.earliness_cost for row in snapshot.planned_lines)),
        ("max_share", lambda snapshot: any(row.max_share for row in snapshot.production_units)),
        ("floors", lambda snapshot: any(row.quality_floor for row in snapshot.planned_lines)),
        ("preference", lambda snapshot: any(row.preference for row in snapshot.offers)),
        ("quotas", lambda snapshot: any(row.so_far for row in snapshot.quotas)),
        ("dst", lambda snapshot: snapshot.settings.timezone == "Europe/Berlin"),
        ("ended", lambda snapshot: any(not order.is_open for order in snapshot.orders)),
    ],
)
def test_each_feature_shows(name: str, is_shown: object) -> None:
    once = settings(max_examples=500, phases=[Phase.generate], database=None, deadline=None)
    find(plants(Features.only(name)), is_shown, settings=once)


def test_every_feature_is_looked_for() -> None:
    marks = test_each_feature_shows.pytestmark[0].args[1]
    assert [name for name, _ in marks] == list(Features.names())


def test_the_simplest_plant_is_one_line_of_one_piece() -> None:
    plant = find(plants(), lambda _: True, settings=settings(database=None, deadline=None))
    assert len(plant.planned_lines) == len(plant.operations) == 1
    assert plant.planned_lines[0].quantity == 1


def test_most_tiny_plants_are_tiny() -> None:
    seen = []

    @settings(max_examples=200)
    @given(plants(size="tiny"))
    def look(snapshot: Snapshot) -> None:
        seen.append(is_tiny(snapshot))

    look()
    assert sum(seen) > len(seen) / 2
