"""A plain CP-SAT model: a literal for each option, exactly one an order, minutes up to each bucket."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.allocation.peers import Found, Plain, take

CENTS = 100


def run(plain: Plain, seed: int, workers: int, seconds: float) -> Found:
    """Build and solve."""
    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in range(len(plain.order))]
    unserved = [model.new_bool_var("") for _ in range(plain.num_orders)]
    of_order: dict[int, list[int]] = defaultdict(list)
    of_group: dict[int, list[int]] = defaultdict(list)
    for option, (order, group) in enumerate(zip(plain.order.tolist(), plain.group.tolist(), strict=True)):
        of_order[order].append(option)
        of_group[group].append(option)
    for order in range(plain.num_orders):
        model.add_exactly_one([unserved[order], *(x[option] for option in of_order[order])])
    for group, options in of_group.items():
        for bucket in range(plain.open_minutes.shape[1] - 1):
            early = [option for option in options if plain.bucket[option] <= bucket]
            weights = [int(np.ceil(plain.minutes[option])) for option in early]
            if early:
                literals = [x[option] for option in early]
                model.add(cp_model.LinearExpr.weighted_sum(literals, weights) <= int(plain.open_minutes[group, bucket]))
    costs = np.round(np.concatenate((plain.cost, plain.unserved)) * CENTS).astype(np.int64).tolist()
    model.minimize(cp_model.LinearExpr.weighted_sum([*x, *unserved], costs))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Found("UNKNOWN", None, note=solver.status_name(status))
    chosen = np.array([option for option, each in enumerate(x) if solver.boolean_value(each)], dtype=np.int64)
    answer, cost = take(plain, chosen)
    name = "OPTIMAL" if status == cp_model.OPTIMAL else "FEASIBLE"
    return Found(name, answer, cost, solver.best_objective_bound / CENTS)
