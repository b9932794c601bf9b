"""From the schedule of one draft to a schedule of another: what both hold keeps its place, the rest is fitted in."""

from __future__ import annotations

import heapq
from collections import defaultdict

import numpy as np

from orderopt.solvers.compiled.shop import NONE, Ints, ShopArrays, ShopProblem, ShopSchedule
from orderopt.solvers.scheduling import kernels
from orderopt.solvers.scheduling.dispatch import task_dues
from orderopt.solvers.scheduling.serial import place_anew
from orderopt.stages.schedule import ShopQuestion

PASSES = 12
"""Times at most that tasks are put back in the sequence: one that takes its turn before it can start blocks others."""

Key = tuple[str, str, str, int, int]
"""Line, item and unit of a job, which of those with the same it is, and the step."""


def carry_over(old: ShopQuestion, schedule: ShopSchedule, new: ShopQuestion) -> ShopSchedule:
    """Return a schedule of the new question with the sequences of the old one.

    Tasks are placed one after the other by their old starts, on their old resources. A task that the old question did
    not hold takes its turn when that of the same item for the same line did, or when it should start to be in time;
    it stands where it ends first. Where the new question asks more than there is room for, the result may be
    incomplete.

    Parameters
    ----------
    old, schedule
        The question before and its schedule.
    new
        The question now.
    """
    arrays = new.problem.arrays
    names, again = _keys(old), _keys(new)
    place = {key: task for task, key in enumerate(names)}
    like = {(*key[:2], *key[3:]): task for task, key in enumerate(names)}
    was = np.array([place.get(key, NONE) for key in again], dtype=np.int64)
    near = np.array([like.get((*key[:2], *key[3:]), NONE) for key in again], dtype=np.int64)
    rank = np.where(near != NONE, schedule.start[near], task_dues(new.problem))
    rank = np.where(was != NONE, schedule.start[was], rank)
    rank = np.where(arrays.task_is_fixed == 1, arrays.fixed_start, rank)
    resource = np.where(was != NONE, old.problem.arrays.alt_resource[schedule.alternative[was]], NONE)
    is_new = (was == NONE) | (arrays.task_release > rank)
    changed = {key[0] for key, new_here in zip(again, is_new.tolist(), strict=True) if new_here}
    may_wait = np.array([key[0] in changed for key in again], dtype=bool) & (arrays.task_is_fixed == 0)
    made = _place(new.problem, _in_turn(arrays, rank), resource)
    for _ in range(PASSES):
        later = np.where(may_wait, np.maximum(rank, _ready(arrays, made)), rank)
        if not (later > rank).any():
            break
        rank = later
        made = _place(new.problem, _in_turn(arrays, rank), resource)
    return place_anew(new.problem, made) if new.problem.extras is not None and made.is_complete else made


def _ready(arrays: ShopArrays, schedule: ShopSchedule) -> Ints:
    """Return when what each task waits for has ended."""
    number = np.arange(len(schedule.end))
    ready = arrays.task_release.copy()
    has_step_before = np.flatnonzero(number > arrays.job_ptr[arrays.task_job])
    ended = schedule.end + arrays.alt_lag[schedule.alternative]
    ready[has_step_before] = np.maximum(ready[has_step_before], ended[has_step_before - 1])
    owner = np.repeat(number, np.diff(arrays.link_ptr))
    np.maximum.at(ready, owner, schedule.end[arrays.job_ptr[arrays.link_job + 1] - 1])
    return ready


def _keys(question: ShopQuestion) -> list[Key]:
    """Return what names each task in any draft of the same lines."""
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    number: dict[int, int] = {}
    keys: list[Key] = []
    for job, op_no in question.tasks:
        name = (job.job_id if job.fixed else "" if job.line is None else job.line.name, job.item_id, job.unit_id)
        if id(job) not in number:
            number[id(job)] = counts[name]
            counts[name] += 1
        keys.append((*name, number[id(job)], op_no))
    blockers = range(question.problem.num_tasks - len(keys))  # they are the same in every draft
    return [*keys, *(("", "", "", number, NONE) for number in blockers)]


def _in_turn(arrays: ShopArrays, rank: Ints) -> Ints:
    """Return all tasks, each behind what it waits for; of those that could be next, the one of lowest rank."""
    job_of, first = arrays.task_job.tolist(), arrays.job_ptr.tolist()
    links, feed_ptr, feeds = np.diff(arrays.link_ptr).tolist(), arrays.feed_ptr.tolist(), arrays.feed_task.tolist()
    ranks = rank.tolist()
    waits = [links[task] + (task > first[job_of[task]]) for task in range(len(ranks))]
    ready = [(ranks[task], task) for task, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, task = heapq.heappop(ready)
        order.append(task)
        job = job_of[task]
        behind = [task + 1] if task + 1 < first[job + 1] else feeds[feed_ptr[job] : feed_ptr[job + 1]]
        for other in behind:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (ranks[other], other))
    return np.array(order, dtype=np.int64)


def _place(problem: ShopProblem, order: Ints, resource: Ints) -> ShopSchedule:
    """Return the schedule of tasks placed in order, those with a resource of their own on that one."""
    arrays = problem.arrays
    owner = np.repeat(np.arange(problem.num_tasks), np.diff(arrays.alt_ptr))
    keep = arrays.alt_resource == resource[owner]
    keep |= ~np.isin(owner, owner[keep])  # it can no longer be done where it was
    kept = np.flatnonzero(keep)
    narrow = arrays._replace(
        alt_ptr=np.concatenate(([0], np.cumsum(np.bincount(owner[kept], minlength=problem.num_tasks)))).astype(
            np.int64
        ),
        alt_resource=arrays.alt_resource[kept],
        alt_work=arrays.alt_work[kept],
        alt_family=arrays.alt_family[kept],
        alt_breakable=arrays.alt_breakable[kept],
        alt_lag=arrays.alt_lag[kept],
        alt_cost=arrays.alt_cost[kept],
    )
    chosen = narrow.alt_ptr[:-1].copy()
    start, end, setup = kernels.place_in_order(narrow, order, chosen, True)
    return ShopSchedule(kept[chosen] if len(kept) else chosen, start, end, setup)
