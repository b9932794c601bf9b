from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.allocation import __main__ as measure
from benchmarks.allocation import peers, plain_highs, strategies
from benchmarks.allocation.generate import Recipe, generate
from benchmarks.allocation.instance import AnswerError, DrawnInstance, make_gap
from benchmarks.allocation.readers import read_drawn, read_gap
from benchmarks.allocation.sets import build_set
from benchmarks.allocation.summary import build_case_rows, build_figure, build_group_rows
from benchmarks.result import RefusedError, Result
from benchmarks.runs import Run

from orderopt.solvers.compiled.sourcing import Assignment, option_lines

if TYPE_CHECKING:
    from benchmarks.allocation.peers import Found

TABLE = """family,instance,n,m,lower_bound,best_known,objective,ops,path,source,difficulty
gap_hand,tiny,3,2,6,6,min assignment cost,3,gap/tiny,by hand,easy
jsp_hand,tiny,2,2,6,6,makespan,4,jsp/tiny.txt,by hand,easy
"""
TINY = "2 3\n1 2 5\n4 4 3\n2 2 2\n1 1 1\n4 3\n"
"""Jobs 0 and 1 at agent 0, job 2 at agent 1: 1 + 2 + 3 = 6."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data as it may lie beside the checkout."""
    folder = tmp_path / "data"
    (folder / "gap").mkdir(parents=True)
    (folder / "best_known.csv").write_text(TABLE, encoding="utf-8")
    (folder / "gap" / "tiny").write_text(TINY, encoding="utf-8")
    return folder


def run_peer(name: str, instance: DrawnInstance) -> Result:
    return strategies.solve(instance, name, seconds=5.0, seed=1, workers=2)


@pytest.mark.parametrize("name", [*peers.PEERS, "greedy", "highs"])
def test_every_competitor_gives_an_answer_that_the_checker_accepts(name: str) -> None:
    result = run_peer(name, read_drawn(Path("30x4_3")))
    assert result.complaints == ()
    assert result.accepted


def test_peers_that_end_agree_on_the_best_answer() -> None:
    instance = read_drawn(Path("20x3_5"))
    found = {name: run_peer(name, instance) for name in peers.PEERS}
    assert {name: each.status for name, each in found.items()} == dict.fromkeys(peers.PEERS, "OPTIMAL")
    best = [each.objective for each in found.values()]
    assert best == pytest.approx([best[0]] * len(best), rel=1e-6)


def test_the_matrix_of_the_plain_peer_keeps_minutes_of_all_earlier_buckets() -> None:
    instance = read_drawn(Path("60x3_8"))
    found = plain_highs.run(peers.read_plain(instance.problem), 1, 1, 5.0)
    assert found.answer is not None
    assert instance.check(found.answer) == pytest.approx(found.claimed)


@pytest.mark.parametrize("feature", ["late", "split", "fair", "components"])
def test_peers_refuse_what_they_cannot_say(feature: str) -> None:
    result = run_peer("plain_highs", read_drawn(Path(f"30x4_{feature}_1")))
    assert result.status == "REFUSED"
    assert result.note


def test_an_answer_that_overloads_a_plant_is_not_accepted() -> None:
    instance = DrawnInstance("crowd", generate(Recipe(40, 3)))
    lots = np.zeros(instance.problem.num_options, dtype=np.int64)
    first = np.flatnonzero(np.diff(option_lines(instance.problem), prepend=-1))
    lots[first] = 1
    with pytest.raises(AnswerError, match="minutes too much"):
        instance.check(Assignment(lots, np.zeros_like(lots)))


def test_a_competitor_that_claims_too_much_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = read_drawn(Path("20x3_5"))
    run = peers.run

    def boast(*positions: object, **names: object) -> Found:
        found = run(*positions, **names)  # type: ignore[arg-type]
        return replace(found, claimed=1.0, bound=1e9)

    monkeypatch.setattr(peers, "run", boast)
    result = run_peer("plain_cpsat", instance)
    assert result.accepted is False
    assert len(result.complaints) == 2


def test_sets_are_drawn_by_size_and_read_from_a_folder(data: Path) -> None:
    drawn = build_set("drawn_everything", None, sizes=["40x3", "20x3"], seed=4)
    assert [(case.name, case.size) for case in drawn] == [
        ("20x3_late_split_fair_components_4", 20),
        ("40x3_late_split_fair_components_4", 40),
    ]
    assert drawn[0].read().problem.num_lines == 20
    (tiny,) = build_set("gap", data)
    assert (tiny.group, tiny.best_known) == ("gap_hand", 6.0)
    assert tiny.read().problem.num_options == 6
    with pytest.raises(RefusedError, match="--data"):
        build_set("gap", None)
    with pytest.raises(RefusedError, match="no size"):
        build_set("drawn", None, sizes=["many"])


def test_an_instance_of_generalized_assignment_is_read_and_judged(data: Path) -> None:
    instance = read_gap(data / "gap" / "tiny")
    best = Assignment(np.array([1, 0, 1, 0, 0, 1]), np.zeros(6, dtype=np.int64))
    assert instance.check(best) == 6
    with pytest.raises(AnswerError, match="beyond its capacity"):
        instance.check(Assignment(np.array([1, 0, 1, 0, 1, 0]), np.zeros(6, dtype=np.int64)))
    with pytest.raises(AnswerError, match="exactly one agent"):
        instance.check(Assignment(np.array([1, 1, 1, 0, 0, 1]), np.zeros(6, dtype=np.int64)))
    assert make_gap("again", instance.cost, instance.use, instance.capacity).check(best) == 6


def make_run(strategy: str, objective: float | None, bound: float | None, best: float | None = None) -> Run:
    accepted = None if objective is None else True
    status = "UNKNOWN" if objective is None else "FEASIBLE"
    return Run("set", "case", strategy, 1, best, Result(status, objective, bound, accepted=accepted))


def test_answers_are_measured_from_the_highest_bound_of_all_runs() -> None:
    runs = [make_run("a", 110.0, 90.0), make_run("b", 105.0, 100.0), make_run("c", None, None)]
    (row,) = build_case_rows(runs)
    assert (row["a"], row["b"], row["c"]) == ("10.0000%", "5.0000%", "unknown")
    assert build_figure(runs)["a"] == {"set": pytest.approx(10.0)}
    assert [row["accepted"] for row in build_group_rows(runs)] == ["1/1", "1/1", "0/1"]


def test_answers_are_measured_from_the_best_known_value_where_there_is_one() -> None:
    (row,) = build_case_rows([make_run("a", 110.0, 90.0, best=88.0)])
    assert row["a"] == "25.0000%"
    assert row["measured from"] == "best known 88"


def test_a_measurement_writes_runs_tables_and_a_plot(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    asked = ["--set", "drawn,gap", "--sizes", "30x3", "--strategies", "greedy,plain_highs", "--seconds", "1"]
    assert measure.main([*asked, "--data", str(data), "--out", str(out)]) == 0
    with (out / "allocation_runs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["case"], row["strategy"]) for row in rows] == [
        *(("30x3_1", "greedy"), ("30x3_1", "plain_highs")),
        *(("tiny", "greedy"), ("tiny", "plain_highs")),
    ]
    assert {row["accepted"] for row in rows} == {"True"}
    assert float(rows[-1]["ratio"]) == 1.0
    assert (out / "allocation_cases.csv").exists()
    assert (out / "allocation_families.csv").exists()
    assert (out / "allocation.png").stat().st_size > 0
    assert "MB at most" in capsys.readouterr().out


def test_a_set_without_data_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measure.main(["--set", "gap", "--data", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "left out" in capsys.readouterr().out
