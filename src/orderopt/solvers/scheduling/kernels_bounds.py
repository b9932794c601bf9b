"""The hot loops of the bound on cost, compiled by numba: jobs that place themselves over priced time.

Time is cut into buckets by the moments `times`; an open minute of a machine group has a price in each bucket. A
kernel function sees :class:`PricedShop` alone. *Index* k of a task's table stands for "ready by ``times[k]``"; the last
index stands for "ready at any time".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, inner_kernel, kernel
from orderopt.solvers.compiled.shop import NONE, Floats, Ints

NEVER = 1e290
"""Cost of what cannot be."""


class PricedShop(NamedTuple):
    """A shop problem as the pricing kernels see it.

    T tasks, W ways (alternatives; those on equal machines are one), G groups of equal machines, C calendars with B
    breakpoints in all (moments `times`, told in open minutes), L lines.
    """

    times: Ints  # (K + 1) moments in real minutes
    mark_ptr: Ints  # (C + 1) breakpoints of each calendar
    mark: Ints  # (B) open minutes before the breakpoint; the last of a calendar is never reached
    mark_start: Ints  # (B) index by which everything must be ready for work that starts at the breakpoint
    mark_inside: Ints  # (B) index for work that starts behind it, before the next
    mark_end: Ints  # (B) index at which work is done that ends at the breakpoint or behind the one before
    mark_real: Ints  # (B) first real minute behind the breakpoint that is open
    way_ptr: Ints  # (T + 1)
    way_group: Ints  # (W)
    way_work: Ints  # (W) open minutes, the shortest setup included
    way_lag: Ints  # (W) minutes before the next step may start
    way_cost: Floats  # (W)
    way_since: Ints  # (W) open minutes of the calendar before the earliest start
    group_calendar: Ints  # (G)
    group_ptr: Ints  # (G + 1) where the prices of the group begin: one for each breakpoint
    task_job: Ints  # (T)
    task_end: Ints  # (T) end of fixed tasks; NONE: may move
    job_ptr: Ints  # (J + 1)
    job_lead: Ints  # (J)
    job_timetable: Ints  # (J)
    job_own_line: Ints  # (J) line that is served by this job alone, which serves nothing else; NONE
    is_root: Ints  # (J) 1: nobody waits for the job
    link_ptr: Ints  # (T + 1)
    link_job: Ints  # jobs that the task waits for
    line_ptr: Ints  # (L + 1) jobs of lines that are not some job's own
    line_job: Ints
    line_due: Ints  # (L)
    line_floor: Ints  # (L) arrival of a line, at the earliest
    line_weight: Floats  # (L)
    timetable_ptr: Ints
    timetable_at: Ints


class Parts(NamedTuple):
    """The jobs in parts that share neither lines nor components: P of them, as small as can be."""

    job_ptr: Ints  # (P + 1)
    job: Ints  # (J) jobs of the part, those that are waited for first
    line_ptr: Ints  # (P + 1)
    line: Ints  # lines that several jobs serve, or one that others wait for
    row: Ints  # (T) position of a task among those of its part
    share: Floats  # part of a job's own cost that each task that waits for it carries, by link
    line_share: Floats  # and that its line carries, by `line_job`; shares of a job add up to 1


class Book(NamedTuple):
    """Room for what pricing finds: the least cost of each task of a part by index, and what that takes."""

    table: Floats  # (N, K + 2) least cost of a task and all it waits for, for parts of up to N tasks
    at: Ints  # (N, K + 2) start of that, in open minutes
    by: Ints  # (N, K + 2) way of that; NONE: fixed, or impossible
    waiting: Floats  # (K + 2) cost of what a task waits for, by index
    sums: Floats  # price of all open minutes before a breakpoint
    looks: Ints  # (1) starts and stretches of starts that were looked at so far
    stack_task: Ints  # (tasks and links of a part, at most, + 1)
    stack_index: Ints
    stack_part: Floats


@inner_kernel
def _first_at_least(values, low, high, wanted):
    """Return the first position in [low, high) whose value is at least `wanted` (high: none)."""
    while low < high:
        middle = (low + high) // 2
        if values[middle] >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


@inner_kernel
def _arrival(shop, job, end):
    """Return when the output of a job that ends at a minute arrives."""
    table = shop.job_timetable[job]
    if table != NONE:
        last = shop.timetable_ptr[table + 1]
        place = _first_at_least(shop.timetable_at, shop.timetable_ptr[table], last, end)
        if place < last:
            end = shop.timetable_at[place]
    return end + shop.job_lead[job]


@inner_kernel
def _cost_of_end(shop, job, line, end):
    late = max(_arrival(shop, job, end), shop.line_floor[line]) - shop.line_due[line]
    return shop.line_weight[line] * max(late, 0)


@inner_kernel
def _paid(shop, price, sums, first, offset, place, work):
    """Return the price of all open minutes up to one that lies between breakpoint `place` and the next."""
    return sums[offset + place] + price[offset + place] * (work - shop.mark[first + place])


@inner_kernel
def _wait(shop, parts, book, task):
    """Fill `book.waiting`: what everything costs that must be ready, by index."""
    waiting, table = book.waiting, book.table
    follows = task > shop.job_ptr[shop.task_job[task]]
    row = parts.row[task]
    for index in range(len(waiting)):
        waiting[index] = table[row - 1, index] if follows else 0.0
    for link in range(shop.link_ptr[task], shop.link_ptr[task + 1]):
        before = parts.row[shop.job_ptr[shop.link_job[link] + 1] - 1]
        for index in range(len(waiting)):
            waiting[index] += parts.share[link] * table[before, index]


@inner_kernel
def _place(shop, price, book, row, way, job, line, lag):
    """Try all starts of a way; return cost and start of the best, and note the best for each index.

    What is found for an index goes into a row of the book, that of the task. Starts are told in open minutes. Where
    neither start nor end passes a breakpoint all costs are linear, but for the end at which the line gets late, so
    that only few starts have to be tried.
    """
    sums, waiting, table = book.sums, book.waiting, book.table
    group = shop.way_group[way]
    calendar = shop.group_calendar[group]
    first, offset = shop.mark_ptr[calendar], shop.group_ptr[group]
    last = shop.mark_ptr[calendar + 1] - 1 - first
    beyond = len(waiting) - 1
    work, fee = shop.way_work[way], shop.way_cost[way]
    weight = 0.0 if line == NONE else shop.line_weight[line]
    has_table = line != NONE and shop.job_timetable[job] != NONE
    turn = 0
    if weight > 0:
        turn = max(shop.line_due[line], shop.line_floor[line]) - shop.job_lead[job]
    low = shop.way_since[way]
    start = _first_at_least(shop.mark, first, first + last, low + 1) - first - 1  # mark[start] <= low < mark[start + 1]
    end = _first_at_least(shop.mark, first, first + last, low + work) - first  # mark[end - 1] < low + work <= mark[end]
    paid = _paid(shop, price, sums, first, offset, max(end - 1, 0), low + work)
    paid -= _paid(shop, price, sums, first, offset, start, low)
    ready = 0
    best, best_at = NEVER, low
    is_point = True  # the first start is tried alone, like those at breakpoints
    while True:
        book.looks[0] += 1
        if is_point:
            index = shop.mark_inside[first + start]
            if shop.mark[first + start] == low:
                index = shop.mark_start[first + start]
            cost, chosen = paid, low
            behind = start if work == 0 else end - 1
            done = shop.mark_real[first + behind] + low + work - shop.mark[first + behind]
            if weight > 0:
                cost += _cost_of_end(shop, job, line, done)
            is_point, following, paid_next = False, low, paid
        else:
            if shop.mark[first + end] == low + work:
                end += 1
            index = shop.mark_inside[first + start]
            following = min(shop.mark[first + start + 1], shop.mark[first + end] - work)
            is_point = following == shop.mark[first + start + 1]
            paid_next = _paid(shop, price, sums, first, offset, end - 1, following + work)
            paid_next -= _paid(shop, price, sums, first, offset, start, following)
            done = shop.mark_real[first + end - 1] + low + work - shop.mark[first + end - 1]
            high = following - 1 if is_point else following  # a start at a breakpoint is tried alone
            if high <= low:
                cost = NEVER
            else:
                one, two = paid, paid_next
                if has_table:
                    one += _cost_of_end(shop, job, line, done + 1)
                    two += _cost_of_end(shop, job, line, done + 1)
                elif weight > 0:
                    one += weight * max(done - turn, 0)
                    two += weight * max(done + following - low - turn, 0)
                    one += weight * max(shop.line_floor[line] - shop.line_due[line], 0)
                    two += weight * max(shop.line_floor[line] - shop.line_due[line], 0)
                cost, chosen = (one, low + 1) if one <= two else (two, high)
                done += 1
                if weight > 0 and not has_table and 0 <= turn - done < high - low:
                    middle = low + 1 + turn - done
                    three = _paid(shop, price, sums, first, offset, end - 1, middle + work)
                    three -= _paid(shop, price, sums, first, offset, start, middle)
                    three += weight * max(shop.line_floor[line] - shop.line_due[line], 0)
                    if three < cost:
                        cost, chosen = three, middle
        if cost < NEVER:
            cost += waiting[index] + fee
            if line == NONE:
                place = shop.mark_end[first + end]
                if lag > 0:
                    while ready < beyond and shop.times[ready] < done + lag:
                        ready += 1
                    place = ready
                if cost < table[row, place]:
                    table[row, place], book.at[row, place], book.by[row, place] = cost, chosen, way
            if cost < best:
                best, best_at = cost, chosen
        if start == last - 1 and following > low:
            return best, best_at
        if line == NONE and best <= waiting[beyond] + fee:
            return best, best_at  # no later start costs less
        if weight > 0 and best <= waiting[beyond] + fee + _cost_of_end(shop, job, line, done):
            return best, best_at
        low, paid = following, paid_next
        if is_point and start < last - 1 and shop.mark[first + start + 1] == low:
            start += 1


@inner_kernel
def _index_by(shop, minute):
    """Return the index that stands for "ready by a minute", rounded up."""
    return _first_at_least(shop.times, 0, len(shop.times), minute)


@inner_kernel
def _line_index(shop, job, minute):
    """Return the index by which a job must have ended for its output to arrive by a minute; NONE: it cannot."""
    limit = minute - shop.job_lead[job]
    table = shop.job_timetable[job]
    if table != NONE:
        since, last = shop.timetable_ptr[table], shop.timetable_ptr[table + 1]
        place = _first_at_least(shop.timetable_at, since, last, limit + 1) - 1
        if place < since:
            return NONE
        if place < last - 1:
            limit = shop.timetable_at[place]
    return _index_by(shop, limit)


@inner_kernel
def _take(shop, usage, way, low, part):
    """Add the minutes of one task to what its group is used for; return the index at which it wants things ready."""
    group = shop.way_group[way]
    calendar = shop.group_calendar[group]
    first, last, offset = shop.mark_ptr[calendar], shop.mark_ptr[calendar + 1], shop.group_ptr[group]
    place = _first_at_least(shop.mark, first, last, low + 1) - 1
    ready = shop.mark_start[place] if shop.mark[place] == low else shop.mark_inside[place]
    until = low + shop.way_work[way]
    while low < until and place < last - 1:
        upto = min(until, shop.mark[place + 1])
        usage[offset + place - first] += part * (upto - low)
        low = upto
        place += 1
    return ready


@inner_kernel
def _follow(shop, parts, book, usage, task, index, part):
    """Add the minutes that a job and all it waits for take where they are placed at least cost."""
    size = 1
    book.stack_task[0], book.stack_index[0], book.stack_part[0] = task, index, part
    while size > 0:
        size -= 1
        task, index, part = book.stack_task[size], book.stack_index[size], book.stack_part[size]
        ready = len(shop.times)
        way = book.by[parts.row[task], index]
        if way != NONE:
            ready = _take(shop, usage, way, book.at[parts.row[task], index], part)
        if task > shop.job_ptr[shop.task_job[task]]:
            book.stack_task[size], book.stack_index[size], book.stack_part[size] = task - 1, ready, part
            size += 1
        for link in range(shop.link_ptr[task], shop.link_ptr[task + 1]):
            before = shop.job_ptr[shop.link_job[link] + 1] - 1
            book.stack_task[size], book.stack_index[size] = before, ready
            book.stack_part[size] = part * parts.share[link]
            size += 1


@inner_kernel
def _place_line(shop, parts, book, line):
    """Return the least cost of a line that several jobs serve, and the minute by which it arrives then (NONE: any)."""
    since, until = shop.line_ptr[line], shop.line_ptr[line + 1]
    beyond = len(shop.times)
    lead = shop.job_lead[shop.line_job[since]]
    for entry in range(since, until):
        lead = min(lead, shop.job_lead[shop.line_job[entry]])
    best, best_minute = NEVER, NONE
    for index in range(beyond + 1):
        minute = shop.times[index] + lead if index < beyond else NONE
        late = shop.line_floor[line] - shop.line_due[line]
        if index > 0:
            late = max(late, shop.times[index - 1] + 1 + lead - shop.line_due[line])
        cost = shop.line_weight[line] * max(late, 0)
        for entry in range(since, until):
            job = shop.line_job[entry]
            ready = beyond if index == beyond else _line_index(shop, job, minute)
            if ready == NONE:
                cost = NEVER
                break
            cost += parts.line_share[entry] * book.table[parts.row[shop.job_ptr[job + 1] - 1], ready]
        if cost < best:
            best, best_minute = cost, minute
    return best, best_minute


@inner_kernel
def _place_job(shop, parts, price, book, usage, job):
    """Fill the rows of the tasks of a job; return its least cost if nobody waits for it."""
    last = len(shop.times)
    table, at, by = book.table, book.at, book.by
    for task in range(shop.job_ptr[job], shop.job_ptr[job + 1]):
        row = parts.row[task]
        is_last = task == shop.job_ptr[job + 1] - 1
        line = shop.job_own_line[job] if is_last else NONE
        is_end = line != NONE or (is_last and shop.is_root[job] == 1)
        _wait(shop, parts, book, task)
        for index in range(last + 1):
            table[row, index], by[row, index] = NEVER, NONE
        if shop.task_end[task] != NONE:
            best = book.waiting[last]
            for index in range(_index_by(shop, shop.task_end[task]), last + 1):
                table[row, index] = best
            if line != NONE:
                best += _cost_of_end(shop, job, line, shop.task_end[task])
        else:
            best, best_at, best_by = NEVER, 0, NONE
            for way in range(shop.way_ptr[task], shop.way_ptr[task + 1]):
                lag = 0 if is_last else shop.way_lag[way]
                cost, start = _place(shop, price, book, row, way, job, line, lag)
                if cost < best:
                    best, best_at, best_by = cost, start, way
            if is_end:
                at[row, last], by[row, last] = best_at, best_by
            else:
                for index in range(1, last + 1):
                    if table[row, index - 1] <= table[row, index]:
                        table[row, index] = table[row, index - 1]
                        at[row, index], by[row, index] = at[row, index - 1], by[row, index - 1]
        if is_end:
            _follow(shop, parts, book, usage, task, last, 1.0)
            return best
    return 0.0


@hot_kernel
def price_batch(shop, parts, price, usage, book, chosen):
    """Let some parts place themselves at least cost, given prices; return what they cost and pay.

    Parameters
    ----------
    price, usage
        Price and use of the open minutes of each group in each of its buckets. `usage` is filled. Time behind the last
        moment costs nothing.
    book
        Room for tables.
    chosen
        Parts.
    """
    last = len(shop.times)
    total = 0.0
    for place in range(len(usage)):
        usage[place] = 0.0
    for group in range(len(shop.group_calendar)):
        first = shop.mark_ptr[shop.group_calendar[group]] - shop.group_ptr[group]
        book.sums[shop.group_ptr[group]] = 0.0
        for place in range(shop.group_ptr[group], shop.group_ptr[group + 1] - 2):
            width = shop.mark[first + place + 1] - shop.mark[first + place]
            book.sums[place + 1] = book.sums[place] + price[place] * width
    for number in range(len(chosen)):
        part = chosen[number]
        for place in range(parts.job_ptr[part], parts.job_ptr[part + 1]):
            total += _place_job(shop, parts, price, book, usage, parts.job[place])
        for place in range(parts.line_ptr[part], parts.line_ptr[part + 1]):
            line = parts.line[place]
            cost, minute = _place_line(shop, parts, book, line)
            total += cost
            for entry in range(shop.line_ptr[line], shop.line_ptr[line + 1]):
                job = shop.line_job[entry]
                ready = last if minute == NONE else _line_index(shop, job, minute)
                task = shop.job_ptr[job + 1] - 1
                _follow(shop, parts, book, usage, task, ready, parts.line_share[entry])
    return total


@kernel
def is_overloaded(release, deadline, work, machines, most):
    """Whether tasks surely cannot all be done by their deadlines on equal machines.

    The tasks with all their time in [r, d] need sum(work) minutes there. The machines begin at the earliest with the
    tasks of the least releases, one each, and end with those of the last deadlines (J. Carlier, "Scheduling jobs with
    release dates and tails on identical machines to minimize the makespan", EJOR 29 (1987); for one machine this is as
    strong as Jackson's preemptive schedule).

    Parameters
    ----------
    release, deadline, work
        Shape (n): in open minutes.
    machines
        How many machines there are.
    most
        Deadlines d that are looked at, at most.
    """
    count = len(work)
    by_release = np.argsort(-release)
    ends = np.sort(deadline)
    lasts = np.empty(machines, dtype=np.int64)
    firsts = np.empty(machines, dtype=np.int64)
    step = max(1, count // most)
    for place in range(count - 1, -1, -step):
        until = ends[place]
        load, size, head, tail = 0, 0, 0, 0
        for task in by_release:
            if deadline[task] > until:
                continue
            load += work[task]
            if size >= machines:
                head -= firsts[size % machines]
            firsts[size % machines] = release[task]
            head += release[task]
            if size < machines:
                slot = size
                tail += deadline[task]
            elif deadline[task] > lasts[machines - 1]:
                slot = machines - 1
                tail += deadline[task] - lasts[slot]
            else:
                slot = NONE
            while slot > 0 and lasts[slot - 1] < deadline[task]:
                lasts[slot] = lasts[slot - 1]
                slot -= 1
            if slot != NONE:
                lasts[slot] = deadline[task]
            size += 1
            if size >= machines and load > tail - head:
                return True
            if size < machines and load > machines * (until - release[task]):
                return True
    return False
