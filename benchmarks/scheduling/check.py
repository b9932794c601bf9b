"""The independent checker: is an answer right, and what does it cost, from the raw data alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.scheduling.hours import Hours
from benchmarks.scheduling.instance import NONE, Answer, Ints, Objective, ShopInstance

MOST_TOLD = 5
"""Complaints of one kind that are spelled out."""


@dataclass(frozen=True)
class Verdict:
    """What the checker found: complaints (none: accepted) and the objective by its own count."""

    complaints: tuple[str, ...]
    objective: float | None

    @property
    def is_accepted(self) -> bool:
        """Whether nothing is wrong."""
        return not self.complaints


def judge(instance: ShopInstance, answer: Answer) -> Verdict:
    """Return everything that is wrong with an answer, and its objective."""
    wrong = _judge_options(instance, answer)
    if wrong:
        return Verdict(tuple(wrong), None)
    machine = instance.option_machine[answer.option]
    wrong += _judge_times(instance, answer)
    wrong += _judge_durations(instance, answer, machine)
    for number in range(instance.num_machines):
        on_it = np.flatnonzero(machine == number)
        on_it = on_it[np.lexsort((on_it, answer.end[on_it], answer.start[on_it]))]
        wrong += _judge_capacity(instance, answer, number, on_it)
        wrong += _judge_setups(instance, answer, number, on_it)
    return Verdict(tuple(wrong), count_objective(instance, answer))


def count_objective(instance: ShopInstance, answer: Answer) -> float:
    """Return the makespan or the weighted tardiness, and the cost of the options taken."""
    job_end = answer.end[instance.job_ptr[1:] - 1]
    if instance.objective is Objective.MAKESPAN:
        time = float(job_end.max(initial=0))
    else:
        time = float((np.maximum(job_end - instance.job_due, 0) * instance.job_weight).sum())
    return time + float(instance.option_cost[answer.option].sum())


def _judge_options(instance: ShopInstance, answer: Answer) -> list[str]:
    shape = (instance.num_operations,)
    if any(array.shape != shape for array in (answer.option, answer.start, answer.end, answer.setup)):
        return [f"not every one of {instance.num_operations} operations has an option, start, end and setup"]
    off = (answer.option < instance.option_ptr[:-1]) | (answer.option >= instance.option_ptr[1:])
    return _tell(np.flatnonzero(off), "operation {} takes an option that is not its own")


def _judge_times(instance: ShopInstance, answer: Answer) -> list[str]:
    early = answer.start < np.maximum(instance.job_release[instance.operation_job], 0)
    wrong = _tell(np.flatnonzero(early), "operation {} starts before its job is released")
    follows = np.ones(instance.num_operations, dtype=bool)
    follows[instance.job_ptr[:-1]] = False
    later = np.flatnonzero(follows)
    before = later[answer.start[later] < answer.end[later - 1]]
    wrong += _tell(before, "operation {} starts before the one before it has ended")
    if instance.job_deadline is not None:
        last = instance.job_ptr[1:] - 1
        done = instance.option_machine[answer.option[last]] != instance.rejection
        over = np.flatnonzero(done & (answer.end[last] > instance.job_deadline))
        wrong += _tell(over, "job {} ends after its deadline")
    return wrong


def _judge_durations(instance: ShopInstance, answer: Answer, machine: Ints) -> list[str]:
    due = answer.setup + instance.option_minutes[answer.option]
    calendar = instance.machine_calendar[machine]
    took = answer.end - answer.start
    closed = np.zeros(len(took), dtype=bool)
    for number, spans in enumerate(instance.calendars):
        hours = Hours(spans)
        for task in np.flatnonzero(calendar == number):
            start, end = int(answer.start[task]), int(answer.end[task])
            took[task] = hours.passed(end) - hours.passed(start)
            closed[task] = hours.begin(start) != start or hours.finish(start, int(due[task])) != end
    wrong = _tell(np.flatnonzero(answer.setup < 0), "operation {} has a negative setup")
    wrong += _tell(np.flatnonzero(took != due), "operation {} does not take the minutes of its option and setup")
    return wrong + _tell(np.flatnonzero(closed & (took == due)), "operation {} starts or ends in closed hours")


def _judge_capacity(instance: ShopInstance, answer: Answer, number: int, on_it: Ints) -> list[str]:
    if instance.capacity[number] == 1:
        over = on_it[1:][answer.start[on_it[1:]] < answer.end[on_it[:-1]]]
        return _tell(over, f"operation {{}} overlaps the one before it on machine {number}")
    times = np.concatenate((answer.start[on_it], answer.end[on_it]))
    steps = np.repeat([1, -1], len(on_it))
    load = np.cumsum(steps[np.lexsort((steps, times))])  # those that end leave before others come
    if load.max(initial=0) > instance.capacity[number]:
        return [f"{load.max()} operations at once on machine {number}, which does {instance.capacity[number]}"]
    return []


def _judge_setups(instance: ShopInstance, answer: Answer, number: int, on_it: Ints) -> list[str]:
    family = instance.operation_family[on_it]
    needed = np.zeros(len(on_it), dtype=np.int64)
    matrix = instance.setups[number]
    if matrix is not None and len(on_it):
        before = np.concatenate(([instance.initial_family[number]], family[:-1]))
        counts = (before != NONE) & (family != 0)
        needed[counts] = matrix[before[counts], family[counts]]
    off = on_it[answer.setup[on_it] != needed]
    return _tell(off, f"operation {{}} has not the setup that its place on machine {number} needs")


def _tell(found: Ints, text: str) -> list[str]:
    said = [text.format(int(each)) for each in found[:MOST_TOLD]]
    if len(found) > MOST_TOLD:
        said.append(f"{len(found) - MOST_TOLD} more like this: {said[-1]}")
    return said
