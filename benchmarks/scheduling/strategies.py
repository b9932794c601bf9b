"""Running orderopt's strategies, and peers by name, on a scheduling instance: warm, start the clock, solve, check."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import benchmarks.peers as peers
from benchmarks.result import RefusedError, Result
from benchmarks.scheduling.check import judge
from benchmarks.scheduling.convert import read_schedule
from benchmarks.scheduling.instance import Answer, ShopInstance, take_jobs
from orderopt.solvers.budget import Budget, Progress
from orderopt.solvers.registry import scheduling
from orderopt.solvers.scheduling.dispatch import Dispatch

WARM_JOBS = 40
"""Jobs of the small shop that compiles the kernels before the clock starts."""

WARM_SECONDS = 1.0
WARM_BUDGET = 25.0
"""Time told to the strategy: enough that it compiles rather than leaves out."""

MOST_WARM_RUNS = 4
SAME = 1e-6
"""Share by which the strategy's own count may differ from the checker's."""


def names() -> tuple[str, ...]:
    """All competitors: orderopt's strategies, then peers."""
    return (*scheduling.names(), *peers.PEERS)


def solve(instance: ShopInstance, strategy: str, *, seconds: float, seed: int = 0, workers: int = 2) -> Result:
    """Return what a strategy or a peer makes of an instance within a time, after the independent check.

    Parameters
    ----------
    strategy
        A name of :func:`names`.
    seconds
        Wall time from the raw data to the answer; compiling comes before.
    """
    try:
        if strategy in peers.PEERS:
            found = peers.run(instance, strategy, seconds=seconds, seed=seed, workers=workers)
        else:
            found = _run_own(instance, strategy, seconds=seconds, seed=seed, workers=workers)
    except RefusedError as refusal:
        return Result("REFUSED", note=str(refusal))
    return _check(instance, found)


def _check(instance: ShopInstance, found: peers.Found) -> Result:
    if found.answer is None:
        return Result(
            found.status, None, found.bound, found.seconds, None, found.warm_seconds, note=_join(found, instance)
        )
    verdict = judge(instance, found.answer)
    complaints = list(verdict.complaints)
    objective = verdict.objective
    if objective is not None:
        slack = SAME * max(1.0, abs(objective))
        if found.claimed is not None and abs(found.claimed - objective) > slack:
            complaints.append(f"claims {found.claimed:g}, the checker counts {objective:g}")
        if found.bound is not None and found.bound > objective + slack:
            complaints.append(f"claims that nothing is below {found.bound:g}, the answer is {objective:g}")
    value = None if instance.sum_of_values is None or objective is None else instance.sum_of_values - objective
    return Result(
        status=found.status,
        objective=objective,
        bound=found.bound,
        seconds=found.seconds,
        first_seconds=found.first_seconds,
        warm_seconds=found.warm_seconds,
        accepted=not complaints,
        complaints=tuple(complaints),
        value=value,
        note=_join(found, instance),
    )


def _join(found: peers.Found, instance: ShopInstance) -> str:
    return "; ".join(text for text in (found.note, instance.note) if text)


# ------------------------------------------------------------------------------------------------ orderopt's own


def _run_own(instance: ShopInstance, name: str, *, seconds: float, seed: int, workers: int) -> peers.Found:
    warm_seconds = warm(instance, (name, "local_search", name), workers)
    told: list[float] = []
    began = time.monotonic()

    def tell(progress: Progress) -> None:
        if progress.objective is not None and not told:
            told.append(time.monotonic() - began)

    with watch_dispatch(lambda: told.append(time.monotonic() - began)):
        budget = Budget(seconds, workers=workers, seed=seed, began=began, on_progress=tell)
        outcome = scheduling.find(name).schedule(instance.problem, budget)
        took = time.monotonic() - began
    answer: Answer | None = None
    if outcome.answer is not None and outcome.answer.is_complete:
        answer = read_schedule(outcome.answer)
    return peers.Found(
        status=str(outcome.status),
        answer=answer,
        claimed=outcome.objective,
        bound=outcome.bound,
        seconds=took,
        first_seconds=min([*told, took]) if answer is not None else None,
        warm_seconds=warm_seconds,
        note=outcome.reason,
    )


def warm(instance: ShopInstance, used: Sequence[str], workers: int) -> float:
    """Compile what strategies use by running them on a few jobs of the shop; return the seconds it took.

    A strategy leaves out what is not compiled when time is short. So each run may take long and is
    cancelled soon, until one ends in the time that was meant for it.
    """
    small = take_jobs(instance, WARM_JOBS).problem
    began = time.monotonic()
    for name in dict.fromkeys(used):
        for _ in range(MOST_WARM_RUNS):
            run_began = time.monotonic()
            budget = Budget(WARM_BUDGET, workers=workers, began=run_began)
            timer = threading.Timer(WARM_SECONDS, budget.cancel.set)
            timer.start()
            scheduling.find(name).schedule(small, budget)
            timer.cancel()
            if time.monotonic() - run_began < 4 * WARM_SECONDS:
                break
    return time.monotonic() - began


@contextmanager
def watch_dispatch(notice: Callable[[], None]) -> Iterator[None]:
    """Call `notice` when a dispatch seed is ready: the first schedule that a strategy could hand back."""
    schedule = Dispatch.schedule

    def watched(self: Dispatch, *positions: Any, **names: Any) -> Any:
        outcome = schedule(self, *positions, **names)
        if outcome.answer is not None:
            notice()
        return outcome

    Dispatch.schedule = watched  # type: ignore[method-assign]
    try:
        yield
    finally:
        Dispatch.schedule = schedule  # type: ignore[method-assign]
