"""A dispatch as people write it by hand with SimPy: jobs are processes, machines are resources with a priority queue.

A job takes the machine with the least work waiting at it; the queue goes by due date, and for a makespan by work left.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.peers import Found
from benchmarks.scheduling.check import count_objective
from benchmarks.scheduling.instance import Answer, Objective, ShopInstance
from benchmarks.scheduling.place import Floor


def run(instance: ShopInstance, *, seconds: float, seed: int, workers: int) -> Found:
    """Simulate once; time, seed and workers do not matter."""
    del seconds, seed, workers
    import simpy

    began = time.monotonic()
    shop = _Shop(simpy, instance)
    for job in range(instance.num_jobs):
        shop.environment.process(shop.make(job))
    shop.environment.run()
    answer = Answer(*(np.array(column, dtype=np.int64) for column in (shop.option, shop.start, shop.end, shop.setup)))
    took = time.monotonic() - began
    return Found("FEASIBLE", answer, count_objective(instance, answer), None, took, took)


class _Shop:
    def __init__(self, simpy: Any, instance: ShopInstance) -> None:
        self.instance = instance
        self.environment = simpy.Environment()
        self.floor = Floor(instance)
        self.machines = [
            _Machine(simpy.PriorityResource(self.environment, capacity=count)) for count in instance.capacity.tolist()
        ]
        self.option, self.start, self.end, self.setup = ([0] * instance.num_operations for _ in range(4))

    def make(self, job: int) -> Generator[Any, Any, None]:
        """Take a job through its operations."""
        instance, floor = self.instance, self.floor
        first, last = int(instance.job_ptr[job]), int(instance.job_ptr[job + 1])
        yield self.environment.timeout(int(instance.job_release[job]))
        for operation in range(first, last):
            options = range(int(instance.option_ptr[operation]), int(instance.option_ptr[operation + 1]))
            option = min(options, key=self._work_ahead)
            machine = self.machines[floor.machine[option]]
            machine.work += floor.minutes[option]
            with machine.places.request(priority=self._priority(job, operation, last)) as place:
                yield place
                start, end, setup = floor.try_option(operation, option, int(self.environment.now))
                floor.take(operation, option, end)
                yield self.environment.timeout(end - int(self.environment.now))
            machine.work -= floor.minutes[option]
            self.option[operation], self.start[operation] = option, start
            self.end[operation], self.setup[operation] = end, setup

    def _work_ahead(self, option: int) -> float:
        machine = self.floor.machine[option]
        return self.machines[machine].work / int(self.instance.capacity[machine]) + self.floor.minutes[option]

    def _priority(self, job: int, operation: int, last: int) -> int:
        if self.instance.objective is Objective.MAKESPAN:
            options = self.instance.option_ptr[operation : last + 1]
            return -int(self.instance.option_minutes[options[0] : options[-1]].sum())
        return int(self.instance.job_due[job])


@dataclass
class _Machine:
    """A SimPy resource and the minutes of work that wait or run there."""

    places: Any
    work: int = 0
