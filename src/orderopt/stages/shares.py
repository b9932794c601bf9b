"""Highest shares: no unit makes more of all that is made for lines than it may."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.plant import Plant
from orderopt.stages.allocate import part_by, unserved
from orderopt.stages.options import Option, expected_cost
from orderopt.stages.sourcing_question import SourcingQuestion
from orderopt.stages.supply import Part


def is_planned(part: Part) -> bool:
    """Whether a unit makes the part by a job that has not begun yet (begun jobs are facts)."""
    return part.source_type is SourceType.UNIT and part.job is not None and not part.job.fixed


def keep_shares(
    plant: Plant,
    chosen: Sequence[Part],
    made: Sequence[Part],
    question: SourcingQuestion,
    banned: set[tuple[str, str]],
) -> list[Part] | None:
    """Return allocated parts in which units above their share give up some; None where all keep to theirs.

    Parts go to the line's other sources where it has any, those first for which that costs least; where they
    have none, those that cost least go unserved.

    Parameters
    ----------
    chosen
        Parts as allocated.
    made
        All parts as realised.
    banned
        (line, unit) pairs that gave up already; grows.
    """
    total: dict[str, Decimal] = defaultdict(Decimal)
    planned: dict[str, list[Part]] = defaultdict(list)
    for part in made:
        if part.source_type is SourceType.UNIT and part.source_id is not None:
            total[part.source_id] += part.quantity
            if is_planned(part):
                planned[part.source_id].append(part)
    everything = sum(total.values(), Decimal(0))
    above = {
        unit_id: total[unit_id] - share * everything
        for unit_id in planned
        if (share := plant.snapshot.unit[unit_id].max_share) is not None and total[unit_id] > share * everything
    }
    if not above:
        return None
    result = _Allocated(chosen)
    options = {line.name: found for (line, _), found in zip(question.lines, question.options, strict=True)}
    for unit_id, excess in above.items():
        left = _move(plant, result, planned[unit_id], options, banned, excess, set(above))
        share = plant.snapshot.unit[unit_id].max_share or Decimal(1)
        if left > 0:
            _give_up(plant, result, planned[unit_id], unit_id, left / (1 - share) if share < 1 else left)
    return result.parts


class _Allocated:
    """Allocated parts, to be found by their line."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = list(parts)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, part in enumerate(self.parts):
            self._places[part.line.name].append(place)

    def swap(self, part: Part, other: Part) -> None:
        """Put a part in the place of the allocated one that became it."""
        of_line = [
            place
            for place in self._places[part.line.name]
            if self.parts[place].quantity == part.quantity and self.parts[place].source_type is not SourceType.UNSERVED
        ]
        self.parts[min(of_line, key=lambda place: self.parts[place].source_id != part.source_id)] = other


def _move(
    plant: Plant,
    result: _Allocated,
    parts: list[Part],
    options: dict[str, tuple[Option, ...]],
    banned: set[tuple[str, str]],
    excess: Decimal,
    full: set[str],
) -> Decimal:
    """Give parts to other sources until the excess is gone; return what is left of it."""
    moves = []
    for part in parts:
        others = [
            option
            for option in options.get(part.line.name, ())
            if option.source_id not in full and (part.line.name, option.source_id) not in banned
        ]
        if others:
            best = min(others, key=lambda option: expected_cost(plant, part, option))
            moves.append((expected_cost(plant, part, best) / float(part.quantity), part.line.name, part, best))
    moved: set[int] = set()
    for _, _, part, option in sorted(moves, key=lambda move: move[:2]):
        if excess <= 0:
            break
        assert part.source_id is not None
        banned.add((part.line.name, part.source_id))
        result.swap(part, part_by(part.line, option, part.quantity))
        excess -= part.quantity
        moved.add(id(part))
    parts[:] = [part for part in parts if id(part) not in moved]
    return excess


def _give_up(plant: Plant, result: _Allocated, parts: list[Part], unit_id: str, excess: Decimal) -> None:
    def cost(part: Part) -> tuple[float, str]:
        return plant.unserved_cost[part.line.name] / float(part.line.quantity), part.line.name

    for part in sorted(parts, key=cost):
        if excess <= 0:
            return
        result.swap(part, unserved(part.line, part.quantity, [f"unit {unit_id} may make no larger share"]))
        excess -= part.quantity
