"""Project scheduling, which the question cannot say today."""

from __future__ import annotations

from pathlib import Path

from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.instance import ShopInstance

_WHY = (
    "an activity needs amounts of several resources at the same time, and may wait for several others; in the question "
    "a task takes one place on one resource and follows the step before it"
)


def refuse_rcpsp(path: Path, _: ReadOptions) -> ShopInstance:
    """Refuse, naming what is missing."""
    raise RefusedError(f"{path.name} is a resource-constrained project: {_WHY}")


def refuse_mmrcpsp(path: Path, _: ReadOptions) -> ShopInstance:
    """Refuse, naming what is missing."""
    raise RefusedError(f"{path.name} is a multi-mode project with resources that are used up: {_WHY}")
