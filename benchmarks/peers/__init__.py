"""Other ways to schedule the same instances, run beside orderopt's strategies and checked like them.

Each peer is one function ``run(instance, seconds, seed, workers) -> Found`` that takes the raw data. Peers that wrap a
solver run in a process of their own, which is stopped if it overruns its time; see :mod:`benchmarks.peers.child`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from benchmarks.result import RefusedError
from benchmarks.scheduling.instance import NONE, Answer, ShopInstance


@dataclass(frozen=True)
class Found:
    """What a competitor hands over, not yet checked.

    Attributes
    ----------
    claimed
        The objective by its own count, where it counts as we do.
    """

    status: str
    answer: Answer | None
    claimed: float | None = None
    bound: float | None = None
    seconds: float = 0.0
    first_seconds: float | None = None
    warm_seconds: float = 0.0
    note: str = ""


class Peer(NamedTuple):
    """Where a peer's function is, and which packages it needs."""

    place: str
    needs: tuple[str, ...]


PEERS: dict[str, Peer] = {
    "pyjobshop": Peer("benchmarks.peers.pyjobshop_peer:run_cold", ("pyjobshop", "ortools")),
    "pyjobshop_warm": Peer("benchmarks.peers.pyjobshop_peer:run_warm", ("pyjobshop", "ortools")),
    "plain_cpsat": Peer("benchmarks.peers.plain_cpsat:run_cold", ("ortools",)),
    "plain_cpsat_warm": Peer("benchmarks.peers.plain_cpsat:run_warm", ("ortools",)),
    "simpy_dispatch": Peer("benchmarks.peers.simpy_dispatch:run", ("simpy",)),
    "plain_dispatch": Peer("benchmarks.peers.plain_search:run_dispatch", ("numba",)),
    "plain_annealing": Peer("benchmarks.peers.plain_search:run_annealing", ("numba",)),
}


def run(instance: ShopInstance, name: str, *, seconds: float, seed: int, workers: int) -> Found:
    """Run a peer.

    Raises
    ------
    RefusedError
        If a package it needs is not installed, or if it cannot say the instance.
    """
    peer = PEERS[name]
    versions(name)
    if instance.rejection != NONE:
        raise RefusedError(f"{name} does every job; it has no way to reject one")
    module, _, function = peer.place.partition(":")
    start: Callable[..., Found] = getattr(import_module(module), function)
    return start(instance, seconds=seconds, seed=seed, workers=workers)


def versions(name: str) -> dict[str, str]:
    """Return the versions of the packages a peer needs.

    Raises
    ------
    RefusedError
        If one is not installed.
    """
    found = {}
    for package in PEERS[name].needs:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            raise RefusedError(f"{name} needs {package}: pip install orderopt[benchmark]") from None
    return found
