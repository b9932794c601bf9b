"""Compiling all kernels at once, before the first plan of an installation, so that no time limit pays for it again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orderopt.models.customer import Customer
from orderopt.models.item import Item, Operation
from orderopt.models.network import ProductionUnit, Resource
from orderopt.models.order import Order, OrderLine
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.solvers.allocation.kernels_prices import climb
from orderopt.solvers.allocation.kernels_search import anneal as anneal_choice
from orderopt.solvers.allocation.kernels_serve import serve_in_order
from orderopt.solvers.allocation.prices import find_prices
from orderopt.solvers.allocation.search import build_guide, run_round
from orderopt.solvers.allocation.slots import build_slots
from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.registry import allocation
from orderopt.solvers.scheduling.kernels_anneal import anneal
from orderopt.solvers.scheduling.kernels_dispatch import run_rule
from orderopt.solvers.scheduling.warm import is_compiled, warm_up
from orderopt.stages.net import by_urgency
from orderopt.stages.sourcing_question import ask
from orderopt.stages.supply import Ledger

LARGEST = (climb, anneal_choice, serve_in_order, anneal, run_rule)
"""Kernels that call all others; where these are compiled, so is the rest."""


LONGEST = 600.0
"""Seconds after which compiling is taken to be stuck."""

WIDE, TARGET = 1e9, 1.0
"""What a slot may cost more than the best for all of them to be tried, and a cost at which prices aim."""


def compile_kernels(tell: Callable[[], None]) -> float:
    """Compile what is not compiled yet; return the seconds that took (0: nothing was left to do).

    Parameters
    ----------
    tell
        Called before compiling begins.
    """
    if all(is_compiled(kernel) for kernel in LARGEST):
        return 0.0
    tell()
    began = time.monotonic()
    warm_up()
    plant = Plant(_crowded())
    question = ask(plant, Ledger(plant), [(line, line.quantity) for line in by_urgency(plant)])
    budget = Budget(0.1, workers=1, deadline=began + LONGEST)
    choice = allocation.find("lagrangian").allocate(question.problem, budget).require()
    slots = build_slots(question.problem)
    guide = build_guide(slots, find_prices(slots, budget, target=TARGET), WIDE)
    run_round(slots, guide, 1.0, choice, 100, 0, budget)  # the search above may have had nothing to move
    return time.monotonic() - began


def _crowded() -> Snapshot:
    """Return a plant of two units with more work than they can do in time, so that there is something to search."""
    start = datetime(2026, 1, 5, tzinfo=UTC)
    lines = [
        OrderLine(
            order_id="O",
            line_no=str(number),
            item_id="I",
            quantity=5 + number,
            due_at=start + timedelta(days=1 + number % 3),
            tardiness_cost=100,
            unserved_cost=10_000,
        )
        for number in range(12)
    ]
    return Snapshot.model_validate(
        {
            "settings": Policy(horizon_start=start),
            "customers": [Customer(customer_id="C")],
            "orders": [Order(order_id="O", customer_id="C")],
            "order_lines": lines,
            "items": [Item(item_id="I")],
            "production_units": [ProductionUnit(unit_id=unit) for unit in "UV"],
            "resources": [Resource(resource_id=unit, unit_id=unit, cost_per_hour=10) for unit in "UV"],
            "operations": [
                Operation(item_id="I", unit_id=unit, op_no=1, resource_id=unit, minutes_per_unit=minutes)
                for unit, minutes in (("U", 60), ("V", 70))
            ],
        }
    )
