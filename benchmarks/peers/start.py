"""The start that warm peers get: orderopt's own dispatch, which stays the answer if the peer finds nothing better."""

from __future__ import annotations

import time
from dataclasses import replace

from benchmarks.peers import Found
from benchmarks.peers.child import run_in_child
from benchmarks.result import RefusedError
from benchmarks.scheduling.check import count_objective
from benchmarks.scheduling.convert import read_schedule
from benchmarks.scheduling.instance import Answer, ShopInstance
from orderopt.solvers.budget import Budget
from orderopt.solvers.registry import scheduling


def dispatch(instance: ShopInstance, seconds: float, seed: int, workers: int) -> Answer:
    """Return orderopt's dispatch schedule.

    Raises
    ------
    RefusedError
        If it does not find one.
    """
    outcome = scheduling.find("dispatch").schedule(instance.problem, Budget(seconds, workers=workers, seed=seed))
    if outcome.answer is None or not outcome.answer.is_complete:
        raise RefusedError("dispatch gives no start")
    return read_schedule(outcome.answer)


def run_from(place: str, instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Run a peer from the dispatch; the clock counts both, and the better of both is the answer."""
    from benchmarks.scheduling.strategies import warm

    warm_seconds = warm(instance, ("dispatch",), workers)
    began = time.monotonic()
    start = dispatch(instance, seconds, seed, workers)
    took = time.monotonic() - began
    found = run_in_child(place, instance, start, seed, workers, seconds=max(0.1, seconds - took))
    found = replace(
        found,
        seconds=found.seconds + took,
        first_seconds=took,
        warm_seconds=found.warm_seconds + warm_seconds,
    )
    seeded = count_objective(instance, start)
    if found.answer is not None and count_objective(instance, found.answer) < seeded:
        return found
    why = "nothing better than the start" + (f"; {found.note}" if found.note else "")
    status = found.status if found.status == "OPTIMAL" else "FEASIBLE"
    return replace(found, status=status, answer=start, claimed=None, note=why)
