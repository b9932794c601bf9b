"""Every family of instances the runner knows: who reads a file of it, and who solves what was read.

A family is one row here. Its reader is ``read(path, options: ReadOptions) -> instance``, where an instance
has at least ``name``; it raises :class:`~benchmarks.result.RefusedError` for what cannot be said. Its solver is
``solve(instance, strategy, *, seconds, seed, workers) -> Result`` and runs strategies and peers alike, the clock
started only after compiling, with the answer already checked from the raw data.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

SHOP = "benchmarks.scheduling.strategies:solve"
ALLOCATION = "benchmarks.allocation.strategies:solve"
_READERS = "benchmarks.scheduling.readers"


class Family(NamedTuple):
    """Where the reader and the solver of a family are, as ``module:function``; both load when first used."""

    reader: str
    solver: str


FAMILIES: dict[str, Family] = {
    "jsp": Family(f"{_READERS}.job_shop:read_jsp", SHOP),
    "jstwt": Family(f"{_READERS}.job_shop:read_jstwt", SHOP),
    "jsp_tardiness": Family(f"{_READERS}.job_shop:read_jsp_tardiness", SHOP),
    "fjsp": Family(f"{_READERS}.flexible:read_fjsp", SHOP),
    "fjsp_generated": Family("benchmarks.scheduling.generate:read_generated", SHOP),
    "hfsp": Family(f"{_READERS}.flow_shop:read_hfsp", SHOP),
    "ttpfsp": Family(f"{_READERS}.flow_shop:refuse_ttpfsp", SHOP),
    "flow_shop_tardiness": Family(f"{_READERS}.flow_shop:read_flow_shop_tardiness", SHOP),
    "single_machine": Family(f"{_READERS}.single_machine:read_single_machine", SHOP),
    "oas": Family(f"{_READERS}.order_acceptance:read_oas", SHOP),
    "upmsp_setups": Family(f"{_READERS}.parallel:read_upmsp_setups", SHOP),
    "parallel_real_carrilho": Family(f"{_READERS}.parallel:refuse_parallel_real_carrilho", SHOP),
    "rcpsp": Family(f"{_READERS}.project:refuse_rcpsp", SHOP),
    "mmrcpsp": Family(f"{_READERS}.project:refuse_mmrcpsp", SHOP),
    "gap": Family("benchmarks.allocation.readers:read_gap", ALLOCATION),
    "sscflp": Family("benchmarks.allocation.readers:read_sscflp", ALLOCATION),
}


def load(place: str) -> Callable[..., Any]:
    """Return the function that ``module:function`` names."""
    module, _, function = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found
