"""Every schedule of a set of jobs in which nothing could start earlier, and what the cheapest one costs.

Tasks are placed one after the other in the order of their starts. On a resource of capacity 1 a task goes behind
all that stand there (or between two fixed tasks); elsewhere it goes to the earliest moment with room. Lateness and
machine time never gain from waiting, so some schedule of this kind is best.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from exhaustive.choices import read_beyond, read_chunks, read_dislike, read_freight, read_ready
from exhaustive.clock import count_open, find_first_fit
from exhaustive.facts import arrive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exhaustive.choices import Choice, Part
    from exhaustive.facts import Facts
    from exhaustive.material import Structure, Supply
    from orderopt.models.item import Operation
    from orderopt.models.network import Lane

EPSILON = 1e-9


class Placement(NamedTuple):
    """A task in time; `setup_cost` is weighted."""

    job: int
    op_no: int
    row: Operation
    setup: int
    start: int
    end: int
    work: int
    setup_cost: Fraction


@dataclass(frozen=True)
class Trip:
    """The travel of a part, or of as much of it as one shipment holds; on no lane: when it is handed over."""

    line: str
    number: int
    lane: Lane | None
    depart: int
    arrive: int
    quantity: Fraction


@dataclass(frozen=True)
class Decision:
    """A complete decision and what it costs."""

    cost: float
    structure: Structure
    supplies: tuple[Supply, ...]
    placements: tuple[Placement, ...]
    trips: tuple[Trip, ...]


@dataclass(frozen=True)
class _Track:
    """What a resource of capacity 1 looks like after the last task put on it."""

    gap: int
    free: int
    family: str | None
    is_untouched: bool


@dataclass
class _Job:
    """What the search knows of a job while it is placed."""

    rows: dict[int, tuple[Operation, ...]]
    steps: tuple[int, ...]
    earliest: int
    works: dict[tuple[int, str], int]
    ready: dict[int, int]
    feeders: dict[int, list[int]]
    rest_floor: list[int]
    next_step: int = 0
    end: int = -(10**9)
    transfers: dict[tuple[int, str], int] = field(default_factory=dict)


class Search:
    """Searches all schedules of one decision about jobs and supplies.

    Parameters
    ----------
    facts
        The facts of the snapshot.
    structure
        The jobs and their needs.
    supplies
        Where components come from, one supply for each component.
    """

    def __init__(self, facts: Facts, structure: Structure, supplies: tuple[Supply, ...]) -> None:
        self.facts, self.structure, self.supplies = facts, structure, supplies
        self.best: Decision | None = None
        self.limit = float("inf")
        self.jobs = [self._build_job(index) for index in range(len(structure.jobs))]
        self._attach_needs()
        self.fixed_on = self._read_fixed()
        self.tracks = {
            name: _Track(0, -(10**9), resource.initial_family, is_untouched=True)
            for name, resource in facts.snapshot.resource.items()
            if resource.capacity == 1
        }
        self.busy = {
            name: [(start, end) for start, end, _ in self.fixed_on[name]] + read_missing(facts, name)
            for name, resource in facts.snapshot.resource.items()
            if resource.capacity > 1
        }
        self.parts = [
            (choice, number, part) for choice in structure.choices for number, part in enumerate(choice.parts)
        ]
        self.known_available = [self._read_available(choice, part) for choice, _, part in self.parts]
        self.sunk = self._read_sunk_cost()
        self.placed: list[Placement] = []

    def run(self, limit: float) -> Decision | None:
        """Return the cheapest decision that costs less than a limit, or None.

        Parameters
        ----------
        limit
            What is known to be possible.
        """
        self.limit = limit
        if self._floor(self.sunk + self._rest_cost(), self.facts.start) < limit - EPSILON:
            self._extend(self.sunk, -(10**9))
        return self.best

    # -- reading the decision ---------------------------------------------------------------------------------
    def _build_job(self, index: int) -> _Job:
        draft, facts = self.structure.jobs[index], self.facts
        routing = facts.snapshot.routing[draft.item_id, draft.unit_id]
        rows = {op_no: routing[op_no] for op_no in draft.steps}
        works = {
            (op_no, row.resource_id): facts.work_minutes(row, draft.quantity) for op_no in rows for row in rows[op_no]
        }
        transfers = {
            (op_no, row.resource_id): math.ceil(row.transfer_minutes or 0)
            for op_no, alternatives in routing.items()
            for row in alternatives
        }
        floors = [0]
        for op_no in reversed(draft.steps):
            floors.append(floors[-1] + min(works[op_no, row.resource_id] for row in rows[op_no]))
        earliest = max(facts.start, 0 if draft.line is None else facts.release(draft.line))
        job = _Job(rows, draft.steps, earliest, works, {}, {}, floors[::-1], transfers=transfers)
        if draft.fixed:
            last = draft.fixed[-1]
            job.end = facts.clock.minute(last.end)
            job.earliest = max(earliest, job.end + transfers[last.op_no, last.resource_id])
        return job

    def _attach_needs(self) -> None:
        ready = {}
        for supply in self.supplies:
            indices = sorted({index for index, _ in supply.flows})
            ready |= dict(zip(indices, supply.ready, strict=True))
        for index, need in enumerate(self.structure.needs):
            job = self.jobs[need.job]
            job.ready[need.op_no] = max(job.ready.get(need.op_no, 0), ready.get(index, 0))
            if need.child is not None:
                job.feeders.setdefault(need.op_no, []).append(need.child)

    def _read_fixed(self) -> dict[str, list[tuple[int, int, str | None]]]:
        fixed: dict[str, list[tuple[int, int, str | None]]] = {name: [] for name in self.facts.snapshot.resource}
        for task in self.facts.snapshot.fixed_tasks:
            span = self.facts.clock.minute(task.start), self.facts.clock.minute(task.end)
            fixed[task.resource_id].append((*span, self.facts.fixed_family(task)))
        return {name: sorted(spans, key=lambda span: span[:2]) for name, spans in fixed.items()}

    def _read_available(self, choice: Choice, part: Part) -> int | None:
        """Return when a part is there; None where its job tells."""
        if part.kind in {"stock", "receipt"}:
            return max(self.facts.release(choice.line), read_ready(self.facts, part.kind, part.name))
        if part.kind == "supplier":
            bucket = part.name, choice.line.item_id, part.week
            return next(supply.buys[bucket].receive for supply in self.supplies if bucket in supply.buys)
        return None

    def _read_sunk_cost(self) -> float:
        unserved = (self.facts.unserved_cost(choice.line, choice.unserved) for choice in self.structure.choices)
        freight = (
            read_freight(self.facts, part) + read_dislike(self.facts, choice.line, part)
            for choice, _, part in self.parts
        )
        quota = self.facts.weight["quota"] * read_beyond(self.facts, self.structure.choices)
        return float(sum(unserved, quota) + sum(freight, Fraction(0))) + sum(supply.cost for supply in self.supplies)

    # -- bounds -----------------------------------------------------------------------------------------------
    def _rest_cost(self) -> float:
        """Return a lower bound on the machine cost of all tasks not placed yet."""
        price = self.facts.minute_cost
        return float(
            sum(
                min(job.works[op_no, row.resource_id] * price[row.resource_id] for row in job.rows[op_no])
                for job in self.jobs
                for op_no in job.steps[job.next_step :]
            )
        )

    def _floor_end(self, index: int, now: int) -> int:
        job = self.jobs[index]
        if job.next_step == len(job.steps):
            return job.end
        children = job.feeders.get(job.steps[job.next_step], [])
        begin = max([now, job.earliest, *(self._floor_end(child, now) for child in children)])
        return begin + job.rest_floor[job.next_step]

    def _floor(self, cost: float, now: int) -> float:
        """Return a lower bound: known cost and the lateness that can no longer be avoided."""
        facts = self.facts
        arrivals: dict[str, int] = {}
        for (choice, number, part), known in zip(self.parts, self.known_available, strict=True):
            name = choice.line.name
            available = known if known is not None else self._floor_end(self.structure.job_of_part[name, number], now)
            arrivals[name] = max(arrivals.get(name, -(10**9)), arrive(facts, part.lane, available))
        cost += self._lateness(arrivals)
        if facts.weight["makespan"]:
            ends = [self._floor_end(index, now) for index in range(len(self.jobs))]
            cost += float(facts.weight["makespan"] * read_length(facts, ends))
        return cost

    def _lateness(self, arrivals: dict[str, int]) -> float:
        cost = 0.0
        for choice in self.structure.choices:
            if choice.line.name in arrivals:
                cost += self.facts.arrival_cost(choice.line, arrivals[choice.line.name])
        return cost

    # -- search -----------------------------------------------------------------------------------------------
    def _extend(self, cost: float, last_start: int) -> None:
        if all(job.next_step == len(job.steps) for job in self.jobs):
            self._finish(cost)
            return
        moves = sorted(
            (move for index in range(len(self.jobs)) for move in self._read_moves(index, last_start)),
            key=lambda move: (move[0].end, move[0].start, move[0].job),
        )
        for placement, track in moves:
            self._try(placement, track, cost)

    def _read_moves(self, index: int, last_start: int) -> Iterator[tuple[Placement, _Track | None]]:
        job = self.jobs[index]
        if job.next_step == len(job.steps):
            return
        op_no = job.steps[job.next_step]
        ready = max(job.earliest, job.ready.get(op_no, 0))
        for child in job.feeders.get(op_no, []):
            feeder = self.jobs[child]
            if feeder.next_step < len(feeder.steps):
                return
            ready = max(ready, feeder.end)
        for row in job.rows[op_no]:
            work = job.works[op_no, row.resource_id]
            moves = self._fit_alone if row.resource_id in self.tracks else self._fit_beside
            for setup, setup_cost, span, track in moves(row, ready, work):
                if span[0] >= last_start:
                    yield Placement(index, op_no, row, setup, *span, work, setup_cost), track

    def _fit_alone(
        self, row: Operation, ready: int, work: int
    ) -> Iterator[tuple[int, Fraction, tuple[int, int], _Track | None]]:
        track, fixed = self.tracks[row.resource_id], self.fixed_on[row.resource_id]
        spans = self.facts.open_spans[row.resource_id]
        for gap in range(track.gap, len(fixed) + 1):
            if gap > track.gap:
                track = _Track(gap, fixed[gap - 1][1], fixed[gap - 1][2], is_untouched=False)
            found = self.facts.changeover(row.resource_id, track.family, row.family, first=track.is_untouched)
            if found is None:
                continue
            setup, setup_cost = found
            span = find_first_fit(spans, max(ready, track.free), setup + work, breakable=row.breakable)
            if span is not None and (gap == len(fixed) or span[1] <= fixed[gap][0]):
                yield setup, setup_cost, span, _Track(gap, span[1], row.family, is_untouched=False)

    def _fit_beside(
        self, row: Operation, ready: int, work: int
    ) -> Iterator[tuple[int, Fraction, tuple[int, int], _Track | None]]:
        busy, capacity = self.busy[row.resource_id], self.facts.snapshot.resource[row.resource_id].capacity
        spans = self.facts.open_spans[row.resource_id]
        for moment in sorted({ready, *(end for _, end in busy if end > ready)}):
            span = find_first_fit(spans, moment, work, breakable=row.breakable)
            if span is not None and _count_most(busy, span) < capacity:
                yield 0, Fraction(0), span, None
                return

    def _try(self, placement: Placement, track: _Track | None, cost: float) -> None:
        job, row = self.jobs[placement.job], placement.row
        saved = job.next_step, job.end, job.earliest
        minutes = placement.setup + placement.work
        cost += float(minutes * self.facts.minute_cost[row.resource_id] + placement.setup_cost)
        job.next_step += 1
        job.end = placement.end
        job.earliest = max(job.earliest, placement.end + job.transfers[placement.op_no, row.resource_id])
        old_track = self.tracks.get(row.resource_id)
        if track is not None:
            self.tracks[row.resource_id] = track
        else:
            self.busy[row.resource_id].append((placement.start, placement.end))
        self.placed.append(placement)
        if self._floor(cost + self._rest_cost(), placement.start) < self.limit - EPSILON:
            self._extend(cost, placement.start)
        self.placed.pop()
        if track is None:
            self.busy[row.resource_id].pop()
        elif old_track is not None:
            self.tracks[row.resource_id] = old_track
        job.next_step, job.end, job.earliest = saved

    # -- the end of a schedule --------------------------------------------------------------------------------
    def _finish(self, cost: float) -> None:
        cost += self._unfairness() + self._length()
        if cost >= self.limit - EPSILON:
            return
        for trips, freight in self._read_trips():
            arrivals: dict[str, int] = {}
            for trip in trips:
                arrivals[trip.line] = max(arrivals.get(trip.line, -(10**9)), trip.arrive)
            total = cost + freight + self._lateness(arrivals)
            if total < self.limit - EPSILON:
                self.limit = total
                self.best = Decision(total, self.structure, self.supplies, tuple(self.placed), trips)

    def _unfairness(self) -> float:
        weight = self.facts.weight["fairness"]
        if not weight:
            return 0.0
        return float(weight * read_spread(self.facts, self.structure, tuple(self.placed)))

    def _length(self) -> float:
        ends = [placement.end for placement in self.placed]
        return float(self.facts.weight["makespan"] * read_length(self.facts, ends))

    def _read_trips(self) -> Iterator[tuple[tuple[Trip, ...], float]]:
        """Yield every way in which the parts may leave, with the fixed cost of departures on a timetable."""
        free: list[Trip] = []
        timed: dict[tuple[object, ...], list[tuple[Lane, str, int, int, Fraction]]] = {}
        for (choice, number, part), known in zip(self.parts, self.known_available, strict=True):
            name, lane = choice.line.name, part.lane
            at = known if known is not None else self.jobs[self.structure.job_of_part[name, number]].end
            if lane is None or lane.departs is None:
                leaves, arrives = at, arrive(self.facts, lane, at)
                free += [Trip(name, number, lane, leaves, arrives, chunk) for chunk in read_chunks(lane, part.quantity)]
            else:
                timed.setdefault(lane.key, []).append((lane, name, number, at, part.quantity))
        queues = [
            [queue] if queue[0][0].capacity is None else itertools.permutations(queue) for queue in timed.values()
        ]
        for orders in itertools.product(*queues):
            trips, freight = list(free), Fraction(0)
            for queue in orders:
                loads: dict[int, Fraction] = {}
                for lane, name, number, at, quantity in queue:
                    for depart, load in self._find_departures(lane, at, quantity, loads):
                        loads[depart] = loads.get(depart, Fraction(0)) + load
                        trips.append(Trip(name, number, lane, depart, arrive(self.facts, lane, depart), load))
                freight += len(loads) * self.facts.weight["transport"] * Fraction(queue[0][0].cost_fixed)
            yield tuple(trips), float(freight)

    def _find_departures(
        self, lane: Lane, at: int, quantity: Fraction, loads: dict[int, Fraction]
    ) -> list[tuple[int, Fraction]]:
        """Return departures and the load of each; only a part that no shipment holds is torn apart."""
        assert lane.departs is not None
        most = quantity if lane.capacity is None else Fraction(lane.capacity)
        taken: list[tuple[int, Fraction]] = []
        for depart in self.facts.clock.departures(lane.departs, at):
            room = quantity if lane.capacity is None else most - loads.get(depart, 0)
            if room >= quantity or (room > 0 and (taken or quantity > most)):
                taken.append((depart, min(room, quantity)))
                quantity -= taken[-1][1]
            if not quantity:
                break
        return taken


def _count_most(busy: list[tuple[int, int]], span: tuple[int, int]) -> int:
    """Return the most tasks at once within a span."""
    moments = [span[0], *(start for start, _ in busy if span[0] < start < span[1])]
    return max(sum(start <= moment < end for start, end in busy) for moment in moments)


def read_missing(facts: Facts, resource_id: str) -> list[tuple[int, int]]:
    """Return a span for each place that is missing on a resource, minute by minute of its open time."""
    spans = facts.open_spans[resource_id]
    capacity = facts.snapshot.resource[resource_id].capacity
    windows = []
    for row in facts.snapshot.capacity_changes:
        if row.resource_id == resource_id:
            start, end = facts.clock.minute(row.starts_at), facts.clock.minute(row.ends_at)
            met = [span for span in spans if span[0] < end and span[1] > start]
            inside = [(max(start, opens), min(end, closes)) for opens, closes in met]
            if inside:
                windows.append((inside[0][0], inside[-1][1], capacity - row.capacity))
    marks = sorted({mark for start, end, _ in windows for mark in (start, end)})
    return [
        (start, end)
        for start, end in itertools.pairwise(marks)
        for _ in range(max((lacks for a, b, lacks in windows if a <= start and end <= b), default=0))
    ]


def read_length(facts: Facts, ends: list[int]) -> Fraction:
    """Return the days until the last of all tasks ends."""
    fixed = [facts.clock.minute(task.end) for task in facts.snapshot.fixed_tasks]
    return Fraction(max([0, *ends, *fixed]), 1440)


def read_spread(facts: Facts, structure: Structure, placements: tuple[Placement, ...]) -> Fraction:
    """Return the highest less the lowest relative load of the units that have a routing."""
    minutes = dict.fromkeys(facts.unit_minutes, 0)
    for placement in placements:
        minutes[structure.jobs[placement.job].unit_id] += placement.setup + placement.work
    for task in facts.snapshot.fixed_tasks:
        span = facts.clock.minute(task.start), facts.clock.minute(task.end)
        minutes[task.unit_id] += count_open(facts.open_spans[task.resource_id], *span)
    loads = [
        Fraction(minutes[unit_id], open_minutes) if open_minutes else Fraction(0)
        for unit_id, open_minutes in facts.unit_minutes.items()
    ]
    return max(loads) - min(loads) if loads else Fraction(0)
