"""Promises in the model: when the output of jobs arrives, and what being late costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.solvers.compiled.shop import NONE
from orderopt.solvers.compiled.shop_terms import arrivals

if TYPE_CHECKING:
    from orderopt.solvers.cpsat.expression import Linear
    from orderopt.solvers.cpsat.shop_model import ShopModel


def post_promise(shop: ShopModel) -> None:
    """Charge every line for the minutes that its latest part is late."""
    arrays = shop.arrays
    for job in np.flatnonzero(arrays.job_line != NONE):
        last = int(arrays.job_ptr[job + 1]) - 1
        variables = shop.tasks.get(last)
        if variables is None or not variables.is_movable:
            continue
        line = int(arrays.job_line[job])
        present = shop.present.get(int(job))
        for arrival, literal in _arrivals(shop, int(job), last):
            late = _late(shop, line)
            enforced = [part for part in (present, literal) if part is not None]
            posted = shop.model.add(late >= arrival - int(arrays.line_due[line]))
            if enforced:
                posted.only_enforce_if(enforced)


def _late(shop: ShopModel, line: int) -> Linear:
    """Return the variable for the minutes that a line is late, made when first asked for."""
    if line not in shop.line_late:
        arrays = shop.arrays
        floor = max(0, _given_arrival(shop, line) - int(arrays.line_due[line]))
        highest = max(floor, int(shop.latest.max()) + _longest_way(shop) - int(arrays.line_due[line]))
        hint = None if shop.hint is None else _hinted_late(shop, line)
        weight = float(arrays.line_weight[line])
        if weight > 0 and shop.tops > 0:  # later than that costs more than what is known already
            highest = max(floor, hint or 0, min(highest, int(shop.tops / weight) + 1))
        late = shop.integer(floor, highest, f"late{line}", hint)
        shop.line_late[line] = late
        shop.add_cost(late, float(arrays.line_weight[line]))
    return shop.line_late[line]


def _given_arrival(shop: ShopModel, line: int) -> int:
    """Return the latest arrival of the line's parts that do not move."""
    arrays = shop.arrays
    latest = int(arrays.line_floor[line])
    if shop.hint is None:
        return latest
    for job in np.flatnonzero(arrays.job_line == line):
        last = int(arrays.job_ptr[job + 1]) - 1
        if last not in shop.tasks or not shop.tasks[last].is_movable:
            ends = np.zeros(shop.problem.num_jobs, dtype=np.int64)
            ends[job] = shop.hint.end[last]
            latest = max(latest, int(arrivals(shop.problem, ends)[job]))
    return latest


def _hinted_late(shop: ShopModel, line: int) -> int:
    return max(0, int(shop.hinted_arrivals[line]) - int(shop.arrays.line_due[line]))


def _longest_way(shop: ShopModel) -> int:
    arrays = shop.arrays
    lead = int(arrays.job_lead.max()) if len(arrays.job_lead) else 0
    gaps = np.diff(arrays.timetable_at)
    return lead + (int(gaps.max()) + 7 * 1440 if len(gaps) else 0)


def _arrivals(shop: ShopModel, job: int, last: int) -> list[tuple[Linear, Linear | None]]:
    """Return what the arrival of a job's output is, each with the literal under which it holds."""
    arrays = shop.arrays
    end, lead = shop.tasks[last].end, int(arrays.job_lead[job])
    table = int(arrays.job_timetable[job])
    if table == NONE:
        return [(end + lead, None)]
    times = arrays.timetable_at[arrays.timetable_ptr[table] : arrays.timetable_ptr[table + 1]]
    first = int(np.searchsorted(times, shop.earliest[last], side="left"))
    final = int(np.searchsorted(times, shop.latest[last], side="left"))
    times = times[first : final + 1]
    if not len(times):
        return []  # it never leaves: only an optional job may come here, and it stays absent
    hinted = None if shop.hint is None else int(np.searchsorted(times, shop.hint.end[last], side="left"))
    leaves = [
        shop.literal(f"leaves{job}_{position}", None if hinted is None else position == hinted)
        for position in range(len(times))
    ]
    shop.model.add_exactly_one(leaves)
    shop.departures[job] = list(zip(times.tolist(), leaves, strict=True))
    for position, literal in enumerate(leaves):
        shop.model.add(end <= int(times[position])).only_enforce_if(literal)
        if position:  # nothing waits for a later departure than its first
            shop.model.add(end > int(times[position - 1])).only_enforce_if(literal)
    return [(int(time) + lead, literal) for time, literal in zip(times, leaves, strict=True)]
