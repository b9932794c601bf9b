"""Job shops: makespan, weighted tardiness with due dates from a factor, and total tardiness with due dates given."""

from __future__ import annotations

from math import floor
from pathlib import Path

from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance

Jobs = list[list[list[tuple[int, int]]]]

FIRST_TEN = ("la21", "la22", "la23", "la24")
"""15-job instances of which the weighted-tardiness set takes the first 10 jobs."""


def read_jsp(path: Path, _: ReadOptions) -> ShopInstance:
    """Return a job shop to be done soon: ``n m``, then a line of ``machine minutes`` pairs for each job."""
    jobs, num_machines = _read_jobs(path)
    return build_instance(path.stem, "jsp", Objective.MAKESPAN, jobs, num_machines)


def read_jstwt(path: Path, options: ReadOptions) -> ShopInstance:
    """Return a job shop with weighted tardiness from a job-shop file and a factor f.

    Due dates are ``floor(f × minutes of the job)``; weights are 4, 2 and 1 for the first 20, the next 60 and
    the last 20 percent of the jobs. The set is that of M. Singer & M. Pinedo, "A computational study of branch and
    bound techniques for minimizing the total weighted tardiness in job shops", IIE Transactions 30 (1998).
    """
    if options.factor is None:
        raise RefusedError("family jstwt needs a due-date factor: --factor 1.3, 1.5 or 1.6")
    jobs, num_machines = _read_jobs(path)
    if path.stem in FIRST_TEN:
        jobs = jobs[:10]
    due = [floor(options.factor * sum(each[0][1] for each in job) + 1e-9) for job in jobs]
    first, second = round(0.2 * len(jobs)), round(0.8 * len(jobs))
    weight = [4.0 if job < first else 2.0 if job < second else 1.0 for job in range(len(jobs))]
    name = f"{path.stem}_f{options.factor:g}"
    return build_instance(name, "jstwt", Objective.TARDINESS, jobs, num_machines, due=due, weight=weight)


def read_jsp_tardiness(path: Path, _: ReadOptions) -> ShopInstance:
    """Return a job shop with total tardiness: times by machine, routes and due dates in blocks with titles."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    num_machines, num_jobs = int(lines[0][0]), int(lines[0][1])
    titles = [position for position, words in enumerate(lines) if not words[0].isdigit()]
    times, routes, dues = (lines[title + 1 : title + 1 + num_jobs] for title in titles)
    jobs: Jobs = [
        [[(int(machine) - 1, int(row[int(machine) - 1]))] for machine in route]
        for row, route in zip(times, routes, strict=True)
    ]
    due = [int(row[0]) for row in dues]
    return build_instance(path.stem, "jsp_tardiness", Objective.TARDINESS, jobs, num_machines, due=due)


def _read_jobs(path: Path) -> tuple[Jobs, int]:
    rows = [
        [int(word) for word in line.split()]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    num_jobs, num_machines = rows[0][:2]
    jobs: Jobs = [
        [[(machine, minutes)] for machine, minutes in zip(row[::2], row[1::2], strict=True)]
        for row in rows[1 : num_jobs + 1]
    ]
    if len(jobs) != num_jobs:
        raise ValueError(f"{path} has {len(jobs)} jobs and says it has {num_jobs}")
    return jobs, num_machines
