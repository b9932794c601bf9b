"""How much of every item the order lines need, and how much of it lies in stock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from orderopt.testing.demand import Wishes
    from orderopt.testing.products import Products

Amounts = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Needs:
    """Amounts by position of the item (finished, parts, materials), in the item's unit.

    `wanted` is gross; `stocked` is free stock of made items (0 for materials); `made` and `num_jobs` are what
    is left to make and in how many jobs.
    """

    wanted: Amounts
    stocked: Amounts
    made: Amounts
    num_jobs: Amounts


def judge_needs(products: Products, wishes: Wishes, rng: np.random.Generator) -> Needs:
    """Explode the wishes level by level; some made items have stock for part of what is wanted."""
    position = {item.item_id: index for index, item in enumerate(products.items)}
    size, num_made = len(position), len(products.made)
    wanted, stocked, made, jobs = (np.zeros(size) for _ in range(4))
    num_finished = len(products.finished)
    wanted[:num_finished] = np.bincount(wishes.finished, wishes.quantity, num_finished)
    calls = np.zeros(size)
    calls[:num_finished] = np.bincount(wishes.finished, minlength=num_finished)
    cover = np.where(rng.random(size) < 0.3, rng.uniform(0.1, 0.35, size), 0.0)
    children: dict[str, list[tuple[int, float]]] = {}
    for line in products.bom:
        children.setdefault(line.item_id, []).append((position[line.component_id], float(line.need_per_unit)))
    for index in range(size):
        if index < num_made:
            stocked[index] = np.floor(cover[index] * wanted[index])
        made[index] = wanted[index] - stocked[index]
        jobs[index] = calls[index] * (made[index] / wanted[index] if wanted[index] else 0.0)
        for child, quantity_per in children.get(products.items[index].item_id, ()):
            wanted[child] += made[index] * quantity_per
            calls[child] += jobs[index]
    return Needs(wanted, stocked, made, jobs)
