"""What every family of benchmarks shares: the options of a reader, what a run gave, and the way to refuse."""

from __future__ import annotations

from dataclasses import dataclass, field


class RefusedError(ValueError):
    """The data says something that the question cannot say; the message names it."""


@dataclass(frozen=True)
class ReadOptions:
    """What the command line may tell a reader beside the file.

    Attributes
    ----------
    factor
        Due-date factor (family ``jstwt``).
    index
        Position, counted from 1, in a file that holds several instances.
    """

    factor: float | None = None
    index: int | None = None


@dataclass(frozen=True)
class Result:
    """What one competitor gave on one instance, after the independent check.

    Attributes
    ----------
    status
        As the competitor claims it: OPTIMAL, FEASIBLE, INFEASIBLE or UNKNOWN; REFUSED if it cannot say the instance.
    objective
        Recomputed by the checker from the raw data; None if there is no answer.
    bound
        Proven by the competitor; None if it proves nothing.
    seconds, first_seconds, warm_seconds
        Wall time of the run, until the first complete answer (None: not known), and of warming before the clock.
    accepted
        Whether the checker accepts the answer; None if there is no answer.
    complaints
        What the checker found wrong.
    value
        For families that maximise, the value that best known figures mean; otherwise None.
    note
        What a reader of the figures should know.
    """

    status: str
    objective: float | None = None
    bound: float | None = None
    seconds: float = 0.0
    first_seconds: float | None = None
    warm_seconds: float = 0.0
    accepted: bool | None = None
    complaints: tuple[str, ...] = ()
    value: float | None = None
    note: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """Distance from the bound as a share of the objective."""
        if self.objective is None or self.bound is None:
            return None
        return max(0.0, (self.objective - self.bound) / abs(self.objective)) if self.objective else 0.0


def compare_to_best(result: Result, best_known: float | None) -> float | None:
    """Return how far an accepted answer is from the best known one: 1 as good, 1.05 five percent worse.

    None where there is nothing to compare, or where best known is 0 and the answer is not.
    """
    if best_known is None or result.objective is None or not result.accepted:
        return None
    if result.value is not None:
        return best_known / result.value if result.value > 0 else None
    if best_known == 0:
        return 1.0 if result.objective == 0 else None
    return result.objective / best_known
