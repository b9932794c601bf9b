"""A cost that no plan can beat: the allocation question with everything in its favour, bounded from below."""

from __future__ import annotations

from orderopt.solvers.allocation.greedy import assign
from orderopt.solvers.allocation.prices import find_prices
from orderopt.solvers.allocation.slots import build_slots
from orderopt.solvers.allocation.warm import await_kernels
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.sourcing import assignment_cost
from orderopt.solvers.milp.program import solve
from orderopt.stages.net import by_urgency, running_jobs
from orderopt.stages.sourcing_question import ask
from orderopt.stages.supply import Ledger

WHOLE_SLOTS = 5_000
"""Slots up to which lots are kept whole; beyond, that takes long and lifts the bound by less than a thousandth."""

SLOT_SECONDS = 1e-4
"""Seconds of the budget for each slot from which on the linear program is solved; it was seen to take a fifth."""

PRICE_SHARE = 0.3
"""Share of the budget in which prices are searched."""


def find_bound(plant: Plant, budget: Budget) -> float:
    """Return a cost that no plan can beat.

    Prices on what is scarce give a bound at any size (Lagrangian relaxation); where there is time for it the linear
    program gives a better one.
    """
    budget = await_kernels(budget, search=True)
    ledger = Ledger(plant)
    for job in running_jobs(plant):  # what is left to do on them takes no time in a bound
        job.supply.available = max(plant.clock.tick(task.end) for task in job.fixed.values())
        ledger.add(job.supply)
    question = ask(plant, ledger, [(line, line.quantity) for line in by_urgency(plant)], optimistic=True)
    slots = build_slots(question.problem)
    target = assignment_cost(question.problem, assign(question.problem, slots))
    bound = find_prices(slots, budget.part(PRICE_SHARE * budget.seconds), target=target).bound
    num_slots = len(slots.places.option)
    seconds = budget.seconds if budget.is_reproducible else budget.remaining
    if num_slots * SLOT_SECONDS <= seconds:
        whole = num_slots <= WHOLE_SLOTS and not budget.is_reproducible
        served = solve(question.problem, budget, whole=whole, slots=slots)
        if served is not None:
            bound = max(bound, served.bound)
    return max(0.0, bound)
