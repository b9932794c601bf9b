"""Running orderopt's allocation strategies, and peers by name: warm, start the clock, solve, check."""

from __future__ import annotations

import time

from benchmarks.allocation import peers
from benchmarks.allocation.generate import Recipe, generate
from benchmarks.allocation.instance import AnswerError, Instance
from benchmarks.result import RefusedError, Result
from orderopt.solvers.allocation.warm import warm_up
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.registry import allocation

SAME = 1e-6
"""Share by which the strategy's own count may differ from the checker's."""


def names() -> tuple[str, ...]:
    """All competitors: orderopt's strategies, then peers."""
    return (*allocation.names(), *peers.PEERS)


def solve(instance: Instance, strategy: str, *, seconds: float, seed: int = 0, workers: int = 2) -> Result:
    """Return what a strategy or a peer makes of an instance within a time, after the independent check.

    Parameters
    ----------
    strategy
        A name of :func:`names`.
    seconds
        Wall time from the arrays to the answer; compiling comes before.
    """
    try:
        found = _run(instance, strategy, seconds=seconds, seed=seed, workers=workers)
    except RefusedError as refusal:
        return Result("REFUSED", note=str(refusal))
    if found.answer is None:
        return Result(found.status, None, found.bound, found.seconds, None, found.warm_seconds, note=found.note)
    objective, complaints = None, []
    try:
        objective = instance.check(found.answer)
    except AnswerError as fault:
        complaints.append(str(fault))
    if objective is not None:
        slack = SAME * max(1.0, abs(objective))
        if found.claimed is not None and abs(found.claimed - objective) > slack:
            complaints.append(f"claims {found.claimed:.10g}, the checker counts {objective:.10g}")
        if found.bound is not None and found.bound > objective + slack:
            complaints.append(f"claims that nothing is below {found.bound:.10g}, the answer is {objective:.10g}")
    return Result(
        status=found.status,
        objective=objective,
        bound=found.bound,
        seconds=found.seconds,
        first_seconds=found.first_seconds,
        warm_seconds=found.warm_seconds,
        accepted=not complaints,
        complaints=tuple(complaints),
        note=found.note,
    )


def _run(instance: Instance, name: str, *, seconds: float, seed: int, workers: int) -> peers.Found:
    if name in peers.PEERS:
        return peers.run(instance, name, seconds=seconds, seed=seed, workers=workers)
    warm_seconds = warm(name, workers)
    told: list[float] = []
    began = time.monotonic()

    def tell(progress: Progress) -> None:
        if progress.objective is not None:
            told.append(time.monotonic() - began)

    budget = Budget(seconds, workers=workers, seed=seed, began=began, on_progress=tell)
    outcome = allocation.find(name).allocate(instance.problem, budget)
    took = time.monotonic() - began
    return peers.Found(
        str(outcome.status),
        outcome.answer,
        outcome.objective,
        outcome.bound,
        took,
        min([*told, took]),
        warm_seconds,
        outcome.reason,
    )


def warm(name: str, workers: int) -> float:
    """Let a strategy compile, and load what it needs, on a small question with every feature; returns how long."""
    began = time.monotonic()
    warm_up()
    problem = generate(Recipe(40, 6, lateness=True, split=0.3, fairness=0.01, components=True))
    allocation.find(name).allocate(problem, Budget(0.5, workers=workers))
    return time.monotonic() - began
