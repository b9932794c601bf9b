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

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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
    """Return what a choice costs as the allocation counts it."""
    arrays = problem.arrays
    total = 0.0
    drawn = np.zeros(len(arrays.pool_amount))
    for line in range(problem.num_lines):
        late, served = 0.0, 0
        for option in range(arrays.option_ptr[line], arrays.option_ptr[line + 1]):
            lots = int(choice.lots[option])
            if not lots:
                continue
            served += lots
            total += lots * arrays.option_lot_cost[option] + arrays.option_fixed_cost[option]
            late = max(late, problem.late_cost(line, option, int(choice.bucket[option])))
            for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
                drawn[arrays.draw_pool[draw]] += arrays.draw_amount[draw] * lots
        total += late + arrays.unserved_cost[line] * (1 - served / arrays.lots[line])
    beyond = np.maximum(drawn - arrays.pool_amount, 0.0)
    priced = beyond > 0
    total += (beyond[priced] * pool_prices(problem)[priced]).sum()
    return float(total + _unit_cost(problem, choice))


def _unit_cost(problem: SourcingProblem, choice: Assignment) -> float:
    """Return the cost of an uneven load, and what giving up all above a unit's highest share would cost."""
    arrays = problem.arrays
    lines = np.repeat(np.arange(problem.num_lines), np.diff(arrays.option_ptr))
    by_unit = arrays.option_unit >= 0
    units, lots = arrays.option_unit[by_unit], choice.lots[by_unit]
    num_units = len(arrays.unit_share)
    each = (arrays.line_quantity / arrays.lots)[lines[by_unit]]
    made = np.bincount(units, lots * each, minlength=num_units)
    above = np.maximum(made - arrays.unit_share * made.sum(), 0.0).sum()
    cost = 0.0
    if above > 1e-9:
        cost += arrays.unserved_cost.sum() * above / made.sum()
    counted = arrays.unit_capacity > 0
    if arrays.fairness_weight > 0 and counted.any():
        minutes = np.bincount(units, lots * arrays.unit_minutes[by_unit], minlength=num_units)
        relative = minutes[counted] / arrays.unit_capacity[counted]
        cost += arrays.fairness_weight * (relative.max() - relative.min())
    return float(cost)


def pool_prices(problem: SourcingProblem) -> Floats:
    """Return what a unit of each pool beyond its amount costs, made or bought, with all that goes into it."""
    arrays = problem.arrays
    prices = arrays.pool_buy.copy()
    for _ in range(len(prices) + 1):
        made = arrays.pool_make + np.array(
            [
                (arrays.recipe_amount[first:last] * prices[arrays.recipe_pool[first:last]]).sum()
                for first, last in zip(arrays.recipe_ptr, arrays.recipe_ptr[1:], strict=False)
            ]
        )
        better = np.minimum(arrays.pool_buy, made)
        if np.array_equal(better, prices):
            break
        prices = better
    return prices
