"""Changeovers in the model: a circuit through the tasks of every resource with setups."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE

if TYPE_CHECKING:
    from orderopt.solvers.cpsat.expression import Linear
    from orderopt.solvers.cpsat.shop_model import ShopModel

SOURCE = 0
"""The node before the first task of a resource and after the last."""


@dataclass(frozen=True)
class Visit:
    """One task that may stand on the resource: a node of its circuit."""

    task: int
    alternative: int
    chosen: Linear
    begin: Linear
    finish: Linear
    family: int
    can_move: bool
    is_fixed: bool


def post_changeover(shop: ShopModel) -> None:
    """Give every task its place in working time, and post the circuits of resources with setups."""
    visits = _visits(shop)
    for resource, found in visits.items():
        if shop.arrays.setup_size[resource] and shop.problem.capacity(resource) == 1:
            _post_circuit(shop, resource, found)


def _visits(shop: ShopModel) -> dict[int, list[Visit]]:
    arrays = shop.arrays
    visits: dict[int, list[Visit]] = defaultdict(list)
    for task, variables in shop.tasks.items():
        for alternative in shop.alternatives(task):
            resource = int(arrays.alt_resource[alternative])
            calendar = int(arrays.resource_calendar[resource])
            open_time = shop.problem.open_times[calendar]
            if calendar not in variables.begin:
                if variables.is_movable:
                    low = open_time.worked(int(shop.earliest[task]))
                    high = open_time.worked(int(shop.latest[task]))
                    hint = _hinted_work(shop, task, calendar)
                    variables.begin[calendar] = shop.integer(low, high, f"begin{task}_{calendar}", hint[0])
                    variables.finish[calendar] = shop.integer(low, high, f"finish{task}_{calendar}", hint[1])
                else:
                    finish = open_time.worked(int(variables.end))
                    variables.finish[calendar] = finish
                    variables.begin[calendar] = (
                        open_time.worked(int(variables.start))
                        if arrays.task_is_fixed[task]
                        else finish - int(arrays.alt_work[alternative])
                    )
            visits[resource].append(
                Visit(
                    task,
                    alternative,
                    variables.chosen[alternative],
                    variables.begin[calendar],
                    variables.finish[calendar],
                    int(arrays.alt_family[alternative]),
                    variables.is_movable,
                    bool(arrays.task_is_fixed[task]),
                )
            )
    return visits


def _hinted_work(shop: ShopModel, task: int, calendar: int) -> tuple[int | None, int | None]:
    if shop.hint is None:
        return None, None
    alternative = int(shop.hint.alternative[task])
    if shop.arrays.resource_calendar[shop.arrays.alt_resource[alternative]] != calendar:
        return 0, 0
    finish = shop.problem.open_times[calendar].worked(int(shop.hint.end[task]))
    return finish - int(shop.arrays.alt_work[alternative]), finish


def _post_circuit(shop: ShopModel, resource: int, visits: list[Visit]) -> None:
    problem, arrays, model = shop.problem, shop.arrays, shop.model
    calendar = int(arrays.resource_calendar[resource])
    unit = int(arrays.resource_unit[resource])
    rate = float(arrays.resource_minute_cost[resource])
    follows = _hinted_followers(shop, visits)
    given = _given_order(shop, visits)
    arcs: list[tuple[int, int, Linear]] = []
    before = _family_before(shop, resource, visits)
    used: list[Linear] = []
    for position, visit in enumerate(visits, start=1):
        node = position
        last = shop.literal(f"last{resource}_{visit.task}", _is(follows, node, SOURCE))
        arcs.append((node, SOURCE, last))
        if not isinstance(visit.chosen, int):
            arcs.append((node, node, ~visit.chosen))
            used.append(visit.chosen)
        else:
            used.append(1)
        minutes = problem.setup(resource, before, visit.family)
        if minutes < FOREVER or visit.is_fixed:
            first = shop.literal(f"first{resource}_{visit.task}", _is(follows, SOURCE, node))
            arcs.append((SOURCE, node, first))
            cost = problem.changeover_cost(resource, before, visit.family)
            _charge(shop, calendar, unit, rate, first, visit, minutes, cost, None)
        for other, earlier in enumerate(visits, start=1):
            if other == node or not _may_follow(shop, earlier, visit, given):
                continue
            minutes = problem.setup(resource, earlier.family, visit.family)
            if minutes >= FOREVER and not visit.is_fixed:
                continue
            literal = shop.literal(f"arc{resource}_{earlier.task}_{visit.task}", _is(follows, other, node))
            arcs.append((other, node, literal))
            cost = problem.changeover_cost(resource, earlier.family, visit.family)
            _charge(shop, calendar, unit, rate, literal, visit, minutes, cost, earlier)
    if not any(isinstance(literal, int) for literal in used):
        none = shop.literal(f"unused{resource}", _is(follows, SOURCE, SOURCE))
        arcs.append((SOURCE, SOURCE, none))
    model.add_circuit(arcs)


def _charge(
    shop: ShopModel,
    calendar: int,
    unit: int,
    rate: float,
    arc: Linear,
    visit: Visit,
    minutes: int,
    cost: float,
    earlier: Visit | None,
) -> None:
    """Say what taking an arc means: the setup stands between both tasks, and costs."""
    model, variables = shop.model, shop.tasks[visit.task]
    if visit.is_fixed:
        minutes, cost = 0, 0.0
    if earlier is not None:
        model.add(visit.begin >= earlier.finish + minutes).only_enforce_if(arc)
    if not visit.is_fixed:
        shop.add_cost(arc, cost + rate * minutes)
    if minutes and visit.can_move:
        variables.setup.setdefault(calendar, []).append((unit, minutes * arc))
    elif not visit.is_fixed and not visit.can_move:
        _hold(shop, calendar, arc, visit, minutes)


def _hold(shop: ShopModel, calendar: int, arc: Linear, visit: Visit, minutes: int) -> None:
    """Let the start of a held task follow from the setup of the arc taken; its end stays."""
    open_time = shop.problem.open_times[calendar]
    start_work = int(visit.begin) - minutes
    start = open_time.start_of(start_work) if start_work < int(visit.finish) else shop.tasks[visit.task].end
    arrays = shop.arrays
    earliest = max(int(arrays.task_release[visit.task]), int(arrays.start[0]))
    for wait, lag in waits(shop, visit.task):
        if wait in shop.tasks and shop.tasks[wait].is_movable:
            shop.model.add(shop.tasks[wait].end + lag <= start).only_enforce_if(arc)
        elif shop.hint is not None:
            earliest = max(earliest, int(shop.hint.end[wait]) + lag)
    unbroken = bool(arrays.alt_breakable[visit.alternative]) or (
        shop.tasks[visit.task].end - start == int(visit.finish) - start_work
    )
    if start < earliest or not unbroken:
        shop.model.add(arc == 0)


def waits(shop: ShopModel, task: int) -> list[tuple[int, int]]:
    """Return (task, lag) of everything a task waits for whose place is given by the hint."""
    arrays = shop.arrays
    found = [
        (int(arrays.job_ptr[job + 1]) - 1, 0)
        for job in arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]]
    ]
    if task > arrays.job_ptr[arrays.task_job[task]]:
        lag = 0 if shop.hint is None else int(arrays.alt_lag[shop.hint.alternative[task - 1]])
        found.append((task - 1, lag))
    return found


def _given_order(shop: ShopModel, visits: list[Visit]) -> dict[int, int]:
    """Rank the tasks that do not move, by their time."""
    still = sorted(
        (visit for visit in visits if not visit.can_move),
        key=lambda visit: (int(visit.finish), int(visit.begin), visit.task),
    )
    return {visit.task: rank for rank, visit in enumerate(still)}


def _may_follow(shop: ShopModel, earlier: Visit, later: Visit, given: dict[int, int]) -> bool:
    """Whether `later` could stand right behind `earlier`."""
    if not earlier.can_move and not later.can_move:
        return given[later.task] == given[earlier.task] + 1
    if shop.arrays.task_job[earlier.task] == shop.arrays.task_job[later.task]:
        return earlier.task < later.task
    low, high = _bounds(shop, earlier)[0], _bounds(shop, later)[1]
    return low <= high


def _bounds(shop: ShopModel, visit: Visit) -> tuple[int, int]:
    if visit.can_move:
        return int(shop.earliest[visit.task]), int(shop.latest[visit.task])
    variables = shop.tasks[visit.task]
    return int(variables.end), int(variables.end)


def _family_before(shop: ShopModel, resource: int, visits: list[Visit]) -> int:
    """Return the family that the first task of the circuit finds."""
    arrays = shop.arrays
    initial = int(arrays.resource_initial[resource])
    if shop.hint is None or len(shop.tasks) == shop.problem.num_tasks:
        return initial
    still = [visit for visit in visits if not visit.can_move]
    on_it = arrays.alt_resource[shop.hint.alternative] == resource
    inside = np.zeros(shop.problem.num_tasks, dtype=bool)
    inside[[visit.task for visit in visits]] = True
    if still:
        since = min(int(visit.finish) for visit in still)
        open_time = shop.open_time(resource)
        outside = [
            int(task) for task in np.flatnonzero(on_it & ~inside) if open_time.worked(int(shop.hint.end[task])) <= since
        ]
    else:
        outside = [int(task) for task in np.flatnonzero(on_it & ~inside)]
    if not outside:
        return initial
    last = max(outside, key=lambda task: (int(shop.given.end[task]), task))
    return int(arrays.alt_family[shop.hint.alternative[last]])


def _hinted_followers(shop: ShopModel, visits: list[Visit]) -> dict[int, int] | None:
    """Return the node behind each node in the hint (its own for tasks elsewhere)."""
    if shop.hint is None:
        return None
    hint = shop.hint
    here = [
        (int(hint.start[visit.task]), int(hint.end[visit.task]), visit.task, node)
        for node, visit in enumerate(visits, start=1)
        if int(hint.alternative[visit.task]) == visit.alternative and _is_present(shop, visit.task)
    ]
    nodes = [SOURCE, *(node for *_, node in sorted(here)), SOURCE]
    return dict(itertools.pairwise(nodes))


def _is_present(shop: ShopModel, task: int) -> bool:
    return shop.presence(task) is None or shop.hint is not None


def _is(follows: dict[int, int] | None, node: int, behind: int) -> bool | None:
    return None if follows is None else follows.get(node, NONE) == behind
