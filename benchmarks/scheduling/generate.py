"""Flexible job shops with weighted tardiness, drawn by chance from a seed: any size, setups and shifts as asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.result import ReadOptions
from benchmarks.scheduling.instance import NONE, Ints, Objective, ShopInstance, pointers

NUM_FAMILIES = 6
SHORTEST, LONGEST = 10, 100
"""Minutes of an operation."""

SETUP_LEAST, SETUP_MOST = 5, 40
WEEK = 7 * 1440

SIZES = ((100, 6), (1_000, 20), (5_000, 40), (20_000, 60))
"""Operations and machines of the usual set."""


def flexible_job_shop(
    num_tasks: int, num_machines: int, setups: bool, seed: int, calendars: bool = False
) -> ShopInstance:
    """Return a flexible job shop with due dates that a dispatch rule misses in part.

    Jobs have 3 to 7 operations, each possible on 1 to 3 machines that differ in speed. Due dates are spread over the
    time that the whole work takes, six jobs in ten are released at once and the others along the way.

    Parameters
    ----------
    num_tasks, num_machines
        Size.
    setups
        Give each operation one of six families, and each machine a matrix of changeovers.
    seed
        Where all chance comes from.
    calendars
        Let machines work in two or three shifts; work pauses over closed hours.
    """
    random = np.random.default_rng([seed, num_tasks, num_machines, setups, calendars])
    counts = _draw_counts(random, num_tasks)
    num_jobs = len(counts)
    num_options = np.minimum(random.integers(1, 4, num_tasks), num_machines)
    option_ptr = pointers(num_options)
    owner = np.repeat(np.arange(num_tasks), num_options)
    place = np.arange(len(owner)) - option_ptr[owner]
    machine = _draw_machines(random, num_tasks, num_machines)[owner, place]
    work = random.integers(SHORTEST, LONGEST + 1, num_tasks)
    minutes = np.maximum(1, np.rint(work[owner] * random.uniform(0.8, 1.25, len(owner)))).astype(np.int64)

    job_ptr = pointers(counts)
    job_work = np.add.reduceat(work, job_ptr[:-1])
    matrices = [_draw_setups(random) for _ in range(num_machines)] if setups else [None] * num_machines
    extra = (SETUP_LEAST + SETUP_MOST) / 4 if setups else 0.0  # a good sequence needs about half the mean setup
    span = (work.sum() + extra * num_tasks) / num_machines + job_work.max() / 2
    spans, machine_calendar, stretch = _draw_calendars(random, num_machines, span) if calendars else ((), None, 1.0)
    early = random.random(num_jobs) < 0.6
    release = np.where(early, 0, random.uniform(0.0, 0.5, num_jobs) * span * stretch).astype(np.int64)
    due = np.maximum(
        release + 1.2 * stretch * (job_work + extra * counts), random.uniform(0.0, 0.98, num_jobs) * span * stretch
    )
    return ShopInstance(
        name=f"fjsp_{num_tasks}x{num_machines}{'_setups' * setups}{'_shifts' * calendars}_{seed}",
        family="fjsp_generated",
        objective=Objective.TARDINESS,
        job_ptr=job_ptr,
        job_release=release,
        job_due=due.astype(np.int64),
        job_weight=random.choice([1.0, 2.0, 4.0], num_jobs, p=[0.5, 0.3, 0.2]),
        job_deadline=None,
        option_ptr=option_ptr,
        option_machine=machine.astype(np.int64),
        option_minutes=minutes,
        option_cost=np.zeros(len(owner)),
        operation_family=random.integers(1, NUM_FAMILIES + 1, num_tasks) if setups else np.zeros(num_tasks, np.int64),
        capacity=np.ones(num_machines, dtype=np.int64),
        setups=tuple(matrices),
        initial_family=np.full(num_machines, NONE, dtype=np.int64),
        calendars=spans,
        machine_calendar=np.full(num_machines, NONE, dtype=np.int64) if machine_calendar is None else machine_calendar,
    )


def read_generated(path: Path, _: ReadOptions) -> ShopInstance:
    """Return the shop that a name describes: ``1000x20[_setups][_shifts]_SEED``, the name of no file."""
    words = path.name.removeprefix("fjsp_").split("_")
    known = {"setups", "shifts"}
    if len(words) < 2 or not set(words[1:-1]) <= known or "x" not in words[0] or not words[-1].isdigit():
        raise ValueError(f"{path.name!r} describes no shop: write 1000x20_7, 1000x20_setups_7, 1000x20_setups_shifts_7")
    num_tasks, num_machines = (int(word) for word in words[0].split("x"))
    return flexible_job_shop(num_tasks, num_machines, "setups" in words, int(words[-1]), "shifts" in words)


def _draw_counts(random: np.random.Generator, num_tasks: int) -> Ints:
    """Return operations of each job: 3 to 7, the last job takes what is left."""
    counts = random.integers(3, 8, num_tasks // 3 + 1)
    ends = np.cumsum(counts)
    last = int(np.searchsorted(ends, num_tasks))
    found: Ints = counts[: last + 1].astype(np.int64)
    found[last] -= ends[last] - num_tasks
    return found


def _draw_machines(random: np.random.Generator, num_tasks: int, num_machines: int) -> Ints:
    """Return up to three different machines for each operation, shape (T, 3)."""
    drawn = [random.integers(0, num_machines, num_tasks)]
    steps = random.integers(1, max(2, num_machines), num_tasks)
    drawn.append((drawn[0] + steps) % num_machines)
    more = random.integers(1, max(2, num_machines - 1), num_tasks)
    more += more >= steps  # steps over the second machine
    drawn.append((drawn[0] + more) % num_machines)
    return np.stack(drawn, axis=1)


def _draw_setups(random: np.random.Generator) -> Ints:
    matrix = random.integers(SETUP_LEAST, SETUP_MOST + 1, (NUM_FAMILIES + 1, NUM_FAMILIES + 1))
    matrix[0, :] = matrix[:, 0] = 0
    np.fill_diagonal(matrix, 0)
    return matrix.astype(np.int64)


def _draw_calendars(
    random: np.random.Generator, num_machines: int, span: float
) -> tuple[tuple[Ints, ...], Ints, float]:
    """Return two shifts on five days with breaks, three shifts on six days, who has which, and the mean stretch."""
    num_weeks = int(8 * span // WEEK) + 8
    weeks = np.arange(num_weeks)[:, None, None] * WEEK
    two = np.array([[360, 600], [630, 840], [840, 1080], [1110, 1320]])[None] + np.arange(5)[:, None, None] * 1440
    two = (weeks + two.reshape(1, -1, 2)).reshape(-1, 2)
    three = (weeks + np.array([[[360, 6 * 1440 + 360]]])).reshape(-1, 2)
    calendars = (_join(two), _join(three))
    of_machine = random.integers(0, 2, num_machines)
    open_minutes = np.array([(each[:, 1] - each[:, 0]).sum() for each in calendars])
    return calendars, of_machine.astype(np.int64), float(num_weeks * WEEK / open_minutes[of_machine].mean())


def _join(spans: Ints) -> Ints:
    """Return the spans with those that touch made one."""
    first = np.concatenate(([True], spans[1:, 0] > spans[:-1, 1]))
    last = np.concatenate((first[1:], [True]))
    return np.column_stack((spans[first, 0], spans[last, 1])).astype(np.int64)
