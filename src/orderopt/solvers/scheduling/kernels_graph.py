"""The disjunctive graph of a schedule, and what a change of it costs, compiled by numba.

Every slot holds a chain of tasks; every task starts as soon as the task before it on its slot, the step before it in
its job, and the jobs it waits for allow (Roy & Sussmann's disjunctive graph with setups and open hours). A move takes
one task out of its chain and puts it somewhere else. Its cost is exact: times are carried on from the places that
changed, in topological order, for as long as they differ.

What the loops read of a task stands in one row of a matrix, so that one look at memory brings all of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from orderopt.solvers.compiled.jit import hot_kernel
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE, Floats, Ints

Words = NDArray[np.uint64]

CHOSEN, SLOT, PREV, NEXT, START, END, SETUP, RANK = range(8)
"""Columns of `Graph.state`: alternative, slot, neighbours there, times, place in a topological order."""

JOB, RELEASE, IS_FIXED, HAS_BEFORE, HAS_AFTER, LINK_FROM, LINK_TO, LINE = range(8)
"""Columns of `Facts.task`; LINE is that of the job's last task, NONE for all others."""

RESOURCE, WORK, FAMILY, BREAKABLE, LAG, CALENDAR, SETUP_AT, SETUP_SIZE = range(8)
"""Columns of `Facts.alt`."""


class Facts(NamedTuple):
    """What a search does not change. T tasks, A alternatives, R resources, J jobs, L lines."""

    task: Ints  # (T, 8)
    alt: Ints  # (A, 8)
    alt_ptr: Ints  # (T + 1)
    alt_cost: Floats  # (A)
    alt_minute_cost: Floats  # (A) cost of a minute of setup
    alt_unit: Ints  # (A)
    fixed: Ints  # (T, 3) start, end, setup of fixed tasks
    link_task: Ints  # last tasks of the jobs that a task waits for
    feed_ptr: Ints  # (J + 1)
    feed_task: Ints
    slot_ptr: Ints  # (R + 1)
    slot_resource: Ints  # (S)
    initial: Ints  # (R)
    setup_minutes: Ints
    setup_cost: Floats
    opens: Ints
    closes: Ints
    calendar_ptr: Ints  # (C + 1)
    day_span: Ints  # (C, D) first span that closes after the begin of each day
    line_due: Ints  # (L)
    line_floor: Ints  # (L)
    line_weight: Floats  # (L)
    line_charge: Floats  # (L, 3) cost of being late at all, of a minute behind a minute, and that minute
    line_ptr: Ints  # (L + 1)
    line_jobs: Ints  # jobs that serve the line
    job_last: Ints  # (J) last task
    job_lead: Ints  # (J)
    job_timetable: Ints  # (J)
    timetable_ptr: Ints
    timetable_at: Ints
    unit_capacity: Floats  # (U)


class Graph(NamedTuple):
    """A schedule that can be changed in place. T tasks, S slots, L lines, J jobs, U units."""

    state: Ints  # (T, 8)
    first: Ints  # (S) first task of the slot; NONE
    at: Ints  # (T) task at each place of the topological order
    arrival: Ints  # (J) arrival of the job's output; only of jobs that serve a line
    latest: Ints  # (L) latest arrival of the line
    load: Floats  # (U) minutes of work and setup
    scalars: Floats  # (3) cost of the schedule, weight of fairness, cost of a minute until the last task ends
    num_jobs: Ints  # (1) jobs that count for the last end: those behind them stand for places that are missing
    queue: Words  # tasks to look at, a bit for each rank
    log: Ints  # (T, 4) tasks changed by a move with what they were: task, start, end, setup
    stamp: Ints  # (T) move by which the task was logged last
    line_stamp: Ints  # (L)
    line_log: Ints  # (L, 2) lines changed by a move with what they were
    job_log: Ints  # (…, 2)
    counters: Ints  # (5) moves, length of log, of line_log, of job_log, tasks timed
    marked: Ints  # (T) scratch of rerank
    spare: Ints  # (T)


DEBRUIJN = np.uint64(0x03F79D71B4CB0A89)
_TABLE = np.zeros(64, dtype=np.int64)
for _bit in range(64):
    _TABLE[(((1 << _bit) * 0x03F79D71B4CB0A89) & 0xFFFFFFFFFFFFFFFF) >> 58] = _bit

DAY = 1440


@hot_kernel
def _lowest_bit(word):
    """Return the position of the lowest bit that is set."""
    low = word & (~word + np.uint64(1))
    return _TABLE[(low * DEBRUIJN) >> np.uint64(58)]


@hot_kernel
def _fit(opens, closes, calendar_ptr, day_span, calendar, minute, work, breakable):
    """Return start and end of the first stretch of open minutes at or after a minute (FOREVER: none)."""
    last = calendar_ptr[calendar + 1]
    day = min(max(minute // DAY, 0), day_span.shape[1] - 1)
    span = day_span[calendar, day] if minute >= 0 else calendar_ptr[calendar]
    while span < last and closes[span] <= minute:
        span += 1
    if span == last:
        return FOREVER, FOREVER
    start = max(minute, opens[span])
    if start + work <= closes[span]:
        return start, start + work
    if breakable == 0:
        span += 1
        while span < last and closes[span] - opens[span] < work:
            span += 1
        if span == last:
            return FOREVER, FOREVER
        return opens[span], opens[span] + work
    left = work - (closes[span] - start)
    span += 1
    while span < last:
        length = closes[span] - opens[span]
        if length >= left:
            return start, opens[span] + left
        left -= length
        span += 1
    return FOREVER, FOREVER


@hot_kernel
def setup_after(facts, family, chosen):
    """Return the setup minutes of an alternative behind a family (NONE: the state is not known)."""
    size = facts.alt[chosen, SETUP_SIZE]
    if size == 0 or facts.alt[chosen, FAMILY] == 0 or family == NONE:
        return 0
    return facts.setup_minutes[facts.alt[chosen, SETUP_AT] + family * size + facts.alt[chosen, FAMILY]]


@hot_kernel
def times(facts, graph, task):
    """Return start, end and setup of a task from the ends of what it follows."""
    state = graph.state
    if facts.task[task, IS_FIXED] == 1:
        return facts.fixed[task, 0], facts.fixed[task, 1], facts.fixed[task, 2]
    minute = facts.task[task, RELEASE]
    for link in range(facts.task[task, LINK_FROM], facts.task[task, LINK_TO]):
        minute = max(minute, state[facts.link_task[link], END])
    if facts.task[task, HAS_BEFORE] == 1:
        minute = max(minute, state[task - 1, END] + facts.alt[state[task - 1, CHOSEN], LAG])
    before = state[task, PREV]
    chosen = state[task, CHOSEN]
    family = facts.initial[facts.alt[chosen, RESOURCE]]
    if before != NONE:
        minute = max(minute, state[before, END])
        family = facts.alt[state[before, CHOSEN], FAMILY]
    setup = setup_after(facts, family, chosen)
    if minute >= FOREVER or setup >= FOREVER:
        return FOREVER, FOREVER, setup
    if facts.alt[chosen, CALENDAR] == 0:
        return minute, minute + setup + facts.alt[chosen, WORK], setup
    begin, finish = _fit(
        facts.opens,
        facts.closes,
        facts.calendar_ptr,
        facts.day_span,
        facts.alt[chosen, CALENDAR],
        minute,
        setup + facts.alt[chosen, WORK],
        facts.alt[chosen, BREAKABLE],
    )
    return begin, finish, setup


@hot_kernel
def arrival_of(facts, job, leave):
    """Return when what a job has made by a minute arrives."""
    table = facts.job_timetable[job]
    if table != NONE:
        low, high = facts.timetable_ptr[table], facts.timetable_ptr[table + 1]
        last = high
        while low < high:
            middle = (low + high) // 2
            if facts.timetable_at[middle] >= leave:
                high = middle
            else:
                low = middle + 1
        leave = FOREVER if low == last else facts.timetable_at[low]
    return leave + facts.job_lead[job]


@hot_kernel
def lateness(facts, line, latest):
    """Return what a line costs that arrives at a minute, earliness apart: who is early can be put off afterwards."""
    late = latest - facts.line_due[line]
    cost = facts.line_charge[line, 1] * max(latest - facts.line_charge[line, 2], 0.0)
    return cost + late * facts.line_weight[line] + facts.line_charge[line, 0] if late > 0 else cost


@hot_kernel
def own_cost(facts, graph, task):
    """Return the cost of a task's work and of its setup."""
    if facts.task[task, IS_FIXED] == 1:
        return 0.0
    state = graph.state
    alternative = state[task, CHOSEN]
    cost = facts.alt_cost[alternative] + state[task, SETUP] * facts.alt_minute_cost[alternative]
    if facts.alt[alternative, SETUP_SIZE] > 0 and facts.alt[alternative, FAMILY] != 0:
        before = state[task, PREV]
        found = (
            facts.initial[facts.alt[alternative, RESOURCE]]
            if before == NONE
            else facts.alt[state[before, CHOSEN], FAMILY]
        )
        if found != NONE:
            cost += facts.setup_cost[
                facts.alt[alternative, SETUP_AT]
                + found * facts.alt[alternative, SETUP_SIZE]
                + facts.alt[alternative, FAMILY]
            ]
    return cost


@hot_kernel
def fairness(facts, graph):
    """Return the cost of the spread between the relative loads of the units."""
    weight = graph.scalars[1]
    if weight == 0.0:
        return 0.0
    low, high = np.inf, -np.inf
    for unit in range(len(graph.load)):
        if facts.unit_capacity[unit] > 0:
            relative = graph.load[unit] / facts.unit_capacity[unit]
            low, high = min(low, relative), max(high, relative)
    return weight * (high - low) if high >= low else 0.0


@hot_kernel
def makespan(facts, graph):
    """Return the cost of the time until the last task ends."""
    weight = graph.scalars[2]
    if weight == 0.0:
        return 0.0
    last = 0
    for job in range(graph.num_jobs[0]):
        last = max(last, graph.state[facts.job_last[job], END])
    return weight * last


@hot_kernel
def settle(facts, graph):
    """Time every task in topological order and set the cost; returns whether all fits."""
    state = graph.state
    num_tasks = len(state)
    fits = True
    for place in range(num_tasks):
        task = graph.at[place]
        begin, finish, setup = times(facts, graph, task)
        state[task, START], state[task, END], state[task, SETUP] = begin, finish, setup
        after = state[task, NEXT]
        if finish >= FOREVER:
            fits = False
        elif facts.task[task, IS_FIXED] == 0 and after != NONE and facts.task[after, IS_FIXED] == 1:
            fits = fits and finish <= facts.fixed[after, 0]
    cost = 0.0
    for unit in range(len(graph.load)):
        graph.load[unit] = 0.0
    for task in range(num_tasks):
        cost += own_cost(facts, graph, task)
        alternative = state[task, CHOSEN]
        graph.load[facts.alt_unit[alternative]] += facts.alt[alternative, WORK] + state[task, SETUP]
    for line in range(len(facts.line_due)):
        graph.latest[line] = facts.line_floor[line]
        for place in range(facts.line_ptr[line], facts.line_ptr[line + 1]):
            job = facts.line_jobs[place]
            graph.arrival[job] = arrival_of(facts, job, state[facts.job_last[job], END])
            graph.latest[line] = max(graph.latest[line], graph.arrival[job])
        cost += lateness(facts, line, graph.latest[line])
    graph.scalars[0] = cost + fairness(facts, graph) + makespan(facts, graph)
    return fits


@hot_kernel
def can_stand(facts, graph, task, before, after):
    """Whether a task may stand between two tasks of a slot without a circle, told from the times.

    Who follows a task starts no earlier than it ends; so there is no way from one task to another that starts before
    the first one has ended.
    """
    state, job = graph.state, facts.task[task, JOB]
    if before != NONE:
        if facts.task[task, HAS_AFTER] == 1:
            if before == task + 1 or state[before, START] >= state[task + 1, END]:
                return False
        else:
            for feed in range(facts.feed_ptr[job], facts.feed_ptr[job + 1]):
                fed = facts.feed_task[feed]
                if before == fed or state[before, START] >= state[fed, END]:
                    return False
    if after != NONE:
        if facts.task[task, HAS_BEFORE] == 1 and (after == task - 1 or state[task - 1, START] >= state[after, END]):
            return False
        for link in range(facts.task[task, LINK_FROM], facts.task[task, LINK_TO]):
            last = facts.link_task[link]
            if after == last or state[last, START] >= state[after, END]:
                return False
    return True


@hot_kernel
def relink(state, first, task, slot, before):
    """Take a task out of its chain and put it behind another of a slot (NONE: at its head)."""
    old_before, old_after = state[task, PREV], state[task, NEXT]
    if old_before == NONE:
        first[state[task, SLOT]] = old_after
    else:
        state[old_before, NEXT] = old_after
    if old_after != NONE:
        state[old_after, PREV] = old_before
    after = first[slot] if before == NONE else state[before, NEXT]
    state[task, SLOT], state[task, PREV], state[task, NEXT] = slot, before, after
    if before == NONE:
        first[slot] = task
    else:
        state[before, NEXT] = task
    if after != NONE:
        state[after, PREV] = task


@hot_kernel
def propagate(facts, graph, held, held_rank, low, limit):
    """Carry changed times on, from the tasks in the queue; returns whether everything fits and may pay.

    Parameters
    ----------
    held, held_rank
        A task that is looked at right behind a rank, wherever it stands in the order.
    low
        Lowest rank in the queue.
    limit
        Most that lateness may grow by on the way.
    """
    state, queue, facts_task, log = graph.state, graph.queue, facts.task, graph.log
    move = graph.counters[0]
    word, num_words = low >> 6, len(queue)
    visits, most = 0, 8 * len(state) + 64
    grown, entries = 0.0, 0
    fits = True
    while fits:
        task = NONE
        while word < num_words and queue[word] == 0:
            word += 1
        if word == num_words:
            if held == NONE:
                break
            task, held = held, NONE
        else:
            place = (word << 6) + _lowest_bit(queue[word])
            if held != NONE and place > held_rank:
                task, held = held, NONE
            else:
                queue[word] &= queue[word] - np.uint64(1)
                task = graph.at[place]
        visits += 1
        begin, finish, setup = times(facts, graph, task)
        after = state[task, NEXT]
        if finish >= FOREVER or visits > most:
            fits = False
            break
        if (
            after != NONE
            and facts_task[after, IS_FIXED] == 1
            and facts_task[task, IS_FIXED] == 0
            and finish > facts.fixed[after, 0]
        ):
            fits = False
            break
        old_finish = state[task, END]
        if begin == state[task, START] and finish == old_finish and setup == state[task, SETUP]:
            continue
        if graph.stamp[task] != move:
            graph.stamp[task] = move
            log[entries, 0], log[entries, 1] = task, state[task, START]
            log[entries, 2], log[entries, 3] = old_finish, state[task, SETUP]
            entries += 1
        state[task, START], state[task, END], state[task, SETUP] = begin, finish, setup
        if finish == old_finish:
            continue
        if after != NONE and after != held:
            other = state[after, RANK]
            queue[other >> 6] |= np.uint64(1) << np.uint64(other & 63)
            word = min(word, other >> 6)
        if facts_task[task, HAS_AFTER] == 1:
            if task + 1 != held:
                other = state[task + 1, RANK]
                queue[other >> 6] |= np.uint64(1) << np.uint64(other & 63)
                word = min(word, other >> 6)
            continue
        job = facts_task[task, JOB]
        for feed in range(facts.feed_ptr[job], facts.feed_ptr[job + 1]):
            fed = facts.feed_task[feed]
            if fed != held:
                other = state[fed, RANK]
                queue[other >> 6] |= np.uint64(1) << np.uint64(other & 63)
                word = min(word, other >> 6)
        if facts_task[task, LINE] != NONE:
            grown += _arrive(facts, graph, job, facts_task[task, LINE], finish, move)
            if grown > limit:
                fits = False
    if not fits:
        for word in range(num_words):
            queue[word] = np.uint64(0)
    graph.counters[1] = entries
    graph.counters[4] += visits
    return fits


@hot_kernel
def _arrive(facts, graph, job, line, leave, move):
    """Set the arrival of a job whose end has changed; returns by how much lateness grows."""
    new = arrival_of(facts, job, leave)
    old = graph.arrival[job]
    if new == old:
        return 0.0
    entry = graph.counters[3]
    if entry == len(graph.job_log):
        return np.inf  # the same jobs again and again: not worth going on
    graph.job_log[entry, 0], graph.job_log[entry, 1] = job, old
    graph.counters[3] = entry + 1
    graph.arrival[job] = new
    latest = graph.latest[line]
    if new > latest:
        found = new
    elif old == latest:
        found = facts.line_floor[line]
        for place in range(facts.line_ptr[line], facts.line_ptr[line + 1]):
            found = max(found, graph.arrival[facts.line_jobs[place]])
    else:
        return 0.0
    if graph.line_stamp[line] != move:
        graph.line_stamp[line] = move
        entry = graph.counters[2]
        graph.line_log[entry, 0], graph.line_log[entry, 1] = line, latest
        graph.counters[2] = entry + 1
    graph.latest[line] = found
    return lateness(facts, line, found) - lateness(facts, line, latest)


@hot_kernel
def undo_times(graph):
    """Give everything that the last move has timed anew its former times."""
    state = graph.state
    for entry in range(graph.counters[1]):
        task = graph.log[entry, 0]
        state[task, START], state[task, END] = graph.log[entry, 1], graph.log[entry, 2]
        state[task, SETUP] = graph.log[entry, 3]
    for entry in range(graph.counters[3] - 1, -1, -1):
        graph.arrival[graph.job_log[entry, 0]] = graph.job_log[entry, 1]
    for entry in range(graph.counters[2]):
        graph.latest[graph.line_log[entry, 0]] = graph.line_log[entry, 1]


@hot_kernel
def _sum_of_three(facts, graph, task, old_after, after):
    """Return the own cost of the tasks whose setups a move changes."""
    cost = own_cost(facts, graph, task)
    if old_after != NONE:
        cost += own_cost(facts, graph, old_after)
    if after != NONE and after != old_after:
        cost += own_cost(facts, graph, after)
    return cost


@hot_kernel
def _add_loads(facts, graph, task, old_after, after, sign):
    """Add the minutes of the tasks whose setups a move changes to the loads of their units."""
    for which in range(3):
        other = task if which == 0 else old_after if which == 1 else after
        if other != NONE and not (which == 2 and after == old_after):
            alternative = graph.state[other, CHOSEN]
            minutes = facts.alt[alternative, WORK] + graph.state[other, SETUP]
            graph.load[facts.alt_unit[alternative]] += sign * minutes


@hot_kernel
def try_move(facts, graph, task, alternative, slot, before, limit, patience):
    """Move a task if the schedule then costs at most a limit; else leave all as it was.

    Parameters
    ----------
    task, alternative, slot, before
        What moves, and where to: behind `before` on `slot` (NONE: at its head).
    limit
        Highest cost that is accepted.
    patience
        How much lateness may grow beyond the limit on the way, before the rest is looked at.

    Returns
    -------
    accepted
        Whether the move was made.
    """
    state = graph.state
    old_alternative, old_slot, old_before = state[task, CHOSEN], state[task, SLOT], state[task, PREV]
    old_after = state[task, NEXT]
    after = graph.first[slot] if before == NONE else state[before, NEXT]
    if after == task:
        after = old_after
    old_cost = graph.scalars[0]
    fair = graph.scalars[1] != 0.0
    old_makespan = makespan(facts, graph)
    graph.counters[0] += 1
    graph.counters[1] = graph.counters[2] = graph.counters[3] = 0
    own_before = _sum_of_three(facts, graph, task, old_after, after)
    old_fairness = 0.0
    if fair:
        old_fairness = fairness(facts, graph)
        _add_loads(facts, graph, task, old_after, after, -1.0)
    state[task, CHOSEN] = alternative
    relink(state, graph.first, task, slot, before)
    low = len(state) - 1
    for which in range(3):
        other = old_after if which == 0 else after if which == 1 else task + 1
        if which == 2 and (alternative == old_alternative or facts.task[task, HAS_AFTER] == 0):
            other = NONE
        if other != NONE:
            rank = state[other, RANK]
            graph.queue[rank >> 6] |= np.uint64(1) << np.uint64(rank & 63)
            low = min(low, rank)
    held_rank = NONE if before == NONE else state[before, RANK]
    if facts.task[task, HAS_BEFORE] == 1:
        held_rank = max(held_rank, state[task - 1, RANK])
    fits = propagate(facts, graph, task, held_rank, low, limit - old_cost + patience)
    cost = np.inf
    if fits:
        cost = old_cost + _sum_of_three(facts, graph, task, old_after, after) - own_before
        for entry in range(graph.counters[2]):
            line = graph.line_log[entry, 0]
            cost += lateness(facts, line, graph.latest[line])
            cost -= lateness(facts, line, graph.line_log[entry, 1])
        cost += makespan(facts, graph) - old_makespan
    if fair:
        _add_loads(facts, graph, task, old_after, after, 1.0)
        cost += fairness(facts, graph) - old_fairness
    if cost <= limit:
        graph.scalars[0] = cost
        rerank(facts, graph, task)
        return True
    if fair:
        _add_loads(facts, graph, task, old_after, after, -1.0)
    undo_times(graph)
    state[task, CHOSEN] = old_alternative
    relink(state, graph.first, task, old_slot, old_before)
    if fair:
        _add_loads(facts, graph, task, old_after, after, 1.0)
    return False


@hot_kernel
def rerank(facts, graph, task):
    """Mend the topological order around a task that has moved (after Pearce & Kelly, J. Exp. Algorithmics 11, 2007)."""
    state, at, marked, spare = graph.state, graph.at, graph.marked, graph.spare
    before, after = state[task, PREV], state[task, NEXT]
    if before != NONE and state[before, RANK] > state[task, RANK]:
        low, high = state[task, RANK], state[before, RANK]
        kept, moved = low, 0
        for place in range(low, high + 1):
            other = at[place]
            hit = other == task
            if not hit:
                hit = state[other, PREV] != NONE and marked[state[other, PREV]] == 1
                hit = hit or (facts.task[other, HAS_BEFORE] == 1 and marked[other - 1] == 1)
                for link in range(facts.task[other, LINK_FROM], facts.task[other, LINK_TO]):
                    hit = hit or marked[facts.link_task[link]] == 1
            if hit:
                marked[other] = 1
                spare[moved] = other
                moved += 1
            else:
                at[kept], state[other, RANK] = other, kept
                kept += 1
        for position in range(moved):
            other = spare[position]
            marked[other] = 0
            at[kept], state[other, RANK] = other, kept
            kept += 1
    if after != NONE and state[after, RANK] < state[task, RANK]:
        low, high = state[after, RANK], state[task, RANK]
        kept, moved = high, 0
        for place in range(high, low - 1, -1):
            other = at[place]
            hit = other == task
            if not hit:
                hit = state[other, NEXT] != NONE and marked[state[other, NEXT]] == 1
                if facts.task[other, HAS_AFTER] == 1:
                    hit = hit or marked[other + 1] == 1
                else:
                    for feed in range(
                        facts.feed_ptr[facts.task[other, JOB]], facts.feed_ptr[facts.task[other, JOB] + 1]
                    ):
                        hit = hit or marked[facts.feed_task[feed]] == 1
            if hit:
                marked[other] = 1
                spare[moved] = other
                moved += 1
            else:
                at[kept], state[other, RANK] = other, kept
                kept -= 1
        for position in range(moved):
            other = spare[position]
            marked[other] = 0
            at[kept], state[other, RANK] = other, kept
            kept -= 1
