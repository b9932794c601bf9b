"""The tasks of a plan, joined with the rows of the routings they follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import MICRO, Bools, Ints
from orderopt.rules.names import UNKNOWN
from orderopt.rules.rows import RowFinder

if TYPE_CHECKING:
    from orderopt.models.result import FixedTask
    from orderopt.rules.decided import Table
    from orderopt.rules.given import Given
    from orderopt.rules.jobs import Jobs


def _at(values: Ints, codes: Ints, missing: int = UNKNOWN) -> Ints:
    return np.asarray(np.append(values, missing)[codes], dtype=np.int64)


class Tasks:
    """Rows of ``schedule``.

    Attributes
    ----------
    fixed
        Position in the snapshot's fixed tasks, -1 for a planned task.
    job, item, unit, resource, step, row
        Codes, -1 where not known; `row` is the row of the routing that the task follows.
    start, end
        Minutes since the epoch; fixed tasks off the grid are widened to whole minutes.
    is_placed
        Whether the task stands on a known resource from a start to an end not before it.
    """

    def __init__(self, given: Given, table: Table, jobs: Jobs) -> None:
        self.table = table
        self.size = table.size
        self._given, self._jobs = given, jobs
        fixed_ids = np.empty(len(given.snapshot.fixed_tasks), dtype=object)
        fixed_ids[:] = [task.task_id for task in given.snapshot.fixed_tasks]
        self.fixed = RowFinder(fixed_ids).find(table.text("task_id"))
        self.job = jobs.find(table.text("job_id"))
        self.item = given.items.codes(table.text("item_id"))
        self.unit = given.units.codes(table.text("unit_id"))
        self.resource = given.resources.names.codes(table.text("resource_id"))
        routings = given.routings
        self.step = routings.find_steps(routings.find_routings(self.item, self.unit), table.ints("op_no"))
        self.row = routings.find_rows(self.step, self.resource)
        self.step[~table.is_given("op_no")] = UNKNOWN
        self.row[~table.is_given("op_no")] = UNKNOWN
        self.start = table.ints("start")
        self.end = table.ints("end") + (table.is_off_grid("end") & self.is_fixed)
        self.is_placed: Bools = (
            (self.resource >= 0) & table.is_given("start") & table.is_given("end") & (self.end >= self.start)
        )

    @cached_property
    def is_fixed(self) -> Bools:
        """Whether each task is one of the snapshot's fixed tasks."""
        return np.asarray(self.fixed >= 0, dtype=np.bool_)

    @cached_property
    def is_planned(self) -> Bools:
        """Whether each task was placed by the planner."""
        return ~self.is_fixed

    @property
    def setup(self) -> Ints:
        """Setup minutes in millionths."""
        return self.table.ints("setup_minutes")

    @cached_property
    def quantity(self) -> Ints:
        """Started quantity of each task's job in millionths."""
        own = self.table.ints("quantity")
        return np.asarray(np.where(self.job >= 0, _at(self._jobs.quantity, self.job), own), dtype=np.int64)

    @cached_property
    def work(self) -> Ints:
        """Whole working minutes each task needs, without setup; 0 where its resource cannot do it."""
        minutes = self._given.routings.work.ceil(self.row, np.maximum(self.quantity, 0))
        return np.asarray(np.where(self.row >= 0, minutes, 0), dtype=np.int64)

    @cached_property
    def family(self) -> Ints:
        """Setup family of each task, -1 for none."""
        return np.asarray(self._given.routings.family[self.row], dtype=np.int64)

    @cached_property
    def open_time(self) -> TaskTime:
        """Each task against its resource's calendar."""
        return _measure(self._given, self)

    def reach(self, rows: Ints, minutes: Ints) -> Ints:
        """Return when each placed task has had so many open minutes since its start."""
        found = self.start[rows].copy()
        calendars = self._given.resources.calendar[self.resource[rows]]
        for place, calendar_id in enumerate(self._given.resources.calendar_ids):
            here = np.flatnonzero(calendars == place)
            if len(here):
                start, end = self.start[rows[here]], self.end[rows[here]]
                clock = self._given.open_time(calendar_id, int(start.min()) - 1, int(end.max()) + 1)
                found[here] = clock.reach(clock.count(start) + minutes[here])
        return found

    def open_between(self, rows: Ints, since: Ints, until: Ints) -> Ints:
        """Return the open minutes of the resource of each placed task from one moment to another (0 backwards)."""
        found = np.zeros(len(rows), dtype=np.int64)
        calendars = self._given.resources.calendar[self.resource[rows]]
        for place, calendar_id in enumerate(self._given.resources.calendar_ids):
            here = np.flatnonzero((calendars == place) & (until > since))
            if len(here):
                clock = self._given.open_time(calendar_id, int(since[here].min()) - 1, int(until[here].max()) + 1)
                found[here] = clock.count(until[here]) - clock.count(since[here])
        return found

    @cached_property
    def order(self) -> Ints:
        """Placed tasks by resource, start and end; ties as the table lists them."""
        placed = np.flatnonzero(self.is_placed)
        keys = (self.end[placed], self.start[placed], self.resource[placed])
        return np.asarray(placed[np.lexsort(keys)], dtype=np.int64)

    def name(self, row: int) -> str:
        """Return the subject of a finding about a task."""
        return f"task {self.table.text('task_id')[row]} on {self.table.text('resource_id')[row]}"

    def fixed_task(self, row: int) -> FixedTask:
        """Return the fixed task that a row stands for."""
        return self._given.snapshot.fixed_tasks[int(self.fixed[row])]


@dataclass(frozen=True, eq=False)
class TaskTime:
    """How tasks lie in the open time of their resources.

    Attributes
    ----------
    minutes
        Open minutes between start and end.
    starts_open, ends_open
        Whether the start is an open minute, and whether the end closes one.
    is_whole
        Whether no closed minute lies between start and end.
    """

    minutes: Ints
    starts_open: Bools
    ends_open: Bools
    is_whole: Bools


def _measure(given: Given, tasks: Tasks) -> TaskTime:
    minutes = np.zeros(tasks.size, dtype=np.int64)
    starts_open, ends_open, is_whole = (np.ones(tasks.size, dtype=np.bool_) for _ in range(3))
    placed = np.flatnonzero(tasks.is_placed)
    calendars = given.resources.calendar[tasks.resource[placed]]
    by_calendar = placed[np.argsort(calendars, kind="stable")]
    edges = np.searchsorted(np.sort(calendars), np.arange(len(given.resources.calendar_ids) + 1))
    for place, calendar_id in enumerate(given.resources.calendar_ids):
        rows = by_calendar[edges[place] : edges[place + 1]]
        if not len(rows):
            continue
        start, end = tasks.start[rows], tasks.end[rows]
        clock = given.open_time(calendar_id, int(start.min()) - 1, int(end.max()) + 1)
        minutes[rows] = clock.count(end) - clock.count(start)
        starts_open[rows] = clock.is_open(start)
        ends_open[rows] = (end == start) | clock.is_open(end - 1)
        is_whole[rows] = minutes[rows] == end - start
    return TaskTime(minutes, starts_open, ends_open, is_whole)


def needed_minutes(setup: Ints, work: Ints) -> Ints:
    """Return the whole minutes of a setup (in millionths) and the work that follows it."""
    return np.asarray(-(-setup // MICRO) + work, dtype=np.int64)
