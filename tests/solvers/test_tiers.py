"""Scheduling tier by tier."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tests.solvers.shops import Job, Line, Machine, build_shop, draw_shop, one
from tests.solvers.slow import Slow
from tests.solvers.test_scheduling import budget

from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.shop_terms import evaluate
from orderopt.solvers.cpsat.scheduling import CpSatScheduling
from orderopt.solvers.scheduling.dispatch import Dispatch
from orderopt.solvers.scheduling.local_search import LocalSearch
from orderopt.solvers.scheduling.tiers import SHOP_TERMS, ByTiers, ShopTier, reweight

pytestmark = pytest.mark.usefixtures("compiled_kernels")

ORDERS = (
    (("tardiness",), ("production", "setup")),
    (("production", "setup"), ("tardiness", "late")),
    (("late", "makespan"), ("tardiness",), ("flow", "setup")),
)


def by_tiers(strategy: object, order: tuple[tuple[str, ...], ...]) -> ByTiers:
    return ByTiers(strategy, [ShopTier(terms, 1 / len(order)) for terms in order])  # type: ignore[arg-type]


def best_values(problem: ShopProblem, judge: ByTiers) -> list[float]:
    """Return what the best schedule of all costs tier by tier."""
    slow, arrays, found = Slow(problem), problem.arrays, []
    ways = [range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]) for task in range(problem.num_tasks)]
    for chosen, order in product(list(product(*ways)), list(slow.orders())):
        made = slow.place(order, chosen)
        if made is not None:
            schedule = ShopSchedule(*(np.array(column, dtype=np.int64) for column in made))
            found.append(judge.values(problem, schedule))
    return min(found)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: " ".join("+".join(terms) for terms in order))
def test_no_schedule_is_better_tier_by_tier(order: tuple[tuple[str, ...], ...]) -> None:
    tried = 0
    for seed in range(24):
        problem = draw_shop(seed, 3, "setups", "alternatives", "charges")
        if problem.num_tasks > 4:
            continue
        tried += 1
        strategy = by_tiers(CpSatScheduling(), order)
        made = strategy.schedule(problem, budget(30.0)).require()
        assert Slow(problem).faults(made) == []
        assert strategy.values(problem, made) == pytest.approx(best_values(problem, strategy), abs=1e-3), seed
    assert tried >= 4


def test_the_first_tier_rules_however_little_it_weighs() -> None:
    jobs = [Job((one(0, 10, family=1),), line=0), Job((one(0, 10, family=2),), line=1)]
    machine = Machine(setups={(1, 2): (0, 1e6), (2, 1): (0, 0.0)})
    problem = build_shop(jobs, [machine], [Line(10, 1e-3), Line(20, 1e-3)])
    for strategy in (CpSatScheduling(), LocalSearch(), Dispatch()):
        on_time = by_tiers(strategy, (("tardiness",), ("setup",))).schedule(problem, budget(3.0)).require()
        assert on_time.start.tolist() == [0, 10], strategy
        cheap = by_tiers(strategy, (("setup",), ("tardiness",))).schedule(problem, budget(3.0)).require()
        assert cheap.start.tolist() == [10, 0], strategy


def test_a_start_is_never_made_worse() -> None:
    problem = draw_shop(5, 20, "setups", "alternatives", num_machines=3)
    strategy = by_tiers(LocalSearch(), (("tardiness",), ("setup", "production")))
    start = Dispatch().schedule(problem, budget(1.0)).require()
    made = strategy.schedule(problem, budget(0.5), start=start)
    assert strategy.values(problem, made.require()) <= strategy.values(problem, start)
    assert made.objective == pytest.approx(evaluate(problem, made.require()).total)
    assert made.bound is None


def test_every_term_is_multiplied_by_its_own_factor() -> None:
    factors = {term: float(place) for place, term in enumerate(SHOP_TERMS, start=2)}
    problem = draw_shop(9, 8, "setups", "alternatives", "charges", num_machines=3)
    made = Dispatch().schedule(problem, budget(0.1)).require()
    before, after = evaluate(problem, made), evaluate(reweight(problem, factors), made)
    for term, factor in factors.items():
        assert getattr(after, term) == pytest.approx(getattr(before, term) * factor), term
