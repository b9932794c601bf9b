"""A lower bound on the cost of any schedule: prices on machine time that make jobs keep out of each other's way.

Capacity is dualised (Lagrangian relaxation): in each bucket of time an open minute of a group of equal machines has a
price, every job places its tasks over the priced time at least cost, and what all of them pay for the time that
there is, is given back. That is the decomposition of P. Luh & D. Hoitomt, "Scheduling of manufacturing systems using
the Lagrangian relaxation technique", IEEE Transactions on Automatic Control 38 (1993), with buckets of any length. A
line that several jobs serve, and jobs that wait for components, are placed together as a tree, so that a minute late
counts once; a component that several jobs wait for is shared out among them. Prices climb by averaged subgradient
steps of Polyak's length, from few long buckets to many short ones.

The bound is that of work that may be done in fractions: it sees load that does not fit in time, not what tasks lose
because they cannot be cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import Floats, Ints, ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.scheduling.kernels_bounds import NEVER, Book, price_out, smooth
from orderopt.solvers.scheduling.limits import Heads, find_heads
from orderopt.solvers.scheduling.line_bounds import raise_lateness
from orderopt.solvers.scheduling.priced import Ways, build_priced, cut_time, gather_ways
from orderopt.solvers.scheduling.setup_floor import find_setup_floor

LEVELS = ((12, 60), (25, 60), (50, 50), (100, 40), (200, 20), (400, 20), (1000, 10))
"""Buckets of time, and rounds with them, one after the other."""

FEWEST_ROUNDS = 5
"""Fewer rounds on a level gain nothing over the level before."""

MOST_REPEATS = 8
"""How many times the planned rounds are taken where there is effort left."""

PLACED_A_SECOND = 20_000_000
"""Buckets that alternatives are held against in a second, as the plan of the rounds assumes."""

MEMORY, SMOOTH, PATIENCE, FIRST_GAP, SHRINK = 0.9, 0.02, 5, 0.05, 1.5
"""Weight of earlier directions; share of the smoothing; rounds without gain before steps get shorter; first aim, as a
share of the distance to the known schedule; and how much shorter steps get."""


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
    floor = find_setup_floor(problem)
    cost = evaluate(problem, schedule).total
    if not schedule.is_complete or heads.start.max(initial=0) >= FOREVER or cost <= (heads.bound + floor) * (1 + 1e-9):
        return heads.bound + floor
    ways = gather_ways(problem)
    heads = raise_lateness(problem, heads, ways)
    search = _Search(problem, heads, ways, int(schedule.end.max()), cost - floor)
    search.climb(seconds * PLACED_A_SECOND, is_over)
    return max(heads.bound, search.bound) + floor


class _Level:
    """One division of time into buckets: what prices are for, and what they cost."""

    def __init__(self, problem: ShopProblem, heads: Heads, ways: Ways, times: Ints) -> None:
        self.shop, self.capacity = build_priced(problem, heads, ways, times)
        shop = self.shop
        waits = np.bincount(shop.link_job, minlength=problem.num_jobs)
        waits += np.bincount(shop.line_job, minlength=problem.num_jobs)
        self.share = 1.0 / waits[shop.link_job]
        self.line_share = 1.0 / waits[shop.line_job]
        shape = (problem.num_tasks, len(times) + 1)
        room = problem.num_tasks + len(shop.link_job) + 1
        self.book = Book(
            np.empty(shape),
            np.zeros(shape, dtype=np.int64),
            np.zeros(shape, dtype=np.int64),
            np.empty(len(times) + 1),
            np.zeros(len(self.capacity)),
            np.empty(room, dtype=np.int64),
            np.empty(room, dtype=np.int64),
            np.empty(room),
        )
        self.effort = len(ways.group) * len(times)
        self.usage = np.zeros(len(self.capacity))
        self.width = np.zeros(len(self.capacity))
        for group, marks in self._groups():
            self.width[shop.group_ptr[group] : shop.group_ptr[group] + len(marks) - 1] = np.diff(marks)

    def _groups(self) -> Iterator[tuple[int, Ints]]:
        """Yield each group with the breakpoints of its calendar, the last left out."""
        shop = self.shop
        for group, calendar in enumerate(shop.group_calendar.tolist()):
            yield group, shop.mark[shop.mark_ptr[calendar] : shop.mark_ptr[calendar + 1] - 1]

    @property
    def is_priced(self) -> np.ndarray:
        """Buckets that may have a price: those with open minutes."""
        return self.width > 0

    def evaluate(self, price: Floats) -> float:
        """Return the bound that prices give; `usage` tells then what is taken."""
        return float(price_out(self.shop, price, self.capacity, self.usage, self.share, self.line_share, self.book))

    def excess(self) -> Floats:
        """Return by how much use goes beyond capacity, as a share of the length of each bucket."""
        over = self.usage - self.capacity
        return np.divide(over, self.width, out=np.zeros_like(over), where=self.width > 0)

    def take_over(self, coarse: _Level, price: Floats) -> Floats:
        """Return prices of a coarser level, for these buckets."""
        found = np.zeros(len(self.capacity))
        before = dict(coarse._groups())
        for group, marks in self._groups():
            if len(marks) < 2 or len(before[group]) < 2:
                continue
            middle = (marks[:-1] + marks[1:]) / 2
            place = np.clip(np.searchsorted(before[group], middle, side="right") - 1, 0, len(before[group]) - 2)
            offset = int(self.shop.group_ptr[group])
            found[offset : offset + len(middle)] = price[coarse.shop.group_ptr[group] + place]
        return found


class _Search:
    """Prices that climb, level by level."""

    def __init__(self, problem: ShopProblem, heads: Heads, ways: Ways, until: int, top: float) -> None:
        self.problem, self.heads, self.ways, self.until, self.top = problem, heads, ways, until, top
        self.bound, self.gap = heads.bound, 0.0

    def climb(self, effort: float, is_over: Callable[[], bool]) -> None:
        """Improve the bound as long as effort and the caller allow."""
        divisions: list[tuple[Ints, int]] = []
        for most, rounds in LEVELS:
            times = cut_time(self.problem, self.ways, self.until, most)
            if not divisions or len(times) > len(divisions[-1][0]):
                divisions.append((times, rounds))
        planned = sum(len(times) * rounds for times, rounds in divisions) * len(self.ways.group)
        repeat = min(MOST_REPEATS, max(1.0, effort / max(1, planned)))
        level, price = None, np.empty(0)
        for times, rounds in divisions:
            affordable = int(effort / max(1, len(times) * len(self.ways.group)))
            if level is not None and affordable < FEWEST_ROUNDS:
                return
            finer = _Level(self.problem, self.heads, self.ways, times)
            price = np.zeros(len(finer.capacity)) if level is None else finer.take_over(level, price)
            level = finer
            most = max(FEWEST_ROUNDS, min(int(rounds * repeat), affordable))
            done, price = self._climb(level, price, most, is_over)
            effort -= done * level.effort
            if is_over() or self.bound >= self.top * (1 - 1e-9):
                return

    def _climb(self, level: _Level, price: Floats, rounds: int, is_over: Callable[[], bool]) -> tuple[int, Floats]:
        """Take some steps on one level; return how many, and the best prices."""
        best, kept, stale = -NEVER, price, 0
        direction = np.zeros(len(price))
        for number in range(rounds):
            value = level.evaluate(price)
            if number == 0:
                start = max(self.top - value, 0.0)
                has_climbed = self.bound > self.heads.bound
                self.gap = min(3 * self.gap, FIRST_GAP * start) if has_climbed else FIRST_GAP * start
            stale = 0 if value > best + 0.02 * self.gap else stale + 1
            if value > best:
                best, kept = value, price
                self.bound = max(self.bound, value)
            if stale >= PATIENCE:
                self.gap, stale, price = self.gap / SHRINK, 0, kept
            if self.gap <= 1e-4 * start or is_over():
                return number + 1, kept
            excess = level.excess()
            direction = excess if number == 0 else MEMORY * direction + (1 - MEMORY) * excess
            step = direction.copy()
            smooth(level.shop, level.book, step, SMOOTH)
            for wish in (step, direction):
                move = np.where((price <= 0) & (wish < 0), 0.0, wish)
                length = float((move * direction * level.width).sum())
                if length > 0:
                    price = np.where(level.width > 0, np.maximum(0.0, price + self.gap / length * move), 0.0)
                    break
            else:
                return number + 1, kept
        return rounds, kept
