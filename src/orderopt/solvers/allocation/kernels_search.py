"""The kernel of local search: ejection chains under simulated annealing, with exact costs.

A move lifts a line, puts it into another of its good slots and, where that is full, ejects a line that is in the way,
which goes where it costs least, ejecting another if need be (a chain, after [1]_). All is taken back unless the
change in cost is accepted [2]_. Slots are good if, with all prices counted, they cost little more than the line's best.

References
----------
.. [1] M. Yagiura, T. Ibaraki, F. Glover, An ejection chain approach for the generalized assignment problem, INFORMS
   Journal on Computing 16 (2004).
.. [2] S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Optimization by simulated annealing, Science 220 (1983).
"""

from __future__ import annotations

import numpy as np

from orderopt.solvers.allocation.kernels_serve import part_for, serve
from orderopt.solvers.allocation.kernels_state import lift, lift_line, line_cost, put, undo, unit_cost
from orderopt.solvers.allocation.state import DEPTH
from orderopt.solvers.compiled.jit import hot_kernel, kernel

LOOKED_AT = 12
"""Lines that are looked at to find one to eject."""

REACH = 20.0
"""Loss, in temperatures, at which a chain is broken off."""


@kernel
def good_slots(slots, score, width):
    """Return slots that cost at most `width` more than the best of their line.

    Returns
    -------
    good_ptr, good
        Shapes (L + 1), (...): the good slots of each line.
    best
        Shape (L): cost of the best.
    """
    num_lines = len(slots.lines.lots)
    good_ptr, best = np.zeros(num_lines + 1, dtype=np.int64), slots.lines.unserved.copy()
    good = np.empty(len(score), dtype=np.int64)
    count = 0
    for line in range(num_lines):
        first = slots.options.slot_ptr[slots.lines.option_ptr[line]]
        last = slots.options.slot_ptr[slots.lines.option_ptr[line + 1]]
        for slot in range(first, last):
            best[line] = min(best[line], score[slot])
        for slot in range(first, last):
            if score[slot] <= best[line] + width:
                good[count] = slot
                count += 1
        good_ptr[line + 1] = count
    return good_ptr, good[:count].copy(), best


@hot_kernel
def _in_the_way(slots, state, option, bucket, guide, limit):
    """Return a line whose lifting would make room for an option in a bucket, -1 if all lose more than a limit.

    What is lost is what the line's next best slot costs more, and the price of what is left over of the minutes, or of
    the pool, that were short.
    """
    lots = slots.lines.lots[slots.options.line[option]]
    loads, draws, pools = slots.loads, slots.draws, slots.pools
    for load in range(loads.ptr[option], loads.ptr[option + 1]):
        group = loads.group[load]
        short = loads.minutes[load] * lots + loads.fixed[load] - state.room[group, bucket]
        if short <= 1e-9:
            continue
        binding = bucket  # the bucket up to which minutes are short
        while state.left[group, binding] > state.room[group, bucket] + 1e-9:
            binding += 1
        return _least_loss(slots, state, guide, group, short, binding, guide.minute_price[group, bucket], limit)
    for entry in range(draws.ptr[option], draws.ptr[option + 1]):
        pool = draws.pool[entry]
        short = draws.amount[entry] * lots + state.need[pool] - pools.amount[pool]
        if short <= 1e-9 or pools.is_made[pool] == 1 or pools.buy[pool] < np.inf:
            continue
        row = state.left.shape[0] + pool
        return _least_loss(slots, state, guide, row, short, state.left.shape[1], guide.pool_price[pool], limit)
    return -1


@hot_kernel
def _least_loss(slots, state, guide, row, short, binding, price, limit):
    """Return, of some members of a group or pool, the line that loses least.

    One that frees only a part of what is short counts as if the rest were freed at the same loss.
    """
    found, least = -1, np.inf
    members = state.members
    num_loads = len(slots.loads.group)
    for _ in range(LOOKED_AT if members.size[row] > 0 else 0):
        entry = members.entry[members.ptr[row] + np.random.randint(0, members.size[row])]
        if entry < num_loads:
            other = slots.loads.option[entry]
            freed = slots.loads.minutes[entry] * state.lots[other] + slots.loads.fixed[entry]
        else:
            other = slots.draws.option[entry - num_loads]
            freed = slots.draws.amount[entry - num_loads] * state.lots[other]
        if state.bucket[other] > binding or freed <= 1e-9:
            continue
        line = slots.options.line[other]
        away, now = np.inf, np.inf
        for place in range(guide.good_ptr[line], guide.good_ptr[line + 1]):
            slot = guide.good[place]
            if slots.places.option[slot] != other:
                away = min(away, guide.score[slot])
            elif slots.places.bucket[slot] == state.bucket[other]:
                now = guide.score[slot]
        loss = away - (now if now < np.inf else guide.best[line])
        if loss > limit:
            continue
        if freed >= short - 1e-9:
            loss += price * (freed - short)
        else:
            loss *= short / freed
        if loss < least and loss <= limit:
            found, least = line, loss
    return found


@hot_kernel
def _fitting(slots, state, line, guide):
    """Return the best good slot into which the whole line fits, or -1."""
    best, cost = -1, np.inf
    for place in range(guide.good_ptr[line], guide.good_ptr[line + 1]):
        slot = guide.good[place]
        if guide.score[slot] < cost:
            part, _ = part_for(
                slots, state.room, state.need, line, slots.places.option[slot], slots.places.bucket[slot],
                slots.lines.lots[line],
            )  # fmt: skip
            if part == slots.lines.lots[line]:
                best, cost = slot, guide.score[slot]
    return best


@hot_kernel
def _chain(slots, state, guide, slot, moved, limit):
    """Put a line into a slot, ejecting what is in the way; returns the change of cost and how many lines moved.

    Lines and pools only; the caller adds what units cost. A chain that loses more than a limit, all prices counted,
    is broken off: the change is infinite then, and lines are lifted that serve nothing.
    """
    lines, options, places = slots.lines, slots.options, slots.places
    line = options.line[places.option[slot]]
    moved[0], count, placed = line, 1, 0
    change = -line_cost(lines, options, places, state.lots, state.bucket, line)
    loss = guide.score[slot] - _score_of(slots, state, guide, line)
    if loss > limit:
        return np.inf, 0
    change += lift_line(slots, state, line)
    target = slot
    while placed < count:
        line = moved[placed]
        placed += 1
        whole = lines.lots[line]
        if target < 0:
            target = _fitting(slots, state, line, guide)
            if target < 0 and count < DEPTH and guide.good_ptr[line + 1] > guide.good_ptr[line]:
                target = guide.good[np.random.randint(guide.good_ptr[line], guide.good_ptr[line + 1])]
            loss += (guide.score[target] if target >= 0 else lines.unserved[line]) - guide.best[line]
        part = 0
        if target >= 0:
            option, bucket = places.option[target], places.bucket[target]
            part, _ = part_for(slots, state.room, state.need, line, option, bucket, whole)
            split = part > 0 and np.random.random() < 0.5
            while part < whole and not split and count < DEPTH:
                other = _in_the_way(slots, state, option, bucket, guide, limit - loss)
                known = other < 0
                for place in range(count):
                    known = known or moved[place] == other
                if known:
                    break
                moved[count] = other
                count += 1
                loss -= _score_of(slots, state, guide, other) - guide.best[other]
                change -= line_cost(lines, options, places, state.lots, state.bucket, other)
                change += lift_line(slots, state, other)
                part, _ = part_for(slots, state.room, state.need, line, option, bucket, whole)
            if part > 0:
                change += put(slots, state, option, bucket, part)
        if part < whole:
            if lines.lots[line] == 1:
                return np.inf, count
            change += serve(slots, state, line, places.cost, True)
        if loss > limit:
            return np.inf, count
        change += line_cost(lines, options, places, state.lots, state.bucket, line)
        target = -1
    return change, count


@hot_kernel
def _score_of(slots, state, guide, line):
    """Return what a line costs now, with all prices; of a split line, what its dearest good slot does."""
    score = -np.inf
    for place in range(guide.good_ptr[line], guide.good_ptr[line + 1]):
        slot = guide.good[place]
        option = slots.places.option[slot]
        if state.lots[option] > 0 and state.bucket[option] == slots.places.bucket[slot]:
            score = max(score, guide.score[slot])
    return score if score > -np.inf else slots.lines.unserved[line]


@hot_kernel
def take_back(slots, state, moved, count):
    """Put the lines that a chain moved back to where they were."""
    for place in range(count):
        line = moved[place]
        for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
            if state.lots[option] > 0:
                lift(slots, state, option)
    undo(slots, state, 0)


@hot_kernel
def fill_in(slots, state, guide, tries, seed):
    """Try to serve lines that are not served whole, by chains that lower the cost; returns the change of cost."""
    np.random.seed(seed)
    moved = state.log.moved
    total = 0.0
    for line in range(len(slots.lines.lots)):
        first = slots.options.slot_ptr[slots.lines.option_ptr[line]]
        last = slots.options.slot_ptr[slots.lines.option_ptr[line + 1]]
        for _ in range(tries if last > first else 0):
            served = 0
            for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
                served += state.lots[option]
            if served == slots.lines.lots[line]:
                break
            before = unit_cost(slots.units, state.made, state.worked)
            state.log.size[0] = 0
            change, count = _chain(slots, state, guide, np.random.randint(first, last), moved, np.inf)
            change += unit_cost(slots.units, state.made, state.worked) - before
            if change < 0:
                total += change
            else:
                take_back(slots, state, moved, count)
    return total


@hot_kernel
def anneal(slots, state, guide, num_moves, done, planned, hot, seed, cost, best_lots, best_bucket, best):
    """Make some moves and keep the best choice that is met.

    Parameters
    ----------
    num_moves, done, planned
        Moves to make now, made before, and in all; the temperature falls from `hot` to a thousandth of it.
    cost, best
        Cost of the state, and of the best choice, which stands in `best_lots` and `best_bucket`.

    Returns
    -------
    cost, best
    """
    np.random.seed(seed)
    moved, changed = state.log.moved, state.log.changed
    num_changed = len(changed) + 1  # the state may differ from the best in all lines
    for move in range(num_moves):
        temperature = hot * 0.02 ** ((done + move) / planned)
        slot = guide.movers[np.random.randint(0, len(guide.movers))]
        option = slots.places.option[slot]
        line = slots.options.line[option]
        if state.lots[option] == slots.lines.lots[line] and state.bucket[option] == slots.places.bucket[slot]:
            continue
        before = unit_cost(slots.units, state.made, state.worked)
        state.log.size[0] = 0
        change, count = _chain(slots, state, guide, slot, moved, REACH * temperature)
        change += unit_cost(slots.units, state.made, state.worked) - before
        if change > 0 and np.random.random() >= np.exp(-change / temperature):
            take_back(slots, state, moved, count)
            continue
        cost += change
        for place in range(count):
            if num_changed < len(changed):
                changed[num_changed] = moved[place]
            num_changed += 1
        if cost < best - 1e-9 * abs(best):
            best = cost
            if num_changed > len(changed):
                for option in range(len(best_lots)):
                    best_lots[option], best_bucket[option] = state.lots[option], state.bucket[option]
            else:
                for place in range(num_changed):
                    line = changed[place]
                    for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
                        best_lots[option], best_bucket[option] = state.lots[option], state.bucket[option]
            num_changed = 0
    return cost, best
