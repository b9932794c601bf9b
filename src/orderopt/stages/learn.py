"""What the detailed schedule teaches the allocation: minutes that were not there, and sources that take longer.

The allocation gives every part of a line a bucket of time in which it is ready, and holds the working minutes of all
parts against the minutes that groups of resources have up to the end of each bucket. The schedule knows more: steps
follow each other, tasks change over and wait. Where a late part ends in a later bucket than it was given, its minutes
are taken from the group that it waited for, in every bucket between; where it waited for nothing, its source was
thought too quick. A cut in the manner of logic-based Benders decomposition would forbid this set of parts; taking
minutes forbids every set that loads the group as much.

References
----------
J. N. Hooker, Planning and scheduling by logic-based Benders decomposition, Operations Research 55 (2007).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from orderopt.solvers.compiled.sourcing import Assignment, Floats, Ints, option_lines
from orderopt.stages.chains import Chains, Group, OptionPlaces
from orderopt.stages.decisions import Decisions
from orderopt.stages.room import USABLE
from orderopt.stages.sourcing_question import SourcingQuestion

WAITING = 0.1
"""Share of a delay that waiting must make up for a group to be blamed; below it, the source itself is slow."""

GIVEN_BACK = 0.1
"""Share of the minutes of a part that was in time against expectation that its groups get back."""


@dataclass(frozen=True)
class Lesson:
    """Corrections of an allocation question.

    Attributes
    ----------
    minutes
        Shape (G, K): minutes up to the end of each bucket that turned out not to be there (below 0: that were).
    ready
        Shape (O): arrival that each option was seen to need at least.
    """

    minutes: Floats
    ready: Ints


def learn(question: SourcingQuestion, choice: Assignment, decisions: Decisions) -> Lesson:
    """Return what a schedule teaches about the choice that led to it."""
    arrays = question.problem.arrays
    minutes, ready = -_unused(question, choice, decisions), arrays.option_ready.copy()
    chains, places = Chains(decisions), OptionPlaces(question)
    for outlook in decisions.outlooks:
        for part in outlook.parts:
            option = places.option(part, choice)
            if option is None:
                continue
            given, due = int(choice.bucket[option]), int(arrays.line_due[places.line[option]])
            end, arrival = decisions.transport.available[id(part)], decisions.transport.arrival[id(part)]
            took = min(int(np.searchsorted(arrays.bucket_end, end, side="left")), question.problem.num_buckets - 1)
            if arrival > due and took > given:
                waits = chains.waits(part)
                if sum(waits.values()) <= WAITING * (end - int(arrays.bucket_end[given])):
                    ready[option] = max(int(ready[option]), arrival)
                else:
                    _take(question, choice, minutes[:, given:took], option, waits)
            elif arrival <= due < arrays.bucket_late[given] + arrays.option_lead[option] and took < given:
                _take(question, choice, minutes[:, took:given], option, None)
    return Lesson(minutes, ready)


def corrected(question: SourcingQuestion, minutes: Floats, ready: Ints) -> SourcingQuestion:
    """Return the question with other minutes and arrivals."""
    arrays = question.problem.arrays._replace(group_minutes=minutes, option_ready=ready)
    return replace(question, problem=replace(question.problem, arrays=arrays))


def _take(
    question: SourcingQuestion, choice: Assignment, minutes: Floats, option: int, waits: dict[Group, int] | None
) -> None:
    """Take the minutes of an option from the groups it waited for; give some back to all where nothing was wrong."""
    arrays = question.problem.arrays
    total = 1 if waits is None else sum(waits.values())
    for row in range(int(arrays.load_ptr[option]), int(arrays.load_ptr[option + 1])):
        group = int(arrays.load_group[row])
        load = float(arrays.load_minutes[row]) * int(choice.lots[option]) + float(arrays.load_fixed[row])
        share = -GIVEN_BACK if waits is None else waits.get(question.groups[group], 0) / total
        minutes[group] += load * share


def _unused(question: SourcingQuestion, choice: Assignment, decisions: Decisions) -> Floats:
    """Return the minutes that the schedule leaves idle where lines stay unserved for want of minutes, shape (G, K)."""
    problem, arrays = question.problem, question.problem.arrays
    found = np.zeros(arrays.group_minutes.shape)
    lines = option_lines(problem)
    is_left = np.bincount(lines, choice.lots, minlength=problem.num_lines) < arrays.lots
    if not is_left.any():
        return found
    owner = np.repeat(np.arange(problem.num_options), np.diff(arrays.load_ptr))
    loads = np.where(choice.lots[owner] > 0, arrays.load_minutes * choice.lots[owner] + arrays.load_fixed, 0.0)
    planned = np.zeros_like(found)
    np.add.at(planned, (arrays.load_group, choice.bucket[owner]), loads)
    free = np.maximum(arrays.group_minutes - np.cumsum(planned, axis=1), 0.0)
    idle = _idle(question, decisions)
    for group in np.unique(arrays.load_group[is_left[lines[owner]]]):
        found[group] = np.maximum(idle[group] - free[group], 0.0)
    return found


def _idle(question: SourcingQuestion, decisions: Decisions) -> Floats:
    """Return the open minutes up to the end of each bucket in which the resources of each group do nothing."""
    plant, ends = decisions.plant, question.problem.arrays.bucket_end
    schedule, shop = decisions.schedule, decisions.question.problem.arrays
    resource = shop.alt_resource[schedule.alternative]
    done = np.zeros((len(plant.resources), len(ends)))
    bucket = np.minimum(np.searchsorted(ends, schedule.end, side="left"), len(ends) - 1)
    np.add.at(done, (resource, bucket), shop.alt_work[schedule.alternative] + schedule.setup)
    open_minutes = np.array(
        [
            [plant.open_time(number).between(plant.start, end) * each.capacity for end in ends.tolist()]
            for number, each in enumerate(plant.resources)
        ]
    ).reshape(done.shape)
    idle = USABLE * open_minutes - np.cumsum(done, axis=1)
    found = np.zeros(question.problem.arrays.group_minutes.shape)
    for number, group in enumerate(question.groups):
        found[number] = idle[sorted(group)].sum(axis=0)
    return np.maximum(found, 0.0)
