"""The scheduling question as a CP-SAT model: its variables, and the order in which the rules are posted.

Formulation. Every alternative has one optional interval of fixed size on its resource, in the resource's
*working time* (open minutes only), so that tasks that pause over closed hours keep a fixed length. Real start
and end are tied to it by one literal for each open span. Changeovers are arcs of a circuit; the setup stands
before the interval. Tasks that are *held* keep resource and end (their setup may still change with the task
before them); *fixed* tasks are given and keep everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from ortools.sat.python import cp_model

from orderopt.errors import SolverError
from orderopt.solvers.compiled.open_time import FOREVER, OpenTime
from orderopt.solvers.compiled.shop import Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import line_arrivals
from orderopt.solvers.cpsat.expression import Linear

FINEST = 1440 * 1000
"""Parts of a currency unit that the objective counts: a thousandth of the cost of a minute late."""

FINER = 1000
"""How much finer than the objective the loads of units are counted, since their shares are small numbers."""

LARGEST = 1 << 52
"""The scaled objective stays below this, so that it is exact as a float too."""


@dataclass
class TaskVars:
    """The variables of one task.

    Attributes
    ----------
    start, end
        Real minutes: begin of the setup, end of the work. Integers for fixed tasks.
    chosen
        Literal of each alternative (an integer 1 where there is no choice), by position among all alternatives.
    begin
        Begin of the work after the setup, in working time, by calendar.
    finish
        End of the work in working time, by calendar.
    setup
        Unit and minutes of every setup that may stand before the work, by calendar.
    is_movable
        False: resource and end are given.
    """

    start: Linear
    end: Linear
    chosen: dict[int, Linear]
    begin: dict[int, Linear] = field(default_factory=dict)
    finish: dict[int, Linear] = field(default_factory=dict)
    setup: dict[int, list[tuple[int, Linear]]] = field(default_factory=dict)
    is_movable: bool = True


class ShopModel:
    """A CP-SAT model of a shop problem.

    Parameters
    ----------
    problem
        The question.
    earliest, latest
        Shape (T): bounds on start and end of each task.
    hint
        A schedule within the bounds; it becomes a complete hint.
    is_free
        Shape (T): tasks that may move; None: all that are not fixed. The others are held as in `hint`.
    present
        Literal of each optional job, by job; jobs that are not named are present.
    tops
        Largest cost that is worth a look (the cost of `hint`, usually), to scale the objective.
    other_arrivals
        Where lines may be served by others than the jobs of the problem: the latest arrival of those.
    """

    def __init__(
        self,
        problem: ShopProblem,
        earliest: np.ndarray,
        latest: np.ndarray,
        *,
        hint: ShopSchedule | None = None,
        is_free: np.ndarray | None = None,
        present: dict[int, cp_model.IntVar] | None = None,
        tops: float = 0.0,
        other_arrivals: int | None = None,
    ) -> None:
        self.problem = problem
        self.arrays = problem.arrays
        self.earliest = earliest
        self.latest = latest
        self.hint = hint
        self.tops = tops
        self.other_arrivals = other_arrivals
        self.present = present or {}
        self.model = cp_model.CpModel()
        self.scale = FINEST
        while self.scale > 1 and (tops + 1) * self.scale > LARGEST:
            self.scale = max(1, self.scale // 10)
        self.cost: list[Linear] = []
        self.is_free = (self.arrays.task_is_fixed == 0) if is_free is None else is_free
        self.tasks: dict[int, TaskVars] = {}
        self.line_late: dict[int, Linear] = {}
        self.line_flow: dict[int, Linear] = {}
        self.departures: dict[int, list[tuple[int, cp_model.IntVar]]] = {}

    def minimise(self, extra: list[Linear] | None = None) -> None:
        """Set the objective: the cost of the schedule and whatever is added."""
        self.model.minimize(sum(self.cost) + sum(extra or []))

    # ---- what the rules ask --------------------------------------------------------------------------

    @cached_property
    def hinted_arrivals(self) -> Ints:
        """When each line arrives in the hint."""
        return line_arrivals(self.problem, self.given)

    @property
    def given(self) -> ShopSchedule:
        """The hint, where there must be one."""
        if self.hint is None:
            raise SolverError("tasks are held, but no schedule says where")
        return self.hint

    def relevant_tasks(self) -> list[int]:
        """Return tasks that move and tasks that stand near them: all of them on resources they may use."""
        if self.is_free.all() or self.hint is None:
            return list(range(self.problem.num_tasks))
        arrays = self.arrays
        free = np.flatnonzero(self.is_free)
        reach = np.zeros(self.problem.num_resources, dtype=bool)
        since, until = FOREVER, -FOREVER
        for task in free:
            reach[arrays.alt_resource[arrays.alt_ptr[task] : arrays.alt_ptr[task + 1]]] = True
            since, until = min(since, int(self.earliest[task])), max(until, int(self.latest[task]))
        near = reach[arrays.alt_resource[self.hint.alternative]]
        near &= (self.hint.end > since) & (self.hint.start < until)
        near |= self.is_free
        near |= self._first_after(reach, until) | self._last_before(reach, since)
        return [int(task) for task in np.flatnonzero(near)]

    def _first_after(self, reach: np.ndarray, minute: int) -> np.ndarray:
        return self._edge(reach, self.given.start >= minute, self.given.start, last=False)

    def _last_before(self, reach: np.ndarray, minute: int) -> np.ndarray:
        return self._edge(reach, self.given.end <= minute, self.given.end, last=True)

    def _edge(self, reach: np.ndarray, among: np.ndarray, key: np.ndarray, *, last: bool) -> np.ndarray:
        found = np.zeros(self.problem.num_tasks, dtype=bool)
        resource = self.arrays.alt_resource[self.given.alternative]
        tasks = np.flatnonzero(among & reach[resource])
        tasks = tasks[np.argsort(key[tasks], kind="stable")]
        if last:
            tasks = tasks[::-1]
        _, first = np.unique(resource[tasks], return_index=True)
        found[tasks[first]] = True
        return found

    def presence(self, task: int) -> cp_model.IntVar | None:
        """Return the literal of the task's job, None if it is always made."""
        return self.present.get(int(self.arrays.task_job[task]))

    def open_time(self, resource: int) -> OpenTime:
        """Return the open hours of a resource."""
        return self.problem.open_time(resource)

    def alternatives(self, task: int) -> range:
        """Return the positions of the alternatives that are open to the task."""
        if not self.tasks[task].is_movable:
            alternative = next(iter(self.tasks[task].chosen))
            return range(alternative, alternative + 1)
        return range(int(self.arrays.alt_ptr[task]), int(self.arrays.alt_ptr[task + 1]))

    def add_cost(self, expression: Linear, cost: float) -> None:
        """Add `cost` for each unit of an expression."""
        scaled = round(cost * self.scale)
        if scaled:
            self.cost.append(scaled * expression)

    def literal(self, name: str, hinted: bool | None = None) -> cp_model.IntVar:
        """Return a new 0/1 variable."""
        made = self.model.new_bool_var(name)
        if hinted is not None and self.hint is not None:
            self.model.add_hint(made, hinted)
        return made

    def integer(self, low: int, high: int, name: str, hinted: int | None = None) -> cp_model.IntVar:
        """Return a new integer variable."""
        made = self.model.new_int_var(low, max(low, high), name)
        if hinted is not None and self.hint is not None:
            self.model.add_hint(made, min(max(low, hinted), max(low, high)))
        return made

    # ---- variables and costs -------------------------------------------------------------------------

    def add_task(self, task: int) -> TaskVars:
        """Return the variables of a task: start, end and where it stands; values for what does not move."""
        arrays = self.arrays
        first, last = int(arrays.alt_ptr[task]), int(arrays.alt_ptr[task + 1])
        if arrays.task_is_fixed[task]:
            return TaskVars(int(arrays.fixed_start[task]), int(arrays.fixed_end[task]), {first: 1}, is_movable=False)
        hint = self.hint
        if not self.is_free[task]:
            hint = self.given
            return TaskVars(
                int(hint.start[task]), int(hint.end[task]), {int(hint.alternative[task]): 1}, is_movable=False
            )
        low, high = int(self.earliest[task]), int(self.latest[task])
        start = self.integer(low, high, f"start{task}", None if hint is None else int(hint.start[task]))
        end = self.integer(low, high, f"end{task}", None if hint is None else int(hint.end[task]))
        present = self.presence(task)
        if last - first == 1:
            return TaskVars(start, end, {first: 1 if present is None else present})
        chosen = {
            alternative: self.literal(
                f"on{alternative}", None if hint is None else bool(hint.alternative[task] == alternative)
            )
            for alternative in range(first, last)
        }
        if present is None:
            self.model.add_exactly_one(chosen.values())
        else:
            self.model.add(sum(chosen.values()) == present)
        return TaskVars(start, end, dict(chosen))

    def post_production_cost(self) -> None:
        """Charge the work of every task by the alternative it takes."""
        arrays = self.arrays
        for task, variables in self.tasks.items():
            if arrays.task_is_fixed[task]:
                continue
            for alternative, literal in variables.chosen.items():
                if variables.is_movable:
                    self.add_cost(literal, float(arrays.alt_cost[alternative]))

    def post_fairness(self) -> None:
        """Charge the spread of relative loads between units."""
        problem, arrays = self.problem, self.arrays
        counted = np.flatnonzero(problem.unit_capacity > 0)
        if not problem.fairness_weight or len(counted) < 2 or not self.is_free[arrays.task_is_fixed == 0].all():
            return
        loads: dict[int, list[Linear]] = {int(unit): [] for unit in counted}
        for task, variables in self.tasks.items():
            for alternative, literal in variables.chosen.items():
                resource = int(arrays.alt_resource[alternative])
                unit = int(arrays.resource_unit[resource])
                loads[unit].append(int(arrays.alt_work[alternative]) * literal)
                if arrays.task_is_fixed[task]:
                    loads[unit].append(int(arrays.fixed_setup[task]))
            for resource_setups in variables.setup.values():
                for unit, expression in resource_setups:
                    loads[unit].append(expression)
        top = self.model.new_int_var(0, LARGEST, "highest load")
        bottom = self.model.new_int_var(0, LARGEST, "lowest load")
        for unit, parts in loads.items():
            share = round(problem.fairness_weight * self.scale * FINER / float(problem.unit_capacity[unit]))
            self.model.add(top >= share * sum(parts))
            self.model.add(bottom <= share * sum(parts))
        spread = self.model.new_int_var(0, LARGEST, "spread")
        self.model.add(FINER * spread >= top - bottom)
        self.cost.append(spread)

    def read_back(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> ShopSchedule:
        """Return alternatives and rough times of a solution; tasks outside the model stay as hinted."""
        num_tasks = self.problem.num_tasks
        if self.hint is not None:
            alternative, start, end = (self.hint.alternative.copy(), self.hint.start.copy(), self.hint.end.copy())
        else:
            alternative = self.arrays.alt_ptr[:-1].copy()
            start, end = self.arrays.fixed_start.copy(), self.arrays.fixed_end.copy()  # of tasks that are not fixed: 0
        for task, variables in self.tasks.items():
            if not variables.is_movable:
                continue
            start[task], end[task] = solver.value(variables.start), solver.value(variables.end)
            for position, literal in variables.chosen.items():
                if solver.value(literal):
                    alternative[task] = position
        return ShopSchedule(alternative, start, end, np.zeros(num_tasks, dtype=np.int64))
