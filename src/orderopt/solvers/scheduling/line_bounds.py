"""How late a line is at least because its own tasks share machines: the bound for lines that many jobs serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.kernels_bounds import is_overloaded
from orderopt.solvers.scheduling.limits import Heads
from orderopt.solvers.scheduling.priced import Ways, worked

FEWEST_TASKS, MOST_LINES, MOST_ENDS, MOST_CHOICES = 8, 20, 300, 100
"""Lines with fewer tasks gain nothing, and only the largest are looked at; deadlines tried for one set of machines; and
how many sets that tasks choose from are too many to be tried."""


def raise_lateness(
    problem: ShopProblem, heads: Heads, ways: Ways, is_over: Callable[[], bool] = lambda: False
) -> Heads:
    """Return the earliest times with the lateness of large lines raised to what their load forces.

    An arrival is refuted if on some set of machines the tasks that can go nowhere else cannot all be done in time.
    """
    late = heads.late.copy()
    tasks_of = _tasks_of_lines(problem)
    sets = _machine_sets(problem, ways)
    for line in sorted(tasks_of, key=lambda each: -len(tasks_of[each]))[:MOST_LINES]:
        if is_over():
            break
        if len(tasks_of[line]) >= FEWEST_TASKS and problem.arrays.line_weight[line] > 0:
            late[line] = _Line(problem, heads, ways, sets, line, tasks_of[line], is_over).least_late()
    more = float(((late - heads.late) * problem.arrays.line_weight).sum())
    return replace(heads, late=late, bound=heads.bound + more)


def _tasks_of_lines(problem: ShopProblem) -> dict[int, list[int]]:
    """Return all tasks that must be done before each line arrives."""
    arrays = problem.arrays
    jobs: dict[int, set[int]] = defaultdict(set)
    for job in range(problem.num_jobs - 1, -1, -1):
        if arrays.job_line[job] != NONE:
            jobs[int(arrays.job_line[job])].add(job)
    found = {}
    for line, members in jobs.items():
        pending, seen = list(members), set(members)
        while pending:
            job = pending.pop()
            for feeder in arrays.link_job[
                arrays.link_ptr[arrays.job_ptr[job]] : arrays.link_ptr[arrays.job_ptr[job + 1]]
            ]:
                if int(feeder) not in seen:
                    seen.add(int(feeder))
                    pending.append(int(feeder))
        found[line] = [
            task
            for job in sorted(seen)
            for task in range(int(arrays.job_ptr[job]), int(arrays.job_ptr[job + 1]))
            if not arrays.task_is_fixed[task]
        ]
    return found


def _machine_sets(problem: ShopProblem, ways: Ways) -> list[tuple[int, ...]]:
    """Return sets of groups: those that some task chooses from, and those that are connected by such choices."""
    choices = {
        tuple(sorted(set(ways.group[ways.ptr[task] : ways.ptr[task + 1]].tolist())))
        for task in range(problem.num_tasks)
        if ways.ptr[task + 1] > ways.ptr[task]
    }
    above = list(range(len(ways.resources)))

    def find(group: int) -> int:
        while above[group] != group:
            group = above[group]
        return group

    for groups in sorted(choices):
        for group in groups[1:]:
            above[find(group)] = find(groups[0])
    connected: dict[int, list[int]] = defaultdict(list)
    for group in range(len(above)):
        connected[find(group)].append(group)
    singles = {(group,) for group in range(len(above))}
    found = singles | {tuple(groups) for groups in connected.values()}
    if len(choices) <= MOST_CHOICES:
        found |= choices
    calendar = [int(problem.arrays.resource_calendar[members[0]]) for members in ways.resources]
    return sorted(groups for groups in found if len({calendar[group] for group in groups}) == 1)


class _Line:
    """One line with the tasks that only some set of machines can do, for each such set."""

    def __init__(
        self,
        problem: ShopProblem,
        heads: Heads,
        ways: Ways,
        sets: list[tuple[int, ...]],
        line: int,
        tasks: list[int],
        is_over: Callable[[], bool],
    ) -> None:
        self.problem, self.line, self.heads, self.is_over = problem, line, heads, is_over
        self.jobs = np.flatnonzero(problem.arrays.job_line == line)
        self.parts: list[tuple[int, int, Ints, Ints]] = []
        arrays = problem.arrays
        work = np.minimum.reduceat(np.append(ways.work, FOREVER), ways.ptr[:-1])  # means nothing for fixed tasks
        groups_of = [set(ways.group[ways.ptr[task] : ways.ptr[task + 1]].tolist()) for task in tasks]
        for groups in sets:
            inside = set(groups)
            here = np.array([task for task, own in zip(tasks, groups_of, strict=True) if own <= inside], dtype=np.int64)
            members = [resource for group in groups for resource in ways.resources[group]]
            machines = sum(problem.capacity(resource) for resource in members)
            if len(here) > machines:
                self.parts.append(
                    (int(arrays.resource_calendar[members[0]]), machines, here, work[here].astype(np.int64))
                )

    def least_late(self) -> int:
        """Return the fewest minutes late that are not refuted, or fewer if time is over."""
        low = int(self.heads.late[self.line])
        if not self._is_refuted(low):
            return low
        step = 1
        while step < FOREVER // 8 and not self.is_over() and self._is_refuted(low + step):
            low, step = low + step, 2 * step
        high = low + step
        while high - low > 1 and not self.is_over():
            middle = (low + high) // 2
            low, high = (middle, high) if self._is_refuted(middle) else (low, middle)
        return low + 1

    def _is_refuted(self, late: int) -> bool:
        arrays = self.problem.arrays
        limit = np.full(self.problem.num_jobs, FOREVER // 4, dtype=np.int64)
        limit[self.jobs] = arrays.line_due[self.line] + late - arrays.job_lead[self.jobs]
        latest, _ = kernels.tails(arrays, limit, np.ones(len(self.problem.open_times)))
        for calendar, machines, tasks, work in self.parts:
            open_time = self.problem.open_times[calendar]
            release = worked(open_time, self.heads.start[tasks])
            deadline = worked(open_time, latest[tasks])
            if is_overloaded(release, deadline, work, machines, MOST_ENDS):
                return True
        return False
