"""Capacity in the model: tasks of one resource do not overlap, or at most c of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from orderopt.solvers.cpsat.shop_model import ShopModel


def post_capacity(shop: ShopModel) -> None:
    """Post one disjunction (capacity 1) or one cumulative constraint for every resource."""
    arrays, model = shop.arrays, shop.model
    intervals: dict[int, list[cp_model.IntervalVar]] = defaultdict(list)
    for task, variables in shop.tasks.items():
        for alternative in shop.alternatives(task):
            resource = int(arrays.alt_resource[alternative])
            calendar = int(arrays.resource_calendar[resource])
            work = int(arrays.alt_work[alternative])
            begin = variables.begin[calendar]
            if arrays.task_is_fixed[task]:
                work = int(variables.finish[calendar]) - int(begin)
            literal = variables.chosen[alternative]
            name = f"work{alternative}"
            if isinstance(literal, int):
                interval = model.new_fixed_size_interval_var(begin, work, name)
            else:
                interval = model.new_optional_fixed_size_interval_var(begin, work, literal, name)
            intervals[resource].append(interval)
    for resource, found in intervals.items():
        capacity = shop.problem.capacity(resource)
        if len(found) <= capacity:
            continue
        if capacity == 1:
            model.add_no_overlap(found)
        else:
            model.add_cumulative(found, [1] * len(found), capacity)
    _keep_off_closed_fixed_tasks(shop)


def _keep_off_closed_fixed_tasks(shop: ShopModel) -> None:
    """Keep tasks from pausing across a fixed task in closed hours, which takes no working time."""
    arrays, model = shop.arrays, shop.model
    for fixed, given in shop.tasks.items():
        if not arrays.task_is_fixed[fixed]:
            continue
        resource = int(arrays.alt_resource[arrays.alt_ptr[fixed]])
        open_time = shop.open_time(resource)
        start, end = int(given.start), int(given.end)
        if open_time.between(start, end) == end - start or shop.problem.capacity(resource) > 1:
            continue
        for task, variables in shop.tasks.items():
            if not variables.is_movable:
                continue
            for alternative, literal in variables.chosen.items():
                if arrays.alt_resource[alternative] == resource:
                    before = shop.literal(f"before{fixed}_{task}")
                    enforced = [] if isinstance(literal, int) else [literal]
                    model.add(variables.end <= start).only_enforce_if([before, *enforced])
                    model.add(variables.start >= end).only_enforce_if([~before, *enforced])
