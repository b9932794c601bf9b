"""The state of a search: what is chosen, and what is left of everything scarce."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderopt.solvers.allocation.slots import Slots
from orderopt.solvers.compiled.sourcing import Assignment, Floats, Ints

DEPTH = 6
"""Lines at most that a move takes up."""


class Members(NamedTuple):
    """Loads and draws that are chosen now, by group and by pool (pools are counted after the groups).

    A load is named by its position, a draw by its own after all loads.
    """

    ptr: Ints  # (G + P + 1)
    entry: Ints
    size: Ints  # (G + P)
    place: Ints  # by load and draw: where it stands among the members of its group or pool


class Log(NamedTuple):
    """What a move did, to take it back; and the lines that moved since the best choice."""

    option: Ints
    bucket: Ints
    lots: Ints
    size: Ints  # (1)
    moved: Ints  # (DEPTH) lines
    changed: Ints  # lines


class Guide(NamedTuple):
    """What a search is guided by: prices, and the slots that cost little more than the best of their line."""

    score: Floats  # (S) cost of each slot with all prices
    best: Floats  # (L) lowest of them
    good_ptr: Ints  # (L + 1)
    good: Ints  # slots
    movers: Ints  # good slots of lines that have several
    minute_price: Floats  # (G, K)
    pool_price: Floats  # (P)


class State(NamedTuple):
    """Changed in place by the kernels."""

    lots: Ints  # (O) lots that each option serves
    bucket: Ints  # (O) bucket in which each used option is ready
    left: Floats  # (G, K) minutes left up to the end of each bucket
    room: Floats  # (G, K) least minutes left from each bucket on: what fits into it
    need: Floats  # (P) what is drawn from each pool, also by what is made of it
    made: Floats  # (U) quantity
    worked: Floats  # (U) minutes
    is_member: Ints  # (L) whether what is chosen of a line is listed
    members: Members
    log: Log


def empty_state(slots: Slots) -> State:
    """Return the state in which nothing is served."""
    minutes = slots.minutes.copy()
    rows = np.concatenate((slots.loads.group, len(minutes) + slots.draws.pool))
    counts = np.bincount(rows, minlength=len(minutes) + len(slots.pools.amount))
    size = len(slots.options.line)
    most = int(np.diff(slots.lines.option_ptr).max(initial=1))
    return State(
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        minutes,
        np.minimum.accumulate(minutes[:, ::-1], axis=1)[:, ::-1].copy(),
        np.zeros(len(slots.pools.amount)),
        np.zeros(len(slots.units.share)),
        np.zeros(len(slots.units.share)),
        np.zeros(len(slots.lines.lots), dtype=np.int64),
        Members(
            np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            np.full(len(rows), -1, dtype=np.int64),
            np.zeros(len(counts), dtype=np.int64),
            np.full(len(rows), -1, dtype=np.int64),
        ),
        Log(
            np.zeros(DEPTH * most, dtype=np.int64),
            np.zeros(DEPTH * most, dtype=np.int64),
            np.zeros(DEPTH * most, dtype=np.int64),
            np.zeros(1, dtype=np.int64),
            np.zeros(DEPTH, dtype=np.int64),
            np.zeros(4096, dtype=np.int64),
        ),
    )


def read_choice(state: State) -> Assignment:
    """Return a copy of what is chosen."""
    return Assignment(state.lots.copy(), np.where(state.lots > 0, state.bucket, 0))
