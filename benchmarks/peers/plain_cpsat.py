"""A lean CP-SAT model as one writes it by hand, without and with our dispatch as a hint.

One start and end for each operation, one optional interval of fixed size for each option, no-overlap for each machine
(cumulative for several identical ones), a circuit where there are setups.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.peers import Found
from benchmarks.peers.child import run_in_child
from benchmarks.peers.start import run_from
from benchmarks.result import RefusedError
from benchmarks.scheduling.instance import NONE, Answer, Objective, ShopInstance
from benchmarks.scheduling.place import place_in_order

MOST_ARCS = 600_000
PLACE = "benchmarks.peers.plain_cpsat:solve"
STATUS = {cp_model.OPTIMAL: "OPTIMAL", cp_model.FEASIBLE: "FEASIBLE", cp_model.INFEASIBLE: "INFEASIBLE"}


def run_cold(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Solve the model as it is."""
    return run_in_child(PLACE, instance, None, seed, workers, seconds=seconds)


def run_warm(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Solve the model with our dispatch as a complete hint."""
    return run_from(PLACE, instance, seconds=seconds, seed=seed, workers=workers)


def solve(instance: ShopInstance, start: Answer | None, seed: int, workers: int, seconds: float) -> Found:
    """Build the model and solve it within the time, the building counted."""
    began = time.monotonic()
    if instance.has_calendars:
        raise RefusedError("the plain model knows no closed hours")
    if (instance.job_weight != np.rint(instance.job_weight)).any() or instance.option_cost.any():
        raise RefusedError("the plain model takes whole weights and no cost of a machine")
    counts = np.bincount(instance.option_machine, minlength=instance.num_machines)
    arcs = sum(int(count) ** 2 for count, matrix in zip(counts, instance.setups, strict=True) if matrix is not None)
    if arcs > MOST_ARCS:
        return Found("UNKNOWN", None, note=f"out of reach: {arcs} setup arcs")
    shop = _Model(instance, start)
    left = seconds - (time.monotonic() - began)
    if left <= 0.1:
        return Found("UNKNOWN", None, note="the time was over when the model stood")
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = left
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    firsts: list[float] = []
    status = solver.solve(shop.model, _First(firsts))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Found(STATUS.get(status, "UNKNOWN"), None, bound=max(0.0, solver.best_objective_bound))
    answer = shop.read_answer(solver)
    return Found(
        STATUS[status],
        answer,
        None,
        solver.best_objective_bound,
        first_seconds=firsts[0] - began if firsts else None,
        note=f"own count {solver.objective_value:g}",
    )


class _First(cp_model.CpSolverSolutionCallback):
    """Notes when the first solution comes."""

    def __init__(self, firsts: list[float]) -> None:
        super().__init__()
        self._firsts = firsts

    def on_solution_callback(self) -> None:
        if not self._firsts:
            self._firsts.append(time.monotonic())


@dataclass
class _Place:
    """An option in the model: its literal (1: there is no other), and its size where setups count."""

    operation: int
    option: int
    literal: Any
    size: Any


class _Model:
    """The model; `start` becomes a hint for every variable."""

    def __init__(self, instance: ShopInstance, start: Answer | None) -> None:
        self.instance, self.start = instance, start
        self.model = cp_model.CpModel()
        self.horizon = self._find_horizon()
        self.starts = [self._integer(0, None if start is None else t) for t in self._values("start")]
        self.ends = [self._integer(0, None if start is None else t) for t in self._values("end")]
        self.on: list[list[_Place]] = [[] for _ in range(instance.num_machines)]
        self.intervals: list[list[Any]] = [[] for _ in range(instance.num_machines)]
        for job in range(instance.num_jobs):
            first, last = int(instance.job_ptr[job]), int(instance.job_ptr[job + 1])
            self.model.add(self.starts[first] >= int(instance.job_release[job]))
            for operation in range(first, last):
                self._add_operation(operation)
                if operation > first:
                    self.model.add(self.starts[operation] >= self.ends[operation - 1])
        for machine in range(instance.num_machines):
            if instance.capacity[machine] > 1:
                ones = [1] * len(self.intervals[machine])
                self.model.add_cumulative(self.intervals[machine], ones, int(instance.capacity[machine]))
            else:
                self.model.add_no_overlap(self.intervals[machine])
            if instance.setups[machine] is not None:
                self._add_circuit(machine)
        self._add_objective()

    def read_answer(self, solver: cp_model.CpSolver) -> Answer:
        """Return the answer: machines and order as found, as early as they can be."""
        instance = self.instance
        option = instance.option_ptr[:-1].copy()
        for place in (place for places in self.on for place in places):
            if solver.value(place.literal):
                option[place.operation] = place.option
        starts = [solver.value(each) for each in self.starts]
        ends = [solver.value(each) for each in self.ends]
        order = sorted(range(len(starts)), key=lambda operation: (starts[operation], ends[operation], operation))
        return place_in_order(instance, option, order)

    def _values(self, name: str) -> list[int]:
        return [0] * self.instance.num_operations if self.start is None else getattr(self.start, name).tolist()

    def _find_horizon(self) -> int:
        instance = self.instance
        longest = np.maximum.reduceat(instance.option_minutes, instance.option_ptr[:-1]).sum()
        setup = max((int(matrix.max()) for matrix in instance.setups if matrix is not None), default=0)
        return int(longest + setup * instance.num_operations + instance.job_release.max())

    def _integer(self, low: int, hint: int | None) -> Any:
        made = self.model.new_int_var(low, self.horizon, "")
        if hint is not None:
            self.model.add_hint(made, hint)
        return made

    def _literal(self, hint: bool | None) -> Any:
        made = self.model.new_bool_var("")
        if hint is not None:
            self.model.add_hint(made, hint)
        return made

    def _add_operation(self, operation: int) -> None:
        instance, start = self.instance, self.start
        options = range(int(instance.option_ptr[operation]), int(instance.option_ptr[operation + 1]))
        literals = []
        for option in options:
            machine, minutes = int(instance.option_machine[option]), int(instance.option_minutes[option])
            hint = None if start is None else bool(start.option[operation] == option)
            literal = 1 if len(options) == 1 else self._literal(hint)
            matrix, size = instance.setups[machine], minutes
            if matrix is not None:
                size = self.model.new_int_var(minutes, minutes + int(matrix.max()), "")
                if start is not None:
                    self.model.add_hint(size, minutes + (int(start.setup[operation]) if hint else 0))
            begin, end = self.starts[operation], self.ends[operation]
            if len(options) == 1:
                interval = self.model.new_interval_var(begin, size, end, "")
            else:
                interval = self.model.new_optional_interval_var(begin, size, end, literal, "")
            self.intervals[machine].append(interval)
            self.on[machine].append(_Place(operation, option, literal, size))
            literals.append(literal)
        if len(literals) > 1:
            self.model.add_exactly_one(literals)

    def _add_circuit(self, machine: int) -> None:
        """Tie setups to who follows whom; node 0 stands for before the first and behind the last."""
        places = self.on[machine]
        hinted = None if self.start is None else self._find_pairs(machine, self.start)
        arcs: list[tuple[int, int, Any]] = [(0, 0, self._arc(hinted, NONE, NONE))]
        for node, place in enumerate(places, start=1):
            if not isinstance(place.literal, int):
                arcs.append((node, node, ~place.literal))
            arcs.append((node, 0, self._arc(hinted, place.operation, NONE)))
            first = self._arc(hinted, NONE, place.operation)
            arcs.append((0, node, first))
            self._set_size(machine, int(self.instance.initial_family[machine]), place, first)
            for before_node, before in enumerate(places, start=1):
                if before.operation == place.operation:
                    continue
                follows = self._arc(hinted, before.operation, place.operation)
                arcs.append((before_node, node, follows))
                self._set_size(machine, int(self.instance.operation_family[before.operation]), place, follows)
                self.model.add(self.starts[place.operation] >= self.ends[before.operation]).only_enforce_if(follows)
        self.model.add_circuit(arcs)

    def _find_pairs(self, machine: int, start: Answer) -> set[tuple[int, int]]:
        """Return who follows whom on a machine in the start; NONE before the first and behind the last."""
        on_it = np.flatnonzero(self.instance.option_machine[start.option] == machine)
        sequence = on_it[np.lexsort((on_it, start.end[on_it], start.start[on_it]))].tolist()
        return set(zip([NONE, *sequence], [*sequence, NONE], strict=True))

    def _arc(self, hinted: set[tuple[int, int]] | None, before: int, after: int) -> Any:
        return self._literal(None if hinted is None else (before, after) in hinted)

    def _set_size(self, machine: int, before: int, place: _Place, follows: Any) -> None:
        matrix, after = self.instance.setups[machine], int(self.instance.operation_family[place.operation])
        assert matrix is not None
        setup = 0 if before == NONE or after == 0 else int(matrix[before, after])
        size = int(self.instance.option_minutes[place.option]) + setup
        self.model.add(place.size == size).only_enforce_if(follows)

    def _add_objective(self) -> None:
        instance = self.instance
        last = [self.ends[operation - 1] for operation in instance.job_ptr[1:].tolist()]
        if instance.objective is Objective.MAKESPAN:
            makespan = self._integer(0, None if self.start is None else int(self.start.end.max()))
            for end in last:
                self.model.add(makespan >= end)
            self.model.minimize(makespan)
            return
        late = []
        for job, end in enumerate(last):
            due = int(instance.job_due[job])
            hint = None if self.start is None else max(0, int(self.start.end[instance.job_ptr[job + 1] - 1]) - due)
            late.append(self._integer(0, hint))
            self.model.add(late[-1] >= end - due)
        self.model.minimize(sum(int(weight) * each for weight, each in zip(instance.job_weight, late, strict=True)))
