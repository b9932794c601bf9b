"""The sourcing question as a linear program: sparse columns and rows, gathered from arrays at once.

Lots that an option serves in a bucket are a column. Minutes that a bucket leaves over are carried to the next, which
keeps the matrix sparse. Lateness of split lines is charged in proportion to what is late, so that the optimum is a
bound on every choice; so are fixed costs, unless `exact` gives each option a switch of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orderopt.solvers.allocation.slots import Slots
from orderopt.solvers.compiled.sourcing import Flags, Floats, Ints


@dataclass(frozen=True)
class Matrix:
    """A program: minimise ``cost @ x`` with ``row_lower <= A x <= row_upper`` and ``0 <= x <= upper``.

    Attributes
    ----------
    rows, columns, values
        Entries of A.
    is_whole
        By column: whether only whole numbers make a choice.
    slot
        By column: the slot it stands for, -1 for others.
    switch
        By column: the option that it switches on, -1 for others.
    constant
        What is spent already on what is settled.
    """

    cost: Floats
    upper: Floats
    is_whole: Flags
    row_lower: Floats
    row_upper: Floats
    rows: Ints
    columns: Ints
    values: Floats
    slot: Ints
    switch: Ints
    constant: float = 0.0


def settle(matrix: Matrix, columns: Ints, amounts: Floats) -> Matrix:
    """Return the program with some columns settled: they are taken out, and so are rows in which nothing is left.

    Parameters
    ----------
    columns, amounts
        Columns and what they are settled to; rows that are left without entries must hold then.
    """
    value = np.zeros(len(matrix.cost))
    value[columns] = amounts
    is_open = np.ones(len(matrix.cost), dtype=np.bool_)
    is_open[columns] = False
    spent = np.bincount(matrix.rows, matrix.values * value[matrix.columns], minlength=len(matrix.row_lower))
    entries = is_open[matrix.columns]
    rows = np.bincount(matrix.rows[entries], minlength=len(matrix.row_lower)) > 0
    return Matrix(
        matrix.cost[is_open],
        matrix.upper[is_open],
        matrix.is_whole[is_open],
        (matrix.row_lower - spent)[rows],
        (matrix.row_upper - spent)[rows],
        (np.cumsum(rows) - 1)[matrix.rows[entries]],
        (np.cumsum(is_open) - 1)[matrix.columns[entries]],
        matrix.values[entries],
        matrix.slot[is_open],
        matrix.switch[is_open],
        matrix.constant + float(matrix.cost @ value),
    )


class _Entries:
    """Entries of a matrix, a block at a time."""

    def __init__(self) -> None:
        self.parts: list[tuple[Ints, Ints, Floats]] = []

    def add(self, rows: Ints, columns: Ints, values: Floats | float) -> None:
        """Add entries; one value may stand for all."""
        self.parts.append((rows, columns, np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)))

    def joined(self) -> tuple[Ints, Ints, Floats]:
        """Return all entries that are not zero."""
        rows, columns, values = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        there = values != 0.0
        return rows[there], columns[there], values[there]


def spread(ptr: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Return for chosen owners of a pointer array the positions they own, and whose each is (a place in `chosen`)."""
    counts = ptr[chosen + 1] - ptr[chosen]
    owner = np.repeat(np.arange(len(chosen)), counts)
    begin = np.repeat(ptr[chosen] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return begin + np.arange(len(owner)), owner


def build_matrix(slots: Slots, *, keep: Flags | None = None, exact: bool = False) -> Matrix:
    """Return the program.

    Parameters
    ----------
    keep
        Shape (S): the slots that get a column; by default all.
    exact
        Whether options of lines that may be split get a switch, so that fixed costs and smallest parts are exact.
    """
    lines, options, places, pools, units = slots.lines, slots.options, slots.places, slots.pools, slots.units
    kept = np.arange(len(places.option)) if keep is None else np.flatnonzero(keep)
    option, bucket = places.option[kept], places.bucket[kept]
    line = options.line[option]
    lots = lines.lots[line].astype(np.float64)
    switched = _switched(slots, option) if exact else np.zeros(0, dtype=np.int64)
    has_switch = np.isin(option, switched)
    buckets = slots.minutes.shape[1] - 1
    num_rows = slots.minutes.shape[0] * buckets
    bought, made = np.flatnonzero(np.isfinite(pools.buy)), np.flatnonzero(np.isfinite(pools.make))
    counted = np.flatnonzero(units.capacity > 0) if units.fairness[0] > 0 else np.zeros(0, dtype=np.int64)
    shared = np.flatnonzero(units.share < 1.0)
    sizes = {
        "slot": len(kept),
        "unserved": len(lines.lots),
        "carried": num_rows,
        "bought": len(bought),
        "made": len(made),
        "switch": len(switched),
        "top": 2 if len(counted) else 0,
    }
    first = dict(zip(sizes, np.concatenate(([0], np.cumsum(list(sizes.values()))[:-1])).tolist(), strict=True))
    heights = {
        "line": len(lines.lots),
        "minutes": num_rows,
        "pool": len(pools.amount),
        "share": len(shared),
        "spread": 2 * len(counted),
        "switch": 2 * len(switched),
    }
    row = dict(zip(heights, np.concatenate(([0], np.cumsum(list(heights.values()))[:-1])).tolist(), strict=True))
    entries, own = _Entries(), np.arange(len(kept))
    entries.add(line, own, 1.0)
    entries.add(np.arange(len(lines.lots)), first["unserved"] + np.arange(len(lines.lots)), 1.0)
    _add_minutes(entries, slots, option, bucket, lots, row["minutes"], first["carried"])
    _add_pools(entries, slots, option, row["pool"], bought, made, first)
    _add_units(entries, slots, option, shared, counted, row, first["top"])
    place = np.searchsorted(switched, option[has_switch])
    entries.add(row["switch"] + 2 * place, own[has_switch], 1.0)
    entries.add(row["switch"] + 2 * place + 1, own[has_switch], 1.0)
    owner, switches = options.line[switched], np.arange(len(switched))
    entries.add(row["switch"] + 2 * switches, first["switch"] + switches, -lines.lots[owner].astype(np.float64))
    entries.add(
        row["switch"] + 2 * switches + 1, first["switch"] + switches, -lines.least_lots[owner].astype(np.float64)
    )
    rows, columns, values = entries.joined()
    fixed = np.where(has_switch, 0.0, options.fixed_cost[option] / lots)
    each = np.where(lots == 1, places.cost[kept], options.lot_cost[option] + fixed + places.late[kept] / lots)
    cost = np.concatenate(
        (
            each,
            lines.unserved / lines.lots,
            np.zeros(num_rows),
            pools.buy[bought],
            pools.make[made],
            options.fixed_cost[switched],
            np.array([1.0, -1.0])[: sizes["top"]] * units.fairness[0],
        )
    )
    upper = np.full(len(cost), np.inf)
    upper[: len(kept)] = lots
    upper[first["unserved"] : first["carried"]] = lines.lots
    upper[first["switch"] : first["top"]] = 1.0
    is_whole = np.zeros(len(cost), dtype=np.bool_)
    is_whole[: len(kept)] = True
    is_whole[first["switch"] : first["top"]] = True
    open_minutes = np.diff(slots.minutes[:, :-1], axis=1, prepend=0.0).ravel()
    wanted = lines.lots.astype(np.float64)
    switch_of = np.full(len(cost), -1, dtype=np.int64)
    switch_of[first["switch"] : first["top"]] = switched
    below, switch = np.full(len(switched), -np.inf), np.zeros(len(switched))
    return Matrix(
        cost,
        upper,
        is_whole,
        np.concatenate(
            (
                wanted,
                np.full(num_rows + len(pools.amount) + len(shared) + 2 * len(counted), -np.inf),
                np.column_stack((below, switch)).ravel(),
            )
        ),
        np.concatenate(
            (
                wanted,
                open_minutes,
                pools.amount,
                np.zeros(len(shared) + 2 * len(counted)),
                np.column_stack((switch, -below)).ravel(),
            )
        ),
        rows,
        columns,
        values,
        np.concatenate((kept, np.full(len(cost) - len(kept), -1, dtype=np.int64))),
        switch_of,
    )


def _switched(slots: Slots, option: Ints) -> Ints:
    """Return the options that need a switch: of lines that may be split, with a fixed cost or a smallest part."""
    lines, options = slots.lines, slots.options
    offered = np.unique(option)
    owner = options.line[offered]
    needs = (lines.least_lots[owner] > 1) | (options.fixed_cost[offered] > 0)
    chosen: Ints = offered[(lines.lots[owner] > 1) & needs]
    return chosen


def _add_minutes(
    entries: _Entries, slots: Slots, option: Ints, bucket: Ints, lots: Floats, row: int, carried: int
) -> None:
    """Cover the load of a bucket by its minutes and those carried over from the bucket before."""
    buckets = slots.minutes.shape[1] - 1
    load, owner = spread(slots.loads.ptr, option)
    ends = bucket[owner] < buckets
    load, owner = load[ends], owner[ends]
    minutes = slots.loads.minutes[load] + slots.loads.fixed[load] / lots[owner]
    entries.add(row + slots.loads.group[load] * buckets + bucket[owner], owner, minutes)
    cells = np.arange(slots.minutes.shape[0] * buckets)
    entries.add(row + cells, carried + cells, 1.0)
    later = cells[cells % buckets > 0] if buckets else cells
    entries.add(row + later, carried + later - 1, -1.0)


def _add_pools(
    entries: _Entries, slots: Slots, option: Ints, row: int, bought: Ints, made: Ints, first: dict[str, int]
) -> None:
    """Keep what is drawn of a pool to what lies there, is bought or is made."""
    draws, pools = slots.draws, slots.pools
    draw, owner = spread(draws.ptr, option)
    entries.add(row + draws.pool[draw], owner, draws.amount[draw])
    entries.add(row + bought, first["bought"] + np.arange(len(bought)), -1.0)
    entries.add(row + made, first["made"] + np.arange(len(made)), -1.0)
    need, maker = spread(pools.recipe_ptr, made)
    entries.add(row + pools.recipe_pool[need], first["made"] + maker, pools.recipe_amount[need])


def _add_units(
    entries: _Entries, slots: Slots, option: Ints, shared: Ints, counted: Ints, row: dict[str, int], top: int
) -> None:
    """Keep units to their shares of all that is made, and every load between the lowest and the highest."""
    options, units = slots.options, slots.units
    own = np.flatnonzero(options.unit[option] >= 0)
    unit, quantity = options.unit[option[own]], options.quantity[option[own]]
    for place, limited in enumerate(shared):
        part = np.where(unit == limited, 1.0, 0.0) - units.share[limited]
        entries.add(np.full(len(own), row["share"] + place), own, part * quantity)
    for place, each in enumerate(counted):
        mine = own[unit == each]
        load = options.minutes[option[mine]] / units.capacity[each]
        for low in (0, 1):
            at = row["spread"] + 2 * place + low
            entries.add(np.full(len(mine), at), mine, load if not low else -load)
            entries.add(np.array([at]), np.array([top + low]), -1.0 if not low else 1.0)


def settle_slots(slots: Slots, matrix: Matrix, settled: Ints) -> Matrix:
    """Return the program with some slots, each the only one of a line that is not split, serving their lines."""
    own = np.flatnonzero(matrix.slot >= 0)
    taken = own[np.isin(matrix.slot[own], settled)]
    unserved = len(own) + slots.options.line[slots.places.option[matrix.slot[taken]]]
    amounts = np.concatenate((np.ones(len(taken)), np.zeros(len(taken))))
    return settle(matrix, np.concatenate((taken, unserved)), amounts)
