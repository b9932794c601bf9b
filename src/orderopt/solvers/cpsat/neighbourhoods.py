"""The strategy ``lns``: large neighbourhood search, small parts of a schedule solved anew by CP-SAT.

The idea is that of P. Shaw, "Using constraint programming and local search methods to solve vehicle routing
problems", CP 1998; the neighbourhoods are those of scheduling: a window of time, the tasks of late
lines and what blocks them, the tasks of one resource.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import REPLAY_RATE, Budget, Progress
from orderopt.solvers.compiled.extras import refuse_extras
from orderopt.solvers.compiled.shop import Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate, line_arrivals
from orderopt.solvers.cpsat.search import run
from orderopt.solvers.cpsat.shop_model import ShopModel
from orderopt.solvers.cpsat.shop_rules import post_rules
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling.bounded import Bounded
from orderopt.solvers.scheduling.dispatch import Dispatch, settled
from orderopt.solvers.scheduling.limits import find_heads

STEP_SECONDS = 3.0
"""Most seconds for one neighbourhood."""

FEWEST, MOST = 8, 150
"""Tasks in a neighbourhood."""


class LargeNeighbourhoods:
    """Frees some tasks, holds the rest, and solves; neighbourhoods grow while they are solved with ease."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return a schedule at least as good as `start` (or as dispatch)."""
        refuse_extras(problem, "lns")
        seed = Dispatch().schedule(problem, budget, start=start)
        if seed.answer is None or seed.objective is None or seed.status is Status.OPTIMAL:
            return seed
        best = settled(problem, seed.answer)
        cost = evaluate(problem, best).total
        if not best.is_complete or cost > seed.objective:
            best, cost = seed.answer, seed.objective
        heads = find_heads(problem)
        random = np.random.default_rng(budget.seed)
        chooser = _Chooser(problem, random)
        spent, allowed = 0.0, budget.seconds * REPLAY_RATE
        size, fruitless = 25, 0
        while not budget.is_over and fruitless < 400:
            if budget.is_reproducible and spent >= allowed:
                break
            free = chooser.choose(best, size)
            found, effort, is_proven = _solve(problem, best, free, heads.start, budget, cost)
            spent += effort
            value = np.inf if found is None else evaluate(problem, found).total
            if found is not None and found.is_complete and value < cost - 1e-7 * max(1.0, cost):
                best, cost, fruitless = found, value, 0
                budget.on_progress(
                    Progress(
                        "schedule",
                        f"{int(free.sum())} tasks moved",
                        budget.seconds - budget.remaining,
                        cost,
                        heads.bound,
                    )
                )
                if cost <= heads.bound * (1 + 1e-9):
                    break
            else:
                fruitless += 1
            size = min(MOST, size + 2) if is_proven else max(FEWEST, size - 3)
        proven = cost <= heads.bound * (1 + 1e-9)
        return Outcome(
            Status.OPTIMAL if proven else Status.FEASIBLE,
            best,
            cost,
            min(heads.bound, cost),
            "proven" if proven else "time",
        )


def with_bound() -> Bounded:
    """Return the strategy as it is used alone, with a bound beside its schedule."""
    return Bounded(LargeNeighbourhoods())


def _solve(
    problem: ShopProblem, best: ShopSchedule, free: np.ndarray, earliest: Ints, budget: Budget, cost: float
) -> tuple[ShopSchedule | None, float, bool]:
    """Return the schedule with the free tasks placed anew, the effort, and whether the part was solved to the end."""
    low, high = _windows(problem, best, free, earliest)
    shop = post_rules(ShopModel(problem, low, high, hint=best, is_free=free, tops=cost))
    shop.minimise()
    part = budget.part(STEP_SECONDS)
    # A part gains nothing from racing workers; the second one brings the search that proves.
    search = run(
        shop.model,
        replace(part, workers=min(2, budget.workers)),
        effort=STEP_SECONDS * REPLAY_RATE if budget.is_reproducible else None,
    )
    if not search.has_solution:
        return None, search.effort, False
    return settled(problem, shop.read_back(search.solver)), search.effort, search.status is Status.OPTIMAL


def _windows(problem: ShopProblem, best: ShopSchedule, free: np.ndarray, earliest: Ints) -> tuple[Ints, Ints]:
    """Return bounds on the free tasks: between what is held before and behind them, and not far off."""
    arrays = problem.arrays
    low, high = best.start.copy(), best.end.copy()
    tasks = np.flatnonzero(free)
    until = int(best.end[tasks].max()) + max(240, int((best.end[tasks] - best.start[tasks]).max()))
    since = int(best.start[tasks].min())
    since -= max(0, since - int(earliest[tasks].min())) // 4
    for task in tasks:
        low[task] = max(int(earliest[task]), min(since, int(best.start[task])))
        high[task] = until
        job = int(arrays.task_job[task])
        if task + 1 < arrays.job_ptr[job + 1]:
            if not free[task + 1]:
                high[task] = min(high[task], int(best.start[task + 1]))
        else:
            for fed in arrays.feed_task[arrays.feed_ptr[job] : arrays.feed_ptr[job + 1]]:
                if not free[fed]:
                    high[task] = min(high[task], int(best.start[fed]))
        high[task] = max(high[task], int(best.end[task]))
    return low, high


class _Chooser:
    """Chooses which tasks to free."""

    def __init__(self, problem: ShopProblem, random: np.random.Generator) -> None:
        self.problem = problem
        self.random = random
        self.movable = np.flatnonzero(problem.arrays.task_is_fixed == 0)
        self.ways: tuple[Callable[[ShopSchedule, int], Ints], ...] = (
            self._window,
            self._late,
            self._machines,
            self._window,
        )

    def choose(self, schedule: ShopSchedule, size: int) -> np.ndarray:
        """Return a mask of tasks to free."""
        way = self.ways[int(self.random.integers(len(self.ways)))]
        tasks = way(schedule, min(size, len(self.movable)))
        free = np.zeros(self.problem.num_tasks, dtype=bool)
        free[tasks[self.problem.arrays.task_is_fixed[tasks] == 0]] = True
        if not free.any():
            free[self.random.choice(self.movable)] = True
        return free

    def _window(self, schedule: ShopSchedule, size: int) -> Ints:
        centre = int(self.random.choice(self.movable))
        return self._near(schedule, self.movable, int(schedule.start[centre]), size)

    def _late(self, schedule: ShopSchedule, size: int) -> Ints:
        """Tasks of a late line and what stands before them on their resources."""
        arrays = self.problem.arrays
        late = np.maximum(line_arrivals(self.problem, schedule) - arrays.line_due, 0) * arrays.line_weight
        if not late.any():
            return self._window(schedule, size)
        line = int(self.random.choice(len(late), p=late / late.sum()))
        jobs = np.flatnonzero(arrays.job_line == line)
        if not len(jobs):
            return self._window(schedule, size)
        job = int(self.random.choice(jobs))
        own = self._tree(job)
        resources = np.isin(arrays.alt_resource[schedule.alternative], arrays.alt_resource[schedule.alternative[own]])
        task = int(self.random.choice(own))
        around = np.flatnonzero(resources & (arrays.task_is_fixed == 0))
        chosen = self._near(schedule, around, int(schedule.start[task]), max(0, size - len(own)))
        return np.unique(np.concatenate((own, chosen)))

    def _machines(self, schedule: ShopSchedule, size: int) -> Ints:
        """Tasks near each other on two resources that can stand in for each other, or on one."""
        arrays = self.problem.arrays
        task = int(self.random.choice(self.movable))
        options = arrays.alt_resource[arrays.alt_ptr[task] : arrays.alt_ptr[task + 1]]
        on_them = np.isin(arrays.alt_resource[schedule.alternative], options) & (arrays.task_is_fixed == 0)
        return self._near(schedule, np.flatnonzero(on_them), int(schedule.start[task]), size)

    def _near(self, schedule: ShopSchedule, among: Ints, minute: int, size: int) -> Ints:
        """Return the tasks whose begin is nearest to a minute."""
        distance = np.abs(schedule.start[among] - minute)
        return among[np.argsort(distance, kind="stable")[:size]]

    def _tree(self, job: int) -> Ints:
        """Return the tasks of a job and of everything made for it."""
        arrays = self.problem.arrays
        tasks = list(range(int(arrays.job_ptr[job]), int(arrays.job_ptr[job + 1])))
        for task in tasks:
            for feeder in arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]]:
                tasks.extend(range(int(arrays.job_ptr[feeder]), int(arrays.job_ptr[feeder + 1])))
        return np.array(tasks, dtype=np.int64)
