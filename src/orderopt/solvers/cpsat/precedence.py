"""Precedence in the model: steps of a job in order, components before what consumes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderopt.solvers.cpsat.extras import overlaps

if TYPE_CHECKING:
    from orderopt.solvers.cpsat.expression import Linear
    from orderopt.solvers.cpsat.shop_model import ShopModel


def post_precedence(shop: ShopModel) -> None:
    """Post the order of steps with their transfer times, releases, and links between jobs."""
    arrays = shop.arrays
    for task, variables in shop.tasks.items():
        if arrays.task_is_fixed[task]:
            continue
        if task > arrays.job_ptr[arrays.task_job[task]]:
            _post_step(shop, task - 1, task)
        for job in arrays.link_job[arrays.link_ptr[task] : arrays.link_ptr[task + 1]]:
            last = int(arrays.job_ptr[job + 1]) - 1
            if last in shop.tasks:
                if shop.tasks[last].is_movable or variables.is_movable:
                    present = [
                        literal for literal in (shop.presence(task), shop.present.get(int(job))) if literal is not None
                    ]
                    _order(shop, last, task, 0, present)
            elif variables.is_movable and shop.hint is not None:
                shop.model.add(variables.start >= int(shop.hint.end[last]))


def _post_step(shop: ShopModel, before: int, after: int) -> None:
    arrays = shop.arrays
    if before not in shop.tasks:
        if shop.tasks[after].is_movable and shop.hint is not None:
            lag = int(arrays.alt_lag[shop.hint.alternative[before]])
            shop.model.add(shop.tasks[after].start >= int(shop.hint.end[before]) + lag)
        return
    earlier, later = shop.tasks[before], shop.tasks[after]
    if not earlier.is_movable and not later.is_movable:
        return
    present = shop.presence(after)
    if earlier.is_movable and any(overlaps(shop, alternative) for alternative in shop.alternatives(before)):
        for alternative in shop.alternatives(before):
            if not overlaps(shop, alternative):
                _order(shop, before, after, int(arrays.alt_lag[alternative]), [earlier.chosen[alternative]])
        return
    lags = {int(arrays.alt_lag[alternative]) for alternative in shop.alternatives(before)}
    _order(shop, before, after, min(lags), [] if present is None else [present])
    if len(lags) > 1:
        for alternative in shop.alternatives(before):
            lag = int(arrays.alt_lag[alternative])
            if lag > min(lags):
                _order(shop, before, after, lag, [earlier.chosen[alternative]])


def _order(shop: ShopModel, before: int, after: int, lag: int, enforced: list[Linear]) -> None:
    """Task `after` starts no earlier than `lag` minutes behind the end of `before`."""
    arrays = shop.arrays
    earlier, later = shop.tasks[before], shop.tasks[after]
    later_is_held = not later.is_movable and not arrays.task_is_fixed[after]
    if later_is_held:
        resource = int(arrays.alt_resource[shop.given.alternative[after]])
        if arrays.setup_size[resource] and shop.problem.capacity(resource) == 1:
            return  # its start depends on the arc taken: the changeover rule says it
    posted = shop.model.add(later.start >= earlier.end + lag)
    if enforced:
        posted.only_enforce_if(enforced)
    if lag == 0:
        for calendar in set(earlier.finish) & set(later.begin):
            if len(earlier.finish) == len(later.begin) == 1:
                setup = sum(expression for _, expression in later.setup.get(calendar, []))
                same = shop.model.add(later.begin[calendar] - setup >= earlier.finish[calendar])
                if enforced:
                    same.only_enforce_if(enforced)
