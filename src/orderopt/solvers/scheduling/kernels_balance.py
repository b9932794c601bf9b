"""Annealing of parallel machines: who does which single task, and in which order, so that the last ends early.

The machines' ends count by their 8th powers: a smooth stand-in for the largest, which rewards relieving any machine
that ends late, not the last alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, part_kernel
from orderopt.solvers.compiled.shop import NONE, Floats, Ints
from orderopt.solvers.scheduling.kernels_graph import FAMILY, RESOURCE, WORK, setup_after

ANYWHERE = -2
"""Stands for the place of a row that suits a task best."""


class Rows(NamedTuple):
    """Tasks in rows, one for each slot. T tasks, S slots."""

    way: Ints  # (T, S) alternative by which the slot does the task; NONE
    slot: Ints  # (T)
    before: Ints  # (T) neighbours in the row; NONE
    after: Ints  # (T)
    first: Ints  # (S)
    end: Floats  # (S) when the row ends


@part_kernel
def _minutes(facts, rows, slot, before, task):
    """Return setup and work of a task that stands behind another (NONE: first); nothing for no task."""
    if task == NONE:
        return 0
    chosen = rows.way[task, slot]
    family = facts.initial[facts.alt[chosen, RESOURCE]]
    if before != NONE:
        family = facts.alt[rows.way[before, slot], FAMILY]
    return facts.alt[chosen, WORK] + setup_after(facts, family, chosen)


@part_kernel
def _power(value, scale):
    square = value / scale
    square *= square
    square *= square
    return square * square


@part_kernel
def _root(total, scale):
    return scale * np.sqrt(np.sqrt(np.sqrt(total)))


@part_kernel
def _latest(rows):
    latest = 0.0
    for slot in range(len(rows.end)):
        latest = max(latest, rows.end[slot])
    return latest


@hot_kernel
def time_rows(facts, rows):
    """Fill when each row ends; returns when the last does."""
    for slot in range(len(rows.first)):
        rows.end[slot] = 0.0
        before, task = NONE, rows.first[slot]
        while task != NONE:
            rows.end[slot] += _minutes(facts, rows, slot, before, task)
            before, task = task, rows.after[task]
    return _latest(rows)


@part_kernel
def _take_out(rows, task):
    slot, before, after = rows.slot[task], rows.before[task], rows.after[task]
    if before == NONE:
        rows.first[slot] = after
    else:
        rows.after[before] = after
    if after != NONE:
        rows.before[after] = before


@part_kernel
def _put_in(rows, task, slot, before):
    after = rows.first[slot] if before == NONE else rows.after[before]
    rows.slot[task], rows.before[task], rows.after[task] = slot, before, after
    if before == NONE:
        rows.first[slot] = task
    else:
        rows.after[before] = task
    if after != NONE:
        rows.before[after] = task


@part_kernel
def _left_out(facts, rows, task):
    """Return by how much its row gets longer without a task."""
    slot, before, after = rows.slot[task], rows.before[task], rows.after[task]
    gone = _minutes(facts, rows, slot, before, task) + _minutes(facts, rows, slot, task, after)
    return _minutes(facts, rows, slot, before, after) - gone


@part_kernel
def _draw(rows, latest):
    """Return a task; every second time one of a row that ends last."""
    task = np.random.randint(len(rows.slot))
    if np.random.randint(2) == 0:
        for _ in range(8):
            if rows.end[rows.slot[task]] >= latest:
                break
            task = np.random.randint(len(rows.slot))
    return task


@part_kernel
def _best_place(facts, rows, slot, task):
    """Return behind which task of a row another lengthens it least, and by how much."""
    before, after = NONE, rows.first[slot]
    place, least = NONE, 1 << 60
    while True:
        gone = _minutes(facts, rows, slot, before, after)
        joined = _minutes(facts, rows, slot, before, task) + _minutes(facts, rows, slot, task, after) - gone
        if joined < least:
            place, least = before, joined
        if after == NONE:
            return place, least
        before, after = after, rows.after[after]


@part_kernel
def _shift(facts, rows, task, slot, before):
    """Put a task behind another (NONE: first), or where it fits best (ANYWHERE); returns what both rows gain."""
    left = _left_out(facts, rows, task)
    _take_out(rows, task)
    if before == ANYWHERE:
        before, joined = _best_place(facts, rows, slot, task)
    else:
        after = rows.first[slot] if before == NONE else rows.after[before]
        joined = _minutes(facts, rows, slot, before, task) + _minutes(facts, rows, slot, task, after)
        joined -= _minutes(facts, rows, slot, before, after)
    _put_in(rows, task, slot, before)
    return left, joined


@part_kernel
def _quicker(facts, rows, task, slot):
    """Return a slot or one of two others drawn at random, whichever does a task quickest."""
    for _ in range(2):
        other = np.random.randint(len(rows.end))
        way = rows.way[task, other]
        if way != NONE and facts.alt[way, WORK] < facts.alt[rows.way[task, slot], WORK]:
            slot = other
    return slot


@part_kernel
def _accepts(change, heat):
    return change <= 0.0 or np.random.random() < np.exp(-change / heat)


@part_kernel
def _keep(rows, kept):
    for task in range(len(rows.slot)):
        kept[0, task], kept[1, task], kept[2, task] = rows.slot[task], rows.before[task], rows.after[task]


@hot_kernel
def balance(facts, rows, kept, best, num_moves, heat, seed):
    """Try moves at one temperature; `kept` holds the rows whose last task ends earliest.

    Parameters
    ----------
    kept
        Shape (3, T): slot and neighbours of each task (overwritten).
    best
        When the last row of `kept` ends.
    num_moves
        Moves to try: a task elsewhere, or two tasks exchanged.
    heat
        Temperature in minutes.
    seed
        Of the random numbers.

    Returns
    -------
    best
    """
    np.random.seed(seed)
    size, num_slots = len(rows.slot), len(rows.end)
    latest = _latest(rows)
    scale = max(latest, 1.0)
    total = 0.0
    for slot in range(num_slots):
        total += _power(rows.end[slot], scale)
    energy = _root(total, scale)
    for _ in range(num_moves):
        task = _draw(rows, latest)
        other = np.random.randint(size + num_slots)
        slot = rows.slot[other] if other < size else other - size
        was, home = rows.slot[task], rows.before[task]
        if rows.way[task, slot] == NONE or other == task:
            continue
        is_exchange = other < size and np.random.randint(3) == 0
        if is_exchange and (rows.way[other, was] == NONE or slot == was):
            continue
        if is_exchange:
            gone, joined = _shift(facts, rows, task, slot, ANYWHERE)
            home_other = rows.before[other]
            gone_other, joined_other = _shift(facts, rows, other, was, ANYWHERE)
            new_was, new_slot = rows.end[was] + gone + joined_other, rows.end[slot] + gone_other + joined
        else:
            before = other if other < size else NONE
            if np.random.randint(4) > 0:
                before = ANYWHERE
                slot = _quicker(facts, rows, task, slot)
            elif slot == was and before == home:
                continue
            gone, joined = _shift(facts, rows, task, slot, before)
            new_was, new_slot = rows.end[was] + gone, rows.end[slot] + joined
        if slot == was:
            new_was = new_slot = rows.end[was] + gone + joined
        changed = total - _power(rows.end[was], scale) + _power(new_was, scale)
        if slot != was:
            changed += _power(new_slot, scale) - _power(rows.end[slot], scale)
        found = _root(max(changed, 0.0), scale)
        if not _accepts(found - energy, heat):
            if is_exchange:
                _take_out(rows, other)
                _put_in(rows, other, slot, home_other)
            _take_out(rows, task)
            _put_in(rows, task, was, home)
            continue
        rows.end[was], rows.end[slot] = new_was, new_slot
        total, energy = changed, found
        latest = _latest(rows)
        if latest < best:
            best = latest
            _keep(rows, kept)
    return best
