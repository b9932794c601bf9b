"""Small scheduling questions from a few words, drawn by chance or made by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from orderopt.solvers.compiled.charges import LineCharges, join_charges
from orderopt.solvers.compiled.extras import Extras
from orderopt.solvers.compiled.open_time import ALWAYS, FOREVER, OpenTime
from orderopt.solvers.compiled.shop import NONE, ShopArrays, ShopProblem

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Way:
    """One resource that can do a step; a minute of it costs what the resource says."""

    resource: int
    work: int
    family: int = 0
    breakable: bool = True
    lag: int = 0


@dataclass(frozen=True)
class Step:
    """One task; `after` are jobs that must have ended, `fixed` is its start, end and setup where it is given."""

    ways: tuple[Way, ...]
    after: tuple[int, ...] = ()
    release: int = 0
    fixed: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Job:
    """Steps in a row, for a line or for another job."""

    steps: tuple[Step, ...]
    line: int = NONE
    lead: int = 0
    timetable: int = NONE


@dataclass(frozen=True)
class Machine:
    """A resource; `setups` maps (family before, family after) to minutes and cost."""

    calendar: int = 0
    capacity: int = 1
    minute_cost: float = 0.0
    initial: int = NONE
    setups: dict[tuple[int, int], tuple[int, float]] = field(default_factory=dict)
    unit: int = 0


@dataclass(frozen=True)
class Line:
    """When something is due, what a minute late costs, and when its other parts arrive."""

    due: int
    weight: float = 1.0
    floor: int = -1_000_000


def one(resource: int, work: int, **more: object) -> Step:
    """Return a step that one machine can do."""
    keys = {"after", "release", "fixed"}
    way = Way(resource, work, **{key: value for key, value in more.items() if key not in keys})  # type: ignore[arg-type]
    return Step((way,), **{key: value for key, value in more.items() if key in keys})  # type: ignore[arg-type]


def spans(*pairs: tuple[int, int]) -> OpenTime:
    """Return open hours."""
    return OpenTime(np.array(pairs, dtype=np.int64).reshape(-1, 2))


def build_shop(
    jobs: Sequence[Job],
    machines: Sequence[Machine],
    lines: Sequence[Line] = (),
    *,
    open_times: Sequence[OpenTime] = (),
    timetables: Sequence[Sequence[int]] = (),
    start: int = 0,
    unit_capacity: Sequence[float] = (),
    fairness_weight: float = 0.0,
) -> ShopProblem:
    """Return the question; calendar 0 is always open, `open_times` count from 1. Feeding jobs come first."""
    calendars = (ALWAYS, *open_times)
    steps = [(number, step) for number, job in enumerate(jobs) for step in job.steps]
    ways = [way for _, step in steps for way in step.ways]
    is_fixed = [step.fixed is not None for _, step in steps]
    given = [step.fixed or (0, 0, 0) for _, step in steps]
    feeds = [[task for task, (_, step) in enumerate(steps) if job in step.after] for job in range(len(jobs))]
    slot_fixed = []
    for resource, machine in enumerate(machines):
        on_it = [task for task, (_, step) in enumerate(steps) if step.fixed and step.ways[0].resource == resource]
        on_it.sort(key=lambda task: given[task])
        slots: list[list[int]] = [[] for _ in range(machine.capacity)]
        for task in on_it:
            free = [slot for slot in slots if not slot or given[slot[-1]][1] <= given[task][0]]
            free[0].append(task)
        slot_fixed += slots
    sizes = [0 if not each.setups or each.capacity > 1 else _size(each, ways, r) for r, each in enumerate(machines)]
    matrices = [
        [each.setups.get((before, after), (0, 0.0)) for before in range(size) for after in range(size)]
        for each, size in zip(machines, sizes, strict=True)
    ]
    cells = [cell for matrix in matrices for cell in matrix]
    arrays = ShopArrays(
        alt_ptr=_ptr([len(step.ways) for _, step in steps]),
        alt_resource=_ints([way.resource for way in ways]),
        alt_work=_ints([way.work for way in ways]),
        alt_family=_ints([way.family for way in ways]),
        alt_breakable=_ints([way.breakable for way in ways]),
        alt_lag=_ints([way.lag for way in ways]),
        alt_cost=_floats(
            [
                0.0 if is_fixed[task] else way.work * machines[way.resource].minute_cost
                for task, (_, step) in enumerate(steps)
                for way in step.ways
            ]
        ),
        task_job=_ints([job for job, _ in steps]),
        task_release=_ints([step.release for _, step in steps]),
        task_is_fixed=_ints(is_fixed),
        fixed_start=_ints([each[0] for each in given]),
        fixed_end=_ints([each[1] for each in given]),
        fixed_setup=_ints([each[2] for each in given]),
        link_ptr=_ptr([len(step.after) for _, step in steps]),
        link_job=_ints([job for _, step in steps for job in step.after]),
        job_ptr=_ptr([len(job.steps) for job in jobs]),
        job_line=_ints([job.line for job in jobs]),
        job_lead=_ints([job.lead for job in jobs]),
        job_timetable=_ints([job.timetable for job in jobs]),
        feed_ptr=_ptr([len(fed) for fed in feeds]),
        feed_task=_ints([task for fed in feeds for task in fed]),
        timetable_ptr=_ptr([len(times) for times in timetables]),
        timetable_at=_ints([time for times in timetables for time in times]),
        line_due=_ints([line.due for line in lines]),
        line_floor=_ints([line.floor for line in lines]),
        line_weight=_floats([line.weight for line in lines]),
        resource_calendar=_ints([machine.calendar for machine in machines]),
        resource_minute_cost=_floats([machine.minute_cost for machine in machines]),
        resource_initial=_ints([machine.initial for machine in machines]),
        resource_unit=_ints([machine.unit for machine in machines]),
        slot_ptr=_ptr([machine.capacity for machine in machines]),
        slot_fixed_ptr=_ptr([len(slot) for slot in slot_fixed]),
        slot_fixed_task=_ints([task for slot in slot_fixed for task in slot]),
        setup_ptr=_ptr([len(matrix) for matrix in matrices])[:-1],
        setup_size=_ints(sizes),
        setup_minutes=_ints([minutes for minutes, _ in cells]),
        setup_cost=_floats([cost for _, cost in cells]),
        calendar_ptr=_ptr([each.num_spans for each in calendars]),
        opens=np.concatenate([each.opens for each in calendars]),
        closes=np.concatenate([each.closes for each in calendars]),
        before=np.concatenate([each.before for each in calendars]),
        start=_ints([start]),
    )
    return ShopProblem(arrays, calendars, _floats(unit_capacity), fairness_weight)


def _size(machine: Machine, ways: Sequence[Way], resource: int) -> int:
    used = [way.family for way in ways if way.resource == resource]
    return 1 + max([machine.initial, *used, *(family for pair in machine.setups for family in pair)])


def _ints(values: Sequence[float]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def _floats(values: Sequence[float]) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def _ptr(counts: Sequence[int]) -> np.ndarray:
    return np.concatenate(([0], np.cumsum(np.array(counts, dtype=np.int64)))).astype(np.int64)


# ------------------------------------------------------------------------------------------------ drawn by chance

FEATURES = (
    "calendars",
    "unbreakable",
    "setups",
    "alternatives",
    "capacity",
    "fixed",
    "links",
    "timetables",
    "lags",
    "charges",
)


def draw_shop(seed: int, num_jobs: int, *features: str, num_machines: int = 2, most_steps: int = 2) -> ShopProblem:
    """Return a shop drawn by chance that has only some of :data:`FEATURES`."""
    unknown = set(features) - set(FEATURES)
    assert not unknown, unknown
    random = np.random.default_rng(seed)
    on = {name: name in features for name in FEATURES}
    open_times = [_draw_hours(random) for _ in range(2)] if on["calendars"] else []
    machines = [
        Machine(
            calendar=int(random.integers(0, 3)) if on["calendars"] else 0,
            capacity=int(random.integers(1, 4)) if on["capacity"] and number == 0 else 1,
            minute_cost=float(random.integers(0, 3)) / 2,
            initial=int(random.integers(-1, 3)) if on["setups"] else NONE,
            setups=_draw_setups(random) if on["setups"] else {},
            unit=number % 2,
        )
        for number in range(num_machines)
    ]
    fixed_jobs, occupied = _draw_fixed(random, machines) if on["fixed"] else ([], 0)
    jobs: list[Job] = list(fixed_jobs)
    lines: list[Line] = []
    for _ in range(num_jobs):
        steps = []
        for place in range(int(random.integers(1, most_steps + 1))):
            most = min(3, num_machines) if on["alternatives"] else 1
            resources = random.choice(num_machines, size=int(random.integers(1, most + 1)), replace=False)
            can_feed = on["links"] and place == 0 and jobs and random.random() < 0.4
            steps.append(
                Step(
                    tuple(
                        Way(
                            int(resource),
                            0 if random.random() < 0.05 and not on["setups"] else int(random.integers(5, 60)),
                            int(random.integers(0, 3)) if on["setups"] else 0,
                            not (on["unbreakable"] and random.random() < 0.5),
                            int(random.integers(0, 20)) if on["lags"] else 0,
                        )
                        for resource in resources
                    ),
                    after=(int(random.integers(0, len(jobs))),) if can_feed else (),
                    release=int(random.choice([0, 0, 30, 90])),
                )
            )
        lines.append(Line(int(random.integers(20, 200)), float(random.integers(0, 5))))
        jobs.append(
            Job(
                tuple(steps),
                len(lines) - 1,
                int(random.choice([0, 15])),
                0 if on["timetables"] and random.random() < 0.5 else NONE,
            )
        )
    timetables = [list(range(40, 40_000, 70))] if on["timetables"] else []
    problem = build_shop(jobs, machines, lines, open_times=open_times, timetables=timetables, start=occupied)
    return charge(problem, seed) if on["charges"] else problem


def charge(problem: ShopProblem, seed: int, *, early: bool = False) -> ShopProblem:
    """Return the shop with costs of being late at all, of flow, of the makespan and (if asked for) of earliness."""
    random = np.random.default_rng(seed)
    charges = [
        LineCharges(
            float(random.choice([0, 0, 40, 200])),
            float(random.choice([0, 0.5, 2])) if early else 0.0,
            float(random.choice([0, 0, 0.25, 1])),
            int(random.choice([0, 30])),
        )
        for _ in problem.arrays.line_due
    ]
    return replace(problem, charges=join_charges(charges, float(random.choice([0, 0.5, 3]))))


def draw_extras(problem: ShopProblem, seed: int, *names: str) -> ShopProblem:
    """Return the shop with longest waits (`waits`), overlapping steps (`overlaps`) and setup crews (`crews`)."""
    random, arrays = np.random.default_rng(seed), problem.arrays
    task = np.repeat(np.arange(problem.num_tasks), np.diff(arrays.alt_ptr))
    count, planned = len(task), arrays.task_is_fixed[task] == 0
    wait = np.full(count, FOREVER)
    if "waits" in names:
        limited = planned & (random.random(count) < 0.6)
        wait[limited] = (arrays.alt_lag + random.integers(0, 30, count))[limited]
    head, tail, given = arrays.alt_work.copy(), np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    if "overlaps" in names:
        given = (planned & (random.random(problem.num_tasks) < 0.6)[task]).astype(np.int64)
        head = np.where(given == 1, (arrays.alt_work * 0.3).astype(np.int64), head)
        tail = np.where(arrays.alt_work > 0, np.maximum(1, (arrays.alt_work * 0.4).astype(np.int64)), 1)
    crew = random.integers(-1, 1, problem.num_resources) if "crews" in names else np.full(problem.num_resources, NONE)
    extras = Extras(*(_ints(each) for each in (wait, head, given, tail, crew)))
    return replace(problem, extras=extras if extras.names() else None)


def _draw_hours(random: np.random.Generator) -> OpenTime:
    """Return a working day of a few hundred minutes that is repeated; every stretch of 80 minutes fits somewhere."""
    rows, day = [], int(random.integers(150, 300))
    offset = int(random.integers(0, 60))
    length = int(random.integers(100, day))
    rest = min(int(random.integers(0, 40)), length - 100)
    for number in range(120):
        opens = offset + number * day
        if rest > 5:
            rows += [(opens, opens + length - 20 - rest), (opens + length - 20, opens + length)]
        else:
            rows.append((opens, opens + length))
    return spans(*rows)


def _draw_setups(random: np.random.Generator) -> dict[tuple[int, int], tuple[int, float]]:
    return {
        (before, after): (int(random.integers(0, 20)), float(random.integers(0, 10)))
        for before in range(3)
        for after in range(1, 3)
        if random.random() < 0.8
    }


def _draw_fixed(random: np.random.Generator, machines: Sequence[Machine]) -> tuple[list[Job], int]:
    jobs, now = [], 0
    for _ in range(int(random.integers(1, 4))):
        now += int(random.integers(0, 60))
        length, resource = int(random.integers(5, 40)), int(random.integers(0, len(machines)))
        way = Way(resource, length, int(random.integers(0, 3)) if machines[resource].setups else 0)
        jobs.append(Job((Step((way,), fixed=(now, now + length, 0)),)))
        now += length
    return jobs, 0


def shops(*features: str, least: int = 1, most: int = 6, **more: int) -> st.SearchStrategy[ShopProblem]:
    """Return a strategy for shops with these features, or with any where none is named."""
    chosen = (
        st.just(features) if features else st.sets(st.sampled_from(FEATURES)).map(lambda found: tuple(sorted(found)))
    )
    return st.builds(
        lambda seed, jobs, names: draw_shop(seed, jobs, *names, **more),
        st.integers(0, 1 << 32),
        st.integers(least, most),
        chosen,
    )
