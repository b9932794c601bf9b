"""Tabu search for the longest way through a schedule, with moves judged by heads and tails, compiled by numba.

A move takes a task of one critical way and puts it elsewhere: beyond or into the ends of its block (the neighbourhood
N7 of C. Zhang et al., "A tabu search algorithm with a new neighborhood structure for the job shop scheduling problem",
Computers & Operations Research 34 (2007)), anywhere in its block where changeovers count, or between two tasks of
another machine (after M. Mastrolilli & L. Gambardella, "Effective neighbourhood functions for the flexible job shop
problem", Journal of Scheduling 3 (2000)). What it would cost is estimated from the heads and tails of what stays where
it is (E. Balas & A. Vazacopoulos, Management Science 44 (1998)); the move made is then timed exactly.

It is for shops without open hours, timetables and fixed tasks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, part_kernel
from orderopt.solvers.compiled.shop import NONE, Ints
from orderopt.solvers.scheduling.kernels_graph import (
    CHOSEN,
    FAMILY,
    HAS_AFTER,
    HAS_BEFORE,
    JOB,
    LAG,
    LINE,
    LINK_FROM,
    LINK_TO,
    NEXT,
    PREV,
    RELEASE,
    RESOURCE,
    SLOT,
    WORK,
    relink,
    setup_after,
)

READY, START, LENGTH, JOB_TAIL, TAIL, FOLLOWS = range(4, 10)
"""Columns of `Ways.state` behind those that it shares with a graph's: earliest start by job, start, setup and work,
longest way after the end by job and by all, and 1 where any task follows by job or link."""

VALUE, TIES, KIND, TASK, ONE, OTHER = range(6)
"""Columns of `Ways.move`: the estimate, how many moves had it, the move: its kind, the task, and two places. Where the
kind is LATER or EARLIER, `ONE` and `OTHER` are the ends of the stretch that the task jumps over; else the task before
it and the slot."""

LATER, EARLIER, ELSEWHERE = 1, 2, 3
"""Kinds of moves; ELSEWHERE plus the alternative."""

NO_WAY, NEVER = -(1 << 40), 1 << 60
JUMPS, FARTHEST = 8, 15
"""Other tasks of its chain that a task with a setup is tried with in one step, and how far they are, at most."""


class Ways(NamedTuple):
    """A schedule as chains of tasks, with the longest ways to and from each. T tasks, S slots."""

    state: Ints  # (T, 10) alternative, slot and neighbours, as in a graph, and more
    first: Ints  # (S) first task of the slot; NONE
    order: Ints  # (T) a topological order
    degree: Ints  # (T) scratch: what a task waits for still
    path: Ints  # (T) scratch: a critical way
    row: Ints  # (T) scratch: tasks as a move would put them
    heads: Ints  # (T) scratch: when each of the row would start
    move: Ints  # (2, 6) the best move, and one of those that are tabu
    arcs: Ints  # (a power of two) step until which one task may not come before another again
    places: Ints  # (T, S) step until which a task may not go back to a slot


@part_kernel
def _waits(facts, task):
    """Return for how many tasks a task waits by its job and its links."""
    return facts.task[task, HAS_BEFORE] + facts.task[task, LINK_TO] - facts.task[task, LINK_FROM]


@part_kernel
def _length(facts, state, before, chosen):
    """Return the minutes of setup and work of an alternative that follows a task (NONE: stands first)."""
    family = facts.initial[facts.alt[chosen, RESOURCE]] if before == NONE else facts.alt[state[before, CHOSEN], FAMILY]
    return facts.alt[chosen, WORK] + setup_after(facts, family, chosen)


@hot_kernel
def measure(facts, ways):
    """Time all tasks and fill heads and tails; returns the longest way (-1: the chains go in a circle)."""
    state, order, degree = ways.state, ways.order, ways.degree
    size = len(order)
    filled = 0
    for task in range(size):
        waits = _waits(facts, task)
        if state[task, PREV] != NONE:
            waits += 1
        degree[task] = waits
        state[task, READY] = facts.task[task, RELEASE]
        if waits == 0:
            order[filled] = task
            filled += 1
    longest, done = 0, 0
    while done < filled:
        task = order[done]
        done += 1
        before, chosen = state[task, PREV], state[task, CHOSEN]
        length = _length(facts, state, before, chosen)
        start = state[task, READY]
        if before != NONE:
            start = max(start, state[before, START] + state[before, LENGTH])
        state[task, START], state[task, LENGTH] = start, length
        ends = start + length
        after = state[task, NEXT]
        if after != NONE:
            degree[after] -= 1
            if degree[after] == 0:
                order[filled] = after
                filled += 1
        if facts.task[task, HAS_AFTER] == 1:
            state[task + 1, READY] = max(state[task + 1, READY], ends + facts.alt[chosen, LAG])
            degree[task + 1] -= 1
            if degree[task + 1] == 0:
                order[filled] = task + 1
                filled += 1
            continue
        job = facts.task[task, JOB]
        if facts.task[task, LINE] != NONE:
            longest = max(longest, ends + facts.job_lead[job])
        for feed in range(facts.feed_ptr[job], facts.feed_ptr[job + 1]):
            other = facts.feed_task[feed]
            state[other, READY] = max(state[other, READY], ends)
            degree[other] -= 1
            if degree[other] == 0:
                order[filled] = other
                filled += 1
    if filled < size:
        return -1
    for place in range(size - 1, -1, -1):
        task = order[place]
        tail, follows = NO_WAY, 0
        if facts.task[task, HAS_AFTER] == 1:
            follows = 1
            tail = facts.alt[state[task, CHOSEN], LAG] + state[task + 1, LENGTH] + state[task + 1, TAIL]
        else:
            job = facts.task[task, JOB]
            if facts.task[task, LINE] != NONE:
                tail = facts.job_lead[job]
            for feed in range(facts.feed_ptr[job], facts.feed_ptr[job + 1]):
                other = facts.feed_task[feed]
                follows = 1
                tail = max(tail, state[other, LENGTH] + state[other, TAIL])
        state[task, JOB_TAIL], state[task, FOLLOWS] = tail, follows
        after = state[task, NEXT]
        if after != NONE:
            tail = max(tail, state[after, LENGTH] + state[after, TAIL])
        state[task, TAIL] = tail
    return longest


@part_kernel
def _critical_way(facts, ways, longest):
    """Fill the end of `path` with tasks that follow each other without a wait; returns where the first stands."""
    state, path = ways.state, ways.path
    task, seen = NONE, 0
    for other in range(len(path)):
        if facts.task[other, LINE] != NONE:
            if state[other, START] + state[other, LENGTH] + facts.job_lead[facts.task[other, JOB]] == longest:
                seen += 1
                if np.random.randint(seen) == 0:
                    task = other
    place = len(path)
    while task != NONE:
        place -= 1
        path[place] = task
        start = state[task, START]
        found, seen = NONE, 0
        before = state[task, PREV]
        if before != NONE and state[before, START] + state[before, LENGTH] == start:
            found, seen = before, 1
        if facts.task[task, HAS_BEFORE] == 1:
            ends = state[task - 1, START] + state[task - 1, LENGTH] + facts.alt[state[task - 1, CHOSEN], LAG]
            if ends == start:
                seen += 1
                if np.random.randint(seen) == 0:
                    found = task - 1
        for link in range(facts.task[task, LINK_FROM], facts.task[task, LINK_TO]):
            feeder = facts.link_task[link]
            if state[feeder, START] + state[feeder, LENGTH] == start:
                seen += 1
                if np.random.randint(seen) == 0:
                    found = feeder
        task = found
    return place


@part_kernel
def _estimate(facts, ways, task, begin, end, is_later):
    """Return the longest way through the tasks from `begin` to `end` if one of these goes to the other end of them.

    `is_later`: `task` is `begin` and goes behind `end`; else it is `end` and goes before `begin`.
    """
    state, row, heads = ways.state, ways.row, ways.heads
    before, after = state[begin, PREV], state[end, NEXT]
    count = 0
    if not is_later:
        row[count] = task
        count += 1
    other = state[begin, NEXT] if is_later else begin
    stop = after if is_later else task
    while other != stop:
        row[count] = other
        count += 1
        other = state[other, NEXT]
    if is_later:
        row[count] = task
        count += 1
    free = 0 if before == NONE else state[before, START] + state[before, LENGTH]
    last = before
    for place in range(count):
        other = row[place]
        start = max(free, state[other, READY])
        free = start + _length(facts, state, last, state[other, CHOSEN])
        heads[place] = start
        last = other
    longest, way = NO_WAY, NO_WAY
    if after != NONE:
        way = _length(facts, state, last, state[after, CHOSEN]) + state[after, TAIL]
    for place in range(count - 1, -1, -1):
        other = row[place]
        way = max(state[other, JOB_TAIL], way)
        way += _length(facts, state, before if place == 0 else row[place - 1], state[other, CHOSEN])
        longest = max(longest, heads[place] + way)
    return longest


@part_kernel
def _jumped(ways, begin, end, is_later):
    """Return the first of the tasks that a move jumps over, and the one behind the last of them."""
    if is_later:
        return ways.state[begin, NEXT], ways.state[end, NEXT]
    return begin, end


@part_kernel
def _arc(ways, one, other):
    """Return the place among the arcs of one task before another."""
    return (one * len(ways.order) + other) & (len(ways.arcs) - 1)


@part_kernel
def _is_tabu(ways, task, begin, end, is_later, step):
    """Whether moving a task over the others would put back an order that was left a short time ago."""
    other, stop = _jumped(ways, begin, end, is_later)
    while other != stop:
        if ways.arcs[_arc(ways, other, task) if is_later else _arc(ways, task, other)] > step:
            return True
        other = ways.state[other, NEXT]
    return False


@part_kernel
def _forbid(ways, task, begin, end, is_later, until):
    """Make the order that a move leaves tabu."""
    other, stop = _jumped(ways, begin, end, is_later)
    while other != stop:
        ways.arcs[_arc(ways, task, other) if is_later else _arc(ways, other, task)] = until
        other = ways.state[other, NEXT]


@part_kernel
def _may_follow(state, task, other):
    """Whether a task may go behind another of its chain that stands later: no way from what follows it leads there."""
    return state[task, FOLLOWS] == 0 or state[other, LENGTH] + state[other, TAIL] >= state[task, JOB_TAIL]


@part_kernel
def _may_precede(facts, state, task, other):
    """Whether a task may go before another of its chain that stands earlier: what it awaits does not hang on that."""
    return _waits(facts, task) == 0 or state[other, START] + state[other, LENGTH] >= state[task, READY]


@part_kernel
def _offer(ways, value, is_tabu, kind, task, one, other):
    """Take a move if it is the best so far, or, drawn among those that are tabu, as the one for want of another."""
    row = 1 if is_tabu else 0
    if row == 0 and value > ways.move[0, VALUE]:
        return
    ways.move[row, TIES] += 1
    if row == 0 and value < ways.move[0, VALUE]:
        ways.move[row, TIES] = 1
    if np.random.randint(ways.move[row, TIES]) == 0:
        ways.move[row, VALUE], ways.move[row, KIND], ways.move[row, TASK] = value, kind, task
        ways.move[row, ONE], ways.move[row, OTHER] = one, other


@part_kernel
def _offer_jump(facts, ways, begin, end, is_later, step, best):
    """Offer to put one end of a stretch of a chain beyond its other end."""
    state = ways.state
    task = begin if is_later else end
    if is_later and not _may_follow(state, begin, end):
        return
    if not is_later and not _may_precede(facts, state, end, begin):
        return
    value = _estimate(facts, ways, task, begin, end, is_later)
    is_tabu = value >= best and _is_tabu(ways, task, begin, end, is_later, step)
    _offer(ways, value, is_tabu, LATER if is_later else EARLIER, task, begin, end)


@part_kernel
def _offer_block(facts, ways, at, last, step, best):
    """Offer the moves in one block of the critical way."""
    path = ways.path
    for inner in range(at, last):
        _offer_jump(facts, ways, path[inner], path[last], True, step, best)
        if last - at > 1:
            _offer_jump(facts, ways, path[at], path[inner + 1], False, step, best)
        if at < inner:
            _offer_jump(facts, ways, path[at], path[inner], True, step, best)
            if inner + 1 < last:
                _offer_jump(facts, ways, path[inner], path[last], False, step, best)


@part_kernel
def _offer_near(facts, ways, task, step, best):
    """Offer to put a task that is set up for elsewhere in its chain, and to put others before it."""
    state = ways.state
    for _ in range(JUMPS):
        is_forward, is_own = np.random.randint(2) == 0, np.random.randint(2) == 0
        other = task
        for _ in range(1 + np.random.randint(FARTHEST)):
            then = state[other, NEXT] if is_forward else state[other, PREV]
            if then == NONE:
                break
            other = then
        if other == task:
            continue
        if is_forward:
            _offer_jump(facts, ways, task, other, is_own, step, best)
        elif is_own:
            _offer_jump(facts, ways, other, task, False, step, best)
        elif other != state[task, PREV]:
            _offer_jump(facts, ways, other, state[task, PREV], True, step, best)


@part_kernel
def _offer_slot(facts, ways, task, alternative, slot, step, best):
    """Offer all places of another slot for a task of the critical way."""
    state = ways.state
    waits = _waits(facts, task)
    ready, job_tail, follows = state[task, READY], state[task, JOB_TAIL], state[task, FOLLOWS]
    is_left = ways.places[task, slot] > step
    family = facts.alt[alternative, FAMILY]
    before, after = NONE, ways.first[slot]
    while True:
        free = ready
        if before != NONE:
            if follows == 1 and state[before, LENGTH] + state[before, TAIL] <= job_tail:
                return  # a way may lead from what follows the task to `before`, and to all after it
            free = max(free, state[before, START] + state[before, LENGTH])
        if after == NONE or waits == 0 or state[after, START] + state[after, LENGTH] > ready:
            tail = job_tail
            if after != NONE:
                chosen = state[after, CHOSEN]
                length = facts.alt[chosen, WORK] + setup_after(facts, family, chosen)
                tail = max(tail, length + state[after, TAIL])
            value = free + _length(facts, state, before, alternative) + tail
            _offer(ways, value, is_left and value >= best, ELSEWHERE + alternative, task, before, slot)
        if after == NONE:
            return
        before, after = after, state[after, NEXT]


@part_kernel
def _offer_moves(facts, ways, begin, step, best):
    """Find the best move of a task on the critical way, and one among those that are tabu."""
    state, path = ways.state, ways.path
    for row in range(2):
        ways.move[row, VALUE], ways.move[row, TIES], ways.move[row, KIND] = NEVER, 0, 0
    at = begin
    while at < len(path):
        last = at
        while last + 1 < len(path) and state[path[last + 1], PREV] == path[last]:
            last += 1
        if last > at:
            _offer_block(facts, ways, at, last, step, best)
        at = last + 1
    for at in range(begin, len(path)):
        task = path[at]
        if state[task, LENGTH] > facts.alt[state[task, CHOSEN], WORK]:
            _offer_near(facts, ways, task, step, best)
        for alternative in range(facts.alt_ptr[task], facts.alt_ptr[task + 1]):
            resource = facts.alt[alternative, RESOURCE]
            for slot in range(facts.slot_ptr[resource], facts.slot_ptr[resource + 1]):
                if slot != state[task, SLOT]:
                    _offer_slot(facts, ways, task, alternative, slot, step, best)


@hot_kernel
def tabu(facts, ways, kept, best, target, num_steps, patience, tenure, step, seed):
    """Take steps from the schedule in `ways`; `kept` holds the best schedule met.

    Parameters
    ----------
    kept
        Shape (4, T): alternative, slot, start and place in the order of the best schedule so far (overwritten).
    best
        Its longest way.
    target
        A longest way that is good enough to stop.
    num_steps, patience
        Steps to take, and steps without a better schedule after which to end.
    tenure
        Steps for which what was left stays tabu, at least.
    step
        Number of the first step; must grow from call to call.
    seed
        Of the random numbers.

    Returns
    -------
    best, step, stale
        The longest way of the best schedule, the next step, and how many steps ago it was found.
    """
    np.random.seed(seed)
    state, move = ways.state, ways.move
    longest = measure(facts, ways)
    stale, ends = 0, step + num_steps
    while step < ends and stale < patience and best > target:
        step, stale = step + 1, stale + 1
        _offer_moves(facts, ways, _critical_way(facts, ways, longest), step, best)
        row = 0 if move[0, KIND] != 0 else 1
        kind, task, one, other = move[row, KIND], move[row, TASK], move[row, ONE], move[row, OTHER]
        if kind == 0:
            break  # nothing can be moved
        until = step + tenure + np.random.randint(tenure // 2 + 1)
        was_slot, was_before, was_chosen = state[task, SLOT], state[task, PREV], state[task, CHOSEN]
        if kind == LATER:
            _forbid(ways, task, one, other, True, until)
            relink(state, ways.first, task, was_slot, other)
        elif kind == EARLIER:
            _forbid(ways, task, one, other, False, until)
            relink(state, ways.first, task, was_slot, state[one, PREV])
        else:
            ways.places[task, was_slot] = until
            relink(state, ways.first, task, other, one)
            state[task, CHOSEN] = kind - ELSEWHERE
        found = measure(facts, ways)
        if found < 0:  # a circle, which tasks of no length can hide: back
            relink(state, ways.first, task, was_slot, was_before)
            state[task, CHOSEN] = was_chosen
            found = measure(facts, ways)
        longest = found
        if longest < best:
            best, stale = longest, 0
            for spot in range(len(ways.order)):
                other = ways.order[spot]
                kept[0, other], kept[1, other] = state[other, CHOSEN], state[other, SLOT]
                kept[2, other], kept[3, other] = state[other, START], spot
    return best, step, stale
