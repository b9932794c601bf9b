"""What some shops ask for beyond precedence, capacity and changeovers: few strategies know it, the others refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from orderopt.errors import RefusedError
from orderopt.solvers.compiled.open_time import FOREVER

if TYPE_CHECKING:
    from orderopt.solvers.compiled.shop import ShopProblem

Ints = NDArray[np.int64]

ABLE = ("dispatch", "cpsat", "auto")
"""Strategies that know all extras."""


class Extras(NamedTuple):
    """Longest waits, overlaps of steps and setup crews of a shop problem, as arrays for kernels.

    A alternatives, R resources.
    """

    alt_wait: Ints  # (A) most minutes from its end to the start of the next step; FOREVER: no limit
    alt_head: Ints  # (A) working minutes after which the next step may start; that of its whole work: no overlap
    alt_overlaps: Ints  # (A) 1: the next step may start after the head
    alt_tail: Ints  # (A) working minutes that must lie behind the end of the step before (and its lag)
    resource_crew: Ints  # (R) crew that sets it up, one resource at a time; -1: none

    def names(self) -> list[str]:
        """Return what there is, in words."""
        found = {
            "longest waits between steps (max_wait_minutes)": (self.alt_wait < FOREVER).any(),
            "overlapping steps (transfer_batch)": self.alt_overlaps.any(),
            "setup crews (setup_crew)": (self.resource_crew >= 0).any(),
        }
        return [name for name, is_there in found.items() if is_there]


def refuse_extras(problem: ShopProblem, strategy: str) -> None:
    """Refuse a problem that a strategy does not know all of.

    Raises
    ------
    RefusedError
        If the problem has extras; the text names them and the strategies that know them.
    """
    if problem.extras is not None:
        raise RefusedError(
            f"the strategy {strategy} cannot plan {', '.join(problem.extras.names())}; use one of {', '.join(ABLE)}"
        )
