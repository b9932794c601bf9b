"""The program of the kernel: lines with few good slots are settled, HiGHS decides on the others."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.allocation.greedy import complete
from orderopt.solvers.allocation.prices import Prices
from orderopt.solvers.allocation.slots import Slots
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, Flags, Floats, Ints, SourcingProblem

FIRST_SIZE, FIRST_SHARE = 3_000, 0.8
"""Slots beyond the best of each line in the first kernel: so many, or this share of the number of lines if fewer."""

GROWTH, MOST = 2.5, 100_000
"""How a kernel grows, and slots at most beyond the best of each line."""

TIME_SHARE = 0.6
"""Share of the time left that a kernel may take if a larger one can follow."""

ENOUGH = 1e-6
"""Relative gap at which HiGHS may stop."""


class KernelProgram:
    """Kernels of growing size, one program each.

    Attributes
    ----------
    bound
        What programs proved for all choices.
    """

    def __init__(self, problem: SourcingProblem, slots: Slots, prices: Prices, budget: Budget) -> None:
        self.problem, self.slots, self.prices, self.budget = problem, slots, prices, budget
        self.line = slots.options.line[slots.places.option]
        self.best = slots.lines.unserved.copy()
        np.minimum.at(self.best, self.line, prices.score)
        self.excess: Floats = prices.score - self.best[self.line]
        least = np.where(slots.lines.lots > 1, slots.lines.least_lots, 1) / slots.lines.lots
        self.least_part: Floats = least[self.line]
        self.size = min(FIRST_SIZE, FIRST_SHARE * problem.num_lines)
        self.bound = -np.inf
        self.has_more = len(self.excess) > 0

    def solve(self, choice: Assignment, cost: float, bound: float) -> Assignment | None:
        """Return what HiGHS finds for the next kernel, None if nothing; grows the kernel for the next call.

        Parameters
        ----------
        choice, cost
            The best choice so far.
        bound
            What no choice beats.
        """
        from orderopt.solvers.milp.program import solve

        slots, budget = self.slots, self.budget
        gap = cost - bound + 1e-9 * abs(cost)
        keep, is_all = self._choose(gap)
        keep |= self._is_used(choice)
        settled, is_certain = self._settle(keep, choice, gap)
        self.size *= GROWTH
        self.has_more = not is_all and self.size < MOST
        share = TIME_SHARE if self.has_more else 0.95
        found = solve(
            self.problem,
            budget.part(budget.remaining * share),
            whole=True,
            slots=slots,
            keep=keep,
            start=choice,
            settled=settled,
            good_enough=ENOUGH,
        )
        if found is None:
            return None
        if is_all and is_certain:
            self.bound = max(self.bound, min(found.bound, cost))
        used = found.lots > 0.5
        latest = found.lots.shape[1] - 1 - np.argmax(used[:, ::-1], axis=1)
        lots = np.round(found.lots.sum(axis=1)).astype(np.int64)
        return complete(self.problem, Assignment(lots, np.where(lots > 0, latest, 0)), slots)

    def _choose(self, gap: float) -> tuple[Flags, bool]:
        """Return the slots of the kernel, and whether no other slot is in a choice that closes the gap."""
        firsts = int((self.excess <= 0.0).sum())
        count = min(len(self.excess), firsts + int(self.size))
        width = float(np.partition(self.excess, count - 1)[count - 1])
        needed = self.excess * self.least_part < gap
        keep: Flags = (self.excess <= width) & (needed | (self.excess <= 0.0))
        return keep, not bool((needed & ~keep).any())

    def _is_used(self, choice: Assignment) -> Flags:
        """Return the slots that a choice uses."""
        places = self.slots.places
        used: Flags = (choice.lots[places.option] > 0) & (choice.bucket[places.option] == places.bucket)
        return used

    def _settle(self, keep: Flags, choice: Assignment, gap: float) -> tuple[Ints, bool]:
        """Return the slots that serve whole lines which have no other, and whether that is so in all better choices."""
        lines = self.slots.lines
        counts = np.bincount(self.line[keep], minlength=len(lines.lots))
        alone = keep & (counts[self.line] == 1) & (lines.lots[self.line] == 1) & self._is_used(choice)
        settled = np.flatnonzero(alone)
        owner = self.line[settled]
        return settled, bool((lines.unserved[owner] - self.best[owner] >= gap).all())
