"""How long one run of the dispatch rule takes: usual shops, and queues of all tasks before a few machines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.scheduling.convert import build_problem
from benchmarks.scheduling.generate import flexible_job_shop

from orderopt.solvers.scheduling.priorities import SWEEP, Priorities
from orderopt.solvers.scheduling.warm import warm_up

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from orderopt.solvers.compiled.shop import ShopProblem

SHOPS = {
    "1,000 tasks": (1_000, 20),
    "20,000 tasks": (20_000, 60),
    "20,000 tasks on 5 machines": (20_000, 5),
    "100,000 tasks": (100_000, 60),
}


def build(size: str, *, is_released: bool, is_breakable: bool) -> ShopProblem:
    """Return a shop with setups and shifts."""
    problem = build_problem(flexible_job_shop(*SHOPS[size], setups=True, seed=1, calendars=True))
    arrays = problem.arrays
    if is_released:  # every task is a job of its own: all wait from the start
        num_tasks = problem.num_tasks
        each = np.arange(num_tasks + 1)
        arrays = arrays._replace(
            task_job=each[:-1],
            task_release=np.zeros(num_tasks, dtype=np.int64),
            job_ptr=each,
            feed_ptr=each * 0,
            job_line=arrays.job_line[arrays.task_job],
            job_lead=arrays.job_lead[arrays.task_job],
            job_timetable=arrays.job_timetable[arrays.task_job],
        )
    return replace(problem, arrays=arrays._replace(alt_breakable=np.full_like(arrays.alt_breakable, is_breakable)))


@pytest.mark.parametrize("is_breakable", [True, False], ids=["pausing", "whole"])
@pytest.mark.parametrize("is_released", [False, True], ids=["in steps", "all waiting"])
@pytest.mark.parametrize("size", SHOPS)
def test_one_run_of_the_rule(benchmark: BenchmarkFixture, size: str, is_released: bool, is_breakable: bool) -> None:
    warm_up()
    rule = Priorities(build(size, is_released=is_released, is_breakable=is_breakable))
    go = np.zeros(1, dtype=np.int64)
    made = benchmark.pedantic(rule.run, args=(SWEEP[0], go), rounds=3, warmup_rounds=1)
    assert made.is_complete


@pytest.mark.parametrize("size", SHOPS)
def test_making_a_rule_ready(benchmark: BenchmarkFixture, size: str) -> None:
    warm_up()
    problem = build(size, is_released=False, is_breakable=True)
    assert len(benchmark.pedantic(Priorities, args=(problem,), rounds=3, warmup_rounds=1).sweep()) > 1
