"""The two Protocols that every strategy follows."""

from __future__ import annotations

from typing import Protocol

from orderopt.solvers.budget import Budget
from orderopt.solvers.compiled.shop import ShopProblem, ShopSchedule
from orderopt.solvers.compiled.sourcing import Assignment, SourcingProblem
from orderopt.solvers.outcome import Outcome


class SchedulingStrategy(Protocol):
    """Places the tasks of a shop problem on resources in time."""

    def schedule(
        self, problem: ShopProblem, budget: Budget, *, start: ShopSchedule | None = None
    ) -> Outcome[ShopSchedule]:
        """Return a schedule; never one that costs more than `start`."""
        ...


class AllocationStrategy(Protocol):
    """Chooses a source for every order line of a sourcing problem."""

    def allocate(
        self, problem: SourcingProblem, budget: Budget, *, start: Assignment | None = None
    ) -> Outcome[Assignment]:
        """Return a choice for every line; never one that costs more than `start`."""
        ...
