"""Flow shops: hybrid ones with identical machines in each stage, and tardiness without the permutation rule."""

from __future__ import annotations

from pathlib import Path

from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.instance import Objective, ShopInstance, build_instance
from benchmarks.scheduling.readers.numbers import Numbers


def read_hfsp(path: Path, _: ReadOptions) -> ShopInstance:
    """Return a hybrid flow shop: n, stages, machines of each stage, then a row of minutes for each job.

    A stage of c identical machines becomes one machine of capacity c.
    """
    numbers = Numbers(path.read_text(encoding="utf-8"), path)
    num_jobs, num_stages = numbers.take(), numbers.take()
    capacity = numbers.many(num_stages)
    jobs = [[[(stage, minutes)] for stage, minutes in enumerate(numbers.many(num_stages))] for _ in range(num_jobs)]
    numbers.expect_end()
    return build_instance(path.stem, "hfsp", Objective.MAKESPAN, jobs, num_stages, capacity=capacity)


def refuse_ttpfsp(path: Path, _: ReadOptions) -> ShopInstance:
    """Refuse: the same order of jobs on every machine cannot be asked for."""
    raise RefusedError(
        f"{path.name} is a permutation flow shop: all machines take the jobs in one order, and the question has no rule"
        " that ties the orders of two machines. Family flow_shop_tardiness reads the file as a plain flow shop."
    )


def read_flow_shop_tardiness(path: Path, _: ReadOptions) -> ShopInstance:
    """Return a flow shop with total tardiness, each machine free in its order: n, m, due dates, a row for each job."""
    numbers = Numbers(path.read_text(encoding="utf-8"), path)
    num_jobs, num_machines = numbers.take(), numbers.take()
    due = numbers.many(num_jobs)
    jobs = [
        [[(machine, minutes)] for machine, minutes in enumerate(numbers.many(num_machines))] for _ in range(num_jobs)
    ]
    numbers.expect_end()
    return build_instance(
        path.stem,
        "flow_shop_tardiness",
        Objective.TARDINESS,
        jobs,
        num_machines,
        due=due,
        note="plain flow shop: machines may order jobs differently; figures for permutations are not like for like",
    )
