"""What lines cost beside the minutes that they are late, and what the length of a schedule costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class LineCharges(NamedTuple):
    """Weighted costs of one line: of being late at all, of a minute early, of a minute after `since`."""

    late: float = 0.0
    early: float = 0.0
    flow: float = 0.0
    since: int = 0

    def cost(self, due: int, arrival: int) -> float:
        """Return what a line due at a minute costs when it arrives."""
        once = self.late if arrival > due else 0.0
        return once + self.early * max(0, due - arrival) + self.flow * max(0, arrival - self.since)


NO_CHARGES = LineCharges()
"""Lateness is all that a line costs."""


@dataclass(frozen=True)
class Charges:
    """Weighted costs of all lines of a shop problem (L) and of its makespan.

    Attributes
    ----------
    late
        Shape (L): cost of being late at all.
    early
        Shape (L): cost of each minute early.
    flow, since
        Shape (L): cost of each minute that a line arrives after `since`.
    makespan
        Cost of each minute after 0 until the last task ends.
    """

    late: Floats
    early: Floats
    flow: Floats
    since: Ints
    makespan: float = 0.0

    @property
    def rewards_waiting(self) -> bool:
        """Whether something may cost less when it is done later."""
        return bool(self.early.any())

    def of_lines(self, due: Ints, arrival: Ints) -> tuple[float, float, float]:
        """Return the costs of being late at all, of earliness and of flow, all lines together."""
        return (
            float((self.late * (arrival > due)).sum()),
            float((self.early * np.maximum(due - arrival, 0)).sum()),
            float((self.flow * np.maximum(arrival - self.since, 0)).sum()),
        )


def join_charges(lines: Sequence[LineCharges], makespan: float) -> Charges | None:
    """Return the costs of lines together; None where they are all 0."""
    columns = np.array(lines, dtype=np.float64).reshape(-1, 4)
    if not makespan and not columns[:, :3].any():
        return None
    late, early, flow, since = (np.ascontiguousarray(column) for column in columns.T)
    return Charges(late, early, flow, since.astype(np.int64), makespan)
