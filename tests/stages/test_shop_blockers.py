from __future__ import annotations

from orderopt.models.calendar import Shift
from orderopt.models.network import CapacityChange, ProductionUnit, Resource
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.schedule import ask
from orderopt.stages.shop_blockers import Blocker, find_blockers
from orderopt.stages.shop_tasks import TaskBundles

START = "2026-01-05T00:00Z"


def at(hours: float) -> str:
    return f"2026-01-05T{int(hours):02}:{int(hours % 1 * 60):02}Z"


def build_plant(*windows: tuple[float, float, int], calendar: bool = False) -> Plant:
    """Return a plant of one oven with four places, open from 8 to 12 and from 13 to 17 if it has a calendar."""
    return Plant(
        Snapshot(
            settings=Policy(horizon_start=START),
            production_units=[ProductionUnit(unit_id="U")],
            resources=[Resource(resource_id="OVEN", unit_id="U", capacity=4, calendar_id="DAY" if calendar else None)],
            calendars=[
                Shift(calendar_id="DAY", weekday=0, opens=opens, closes=closes)
                for opens, closes in (("08:00", "12:00"), ("13:00", "17:00"))
            ],
            capacity_changes=[
                CapacityChange(resource_id="OVEN", starts_at=at(start), ends_at=at(end), capacity=capacity)
                for start, end, capacity in windows
            ],
        )
    )


def blockers(plant: Plant) -> list[tuple[int, int]]:
    found = find_blockers(plant, TaskBundles(plant).arrays([]))
    assert all(isinstance(each, Blocker) and each.resource == 0 for each in found)
    return sorted((start // 60, end // 60) for _, start, end in found)


def test_every_missing_place_is_blocked_once() -> None:
    assert blockers(build_plant((2, 4, 1))) == [(2, 4)] * 3
    assert blockers(build_plant((2, 4, 4))) == []
    assert blockers(build_plant((2, 4, 0), (6, 7, 3))) == [(2, 4)] * 4 + [(6, 7)]


def test_where_windows_overlap_the_fewest_places_are_left() -> None:
    assert blockers(build_plant((2, 8, 3), (4, 6, 1))) == [(2, 8), (4, 6), (4, 6)]
    assert blockers(build_plant((2, 5, 3), (4, 8, 3))) == [(2, 8)]


def test_windows_are_cut_to_the_open_time_inside_them() -> None:
    assert blockers(build_plant((6, 10, 3), calendar=True)) == [(8, 10)]
    assert blockers(build_plant((12, 13, 0), calendar=True)) == []
    assert blockers(build_plant((11, 14, 3), calendar=True)) == [(11, 14)]
    assert blockers(build_plant((16, 20, 3), calendar=True)) == [(16, 17)]


def test_blockers_stand_behind_all_real_tasks_and_take_places_of_their_resource() -> None:
    question = ask(build_plant((2, 4, 2)), [], [])
    problem = question.problem
    assert (len(question.tasks), problem.num_tasks, problem.num_blockers, problem.num_real_jobs) == (0, 2, 2, 0)
    arrays = problem.arrays
    assert arrays.task_is_fixed.tolist() == [1, 1]
    assert arrays.slot_fixed_ptr.tolist()[-1] == 2
    assert problem.last_end(arrays.fixed_end) == 0
