"""Placing operations one after the other in plain Python, for peers that decide on orders and leave times to us."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from benchmarks.scheduling.hours import Hours
from benchmarks.scheduling.instance import NONE, Answer, Ints, ShopInstance


class Floor:
    """The machines of an instance while a schedule grows: when each is free and what it was set up for."""

    def __init__(self, instance: ShopInstance) -> None:
        self.instance = instance
        self.machine = instance.option_machine.tolist()
        self.minutes = instance.option_minutes.tolist()
        self.family = instance.operation_family.tolist()
        self.setups = [None if matrix is None else matrix.tolist() for matrix in instance.setups]
        calendars = [Hours(spans) for spans in instance.calendars]
        always = Hours(None)
        self.hours = [always if number == NONE else calendars[number] for number in instance.machine_calendar.tolist()]
        self.free_at = [[0] * count for count in instance.capacity.tolist()]
        self.stands_in = instance.initial_family.tolist()

    def try_option(self, operation: int, option: int, ready: int) -> tuple[int, int, int]:
        """Return start, end and setup minutes of an operation that is ready at a minute, behind what stands there."""
        machine = self.machine[option]
        setup = self.setup_minutes(operation, machine)
        hours = self.hours[machine]
        start = hours.begin(max(ready, min(self.free_at[machine])))
        return start, hours.finish(start, setup + self.minutes[option]), setup

    def setup_minutes(self, operation: int, machine: int) -> int:
        """Return the minutes of setup that an operation would need on a machine next."""
        matrix, before, after = self.setups[machine], self.stands_in[machine], self.family[operation]
        return 0 if matrix is None or before == NONE or after == 0 else matrix[before][after]

    def take(self, operation: int, option: int, end: int) -> None:
        """Let an operation hold the place of its machine that is free first until it ends."""
        machine = self.machine[option]
        places = self.free_at[machine]
        places[places.index(min(places))] = end
        self.stands_in[machine] = self.family[operation]


def place_in_order(instance: ShopInstance, option: Ints, order: Iterable[int]) -> Answer:
    """Return the answer in which operations are placed in an order, each as early as those before it allow.

    Parameters
    ----------
    option
        Shape (T): the option of each operation.
    order
        All operations, each behind the one before it in its job.
    """
    floor = Floor(instance)
    start, end, setup = ([0] * instance.num_operations for _ in range(3))
    ready = instance.job_release.tolist()
    job = instance.operation_job.tolist()
    taken = option.tolist()
    for operation in order:
        found = floor.try_option(operation, taken[operation], ready[job[operation]])
        start[operation], end[operation], setup[operation] = found
        ready[job[operation]] = found[1]
        floor.take(operation, taken[operation], found[1])
    return Answer(option, np.array(start), np.array(end), np.array(setup))
