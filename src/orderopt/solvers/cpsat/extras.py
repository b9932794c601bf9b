"""Longest waits, overlapping steps and setup crews in the model.

Tasks are free or fixed here: who holds some of them refuses such shops.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.shop import NONE
from orderopt.solvers.cpsat.calendar import spans_within

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from orderopt.solvers.compiled.extras import Extras
    from orderopt.solvers.cpsat.expression import Linear
    from orderopt.solvers.cpsat.shop_model import ShopModel

ROOM = 14 * 1440
"""Minutes behind the latest end of a task within which its resource is taken to open again."""


def post_extras(shop: ShopModel) -> None:
    """Post what the shop asks for beyond precedence, capacity and changeovers."""
    extras, arrays = shop.problem.extras, shop.arrays
    if extras is None:
        return
    for task, variables in shop.tasks.items():
        if variables.is_movable and task > arrays.job_ptr[arrays.task_job[task]] and shop.tasks[task - 1].is_movable:
            _post_wait(shop, extras, task - 1)
            _post_overlap(shop, extras, task - 1)
    _post_crews(shop, extras)


def overlaps(shop: ShopModel, alternative: int) -> bool:
    """Whether the step behind an alternative may start before that has ended."""
    return shop.problem.extras is not None and bool(shop.problem.extras.alt_overlaps[alternative])


def _post_wait(shop: ShopModel, extras: Extras, before: int) -> None:
    earlier, later = shop.tasks[before], shop.tasks[before + 1]
    for alternative in shop.alternatives(before):
        if extras.alt_wait[alternative] < FOREVER:
            posted = shop.model.add(later.start <= earlier.end + int(extras.alt_wait[alternative]))
            _only_if(posted, earlier.chosen[alternative])


def _post_overlap(shop: ShopModel, extras: Extras, before: int) -> None:
    """Let a step start behind the first batch of the step before, and end long enough behind its last."""
    arrays, after = shop.arrays, before + 1
    earlier, later = shop.tasks[before], shop.tasks[after]
    since, until = int(shop.earliest[before]), int(shop.latest[after])
    for alternative in shop.alternatives(before):
        if not overlaps(shop, alternative):
            continue
        lag, taken = int(arrays.alt_lag[alternative]), earlier.chosen[alternative]
        calendar = int(arrays.resource_calendar[arrays.alt_resource[alternative]])
        head = earlier.begin[calendar] + int(extras.alt_head[alternative])
        batch = _real(shop, f"batch{alternative}", calendar, head, taken, since, until, is_end=True)
        _only_if(shop.model.add(later.start >= batch + lag), taken)
        for other in shop.alternatives(after):
            calendar = int(arrays.resource_calendar[arrays.alt_resource[other]])
            rest = later.finish[calendar] - int(extras.alt_tail[other])
            name, literal = f"rest{alternative}_{other}", later.chosen[other]
            begins = _real(shop, name, calendar, rest, literal, since, until + ROOM, is_end=False)
            _only_if(shop.model.add(earlier.end + lag <= begins), taken, literal)


def _post_crews(shop: ShopModel, extras: Extras) -> None:
    arrays = shop.arrays
    setups: dict[int, list[cp_model.IntervalVar]] = defaultdict(list)
    given: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for task, variables in shop.tasks.items():
        for alternative in shop.alternatives(task):
            resource = int(arrays.alt_resource[alternative])
            crew, calendar = int(extras.resource_crew[resource]), int(arrays.resource_calendar[resource])
            if crew == NONE:
                continue
            open_time = shop.problem.open_times[calendar]
            if arrays.task_is_fixed[task]:
                start, minutes = int(arrays.fixed_start[task]), int(arrays.fixed_setup[task])
                until = min(open_time.end_of(open_time.worked(start) + minutes), int(arrays.fixed_end[task]))
                if minutes and until > start:
                    given[crew].append((start, until))
                continue
            found = variables.setup.get(calendar, [])
            if not found:
                continue
            needs = shop.literal(f"crew{alternative}")
            taken = variables.chosen[alternative]
            if not isinstance(taken, int):
                shop.model.add_implication(needs, taken)
            _only_if(shop.model.add(sum(expression for _, expression in found) == 0), ~needs, taken)
            since, until = int(shop.earliest[task]), int(shop.latest[task])
            begin = variables.begin[calendar]
            ready = _real(shop, f"ready{alternative}", calendar, begin, needs, since, until, is_end=True)
            size = shop.integer(0, max(0, until - since), f"setup{alternative}")
            setups[crew].append(
                shop.model.new_optional_interval_var(variables.start, size, ready, needs, f"setup{alternative}")
            )
    for crew, intervals in setups.items():
        for start, until in _join(given[crew]):
            intervals.append(shop.model.new_fixed_size_interval_var(start, until - start, f"begun{crew}_{start}"))
        shop.model.add_no_overlap(intervals)


def _join(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans that do not overlap and cover the same time."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _real(
    shop: ShopModel,
    name: str,
    calendar: int,
    work: Linear,
    literal: Linear,
    since: int,
    until: int,
    *,
    is_end: bool,
) -> cp_model.IntVar:
    """Return the variable for the real minute at which an amount of open minutes is reached, if a literal holds.

    Parameters
    ----------
    since, until
        Real minutes between which it is.
    is_end
        Whether it is the earliest such minute (as the end of work is), or the latest at which more work could follow.
    """
    model, open_time = shop.model, shop.problem.open_times[calendar]
    first, last = spans_within(open_time, since, until)
    found = shop.integer(min(since, until), until, name)
    literals = [literal] if last - first == 1 else [shop.literal(f"{name}_{span}") for span in range(first, last)]
    if last - first != 1:
        model.add(sum(literals) == literal)
    for span, inside in zip(range(first, last), literals, strict=True):
        low, length = int(open_time.before[span]), int(open_time.closes[span] - open_time.opens[span])
        _only_if(model.add(found == work + int(open_time.opens[span]) - low), inside)
        lowest, highest = (low + 1, low + length) if is_end else (low, low + length - 1)
        _only_if(model.add_linear_constraint(work, lowest, highest), inside)
    return found


def _only_if(constraint: cp_model.Constraint, *literals: Linear) -> None:
    enforced = [literal for literal in literals if not isinstance(literal, int)]
    if enforced:
        constraint.only_enforce_if(enforced)
