"""The kernel of list scheduling in time: whenever a resource is free, the best of the waiting tasks starts.

Waiting tasks stand in queues, one for each resource and setup family. Within a queue their order changes with time
in one way only: the index of a task grows as its slack melts away, and stops growing when the slack is gone. Two heaps
hold that order, one of the tasks with slack and one of those without, so that a decision looks at the first tasks of
each queue and not at all of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, inner_kernel
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Floats, Ints, ShopArrays
from orderopt.solvers.scheduling.kernels import (
    earliest,
    fit,
    initial_slots,
    next_open,
    place,
    setup_cost,
    setup_minutes,
)
from orderopt.solvers.scheduling.kernels_heap import drop_first, push

MOST_TRIED = 32
"""Waiting tasks that are placed for a look before one of them is chosen."""


ASTRAY, DEAD_END = 5.0, 50.0
"""What the index of a task loses if nearly all, or all, of what else is left may not follow its family."""


class Queues(NamedTuple):
    """Which alternatives wait in which queue: one queue for each resource and setup family."""

    queue_ptr: Ints  # (R + 1) queues of each resource
    family: Ints  # (Q) setup family
    entry_ptr: Ints  # (Q + 1) alternatives that may stand in each queue
    queue: Ints  # (A) queue of each alternative
    task: Ints  # (A) task of each alternative
    is_strict: Ints  # (R) 1: some family may not follow some other


class Rule(NamedTuple):
    """What the index of a waiting task is made of; all in logarithms, so that no index is too small to compare."""

    urge: Floats  # (A) index of a task without slack that could start at once
    latest: Floats  # (A) minute before which there is slack
    scales: Floats  # (2) minutes of slack, and of setup and waiting, that take 1 from the index


class DispatchState(NamedTuple):
    """Where a run stands: what is placed, what waits, what happens next."""

    chosen: Ints  # (T)
    start: Ints  # (T) FOREVER: without a place
    end: Ints  # (T)
    setup: Ints  # (T)
    placed: Ints  # (T) 1: has a place
    waits_for: Ints  # (T) tasks and jobs that have no place yet
    finished: Ints  # (T) placed tasks that what waits for them was not told of
    woken: Ints  # (T) tasks that wait for nothing any more
    free_at: Ints  # (S)
    family: Ints  # (S) in which the slot stands
    next_fixed: Ints  # (S) position of its next fixed task
    fixed_family: Ints  # family in which each fixed task leaves its slot
    asleep: Ints  # (S) 1: nothing waits for it
    heap: Ints  # (2 A) see `_tidy`
    size: Ints  # (2 Q)
    key: Floats  # (2 A)
    bound: Floats  # (Q) index that no task of the queue exceeds on the slot in question
    heap_of: Ints  # (Q) heap of the first task of the queue
    handicap: Floats  # (Q) what the setup and what it leads to take from the index
    leads_astray: Floats  # (Q) what it leads to alone
    left: Ints  # (Q) alternatives of tasks without a place
    is_patient: Ints  # (1) 1: a slot rather waits than takes a family that bars the way of all that is left
    aside: Ints  # (A) alternatives tried for the slot in question
    events: Ints  # (T + S) heap: task t is ready (t), slot s is free (T + s)
    minus_when: Floats  # (T + S) key of the events


@inner_kernel
def _resource_of(arrays, slot):
    low, high = 0, len(arrays.resource_calendar)
    while low < high:
        middle = (low + high) // 2
        if arrays.slot_ptr[middle + 1] > slot:
            high = middle
        else:
            low = middle + 1
    return low


@inner_kernel
def _tidy(queues, state, latest, queue, minute):
    """Let go the first tasks of a queue that were placed elsewhere, and move those whose slack is gone.

    Heap 2 q holds the alternatives of queue q with slack, heap 2 q + 1 those without; an alternative is called
    by its number plus A there. A task whose slack is gone may stay among those with slack behind the first: its key
    promises too much, so it comes first and is found before it could be missed.
    """
    heap, size, key, placed = state.heap, state.size, state.key, state.placed
    num_alternatives = len(queues.task)
    base = queues.entry_ptr[queue]
    while size[2 * queue] > 0:
        first = heap[base]
        if placed[queues.task[first]] == 0 and latest[first] > minute:
            break
        drop_first(heap, base, size[2 * queue], key)
        size[2 * queue] -= 1
        if placed[queues.task[first]] == 0:
            push(heap, num_alternatives + base, size[2 * queue + 1], key, num_alternatives + first)
            size[2 * queue + 1] += 1
    base += num_alternatives
    while size[2 * queue + 1] > 0 and placed[queues.task[heap[base] - num_alternatives]] == 1:
        drop_first(heap, base, size[2 * queue + 1], key)
        size[2 * queue + 1] -= 1


@inner_kernel
def _first_of(queues, state, queue, gained):
    """Return the heap that holds the first task of a tidy queue and the index of that task, setup apart."""
    heap, size, key = state.heap, state.size, state.key
    num_alternatives = len(queues.task)
    base = queues.entry_ptr[queue]
    found, index = NONE, -np.inf
    if size[2 * queue] > 0:
        found, index = 2 * queue, key[heap[base]] + gained
    if size[2 * queue + 1] > 0 and key[heap[num_alternatives + base]] > index:
        found, index = 2 * queue + 1, key[heap[num_alternatives + base]]
    return found, index


@inner_kernel
def _toll(arrays, resource, family, after):
    """Return what the cost of a setup takes from the index of a task."""
    cost = setup_cost(arrays, resource, family, after)
    return np.log1p(cost) if cost > 0.0 else 0.0


@inner_kernel
def _astray(arrays, queues, state, resource, after):
    """Return what a family loses for those left that may not follow it: who comes late may find the way barred."""
    total, barred = 0, 0
    for queue in range(queues.queue_ptr[resource], queues.queue_ptr[resource + 1]):
        if queues.family[queue] != after:
            total += state.left[queue]
            if setup_minutes(arrays, resource, after, queues.family[queue]) >= FOREVER:
                barred += state.left[queue]
    if barred == 0:
        return 0.0
    return DEAD_END if barred == total else ASTRAY * barred / total


@inner_kernel
def _handicap(arrays, resource, slot, minute, family, next_fixed, after, patience):
    """Return what the setup of a queue takes from the index of its tasks (infinite: it may not follow)."""
    minutes = setup_minutes(arrays, resource, family, after)
    if minutes < FOREVER:
        return minutes / patience + _toll(arrays, resource, family, after)
    if next_fixed == arrays.slot_fixed_ptr[slot + 1]:
        return np.inf
    return max(0, arrays.fixed_end[arrays.slot_fixed_task[next_fixed]] - minute) / patience


@inner_kernel
def _choose(arrays, queues, rule, state, resource, slot, now):
    """Return the waiting task with the highest index for a slot: (alternative, start, end, setup, next fixed).

    Tasks are placed in the order of the index that they would have if they could start at once, until none that is
    left can have a higher one.
    """
    free_at, families, next_fixed, fixed_family = state.free_at, state.family, state.next_fixed, state.fixed_family
    heap, size, key, aside = state.heap, state.size, state.key, state.aside
    bound, heap_of, handicap, leads_astray = state.bound, state.heap_of, state.handicap, state.leads_astray
    look_ahead, patience = rule.scales[0], rule.scales[1]
    num_alternatives = len(queues.task)
    while next_fixed[slot] < arrays.slot_fixed_ptr[slot + 1]:  # what has begun already is behind whatever comes now
        task = arrays.slot_fixed_task[next_fixed[slot]]
        if arrays.fixed_start[task] >= now:
            break
        free_at[slot] = max(free_at[slot], arrays.fixed_end[task])
        families[slot] = fixed_family[next_fixed[slot]]
        next_fixed[slot] += 1
    best, best_index = NONE, -np.inf
    best_start, best_end, best_setup, best_fixed = FOREVER, FOREVER, 0, 0
    calendar = arrays.resource_calendar[resource]
    minute = next_open(arrays, calendar, max(now, free_at[slot]))
    first, last = queues.queue_ptr[resource], queues.queue_ptr[resource + 1]
    if minute >= FOREVER or first == last:
        return best, best_start, best_end, best_setup, best_fixed
    gained = minute / look_ahead
    for queue in range(first, last):
        bound[queue] = -np.inf
        if size[2 * queue] + size[2 * queue + 1] == 0:
            continue
        _tidy(queues, state, rule.latest, queue, minute)
        heap_of[queue], bound[queue] = _first_of(queues, state, queue, gained)
        if heap_of[queue] != NONE:
            handicap[queue] = _handicap(
                arrays,
                resource,
                slot,
                minute,
                families[slot],
                next_fixed[slot],
                queues.family[queue],
                patience,
            )
            leads_astray[queue] = 0.0
            if queues.is_strict[resource] == 1:
                leads_astray[queue] = _astray(arrays, queues, state, resource, queues.family[queue])
                handicap[queue] += leads_astray[queue]
                if leads_astray[queue] == DEAD_END and state.is_patient[0] == 1:
                    handicap[queue] = np.inf
            bound[queue] -= handicap[queue]
    tried, num_aside, best_aside = 0, 0, NONE
    while tried < MOST_TRIED:
        queue = first
        for other in range(first + 1, last):
            if bound[other] > bound[queue]:
                queue = other
        if not bound[queue] > best_index:
            break
        half = heap_of[queue] % 2
        base = half * num_alternatives + queues.entry_ptr[queue]
        item = heap[base]
        alternative = item - half * num_alternatives
        drop_first(heap, base, size[heap_of[queue]], key)
        size[heap_of[queue]] -= 1
        begin, finish, minutes, fixed = place(
            arrays,
            resource,
            slot,
            alternative,
            minute,
            free_at[slot],
            families[slot],
            next_fixed[slot],
            arrays.fixed_end,
            fixed_family,
        )
        if finish < FOREVER:
            tried += 1
            before = families[slot] if fixed == next_fixed[slot] else fixed_family[fixed - 1]
            index = rule.urge[alternative] - max(rule.latest[alternative] - minute, 0.0) / look_ahead
            index -= (minutes + begin - minute) / patience + leads_astray[queue]
            index -= _toll(arrays, resource, before, arrays.alt_family[alternative])
            if index > best_index:
                best, best_index, best_aside = alternative, index, num_aside
                best_start, best_end, best_setup, best_fixed = begin, finish, minutes, fixed
        breakable = arrays.alt_breakable[alternative] == 1
        if finish < FOREVER or fit(arrays, calendar, minute, arrays.alt_work[alternative], breakable)[1] < FOREVER:
            aside[num_aside] = item  # all others would not find a place later either
            num_aside += 1
        _tidy(queues, state, rule.latest, queue, minute)
        heap_of[queue], bound[queue] = _first_of(queues, state, queue, gained)
        bound[queue] -= handicap[queue]
    for number in range(num_aside):
        if number != best_aside:
            half = aside[number] // num_alternatives
            queue = queues.queue[aside[number] - half * num_alternatives]
            base = half * num_alternatives + queues.entry_ptr[queue]
            push(heap, base, size[2 * queue + half], key, aside[number])
            size[2 * queue + half] += 1
    return best, best_start, best_end, best_setup, best_fixed


@inner_kernel
def _ready_at(arrays, task, end, chosen):
    minute, has_step_before = earliest(arrays, task, end)
    if has_step_before:
        minute = max(minute, end[task - 1] + arrays.alt_lag[chosen[task - 1]])
    return minute


@hot_kernel
def run_rule(arrays, queues, rule, state, halt):
    """Place all tasks, from a state in which none is placed; see :func:`dispatch`."""
    chosen, start, end, setup, placed = state.chosen, state.start, state.end, state.setup, state.placed
    waits_for, finished, woken, asleep = state.waits_for, state.finished, state.woken, state.asleep
    free_at, family, next_fixed = state.free_at, state.family, state.next_fixed
    heap, size, key, events, minus_when = state.heap, state.size, state.key, state.events, state.minus_when
    num_tasks, num_alternatives = len(arrays.task_job), len(queues.task)
    bottom, num_events = np.int64(0), np.int64(0)  # not literals, or the heap is compiled once more for them
    num_finished, num_woken = 0, 0
    now = np.int64(0)
    is_strict = False
    for resource in range(len(queues.is_strict)):
        is_strict = is_strict or queues.is_strict[resource] == 1
    for alternative in range(num_alternatives):
        key[alternative] = rule.urge[alternative] - rule.latest[alternative] / rule.scales[0]
        key[num_alternatives + alternative] = rule.urge[alternative]
    for task in range(num_tasks):
        waits_for[task] = arrays.link_ptr[task + 1] - arrays.link_ptr[task]
        waits_for[task] += task > arrays.job_ptr[arrays.task_job[task]]
        if arrays.task_is_fixed[task] == 1:
            start[task], end[task] = arrays.fixed_start[task], arrays.fixed_end[task]
            setup[task] = arrays.fixed_setup[task]
            placed[task] = 1
            state.left[queues.queue[arrays.alt_ptr[task]]] -= 1
            finished[num_finished] = task
            num_finished += 1
        elif waits_for[task] == 0:
            woken[num_woken] = task
            num_woken += 1
    while halt[0] == 0:
        while num_finished > 0:
            num_finished -= 1
            task = finished[num_finished]
            job = arrays.task_job[task]
            if task < arrays.job_ptr[job + 1] - 1:
                waits_for[task + 1] -= 1
                if waits_for[task + 1] == 0:
                    woken[num_woken] = task + 1
                    num_woken += 1
            else:
                for feed in range(arrays.feed_ptr[job], arrays.feed_ptr[job + 1]):
                    fed = arrays.feed_task[feed]
                    waits_for[fed] -= 1
                    if waits_for[fed] == 0:
                        woken[num_woken] = fed
                        num_woken += 1
        while num_woken > 0:
            num_woken -= 1
            task = woken[num_woken]
            ready = _ready_at(arrays, task, end, chosen)
            if placed[task] == 0 and ready < FOREVER // 2:  # others wait for something that never ends
                minus_when[task] = -ready
                push(events, bottom, num_events, minus_when, task)
                num_events += 1
        if num_events == 0:
            if state.is_patient[0] == 0 or not is_strict:
                break
            state.is_patient[0] = 0  # nobody comes any more whose way would be barred
            for slot in range(len(asleep)):
                if asleep[slot] == 1:
                    asleep[slot] = 0
                    minus_when[num_tasks + slot] = -max(now, free_at[slot])
                    push(events, bottom, num_events, minus_when, num_tasks + slot)
                    num_events += 1
            continue
        event = events[0]
        now = np.int64(-minus_when[event])
        drop_first(events, bottom, num_events, minus_when)
        num_events -= 1
        if event < num_tasks:
            for alternative in range(arrays.alt_ptr[event], arrays.alt_ptr[event + 1]):
                queue = queues.queue[alternative]
                push(heap, queues.entry_ptr[queue], size[2 * queue], key, alternative)
                size[2 * queue] += 1
                resource = arrays.alt_resource[alternative]
                for slot in range(arrays.slot_ptr[resource], arrays.slot_ptr[resource + 1]):
                    if asleep[slot] == 1:
                        asleep[slot] = 0
                        minus_when[num_tasks + slot] = -now
                        push(events, bottom, num_events, minus_when, num_tasks + slot)
                        num_events += 1
            continue
        slot = event - num_tasks
        resource = _resource_of(arrays, slot)
        alternative, begin, finish, minutes, fixed = _choose(arrays, queues, rule, state, resource, slot, now)
        if alternative == NONE:
            asleep[slot] = 1
            continue
        task = queues.task[alternative]
        chosen[task], placed[task], state.is_patient[0] = alternative, 1, 1
        for other in range(arrays.alt_ptr[task], arrays.alt_ptr[task + 1]):
            state.left[queues.queue[other]] -= 1
        start[task], end[task], setup[task] = begin, finish, minutes
        free_at[slot], family[slot], next_fixed[slot] = finish, arrays.alt_family[alternative], fixed
        finished[num_finished] = task
        num_finished += 1
        minus_when[event] = -max(finish, now)
        push(events, bottom, num_events, minus_when, event)
        num_events += 1


def dispatch(arrays: ShopArrays, queues: Queues, rule: Rule, halt: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """List scheduling in time by the index of waiting tasks.

    With `urge` log(weight / work) and `latest` the latest start in time this is the apparent tardiness cost rule of
    Vepsalainen & Morton, "Priority rules for job shops with weighted tardiness costs", Management Science 33 (1987),
    with setups as in Lee, Bhaskaran & Pinedo, "A heuristic to minimize the total weighted tardiness with
    sequence-dependent setups", IIE Transactions 29 (1997); the minutes until a task could start count as
    setup.

    Parameters
    ----------
    arrays, queues, rule
        The question, its queues (:class:`Queues`) and the rule (:class:`Rule`).
    halt
        Shape (1): the run ends early as soon as this is not 0; tasks without a place end at FOREVER.

    Returns
    -------
    chosen, start, end, setup
        Arrays of shape (T).
    """
    num_tasks, num_alternatives, num_queues = len(arrays.task_job), len(queues.task), len(queues.family)
    free_at, family, next_fixed, fixed_family = initial_slots(arrays)
    num_slots = len(free_at)
    state = DispatchState(
        chosen=arrays.alt_ptr[:-1].copy(),
        start=np.full(num_tasks, FOREVER, dtype=np.int64),
        end=np.full(num_tasks, FOREVER, dtype=np.int64),
        setup=np.zeros(num_tasks, dtype=np.int64),
        placed=np.zeros(num_tasks, dtype=np.int64),
        waits_for=np.empty(num_tasks, dtype=np.int64),
        finished=np.empty(num_tasks, dtype=np.int64),
        woken=np.empty(num_tasks, dtype=np.int64),
        free_at=free_at,
        family=family,
        next_fixed=next_fixed,
        fixed_family=fixed_family,
        asleep=np.ones(num_slots, dtype=np.int64),
        heap=np.empty(2 * num_alternatives, dtype=np.int64),
        size=np.zeros(2 * num_queues, dtype=np.int64),
        key=np.empty(2 * num_alternatives),
        bound=np.empty(num_queues),
        heap_of=np.empty(num_queues, dtype=np.int64),
        handicap=np.empty(num_queues),
        leads_astray=np.empty(num_queues),
        left=np.diff(queues.entry_ptr),
        is_patient=np.ones(1, dtype=np.int64),
        aside=np.empty(num_alternatives, dtype=np.int64),
        events=np.empty(num_tasks + num_slots, dtype=np.int64),
        minus_when=np.empty(num_tasks + num_slots),
    )
    run_rule(arrays, queues, rule, state, halt)
    return state.chosen, state.start, state.end, state.setup
