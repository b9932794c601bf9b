"""Runs of competitors on instances, and the ways to look at many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.result import Result, compare_to_best


@dataclass(frozen=True)
class Run:
    """One competitor on one instance with one seed."""

    group: str
    case: str
    strategy: str
    seed: int
    best_known: float | None
    result: Result

    @property
    def ratio(self) -> float | None:
        """How far from best known; see :func:`~benchmarks.result.compare_to_best`."""
        return compare_to_best(self.result, self.best_known)


def split(runs: Sequence[Run], key: Callable[[Run], tuple[str, ...]]) -> dict[tuple[str, ...], list[Run]]:
    """Return the runs by a key, in the order in which keys first come."""
    found: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        found.setdefault(key(run), []).append(run)
    return found


def names(runs: Iterable[Run]) -> list[str]:
    """Return the strategies in the order in which they first come."""
    return list(dict.fromkeys(run.strategy for run in runs))


def count_answers(group: str, strategy: str, found: Sequence[Run]) -> dict[str, str]:
    """Return the first columns of a row for a family and a strategy: how many answers of which kind."""
    accepted = [run for run in found if run.result.accepted]
    return {
        "family": group,
        "strategy": strategy,
        "accepted": f"{len(accepted)}/{len(found)}",
        "wrong": str(sum(run.result.accepted is False for run in found)),
        "optimal": str(sum(run.result.status == "OPTIMAL" for run in accepted)),
    }
