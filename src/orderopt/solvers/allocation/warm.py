"""Having the kernels of allocation compiled before the clock of a question runs."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from orderopt.solvers.allocation.greedy import assign, complete
from orderopt.solvers.allocation.kernels_search import anneal
from orderopt.solvers.allocation.kernels_serve import give_up, serve_in_order
from orderopt.solvers.allocation.prices import find_prices
from orderopt.solvers.allocation.search import build_guide, fill, run_round, serve_priced
from orderopt.solvers.allocation.slots import build_slots
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.compiled.sourcing import Ints, SourcingArrays, SourcingProblem
from orderopt.solvers.scheduling.warm import is_compiled


def await_kernels(budget: Budget, *, search: bool) -> Budget:
    """Return the budget when the kernels are compiled; what that took is not charged to it.

    Parameters
    ----------
    search
        Whether prices and local search are needed too.
    """
    needed = (serve_in_order, give_up, anneal) if search else (serve_in_order, give_up)
    if all(is_compiled(kernel) for kernel in needed):
        return budget
    began = time.monotonic()
    budget.on_progress(Progress("allocate", "compiling, once for this installation", 0.0))
    warm_up(search=search)
    took = time.monotonic() - began
    deadline = None if budget.deadline is None else budget.deadline + took
    return replace(budget, began=budget.began + took, deadline=deadline)


def warm_up(*, search: bool = True) -> None:
    """Compile the kernels of allocation by allocating two lines, so that nobody waits for that later.

    Parameters
    ----------
    search
        False: only those that every strategy needs.
    """
    problem = _two_lines()
    slots = build_slots(problem)
    choice = assign(problem, slots)
    complete(problem, choice, slots)
    if not search:
        return
    budget = Budget(seconds=0.01, workers=1, deadline=time.monotonic() + 600.0)
    prices = find_prices(slots, budget, target=1e6)
    regret = np.ones(2)
    guide = build_guide(slots, prices, 1e6)
    fill(slots, guide, serve_priced(slots, prices, regret), 0)
    run_round(slots, guide, 1.0, choice, 10, 0, budget)


def _two_lines() -> SourcingProblem:
    """Return a question with two lines at two units, one of which may make a third of all and makes too much."""
    four, two, none = np.arange(5, dtype=np.int64), np.array([0, 2, 4], dtype=np.int64), np.zeros(1)
    unit = np.array([0, 1, 0, 1], dtype=np.int64)
    return SourcingProblem(
        SourcingArrays(
            option_ptr=two,
            lots=_whole(2) + 1,
            least_lots=_whole(2) + 1,
            line_due=_whole(2) + 10,
            minute_cost=np.ones(2),
            unserved_cost=np.full(2, 100.0),
            option_kind=_whole(4) + 1,
            option_ready=_whole(4),
            option_lead=_whole(4),
            option_lot_cost=np.array([1.0, 2.0, 1.0, 2.0]),
            option_fixed_cost=np.zeros(4),
            option_unit=unit,
            load_ptr=four,
            load_group=unit,
            load_minutes=np.ones(4),
            load_fixed=np.zeros(4),
            draw_ptr=four,
            draw_pool=_whole(4),
            draw_amount=np.ones(4),
            pool_amount=none,
            pool_buy=none + 1.0,
            pool_make=none + np.inf,
            recipe_ptr=_whole(2),
            recipe_pool=_whole(0),
            recipe_amount=np.zeros(0),
            bucket_end=np.array([10, 1000], dtype=np.int64),
            bucket_late=np.array([10, 1000], dtype=np.int64),
            group_minutes=np.array([[1.0, 100.0], [1.0, 100.0]]),
            unit_minutes=np.ones(4),
            unit_capacity=np.full(2, 10.0),
            unit_share=np.array([1.0 / 3.0, 1.0]),
            line_quantity=np.ones(2),
            fairness_weight=1.0,
        )
    )


def _whole(size: int) -> Ints:
    return np.zeros(size, dtype=np.int64)
