"""How large a generated plant is: every count follows from the number of order lines."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

REFERENCE_LINES = 200
"""Number of lines for which the counts below are said; others follow by powers of the ratio."""


@dataclass(frozen=True)
class Size:
    """Counts of a generated plant, in pieces; `weeks` is the length of the horizon."""

    num_lines: int
    weeks: int
    num_units: int
    num_machines: int
    num_finished: int
    num_parts: int
    num_materials: int
    num_suppliers: int
    num_customers: int
    num_regions: int


def _scaled(num_lines: int, at_reference: int, power: float, least: int) -> int:
    ratio: float = (num_lines / REFERENCE_LINES) ** power
    return max(least, round(at_reference * ratio))


def build_size(num_lines: int) -> Size:
    """Return the counts of a plant for `num_lines` order lines.

    Machines grow more slowly than lines, so that large plants have many short tasks; fewer than 72 lines get
    less than six weeks, so that small plants are busy too.
    """
    return Size(
        num_lines=num_lines,
        weeks=min(6, ceil(num_lines / 12)),
        num_units=_scaled(num_lines, 3, 0.35, 2),
        num_machines=_scaled(num_lines, 25, 0.75, 8),
        num_finished=_scaled(num_lines, 14, 0.6, 3),
        num_parts=_scaled(num_lines, 12, 0.6, 3),
        num_materials=_scaled(num_lines, 14, 0.55, 5),
        num_suppliers=_scaled(num_lines, 6, 0.4, 2),
        num_customers=_scaled(num_lines, 18, 0.7, 4),
        num_regions=min(16, _scaled(num_lines, 4, 0.25, 2)),
    )
