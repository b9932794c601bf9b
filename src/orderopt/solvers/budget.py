"""What a strategy may spend, and how it tells how far it is."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

REPLAY_RATE = 0.12
"""Deterministic CP-SAT seconds allowed for each second of a reproducible run.

A second of the clock was seen to hold 0.17 to 0.8 of them on 2 cores; the count must end before the clock does.
"""


@dataclass(frozen=True)
class Progress:
    """One word on how far planning is.

    Attributes
    ----------
    stage
        The stage that speaks, for example ``schedule``.
    message
        What happened, in a few words.
    seconds
        Wall time since planning began.
    objective, bound
        Cost of the best plan so far and what no plan can beat, in currency, where known.
    """

    stage: str
    message: str
    seconds: float
    objective: float | None = None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        """Distance from the bound as a share of the objective."""
        if self.objective is None or self.bound is None:
            return None
        return max(0.0, (self.objective - self.bound) / self.objective) if self.objective else 0.0


def _ignore(_: Progress) -> None:
    """Take a word on progress and say nothing."""


@dataclass(frozen=True)
class Budget:
    """Time, workers and chance that a strategy may use.

    Attributes
    ----------
    seconds
        Wall time that this strategy may take from `began`.
    workers
        Parallel workers. With one worker strategies are reproducible: they count deterministic work, and the
        clock only guards.
    seed
        Where all randomness comes from.
    began
        Reading of the monotonic clock from which `seconds` count.
    deadline
        Reading of the monotonic clock at which everything ends; by default when `seconds` are over.
    cancel
        Set by the caller to end early with the best answer so far.
    on_progress
        Called with each :class:`Progress`.
    """

    seconds: float
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    seed: int = 0
    began: float = field(default_factory=time.monotonic)
    deadline: float | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    on_progress: Callable[[Progress], None] = _ignore

    @property
    def is_reproducible(self) -> bool:
        """Whether the same question must give the same answer."""
        return self.workers == 1

    @property
    def remaining(self) -> float:
        """Seconds that are left, never below zero; in a reproducible run only the deadline counts."""
        ends = self.began + self.seconds
        if self.deadline is not None:
            ends = self.deadline if self.is_reproducible else min(ends, self.deadline)
        return max(0.0, ends - time.monotonic())

    @property
    def is_over(self) -> bool:
        """Whether time is up or the caller cancelled."""
        return self.cancel.is_set() or self.remaining <= 0.0

    def part(self, seconds: float) -> Budget:
        """Return a budget of at most `seconds` from now, within this one.

        In a reproducible run it is `seconds` whatever the clock says: strategies count their work by them.
        """
        deadline = self.began + self.seconds if self.deadline is None else self.deadline
        granted = seconds if self.is_reproducible else min(seconds, self.remaining)
        return replace(self, seconds=granted, began=time.monotonic(), deadline=deadline)
