"""Strategies by name: those of orderopt, those a caller registers, and those of entry points.

A package offers a strategy by an entry point in the group ``orderopt.scheduling`` or
``orderopt.allocation`` that names an object with the one method of the Protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from orderopt.errors import UnknownStrategyError
from orderopt.solvers.solver import AllocationStrategy, SchedulingStrategy

Strategy = TypeVar("Strategy")


class Registry(Generic[Strategy]):
    """Strategies of one kind by name; built-in ones load when they are first asked for.

    Parameters
    ----------
    kind
        What the strategies do: ``scheduling`` or ``allocation``.
    built_in
        Where each of orderopt's own strategies is made, as ``module:function``.
    """

    def __init__(self, kind: str, built_in: dict[str, str]) -> None:
        self.kind = kind
        self._built_in = built_in
        self._registered: dict[str, Callable[[], Strategy]] = {}

    def register(self, name: str, make: Callable[[], Strategy]) -> None:
        """Make a strategy known under a name; `make` is called each time it is asked for."""
        self._registered[name] = make

    def names(self) -> tuple[str, ...]:
        """All names, those of entry points included."""
        outside = {point.name for point in entry_points(group=f"orderopt.{self.kind}")}
        return tuple(sorted({*self._built_in, *self._registered, *outside}))

    def find(self, name: str) -> Strategy:
        """Return the strategy of that name.

        Raises
        ------
        UnknownStrategyError
            If there is none; the message lists those there are.
        """
        if name in self._registered:
            return self._registered[name]()
        if name in self._built_in:
            module, _, function = self._built_in[name].partition(":")
            made: Strategy = getattr(import_module(module), function)()
            return made
        for point in entry_points(group=f"orderopt.{self.kind}", name=name):
            found: Strategy = point.load()()
            return found
        raise UnknownStrategyError(f"no {self.kind} strategy is called {name!r}; there are: {', '.join(self.names())}")


scheduling: Registry[SchedulingStrategy] = Registry(
    "scheduling",
    {
        "dispatch": "orderopt.solvers.scheduling.dispatch:with_bound",
        "cpsat": "orderopt.solvers.cpsat.scheduling:with_bound",
        "local_search": "orderopt.solvers.scheduling.local_search:with_bound",
        "lns": "orderopt.solvers.cpsat.neighbourhoods:with_bound",
        "auto": "orderopt.solvers.scheduling.portfolio:with_bound",
    },
)
allocation: Registry[AllocationStrategy] = Registry(
    "allocation",
    {
        "greedy": "orderopt.solvers.allocation.greedy:Greedy",
        "cpsat": "orderopt.solvers.cpsat.sourcing:CpSatAllocation",
        "highs": "orderopt.solvers.milp.sourcing:HighsAllocation",
        "milp": "orderopt.solvers.milp.pulp_sourcing:with_highs",
        "milp_cbc": "orderopt.solvers.milp.pulp_sourcing:with_cbc",
        "lagrangian": "orderopt.solvers.allocation.lagrangian:Lagrangian",
        "auto": "orderopt.solvers.allocation.portfolio:Portfolio",
    },
)
