"""Kernels that put parts of lines into slots and lift them out again, and tell what that costs."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel

CLOSE = 1e-7
"""Minutes and quantities that adding up fractions may be off."""


@hot_kernel
def room_for(loads, room, option, bucket, lots):
    """Return how many of some lots the minutes leave room for."""
    for load in range(loads.ptr[option], loads.ptr[option + 1]):
        there = room[loads.group[load], bucket]
        each, fixed = loads.minutes[load], loads.fixed[load]
        if each * lots + fixed <= there + CLOSE or each * lots + fixed <= 0:
            continue
        if each <= 0 or there + CLOSE < fixed + each:
            return 0
        lots = min(lots, int((there + CLOSE - fixed) / each))
    return lots


@hot_kernel
def draw(pools, need, pool, amount):
    """Draw an amount from a pool (put back a negative one); returns what that costs, infinity where it is not there.

    What is beyond the pool is bought, or made from what goes into it.
    """
    close = 1e-9 * max(1.0, abs(pools.amount[pool]))
    before = need[pool] - pools.amount[pool]
    need[pool] += amount
    beyond = need[pool] - pools.amount[pool]
    change = (beyond if beyond > close else 0.0) - (before if before > close else 0.0)
    if change == 0.0:
        return 0.0
    if pools.is_made[pool] == 1:
        cost = change * pools.make[pool]
        for part in range(pools.recipe_ptr[pool], pools.recipe_ptr[pool + 1]):
            cost += draw(pools, need, pools.recipe_pool[part], change * pools.recipe_amount[part])
        return cost
    if pools.buy[pool] == np.inf:
        return np.inf if change > 0 else 0.0
    return change * pools.buy[pool]


@hot_kernel
def draw_all(draws, pools, need, option, lots):
    """Draw what some lots of an option take (negative lots put it back); returns what that costs."""
    cost = 0.0
    for entry in range(draws.ptr[option], draws.ptr[option + 1]):
        cost += draw(pools, need, draws.pool[entry], draws.amount[entry] * lots)
    return cost


@hot_kernel
def pools_for(draws, pools, need, option, lots):
    """Return how many of some lots the pools leave, and what drawing them costs."""
    if draws.ptr[option] == draws.ptr[option + 1]:
        return lots, 0.0
    high = lots + 1  # too many
    low, low_cost = 0, 0.0  # not too many
    tried = lots
    while tried > low:
        cost = draw_all(draws, pools, need, option, tried)
        draw_all(draws, pools, need, option, -tried)
        if cost < np.inf:
            low, low_cost = tried, cost
        else:
            high = tried
        tried = (low + high) // 2
    return low, low_cost


@hot_kernel
def unit_cost(units, made, worked):
    """Return the cost of an uneven load, and of what is above the units' shares."""
    if units.are_counted[0] == 0:
        return 0.0
    total, above = 0.0, 0.0
    high, low = -np.inf, np.inf
    for unit in range(len(made)):
        total += made[unit]
        if units.capacity[unit] > 0:
            relative = worked[unit] / units.capacity[unit]
            high, low = max(high, relative), min(low, relative)
    cost = units.fairness[0] * (high - low) if units.fairness[0] > 0 else 0.0
    for unit in range(len(made)):
        above += max(0.0, made[unit] - units.share[unit] * total)
    if above > 1e-9:
        cost += 4.0 * units.share_cost[0] * above / total  # dearer than the cost charged: a share is a rule
    return cost


@hot_kernel
def line_cost(lines, options, places, lots, bucket, line):
    """Return what a line costs: its parts, lateness once for the latest, and what is not served."""
    cost, late, served = 0.0, 0.0, 0
    for option in range(lines.option_ptr[line], lines.option_ptr[line + 1]):
        if lots[option] == 0:
            continue
        served += lots[option]
        cost += lots[option] * options.lot_cost[option] + options.fixed_cost[option]
        late = max(late, late_of(options, places, option, bucket[option]))
    return cost + late + lines.unserved[line] * (1.0 - served / lines.lots[line])


@hot_kernel
def late_of(options, places, option, bucket):
    """Return the cost of lateness of an option that is ready in a bucket."""
    for slot in range(options.slot_ptr[option], options.slot_ptr[option + 1]):
        if places.bucket[slot] >= bucket:
            return places.late[slot]
    return 0.0 if options.slot_ptr[option] == options.slot_ptr[option + 1] else np.inf


@hot_kernel
def put(slots, state, option, bucket, lots):
    """Let an option serve some lots more (none before); returns what the pools charge."""
    state.lots[option], state.bucket[option] = lots, bucket
    _work(slots.loads, state.left, state.room, option, bucket, lots, 1.0)
    _make(slots.options, state.made, state.worked, option, lots)
    if state.is_member[slots.options.line[option]] == 1:
        for load in range(slots.loads.ptr[option], slots.loads.ptr[option + 1]):
            _enlist(state.members, slots.loads.group[load], load)
        for entry in range(slots.draws.ptr[option], slots.draws.ptr[option + 1]):
            row = state.left.shape[0] + slots.draws.pool[entry]
            _enlist(state.members, row, len(slots.loads.group) + entry)
    return draw_all(slots.draws, slots.pools, state.need, option, lots)


@hot_kernel
def lift(slots, state, option):
    """Let an option serve nothing; returns what the pools charge (or give back)."""
    lots, bucket = state.lots[option], state.bucket[option]
    _work(slots.loads, state.left, state.room, option, bucket, lots, -1.0)
    _make(slots.options, state.made, state.worked, option, -lots)
    if state.is_member[slots.options.line[option]] == 1:
        for load in range(slots.loads.ptr[option], slots.loads.ptr[option + 1]):
            _dismiss(state.members, slots.loads.group[load], load)
        for entry in range(slots.draws.ptr[option], slots.draws.ptr[option + 1]):
            row = state.left.shape[0] + slots.draws.pool[entry]
            _dismiss(state.members, row, len(slots.loads.group) + entry)
    state.lots[option] = 0
    return draw_all(slots.draws, slots.pools, state.need, option, -lots)


@hot_kernel
def _enlist(members, row, entry):
    """Add a load or draw to the members of its group or pool."""
    at = members.ptr[row] + members.size[row]
    members.entry[at], members.place[entry] = entry, at
    members.size[row] += 1


@hot_kernel
def _dismiss(members, row, entry):
    """Take a load or draw from the members of its group or pool."""
    members.size[row] -= 1
    last = members.entry[members.ptr[row] + members.size[row]]
    members.entry[members.place[entry]] = last
    members.place[last] = members.place[entry]


@hot_kernel
def _work(loads, left, room, option, bucket, lots, sign):
    """Take the minutes of some lots, or give them back."""
    last = left.shape[1] - 2
    for load in range(loads.ptr[option], loads.ptr[option + 1]):
        group = loads.group[load]
        minutes = sign * (loads.minutes[load] * lots + loads.fixed[load])
        least = np.inf
        for place in range(last, -1, -1):
            if place >= bucket:
                left[group, place] -= minutes
            least = min(least, left[group, place])
            room[group, place] = least


@hot_kernel
def _make(options, made, worked, option, lots):
    """Count what a unit makes more (or less, where lots are negative)."""
    unit = options.unit[option]
    if unit >= 0:
        made[unit] += options.quantity[option] * lots
        worked[unit] += options.minutes[option] * lots


@hot_kernel
def lift_line(slots, state, line):
    """Lift all parts of a line and log them; returns what the pools charge (or give back)."""
    cost = 0.0
    for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
        if state.lots[option] > 0:
            at = state.log.size[0]
            state.log.option[at], state.log.bucket[at] = option, state.bucket[option]
            state.log.lots[at] = state.lots[option]
            state.log.size[0] += 1
            cost += lift(slots, state, option)
    return cost


@hot_kernel
def undo(slots, state, size):
    """Put back what was lifted since the log had a size; the lines concerned must serve nothing now."""
    while state.log.size[0] > size:
        state.log.size[0] -= 1
        at = state.log.size[0]
        put(slots, state, state.log.option[at], state.log.bucket[at], state.log.lots[at])


@hot_kernel
def whole_cost(slots, state):
    """Return what all that is chosen costs, shares as :func:`unit_cost` counts them."""
    total = unit_cost(slots.units, state.made, state.worked)
    for line in range(len(slots.lines.lots)):
        total += line_cost(slots.lines, slots.options, slots.places, state.lots, state.bucket, line)
    for place in range(len(slots.pools.order)):
        pool = slots.pools.order[place]
        beyond = state.need[pool] - slots.pools.amount[pool]
        if beyond > 1e-9 * max(1.0, abs(slots.pools.amount[pool])):
            total += beyond * (slots.pools.make[pool] if slots.pools.is_made[pool] == 1 else slots.pools.buy[pool])
    return total
