"""Local search around prices: which slots are good, and rounds of annealing that start from the best choice."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from orderopt.solvers.allocation.kernels_search import anneal, fill_in, good_slots
from orderopt.solvers.allocation.kernels_serve import adopt, serve_in_order
from orderopt.solvers.allocation.kernels_state import whole_cost
from orderopt.solvers.allocation.prices import Prices
from orderopt.solvers.allocation.slots import Slots
from orderopt.solvers.allocation.state import Guide, State, empty_state, read_choice
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, Floats, Ints

MOVABLE = 25
"""Lines that may move for each row of minutes that has a price."""

FEWEST = 400
"""Lines that may move at least, where there are as many."""

STYLES = ((1.0, 0.08), (0.4, 0.07), (1.0, 0.04), (0.4, 0.16))
"""How rounds differ: which share of the width their slots have, and the first temperature as a share of the width.

Few slots are searched more thoroughly, many hold more choices: which of the two pays differs between questions.
"""

CHUNK = 20_000
"""Moves between two looks at the clock."""

ASTRAY = 20
"""Times that moves are rather drawn for a line that stands in none of its good slots."""

TRIES = 300
"""Chains tried for each line that is not served whole."""


def find_width(slots: Slots, prices: Prices, regret: Floats, *, wider: float = 1.0) -> float:
    """Return what a slot may cost more than the best of its line to count as good.

    It is such that some lines have several good slots for each bucket of a group whose minutes have a price of their
    own.
    """
    steps = np.diff(prices.minute, axis=1, append=0.0) < -1e-9
    rows = int(steps.sum() + (prices.pool > 1e-9).sum() + slots.units.are_counted[0] * len(slots.units.share))
    wanted = int(max(FEWEST, MOVABLE * rows) * wider)
    if wanted >= len(regret):
        return float(regret.max(initial=0.0)) + 1e-6
    return float(np.partition(regret, wanted)[wanted]) + 1e-9


def build_guide(slots: Slots, prices: Prices, width: float) -> Guide:
    """Return what guides a search with slots of that width."""
    good_ptr, good, best = good_slots(slots, prices.score, width)
    counts = np.diff(good_ptr)
    return Guide(prices.score, best, good_ptr, good, good[np.repeat(counts > 1, counts)], prices.minute, prices.pool)


def serve_priced(slots: Slots, prices: Prices, regret: Floats) -> Assignment:
    """Return the choice of a greedy pass over the lines by regret, all prices counted."""
    state = empty_state(slots)
    serve_in_order(slots, state, np.argsort(-regret, kind="stable"), prices.score, False)
    return read_choice(state)


def fill(slots: Slots, guide: Guide, choice: Assignment, seed: int) -> Assignment:
    """Return a choice in which lines that were not served whole are, as far as chains of moves pay for it."""
    state = enter(slots, guide, choice)
    fill_in(slots, state, guide, TRIES, seed)
    return read_choice(state)


def enter(slots: Slots, guide: Guide, choice: Assignment) -> State:
    """Return the state of a choice, its movable lines listed."""
    state = empty_state(slots)
    state.is_member[:] = np.diff(guide.good_ptr) > 1
    adopt(slots, state, choice.lots, choice.bucket)
    return state


def find_movers(slots: Slots, guide: Guide, choice: Assignment) -> Ints:
    """Return the slots that moves are drawn from: good ones of lines that have several or stand elsewhere now.

    The latter come several times, since there are few of them.
    """
    counts = np.diff(guide.good_ptr)
    line = slots.options.line[slots.places.option[guide.good]]
    is_there = choice.lots[slots.places.option[guide.good]] > 0
    is_there &= choice.bucket[slots.places.option[guide.good]] == slots.places.bucket[guide.good]
    stands_well = np.bincount(line, is_there, minlength=len(counts)) > 0
    astray = guide.good[~stands_well[line]]
    return np.concatenate((guide.good[(counts > 1)[line]], np.repeat(astray, ASTRAY)))


@dataclass
class Round:
    """A round of annealing that one worker makes.

    Attributes
    ----------
    choice, cost
        The best choice so far.
    num_moves
        Moves that were made.
    seconds
        What they took.
    """

    choice: Assignment
    cost: float
    num_moves: int = 0
    seconds: float = 0.0


def run_round(
    slots: Slots, guide: Guide, hot: float, choice: Assignment, planned: int, seed: int, budget: Budget
) -> Round:
    """Anneal from a choice.

    Parameters
    ----------
    hot
        First temperature, in currency.
    planned
        Moves that the round has; with several workers the clock may end it.
    """
    guide = guide._replace(movers=find_movers(slots, guide, choice))
    state = enter(slots, guide, choice)
    cost = best = float(whole_cost(slots, state))
    found = Round(Assignment(state.lots.copy(), state.bucket.copy()), best)
    began = time.monotonic()
    while found.num_moves < planned and len(guide.movers) and not budget.is_over:
        moves = min(CHUNK, planned - found.num_moves)
        cost, best = anneal(
            slots,
            state,
            guide,
            moves,
            found.num_moves,
            planned,
            hot,
            (seed * 1009 + found.num_moves // CHUNK) % (1 << 31),
            cost,
            found.choice.lots,
            found.choice.bucket,
            best,
        )
        found.num_moves += moves
    lots = found.choice.lots
    found.choice = Assignment(lots, np.where(lots > 0, found.choice.bucket, 0))
    found.cost, found.seconds = float(best), time.monotonic() - began
    return found
