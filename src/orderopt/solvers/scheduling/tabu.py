"""Tabu search with path relinking for schedules whose cost is one longest way: a makespan, with or without setups.

Many short searches from schedules that lie between two good ones, which they replace if they become better (B. Peng,
Z. Lü & T. Cheng, "A tabu search/path relinking algorithm to solve the job shop scheduling problem", Computers &
Operations Research 53 (2015)). A schedule between two others follows an order in which each task stands at a mean of
the places it has in both, so that it is always lawful.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import Floats, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.scheduling.kernels_graph import Facts
from orderopt.solvers.scheduling.kernels_tabu import measure, tabu
from orderopt.solvers.scheduling.ways import as_timed_schedule, build_ways, keep_schedule

ELITE = 12
"""Good schedules that are kept."""

MOST_MOVED = 0.3
"""Largest share of the tasks that a drawn schedule puts on other machines."""

PATIENCE, PATIENCE_A_TASK = 12_500, 50
"""Steps without a better schedule after which a search ends, at most and for each task."""

TASKS_A_SECOND = 8_000_000
"""Tasks timed in a second, as a reproducible run plans."""

SLICE = 0.1
"""Seconds between two looks at the clock."""


@dataclass(frozen=True)
class Member:
    """A schedule among the good ones: alternative, slot, start and place in the order of each task; its longest way."""

    kept: Ints
    longest: int


class Relinking:
    """One search by one or more workers.

    Parameters
    ----------
    problem
        A shop of which :func:`~orderopt.solvers.scheduling.kinds.is_longest_way` is true.
    facts
        Of the problem.
    start
        A complete schedule.
    target
        A longest way that no schedule beats.
    """

    def __init__(self, problem: ShopProblem, facts: Facts, start: ShopSchedule, target: int, budget: Budget) -> None:
        self.problem, self.facts, self.target, self.budget = problem, facts, target, budget
        self.start = keep_schedule(problem, start)
        self.elite: list[Member] = []
        self.best: Member | None = None
        self.lock = threading.Lock()
        self.steps = self.refused = 0
        self.planned = int(budget.seconds * TASKS_A_SECOND / problem.num_tasks)
        self.patience = min(PATIENCE, PATIENCE_A_TASK * (10 + problem.num_tasks))
        machines = max(1, len(np.unique(problem.arrays.alt_resource)))
        self.tenure = 10 + problem.num_tasks // machines**2

    def search(self) -> ShopSchedule:
        """Return the best schedule met."""
        with ThreadPoolExecutor(self.budget.workers) as pool:
            list(pool.map(self._work, range(self.budget.workers)))
        assert self.best is not None
        return as_timed_schedule(self.problem, self.facts, self.best.kept)

    def _work(self, worker: int) -> None:
        random = np.random.default_rng((self.budget.seed, worker))
        if worker == 0:
            self._improve(self.start, random)
        while not self._is_over():
            with self.lock:
                elite = list(self.elite)
            if len(elite) < ELITE:
                self._enter(self._improve(self._draw(random), random))
                continue
            one, other = random.choice(len(elite), 2, replace=False)
            child = self._blend(elite[one].kept, elite[other].kept, random)
            self._enter(self._improve(child, random))

    def _is_over(self) -> bool:
        if self.budget.is_over or (self.best is not None and self.best.longest <= self.target):
            return True
        return self.budget.is_reproducible and self.steps >= self.planned

    def _improve(self, kept: Ints, random: np.random.Generator) -> Member:
        """Search from a schedule until nothing better was met for a while."""
        ways = build_ways(self.problem, kept)
        best = int(measure(self.facts, ways))
        if best < 0:  # jobs that wait for each other were drawn in the wrong order
            kept = np.stack((kept[0], kept[1], self.start[2], self.start[3]))
            ways = build_ways(self.problem, kept)
            best = int(measure(self.facts, ways))
        kept = kept.copy()
        step, stale, slice_ = 0, 0, 200
        self._note(Member(kept.copy(), best))
        while stale < self.patience and not self._is_over():
            began = time.monotonic()
            found, after, late = tabu(
                self.facts,
                ways,
                kept,
                best,
                self.target,
                slice_,
                self.patience - stale,
                self.tenure,
                step,
                int(random.integers(1 << 31)),
            )
            stale = stale + int(late) if found == best else int(late)
            self.steps += int(after) - step
            if found < best:
                best = int(found)
                self._note(Member(kept.copy(), best))
            if after - step < slice_:
                break  # patience is over, or nothing can be moved
            step = int(after)
            if not self.budget.is_reproducible:
                slice_ = int(np.clip(slice_ * SLICE / max(time.monotonic() - began, 1e-6), 50, 4 * slice_))
        return Member(kept, best)

    def _note(self, member: Member) -> None:
        with self.lock:
            if self.best is None or member.longest < self.best.longest:
                self.best = member
                self.budget.on_progress(Progress("schedule", "tabu search", 0.0, float(member.longest)))

    def _enter(self, member: Member) -> None:
        """Take a schedule among the good ones, if none of them is like it."""
        with self.lock:
            is_known = any(
                other.longest == member.longest and _distance(other.kept, member.kept) < 0.01 for other in self.elite
            )
            if is_known or (len(self.elite) == ELITE and member.longest >= self.elite[-1].longest):
                self.refused += 1
            else:
                self.refused = 0
                self.elite.append(member)
                self.elite.sort(key=lambda each: each.longest)
                del self.elite[ELITE:]
            if self.refused >= ELITE:  # all are alike: begin anew, with the best alone
                del self.elite[1:]
                self.refused = 0

    def _draw(self, random: np.random.Generator) -> Ints:
        """Return a schedule some way from the start: jobs earlier or later, some tasks on other machines."""
        arrays, size = self.problem.arrays, self.problem.num_tasks
        delay = random.random(self.problem.num_jobs) * self.start[2].max() * random.random()
        mixed = self.start[2] + delay[arrays.task_job]
        drawn = random.integers(arrays.alt_ptr[:-1], arrays.alt_ptr[1:])
        resource = arrays.alt_resource[drawn]
        slot = random.integers(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1])
        moves = random.random(size) < random.uniform(0.0, MOST_MOVED)
        return _ordered(
            np.where(moves, drawn, self.start[0]), np.where(moves, slot, self.start[1]), mixed, self.start[3]
        )

    def _blend(self, one: Ints, other: Ints, random: np.random.Generator) -> Ints:
        """Return a schedule between two others."""
        share = random.uniform(0.3, 0.7)
        mixed = share * one[2] + (1 - share) * other[2]
        takes = random.random(len(mixed)) < share
        rank = share * one[3] + (1 - share) * other[3]
        return _ordered(np.where(takes, one[0], other[0]), np.where(takes, one[1], other[1]), mixed, rank)


def _ordered(chosen: Ints, slot: Ints, start: Floats, rank: Floats) -> Ints:
    """Return a schedule whose tasks follow each other as their starts, and their ranks where these are the same."""
    place = np.empty(len(start), dtype=np.int64)
    place[np.lexsort((rank, start))] = np.arange(len(start))
    return np.stack((chosen, slot, place, place)).astype(np.int64)


def _distance(one: Ints, other: Ints) -> float:
    """Return how far two schedules are apart: the share of tasks with another slot or quite another place."""
    moved = (one[1] != other[1]) | (np.abs(one[2] - other[2]) * 20 > max(one[2].max(), other[2].max()))
    return float(moved.mean())
