"""Flexible job shops: each operation may choose its machine; makespan."""

from __future__ import annotations

from pathlib import Path

from benchmarks.result import ReadOptions
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance
from benchmarks.scheduling.readers.numbers import Numbers


def read_fjsp(path: Path, _: ReadOptions) -> ShopInstance:
    """Return a flexible job shop: ``n m [flexibility]``, then jobs; machines count from 1 in the file.

    A job is its number of operations, and for each the number of options and their ``machine minutes`` pairs.
    """
    head, _newline, rest = path.read_text(encoding="utf-8").partition("\n")
    num_jobs, num_machines = (int(word) for word in head.split()[:2])
    numbers = Numbers(rest, path)
    jobs = []
    for _job in range(num_jobs):
        job = []
        for _operation in range(numbers.take()):
            pairs = numbers.many(2 * numbers.take())
            job.append([(machine - 1, minutes) for machine, minutes in zip(pairs[::2], pairs[1::2], strict=True)])
        jobs.append(job)
    numbers.expect_end()
    return build_instance(path.stem, "fjsp", Objective.MAKESPAN, jobs, num_machines)
