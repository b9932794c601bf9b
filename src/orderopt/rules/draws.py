"""What jobs draw: components by job and item, and the moment at which each step takes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import MICRO, Affine, Bools, Ints, build_ints, sum_groups, to_micros
from orderopt.rules.facts import NO_STEP
from orderopt.rules.names import Names, pair

if TYPE_CHECKING:
    from orderopt.rules.facts import Facts


NO_START = 2**62
"""As the start of a step: it has no task that could be placed."""


@dataclass(frozen=True, eq=False)
class Draws:
    """One draw for each job and component.

    Attributes
    ----------
    keys
        Code of job and item of each draw.
    num_items
        Number of items, for the codes.
    low, high
        Least and most that is pegged to the draw, in millionths: the quantity drawn by steps that are still to
        start, rounded down, and by all steps, rounded up.
    step_draw, step_start, step_low
        For each step that is still to start: its draw, its start (NO_START where it has no task), and what it
        takes.
    """

    keys: Names
    num_items: int
    low: Ints
    high: Ints
    step_draw: Ints
    step_start: Ints
    step_low: Ints

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def job(self) -> Ints:
        """Job of each draw."""
        return np.asarray(self.keys.index.to_numpy(), dtype=np.int64) // self.num_items

    @cached_property
    def item(self) -> Ints:
        """Component of each draw."""
        return np.asarray(self.keys.index.to_numpy(), dtype=np.int64) % self.num_items

    def find(self, jobs: Ints, items: Ints) -> Ints:
        """Return the draw of each job and item, -1 where there is none."""
        return self.keys.codes(pair(jobs, items, self.num_items))


def build_draws(facts: Facts) -> Draws:
    """Return what every job draws of every component."""
    given, jobs = facts.given, facts.jobs
    rows = [row for row in given.snapshot.bom if given.items.code(row.component_id) >= 0]
    item = given.items.codes([row.item_id for row in rows])
    order = np.argsort(item, kind="stable")
    first, last = (np.searchsorted(item[order], jobs.item, side=side) for side in ("left", "right"))
    count = np.where(jobs.item >= 0, last - first, 0)
    job = np.repeat(np.arange(jobs.size, dtype=np.int64), count)
    offset = np.arange(len(job)) - np.repeat(np.cumsum(count) - count, count)
    row = order[np.repeat(first, count) + offset]
    component = given.items.codes([row.component_id for row in rows])
    need = Affine(
        [0] * len(rows),
        [to_micros(row.quantity_per) * (MICRO + (to_micros(row.scrap) if row.scrap else 0)) for row in rows],
        [MICRO * MICRO] * len(rows),
    )
    low, high = need.floor(row, jobs.quantity[job]), need.ceil(row, jobs.quantity[job])
    start, is_issued = _consumption(facts, job, row, [row.op_no for row in rows])
    num_items = max(len(given.items), 1)
    names = Names(np.unique(pair(job, component[row], num_items)))
    draw = names.codes(pair(job, component[row], num_items))
    open_steps = np.flatnonzero(~is_issued)
    return Draws(
        names,
        num_items,
        sum_groups(draw[open_steps], low[open_steps], len(names)),
        sum_groups(draw, high, len(names)),
        draw[open_steps],
        start[open_steps],
        low[open_steps],
    )


def _consumption(facts: Facts, job: Ints, row: Ints, op_nos: list[int | None]) -> tuple[Ints, Bools]:
    """Return when each job takes each component, and whether that has happened (its step is fixed or finished)."""
    jobs, tasks, routings = facts.jobs, facts.tasks, facts.given.routings
    routing = jobs.routing[job]
    first = np.where(routing >= 0, routings.first_step[routing], -1)
    named = np.array([op_no is not None for op_no in op_nos], dtype=np.bool_)[row]
    numbers = build_ints([0 if op_no is None else op_no for op_no in op_nos])[row]
    step = np.where(named, routings.find_steps(routing, numbers), -1)
    step = np.where(step >= 0, step, first)
    num_steps = len(routings.step_op_no)
    is_known = np.flatnonzero((tasks.job >= 0) & (tasks.step >= 0) & tasks.is_placed)
    keys = pair(tasks.job[is_known], tasks.step[is_known], num_steps)
    names = Names(keys)
    starts = np.full(len(names) + 1, NO_START, dtype=np.int64)
    np.minimum.at(starts, names.codes(keys), tasks.start[is_known])
    is_fixed = np.zeros(len(names) + 1, dtype=np.bool_)
    is_fixed[names.codes(keys)[tasks.is_fixed[is_known]]] = True
    found = names.codes(pair(job, step, num_steps))
    first_fixed = facts.first_fixed_step[job]
    is_finished = (first_fixed < NO_STEP) & (step < first_fixed)
    return starts[found], np.asarray(is_fixed[found] | is_finished, dtype=np.bool_)
