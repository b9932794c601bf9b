"""The strategy ``lagrangian``: prices on what is scarce, a choice by them, local search, and a program for the rest.

Prices come from Lagrangian relaxation, whose bound is the answer's. With them most lines have one good slot; what
moves in the search, and what is left to HiGHS, are the others (a kernel, after [1]_). Where the kernel holds every slot
that costs no more above its line's best than the answer above the bound, what HiGHS proves holds for all slots.

References
----------
.. [1] E. Angelelli, R. Mansini, M. G. Speranza, Kernel search: a general heuristic for the multi-dimensional knapsack
   problem, Computers & Operations Research 37 (2010).
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.allocation.greedy import assign, complete, keep_shares, regrets
from orderopt.solvers.allocation.kernel_program import KernelProgram
from orderopt.solvers.allocation.prices import Prices, find_prices
from orderopt.solvers.allocation.search import (
    STYLES,
    Round,
    build_guide,
    enter,
    fill,
    find_width,
    run_round,
    serve_priced,
)
from orderopt.solvers.allocation.slots import Slots, build_slots
from orderopt.solvers.allocation.state import Guide, read_choice
from orderopt.solvers.allocation.warm import await_kernels
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Assignment, Floats, SourcingProblem, assignment_cost
from orderopt.solvers.outcome import Outcome

MOVES = 400_000
"""Moves of the first round; each further one has more."""

MOVES_A_SECOND = 80_000
"""Moves that a reproducible run counts for a second; fewer than the clock would allow."""

SEARCH_SHARE = 0.25
"""Share of the time that local search has before a program is solved for the rest."""

CLOSE = 1e-6
"""Relative distance from the bound at which a choice is proven: what tolerances of solvers leave."""


class Lagrangian:
    """Reproducible with one worker: steps and moves are counted then, and no program is solved."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return the best choice found and the best bound proven."""
        budget = await_kernels(budget, search=True)
        slots = build_slots(problem)
        run = _Run(problem, slots, budget)
        run.offer(assign(problem, slots) if start is None else start, "greedy")
        if start is not None:
            run.offer(complete(problem, start, slots), "completed")
        if problem.num_lines:
            run.search()
        return run.outcome("")


class _Run:
    """One call: the best choice so far, the bound, and what leads to better ones."""

    def __init__(self, problem: SourcingProblem, slots: Slots, budget: Budget) -> None:
        self.problem, self.slots, self.budget = problem, slots, budget
        self.best: Assignment | None = None
        self.cost = np.inf
        self.bound = -np.inf

    def offer(self, choice: Assignment, message: str) -> None:
        """Take a choice if it is cheaper than the best so far."""
        cost = assignment_cost(self.problem, choice)
        if self.best is None or cost < self.cost:
            self.best, self.cost = choice, cost
            budget = self.budget
            bound = self.bound if np.isfinite(self.bound) else None
            budget.on_progress(Progress("allocate", message, budget.seconds - budget.remaining, cost, bound))

    def offer_lawful(self, choice: Assignment, message: str) -> None:
        """Take a choice, units' shares kept, if it is cheaper than the best so far."""
        if self.slots.units.are_counted[0]:
            state = enter(self.slots, self.guide, choice)
            keep_shares(self.slots, state)
            choice = read_choice(state)
        self.offer(choice, message)

    @property
    def is_proven(self) -> bool:
        return self.cost - self.bound <= CLOSE * max(1.0, abs(self.cost))

    def search(self) -> None:
        budget = self.budget
        part = (
            replace(budget, seconds=budget.seconds * 0.3)
            if budget.is_reproducible
            else budget.part(budget.remaining * 0.3)
        )
        self.prices: Prices = find_prices(self.slots, part, target=self.cost)
        self.bound = self.prices.bound
        self.regret: Floats = regrets(self.slots, self.prices.score)
        self.width = find_width(self.slots, self.prices, self.regret)
        self.guides = {share: build_guide(self.slots, self.prices, share * self.width) for share in dict(STYLES)}
        self.guide: Guide = self.guides[1.0]
        choice = serve_priced(self.slots, self.prices, self.regret)
        self.offer_lawful(choice, "priced")
        wide = build_guide(self.slots, self.prices, find_width(self.slots, self.prices, self.regret, wider=8.0))
        for each in (choice, self.require()):
            self.offer_lawful(fill(self.slots, wide, each, budget.seed), "filled in")
        if budget.is_reproducible:
            self.count_moves()
            return
        with ThreadPoolExecutor(budget.workers) as pool:
            self.anneal_in(pool)

    def require(self) -> Assignment:
        assert self.best is not None  # the greedy choice is offered first
        return self.best

    def count_moves(self) -> None:
        """Anneal in rounds by the number of moves."""
        left, number = int(self.budget.seconds * MOVES_A_SECOND), 0
        while left > 0 and not self.is_proven and not self.budget.cancel.is_set() and len(self.guide.movers):
            moves = min(left, MOVES * (number + 1))
            found = self.anneal_once(number, moves, self.budget.seed * 31 + number, self.budget)
            self.offer_lawful(found.choice, "annealing")
            left, number = left - moves, number + 1

    def anneal_once(self, style: int, moves: int, seed: int, budget: Budget) -> Round:
        share, hot = STYLES[style % len(STYLES)]
        return run_round(self.slots, self.guides[share], hot * self.width, self.require(), moves, seed, budget)

    def anneal_in(self, pool: ThreadPoolExecutor) -> None:
        """Anneal on all workers, then on all but one, which solves programs of growing kernels."""
        budget = self.budget
        until = budget.part(budget.remaining * SEARCH_SHARE)
        number = 0
        program = KernelProgram(self.problem, self.slots, self.prices, budget)
        solving: Future[Assignment | None] | None = None
        while not budget.is_over and not self.is_proven:
            if until.is_over and solving is None and program.has_more:
                solving = pool.submit(program.solve, self.require(), self.cost, self.bound)
            searching = max(1, budget.workers - (solving is not None))
            within = budget.part(max(0.5, budget.remaining * 0.1)) if solving is not None else until
            rounds = []
            if len(self.guide.movers) and not (solving is not None and budget.workers == 1):
                moves = MOVES * (number + 1)
                rounds = [
                    pool.submit(
                        self.anneal_once, number + worker, moves, budget.seed * 31 + number * 7 + worker, within
                    )
                    for worker in range(searching)
                ]
            elif solving is not None:
                solving.exception()
            for each in rounds:
                self.offer_lawful(each.result().choice, "annealing")
            number += 1
            if solving is not None and solving.done():
                found = solving.result()
                self.bound = max(self.bound, program.bound)
                if found is not None:
                    self.offer_lawful(found, "HiGHS on the kernel")
                solving = None
            if not rounds and solving is None and not program.has_more:
                break
        if solving is not None:
            found = solving.result()
            self.bound = max(self.bound, program.bound)
            if found is not None:
                self.offer_lawful(found, "HiGHS on the kernel")

    def outcome(self, reason: str) -> Outcome[Assignment]:
        proven = self.is_proven
        bound = min(self.bound, self.cost) if np.isfinite(self.bound) else None
        why = reason or ("proven" if proven else "time" if self.budget.is_over else "done")
        return Outcome(Status.OPTIMAL if proven else Status.FEASIBLE, self.best, self.cost, bound, why)
