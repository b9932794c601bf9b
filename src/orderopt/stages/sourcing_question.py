"""The allocation question of a plant: which options each line has, what they cost, and what is scarce."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from orderopt.models.order import OrderLine
from orderopt.solvers.compiled.plant import Plant, ceil_whole
from orderopt.solvers.compiled.sourcing import Source, SourcingArrays, SourcingProblem
from orderopt.stages.options import Option, OptionFinder
from orderopt.stages.pools import Pools
from orderopt.stages.room import Room
from orderopt.stages.supply import ZERO, Ledger

MOST_LOTS = 1000

Rest = tuple[tuple[OrderLine, Decimal], ...]
"""Lines and the quantities still wanted."""


@dataclass(frozen=True)
class SourcingQuestion:
    """The allocation question together with what its positions stand for.

    Attributes
    ----------
    lines
        Lines and the quantities still wanted.
    lot
        Quantity of a lot, by line.
    options
        Options of each line.
    rejected
        Sources that cannot serve a line, with the reason, by line name.
    barred
        Those of them that a rule forbids.
    groups
        Resource positions of each group.
    """

    problem: SourcingProblem
    lines: Rest
    lot: tuple[Decimal, ...]
    options: tuple[tuple[Option, ...], ...]
    rejected: dict[str, list[str]]
    barred: dict[str, list[str]]
    groups: tuple[frozenset[int], ...]


def ask(
    plant: Plant, ledger: Ledger, rest: Sequence[tuple[OrderLine, Decimal]], *, optimistic: bool = False
) -> SourcingQuestion:
    """Return the allocation question for what is left of the lines.

    Parameters
    ----------
    optimistic
        True: nothing is overstated, so that a bound on the answer is a bound on every plan.
    """
    lines = tuple(pair for pair in rest if _is_exact(plant, ledger, *pair)) if optimistic else tuple(rest)
    finder = OptionFinder(plant, ledger, optimistic=optimistic)
    room = Room(plant, {} if optimistic else _missing(plant, ledger, lines), optimistic=optimistic)
    pools = Pools(plant, ledger, lines, optimistic=optimistic)
    cut = [_cut(plant, line, wanted) for line, wanted in lines]
    options = tuple(finder.find(line, wanted, lot) for (line, wanted), (lot, _) in zip(lines, cut, strict=True))
    loads: list[int] = []
    draws: list[int] = []
    for (line, _), (lot, _), found in zip(lines, cut, options, strict=True):
        for option in found:
            loads.append(room.bundle(line.item_id, option.source_id, lot) if option.kind is Source.UNIT else -1)
            draws.append(pools.bundle(line, option, lot))
    room.close_groups()
    arrays = _arrays(plant, lines, cut, options, room, pools, (loads, draws), optimistic)
    return SourcingQuestion(
        SourcingProblem(arrays),
        lines,
        tuple(lot for lot, _ in cut),
        options,
        dict(finder.rejected),
        dict(finder.barred),
        tuple(room.groups),
    )


def _is_exact(plant: Plant, ledger: Ledger, line: OrderLine, wanted: Decimal) -> bool:
    """Whether lots can say every lawful split of the line (else a bound must leave it out)."""
    if not line.may_split:
        return True
    step = plant.snapshot.item[line.item_id].quantity_step
    amounts = [wanted, *(supply.free for supply in ledger.supplies(line.item_id))]
    return wanted / step <= MOST_LOTS and not any(amount % step for amount in amounts)


def _missing(plant: Plant, ledger: Ledger, lines: Rest) -> dict[str, float]:
    """Return which share of the need of each made component is not covered by what lies there."""
    need: dict[str, Decimal] = defaultdict(Decimal)
    for line, wanted in lines:
        if line.item_id in plant.makers:
            for component, per in plant.need_of.get(line.item_id, ()):
                need[component] += wanted * per
    missing = {}
    for component, total in need.items():
        free = sum((supply.free for supply in ledger.supplies(component)), ZERO)
        missing[component] = max(0.0, 1.0 - float(free / total)) if total else 0.0
    return missing


def _cut(plant: Plant, line: OrderLine, wanted: Decimal) -> tuple[Decimal, int]:
    """Return the lot of a line and how many make up what is wanted."""
    if not line.may_split:
        return wanted, 1
    step = plant.snapshot.item[line.item_id].quantity_step
    lots = max(1, ceil_whole(wanted / step))
    coarser = max(1, -(-lots // MOST_LOTS))
    return step * coarser, -(-lots // coarser)


def _least_lots(line: OrderLine, wanted: Decimal, lot: Decimal, lots: int) -> int:
    """Return the fewest lots of a part that is no smaller than the line allows, the last lot being cut to fit."""
    if not line.may_split or not line.min_split:
        return 1
    return min(lots, ceil_whole((line.min_split + lot * lots - wanted) / lot))


def _arrays(
    plant: Plant,
    lines: Rest,
    cut: Sequence[tuple[Decimal, int]],
    options: tuple[tuple[Option, ...], ...],
    room: Room,
    pools: Pools,
    bundles: tuple[list[int], list[int]],
    optimistic: bool,
) -> SourcingArrays:
    snapshot = plant.snapshot
    flat = [option for found in options for option in found]
    loads, draws = _ints(bundles[0]), _ints(bundles[1])
    load_rows, draw_rows = room.rows(loads), pools.rows(draws)
    line_due = _ints([plant.due(line) for line, _ in lines])
    ends = room.bucket_ends(int(line_due.max(initial=0)))
    starts = np.concatenate(([plant.start], ends[:-1]))
    share = _floats([1.0 if wanted == line.quantity else float(wanted / line.quantity) for line, wanted in lines])
    unit = _ints([plant.unit_index[each.source_id] if each.kind is Source.UNIT else -1 for each in flat])
    return SourcingArrays(
        option_ptr=_starts(options),
        lots=_ints([lots for _, lots in cut]),
        least_lots=_ints(
            [_least_lots(line, wanted, lot, lots) for (line, wanted), (lot, lots) in zip(lines, cut, strict=True)]
        ),
        line_due=line_due,
        minute_cost=_floats([plant.minute_cost[line.name] for line, _ in lines]),
        unserved_cost=_floats([plant.unserved_cost[line.name] for line, _ in lines]) * share,
        option_kind=_ints([option.kind for option in flat]),
        option_ready=_ints([option.ready for option in flat]),
        option_lead=_ints([plant.lead(option.lane) for option in flat]),
        option_lot_cost=_floats([option.lot_cost for option in flat]),
        option_fixed_cost=_floats([option.fixed_cost for option in flat]),
        option_unit=unit,
        load_ptr=load_rows[0],
        load_group=load_rows[1],
        load_minutes=load_rows[2],
        load_fixed=load_rows[3],
        draw_ptr=draw_rows[0],
        draw_pool=draw_rows[1],
        draw_amount=draw_rows[2],
        pool_amount=_floats(pools.amount),
        pool_buy=_floats(pools.buy),
        pool_make=_floats(pools.make),
        recipe_ptr=_starts(pools.recipes),
        recipe_pool=_ints([pool for recipe in pools.recipes for pool, _ in recipe]),
        recipe_amount=_floats([amount for recipe in pools.recipes for _, amount in recipe]),
        bucket_end=ends,
        bucket_late=starts if optimistic else (starts + ends) // 2,
        group_minutes=room.minutes(ends),
        unit_minutes=np.where(loads >= 0, _floats([*room.own_minutes, 0.0])[loads], 0.0),
        unit_capacity=_floats(plant.unit_capacity),
        unit_share=_floats(
            [1.0 if each.max_share is None else float(each.max_share) for each in snapshot.production_units]
        ),
        line_quantity=_floats([float(wanted) for _, wanted in lines]),
        fairness_weight=0.0 if optimistic else float(snapshot.settings.weight_fairness),
        pool_is_quota=_ints(pools.is_quota),
    )


def _starts(parts: Iterable[Sequence[object]]) -> np.ndarray:
    """Return where each part begins when all stand one after the other, and where the last ends."""
    return np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)


def _ints(values: Sequence[float]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _floats(values: Sequence[float]) -> np.ndarray:
    return np.array(values, dtype=np.float64)
