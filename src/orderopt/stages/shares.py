"""Highest shares: no unit makes more of all that is made for lines than it may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.supply import Part


def is_planned(part: Part) -> bool:
    """Whether a unit makes the part by a job that has not begun yet (begun jobs are facts)."""
    return part.source_type is SourceType.UNIT and part.job is not None and not part.job.fixed


def find_excess(plant: Plant, parts: Sequence[Part]) -> Part | None:
    """Return the part to give up first where a unit makes more than its share; None where all keep to theirs.

    It is the least urgent part of the unit that is furthest above its share.
    """
    made: dict[str, Decimal] = defaultdict(Decimal)
    for part in parts:
        if part.source_type is SourceType.UNIT and part.source_id is not None:
            made[part.source_id] += part.quantity
    planned = {part.source_id for part in parts if is_planned(part)}
    everything = sum(made.values(), Decimal(0))
    above = {
        unit_id: quantity - share * everything
        for unit_id, quantity in made.items()
        if (share := plant.snapshot.unit[unit_id].max_share) is not None
        and unit_id in planned
        and quantity > share * everything
    }
    if not above:
        return None
    worst = max(above, key=lambda unit_id: (above[unit_id], unit_id))
    return min(
        (part for part in parts if is_planned(part) and part.source_id == worst),
        key=lambda part: (
            plant.unserved_cost[part.line.name] * float(part.quantity / part.line.quantity),
            part.line.name,
            part.quantity,
        ),
    )
