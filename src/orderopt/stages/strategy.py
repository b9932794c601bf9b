"""Strategies for the whole way: which strategy allocates and which schedules, by one name."""

from __future__ import annotations

from dataclasses import dataclass

from orderopt.errors import UnknownStrategyError
from orderopt.solvers.registry import allocation, scheduling


@dataclass(frozen=True)
class Strategy:
    """A pair of strategies under one name.

    Attributes
    ----------
    name
        As the caller said it.
    allocation, scheduling
        Names in the two registries.
    integrated
        Whether small inputs are decided in one model afterwards.
    loop
        Whether the schedule corrects the allocation, which is then solved again.
    """

    name: str
    allocation: str
    scheduling: str
    integrated: bool = False
    loop: bool = False


BUILT_IN = {
    strategy.name: strategy
    for strategy in (
        Strategy("auto", "auto", "auto", integrated=True, loop=True),
        Strategy("integrated", "cpsat", "cpsat", integrated=True),
        Strategy("loop", "auto", "auto", loop=True),
        Strategy("cpsat", "cpsat", "cpsat"),
        Strategy("local_search", "auto", "local_search", loop=True),
        Strategy("lns", "auto", "lns"),
        Strategy("dispatch", "greedy", "dispatch"),
    )
}


def find_strategy(name: str) -> Strategy:
    """Return the strategy of a name.

    ``auto``, ``integrated``, ``loop``, ``cpsat``, ``local_search``, ``lns`` and ``dispatch`` are built in;
    ``ALLOCATION+SCHEDULING`` names any registered pair, for example ``greedy+lns``.

    Raises
    ------
    UnknownStrategyError
        If there is none; the message lists those there are.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    first, plus, second = name.partition("+")
    if plus and first in allocation.names() and second in scheduling.names():
        return Strategy(name, first, second)
    raise UnknownStrategyError(
        f"no strategy is called {name!r}; there are {', '.join(BUILT_IN)}, and pairs such as greedy+lns of "
        f"{', '.join(allocation.names())} with {', '.join(scheduling.names())}"
    )
