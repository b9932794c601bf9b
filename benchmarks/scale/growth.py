"""How fast something grows with the number of lines."""

from __future__ import annotations

import math
from collections.abc import Mapping


def fit_exponent(values: Mapping[int, float]) -> float | None:
    """Return the slope of log value over log size by least squares; None where less than two sizes tell.

    Parameters
    ----------
    values
        Value by size; values that are not positive are left out.

    Examples
    --------
    >>> fit_exponent({10: 3.0, 100: 300.0, 1000: 30000.0})
    2.0
    """
    points = [(math.log(size), math.log(value)) for size, value in values.items() if value > 0]
    if len(points) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return round(sum((x - mean_x) * (y - mean_y) for x, y in points) / below, 3) if below else None
