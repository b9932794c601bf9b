"""Kernels of Lagrangian relaxation: prices on minutes, pools, shares and loads, and the bound that they prove.

What is scarce is priced, and each line takes the slot that is cheapest with all prices counted; what that costs, less
what the open minutes and the pools are worth, is a bound [1]_. The price of a minute of a group falls from bucket to
bucket, because what is ready early needs its minutes early; a step along the subgradient is therefore followed by the
nearest falling prices, found by pooling adjacent violators [2]_.

References
----------
.. [1] M. L. Fisher, The Lagrangian relaxation method for solving integer programming problems, Management Science 27
   (1981).
.. [2] M. J. Best, N. Chakravarti, Active set algorithms for isotonic regression, Mathematical Programming 47 (1990).
"""

from __future__ import annotations

import numpy as np

from orderopt.solvers.compiled.jit import hot_kernel, kernel

GAIN = 0.01
"""Share of the rise by which a bound must be better to count as a gain."""

GROWTH = 1.2
"""How much the rise grows with a gain."""


@kernel
def price_slots(slots, minute_price, pool_price, unit_price):
    """Return the cost of each slot with all prices counted, shape (S)."""
    score = slots.places.cost.copy()
    option_line, option_slot, slot_bucket = slots.options.line, slots.options.slot_ptr, slots.places.bucket
    load_ptr, load_group = slots.loads.ptr, slots.loads.group
    load_minutes, load_fixed = slots.loads.minutes, slots.loads.fixed
    for option in range(len(option_line)):
        lots = slots.lines.lots[option_line[option]]
        flat = _flat_price(
            option, lots, slots.draws.ptr, slots.draws.pool, slots.draws.amount, pool_price, slots.options.unit,
            slots.options.quantity, slots.options.minutes, unit_price, slots.units.are_counted[0],
        )  # fmt: skip
        for slot in range(option_slot[option], option_slot[option + 1]):
            score[slot] += flat
        for load in range(load_ptr[option], load_ptr[option + 1]):
            minutes = load_minutes[load] * lots + load_fixed[load]
            group = load_group[load]
            for slot in range(option_slot[option], option_slot[option + 1]):
                score[slot] += minutes * minute_price[group, slot_bucket[slot]]
    return score


@hot_kernel
def _flat_price(
    option, lots, draw_ptr, draw_pool, draw_amount, pool_price, option_unit, option_each, unit_minutes, unit_price,
    has_units,
):  # fmt: skip
    """Return what an option pays for pools, shares and the spread of loads, in whatever bucket it is ready."""
    price = 0.0
    for draw in range(draw_ptr[option], draw_ptr[option + 1]):
        price += draw_amount[draw] * lots * pool_price[draw_pool[draw]]
    unit = option_unit[option]
    if unit >= 0 and has_units == 1:
        price += unit_price[0, unit] * option_each[option] * lots
        price += unit_price[1, unit] * unit_minutes[option] * lots
    return price


@kernel
def fall(values):
    """Replace values by the nearest that fall from one to the next and are never below zero."""
    size = len(values)
    mean, weight = np.empty(size), np.empty(size, dtype=np.int64)
    blocks = 0
    for place in range(size):
        mean[blocks], weight[blocks] = values[place], 1
        blocks += 1
        while blocks > 1 and mean[blocks - 1] > mean[blocks - 2]:
            total = weight[blocks - 1] + weight[blocks - 2]
            mean[blocks - 2] = (mean[blocks - 1] * weight[blocks - 1] + mean[blocks - 2] * weight[blocks - 2]) / total
            weight[blocks - 2] = total
            blocks -= 1
    place = 0
    for block in range(blocks):
        for _ in range(weight[block]):
            values[place] = max(0.0, mean[block])
            place += 1


@hot_kernel
def _keep_pool_prices(pools, pool_price):
    """Keep the price of a pool to what buying or making costs at the prices of what goes into it."""
    for place in range(len(pool_price) - 1, -1, -1):
        pool = pools.order[place]
        price = min(max(0.0, pool_price[pool]), pools.buy[pool])
        if pools.make[pool] < np.inf:
            made = pools.make[pool]
            for need in range(pools.recipe_ptr[pool], pools.recipe_ptr[pool + 1]):
                made += pools.recipe_amount[need] * pool_price[pools.recipe_pool[need]]
            price = min(price, made)
        pool_price[pool] = price


@hot_kernel
def _settle_pools(pools, pool_price, drawn):
    """Buy or make what is drawn beyond pools whose price is as high as it may be, so that nothing is short there."""
    for place in range(len(pool_price)):
        pool = pools.order[place]
        beyond = drawn[pool] - pools.amount[pool]
        if beyond <= 0:
            continue
        made = pools.make[pool]
        for need in range(pools.recipe_ptr[pool], pools.recipe_ptr[pool + 1]):
            made += pools.recipe_amount[need] * pool_price[pools.recipe_pool[need]]
        if pool_price[pool] >= pools.buy[pool] * (1 - 1e-9):
            drawn[pool] -= beyond
        elif pool_price[pool] >= made * (1 - 1e-9):
            drawn[pool] -= beyond
            for need in range(pools.recipe_ptr[pool], pools.recipe_ptr[pool + 1]):
                drawn[pools.recipe_pool[need]] += beyond * pools.recipe_amount[need]


@hot_kernel
def _keep_unit_prices(units, share_price, spread_price, unit_price):
    """Keep the prices of shares and of loads lawful, and put them together by unit: of a quantity, and of a minute.

    The price of the spread is the fairness weight dealt out over the units' loads as the highest, less the same as the
    lowest; `spread_price` holds both as points of a simplex.
    """
    worth = 0.0
    for unit in range(len(share_price)):
        if units.share[unit] >= 1.0:
            share_price[unit] = 0.0
        share_price[unit] = max(0.0, share_price[unit])
        worth += share_price[unit] * units.share[unit]
    for unit in range(len(share_price)):
        unit_price[0, unit] = share_price[unit] - worth
        unit_price[1, unit] = 0.0
        if units.fairness[0] > 0 and units.capacity[unit] > 0:
            spread = spread_price[0, unit] - spread_price[1, unit]
            unit_price[1, unit] = units.fairness[0] * spread / units.capacity[unit]


@hot_kernel
def _evaluate(slots, minute_price, pool_price, unit_price, worked, drawn, made, minutes_made):
    """Let each line choose; returns what that costs with all prices, and fills what is taken of each scarce thing."""
    for group in range(worked.shape[0]):
        for bucket in range(worked.shape[1]):
            worked[group, bucket] = 0.0
    for pool in range(len(drawn)):
        drawn[pool] = 0.0
    for unit in range(len(made)):
        made[unit], minutes_made[unit] = 0.0, 0.0
    option_ptr, option_slot = slots.lines.option_ptr, slots.options.slot_ptr
    slot_bucket, slot_cost = slots.places.bucket, slots.places.cost
    load_ptr, load_group = slots.loads.ptr, slots.loads.group
    load_minutes, load_fixed = slots.loads.minutes, slots.loads.fixed
    draw_ptr, draw_pool, draw_amount = slots.draws.ptr, slots.draws.pool, slots.draws.amount
    option_unit, option_each, unit_minutes = slots.options.unit, slots.options.quantity, slots.options.minutes
    has_units = slots.units.are_counted[0]
    has_flat = has_units == 1 or len(draw_pool) > 0
    total = 0.0
    for line in range(len(slots.lines.lots)):
        best, option, cost, lots = -1, -1, slots.lines.unserved[line], slots.lines.lots[line]
        for other in range(option_ptr[line], option_ptr[line + 1]):
            flat = 0.0
            if has_flat:
                flat = _flat_price(
                    other, lots, draw_ptr, draw_pool, draw_amount, pool_price, option_unit, option_each, unit_minutes,
                    unit_price, has_units,
                )  # fmt: skip
            for slot in range(option_slot[other], option_slot[other + 1]):
                score = slot_cost[slot] + flat
                for load in range(load_ptr[other], load_ptr[other + 1]):
                    minutes = load_minutes[load] * lots + load_fixed[load]
                    score += minutes * minute_price[load_group[load], slot_bucket[slot]]
                if score < cost:
                    best, option, cost = slot, other, score
        total += cost
        if best < 0:
            continue
        bucket = slot_bucket[best]
        for load in range(load_ptr[option], load_ptr[option + 1]):
            worked[load_group[load], bucket] += load_minutes[load] * lots + load_fixed[load]
        for draw in range(draw_ptr[option], draw_ptr[option + 1]):
            drawn[draw_pool[draw]] += draw_amount[draw] * lots
        unit = option_unit[option]
        if unit >= 0:
            made[unit] += option_each[option] * lots
            minutes_made[unit] += unit_minutes[option] * lots
    last_bucket = slots.minutes.shape[1] - 1
    for group in range(slots.minutes.shape[0]):
        before = 0.0
        for bucket in range(last_bucket):
            total -= minute_price[group, bucket] * (slots.minutes[group, bucket] - before)
            before = slots.minutes[group, bucket]
    for pool in range(len(slots.pools.amount)):
        total -= pool_price[pool] * slots.pools.amount[pool]
    return total


@kernel
def unit_prices(slots, share_price, spread_price):
    """Return what a unit pays for a quantity and for a minute, shape (2, U)."""
    unit_price = np.zeros((2, len(share_price)))
    _keep_unit_prices(slots.units, share_price, spread_price, unit_price)
    return unit_price


@kernel
def climb(slots, minute_price, pool_price, share_price, spread_price, rise, num_steps, patience):
    """Raise the bound by subgradient steps with a deflected direction, from given prices, which are left at the best.

    Parameters
    ----------
    rise
        Shape (1): how far above the best bound the one lies that steps aim at (Polyak's step). It is halved where
        nothing is gained, and grows a little with each gain.
    patience
        Steps without gain after which the rise is halved.

    Returns
    -------
    float
        The best bound, which belongs to the prices that are left behind.
    """
    num_groups, num_buckets = slots.minutes.shape
    num_pools, num_units = len(pool_price), len(share_price)
    worked, drawn = np.zeros((num_groups, num_buckets)), np.zeros(num_pools)
    made, minutes_made = np.zeros(num_units), np.zeros(num_units)
    way, pool_way, share_way = np.zeros((num_groups, num_buckets)), np.zeros(num_pools), np.zeros(num_units)
    unit_price = np.zeros((2, num_units))
    group_size, pool_size, unit_size = _sizes(slots)
    spread_way = np.zeros(num_units)
    best = -np.inf
    best_minute, best_pool = minute_price.copy(), pool_price.copy()
    best_share, best_spread = share_price.copy(), spread_price.copy()
    idle = 0
    for number in range(num_steps):
        _keep_pool_prices(slots.pools, pool_price)
        _keep_unit_prices(slots.units, share_price, spread_price, unit_price)
        value = _evaluate(slots, minute_price, pool_price, unit_price, worked, drawn, made, minutes_made)
        if value > best + GAIN * rise[0] or best == -np.inf:
            idle = 0
            if best > -np.inf:
                rise[0] *= GROWTH
        else:
            idle += 1
        if value > best:
            best = value
            best_minute[:], best_pool[:], best_share[:], best_spread[:] = (
                minute_price, pool_price, share_price, spread_price,
            )  # fmt: skip
        if idle >= patience:
            idle = 0
            rise[0] *= 0.5
            minute_price[:], pool_price[:], share_price[:], spread_price[:] = (
                best_minute, best_pool, best_share, best_spread,
            )  # fmt: skip
            way[:], pool_way[:], share_way[:], spread_way[:] = 0.0, 0.0, 0.0, 0.0
            continue
        _settle_pools(slots.pools, pool_price, drawn)
        everything = made.sum()
        keep = 0.0 if number == 0 else 0.7
        length = 0.0
        for group in range(num_groups):
            before = 0.0
            for bucket in range(num_buckets - 1):
                too_much = worked[group, bucket] - (slots.minutes[group, bucket] - before)
                before = slots.minutes[group, bucket]
                way[group, bucket] = keep * way[group, bucket] + (1 - keep) * too_much / group_size[group]
                if way[group, bucket] > 0 or minute_price[group, bucket] > 0:
                    length += way[group, bucket] ** 2
        for pool in range(num_pools):
            too_much = (drawn[pool] - slots.pools.amount[pool]) / pool_size[pool]
            pool_way[pool] = keep * pool_way[pool] + (1 - keep) * too_much
            if pool_way[pool] > 0 or pool_price[pool] > 0:
                length += pool_way[pool] ** 2
        quantity = max(1e-12, everything / max(1, len(slots.lines.lots)))
        for unit in range(num_units):
            if slots.units.share[unit] < 1.0:
                too_much = (made[unit] - slots.units.share[unit] * everything) / quantity
                share_way[unit] = keep * share_way[unit] + (1 - keep) * too_much
                if share_way[unit] > 0 or share_price[unit] > 0:
                    length += share_way[unit] ** 2
        if slots.units.fairness[0] > 0:
            length += _spread_way(slots, minutes_made, unit_size, keep, spread_way)
        if length <= 0.0:
            break
        far = (best + rise[0] - value) / length
        for group in range(num_groups):
            for bucket in range(num_buckets - 1):
                minute_price[group, bucket] += far * way[group, bucket] / group_size[group]
            fall(minute_price[group, : num_buckets - 1])
        for pool in range(num_pools):
            pool_price[pool] += far * pool_way[pool] / pool_size[pool]
        for unit in range(num_units):
            share_price[unit] += far * share_way[unit] / quantity
        if slots.units.fairness[0] > 0:
            _move_spread(slots, far, unit_size, spread_way, spread_price)
    minute_price[:], pool_price[:], share_price[:], spread_price[:] = best_minute, best_pool, best_share, best_spread
    return best


@hot_kernel
def _to_simplex(values, row, capacity):
    """Replace what the units that count have in a row by the nearest that is nowhere below zero and adds up to one."""
    low, high = np.inf, -np.inf
    for unit in range(len(capacity)):
        if capacity[unit] > 0:
            low, high = min(low, values[row, unit] - 1.0), max(high, values[row, unit])
    for _ in range(60):
        middle = 0.5 * (low + high)
        total = 0.0
        for unit in range(len(capacity)):
            if capacity[unit] > 0:
                total += max(0.0, values[row, unit] - middle)
        if total > 1.0:
            low = middle
        else:
            high = middle
    for unit in range(len(capacity)):
        if capacity[unit] > 0:
            values[row, unit] = max(0.0, values[row, unit] - high)


@hot_kernel
def _spread_way(slots, minutes_made, size, keep, way):
    """Turn the direction of the spread's prices towards units with high and with low loads; returns its length."""
    units = slots.units
    total, count = 0.0, 0
    for unit in range(len(minutes_made)):
        if units.capacity[unit] > 0:
            total += minutes_made[unit] / units.capacity[unit]
            count += 1
    length = 0.0
    for unit in range(len(minutes_made)):
        if units.capacity[unit] > 0:
            off = (minutes_made[unit] / units.capacity[unit] - total / count) * units.capacity[unit] / size
            way[unit] = keep * way[unit] + (1 - keep) * off
            length += way[unit] ** 2
    return length


@hot_kernel
def _move_spread(slots, far, size, way, spread_price):
    """Step along the direction of the spread's prices."""
    units = slots.units
    for unit in range(len(way)):
        if units.capacity[unit] > 0:
            step = far * way[unit] * units.capacity[unit] / (units.fairness[0] * size)
            spread_price[0, unit] += step
            spread_price[1, unit] -= step
    _to_simplex(spread_price, 0, units.capacity)
    _to_simplex(spread_price, 1, units.capacity)


@kernel
def _sizes(slots):
    """Return what an option takes of each group, each pool, and its unit on average, by which steps are scaled."""
    unit, unit_count = 0.0, 0
    group, group_count = np.zeros(slots.minutes.shape[0]), np.zeros(slots.minutes.shape[0])
    pool, pool_count = np.zeros(len(slots.pools.amount)), np.zeros(len(slots.pools.amount))
    for option in range(len(slots.options.line)):
        lots = slots.lines.lots[slots.options.line[option]]
        for load in range(slots.loads.ptr[option], slots.loads.ptr[option + 1]):
            group[slots.loads.group[load]] += slots.loads.minutes[load] * lots + slots.loads.fixed[load]
            group_count[slots.loads.group[load]] += 1
        for draw in range(slots.draws.ptr[option], slots.draws.ptr[option + 1]):
            pool[slots.draws.pool[draw]] += slots.draws.amount[draw] * lots
            pool_count[slots.draws.pool[draw]] += 1
        if slots.options.unit[option] >= 0 and slots.options.minutes[option] > 0:
            unit += slots.options.minutes[option] * lots
            unit_count += 1
    for place in range(len(group)):
        group[place] = group[place] / group_count[place] if group[place] > 0 else 1.0
    for place in range(len(pool)):
        pool[place] = pool[place] / pool_count[place] if pool[place] > 0 else 1.0
    return group, pool, unit / unit_count if unit_count > 0 else 1.0
