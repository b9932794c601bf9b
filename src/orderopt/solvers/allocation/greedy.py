"""The strategy ``greedy``: lines by urgency or regret, each to the option that costs least with what is left."""

from __future__ import annotations

import numpy as np

from orderopt.models.summary import Status
from orderopt.solvers.allocation.kernels_serve import (
    adopt,
    find_losses,
    find_regrets,
    give_up,
    serve_in_order,
    top_up,
)
from orderopt.solvers.allocation.kernels_state import whole_cost
from orderopt.solvers.allocation.slots import Slots, build_slots
from orderopt.solvers.allocation.state import State, empty_state, read_choice
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.sourcing import Assignment, Floats, Ints, SourcingProblem, assignment_cost
from orderopt.solvers.outcome import Outcome

ROUNDS = 50
"""Rounds at most in which units hand over what is above their shares; in the last all of it goes unserved."""


class Greedy:
    """One pass over the lines for each of some orders; capacity and pools are what earlier lines left."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return a choice that respects minutes, pools and shares."""
        choice = cheaper(problem, assign(problem), start)
        return Outcome(Status.FEASIBLE, choice, assignment_cost(problem, choice), None, "one pass")


def cheaper(problem: SourcingProblem, choice: Assignment, other: Assignment | None) -> Assignment:
    """Return the cheaper of two choices."""
    if other is None or assignment_cost(problem, choice) <= assignment_cost(problem, other):
        return choice
    return other


def assign(problem: SourcingProblem, slots: Slots | None = None) -> Assignment:
    """Return the cheapest greedy choice over some orders of the lines.

    Parameters
    ----------
    slots
        The slots of the problem, where they are known already.
    """
    slots = build_slots(problem) if slots is None else slots
    arrays = problem.arrays
    regret = regrets(slots, slots.places.cost)
    orders: list[Ints] = [
        np.lexsort((-regret, arrays.line_due)),
        np.lexsort((-regret, arrays.line_due, -arrays.minute_cost)),
        np.argsort(-regret, kind="stable"),
    ]
    made: list[tuple[float, int, Assignment]] = []
    for order in orders:
        state = empty_state(slots)
        serve_in_order(slots, state, order, slots.places.cost, True)
        keep_shares(slots, state)
        made.append((float(whole_cost(slots, state)), len(made), read_choice(state)))
    return min(made)[2]


def complete(problem: SourcingProblem, choice: Assignment, slots: Slots | None = None) -> Assignment:
    """Return a choice with what it does not serve, or not lawfully, served greedily.

    Parameters
    ----------
    slots
        The slots of the problem, where they are known already.
    """
    slots = build_slots(problem) if slots is None else slots
    state = empty_state(slots)
    adopt(slots, state, choice.lots, choice.bucket)
    order = np.argsort(problem.arrays.line_due, kind="stable")
    top_up(slots, state, order)
    serve_in_order(slots, state, order, slots.places.cost, True)
    keep_shares(slots, state)
    return read_choice(state)


def regrets(slots: Slots, score: Floats) -> Floats:
    """Return what each line's second best option costs more than its best, shape (L)."""
    regret = np.zeros(len(slots.lines.lots))
    find_regrets(slots, score, regret)
    return regret


def keep_shares(slots: Slots, state: State) -> None:
    """Let units that make more than their shares give up lines, those first that lose least elsewhere."""
    units, places = slots.units, slots.places
    if units.are_counted[0] == 0 or not (units.share < 1.0).any():
        return
    loss = np.zeros(len(slots.lines.lots))
    for number in range(ROUNDS):
        excess = state.made - units.share * state.made.sum()
        above = np.flatnonzero(excess > 1e-9)
        if not len(above):
            return
        banned = np.isin(slots.options.unit, above)
        if number == ROUNDS - 1:
            banned[:] = True
        score = np.where(banned[places.option], np.inf, places.cost)
        for unit in above:
            find_losses(slots, state, int(unit), score, loss)
            order = np.argsort(loss, kind="stable")[: int(np.isfinite(loss).sum())]
            give_up(slots, state, int(unit), order, score)
