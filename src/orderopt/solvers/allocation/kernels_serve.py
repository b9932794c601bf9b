"""Kernels that serve whole lines: by the cheapest slots, as a choice says, or elsewhere than before."""

from __future__ import annotations

import numpy as np

from orderopt.solvers.allocation.kernels_state import late_of, lift, line_cost, pools_for, put, room_for
from orderopt.solvers.compiled.jit import hot_kernel


@hot_kernel
def lawful_part(lines, line, left, lots):
    """Return the largest part of at most some lots of those left such that neither it nor the rest is too small."""
    if lines.lots[line] == 1:
        return 1 if lots >= left else 0
    least = lines.least_lots[line]
    if lots >= left:
        return left if left >= least else 0
    lots = min(lots, left - least)
    return lots if lots >= least else 0


@hot_kernel
def part_for(slots, room, need, line, option, bucket, left):
    """Return how many of the lots left an option can serve lawfully, and what the pools charge."""
    lots = lawful_part(slots.lines, line, left, room_for(slots.loads, room, option, bucket, left))
    if lots == 0 or slots.draws.ptr[option] == slots.draws.ptr[option + 1]:
        return lots, 0.0
    drawn, charged = pools_for(slots.draws, slots.pools, need, option, lots)
    if drawn < lots:
        lots = lawful_part(slots.lines, line, left, drawn)
        if lots > 0:
            drawn, charged = pools_for(slots.draws, slots.pools, need, option, lots)
    return lots, charged


@hot_kernel
def within_quota(draws, pools, need, option, lots):
    """Return how many of some lots an option can serve before a quota is reached."""
    for entry in range(draws.ptr[option], draws.ptr[option + 1]):
        pool = draws.pool[entry]
        if pools.is_quota[pool] == 1:
            left = pools.amount[pool] - need[pool] + 1e-9 * max(1.0, pools.amount[pool])
            lots = min(lots, max(0, int(left / draws.amount[entry])))
    return lots


@hot_kernel
def serve(slots, state, line, score, price_pools):
    """Serve what is left of a line by the slots that cost least for a lot; returns what the pools charge.

    Parameters
    ----------
    score
        Shape (S): cost of each slot for the whole line, with whatever prices.
    price_pools
        Whether what the pools charge counts in the choice (else prices of pools are in `score`).
    """
    whole, left = slots.lines.lots[line], slots.lines.lots[line]
    late, pool_cost = 0.0, 0.0
    first, last = slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]
    for option in range(first, last):
        if state.lots[option] > 0:
            left -= state.lots[option]
            late = max(late, late_of(slots.options, slots.places, option, state.bucket[option]))
    while left > 0:
        best, best_lots, best_rate = -1, 0, slots.lines.unserved[line] / whole
        for option in range(first, last):
            if state.lots[option] > 0:
                continue
            fixed = slots.options.fixed_cost[option]
            for slot in range(slots.options.slot_ptr[option], slots.options.slot_ptr[option + 1]):
                own_late = slots.places.late[slot]
                more_late = max(0.0, own_late - late)
                if whole == 1 and score[slot] >= best_rate:
                    continue
                lots = room_for(slots.loads, state.room, option, slots.places.bucket[slot], left)
                lots, charged = lawful_part(slots.lines, line, left, lots), 0.0
                if lots > 0 and slots.draws.ptr[option] < slots.draws.ptr[option + 1]:
                    lots, charged = part_for(
                        slots, state.room, state.need, line, option, slots.places.bucket[slot], left
                    )
                if lots == 0:
                    continue
                cost = (score[slot] - own_late - fixed) * lots / whole + fixed + more_late
                if price_pools:
                    cost += charged
                if cost / lots < best_rate:
                    best, best_lots, best_rate = slot, lots, cost / lots
                if slots.pools.has_quotas[0] == 1 and price_pools and charged > 0.0 and whole > 1:
                    fewer = within_quota(slots.draws, slots.pools, state.need, option, lots)
                    fewer = lawful_part(slots.lines, line, left, fewer) if fewer < lots else 0
                    if fewer > 0:
                        fewer, charged = pools_for(slots.draws, slots.pools, state.need, option, fewer)
                    if fewer > 0:
                        cost = (score[slot] - own_late - fixed) * fewer / whole + fixed + more_late + charged
                        if cost / fewer < best_rate:
                            best, best_lots, best_rate = slot, fewer, cost / fewer
        if best < 0:
            break
        pool_cost += put(slots, state, slots.places.option[best], slots.places.bucket[best], best_lots)
        late = max(late, slots.places.late[best])
        left -= best_lots
    return pool_cost


@hot_kernel
def serve_in_order(slots, state, order, score, price_pools):
    """Serve what is left of lines, one after the other."""
    for place in range(len(order)):
        serve(slots, state, order[place], score, price_pools)


@hot_kernel
def top_up(slots, state, order):
    """Let options of lines that are served in part serve more, as far as there is room; else lift such lines."""
    for at in range(len(order)):
        line = order[at]
        left = slots.lines.lots[line]
        first, last = slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]
        for option in range(first, last):
            left -= state.lots[option]
        if left == slots.lines.lots[line]:
            continue
        for option in range(first, last):
            lots, bucket = state.lots[option], state.bucket[option]
            if lots == 0 or left == 0:
                continue
            lift(slots, state, option)
            more = room_for(slots.loads, state.room, option, bucket, lots + left)
            more, _ = pools_for(slots.draws, slots.pools, state.need, option, more)
            more = max(more, lots)
            put(slots, state, option, bucket, more)
            left -= more - lots
        if left > 0 and left < slots.lines.least_lots[line]:
            for option in range(first, last):
                if state.lots[option] > 0:
                    lift(slots, state, option)


@hot_kernel
def adopt(slots, state, lots, bucket):
    """Serve lines as a choice says, as far as that is lawful; what is not, is left for others to serve.

    A part moves to the next later bucket that is a slot, and is dropped where it fits no more.
    """
    for option in range(len(lots)):
        if lots[option] <= 0:
            continue
        line = slots.options.line[option]
        if slots.lines.lots[line] > 1 and lots[option] < slots.lines.least_lots[line]:
            continue
        for slot in range(slots.options.slot_ptr[option], slots.options.slot_ptr[option + 1]):
            if slots.places.bucket[slot] < bucket[option]:
                continue
            if room_for(slots.loads, state.room, option, slots.places.bucket[slot], lots[option]) < lots[option]:
                continue
            drawn, _ = pools_for(slots.draws, slots.pools, state.need, option, lots[option])
            if drawn == lots[option]:
                put(slots, state, option, slots.places.bucket[slot], lots[option])
            break


@hot_kernel
def find_regrets(slots, score, regret):
    """Fill for each line what its second best option (or to stay unserved) costs more than its best."""
    for line in range(len(slots.lines.lots)):
        best, second = slots.lines.unserved[line], slots.lines.unserved[line]
        for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
            own = np.inf
            for slot in range(slots.options.slot_ptr[option], slots.options.slot_ptr[option + 1]):
                own = min(own, score[slot])
            if own < best:
                best, second = own, best
            elif own < second:
                second = own
        regret[line] = second - best


@hot_kernel
def find_losses(slots, state, unit, score, loss):
    """Fill for each line that a unit serves what it loses elsewhere, for a quantity; infinity for other lines."""
    for line in range(len(slots.lines.lots)):
        served, elsewhere = False, slots.lines.unserved[line]
        for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
            if slots.options.unit[option] == unit:
                served = served or state.lots[option] > 0
            else:
                for slot in range(slots.options.slot_ptr[option], slots.options.slot_ptr[option + 1]):
                    elsewhere = min(elsewhere, score[slot])
        loss[line] = np.inf
        if served:
            cost = line_cost(slots.lines, slots.options, slots.places, state.lots, state.bucket, line)
            quantity = slots.options.quantity[slots.lines.option_ptr[line]] * slots.lines.lots[line]
            loss[line] = (elsewhere - cost) / max(quantity, 1e-12)


@hot_kernel
def give_up(slots, state, unit, order, score):
    """Let a unit that makes more than its share give up lines, in an order, to whom `score` lets them go."""
    for place in range(len(order)):
        total = 0.0
        for other in range(len(state.made)):
            total += state.made[other]
        if state.made[unit] - slots.units.share[unit] * total <= 1e-9:
            break
        line = order[place]
        for option in range(slots.lines.option_ptr[line], slots.lines.option_ptr[line + 1]):
            if state.lots[option] > 0 and slots.options.unit[option] == unit:
                lift(slots, state, option)
        serve(slots, state, line, score, True)
