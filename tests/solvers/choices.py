"""Small allocation questions drawn by chance, and what their answers must keep."""

from __future__ import annotations

from itertools import product

import numpy as np

from orderopt.solvers.compiled.sourcing import Assignment, Source, SourcingArrays, SourcingProblem

DAY = 1440


def draw_sourcing(seed: int, num_lines: int, *, split: bool = False, scarce: float = 1.0) -> SourcingProblem:
    """Return a question of some lines, two groups, four days, a stock pool, a bought and a made component pool.

    Parameters
    ----------
    split
        Whether lines may be split.
    scarce
        Below 1, working minutes are as much scarcer.
    """
    random = np.random.default_rng(seed)
    rows: dict[str, list[float]] = {name: [] for name in ("kind", "ready", "lead", "cost", "fixed", "unit", "minutes")}
    option_ptr, load_ptr, draw_ptr = [0], [0], [0]
    loads: list[tuple[int, float, float]] = []
    draws: list[tuple[int, float]] = []
    lots = [int(random.integers(2, 7)) if split and random.random() < 0.6 else 1 for _ in range(num_lines)]
    for line in range(num_lines):
        for kind in random.choice(3, size=int(random.integers(1, 4)), replace=False):
            for _ in range(2 if kind == Source.UNIT and random.random() < 0.5 else 1):
                unit = int(random.integers(0, 2)) if kind == Source.UNIT else -1
                if kind == Source.UNIT:
                    loads.append((unit, float(random.integers(60, 600)) / lots[line], float(random.integers(0, 30))))
                    if random.random() < 0.7:
                        draws.append((int(random.integers(1, 4)), float(random.integers(1, 4))))
                elif kind == Source.SUPPLY:
                    draws.append((0, float(random.integers(1, 5))))
                rows["kind"].append(int(kind))
                lead = int(random.choice([0, 300]))
                rows["lead"].append(lead)
                rows["ready"].append(lead + int(random.integers(0, 3 * DAY)))
                rows["cost"].append(float(random.integers(0, 60)) / lots[line])
                rows["fixed"].append(float(random.choice([0, 0, 10])))
                rows["unit"].append(unit)
                rows["minutes"].append(0.0)
                load_ptr.append(len(loads))
                draw_ptr.append(len(draws))
        option_ptr.append(len(rows["kind"]))
    ends = np.array([DAY, 2 * DAY, 3 * DAY, 40 * DAY])
    minutes = np.cumsum(np.full((2, 4), 480.0 * scarce), axis=1)
    minutes[:, -1] = 40 * 480.0
    ints, floats = _ints, _floats
    return SourcingProblem(
        SourcingArrays(
            option_ptr=ints(option_ptr),
            lots=ints(lots),
            least_lots=ints([max(1, each // 3) for each in lots]),
            line_due=ints(random.integers(0, 4 * DAY, num_lines)),
            minute_cost=floats(random.integers(0, 4, num_lines)) / 100,
            unserved_cost=floats(random.integers(50, 400, num_lines)),
            option_kind=ints(rows["kind"]),
            option_ready=ints(rows["ready"]),
            option_lead=ints(rows["lead"]),
            option_lot_cost=floats(rows["cost"]),
            option_fixed_cost=floats(rows["fixed"]),
            option_unit=ints(rows["unit"]),
            load_ptr=ints(load_ptr),
            load_group=ints([group for group, _, _ in loads]),
            load_minutes=floats([each for _, each, _ in loads]),
            load_fixed=floats([fixed for _, _, fixed in loads]),
            draw_ptr=ints(draw_ptr),
            draw_pool=ints([pool for pool, _ in draws]),
            draw_amount=floats([amount for _, amount in draws]),
            # stock; a component that lies there; one that can be bought; one that is made of the bought one
            pool_amount=floats([6, 5, 2, 1]),
            pool_buy=floats([np.inf, np.inf, 3.0, np.inf]),
            pool_make=floats([np.inf, np.inf, np.inf, 2.0]),
            recipe_ptr=ints([0, 0, 0, 0, 1]),
            recipe_pool=ints([2]),
            recipe_amount=floats([2.0]),
            bucket_end=ints(ends),
            bucket_late=ints([0, *ends[:-1]]),
            group_minutes=minutes,
            unit_minutes=floats(rows["minutes"]),
            unit_capacity=floats([0.0, 0.0]),
            unit_share=floats([1.0, 1.0]),
            line_quantity=floats(lots),
            fairness_weight=0.0,
            pool_is_quota=ints([0, 0, seed % 2, 0]),  # what counts as beyond is no less dear, but parts may end there
        )
    )


def _ints(values: object) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _floats(values: object) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def faults(problem: SourcingProblem, choice: Assignment, *, check_minutes: bool = True) -> list[str]:
    """Return what a choice breaks: lots, least parts, readiness, pools, and minutes up to the end of each day."""
    arrays, found = problem.arrays, []
    drawn = np.zeros(len(arrays.pool_amount))
    worked = np.zeros_like(arrays.group_minutes)
    for line in range(problem.num_lines):
        options = range(arrays.option_ptr[line], arrays.option_ptr[line + 1])
        served = [int(choice.lots[option]) for option in options if choice.lots[option]]
        if min(served, default=1) < 1 or sum(served) > arrays.lots[line]:
            found.append(f"line {line} is served {served} of {arrays.lots[line]}")
        if arrays.lots[line] > 1 and any(lots < arrays.least_lots[line] for lots in served):
            found.append(f"line {line} has too small a part")
        for option in options:
            lots, bucket = int(choice.lots[option]), int(choice.bucket[option])
            if not lots:
                continue
            if bucket < problem.first_bucket(option):
                found.append(f"option {option} is ready before it can be")
            for load in range(arrays.load_ptr[option], arrays.load_ptr[option + 1]):
                minutes = arrays.load_minutes[load] * lots + arrays.load_fixed[load]
                worked[arrays.load_group[load], bucket] += minutes
            for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
                drawn[arrays.draw_pool[draw]] += arrays.draw_amount[draw] * lots
    found += [f"pool {pool} gives {drawn[pool]}" for pool in (0, 1) if drawn[pool] > arrays.pool_amount[pool] + 1e-6]
    if check_minutes:
        above = np.cumsum(worked, axis=1)[:, :-1] > arrays.group_minutes[:, :-1] + 0.2 * problem.num_options
        found += [f"group {group} works too much by day {bucket}" for group, bucket in np.argwhere(above)]
    return found


def cost_slowly(problem: SourcingProblem, choice: Assignment) -> float:
    """Return what a choice costs, for the pools that :func:`draw_sourcing` makes.

    What lies of the bought component is counted once for all that draw on it, what is made of it included.
    """
    arrays, total = problem.arrays, 0.0
    drawn = [0.0] * 4
    for line in range(problem.num_lines):
        served, late = 0, 0.0
        for option in range(arrays.option_ptr[line], arrays.option_ptr[line + 1]):
            lots, bucket = int(choice.lots[option]), int(choice.bucket[option])
            if lots:
                served += lots
                total += lots * arrays.option_lot_cost[option] + arrays.option_fixed_cost[option]
                arrival = max(arrays.option_ready[option], arrays.bucket_late[bucket] + arrays.option_lead[option])
                late = max(late, max(0, arrival - arrays.line_due[line]) * arrays.minute_cost[line])
                for draw in range(arrays.draw_ptr[option], arrays.draw_ptr[option + 1]):
                    drawn[arrays.draw_pool[draw]] += arrays.draw_amount[draw] * lots
        total += late + arrays.unserved_cost[line] * (arrays.lots[line] - served) / arrays.lots[line]
    made = max(0.0, drawn[3] - 1)
    return total + made * 2.0 + max(0.0, drawn[2] + 2 * made - 2) * 3.0


def every_choice(problem: SourcingProblem) -> list[Assignment]:
    """Return all choices of lines that are not split: an option and a bucket each, or none."""
    arrays = problem.arrays
    ways: list[list[tuple[int, int] | None]] = []
    for line in range(problem.num_lines):
        own: list[tuple[int, int] | None] = [None]
        for option in range(arrays.option_ptr[line], arrays.option_ptr[line + 1]):
            own += [(option, bucket) for bucket in range(problem.first_bucket(option), problem.num_buckets)]
        ways.append(own)
    made = []
    for combination in product(*ways):
        lots, buckets = np.zeros(problem.num_options, dtype=np.int64), np.zeros(problem.num_options, dtype=np.int64)
        for way in combination:
            if way is not None:
                lots[way[0]], buckets[way[0]] = 1, way[1]
        made.append(Assignment(lots, buckets))
    return made
