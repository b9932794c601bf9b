"""A lower bound on the cost of any schedule: prices on machine time that make jobs keep out of each other's way.

Capacity is dualised (Lagrangian relaxation): in each bucket of time an open minute of a group of equal machines has a
price, every job places its tasks over the priced time at least cost, and what all of them pay for the time that
there is, is given back. That is the decomposition of P. Luh & D. Hoitomt, "Scheduling of manufacturing systems using
the Lagrangian relaxation technique", IEEE Transactions on Automatic Control 38 (1993), with buckets of any length. A
line that several jobs serve, and jobs that wait for components, are placed together as a tree, so that a minute late
counts once; a component that several jobs wait for is shared out among them. Prices move
after each batch of jobs, one batch after the other (A. Nedić & D. Bertsekas, "Incremental subgradient methods for
nondifferentiable optimization", SIAM Journal on Optimization 12 (2001)), and the bound is taken at their mean over a
round. Few long buckets come first, many short ones last.

The bound is that of work that may be done in fractions: it sees load that does not fit in time, not what tasks lose
because they cannot be cut.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import Floats, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling.level import Level
from orderopt.solvers.scheduling.limits import Heads, find_heads
from orderopt.solvers.scheduling.line_bounds import raise_lateness
from orderopt.solvers.scheduling.priced import Ways, cut_time, gather_ways
from orderopt.solvers.scheduling.setup_floor import find_setup_floor

LEVELS = (50, 100, 200, 400, 800, 1600)
"""Buckets of time, from one level to the next."""

BATCHES, FEW_BATCHES = 20, 5
"""Parts of the shop move prices in so many batches, one after the other; with fewer, directions need a memory."""

ROUNDS, ROUNDS_ALONE, FEWEST_ROUNDS = 8, 56, 4
"""Rounds of a level, those that one batch alone takes beside them, and how few gain nothing over the level before."""

MOST_REPEATS = 8
"""How many times the planned rounds are taken where there is effort left."""

LOOK = 4
"""Rounds from one look at the bound to the next."""

LOOKS_A_SECOND = 40_000_000
"""Starts of alternatives that are looked at in a second, as effort is counted."""

FIRST_STEP, EASE, SHRINK, MEMORY = 0.25, 0.9, 0.5, 0.9
"""First step of a batch as a share of Polyak's for the distance to the known schedule; what a step becomes in a round
that gained, and in one that did not, where a level has `ROUNDS`; and the weight of earlier directions."""


def find_floor(problem: ShopProblem) -> float:
    """Return a cost that no schedule stays below, found without prices: load of whole lines, changeovers, lone jobs."""
    heads = find_heads(problem)
    if heads.start.max(initial=0) < FOREVER:
        heads = raise_lateness(problem, heads, gather_ways(problem))
    return heads.bound + find_setup_floor(problem)


def find_bound(
    problem: ShopProblem,
    schedule: ShopSchedule,
    *,
    seconds: float,
    heads: Heads | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> float:
    """Return a number that no schedule of the problem costs less than, in currency.

    Parameters
    ----------
    problem
        The question.
    schedule
        A complete schedule: how far it is from the bound sets the length of steps, its end that of time.
    seconds
        Effort, in seconds of a usual machine. It is counted in work, so that the same call gives the same bound.
    heads
        Earliest times, if they are known already.
    is_over
        Asked now and then; True ends the search with the bound so far.
    """
    heads = find_heads(problem) if heads is None else heads
    overlaps = problem.extras is not None and bool(problem.extras.alt_overlaps.any())
    floor = find_setup_floor(problem)
    cost = evaluate(problem, schedule).total
    if not schedule.is_complete or heads.start.max(initial=0) >= FOREVER or cost <= (heads.bound + floor) * (1 + 1e-9):
        return heads.bound + floor
    if overlaps:  # prices know only steps that follow each other; other extras just forbid, and cost nothing
        return heads.bound + floor
    ways = gather_ways(problem)
    if not len(ways.group):
        return heads.bound + floor  # nothing is left to place
    heads = raise_lateness(problem, heads, ways, is_over)
    search = _Search(problem, heads, ways, int(schedule.end.max()), cost - floor - heads.beside)
    search.climb(seconds * LOOKS_A_SECOND, is_over)
    return max(heads.bound, search.bound + heads.beside) + floor


class _Search:
    """Prices that climb, level by level."""

    def __init__(self, problem: ShopProblem, heads: Heads, ways: Ways, until: int, top: float) -> None:
        self.problem, self.heads, self.ways, self.until, self.top = problem, heads, ways, until, top
        self.bound, self.step = heads.bound - heads.beside, 0.0
        self.random = np.random.default_rng(0)

    def climb(self, effort: float, is_over: Callable[[], bool]) -> None:
        """Improve the bound as long as effort and the caller allow."""
        divisions: list[Ints] = []
        for most in LEVELS:
            times = cut_time(self.problem, self.ways, self.until, most)
            if not divisions or len(times) > len(divisions[-1]):
                divisions.append(times)
        level, price, density = None, np.empty(0), float(len(self.ways.group))
        for number, times in enumerate(divisions):
            affordable = int(effort / max(1.0, density * len(times)))
            if is_over() or (level is not None and affordable < FEWEST_ROUNDS):
                return
            finer = Level(self.problem, self.heads, self.ways, times)
            price = np.zeros(len(finer.capacity)) if level is None else finer.take_over(level, price)
            level = finer
            least = ROUNDS + ROUNDS_ALONE // min(level.num_parts, BATCHES)
            left = sum(len(each) for each in divisions[number:]) * density * least
            rounds = int(least * min(MOST_REPEATS, max(1.0, effort / max(left, 1.0))))
            rounds = max(FEWEST_ROUNDS, min(rounds, affordable))
            price = self._climb(level, price, rounds, is_over)
            if self.bound >= self.top * (1 - 1e-9):
                return
            effort -= level.looks
            density = level.looks / rounds / len(times)

    def _climb(self, level: Level, price: Floats, rounds: int, is_over: Callable[[], bool]) -> Floats:
        """Take some rounds on one level; return the prices reached."""
        count = min(level.num_parts, BATCHES)
        order = self.random.permutation(level.num_parts)
        batches = [np.sort(order[number::count]) for number in range(count)]
        last, mean = -np.inf, price
        if not self.step:
            value, excess = level.evaluate(price), level.excess()
            length = float((excess * excess * level.width).sum())
            self.step = FIRST_STEP * count * max(self.top - value, 0.0) / max(length, 1e-9)
        direction = np.zeros(len(price))
        memory = MEMORY if count < FEW_BATCHES else 0.0
        is_open = level.is_priced
        for number in range(rounds):
            total, value = np.zeros(len(price)), 0.0
            for batch in self.random.permutation(count):
                if is_over():
                    return mean
                value += level.place(price, batches[batch])
                value -= float(price @ level.capacity) / count
                total += price
                direction = memory * direction + (1 - memory) * level.excess(1 / count)
                price = np.where(is_open, np.maximum(0.0, price + self.step * direction), 0.0)
            self.step *= (EASE if value > last else SHRINK) ** (ROUNDS / rounds)
            last = value
            if count == 1 or number % LOOK == LOOK - 1 or number == rounds - 1:
                mean = total / count
                self.bound = max(self.bound, value if count == 1 else level.evaluate(mean))
        return mean
