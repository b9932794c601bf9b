"""Prices on all that is scarce, found by Lagrangian relaxation, and the bound that they prove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderopt.solvers.allocation.kernels_prices import climb, price_slots, unit_prices
from orderopt.solvers.allocation.slots import Slots
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Floats

STEPS = 20
"""Steps between two looks at the clock."""

ROUNDS = 60
"""Rounds of that many steps at most."""

PATIENCE = 8
"""Steps without gain after which the search aims half as high."""

FINE = 1e-8
"""Relative rise of the bound below which the search for prices ends."""


@dataclass(frozen=True)
class Prices:
    """What a minute of a group, a unit of a pool, and the work of a unit cost beside what is paid for them.

    Attributes
    ----------
    minute
        Shape (G, K): falls from bucket to bucket.
    pool
        Shape (P).
    unit
        Shape (2, U): of a quantity, and of a minute.
    score
        Shape (S): cost of each slot for the whole line, with all prices.
    bound
        What no choice beats.
    """

    minute: Floats
    pool: Floats
    unit: Floats
    score: Floats
    bound: float


def find_prices(slots: Slots, budget: Budget, *, target: float) -> Prices:
    """Return the prices with the highest bound that is found.

    Parameters
    ----------
    budget
        Ends the search early; with one worker only steps are counted.
    target
        Cost of a choice, above all bounds.
    """
    num_units, counted = len(slots.units.share), slots.units.capacity > 0
    minute, pool, share = np.zeros(slots.minutes.shape), np.zeros(len(slots.pools.amount)), np.zeros(num_units)
    spread = np.zeros((2, num_units))
    spread[:, counted] = 1.0 / max(1, int(counted.sum()))
    rise = np.array([1.0])
    bound = float(climb(slots, minute, pool, share, spread, rise, 1, PATIENCE))
    rise[0] = max(target - bound, FINE * abs(bound))
    for _ in range(ROUNDS):
        if budget.is_over or rise[0] <= FINE * abs(bound):
            break
        bound = float(climb(slots, minute, pool, share, spread, rise, STEPS, PATIENCE))
    unit = unit_prices(slots, share, spread)
    return Prices(minute, pool, unit, price_slots(slots, minute, pool, unit), bound)
