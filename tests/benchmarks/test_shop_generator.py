from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers.plain_search import build_shop, sweep
from benchmarks.result import ReadOptions
from benchmarks.scheduling.check import judge
from benchmarks.scheduling.generate import flexible_job_shop, read_generated
from benchmarks.scheduling.instance import NONE, take_jobs


@pytest.mark.parametrize(("setups", "calendars"), [(False, False), (True, False), (False, True), (True, True)])
def test_a_shop_has_the_size_and_the_features_that_were_asked_for(setups: bool, calendars: bool) -> None:
    instance = flexible_job_shop(1003, 20, setups, 7, calendars)
    assert (instance.num_operations, instance.num_machines) == (1003, 20)
    assert (instance.has_setups, instance.has_calendars) == (setups, calendars)
    counts = np.diff(instance.option_ptr)
    assert set(counts.tolist()) == {1, 2, 3}
    lengths = np.diff(instance.job_ptr)
    assert lengths[:-1].min() == 3
    assert lengths.max() == 7
    assert 1 <= lengths[-1] <= 7


@pytest.mark.parametrize("num_machines", [1, 2, 3, 20])
def test_the_options_of_an_operation_are_different_machines(num_machines: int) -> None:
    instance = flexible_job_shop(300, num_machines, False, 1)
    for first, last in zip(instance.option_ptr[:-1], instance.option_ptr[1:], strict=True):
        machines = instance.option_machine[first:last].tolist()
        assert len(set(machines)) == len(machines)
        assert all(0 <= machine < num_machines for machine in machines)


def test_the_same_seed_gives_the_same_shop_and_another_another() -> None:
    one, two, other = (flexible_job_shop(200, 6, True, seed, True) for seed in (3, 3, 4))
    assert np.array_equal(one.option_minutes, two.option_minutes)
    assert np.array_equal(one.job_due, two.job_due)
    assert not np.array_equal(one.job_due, other.job_due)


@pytest.mark.parametrize("setups", [False, True])
@pytest.mark.parametrize("calendars", [False, True])
def test_dispatch_is_late_with_some_jobs_and_not_with_all(setups: bool, calendars: bool) -> None:
    late = []
    for seed in range(3):
        instance = flexible_job_shop(1000, 20, setups, seed, calendars)
        answer, _, _ = sweep(instance, build_shop(instance), np.inf)
        assert judge(instance, answer).is_accepted
        late.append(float((answer.end[instance.job_ptr[1:] - 1] > instance.job_due).mean()))
    assert 0.05 < np.mean(late) < 0.7, late


def test_a_name_describes_a_shop() -> None:
    instance = read_generated(Path("120x6_setups_shifts_9"), ReadOptions())
    same = flexible_job_shop(120, 6, True, 9, True)
    assert instance.name == same.name
    assert np.array_equal(instance.job_due, same.job_due)
    with pytest.raises(ValueError, match="1000x20"):
        read_generated(Path("120x6_fast_9"), ReadOptions())


def test_a_part_of_a_shop_has_its_first_jobs() -> None:
    instance = flexible_job_shop(200, 6, True, 1)
    part = take_jobs(instance, 5)
    assert part.num_jobs == 5
    assert part.num_operations == instance.job_ptr[5]
    assert part.option_machine.tolist() == instance.option_machine[: part.option_ptr[-1]].tolist()
    assert (part.initial_family == NONE).all()
    assert take_jobs(part, 99).num_jobs == 5
