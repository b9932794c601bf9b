"""The strategy ``dispatch``: list scheduling over a sweep of a rule's parameters, then by chance around the best."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.shop import Floats, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.outcome import Outcome
from orderopt.solvers.scheduling.bounded import Bounded
from orderopt.solvers.scheduling.kernels_dispatch import run_rule
from orderopt.solvers.scheduling.limits import find_heads
from orderopt.solvers.scheduling.priorities import SWEEP, Priorities, Setting, task_dues
from orderopt.solvers.scheduling.serial import place_anew
from orderopt.solvers.scheduling.shift import held_back, left_shift, put_off, settled
from orderopt.solvers.scheduling.warm import is_compiled

__all__ = ["Dispatch", "held_back", "left_shift", "settled", "task_dues"]

SHARE = 0.2
"""Share of the time that goes into dispatching where nothing else is asked for: others go on from what it finds."""

MOST_FRUITLESS = 100
"""Runs by chance without a better schedule after which there are no more."""

PASS_SECONDS = 4e-4
TASK_SECONDS = 2.5e-6
"""What a run of the rule takes, and what each of its tasks adds, as reproducible runs count: several times too much."""

LISTEN_SECONDS = 0.02
"""Time between two looks at the clock and the caller during a run."""

GRACE_SECONDS = 0.5
"""How much later than the clock says the first run ends; the caller is heard at once."""

SPREAD = 0.2
NOISE = 0.1
"""Standard deviations of chance, on the logarithms of the parameters and of the index of each job."""


class Dispatch:
    """List scheduling with the apparent tardiness cost rule, and with some chance around the best rule.

    Parameters
    ----------
    share
        Share of the time that may be spent. The first schedule is made however little that is.
    """

    def __init__(self, share: float = SHARE) -> None:
        self.share = share

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return the best schedule of all runs; with a complete `start` one run is made, in case it is a poor one."""
        if not is_compiled(run_rule):
            budget.on_progress(Progress("schedule", "compiling, once for this installation", 0.0))
        search = _Search(problem, budget)
        has_start = start is not None and start.is_complete
        if start is not None:
            search.take(_Try(SWEEP[0], None), start)
        with listening(budget, GRACE_SECONDS) as halt:
            search.begin(halt)
        if not has_start:
            part = budget.part(self.share * budget.seconds)
            with listening(part) as halt:
                search.go_on(part, halt)
        return search.outcome()


def with_bound() -> Bounded:
    """Return the strategy as it is used alone, with a bound beside its schedule."""
    return Bounded(Dispatch())


@dataclass(frozen=True)
class _Try:
    setting: Setting
    noise: Floats | None  # (J)


class _Search:
    """The best schedule so far, and what to try next."""

    def __init__(self, problem: ShopProblem, budget: Budget) -> None:
        self.problem, self.budget = problem, budget
        self.rule = Priorities(problem)
        self.bound = find_heads(problem).bound
        self.random = np.random.default_rng(budget.seed)
        self.found = _Try(SWEEP[0], None)
        self.best: ShopSchedule | None = None
        self.cost = np.inf

    @property
    def is_optimal(self) -> bool:
        return self.cost <= self.bound * (1 + 1e-9)

    def keep(self, tried: _Try, schedule: ShopSchedule) -> None:
        """Take what comes of a schedule of the rule, if it is the best so far."""
        if not schedule.is_complete:
            self.take(tried, schedule)
        elif self.problem.extras is not None:
            for free_choice in (False, True):
                self.take(tried, place_anew(self.problem, schedule, free_choice=free_choice))
        else:
            self.take(tried, put_off(self.problem, schedule) if self.problem.rewards_waiting else schedule)

    def take(self, tried: _Try, schedule: ShopSchedule) -> None:
        """Take a schedule if it is the best so far."""
        cost = evaluate(self.problem, schedule).total if schedule.is_complete else np.inf
        if cost < self.cost or self.best is None:
            self.best, self.cost, self.found = schedule, cost, tried

    def begin(self, halt: Ints) -> None:
        """Make the first schedule, whatever happens."""
        self.settings = self.rule.sweep()
        first = _Try(self.settings.pop(0), None)
        self.keep(first, self._run(first, halt))
        if not np.isfinite(self.cost):
            assert self.best is not None
            self.keep(first, self.rule.fill_up(self.best))

    def go_on(self, budget: Budget, halt: Ints) -> None:
        """Try settings, then chance, as long as the budget allows."""
        if self.best is not None and self.rule.join_lines(self.best):
            joint = [replace(each, is_joint=True) for each in (self.found.setting, *self.settings)]
            self.settings = [*joint, *self.settings]
        cost_of_run = PASS_SECONDS + TASK_SECONDS * self.problem.num_tasks
        left = budget.seconds / cost_of_run if budget.is_reproducible else np.inf
        fruitless = 0
        with ThreadPoolExecutor(budget.workers) as pool:
            while left >= 1 and fruitless < MOST_FRUITLESS and not budget.is_over and not self.is_optimal:
                tries = [self._next() for _ in range(budget.workers)]
                left -= len(tries)
                before = self.cost
                for tried, schedule in zip(tries, pool.map(lambda each: self._run(each, halt), tries), strict=True):
                    self.keep(tried, schedule)
                fruitless = 0 if self.settings or self.cost < before else fruitless + len(tries)

    def _run(self, tried: _Try, halt: Ints) -> ShopSchedule:
        return self.rule.run(tried.setting, halt, tried.noise)

    def _next(self) -> _Try:
        if self.settings:
            return _Try(self.settings.pop(0), None)
        look_ahead, patience, aversion = np.exp(self.random.normal(0.0, SPREAD, 3)).tolist()
        best = self.found.setting
        setting = replace(
            best,
            look_ahead=best.look_ahead * look_ahead,
            patience=best.patience * patience,
            aversion=best.aversion * aversion,
        )
        noise = self.random.normal(0.0, NOISE, self.problem.num_jobs)
        return _Try(setting, noise if self.found.noise is None else self.found.noise + noise)

    def outcome(self) -> Outcome[ShopSchedule]:
        if self.best is None or not np.isfinite(self.cost):
            reason = "some task never fits into the open hours, or may follow none of the others on its resources"
            return Outcome(Status.UNKNOWN, self.best, None, self.bound, reason)
        status = Status.OPTIMAL if self.is_optimal else Status.FEASIBLE
        return Outcome(status, self.best, float(self.cost), self.bound, "all rules tried")


@contextmanager
def listening(budget: Budget, grace: float = 0.0) -> Iterator[Ints]:
    """Give a flag that kernels read; a thread sets it when the budget is over, and the grace behind it."""
    halt, done = np.zeros(1, dtype=np.int64), threading.Event()

    def listen() -> None:
        last = None
        while not done.wait(LISTEN_SECONDS):
            if budget.is_over and last is None:
                last = time.monotonic() + grace
            if budget.cancel.is_set() or (last is not None and time.monotonic() >= last):
                halt[0] = 1
                return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield halt
    finally:
        done.set()
        thread.join()
