"""Simulated annealing on the disjunctive graph, with moves drawn where lateness comes from, compiled by numba."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel
from orderopt.solvers.compiled.shop import NONE
from orderopt.solvers.scheduling.kernels_graph import (
    CHOSEN,
    END,
    FAMILY,
    HAS_BEFORE,
    IS_FIXED,
    LAG,
    LINK_FROM,
    LINK_TO,
    NEXT,
    PREV,
    RANK,
    RELEASE,
    RESOURCE,
    SETUP,
    SLOT,
    START,
    can_stand,
    lateness,
    try_move,
)

REFRESH = 64
"""Moves between two looks at which lines are late."""


@hot_kernel
def ready(facts, graph, task):
    """Return when release, the step before and the jobs that it waits for let a task start, and who is the last."""
    minute, last = facts.task[task, RELEASE], NONE
    for link in range(facts.task[task, LINK_FROM], facts.task[task, LINK_TO]):
        feeder = facts.link_task[link]
        if graph.state[feeder, END] > minute:
            minute, last = graph.state[feeder, END], feeder
    if facts.task[task, HAS_BEFORE] == 1:
        ends = graph.state[task - 1, END] + facts.alt[graph.state[task - 1, CHOSEN], LAG]
        if ends > minute:
            minute, last = ends, task - 1
    return minute, last


@hot_kernel
def late_lines(facts, graph, share):
    """Fill the running sum of what each line's lateness costs, and of the makespan for the lines that come last."""
    total, last = 0.0, 0
    if graph.scalars[2] > 0.0:
        for line in range(len(share)):
            last = max(last, graph.latest[line])
    for line in range(len(share)):
        total += lateness(facts, line, graph.latest[line])
        if graph.scalars[2] > 0.0 and graph.latest[line] == last:
            total += graph.scalars[2] * last
        share[line] = total
    return total


@hot_kernel
def _find(share, value):
    low, high = 0, len(share) - 1
    while low < high:
        middle = (low + high) // 2
        if share[middle] > value:
            high = middle
        else:
            low = middle + 1
    return low


@hot_kernel
def critical_task(facts, graph, line, region, own):
    """Return a task of a region that waits for its machine on a way that makes a line as late as it is (or NONE)."""
    task = NONE
    for place in range(facts.line_ptr[line], facts.line_ptr[line + 1]):
        job = facts.line_jobs[place]
        if graph.arrival[job] == graph.latest[line]:
            task = facts.job_last[job]
            break
    found, seen = NONE, 0
    while task != NONE:
        minute, last = ready(facts, graph, task)
        before = graph.state[task, PREV]
        if before != NONE and facts.task[task, IS_FIXED] == 0 and graph.state[before, END] >= minute:
            if graph.state[before, END] > minute or last == NONE or np.random.randint(2) == 0:
                if region[task] == own:
                    seen += 1
                    if np.random.randint(seen) == 0:
                        found = task
                task = before
                continue
        task = last
    return found


@hot_kernel
def _behind(graph, task, slot, minute):
    """Return the last task of a slot that starts before a minute, looked for near a task."""
    rank = graph.state[task, RANK]
    before = NONE
    while rank > 0:
        rank -= 1
        other = graph.at[rank]
        if graph.state[other, SLOT] == slot and other != task:
            before = other
            break
    after = graph.first[slot] if before == NONE else graph.state[before, NEXT]
    while after != NONE and (after == task or graph.state[after, START] < minute):
        if after != task:
            before = after
        after = graph.state[after, NEXT]
    while before != NONE and (before == task or graph.state[before, START] >= minute):
        before = graph.state[before, PREV]
    return before


@hot_kernel
def _other_place(facts, graph, task):
    """Return another alternative and slot for a task, drawn at random (NONE: there is no other)."""
    first, last = facts.alt_ptr[task], facts.alt_ptr[task + 1]
    alternative = first + np.random.randint(last - first)
    resource = facts.alt[alternative, RESOURCE]
    low, high = facts.slot_ptr[resource], facts.slot_ptr[resource + 1]
    slot = low + np.random.randint(high - low)
    if slot == graph.state[task, SLOT] and alternative == graph.state[task, CHOSEN]:
        return NONE, NONE
    return alternative, slot


@hot_kernel
def propose(facts, graph, movable, region, own, share, total):
    """Draw a move; returns task, alternative, slot and the task to stand behind (task NONE: no move)."""
    wait = NONE
    if total > 0.0 and np.random.random() < 0.85:
        wait = critical_task(facts, graph, _find(share, np.random.random() * total), region, own)
    if wait == NONE:
        task = movable[np.random.randint(len(movable))]
    else:
        task = wait if np.random.randint(2) == 0 else graph.state[wait, PREV]
        if facts.task[task, IS_FIXED] == 1 or region[task] != own:
            task = wait
    slot, alternative = graph.state[task, SLOT], graph.state[task, CHOSEN]
    dice = np.random.random()
    flexible = facts.alt_ptr[task + 1] - facts.alt_ptr[task] > 1
    resource = facts.slot_resource[slot]
    flexible = flexible or facts.slot_ptr[resource + 1] - facts.slot_ptr[resource] > 1
    if flexible and dice < 0.4:
        alternative, slot = _other_place(facts, graph, task)
        if slot == NONE:
            return NONE, NONE, NONE, NONE
        low, _ = ready(facts, graph, task)
        minute = (
            low if np.random.randint(2) == 0 else low + int(np.random.random() * (graph.state[task, START] - low + 1))
        )
        before = _behind(graph, task, slot, minute)
        if before != NONE and np.random.randint(4) == 0:
            before = graph.state[before, PREV]
        if before == task:
            before = graph.state[task, PREV]
    elif graph.state[task, SETUP] > 0 and dice < 0.6:
        family, before = facts.alt[alternative, FAMILY], NONE
        other = graph.state[task, PREV]
        steps = 0
        if np.random.randint(2) == 0:
            while other != NONE and steps < 60 and facts.alt[graph.state[other, CHOSEN], FAMILY] != family:
                other, steps = graph.state[other, PREV], steps + 1
        else:
            other = graph.state[task, NEXT]
            while other != NONE and steps < 60 and facts.alt[graph.state[other, CHOSEN], FAMILY] != family:
                other, steps = graph.state[other, NEXT], steps + 1
            if other != NONE:
                other = graph.state[other, PREV]
        if other in (NONE, task) or steps == 60:
            return NONE, NONE, NONE, NONE
        before = other
        if before == graph.state[task, PREV]:
            return NONE, NONE, NONE, NONE
    else:
        steps = 1
        while steps < 20 and np.random.random() < 0.5:
            steps += 1
        earlier = np.random.randint(2) == 0 if wait == NONE else task == wait
        before = graph.state[task, PREV] if earlier else graph.state[task, NEXT]
        if before == NONE:
            return NONE, NONE, NONE, NONE
        if earlier:
            while steps > 0 and before != NONE:
                before, steps = graph.state[before, PREV], steps - 1
        else:
            while steps > 1 and graph.state[before, NEXT] != NONE:
                before, steps = graph.state[before, NEXT], steps - 1
    after = graph.first[slot] if before == NONE else graph.state[before, NEXT]
    if after == task:
        after = graph.state[task, NEXT]
    if (before != NONE and region[before] > own) or (after != NONE and region[after] < own):
        return NONE, NONE, NONE, NONE
    if not can_stand(facts, graph, task, before, after):
        return NONE, NONE, NONE, NONE
    return task, alternative, slot, before


@hot_kernel
def _copy(state, kept):
    for task in range(len(state)):
        for column in range(8):
            kept[task, column] = state[task, column]


@hot_kernel
def anneal(facts, graph, movable, region, own, share, kept, best, num_moves, temperature, patience, seed):
    """Try moves; `kept` holds the best schedule met, of cost `best`.

    Parameters
    ----------
    movable
        Tasks that may move: not fixed, of the region `own`.
    region, own
        Shape (T): part of the topological order to which each task belongs; tasks of one part are never put among
        those of another, so that several searches may each change a part of one schedule.
    share
        Shape (L): scratch.
    kept
        Shape (T, 8): state of the best schedule so far (overwritten).
    best
        Its cost.
    num_moves
        Moves to try.
    temperature
        In cost.
    patience
        Cost by which lateness may grow beyond the limit on the way, before a move is given up.
    seed
        Of the random numbers.

    Returns
    -------
    best, accepted
    """
    np.random.seed(seed)
    total = 0.0
    improved = False
    accepted = 0
    for move in range(num_moves):
        if move % REFRESH == 0:
            total = late_lines(facts, graph, share) if len(share) > 0 else 0.0
        task, alternative, slot, before = propose(facts, graph, movable, region, own, share, total)
        if task == NONE:
            continue
        current = graph.scalars[0]
        limit = current - temperature * np.log(1.0 - np.random.random())
        if improved and limit > current:
            _copy(graph.state, kept)  # before it may get worse
            improved = False
        if try_move(facts, graph, task, alternative, slot, before, limit, patience):
            accepted += 1
            if graph.scalars[0] < best - 1e-9:
                best, improved = graph.scalars[0], True
    if improved:
        _copy(graph.state, kept)
    return best, accepted
