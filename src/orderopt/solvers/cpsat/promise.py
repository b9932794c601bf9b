"""Promises in the model: when the output of jobs arrives, and what that costs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from orderopt.solvers.compiled.charges import NO_CHARGES, LineCharges
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE
from orderopt.solvers.compiled.shop_terms import arrivals

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from orderopt.solvers.cpsat.expression import Linear
    from orderopt.solvers.cpsat.shop_model import ShopModel


class LineCosts(NamedTuple):
    """What a line costs: when it is due, what a minute late costs, and what else."""

    due: int
    minute: float
    charges: LineCharges = NO_CHARGES


def post_promise(shop: ShopModel) -> None:
    """Charge every line for its latest part."""
    arrays, charges = shop.arrays, shop.problem.charges
    early: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for job in np.flatnonzero(arrays.job_line != NONE):
        last = int(arrays.job_ptr[job + 1]) - 1
        variables = shop.tasks.get(last)
        if variables is None or not variables.is_movable:
            continue
        line = int(arrays.job_line[job])
        present = shop.present.get(int(job))
        found = _arrivals(shop, int(job), last)
        for arrival, literal in found:
            enforced = [part for part in (present, literal) if part is not None]
            post_arrival(shop, line, costs_of_line(shop, line), arrival, enforced)
        if charges is not None and charges.early[line] > 0 and shop.other_arrivals is None:
            early[line].append(_arrival(shop, int(job), found))
    for line, arrival_of_jobs in early.items():
        _post_earliness(shop, line, arrival_of_jobs)


def costs_of_line(shop: ShopModel, line: int) -> LineCosts:
    """Return what a line of the shop problem costs."""
    arrays, charges = shop.arrays, shop.problem.charges
    minute = float(arrays.line_weight[line])
    if charges is None:
        return LineCosts(int(arrays.line_due[line]), minute)
    own = LineCharges(
        float(charges.late[line]), float(charges.early[line]), float(charges.flow[line]), int(charges.since[line])
    )
    return LineCosts(int(arrays.line_due[line]), minute, own)


def post_arrival(shop: ShopModel, key: int, costs: LineCosts, arrival: Linear, enforced: list[Linear]) -> None:
    """Let a line be no less late, and take no less time, than one of its parts; variables are made when first needed.

    Parameters
    ----------
    key
        Position of the line in the shop problem; any other number below 0 for lines that are not in it.
    arrival
        When the part arrives, if the literals of `enforced` hold.
    """
    charges = costs.charges
    posted = [shop.model.add(late_of(shop, key, costs) >= arrival - costs.due)]
    if charges.flow > 0:
        posted.append(shop.model.add(_flow(shop, key, charges) >= arrival - charges.since))
    for each in posted:
        if enforced:
            each.only_enforce_if(enforced)


def late_of(shop: ShopModel, key: int, costs: LineCosts) -> Linear:
    """Return the variable for the minutes that a line is late."""
    if key not in shop.line_late:
        given = _given_arrival(shop, key)
        floor = max(0, given - costs.due)
        highest = max(floor, _last_arrival(shop) - costs.due)
        hint = None if shop.hint is None or key < 0 else _hinted_late(shop, key)
        if costs.minute > 0 and shop.tops > 0:  # later than that costs more than what is known already
            highest = max(floor, hint or 0, min(highest, int(shop.tops / costs.minute) + 1))
        late = shop.integer(floor, highest, f"late{key}", hint)
        shop.line_late[key] = late
        shop.add_cost(late, costs.minute)
        if costs.charges.late > 0:
            is_late = shop.literal(f"is_late{key}", None if hint is None else hint > 0)
            shop.model.add(late <= highest * is_late)
            shop.add_cost(is_late, costs.charges.late)
    return shop.line_late[key]


def _flow(shop: ShopModel, key: int, charges: LineCharges) -> Linear:
    """Return the variable for the minutes that a line takes."""
    if key not in shop.line_flow:
        floor = max(0, _given_arrival(shop, key) - charges.since)
        highest = max(floor, _last_arrival(shop) - charges.since)
        hint = None if shop.hint is None or key < 0 else int(shop.hinted_arrivals[key]) - charges.since
        shop.line_flow[key] = shop.integer(floor, highest, f"flow{key}", hint)
        shop.add_cost(shop.line_flow[key], charges.flow)
    return shop.line_flow[key]


def _arrival(shop: ShopModel, job: int, found: list[tuple[Linear, Linear | None]]) -> cp_model.IntVar:
    """Return the variable for the arrival of a job's output."""
    hint = None
    if shop.hint is not None:
        ends = shop.hint.end[shop.arrays.job_ptr[1:] - 1]
        hint = int(arrivals(shop.problem, ends)[job])
    arrival = shop.integer(-FOREVER // 8, max(_last_arrival(shop), hint or 0), f"arrival{job}", hint)
    for at, literal in found:
        posted = shop.model.add(arrival == at)
        if literal is not None:
            posted.only_enforce_if(literal)
    return arrival


def _post_earliness(shop: ShopModel, line: int, arrival_of_jobs: list[cp_model.IntVar]) -> None:
    """Charge a line for the minutes that its latest part is early."""
    arrays, charges = shop.arrays, shop.problem.charges
    assert charges is not None
    due, given = int(arrays.line_due[line]), max(_given_arrival(shop, line), -FOREVER // 8)
    hinted = None if shop.hint is None else int(shop.hinted_arrivals[line])
    latest = shop.integer(given, max(given, _last_arrival(shop), hinted or 0), f"latest{line}", hinted)
    shop.model.add_max_equality(latest, [given, *arrival_of_jobs])
    early = shop.integer(0, max(0, due - given), f"early{line}", None if hinted is None else max(0, due - hinted))
    shop.model.add(early >= due - latest)
    shop.add_cost(early, float(charges.early[line]))


def post_makespan(shop: ShopModel) -> None:
    """Charge the time until the last task ends."""
    charges, arrays = shop.problem.charges, shop.arrays
    if charges is None or charges.makespan <= 0:
        return
    real = arrays.job_ptr[1 : shop.problem.num_real_jobs + 1] - 1
    last = [task for task in real.tolist() if task in shop.tasks and shop.tasks[task].is_movable]
    moves = np.zeros(shop.problem.num_tasks, dtype=bool)
    moves[last] = True
    still = np.where(arrays.task_is_fixed == 1, arrays.fixed_end, -FOREVER)
    if shop.hint is not None:
        still = np.where(moves, -FOREVER, shop.hint.end)
    floor = max(0, int(still[real].max(initial=0)))
    hint = None if shop.hint is None else shop.problem.last_end(shop.hint.end)
    highest = max(floor, int(shop.latest.max(initial=0)), hint or 0)
    makespan = shop.integer(floor, highest, "makespan", hint)
    for task in last:
        posted = shop.model.add(makespan >= shop.tasks[task].end)
        present = shop.presence(task)
        if present is not None:
            posted.only_enforce_if(present)
    shop.add_cost(makespan, charges.makespan)


def _last_arrival(shop: ShopModel) -> int:
    return max(int(shop.latest.max(initial=0)) + _longest_way(shop), shop.other_arrivals or 0)


def _given_arrival(shop: ShopModel, line: int) -> int:
    """Return the latest arrival of the line's parts that do not move."""
    arrays = shop.arrays
    if line < 0:
        return -FOREVER
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
