"""How the rules report: each violation in full, up to a limit, then how many more there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from orderopt.models.finding import Finding
from orderopt.rules.exact import to_decimal
from orderopt.rules.wall_clock import to_moment

if TYPE_CHECKING:
    from orderopt.rules.exact import Ints

CAP = 1000
"""Violations of one kind that are reported one by one."""

HEADER_ROWS = 2
"""Rows count as a spreadsheet shows them: the header is row 1, the first record row 2."""


def build_findings(broken: NDArray[Any], build: Callable[[int], Finding]) -> Iterator[Finding]:
    """Yield the finding of each broken place, and after the cap one that says how many more there are.

    Parameters
    ----------
    broken
        Mask, or positions of the broken places.
    build
        Makes the finding of one position.
    """
    places: Ints = np.flatnonzero(broken) if broken.dtype == np.bool_ else broken
    code, table = "", None
    for place in places[:CAP]:
        finding = build(int(place))
        code, table = finding.code, finding.table
        yield finding
    if len(places) > CAP:
        more = len(places) - CAP
        yield Finding(code=code, table=table, says=f"… and {more} more violations of this kind, not listed")


def say_amount(micros: int) -> str:
    """Return whole millionths as text."""
    return f"{to_decimal(int(micros)):f}"


def say_minute(minute: int, zone: ZoneInfo) -> str:
    """Return a minute since the epoch as text on the plan's clock."""
    moment: datetime = to_moment(int(minute)).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M}"
