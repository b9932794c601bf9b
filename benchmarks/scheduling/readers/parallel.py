"""Parallel machines: unrelated ones with setups of their own, and ones with a latest start."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance
from benchmarks.scheduling.readers.numbers import Numbers


def read_upmsp_setups(path: Path, _: ReadOptions) -> ShopInstance:
    """Return unrelated parallel machines: ``n m x``, x, n rows of ``machine minutes`` pairs, then setups by machine.

    The first job of a machine needs no setup; the makespan counts. E. Vallada & R. Ruiz, "A genetic algorithm for
    the unrelated parallel machine scheduling problem with sequence dependent setup times", EJOR 211 (2011).
    """
    head, mark, tail = path.read_text(encoding="utf-8").partition("SSD")
    if not mark:
        raise ValueError(f"{path} has no setups (SSD)")
    numbers = Numbers(head, path)
    num_jobs, num_machines = numbers.take(), numbers.take()
    numbers.many(2)
    rows = [numbers.many(2 * num_machines) for _ in range(num_jobs)]
    numbers.expect_end()
    jobs = [[[(machine, minutes) for machine, minutes in zip(row[::2], row[1::2], strict=True)]] for row in rows]
    behind = Numbers(tail, path)
    setups = []
    for machine in range(num_machines):
        if behind.word() != f"M{machine}":
            raise ValueError(f"{path}: the setups of machine {machine} do not begin with M{machine}")
        matrix = np.zeros((num_jobs + 1, num_jobs + 1), dtype=np.int64)
        matrix[1:, 1:] = np.array(behind.many(num_jobs * num_jobs)).reshape(num_jobs, num_jobs)
        setups.append(matrix)
    return build_instance(
        path.stem,
        "upmsp_setups",
        Objective.MAKESPAN,
        jobs,
        num_machines,
        families=range(1, num_jobs + 1),
        setups=setups,
    )


def refuse_parallel_real_carrilho(path: Path, _: ReadOptions) -> ShopInstance:
    """Refuse: a latest start cannot be asked for."""
    raise RefusedError(
        f"{path.name} gives each job a latest start that must hold; in the question dates cost when they are missed, "
        "and none is hard"
    )
