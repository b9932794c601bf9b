from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.families import FAMILIES, load
from benchmarks.result import ReadOptions, RefusedError
from benchmarks.scheduling.check import judge
from benchmarks.scheduling.convert import write_schedule
from benchmarks.scheduling.instance import Objective, ShopInstance
from benchmarks.scheduling.place import place_in_order
from tests.benchmarks import shop_files as files

from orderopt.solvers.compiled.shop_terms import evaluate


def read(family: str, path: Path, **options: float) -> ShopInstance:
    instance: ShopInstance = load(FAMILIES[family].reader)(path, ReadOptions(**options))  # type: ignore[arg-type]
    return instance


def cost(instance: ShopInstance, order: list[int], option: list[int] | None = None) -> float:
    """Return the objective of operations placed in an order; the checker and orderopt's own count must agree."""
    chosen = instance.option_ptr[:-1].copy() if option is None else np.array(option)
    answer = place_in_order(instance, chosen, order)
    verdict = judge(instance, answer)
    assert verdict.complaints == ()
    assert evaluate(instance.problem, write_schedule(answer)).total == verdict.objective
    assert verdict.objective is not None
    return verdict.objective


def test_a_job_shop_ends_with_its_last_job(tmp_path: Path) -> None:
    instance = read("jsp", files.write_file(tmp_path, "tiny.txt", files.JSP))
    assert instance.objective is Objective.MAKESPAN
    assert cost(instance, [0, 2, 1, 3]) == 6  # machine 1: 4 minutes of job 1, then 2 of job 0
    assert cost(instance, [0, 1, 2, 3]) == 10


def test_due_dates_and_weights_follow_from_the_factor(tmp_path: Path) -> None:
    path = files.write_file(tmp_path, "base.txt", "5 1\n" + "0 2\n" * 5)
    instance = read("jstwt", path, factor=1.5)
    assert instance.name == "base_f1.5"
    assert instance.job_due.tolist() == [3] * 5
    assert instance.job_weight.tolist() == [4, 2, 2, 2, 1]
    assert cost(instance, [0, 1, 2, 3, 4]) == 2 * 1 + 2 * 3 + 2 * 5 + 1 * 7


def test_la21_to_la24_give_their_first_ten_jobs(tmp_path: Path) -> None:
    path = files.write_file(tmp_path, "la22.txt", "15 1\n" + "0 2\n" * 15)
    assert read("jstwt", path, factor=1.3).num_jobs == 10
    assert read("jsp", path).num_jobs == 15


def test_a_weighted_job_shop_without_a_factor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="--factor"):
        read("jstwt", files.write_file(tmp_path, "la16.txt", files.JSP))


def test_times_stand_by_machine_and_routes_give_the_order(tmp_path: Path) -> None:
    instance = read("jsp_tardiness", files.write_file(tmp_path, "gtiny.txt", files.JSP_TARDINESS))
    assert instance.option_machine.tolist() == [1, 0, 0, 1]
    assert instance.option_minutes.tolist() == [5, 3, 4, 1]
    assert cost(instance, [0, 2, 1, 3]) == (8 - 6) + (6 - 4)


def test_a_flexible_operation_has_options_with_machines_from_one(tmp_path: Path) -> None:
    instance = read("fjsp", files.write_file(tmp_path, "tiny.txt", files.FJSP))
    assert instance.option_machine.tolist() == [0, 1, 1]
    assert cost(instance, [0, 1], [0, 2]) == 7
    assert cost(instance, [0, 1], [1, 2]) == 9


def test_a_stage_of_identical_machines_does_several_at_once(tmp_path: Path) -> None:
    instance = read("hfsp", files.write_file(tmp_path, "1.txt", files.HFSP))
    assert instance.capacity.tolist() == [2, 1]
    assert cost(instance, [0, 2, 4, 1, 3, 5]) == 9  # two at once, the third at 3; then 2 minutes each from 3 on


def test_a_flow_shop_says_that_it_is_not_a_permutation(tmp_path: Path) -> None:
    path = files.write_file(tmp_path, "1.txt", files.FLOW_SHOP)
    instance = read("flow_shop_tardiness", path)
    assert "differently" in instance.note
    assert cost(instance, [0, 1, 2, 3]) == 3
    assert cost(instance, [2, 3, 0, 1]) == 2
    with pytest.raises(RefusedError, match="one order"):
        read("ttpfsp", path)


def test_one_of_several_single_machine_instances_is_chosen_by_index(tmp_path: Path) -> None:
    path = files.write_file(tmp_path, "wt2_dev.txt", files.SINGLE)
    files.write_file(tmp_path, "wt2_dev_index.csv", files.SINGLE_INDEX)
    instance = read("single_machine", path, index=2)
    assert instance.name == "wt2_17"
    assert cost(instance, [0, 1]) == 1 * 1 + 2 * 3
    assert cost(instance, [1, 0]) == 0 + 1 * 5
    with pytest.raises(RefusedError, match="2 instances"):
        read("single_machine", path)
    with pytest.raises(RefusedError, match="1 to 2"):
        read("single_machine", path, index=3)


def test_setups_depend_on_the_job_before_and_the_first_job_has_its_own(tmp_path: Path) -> None:
    instance = read("single_machine", files.write_file(tmp_path, "wt_sds_1.instance", files.SINGLE_SETUPS))
    assert cost(instance, [0, 1]) == 2 * (2 + 3 + 3 + 4 - 6)
    assert cost(instance, [1, 0]) == 1 * (1 + 4 + 4 + 3 - 5)


def test_a_rejected_order_costs_its_revenue(tmp_path: Path) -> None:
    instance = read("oas", files.write_file(tmp_path, "two.txt", files.OAS))
    assert instance.sum_of_values == 12
    assert cost(instance, [0, 1], [0, 2]) == 2 * 3  # both done: the second ends at 9, due at 6
    assert cost(instance, [0, 1], [1, 2]) == 4  # the first rejected, the second in time
    both = place_in_order(instance, np.array([0, 2]), [1, 0])
    assert judge(instance, both).complaints == ("job 0 ends after its deadline",)


def test_an_order_that_pays_behind_its_deadline_is_refused(tmp_path: Path) -> None:
    text = files.OAS.replace("0,4,8,0", "0,9,8,0")
    with pytest.raises(RefusedError, match="deadline"):
        read("oas", files.write_file(tmp_path, "two.txt", text))


def test_parallel_machines_have_setups_of_their_own(tmp_path: Path) -> None:
    instance = read("upmsp_setups", files.write_file(tmp_path, "two.txt", files.UPMSP))
    assert cost(instance, [0, 1], [0, 3]) == 5
    assert cost(instance, [0, 1], [0, 2]) == 3 + 2 + 4
    assert cost(instance, [1, 0], [0, 2]) == 4 + 1 + 3
    assert cost(instance, [0, 1], [1, 3]) == 9 + 7 + 5


@pytest.mark.parametrize(
    ("family", "why"),
    [("rcpsp", "several resources"), ("mmrcpsp", "several resources"), ("parallel_real_carrilho", "latest start")],
)
def test_what_cannot_be_said_is_refused_with_the_reason(family: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        read(family, Path("any.txt"))


@pytest.mark.parametrize("family", ["fjsp", "hfsp"])
def test_a_file_that_ends_too_early_is_named(family: str, tmp_path: Path) -> None:
    text = {"fjsp": files.FJSP, "hfsp": files.HFSP}[family].rstrip()[:-2]
    with pytest.raises(ValueError, match=r"cut\.txt"):
        read(family, files.write_file(tmp_path, "cut.txt", text))


def test_every_family_names_a_reader_and_a_solver() -> None:
    for name, family in FAMILIES.items():
        if "allocation" not in family.reader:
            assert callable(load(family.reader)), name
            assert callable(load(family.solver)), name
