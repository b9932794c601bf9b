"""Calendars in the model: real start and end of a task tied to its place in working time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.solvers.compiled.shop import NONE

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from orderopt.solvers.compiled.open_time import OpenTime
    from orderopt.solvers.cpsat.expression import Linear
    from orderopt.solvers.cpsat.shop_model import ShopModel, TaskVars


def post_calendar(shop: ShopModel) -> None:
    """Tie start and end of every movable task to working time, on whichever calendar it ends up."""
    for task, variables in shop.tasks.items():
        if variables.is_movable:
            for calendar in variables.begin:
                _tie(shop, task, variables, calendar)


def _tie(shop: ShopModel, task: int, variables: TaskVars, calendar: int) -> None:
    arrays, model = shop.arrays, shop.model
    open_time = shop.problem.open_times[calendar]
    model.add(variables.end >= variables.start)
    here = [
        alternative
        for alternative in shop.alternatives(task)
        if arrays.resource_calendar[arrays.alt_resource[alternative]] == calendar
    ]
    on_it = _presence(shop, task, variables, calendar, here)
    begin, finish = variables.begin[calendar], variables.finish[calendar]
    for alternative in here:
        tied = model.add(finish == begin + int(arrays.alt_work[alternative]))
        if not isinstance(variables.chosen[alternative], int):
            tied.only_enforce_if(variables.chosen[alternative])
    setup = sum(expression for _, expression in variables.setup.get(calendar, []))
    start_work = begin - setup
    first, last = spans_within(open_time, int(shop.earliest[task]), int(shop.latest[task]))
    if first == last:  # never open in time
        if isinstance(on_it, int):
            model.add_bool_or([])
        else:
            model.add(on_it == 0)
        return
    starts = _span_literals(shop, task, on_it, first, last, "s", calendar)
    for span in range(first, last):
        offset = int(open_time.opens[span] - open_time.before[span])
        low = int(open_time.before[span])
        high = low + int(open_time.closes[span] - open_time.opens[span])
        _enforce(model.add(variables.start == start_work + offset), starts[span])
        _enforce(model.add_linear_constraint(start_work, low, high - 1), starts[span])
    in_one_span = not any(arrays.alt_breakable[alternative] for alternative in here)
    takes_no_time = not any(arrays.alt_work[alternative] for alternative in here)
    if in_one_span or last - first == 1 or (takes_no_time and not variables.setup.get(calendar)):
        ends = starts
    else:
        ends = _span_literals(shop, task, on_it, first, last, "e", calendar)
    for span in range(first, last):
        offset = int(open_time.opens[span] - open_time.before[span])
        low = int(open_time.before[span])
        high = low + int(open_time.closes[span] - open_time.opens[span])
        _enforce(model.add(variables.end == finish + offset), ends[span])
        _enforce(model.add_linear_constraint(finish, low if ends is starts else low + 1, high), ends[span])
    if ends is not starts:
        for alternative in here:
            if not arrays.alt_breakable[alternative]:
                for span in range(first, last):
                    _enforce(model.add_implication(starts[span], ends[span]), variables.chosen[alternative])


def _presence(shop: ShopModel, task: int, variables: TaskVars, calendar: int, here: list[int]) -> Linear:
    """Return a literal for "the task stands on a resource with this calendar" (1: surely)."""
    if len(variables.begin) == 1:
        present = shop.presence(task)
        return 1 if present is None else present
    if len(here) == 1:
        return variables.chosen[here[0]]
    hint = None if shop.hint is None else bool(int(shop.hint.alternative[task]) in here)
    literal = shop.literal(f"calendar{task}_{calendar}", hint)
    shop.model.add(sum(variables.chosen[alternative] for alternative in here) == literal)
    return literal


def spans_within(open_time: OpenTime, since: int, until: int) -> tuple[int, int]:
    """Return the range of open spans that touch [since, until]."""
    first = int(np.searchsorted(open_time.closes, since, side="right"))
    last = int(np.searchsorted(open_time.opens, until, side="right"))
    return first, max(first, last)


def _span_literals(
    shop: ShopModel, task: int, on_it: Linear, first: int, last: int, kind: str, calendar: int
) -> dict[int, Linear]:
    if last - first == 1:
        return {first: on_it}
    hinted = _hinted_span(shop, task, kind, calendar)
    literals = {
        span: shop.literal(f"{kind}{task}_{span}", None if hinted is None else span == hinted)
        for span in range(first, last)
    }
    if isinstance(on_it, int):
        shop.model.add_exactly_one(literals.values())
    else:
        shop.model.add(sum(literals.values()) == on_it)
    return dict(literals)


def _hinted_span(shop: ShopModel, task: int, kind: str, calendar: int) -> int | None:
    """Return the span of a calendar that the hint takes; NONE where it puts the task on another calendar."""
    if shop.hint is None:
        return None
    if shop.arrays.resource_calendar[shop.arrays.alt_resource[shop.hint.alternative[task]]] != calendar:
        return NONE
    open_time = shop.problem.open_times[calendar]
    if kind == "s":
        return int(np.searchsorted(open_time.closes, shop.hint.start[task], side="right"))
    return int(np.searchsorted(open_time.closes, shop.hint.end[task], side="left"))


def _enforce(constraint: cp_model.Constraint, literal: Linear) -> None:
    if not isinstance(literal, int):
        constraint.only_enforce_if(literal)
