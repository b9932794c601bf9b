from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.properties.hand_made import START, at, fixed, line, plant, step

from orderopt.models.item import BomLine, Setup
from orderopt.models.network import Lane, Offer, Receipt, Resource, Supplier
from orderopt.models.policy import Policy
from orderopt.models.result import SourceType
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import NONE
from orderopt.stages.explode import buy_part, make_part
from orderopt.stages.net import take_running
from orderopt.stages.schedule import ShopQuestion, ask, in_order, schedule
from orderopt.stages.supply import Ledger, Part

D = Decimal


def asked(snapshot: Snapshot, lane: Lane | None = None) -> ShopQuestion:
    """Return the question where U makes every line."""
    made = Plant(snapshot)
    ledger, parts = Ledger(made), []
    take_running(made, ledger)
    for wanted in snapshot.planned_lines:
        part = Part(wanted, SourceType.UNIT, "U", wanted.quantity, lane=lane)
        make_part(made, ledger, part)
        parts.append(part)
    return ask(made, ledger.jobs, parts)


def nested(**more: Any) -> Snapshot:
    return plant(
        [line("A", 2, due=9)],
        [step("U1", 30), step("U2", 10, op_no=20), step("V1", 5, item="C")],
        bom=[BomLine(item_id="P", component_id="C", quantity_per=1, op_no=20)],
        **more,
    )


def test_jobs_stand_behind_those_whose_output_they_draw_in_whatever_order_they_come() -> None:
    question = asked(nested())
    jobs = list(question.jobs)
    assert [job.item_id for job in in_order(jobs[::-1])] == [job.item_id for job in in_order(jobs)] == ["C", "P"]


def test_the_step_that_draws_waits_for_the_component_job() -> None:
    arrays = asked(nested()).problem.arrays
    assert arrays.task_job.tolist() == [0, 1, 1]
    assert (arrays.link_ptr.tolist(), arrays.link_job.tolist()) == ([0, 0, 0, 1], [0])
    assert (arrays.feed_ptr.tolist(), arrays.feed_task.tolist()) == ([0, 1, 1], [2])
    assert arrays.alt_work.tolist() == [10, 60, 20]
    assert (arrays.job_line.tolist(), arrays.line_due.tolist()) == ([NONE, 0], [540])


def test_a_task_is_released_when_the_line_is_and_when_what_it_draws_is_there() -> None:
    snapshot = plant(
        [line("A", 2, due=99, release_at=at(3))],
        [step("U1", 30), step("U1", 10, op_no=20)],
        bom=[BomLine(item_id="P", component_id="C", quantity_per=1, op_no=20)],
        receipts=[Receipt(receipt_id="R", item_id="C", quantity=2, available_at=at(5))],
        settings=Policy(horizon_start=START, frozen_until=at(1)),
    )
    assert asked(snapshot).problem.arrays.task_release.tolist() == [180, 300]


def test_a_line_knows_when_its_other_parts_arrive() -> None:
    snapshot = plant(
        [line("A", 4, due=9, may_split=True)],
        [step("U1", 30)],
        suppliers=[Supplier(supplier_id="Z")],
        offers=[Offer(supplier_id="Z", item_id="P", lead_time_days=1, unit_price=1)],
    )
    made = Plant(snapshot)
    ledger, (wanted,) = Ledger(made), snapshot.planned_lines
    parts = [Part(wanted, SourceType.UNIT, "U", D(3)), Part(wanted, SourceType.SUPPLIER, "Z", D(1))]
    make_part(made, ledger, parts[0])
    buy_part(made, ledger, parts[1])
    assert ask(made, ledger.jobs, parts).problem.arrays.line_floor.tolist() == [1440]


def test_a_job_leaves_by_the_timetable_of_its_lane() -> None:
    lane = Lane(origin="U", destination="D", departs="*/16:00", lead_time_hours=2)
    arrays = asked(plant([line("A", 2, due=9, destination="D")], [step("U1", 30)], lanes=[lane]), lane).problem.arrays
    assert (arrays.job_timetable.tolist(), arrays.job_lead.tolist()) == ([0], [120])
    assert arrays.timetable_at[:2].tolist() == [480, 480 + 1440]


def test_fixed_tasks_of_a_resource_of_several_slots_are_spread_so_that_none_overlap() -> None:
    tasks = [
        fixed(start, end, job_id=f"J{number}", task_id=f"F{number}")
        for number, (start, end) in enumerate([(0, 3), (1, 2), (2, 4), (3, 5)])
    ]
    snapshot = plant(
        [line("A", 1, due=9)],
        [step("U1", 30)],
        fixed_tasks=tasks,
        resources=[Resource(resource_id="U1", unit_id="U", capacity=2)],
    )
    arrays = asked(snapshot).problem.arrays
    for slot in range(2):
        tasks_there = arrays.slot_fixed_task[arrays.slot_fixed_ptr[slot] : arrays.slot_fixed_ptr[slot + 1]]
        ends = arrays.fixed_end[tasks_there][:-1]
        assert (arrays.fixed_start[tasks_there][1:] >= ends).all()
    assert sorted(arrays.slot_fixed_task) == sorted(task for task in range(5) if arrays.task_is_fixed[task])


def test_the_exact_changeover_beats_the_star_and_minutes_are_rounded_up() -> None:
    setups = [
        Setup(resource_id="U1", from_family="*", to_family="red", minutes="7.2", cost=3),
        Setup(resource_id="U1", from_family="blue", to_family="red", minutes=1),
    ]
    snapshot = plant([line("A", 1, due=9)], [step("U1", 30, family="red")], setups=setups)
    problem, families = asked(snapshot).problem, Plant(snapshot).families["U1"]
    red, blue = families["red"], families["blue"]
    assert (problem.setup(0, blue, red), problem.changeover_cost(0, blue, red)) == (1, 0)
    assert (problem.setup(0, red, red), problem.changeover_cost(0, red, red)) == (8, 3)
    assert problem.setup(0, 0, red) == 8
    assert problem.setup(0, NONE, red) == problem.setup(0, red, blue) == problem.setup(0, red, 0) == 0


def test_a_resource_that_does_several_tasks_at_once_has_no_setups() -> None:
    setups = [Setup(resource_id="U1", from_family="*", to_family="red", minutes=7)]
    snapshot = plant(
        [line("A", 1, due=9)],
        [step("U1", 30, family="red")],
        setups=setups,
        resources=[Resource(resource_id="U1", unit_id="U", capacity=2)],
    )
    assert asked(snapshot).problem.arrays.setup_size.tolist() == [0]


def test_the_stage_asks_and_has_the_named_strategy_answer() -> None:
    snapshot = nested()
    made = Plant(snapshot)
    ledger = Ledger(made)
    part = Part(snapshot.planned_lines[0], SourceType.UNIT, "U", D(2))
    make_part(made, ledger, part)
    question, outcome = schedule(made, ledger.jobs, [part], Budget(seconds=1.0, workers=1), "dispatch")
    assert outcome.require().end.tolist() == [10, 60, 80]
    assert [op_no for _, op_no in question.tasks] == [10, 10, 20]
