"""PyJobShop on the same instances, cold and from our dispatch.

Its setups are gaps between two tasks, which may pass before the later one is ready; ours begin when machine and task
are both there. So what it decides - machines and sequences - is placed by our rule before the check, which may
cost some minutes where there are setups; its bound holds for us as well, since its rule allows more.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers import Found
from benchmarks.peers.child import run_in_child
from benchmarks.peers.start import run_from
from benchmarks.result import RefusedError
from benchmarks.scheduling.instance import NONE, Answer, Objective, ShopInstance
from benchmarks.scheduling.place import place_in_order

MOST_PAIRS = 400_000
"""Setup pairs beyond which its model would not be built in the time and memory there is."""

PLACE = "benchmarks.peers.pyjobshop_peer:solve"


def run_cold(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Run PyJobShop as it comes."""
    return run_in_child(PLACE, instance, None, seed, workers, seconds=seconds)


def run_warm(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Run PyJobShop with our dispatch as its initial solution."""
    return run_from(PLACE, instance, seconds=seconds, seed=seed, workers=workers)


def solve(instance: ShopInstance, start: Answer | None, seed: int, workers: int, seconds: float) -> Found:
    """Build the model and solve it within the time, the building counted."""
    import pyjobshop

    solver = import_module("pyjobshop.solvers.ortools.CPModel")  # a class of that name hides the module
    began = time.monotonic()
    _refuse(instance)
    pairs = count_pairs(instance)
    if pairs > MOST_PAIRS:
        return Found("UNKNOWN", None, note=f"out of reach: {pairs} setup pairs")
    data = _build(pyjobshop, instance)
    firsts: list[float] = []
    _watch_first(solver, firsts)
    initial = None if start is None else _write_start(pyjobshop, data, instance, start)
    left = seconds - (time.monotonic() - began)
    if left <= 0.5:
        return Found("UNKNOWN", None, note="the time was over when its data stood")
    built = time.monotonic()
    model = solver.CPModel(data)
    left -= time.monotonic() - built
    if left <= 0.5:
        return Found("UNKNOWN", None, note="the time was over when its model stood")
    result = model.solve(left, False, workers, initial, random_seed=seed)
    status = {"Optimal": "OPTIMAL", "Feasible": "FEASIBLE", "Infeasible": "INFEASIBLE"}.get(
        result.status.value, "UNKNOWN"
    )
    if not result.best.tasks:
        return Found(status, None)
    tasks = result.best.tasks[: instance.num_operations]
    option = np.array([task.mode for task in tasks], dtype=np.int64)
    order = sorted(range(len(tasks)), key=lambda operation: (tasks[operation].start, tasks[operation].end, operation))
    answer = place_in_order(instance, option, order)
    if instance.has_setups and status == "OPTIMAL":
        status = "FEASIBLE"  # optimal by its own rule of setups
    first = firsts[0] - began if firsts else None
    return Found(status, answer, None, result.lower_bound, first_seconds=first, note=f"own count {result.objective:g}")


def count_pairs(instance: ShopInstance) -> int:
    """Return how many ordered pairs of operations have a setup between them."""
    counts = np.bincount(instance.option_machine, minlength=instance.num_machines)
    with_setups = np.array([matrix is not None for matrix in instance.setups])
    return int((counts[with_setups] ** 2).sum())


def _refuse(instance: ShopInstance) -> None:
    if (instance.job_weight != np.rint(instance.job_weight)).any() or instance.option_cost.any():
        raise RefusedError("PyJobShop takes whole weights and no cost of a machine")
    if instance.has_setups and instance.has_calendars:
        raise RefusedError("PyJobShop lets setups pass through closed hours, ours do not")


def _build(pyjobshop: Any, instance: ShopInstance) -> Any:
    """Return PyJobShop's data; modes are our options, in the same order, then those of tasks that stand for a start."""
    model = pyjobshop.Model()
    is_makespan = instance.objective is Objective.MAKESPAN
    machines = [
        model.add_machine(breaks=_breaks(instance, number))
        if count == 1
        else model.add_renewable(capacity=count, breaks=_breaks(instance, number))
        for number, count in enumerate(instance.capacity.tolist())
    ]
    tasks: list[Any] = []
    for job in range(instance.num_jobs):
        added = model.add_job(
            weight=int(instance.job_weight[job]),
            release_date=int(instance.job_release[job]),
            due_date=None if is_makespan else int(instance.job_due[job]),
        )
        for operation in range(int(instance.job_ptr[job]), int(instance.job_ptr[job + 1])):
            tasks.append(model.add_task(job=added, allow_breaks=instance.has_calendars))
            for option in range(int(instance.option_ptr[operation]), int(instance.option_ptr[operation + 1])):
                machine = int(instance.option_machine[option])
                demands = 1 if instance.capacity[machine] > 1 else None
                model.add_mode(tasks[-1], machines[machine], int(instance.option_minutes[option]), demands)
            if operation > instance.job_ptr[job]:
                model.add_end_before_start(tasks[-2], tasks[-1])
    for machine in range(instance.num_machines):
        _add_setups(model, instance, machine, machines, tasks)
    if is_makespan:
        model.set_objective(weight_makespan=1)
    else:
        model.set_objective(weight_total_tardiness=1)
    return model.data()


def _add_setups(model: Any, instance: ShopInstance, machine: int, machines: list[Any], tasks: list[Any]) -> None:
    matrix = instance.setups[machine]
    if matrix is None:
        return
    owner = np.repeat(np.arange(instance.num_operations), np.diff(instance.option_ptr))
    on_it = np.unique(owner[instance.option_machine == machine]).tolist()
    families = instance.operation_family.tolist()
    minutes = matrix.tolist()
    for before in on_it:
        row = minutes[families[before]]
        for after in on_it:
            if before != after and families[after] != 0 and row[families[after]]:
                model.add_setup_time(machines[machine], tasks[before], tasks[after], row[families[after]])
    initial = int(instance.initial_family[machine])
    if initial == NONE:
        return
    first = model.add_task(latest_end=0)  # stands for the family at the beginning
    model.add_mode(first, machines[machine], 0)
    for after in on_it:
        if families[after] != 0 and minutes[initial][families[after]]:
            model.add_setup_time(machines[machine], first, tasks[after], minutes[initial][families[after]])


def _breaks(instance: ShopInstance, machine: int) -> list[tuple[int, int]]:
    calendar = int(instance.machine_calendar[machine])
    if calendar == NONE:
        return []
    spans = instance.calendars[calendar]
    closed = [(0, int(spans[0, 0]))] if spans[0, 0] > 0 else []
    return closed + list(zip(spans[:-1, 1].tolist(), spans[1:, 0].tolist(), strict=True))


def _write_start(pyjobshop: Any, data: Any, instance: ShopInstance, start: Answer) -> Any:
    """Return our answer as its solution: the setup stands before the task there, not in it."""
    scheduled = import_module("pyjobshop.Solution").ScheduledTask
    minutes = instance.option_minutes[start.option]
    if instance.has_calendars:
        took = start.end - start.start - minutes
        rows = zip(start.option.tolist(), start.start.tolist(), start.end.tolist(), took.tolist(), strict=True)
    else:
        begin = start.start + start.setup
        rows = zip(
            start.option.tolist(), begin.tolist(), start.end.tolist(), np.zeros_like(begin).tolist(), strict=True
        )
    tasks = [
        scheduled(option, [int(instance.option_machine[option])], begin, end, 0, breaks)
        for option, begin, end, breaks in rows
    ]
    for number in range(instance.num_operations, data.num_tasks):
        mode = data.task2modes(number)[0]
        tasks.append(scheduled(mode, data.modes[mode].resources, 0, 0, 0, 0))
    return pyjobshop.Solution(data, tasks)


def _watch_first(solver: Any, firsts: list[float]) -> None:
    """Let PyJobShop's solver note when its first solution comes; it has no hook of its own for that."""
    from ortools.sat.python import cp_model

    class Listener(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            if not firsts:
                firsts.append(time.monotonic())

    class Watched(cp_model.CpSolver):
        def solve(self, model: Any, callback: Any = None) -> Any:
            return super().solve(model, callback or Listener())

    solver.CpSolver = Watched
