"""A snapshot and a plan's tables, prepared once as arrays for all rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.decided import read_tables
from orderopt.rules.exact import sum_groups
from orderopt.rules.freight import Freight
from orderopt.rules.given import Given
from orderopt.rules.jobs import Jobs
from orderopt.rules.parts import Parts, Places
from orderopt.rules.supplies import Pegs, Supplies
from orderopt.rules.tasks import Tasks
from orderopt.rules.violation import say_minute

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from orderopt.models.finding import Finding
    from orderopt.models.snapshot import Snapshot
    from orderopt.rules.decided import Table
    from orderopt.rules.exact import Bools, Ints

NOTHING = -(2**60)
"""As a promised minute: nothing is served."""

NO_STEP = 2**60
"""As the first fixed step of a job: no step is fixed."""


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything the rules look at; each part is prepared when it is first asked for.

    Attributes
    ----------
    given
        The snapshot.
    tables
        The plan's tables by name.
    faults
        What is wrong with the form of the tables.
    """

    given: Given
    tables: Mapping[str, Table]
    faults: tuple[Finding, ...]

    @cached_property
    def jobs(self) -> Jobs:
        """What is made where."""
        return Jobs(self.given, self.tables["jobs"])

    @cached_property
    def tasks(self) -> Tasks:
        """Each task on its resource in time."""
        return Tasks(self.given, self.tables["schedule"], self.jobs)

    @cached_property
    def supplies(self) -> Supplies:
        """Everything that can be handed over."""
        return Supplies(self.given, self.jobs, self.tasks, self.tables["purchases"])

    @cached_property
    def pegs(self) -> Pegs:
        """Which supply serves which demand."""
        return Pegs(self.given, self.tables["pegging"], self.supplies, self.jobs)

    @cached_property
    def parts(self) -> Parts:
        """The parts of the order lines."""
        return Parts(self.given, self.tables["allocation"], self.supplies)

    @cached_property
    def places(self) -> Places:
        """Where the parts come from and go to."""
        return Places(self.given, self.parts)

    @cached_property
    def freight(self) -> Freight:
        """What travels when."""
        return Freight(self.given, self.tables["shipments"], self.parts, self.places)

    @cached_property
    def first_fixed_step(self) -> Ints:
        """First step of each job that is fixed; NO_STEP for jobs without fixed tasks."""
        first = np.full(self.jobs.size, NO_STEP, dtype=np.int64)
        fixed = np.flatnonzero(self.tasks.is_fixed & (self.tasks.job >= 0) & (self.tasks.step >= 0))
        routing = self.given.routings.step_routing[self.tasks.step[fixed]]
        fixed = fixed[routing == self.jobs.routing[self.tasks.job[fixed]]]
        np.minimum.at(first, self.tasks.job[fixed], self.tasks.step[fixed])
        return first

    @cached_property
    def has_fixed_task(self) -> Bools:
        """Which jobs have a fixed task."""
        has = np.zeros(self.jobs.size, dtype=np.bool_)
        has[self.tasks.job[self.tasks.is_fixed & (self.tasks.job >= 0)]] = True
        return has

    @cached_property
    def served(self) -> Ints:
        """Served quantity of each line in millionths."""
        rows = np.flatnonzero(self.parts.is_served)
        return sum_groups(self.parts.line[rows], self.parts.quantity[rows], len(self.given.lines))

    @cached_property
    def promised(self) -> Ints:
        """Latest arrival of the served parts of each line; the least integer where nothing is served."""
        latest = np.full(len(self.given.lines), NOTHING, dtype=np.int64)
        rows = np.flatnonzero(self.parts.is_served & (self.parts.line >= 0) & self.freight.is_arrival_known)
        np.maximum.at(latest, self.parts.line[rows], self.freight.arrival[rows])
        return latest

    @cached_property
    def is_promise_known(self) -> Bools:
        """Whether the plan says when every served part of each line arrives."""
        known = np.ones(len(self.given.lines), dtype=np.bool_)
        rows = np.flatnonzero(self.parts.is_served & (self.parts.line >= 0) & ~self.freight.is_arrival_known)
        known[self.parts.line[rows]] = False
        return known

    @cached_property
    def tardiness(self) -> Ints:
        """Minutes that each line is late; 0 where nothing is served."""
        late = np.maximum(self.promised - self.given.lines.due[:-1], 0)
        return np.where(self.promised > NOTHING, late, 0)

    def say(self, minute: int) -> str:
        """Return a minute since the epoch as text on the plan's clock."""
        return say_minute(minute, self.given.zone)


def build_facts(snapshot: Snapshot, tables: Mapping[str, pd.DataFrame]) -> Facts:
    """Return the facts of a snapshot and a plan's tables."""
    given = Given(snapshot)
    found, faults = read_tables(tables, given.clock, given.horizon_start)
    return Facts(given, found, tuple(faults))
