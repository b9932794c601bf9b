"""The numbers of every picture, without a drop of ink: no plotting package is imported here."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orderopt.rules.wall_clock import DAY, WallClock
from orderopt.views.clock import closed_spans, open_time, reach, utc_minutes, wall_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from orderopt.models.plan import Plan
    from orderopt.models.snapshot import Snapshot
    from orderopt.rules.open_time import OpenTime
    from orderopt.views.clock import Minutes, WallTimes

    Flags = NDArray[np.bool_]
    Positions = NDArray[np.int64]

THURSDAY = 3
"""Weekday of 1970-01-01, where Monday is 0."""
LONGEST_BY_DAY = 16 * DAY
"""Windows up to this long (minutes) show their load by day, longer ones by week."""
MOST_BINS = 40
BIN_WIDTHS = (60, 120, 240, 480, 720, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY)


@dataclass(frozen=True)
class Window:
    """The stretch of time that a picture shows: minutes since the Unix epoch, and the zone of its wall clock."""

    since: int
    until: int
    zone: str


@dataclass(frozen=True)
class ResourceRow:
    """A resource as a row of the picture; `num_lanes` tasks of it may lie above each other."""

    resource_id: str
    unit_id: str
    unit_name: str
    calendar_id: str | None
    num_lanes: int


@dataclass(frozen=True)
class Bars:
    """The tasks shown, one entry a task in every list; sorted by start.

    `row` points into the rows of the figure, `lane` counts from 0 within the row. `start`, `setup_end` and
    `end` are on the wall clock. `order_name` is ``order_id/line_no`` (empty for stock).
    """

    row: Positions
    lane: Positions
    start: WallTimes
    setup_end: WallTimes
    end: WallTimes
    is_late: Flags
    is_frozen: Flags
    task_id: list[str]
    job_id: list[str]
    order_name: list[str]
    item_id: list[str]
    op_no: list[int]
    family: list[str]
    quantity: list[object]
    setup_minutes: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.task_id)


@dataclass(frozen=True)
class ScheduleFigure:
    """Tasks on resources over time.

    `closed` holds, for each row, the closed spans in the window as rows of two wall times. `num_tasks` counts
    all tasks of the plan; fewer bars are shown where the picture was capped.
    """

    window: Window
    since: np.datetime64
    until: np.datetime64
    planning_start: np.datetime64
    rows: tuple[ResourceRow, ...]
    bars: Bars
    closed: tuple[WallTimes, ...]
    num_tasks: int


@dataclass(frozen=True)
class LoadFigure:
    """Load against open time of each unit in each day or week.

    `edges` has one wall time more than there are buckets; `load_minutes` and `open_minutes` (open time times
    capacity) have one row a unit and one column a bucket.
    """

    bucket: str
    edges: WallTimes
    unit_ids: tuple[str, ...]
    unit_names: tuple[str, ...]
    load_minutes: Minutes
    open_minutes: Minutes

    @property
    def share(self) -> NDArray[np.float64]:
        """Load over open time; where a unit is closed: 0 if it is idle, else 1."""
        bare = np.where(self.load_minutes > 0, 1.0, 0.0)
        return np.divide(self.load_minutes, self.open_minutes, out=bare, where=self.open_minutes > 0)

    @property
    def percent(self) -> list[list[str]]:
        """The share in words; empty where a unit is closed and idle, ``closed`` where it works all the same."""
        return [
            [f"{load / spare:.0%}" if spare else "closed" if load else "" for load, spare in zip(*pair, strict=True)]
            for pair in zip(self.load_minutes.tolist(), self.open_minutes.tolist(), strict=True)
        ]


@dataclass(frozen=True)
class LatenessFigure:
    """How many lines arrive how early or late.

    Bin k holds lines later than ``edges[k]`` and up to ``edges[k + 1]`` minutes after their due date (below
    zero: early). Zero is an edge, so every bin is wholly on time or wholly late.
    """

    edges: Minutes
    num_lines: Positions
    lateness_minutes: Minutes
    num_unserved: int


def plan_window(plan: Plan) -> Window:
    """Return the stretch from the horizon's start (or the first fixed task) to the end of the last task."""
    settings, schedule = plan.snapshot.settings, plan.schedule
    since = int(utc_minutes([settings.horizon_start])[0])
    if schedule.empty:
        until = int(utc_minutes([settings.horizon_end])[0]) if settings.horizon_end else since + DAY
    else:
        since = min(since, int(utc_minutes(schedule["start"]).min()))
        until = max(since + 60, int(utc_minutes(schedule["end"]).max()))
    return Window(since, until, settings.timezone)


def assign_lanes(start: Minutes, end: Minutes) -> Positions:
    """Return the lowest free lane for each task of one resource, so that no two in a lane overlap.

    Parameters
    ----------
    start, end
        Minutes, half-open, sorted by start.
    """
    lanes = np.zeros(len(start), dtype=np.int64)
    if len(start) < 2 or np.all(start[1:] >= np.maximum.accumulate(end)[:-1]):
        return lanes
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    for place, (begin, finish) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        while busy and busy[0][0] <= begin:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (finish, lane))
        lanes[place] = lane
    return lanes


def setup_ends(clock: OpenTime, start: Minutes, end: Minutes, setup_minutes: Minutes) -> Minutes:
    """Return when the setup of each task is over: so many open minutes after its start, within the task."""
    reached = reach(clock.spans, clock.count(start) + setup_minutes)
    return np.where(setup_minutes > 0, np.clip(reached, start, end), start)


def _late_lines(plan: Plan) -> set[tuple[str, str]]:
    promises = plan.promises
    late = promises[promises["tardiness_minutes"].astype("int64") > 0]
    return set(late[["order_id", "line_no"]].itertuples(index=False, name=None))


def _families(snapshot: Snapshot, schedule: pd.DataFrame) -> list[str]:
    known = {
        (step.item_id, step.unit_id, step.op_no, step.resource_id): step.family or "" for step in snapshot.operations
    }
    columns = ["item_id", "unit_id", "op_no", "resource_id"]
    return [known.get(key, "") for key in schedule[columns].itertuples(index=False, name=None)]


def _clocks(snapshot: Snapshot, since: int, until: int) -> dict[str | None, OpenTime]:
    calendars = {resource.calendar_id for resource in snapshot.resources}
    return {calendar: open_time(snapshot, calendar, since, until) for calendar in calendars}


def schedule_figure(plan: Plan, *, max_bars: int | None = None) -> ScheduleFigure:
    """Return the tasks of a plan as bars on rows of resources, grouped by unit.

    Parameters
    ----------
    plan
        The plan to show.
    max_bars
        Show at most so many bars, those that start first. None: all.
    """
    snapshot, window = plan.snapshot, plan_window(plan)
    whole = plan.schedule
    schedule = whole.assign(_start=utc_minutes(whole["start"]), _end=utc_minutes(whole["end"]))
    schedule = schedule.sort_values(["_start", "task_id"], kind="stable", ignore_index=True)[:max_bars]
    if len(schedule) < len(whole):
        window = Window(window.since, int(schedule["_end"].max()), window.zone)
    by_unit = {unit_id: place for place, unit_id in enumerate(snapshot.unit)}
    resources = sorted(snapshot.resources, key=lambda resource: by_unit[resource.unit_id])
    position = {resource.resource_id: place for place, resource in enumerate(resources)}
    row = np.array([position[name] for name in schedule["resource_id"]], dtype=np.int64)
    start, end = (schedule[name].to_numpy(dtype=np.int64) for name in ("_start", "_end"))
    setup = np.ceil(schedule["setup_minutes"].astype(float).to_numpy()).astype(np.int64)
    lane, setup_end = np.zeros(len(row), dtype=np.int64), start.copy()
    rows, closed = [], []
    clocks = _clocks(snapshot, window.since, window.until)
    for place, resource in enumerate(resources):
        clock = clocks[resource.calendar_id]
        own = np.flatnonzero(row == place)
        lane[own] = assign_lanes(start[own], end[own])
        setup_end[own] = setup_ends(clock, start[own], end[own], setup[own])
        unit = snapshot.unit[resource.unit_id]
        num_lanes = 1 + int(lane[own].max(initial=0))
        name = unit.name or unit.unit_id
        rows.append(ResourceRow(resource.resource_id, unit.unit_id, name, resource.calendar_id, num_lanes))
        shut = closed_spans(clock.spans, window.since, window.until)
        closed.append(wall_times(shut.ravel(), window.zone).reshape(-1, 2))
    late = _late_lines(plan)
    order_ids = [None if pd.isna(order_id) else str(order_id) for order_id in schedule["order_id"]]
    keys = list(zip(order_ids, schedule["line_no"], strict=True))
    begin = wall_times(start, window.zone)  # in the hour that comes twice, no bar may end before it starts
    bars = Bars(
        row=row,
        lane=lane,
        start=begin,
        setup_end=np.maximum(wall_times(setup_end, window.zone), begin),
        end=np.maximum(wall_times(end, window.zone), begin),
        is_late=np.array([key in late for key in keys], dtype=bool),
        is_frozen=schedule["frozen"].astype(bool).to_numpy(),
        task_id=[str(name) for name in schedule["task_id"]],
        job_id=[str(name) for name in schedule["job_id"]],
        order_name=["" if order_id is None else f"{order_id}/{line_no}" for order_id, line_no in keys],
        item_id=[str(name) for name in schedule["item_id"]],
        op_no=[int(number) for number in schedule["op_no"]],
        family=_families(snapshot, schedule),
        quantity=list(schedule["quantity"]),
        setup_minutes=schedule["setup_minutes"].to_numpy(dtype=np.float64),
    )
    edges = [window.since, window.until, int(utc_minutes([snapshot.settings.start])[0])]
    since, until, planning_start = wall_times(np.array(edges), window.zone)
    return ScheduleFigure(window, since, until, planning_start, tuple(rows), bars, tuple(closed), len(whole))


def _bucket_edges(window: Window) -> tuple[str, Minutes]:
    """Return "day" or "week", and local midnights (Mondays) from the first before the window to the last after."""
    clock = WallClock(window.zone)
    first, last = clock.to_local(np.array([window.since, window.until - 1])) // DAY
    if window.until - window.since <= LONGEST_BY_DAY:
        return "day", clock.to_utc(np.arange(first, last + 2) * DAY)
    monday = first - (first + THURSDAY) % 7
    return "week", clock.to_utc(np.arange(monday, last + 8, 7) * DAY)


def load_figure(plan: Plan) -> LoadFigure:
    """Return how much of each unit's open time its tasks take, by day or (in long windows) by week.

    A task counts where its open minutes lie; a fixed task that lies wholly in closed time counts with the
    minutes it spans. Time before the window is neither open nor loaded.
    """
    snapshot, window = plan.snapshot, plan_window(plan)
    bucket, edges = _bucket_edges(window)
    schedule = plan.schedule
    start, end = utc_minutes(schedule["start"]), utc_minutes(schedule["end"])
    names = schedule["resource_id"].to_numpy()
    inner = np.maximum(edges, window.since)
    units = {resource.unit_id for resource in snapshot.resources}
    shown = [unit for unit in snapshot.production_units if unit.unit_id in units]
    position = {unit.unit_id: place for place, unit in enumerate(shown)}
    load = np.zeros((len(shown), len(edges) - 1), dtype=np.int64)
    spare = np.zeros_like(load)
    clocks = _clocks(snapshot, window.since, int(edges[-1]))
    for resource in snapshot.resources:
        clock = clocks[resource.calendar_id]
        place = position[resource.unit_id]
        spare[place] += np.diff(clock.count(inner)) * resource.capacity
        own = names == resource.resource_id
        load[place] += _load_by_bucket(clock, start[own], end[own], edges)
    return LoadFigure(
        bucket,
        wall_times(edges, window.zone),
        tuple(unit.unit_id for unit in shown),
        tuple(unit.name or unit.unit_id for unit in shown),
        load,
        spare,
    )


def _load_by_bucket(clock: OpenTime, start: Minutes, end: Minutes, edges: Minutes) -> Minutes:
    """Return the minutes that tasks of one resource take in each bucket."""
    is_shut = clock.count(end) == clock.count(start)
    total = np.zeros(len(edges) - 1, dtype=np.int64)
    for chosen, measure in ((~is_shut, clock.count), (is_shut, np.asarray)):
        begin, finish = start[chosen], end[chosen]
        first = np.searchsorted(edges, begin, side="right") - 1
        last = np.searchsorted(edges, finish, side="left") - 1
        for bucket in range(len(total)):
            touched = (first <= bucket) & (bucket <= last)
            since, until = np.maximum(begin[touched], edges[bucket]), np.minimum(finish[touched], edges[bucket + 1])
            total[bucket] += int((measure(until) - measure(since)).sum())
    return total


def lateness_figure(plan: Plan) -> LatenessFigure:
    """Return how many promised lines arrive how early or late, and how many get nothing."""
    promises = plan.promises
    served = promises[promises["promised_at"].notna()]
    minutes = utc_minutes(served["promised_at"]) - utc_minutes(served["due_at"])
    low, high = (int(minutes.min()), int(minutes.max())) if len(minutes) else (0, 0)
    width = next((width for width in BIN_WIDTHS if (high - low) / width <= MOST_BINS - 2), BIN_WIDTHS[-1])
    first, last = min(-(-low // width) - 1, -1), max(-(-high // width), 1)
    edges = np.arange(first, last + 1, dtype=np.int64) * width
    bins = -(-minutes // width) - 1 - first
    counts = np.bincount(bins, minlength=len(edges) - 1).astype(np.int64)
    return LatenessFigure(edges, counts, minutes, len(promises) - len(served))
