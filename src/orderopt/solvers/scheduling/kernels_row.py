"""Annealing of the order of single tasks on one machine, each with a due date of its own, compiled by numba.

A move puts a task elsewhere in the row or exchanges two. Times are carried on from the first place that changed to the
last, and beyond it only as long as they differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, part_kernel
from orderopt.solvers.compiled.shop import NONE, Floats, Ints


class Row(NamedTuple):
    """A row of N tasks and what is to be known of them; F families, 0 for none."""

    work: Ints  # (N)
    release: Ints  # (N)
    family: Ints  # (N)
    due: Ints  # (N) latest end that costs nothing
    weight: Floats  # (N) cost of a minute beyond it
    setup: Ints  # (F + 1, F + 1) minutes [from, to]
    initial: int  # family before the first; NONE: no setup
    begin: int  # earliest start
    order: Ints  # (N) tasks in their order
    end: Ints  # (N) when each place of the order ends
    paid: Floats  # (N) cost of each place and all before it
    fresh: Ints  # (N) scratch: the order after a move
    fresh_end: Ints  # (N)
    fresh_paid: Floats  # (N)


@part_kernel
def _follow(row, task, free, family):
    """Return the end of a task on a machine that is free from a minute on and stands in a family, and its cost."""
    start = max(free, row.release[task], row.begin)
    if family != NONE and row.family[task] != 0:
        start += row.setup[family, row.family[task]]
    end = start + row.work[task]
    return end, max(0, end - row.due[task]) * row.weight[task]


@hot_kernel
def time_row(row):
    """Fill times and costs of the row as it stands; returns its cost."""
    free, family, paid = row.begin, row.initial, 0.0
    for place in range(len(row.order)):
        task = row.order[place]
        free, cost = _follow(row, task, free, family)
        family, paid = row.family[task], paid + cost
        row.end[place], row.paid[place] = free, paid
    return paid


@part_kernel
def _arrange(row, low, high, kind):
    """Fill `fresh` between two places: these exchanged, the first behind the other, or the other before the first."""
    order, fresh = row.order, row.fresh
    if kind == 0:
        for place in range(low + 1, high):
            fresh[place] = order[place]
        fresh[low], fresh[high] = order[high], order[low]
    elif kind == 1:
        for place in range(low, high):
            fresh[place] = order[place + 1]
        fresh[high] = order[low]
    else:
        for place in range(low + 1, high + 1):
            fresh[place] = order[place - 1]
        fresh[low] = order[high]


@part_kernel
def _retime(row, low, high, limit):
    """Time the changed places and those after them that differ; returns the first that is as before (-1: too dear)."""
    order, fresh, size = row.order, row.fresh, len(row.order)
    free, family, paid = row.begin, row.initial, 0.0
    if low > 0:
        free, family, paid = row.end[low - 1], row.family[order[low - 1]], row.paid[low - 1]
    place = low
    while place < size:
        if place > high:
            if free == row.end[place - 1] and family == row.family[order[place - 1]]:
                break
            fresh[place] = order[place]
        task = fresh[place]
        free, cost = _follow(row, task, free, family)
        family, paid = row.family[task], paid + cost
        if paid > limit:
            return -1
        row.fresh_end[place], row.fresh_paid[place] = free, paid
        place += 1
    return place


@hot_kernel
def anneal_row(row, kept, best, num_moves, heat, seed):
    """Try moves at one temperature; `kept` holds the cheapest order met.

    Parameters
    ----------
    kept
        Shape (N): the cheapest order so far (overwritten).
    best
        Its cost.
    num_moves
        Moves to try.
    heat
        Temperature in cost.
    seed
        Of the random numbers.

    Returns
    -------
    best
    """
    np.random.seed(seed)
    size = len(row.order)
    cost = time_row(row)
    for _ in range(num_moves):
        reach = size if np.random.randint(4) == 0 else min(size, 12)
        low = np.random.randint(size)
        high = low + 1 + np.random.randint(reach)
        if high >= size:
            continue
        _arrange(row, low, high, np.random.randint(3))
        limit = cost - heat * np.log(1.0 - np.random.random())
        stop = _retime(row, low, high, limit)
        if stop < 0:
            continue
        last = row.fresh_paid[stop - 1] - row.paid[stop - 1]
        if cost + last > limit:
            continue
        for place in range(low, stop):
            row.order[place], row.end[place] = row.fresh[place], row.fresh_end[place]
            row.paid[place] = row.fresh_paid[place]
        if last != 0.0:
            for place in range(stop, size):
                row.paid[place] += last
            cost += last
        if cost < best - 1e-9:
            best = cost
            for place in range(size):
                kept[place] = row.order[place]
    return best
