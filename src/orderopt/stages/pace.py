"""How the time limit is shared among the stages, and where the time went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from orderopt.solvers.budget import Budget, Progress

Result = TypeVar("Result")

SHARES = {"bound": 0.1, "allocate": 0.15, "loop": 0.4, "schedule": 0.5, "integrate": 0.6}
"""Share of the time limit that each searching stage may take; where the clock rules, scheduling takes what is left."""

RESERVE = 2.5
"""Seconds kept for judging, publishing and the caller's writing, beside what grows with the size of the input."""

CLOSING = 2.0
"""What judging, publishing and writing take, in units of what compiling and exploding took."""


@dataclass
class Pace:
    """The budget of a run and the seconds that its stages have taken.

    Attributes
    ----------
    seconds
        Wall time by stage.
    """

    budget: Budget
    seconds: dict[str, float] = field(default_factory=dict)
    _first: dict[str, float] = field(default_factory=dict)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.budget.began

    @property
    def is_over_limit(self) -> bool:
        """Whether the run has taken longer than its limit by more than the clock's fuzz."""
        return self.elapsed > self.budget.seconds * 1.02 + 0.5

    def timed(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do the work of a stage, tell that it begins, and count its time."""
        self.budget.on_progress(Progress(stage, "begins", self.elapsed))
        began = time.monotonic()
        result = work()
        spent = time.monotonic() - began
        self.seconds[stage] = self.seconds.get(stage, 0.0) + spent
        self._first.setdefault(stage, spent)
        return result

    def closing(self) -> float:
        """Return the seconds to be kept for all that follows the search."""
        built = sum(self._first.get(stage, 0.0) for stage in ("compile", "explode"))
        return RESERVE + CLOSING * built + 0.05 * self.budget.seconds

    def part(self, stage: str, *, all_left: bool = False) -> Budget:
        """Return the budget of a searching stage, model building included.

        Parameters
        ----------
        all_left
            True: the stage is the last that searches, and may take what is left where the clock rules.
        """
        seconds = self.budget.seconds * SHARES[stage]
        if not self.budget.is_reproducible:
            left = self.budget.remaining - self.closing()
            seconds = max(seconds / 2, left if all_left else min(seconds, left))
        part = self.budget.part(seconds)

        def tell(progress: Progress) -> None:
            self.budget.on_progress(replace(progress, seconds=self.elapsed))

        return replace(part, on_progress=tell)
