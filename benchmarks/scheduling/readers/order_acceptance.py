"""Order acceptance on one machine: each order is done for its revenue less lateness, or rejected.

C. Oğuz, F. S. Salman & Z. B. Yalçın, "Order acceptance and scheduling decisions in make-to-order systems",
International Journal of Production Economics 125 (2010).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance

MACHINE, REJECTION = 0, 1


def read_oas(path: Path, _: ReadOptions) -> ShopInstance:
    """Return the orders of a file: comma rows r, p, d, dbar, e, w and the setups, first and last order are dummies.

    Rejecting is an option on a second machine that takes no time and costs the revenue. Minimising that plus
    weighted tardiness maximises the profit, which is the sum of revenues less the objective. Deadlines cannot be
    asked for; in this data none is needed, since an order that ends behind its deadline costs more than
    it brings (w × (dbar - d) is the revenue). The checker holds deadlines as hard all the same.
    """
    rows = [[float(word) for word in line.split(",")] for line in path.read_text(encoding="utf-8").splitlines() if line]
    num_orders = len(rows[0]) - 2
    release, minutes, due, deadline, revenue, weight = (row[1 : num_orders + 1] for row in rows[:6])
    for late, worth, cost, day in zip(deadline, revenue, weight, due, strict=True):
        if cost * (late + 1 - day) < worth - 1e-9:
            raise RefusedError(
                f"{path.name}: an order is worth {worth:g} and still pays behind its deadline; the question has no "
                "hard deadlines, so that such an order cannot be said"
            )
    setups = np.array([row[: num_orders + 1] for row in rows[6 : 7 + num_orders]]).astype(np.int64)
    matrix = np.zeros((num_orders + 2, num_orders + 2), dtype=np.int64)  # family 0: none; n + 1: at the beginning
    matrix[1 : num_orders + 1, 1 : num_orders + 1] = setups[1:, 1:]
    matrix[num_orders + 1, 1 : num_orders + 1] = setups[0, 1:]
    jobs = [[[(MACHINE, int(each)), (REJECTION, 0)]] for each in minutes]
    return build_instance(
        path.stem,
        "oas",
        Objective.TARDINESS,
        jobs,
        2,
        release=[int(each) for each in release],
        due=[int(each) for each in due],
        weight=weight,
        deadline=[int(each) for each in deadline],
        families=range(1, num_orders + 1),
        capacity=[1, num_orders],
        setups=[matrix, None],
        initial=[num_orders + 1, -1],
        cost=[each for worth in revenue for each in (0.0, worth)],
        rejection=REJECTION,
        sum_of_values=sum(revenue),
        note="objective: revenue forgone and lateness; value: profit",
    )
