"""What a piece of every item costs in a generated plant, so that prices can stand above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderopt.testing.machines import COST_PER_HOUR

if TYPE_CHECKING:
    from orderopt.models.network import Offer
    from orderopt.testing.machines import Cell, Group
    from orderopt.testing.products import Made, Products

USUAL_LOT = 12
"""Pieces over which fixed minutes are spread."""


def judge_unit_costs(products: Products, groups: dict[Cell, Group], offers: tuple[Offer, ...]) -> dict[str, float]:
    """Return machine and material cost of one piece of every item, at the first unit that makes it."""
    costs: dict[str, float] = {}
    for offer in offers:
        if offer.from_quantity == 0:
            costs[offer.item_id] = min(float(offer.unit_price), costs.get(offer.item_id, float("inf")))
    components: dict[str, list[tuple[str, float]]] = {}
    for line in products.bom:
        components.setdefault(line.item_id, []).append((line.component_id, float(line.need_per_unit)))
    for made in (*products.parts, *products.finished):
        name = made.item.item_id
        material = sum(costs[component] * quantity for component, quantity in components.get(name, ()))
        costs[name] = material + _judge_machine_cost(made, groups)
    return costs


def _judge_machine_cost(made: Made, groups: dict[Cell, Group]) -> float:
    return sum(
        (step.minutes_per_unit + step.fixed_minutes / USUAL_LOT)
        * groups[made.units[0], step.kind].pace
        / 60
        * COST_PER_HOUR[step.kind]
        for step in made.steps
    )
