"""The allocation question as integer arrays: lines, the sources open to each, and what is scarce.

Every option (a source and a way to the customer) of a line has a cost, an earliest arrival, working minutes
on groups of resources, and draws on pools (stock, receipts, limited components). Groups have minutes up to the end
of each time bucket; an option that is ready in bucket k must have its minutes within buckets 0 to k.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from orderopt.errors import SolverError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Source(IntEnum):
    """What kind of source an option is."""

    SUPPLY = 0
    UNIT = 1
    SUPPLIER = 2


class SourcingArrays(NamedTuple):
    """L lines, O options (of all lines, one after the other), G groups, K buckets, P pools.

    Quantities are counted in lots of the line: `lots` of them make up the line (1 where it may not split).
    Costs are weighted currency.
    """

    option_ptr: Ints  # (L + 1)
    lots: Ints  # (L)
    least_lots: Ints  # (L) smallest part
    line_due: Ints  # (L) minutes
    minute_cost: Floats  # (L) cost of a minute late
    unserved_cost: Floats  # (L) cost of leaving the whole line unserved
    option_kind: Ints  # (O) Source
    option_ready: Ints  # (O) earliest arrival at the customer
    option_lead: Ints  # (O) minutes from the end of the work to the arrival, at least
    option_lot_cost: Floats  # (O) cost of a lot
    option_fixed_cost: Floats  # (O) cost of using the option at all
    option_unit: Ints  # (O) unit, -1: none
    load_ptr: Ints  # (O + 1)
    load_group: Ints
    load_minutes: Floats  # minutes of a lot
    load_fixed: Floats  # minutes whatever the quantity
    draw_ptr: Ints  # (O + 1)
    draw_pool: Ints
    draw_amount: Floats  # of a lot
    pool_amount: Floats  # (P)
    pool_buy: Floats  # (P) cost of buying a unit beyond the amount; inf: cannot be bought
    pool_make: Floats  # (P) cost of the work on a unit that is made; inf: cannot be made
    recipe_ptr: Ints  # (P + 1)
    recipe_pool: Ints  # pools that making draws on
    recipe_amount: Floats  # for a unit made
    bucket_end: Ints  # (K) minutes; the last is open-ended
    bucket_late: Ints  # (K) arrival that a bucket stands for, before the lead
    group_minutes: Floats  # (G, K) open minutes up to the end of each bucket
    unit_minutes: Floats  # (O) minutes of a lot on its own unit, to compare loads
    unit_capacity: Floats  # (U) open minutes in the window of comparison
    unit_share: Floats  # (U) highest share of all that is made
    line_quantity: Floats  # (L)
    fairness_weight: float
    pool_is_quota: Ints | None = None  # (P) 1: the amount is a quota, at which parts may end; None: none is


@dataclass(frozen=True)
class SourcingProblem:
    """One allocation question."""

    arrays: SourcingArrays

    @property
    def num_lines(self) -> int:
        """How many lines there are."""
        return len(self.arrays.lots)

    @property
    def num_options(self) -> int:
        """How many options all lines have together."""
        return len(self.arrays.option_kind)

    @property
    def num_buckets(self) -> int:
        """How many time buckets there are."""
        return len(self.arrays.bucket_end)

    def late_cost(self, line: int, option: int, bucket: int) -> float:
        """Return what a line costs if the option is ready in a bucket, lateness alone."""
        arrays = self.arrays
        arrival = max(int(arrays.option_ready[option]), int(arrays.bucket_late[bucket] + arrays.option_lead[option]))
        return max(0, arrival - int(arrays.line_due[line])) * float(arrays.minute_cost[line])

    def first_bucket(self, option: int) -> int:
        """Return the first bucket in which an option can be ready."""
        ready = int(self.arrays.option_ready[option] - self.arrays.option_lead[option])
        return min(int(np.searchsorted(self.arrays.bucket_end, ready, side="left")), self.num_buckets - 1)


@dataclass(frozen=True)
class Assignment:
    """What is chosen: who serves which line, and when.

    Attributes
    ----------
    lots
        Shape (O): lots of the line that the option serves; what no option serves stays unserved.
    bucket
        Shape (O): bucket in which each used option is ready.
    """

    lots: Ints
    bucket: Ints


def assignment_cost(problem: SourcingProblem, choice: Assignment) -> float:
    """Return what a choice costs as the allocation counts it.

    A line pays lateness once, for the latest of its parts. Pools beyond their amount are made or bought, whichever
    costs less; what is beyond a pool that can be neither costs infinitely much.
    """
    arrays = problem.arrays
    lines, lots = option_lines(problem), choice.lots
    served = np.bincount(lines, lots, minlength=problem.num_lines)
    used = np.flatnonzero(lots)
    total = float(lots[used] @ arrays.option_lot_cost[used] + arrays.option_fixed_cost[used].sum())
    arrival = np.maximum(arrays.option_ready[used], arrays.bucket_late[choice.bucket[used]] + arrays.option_lead[used])
    late = np.zeros(problem.num_lines)
    np.maximum.at(late, lines[used], np.maximum(0.0, arrival - arrays.line_due[lines[used]]))
    total += float(late @ arrays.minute_cost + arrays.unserved_cost @ (1.0 - served / arrays.lots))
    return total + pool_cost(problem, _drawn(problem, lots)) + _unit_cost(problem, choice)


def option_lines(problem: SourcingProblem) -> Ints:
    """Return the line of each option, shape (O)."""
    return np.repeat(np.arange(problem.num_lines), np.diff(problem.arrays.option_ptr))


def _drawn(problem: SourcingProblem, lots: Ints) -> Floats:
    """Return what is drawn directly from each pool, shape (P)."""
    arrays = problem.arrays
    draws = np.repeat(np.arange(problem.num_options), np.diff(arrays.draw_ptr))
    amounts = (arrays.draw_amount * lots[draws]).astype(np.float64)
    drawn: Floats = np.bincount(arrays.draw_pool, amounts, minlength=len(arrays.pool_amount)).astype(np.float64)
    return drawn


def pool_cost(problem: SourcingProblem, drawn: Floats) -> float:
    """Return what all that is drawn beyond the pools' amounts costs: each pool is settled before those it is made of.

    Parameters
    ----------
    drawn
        Shape (P): what the choice draws directly.
    """
    arrays = problem.arrays
    makes = is_made(problem)
    need, total = drawn.astype(np.float64), 0.0
    for pool in pool_order(problem):
        beyond = float(need[pool] - arrays.pool_amount[pool])
        if beyond <= 1e-9 * max(1.0, abs(float(arrays.pool_amount[pool]))):
            continue
        if makes[pool]:
            total += beyond * float(arrays.pool_make[pool])
            recipe = slice(int(arrays.recipe_ptr[pool]), int(arrays.recipe_ptr[pool + 1]))
            np.add.at(need, arrays.recipe_pool[recipe], beyond * arrays.recipe_amount[recipe])
        else:
            total += beyond * float(arrays.pool_buy[pool])
    return total


def is_made(problem: SourcingProblem) -> Flags:
    """Return for each pool whether what is beyond its amount is made (else it is bought, if that is possible)."""
    arrays = problem.arrays
    made = _make_prices(problem, pool_prices(problem))
    return np.isfinite(arrays.pool_make) & ((made < arrays.pool_buy) | ~np.isfinite(arrays.pool_buy))


def pool_order(problem: SourcingProblem) -> Ints:
    """Return the pools such that each stands before those it is made of."""
    arrays = problem.arrays
    size = len(arrays.pool_amount)
    waiting = np.bincount(arrays.recipe_pool, minlength=size)
    order = [pool for pool in range(size) if not waiting[pool]]
    for pool in order:  # grows while it is read
        for part in arrays.recipe_pool[arrays.recipe_ptr[pool] : arrays.recipe_ptr[pool + 1]]:
            waiting[part] -= 1
            if not waiting[part]:
                order.append(int(part))
    if len(order) < size:
        raise SolverError("a pool is made of itself; recipes must not form a circle")
    return np.array(order, dtype=np.int64)


def _above_share(problem: SourcingProblem, choice: Assignment) -> tuple[float, float]:
    """Return how much more units make than their shares allow, and how much is made in all."""
    arrays = problem.arrays
    by_unit = arrays.option_unit >= 0
    each = (arrays.line_quantity / arrays.lots)[option_lines(problem)[by_unit]]
    made = np.bincount(arrays.option_unit[by_unit], choice.lots[by_unit] * each, minlength=len(arrays.unit_share))
    return float(np.maximum(made - arrays.unit_share * made.sum(), 0.0).sum()), float(made.sum())


def _unit_cost(problem: SourcingProblem, choice: Assignment) -> float:
    """Return the cost of an uneven load, and what giving up all above a unit's highest share would cost."""
    arrays = problem.arrays
    above, made = _above_share(problem, choice)
    cost = float(arrays.unserved_cost.sum() * above / made) if above > 1e-9 else 0.0
    counted = arrays.unit_capacity > 0
    if arrays.fairness_weight > 0 and counted.any():
        by_unit = arrays.option_unit >= 0
        minutes = np.bincount(
            arrays.option_unit[by_unit],
            choice.lots[by_unit] * arrays.unit_minutes[by_unit],
            minlength=len(arrays.unit_capacity),
        )
        relative = minutes[counted] / arrays.unit_capacity[counted]
        cost += arrays.fairness_weight * float(relative.max() - relative.min())
    return cost


def pool_prices(problem: SourcingProblem) -> Floats:
    """Return what a unit of each pool beyond its amount costs, made or bought, with all that goes into it."""
    prices = problem.arrays.pool_buy.copy()
    for _ in range(len(prices) + 1):
        better = np.minimum(problem.arrays.pool_buy, _make_prices(problem, prices))
        if np.array_equal(better, prices):
            break
        prices = better
    return prices


def _make_prices(problem: SourcingProblem, prices: Floats) -> Floats:
    """Return what making a unit of each pool costs when what goes into it has these prices."""
    arrays = problem.arrays
    pools = np.repeat(np.arange(len(prices)), np.diff(arrays.recipe_ptr))
    parts = np.bincount(pools, arrays.recipe_amount * prices[arrays.recipe_pool], minlength=len(prices))
    made: Floats = arrays.pool_make + parts
    return made
