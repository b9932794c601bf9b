"""Allocation questions drawn by chance, made of arrays throughout: N orders, M plants, some eligible plants each.

Orders are due at the end of one of some equal time buckets. Each takes working minutes of the plant that serves it,
which must lie before the end of the bucket in which it is ready. What an order costs at a plant is a rate of the plant,
a freight that grows with the distance between two points of a square, and some chance; plants that work faster cost
more, so that cheap capacity is scarce.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderopt.solvers.compiled.sourcing import Floats, Ints, Source, SourcingArrays, SourcingProblem

BUCKET = 7 * 1440
"""Minutes of a bucket: a week."""


@dataclass(frozen=True)
class Recipe:
    """What kind of question is drawn.

    Attributes
    ----------
    num_orders, num_plants, eligible, num_buckets
        How many there are; `eligible` plants can serve an order.
    load
        Work of all orders as a share of all open minutes, if each order went to an average plant it may go to.
    lateness
        Whether being late is possible at a cost (else an order that cannot be in time stays unserved).
    split
        Share of the orders that may be split into lots, each with a smallest part.
    fairness
        Cost of a spread of loads of 100 %, as a share of the cost of serving everything.
    components
        Whether making draws on components: some limited, some bought beyond stock, one made of another.
    """

    num_orders: int
    num_plants: int
    eligible: int = 6
    num_buckets: int = 12
    load: float = 0.92
    lateness: bool = False
    split: float = 0.0
    fairness: float = 0.0
    components: bool = False
    seed: int = 0


def generate(recipe: Recipe) -> SourcingProblem:
    """Return the question that a recipe and its seed stand for."""
    random = np.random.default_rng(recipe.seed)
    size, plants = recipe.num_orders, recipe.num_plants
    eligible = min(recipe.eligible, plants)
    options = size * eligible
    plant = _choose_plants(random, size, plants, eligible)
    quantity = np.ceil(random.lognormal(3.0, 0.5, size))
    minutes, cost = _work(random, plant, quantity, plants)
    due = random.integers(0, recipe.num_buckets, size)
    lots = np.ones(size, dtype=np.int64)
    may_split = random.random(size) < recipe.split
    lots[may_split] = random.integers(4, 13, int(may_split.sum()))
    lots_of = np.repeat(lots, eligible)
    weight = cost.reshape(size, eligible).mean(axis=1)
    per_week = 0.10 if recipe.lateness else 10.0
    draws = _draw_components(random, recipe, np.repeat(quantity, eligible) / lots_of)
    ends = BUCKET * np.arange(1, recipe.num_buckets + 2)
    ends[-1] = BUCKET * 10_000
    return SourcingProblem(
        SourcingArrays(
            option_ptr=np.arange(0, options + 1, eligible, dtype=np.int64),
            lots=lots,
            least_lots=np.maximum(1, lots // 4),
            line_due=BUCKET * (due + 1).astype(np.int64),
            minute_cost=weight * per_week / BUCKET,
            unserved_cost=3.0 * cost.reshape(size, eligible).max(axis=1),
            option_kind=np.full(options, int(Source.UNIT), dtype=np.int64),
            option_ready=np.zeros(options, dtype=np.int64),
            option_lead=np.zeros(options, dtype=np.int64),
            option_lot_cost=cost / lots_of * np.where(lots_of > 1, 0.95, 1.0),
            option_fixed_cost=np.where(lots_of > 1, 0.05 * cost, 0.0),
            option_unit=plant,
            load_ptr=np.arange(options + 1, dtype=np.int64),
            load_group=plant,
            load_minutes=minutes / lots_of,
            load_fixed=np.zeros(options),
            **draws,
            bucket_end=ends,
            bucket_late=ends.copy(),
            group_minutes=_open_minutes(random, recipe, minutes),
            unit_minutes=minutes / lots_of,
            unit_capacity=_window(random, recipe, minutes),
            unit_share=np.ones(plants),
            line_quantity=quantity,
            fairness_weight=recipe.fairness * float(cost.reshape(size, eligible).min(axis=1).sum()),
        )
    )


def _choose_plants(random: np.random.Generator, size: int, plants: int, eligible: int) -> Ints:
    """Return for each order some different plants, one after the other."""
    chosen = np.empty((size, eligible), dtype=np.int64)
    for first in range(0, size, 10_000):
        keys = random.random((min(10_000, size - first), plants))
        chosen[first : first + len(keys)] = np.argsort(keys, axis=1)[:, :eligible]
    return chosen.ravel()


def _work(random: np.random.Generator, plant: Ints, quantity: Floats, plants: int) -> tuple[Floats, Floats]:
    """Return minutes and cost of each option."""
    size = len(quantity)
    eligible = len(plant) // size
    speed = random.uniform(0.75, 1.3, plants)
    place, customer = random.random((plants, 2)), random.random((size, 2))
    far = np.linalg.norm(np.repeat(customer, eligible, axis=0) - place[plant], axis=1)
    of_order = np.repeat(quantity, eligible)
    minutes = np.ceil(of_order * 6.0 / speed[plant] * random.uniform(0.85, 1.15, len(plant)))
    rate = 4.0 * speed[plant] + 8.0 * far
    return minutes, np.round(of_order * rate * random.uniform(0.9, 1.1, len(plant)) + 20.0, 2)


def _open_minutes(random: np.random.Generator, recipe: Recipe, minutes: Floats) -> Floats:
    """Return the open minutes of each plant up to the end of each bucket; plants differ in size."""
    share = random.uniform(0.7, 1.3, recipe.num_plants)
    share /= share.sum()
    need = minutes.sum() / min(recipe.eligible, recipe.num_plants) / recipe.load
    week = np.floor(need * share / recipe.num_buckets)
    return np.outer(week, np.arange(1, recipe.num_buckets + 2, dtype=np.float64))


def _window(random: np.random.Generator, recipe: Recipe, minutes: Floats) -> Floats:
    """Return the minutes with which loads are compared, none where fairness does not count."""
    if not recipe.fairness:
        return np.zeros(recipe.num_plants)
    need = minutes.sum() / min(recipe.eligible, recipe.num_plants) / recipe.load
    return need / recipe.num_plants * random.uniform(0.9, 1.1, recipe.num_plants)


def _draw_components(random: np.random.Generator, recipe: Recipe, lot: Floats) -> dict[str, Ints | Floats]:
    """Return draws and pools: 20 components, a quarter each limited, bought, made of bought ones, and plentiful."""
    if not recipe.components:
        none, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
        return {
            "draw_ptr": np.zeros(len(lot) + 1, dtype=np.int64),
            "draw_pool": whole,
            "draw_amount": none,
            "pool_amount": none,
            "pool_buy": none,
            "pool_make": none,
            "recipe_ptr": np.zeros(1, dtype=np.int64),
            "recipe_pool": whole,
            "recipe_amount": none,
        }
    pools = 20
    kind = np.arange(pools) % 4
    drawn = random.integers(0, pools, len(lot))
    need = np.bincount(drawn, lot, minlength=pools) / min(recipe.eligible, recipe.num_plants)
    return {
        "draw_ptr": np.arange(len(lot) + 1, dtype=np.int64),
        "draw_pool": drawn,
        "draw_amount": lot,
        "pool_amount": np.floor(need * np.array([0.8, 0.5, 0.3, 2.0])[kind]),
        "pool_buy": np.array([np.inf, 2.0, np.inf, np.inf])[kind],
        "pool_make": np.array([np.inf, np.inf, 0.5, np.inf])[kind],
        "recipe_ptr": np.concatenate(([0], np.cumsum(kind == 2))),
        "recipe_pool": np.flatnonzero(kind == 1)[: int((kind == 2).sum())],
        "recipe_amount": np.ones(int((kind == 2).sum())),
    }
