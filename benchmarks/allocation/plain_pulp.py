"""The text-book model in PuLP, as people write it: a binary for each option, for each bucket all minutes up to it."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import numpy as np
import pulp

from benchmarks.allocation.peers import Found, Plain, take


def run_cbc(plain: Plain, seed: int, workers: int, seconds: float) -> Found:
    """Solve by the CBC that comes with PuLP."""
    return _run(plain, lambda left: pulp.PULP_CBC_CMD(msg=False, timeLimit=left, threads=workers), seconds)


def run_highs(plain: Plain, seed: int, workers: int, seconds: float) -> Found:
    """Solve by HiGHS through PuLP."""
    return _run(plain, lambda left: pulp.HiGHS(msg=False, timeLimit=left, threads=workers, random_seed=seed), seconds)


def _run(plain: Plain, make_solver: Any, seconds: float) -> Found:
    began = time.monotonic()
    model = pulp.LpProblem("allocation", pulp.LpMinimize)
    x = [pulp.LpVariable(f"x{option}", cat="Binary") for option in range(len(plain.order))]
    unserved = [pulp.LpVariable(f"u{order}", 0, 1) for order in range(plain.num_orders)]
    model += pulp.lpSum(cost * x[option] for option, cost in enumerate(plain.cost)) + pulp.lpSum(
        cost * unserved[order] for order, cost in enumerate(plain.unserved)
    )
    of_order: dict[int, list[int]] = defaultdict(list)
    of_group: dict[int, list[int]] = defaultdict(list)
    for option, (order, group) in enumerate(zip(plain.order.tolist(), plain.group.tolist(), strict=True)):
        of_order[order].append(option)
        of_group[group].append(option)
    for order in range(plain.num_orders):
        model += pulp.lpSum(x[option] for option in of_order[order]) + unserved[order] == 1
    for group, options in of_group.items():
        for bucket in range(plain.open_minutes.shape[1] - 1):
            early = [option for option in options if plain.bucket[option] <= bucket]
            if early:
                model += (
                    pulp.lpSum(float(plain.minutes[option]) * x[option] for option in early)
                    <= plain.open_minutes[group, bucket]
                )
    built = time.monotonic() - began
    model.solve(make_solver(max(1.0, seconds - built)))
    chosen = np.array([option for option, each in enumerate(x) if (each.varValue or 0.0) > 0.5], dtype=np.int64)
    note = f"built in {built:.1f} s; PuLP says {pulp.LpStatus[model.status]}"
    if model.sol_status not in {pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible}:
        return Found("UNKNOWN", None, note=note)
    answer, cost = take(plain, chosen)
    status = "OPTIMAL" if model.sol_status == pulp.LpSolutionOptimal else "FEASIBLE"
    return Found(status, answer, cost, note=note)
