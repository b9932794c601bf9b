from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from benchmarks.best_known import find_entry, read_best_known
from benchmarks.result import Result, compare_to_best
from benchmarks.run import REFUSED, main
from benchmarks.runs import Run
from benchmarks.scheduling import __main__ as measure
from benchmarks.scheduling import strategies
from benchmarks.scheduling.check import judge
from benchmarks.scheduling.instance import Answer
from benchmarks.scheduling.sets import build_package_instance, build_set
from benchmarks.scheduling.summary import build_case_rows, build_group_rows
from tests.benchmarks import shop_files as files

TABLE = """family,instance,n,m,lower_bound,best_known,objective,ops,path,source,difficulty,split
jsp_hand,tiny,2,2,6,6,makespan,4,jsp/tiny.txt,by hand,easy,dev
jstwt_f1.5,tiny_f1.5,2,2,,0,total weighted tardiness,4,jsp/tiny.txt,by hand,easy,dev
wt2,wt2_17,2,1,5,5,total weighted tardiness,2,weighted_tardiness/wt2.txt#17,by hand,easy,dev
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data as it may lie beside the checkout."""
    folder = tmp_path / "data"
    for name in ("jsp", "weighted_tardiness"):
        (folder / name).mkdir(parents=True)
    files.write_file(folder, "best_known.csv", TABLE)
    files.write_file(folder / "jsp", "tiny.txt", files.JSP)
    files.write_file(folder / "weighted_tardiness", "wt2_dev.txt", files.SINGLE)
    files.write_file(folder / "weighted_tardiness", "wt2_dev_index.csv", files.SINGLE_INDEX)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, object]]:
    code = main([*(str(argument) for argument in arguments), "--json"])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return code, found


@pytest.mark.parametrize("strategy", ["dispatch", "plain_annealing"])
def test_one_run_is_told_as_json(strategy: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, row = run(
        capsys,
        *(data / "jsp" / "tiny.txt", "--family", "jsp", "--strategy", strategy, "--seconds", 0.3),
        *("--best-known", data / "best_known.csv"),
    )
    assert code == 0
    assert row["accepted"] is True
    assert row["best_known"] == 6
    assert row["ratio"] == row["objective"] / 6  # type: ignore[operator]
    assert 0 <= row["first_seconds"] <= row["seconds"]  # type: ignore[operator]
    assert {"numba", "ortools"} <= set(row["versions"])  # type: ignore[call-overload]


def test_a_table_for_people_has_no_empty_fields(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(data / "jsp" / "tiny.txt"), "--family", "jsp", "--strategy", "plain_dispatch"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["accepted", "True"] for line in lines)
    assert all(len(line.split(None, 1)) == 2 for line in lines)


def test_a_refusal_has_a_reason_and_a_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    code, row = run(capsys, "any.rcp", "--family", "rcpsp")
    assert (code, row["status"]) == (REFUSED, "REFUSED")
    assert "several resources" in str(row["note"])


def test_an_answer_that_is_wrong_ends_with_one(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(instance: object, answer: Answer) -> object:
        answer.end[0] += 1
        return judge(instance, answer)  # type: ignore[arg-type]

    monkeypatch.setattr(strategies, "judge", spoil)
    code, row = run(capsys, data / "jsp" / "tiny.txt", "--family", "jsp", "--strategy", "plain_dispatch")
    assert (code, row["accepted"]) == (1, False)
    assert row["ratio"] is None


def test_best_known_is_found_by_name_before_path(data: Path) -> None:
    entries = read_best_known(data / "best_known.csv")
    path = data / "jsp" / "tiny.txt"
    assert find_entry(entries, "jsp", "tiny", path).best_known == 6  # type: ignore[union-attr]
    assert find_entry(entries, "jstwt", "tiny_f1.5", path).best_known == 0  # type: ignore[union-attr]
    assert find_entry(entries, "jstwt", "tiny_f1.3", path) is None
    assert find_entry(entries, "hfsp", "tiny", path) is None


@pytest.mark.parametrize(
    ("result", "best", "ratio"),
    [
        (Result("FEASIBLE", 110.0, accepted=True), 100.0, 1.1),
        (Result("FEASIBLE", 110.0, accepted=False), 100.0, None),
        (Result("FEASIBLE", 110.0, accepted=True), None, None),
        (Result("FEASIBLE", 0.0, accepted=True), 0.0, 1.0),
        (Result("FEASIBLE", 5.0, accepted=True), 0.0, None),
        (Result("FEASIBLE", 20.0, accepted=True, value=80.0), 100.0, 1.25),
        (Result("UNKNOWN"), 100.0, None),
    ],
)
def test_a_ratio_is_one_where_the_answer_is_as_good_as_the_best_known(
    result: Result, best: float | None, ratio: float | None
) -> None:
    assert compare_to_best(result, best) == ratio


def test_sets_are_read_from_a_folder(data: Path) -> None:
    assert [case.name for case in build_set("jsp", data)] == ["tiny"]
    (weighted,) = build_set("jstwt", data)
    assert weighted.read().name == "tiny_f1.5"
    (single,) = build_set("single_machine", data)
    assert (single.read().name, single.best_known) == ("wt2_17", 5)
    assert [case.size for case in build_set("generated", None, limit=2)] == [100, 1000]


def test_a_job_shop_comes_from_an_array() -> None:
    from numpy import array

    instance = build_package_instance("tiny", array([[[0, 1], [1, 0]], [[3, 2], [4, 1]]]))
    assert instance.option_machine.tolist() == [0, 1, 1, 0]
    assert instance.option_minutes.tolist() == [3, 2, 4, 1]


def test_a_measurement_writes_runs_tables_and_a_plot(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["--set", "jsp,single_machine", "--strategies", "plain_dispatch,plain_annealing", "--seconds", "0.2"]
    assert measure.main([*asked, "--repeats", "2", "--data", str(data), "--out", str(out)]) == 0
    with (out / "scheduling_runs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 2
    assert {row["accepted"] for row in rows} == {"True"}
    with (out / "scheduling_families.csv").open(encoding="utf-8") as file:
        families = {(row["family"], row["strategy"]): row for row in csv.DictReader(file)}
    assert families["jsp_hand", "plain_annealing"]["over best known"] == "1"
    assert (out / "scheduling_cases.csv").exists()


def test_summaries_tell_median_ratio_and_spread_apart() -> None:
    runs = [
        Run("f", "a", "x", seed, 100.0, Result("FEASIBLE", objective, accepted=True, seconds=1.0))
        for seed, objective in ((1, 100.0), (2, 110.0), (3, 130.0))
    ]
    runs.append(Run("f", "a", "y", 1, 100.0, Result("FEASIBLE", 90.0, accepted=False)))
    runs.append(Run("f", "a", "z", 1, 100.0, Result("UNKNOWN")))
    (case,) = build_case_rows(runs)
    assert (case["x"], case["y"], case["z"]) == ("110", "wrong", "unknown")
    x, y, z = build_group_rows(runs)
    assert (x["accepted"], y["accepted"], z["accepted"]) == ("3/3", "0/1", "0/1")
    assert (x["wrong"], y["wrong"]) == ("0", "1")
    assert x["over best known"] == "1.133"
    assert x["over best here"] == "1.127"  # the wrong 90 is not a best
    assert x["spread"] == "27.3%"
