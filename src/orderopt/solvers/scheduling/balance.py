"""Parallel machines whose last task is to end early: annealing of rows of single tasks, with setups between them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import NONE, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.scheduling.kernels_balance import Rows, balance, time_rows
from orderopt.solvers.scheduling.kernels_graph import Facts
from orderopt.solvers.scheduling.ways import as_timed_schedule, build_ways, keep_schedule

HOT, COLD = 0.05, 0.004
"""First and last temperature, as shares of the mean work of a task."""

COOLINGS, ROUNDS = 2, 100
"""Coolings, each from the best rows so far, and temperatures of one."""

MOVES_A_SECOND = 1_500_000
"""Moves that a reproducible run plans for a second."""

FEWEST_MOVES = 200
"""Moves at one temperature before the clock is looked at."""


class Balancing:
    """One search by one or more workers, each with rows of its own.

    Parameters
    ----------
    problem
        A shop of which :func:`~orderopt.solvers.scheduling.kinds.is_parallel` is true.
    facts
        Of the problem.
    start
        A complete schedule.
    target
        An end of all work that no schedule beats.
    """

    def __init__(self, problem: ShopProblem, facts: Facts, start: ShopSchedule, target: int, budget: Budget) -> None:
        self.problem, self.facts, self.budget = problem, facts, budget
        arrays = problem.arrays
        self.target = target - int(arrays.start[0]) - int(arrays.job_lead[0])
        self.hot = HOT * float(arrays.alt_work.mean()) + 1e-6
        self.way = self._find_ways()
        self.best = build_ways(problem, keep_schedule(problem, start)).state[:, 1:4].T.copy()
        self.latest = float(time_rows(facts, self._build(self.best)))

    @property
    def num_slots(self) -> int:
        """How many rows there are."""
        return int(self.problem.arrays.slot_ptr[-1])

    def search(self) -> ShopSchedule:
        """Return the best schedule met."""
        began, budget = time.monotonic(), self.budget
        for number in range(COOLINGS):
            ends = began + budget.seconds * (number + 1) / COOLINGS
            with ThreadPoolExecutor(budget.workers) as pool:
                found = list(pool.map(lambda worker: self._cool(number, worker, ends), range(budget.workers)))  # noqa: B023
            for latest, best in found:
                if latest < self.latest:
                    self.latest, self.best = latest, best
                    budget.on_progress(Progress("schedule", "annealing of rows", 0.0, latest))
            if self._is_over(self.latest):
                break
        return self._as_schedule()

    def _is_over(self, latest: float) -> bool:
        return self.budget.is_over or latest <= self.target

    def _cool(self, number: int, worker: int, ends: float) -> tuple[float, Ints]:
        """Anneal once; returns when the last of the best rows ends, and these."""
        random = np.random.default_rng((self.budget.seed, number, worker))
        rows, best, latest = self._build(self.best), self.best.copy(), self.latest
        time_rows(self.facts, rows)
        began, step = time.monotonic(), 0
        planned = max(FEWEST_MOVES, int(self.budget.seconds * MOVES_A_SECOND / COOLINGS / ROUNDS))
        moves = planned if self.budget.is_reproducible else FEWEST_MOVES
        share = 0.0
        while share < 1.0 and not self._is_over(latest):
            heat = self.hot * (COLD / HOT) ** share
            looked = time.monotonic()
            latest = float(balance(self.facts, rows, best, latest, moves, heat, int(random.integers(1 << 31))))
            step += 1
            if self.budget.is_reproducible:
                share = step / ROUNDS
                continue
            now = time.monotonic()
            share = (now - began) / max(ends - began, 1e-9)
            aim = (ends - began) / ROUNDS / max(now - looked, 1e-6)
            moves = int(np.clip(moves * aim, FEWEST_MOVES, 4 * moves))
        return latest, best

    def _find_ways(self) -> Ints:
        """Return the alternative by which each slot does each task, shape (T, S)."""
        arrays = self.problem.arrays
        way = np.full((self.problem.num_tasks, self.num_slots), NONE, dtype=np.int64)
        task = np.repeat(np.arange(self.problem.num_tasks), np.diff(arrays.alt_ptr))
        for alternative, resource in enumerate(arrays.alt_resource.tolist()):
            way[task[alternative], arrays.slot_ptr[resource] : arrays.slot_ptr[resource + 1]] = alternative
        return way

    def _build(self, best: Ints) -> Rows:
        first = np.full(self.num_slots, NONE, dtype=np.int64)
        leads = np.flatnonzero(best[1] == NONE)
        first[best[0][leads]] = leads
        return Rows(self.way, best[0].copy(), best[1].copy(), best[2].copy(), first, np.zeros(self.num_slots))

    def _as_schedule(self) -> ShopSchedule:
        """Return the best rows as a schedule."""
        slot, _, after = self.best
        rank = np.zeros(len(slot), dtype=np.int64)
        for first in self._build(self.best).first.tolist():
            task, place = first, 0
            while task != NONE:
                rank[task], task, place = place, int(after[task]), place + 1
        chosen = self.way[np.arange(len(slot)), slot]
        return as_timed_schedule(self.problem, self.facts, np.stack((chosen, slot, rank, rank)))
