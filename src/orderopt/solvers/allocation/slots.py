"""What the kernels of the allocation strategies read: the slots of each line, and what is scarce.

A slot is an option together with a bucket in which it is ready. Of the buckets in which an option is not late only the
last is a slot (it leaves the most room), and no slot is kept that would cost more than to leave the line unserved.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from orderopt.solvers.allocation.kernels_slots import count_slots, fill_slots
from orderopt.solvers.compiled.sourcing import Floats, Ints, SourcingProblem, is_made, option_lines, pool_order


class Lines(NamedTuple):
    """L lines."""

    option_ptr: Ints  # (L + 1)
    lots: Ints  # (L)
    least_lots: Ints  # (L)
    unserved: Floats  # (L) cost of leaving the whole line unserved


class Options(NamedTuple):
    """O options."""

    line: Ints  # (O)
    slot_ptr: Ints  # (O + 1)
    lot_cost: Floats  # (O)
    fixed_cost: Floats  # (O)
    unit: Ints  # (O)
    quantity: Floats  # (O) of a lot
    minutes: Floats  # (O) of a lot on the own unit, to compare loads


class Places(NamedTuple):
    """S slots."""

    option: Ints  # (S)
    bucket: Ints  # (S)
    cost: Floats  # (S) cost of serving the whole line by the slot, lateness counted, pools and units not
    late: Floats  # (S) cost of lateness


class Loads(NamedTuple):
    """Minutes that options take of groups."""

    ptr: Ints  # (O + 1)
    option: Ints
    group: Ints
    minutes: Floats  # of a lot
    fixed: Floats


class Draws(NamedTuple):
    """What options draw on pools."""

    ptr: Ints  # (O + 1)
    option: Ints
    pool: Ints
    amount: Floats  # of a lot


class Pools(NamedTuple):
    """P pools."""

    amount: Floats  # (P)
    buy: Floats  # (P)
    make: Floats  # (P)
    is_made: Ints  # (P)
    is_quota: Ints  # (P)
    has_quotas: Ints  # (1)
    order: Ints  # (P) each before those it is made of
    recipe_ptr: Ints  # (P + 1)
    recipe_pool: Ints
    recipe_amount: Floats


class Units(NamedTuple):
    """U units."""

    capacity: Floats  # (U)
    share: Floats  # (U)
    fairness: Floats  # (1) cost of a spread of loads of 100 %
    share_cost: Floats  # (1) cost of giving up everything, charged for what is above a share
    are_counted: Ints  # (1) 1 where shares or the spread of loads count at all, else 0


class Slots(NamedTuple):
    """All that kernels read; small parts of it, so that functions are handed no more than they need."""

    lines: Lines
    options: Options
    places: Places
    loads: Loads
    draws: Draws
    pools: Pools
    units: Units
    minutes: Floats  # (G, K) open minutes up to the end of each bucket; without end in the last


def build_slots(problem: SourcingProblem) -> Slots:
    """Return what kernels read of a sourcing problem."""
    arrays = problem.arrays
    lines = option_lines(problem)
    fair = bool(arrays.fairness_weight > 0 and (arrays.unit_capacity > 0).any())
    has_units = np.array([int(fair or bool((arrays.unit_share < 1).any()))], dtype=np.int64)
    ready = arrays.option_ready - arrays.option_lead
    first = np.minimum(np.searchsorted(arrays.bucket_end, ready, side="left"), problem.num_buckets - 1)
    given = (
        lines,
        first.astype(np.int64),
        _own(arrays.lots),
        _own(arrays.line_due),
        _own(arrays.minute_cost),
        _worth(problem, lines),
        _own(arrays.option_ready),
        _own(arrays.option_lead),
        _own(arrays.option_lot_cost),
        _own(arrays.option_fixed_cost),
        _own(arrays.load_ptr),
        _own(arrays.bucket_late),
    )
    slot_ptr = count_slots(*given)
    quotas = np.zeros(len(arrays.pool_amount), dtype=np.int64)
    if arrays.pool_is_quota is not None:
        quotas = _own(arrays.pool_is_quota)
    minutes = np.array(arrays.group_minutes, dtype=np.float64, order="C")
    minutes[:, -1] = np.inf
    minutes = np.maximum(minutes, 0.0)
    return Slots(
        Lines(_own(arrays.option_ptr), _own(arrays.lots), _own(arrays.least_lots), _own(arrays.unserved_cost)),
        Options(
            lines,
            slot_ptr,
            _own(arrays.option_lot_cost),
            _own(arrays.option_fixed_cost),
            _own(arrays.option_unit),
            (arrays.line_quantity / arrays.lots)[lines],
            _own(arrays.unit_minutes),
        ),
        Places(*fill_slots(*given, slot_ptr)),
        Loads(
            _own(arrays.load_ptr),
            np.repeat(np.arange(problem.num_options), np.diff(arrays.load_ptr)),
            _own(arrays.load_group),
            _own(arrays.load_minutes),
            _own(arrays.load_fixed),
        ),
        Draws(
            _own(arrays.draw_ptr),
            np.repeat(np.arange(problem.num_options), np.diff(arrays.draw_ptr)),
            _own(arrays.draw_pool),
            _own(arrays.draw_amount),
        ),
        Pools(
            _own(arrays.pool_amount),
            _own(arrays.pool_buy),
            _own(arrays.pool_make),
            is_made(problem).astype(np.int64),
            quotas,
            np.array([int(quotas.any())], dtype=np.int64),
            pool_order(problem),
            _own(arrays.recipe_ptr),
            _own(arrays.recipe_pool),
            _own(arrays.recipe_amount),
        ),
        Units(
            _own(arrays.unit_capacity),
            _own(arrays.unit_share),
            np.array([arrays.fairness_weight if fair else 0.0]),
            np.array([arrays.unserved_cost.sum()]),
            has_units,
        ),
        minutes,
    )


def _worth(problem: SourcingProblem, lines: Ints) -> Floats:
    """Return for each option what serving its line is worth: the cost of not doing so, and what units gain by it.

    Work for a unit narrows the spread of loads by no more than what it adds to the unit's own; what it makes may be
    what lets other units make more, if shares are limited.
    """
    arrays = problem.arrays
    worth: Floats = arrays.unserved_cost[lines].astype(np.float64)
    by_unit = np.flatnonzero(arrays.option_unit >= 0)
    if (arrays.unit_share < 1).any():
        worth[by_unit] = np.inf
    elif arrays.fairness_weight > 0:
        capacity = arrays.unit_capacity[arrays.option_unit[by_unit]]
        minutes = arrays.unit_minutes[by_unit] * arrays.lots[lines[by_unit]]
        narrowed = np.divide(minutes, capacity, out=np.zeros_like(minutes, dtype=np.float64), where=capacity > 0)
        worth[by_unit] += arrays.fairness_weight * narrowed
    return worth


def _own(values: Any) -> Any:
    """Return an array in the one layout and the one kind of number that kernels are compiled for."""
    return np.ascontiguousarray(values, dtype=np.int64 if values.dtype.kind in "iub" else np.float64)
