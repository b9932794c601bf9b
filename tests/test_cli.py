"""The batch door: what each command prints where, what it writes, and with which number it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import orderopt.stages.plan
from orderopt.cli.commands import app
from orderopt.cli.ending import EXIT_CODES, ExitCode
from orderopt.errors import CancelledError, NoAnswerError, OrderOptError, UnknownStrategyError
from orderopt.models.plan import PLAN_TABLES, Plan
from orderopt.models.snapshot import Snapshot
from orderopt.models.summary import Status
from orderopt.solvers.budget import Progress
from orderopt.tables.lock import holding
from orderopt.tables.read import read_snapshot

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "examples" / "small"


def run(*words: object, **environment: str) -> Result:
    return CliRunner(env={"COLUMNS": "200", **environment}).invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def small_plan() -> Plan:
    """A true plan of the small example, made once."""
    return orderopt.stages.plan.plan(read_snapshot(SMALL), time_limit=2.0, workers=1)


@pytest.fixture
def planning(small_plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Put a stand-in in the place of the planner; it answers with `status` or raises `error`."""

    def stand_in(
        status: Status = Status.FEASIBLE, error: Exception | None = None, act: Callable[..., None] = lambda **_: None
    ) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def plan(snapshot: Snapshot, **options: Any) -> Plan:
            calls.append({"snapshot": snapshot, **options})
            act(**options)
            if error is not None:
                raise error
            summary = small_plan.summary.model_copy(update={"status": status})
            return Plan(snapshot, summary, small_plan.to_frames())

        monkeypatch.setattr(orderopt.stages.plan, "plan", plan)
        return calls

    return stand_in


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """The small example with one quantity that is no number."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    for path in SMALL.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    lines = pd.read_csv(folder / "order_lines.csv", dtype=str)
    lines.loc[0, "quantity"] = "1,000"
    lines.to_csv(folder / "order_lines.csv", index=False)
    return folder


# ---- plan ----------------------------------------------------------------------------------------------------


def test_a_plan_is_made_and_written_with_its_summary_page_and_faults(tmp_path: Path):
    result = run("plan", SMALL, "--out", tmp_path / "out", "--time-limit", "3", "--workers", "1")

    assert result.exit_code == ExitCode.DONE, result.output
    written = {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")}
    assert written == {*(f"{name}.csv" for name in PLAN_TABLES), "summary.json", "plan.html", "faults.csv"}
    assert "on time" in result.stdout
    assert "plan.html" in result.stderr


def test_json_is_one_document_on_standard_output_and_nothing_else(planning: Any, tmp_path: Path):
    planning()
    result = run("plan", SMALL, "--out", tmp_path, "--json")

    document = json.loads(result.stdout)
    assert document["status"] == "FEASIBLE"
    assert Path(document["files"]["page"]).exists()


def test_a_quiet_run_says_nothing(planning: Any, tmp_path: Path):
    planning()
    result = run("plan", SMALL, "--out", tmp_path, "--quiet")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_options_reach_the_planner(planning: Any, tmp_path: Path):
    calls = planning()
    before = time.monotonic()
    run("plan", SMALL, "--out", tmp_path, "--time-limit", "7", "--strategy", "x", "--seed", "4", "--workers", "1")

    call = calls[0]
    assert {name: call[name] for name in ("time_limit", "strategy", "seed", "workers")} == {
        "time_limit": 7.0,
        "strategy": "x",
        "seed": 4,
        "workers": 1,
    }
    assert before <= call["started"] <= time.monotonic()


def test_the_workbook_format_writes_one_workbook(planning: Any, tmp_path: Path):
    planning()
    run("plan", SMALL, "--out", tmp_path, "--format", "xlsx")

    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == {
        "plan.xlsx",
        "summary.json",
        "plan.html",
        "faults.csv",
    }


def test_faults_are_told_and_written_and_the_rest_is_planned(planning: Any, faulty: Path, tmp_path: Path):
    calls = planning()
    result = run("plan", faulty, "--out", tmp_path / "out")

    assert result.exit_code == ExitCode.DONE
    assert "BAD_VALUE (order_lines, row 2, column quantity)" in result.stderr
    assert "'1,000'" in (tmp_path / "out" / "faults.csv").read_text("utf-8")
    assert len(calls[0]["snapshot"].order_lines) == 6


def test_strict_makes_a_fault_fatal(planning: Any, faulty: Path, tmp_path: Path):
    calls = planning()
    result = run("plan", faulty, "--out", tmp_path / "out", "--strict")

    assert result.exit_code == ExitCode.BAD_INPUT
    assert calls == []
    assert "row 2" in result.stderr
    assert (tmp_path / "out" / "faults.csv").exists()


def test_a_failed_run_with_json_still_prints_one_document(planning: Any, faulty: Path, tmp_path: Path):
    planning()
    document = json.loads(run("plan", faulty, "--out", tmp_path / "out", "--strict", "--json").stdout)

    assert document["exit_code"] == 3
    assert document["findings"][0]["code"] == "BAD_VALUE"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.OPTIMAL, 0),
        (Status.FEASIBLE, 0),
        (Status.INFEASIBLE, 4),
        (Status.UNKNOWN, 5),
        (Status.CANCELLED, 130),
    ],
)
def test_the_exit_code_says_what_the_status_says(planning: Any, tmp_path: Path, status: Status, code: int):
    planning(status)

    assert run("plan", SMALL, "--out", tmp_path).exit_code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NoAnswerError("no plan within 1 s"), 5),
        (CancelledError("cancelled before any plan existed"), 130),
        (UnknownStrategyError("no strategy 'x'"), 2),
        (OSError("disk full"), 6),
        (OrderOptError("another run is writing"), 6),
    ],
)
def test_an_error_becomes_words_and_an_exit_code(planning: Any, tmp_path: Path, error: Exception, code: int):
    planning(error=error)
    result = run("plan", SMALL, "--out", tmp_path)

    assert result.exit_code == code
    assert str(error) in result.stderr


def test_a_bug_is_loud(planning: Any, tmp_path: Path):
    planning(error=ZeroDivisionError())

    assert isinstance(run("plan", SMALL, "--out", tmp_path).exception, ZeroDivisionError)


def test_a_plan_is_not_written_among_its_own_input(planning: Any, faulty: Path):
    calls = planning()

    assert run("plan", faulty, "--out", faulty).exit_code == ExitCode.USAGE
    assert calls == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_search_and_the_best_plan_so_far_is_written(planning: Any, tmp_path: Path, number: int):
    def wait_for_the_signal(cancel: threading.Event, **_: Any) -> None:
        os.kill(os.getpid(), number)
        assert cancel.wait(timeout=20)

    before = signal.getsignal(number)
    planning(act=wait_for_the_signal)
    result = run("plan", SMALL, "--out", tmp_path)

    assert result.exit_code == ExitCode.INTERRUPTED
    assert (tmp_path / "summary.json").exists()
    assert "best plan so far" in result.stderr
    assert signal.getsignal(number) == before


def test_a_signal_reaches_a_real_run_deep_in_a_solver(tmp_path: Path):
    words = [sys.executable, "-m", "orderopt", "plan", str(ROOT / "examples" / "realistic"), "--out", str(tmp_path)]
    process = subprocess.Popen([*words, "--time-limit", "120"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("<Snapshot")
    time.sleep(8)
    process.send_signal(signal.SIGINT)

    _, said = process.communicate(timeout=90)

    assert process.returncode == ExitCode.INTERRUPTED, said
    assert (tmp_path / "summary.json").exists()


def test_progress_is_shown_to_a_person_and_not_to_a_program(planning: Any, tmp_path: Path):
    def tell(on_progress: Callable[[Progress], None], **_: Any) -> None:
        on_progress(Progress("schedule", "improved", 1.0, objective=1234.5, bound=1000.0))
        time.sleep(0.3)

    planning(act=tell)
    shown = run("plan", SMALL, "--out", tmp_path, FORCE_COLOR="1")
    silent = run("plan", SMALL, "--out", tmp_path)

    assert "schedule: improved" in shown.stderr
    assert "19.0%" in shown.stderr
    assert "schedule: improved" not in silent.stderr


def test_two_runs_do_not_write_one_folder_at_once(planning: Any, tmp_path: Path):
    pytest.importorskip("fcntl")
    planning()
    with holding(tmp_path):
        result = run("plan", SMALL, "--out", tmp_path)

    assert result.exit_code == ExitCode.FILE_ERROR
    assert "another run" in result.stderr
    assert run("plan", SMALL, "--out", tmp_path).exit_code == ExitCode.DONE


def test_a_place_that_cannot_be_written_is_told_before_the_planning(planning: Any, tmp_path: Path):
    calls = planning()
    (tmp_path / "file").write_text("in the way")
    result = run("plan", SMALL, "--out", tmp_path / "file")

    assert (result.exit_code, calls) == (ExitCode.FILE_ERROR, [])


@pytest.mark.parametrize(
    "words", [["plan", SMALL], ["plan", SMALL, "--out", "x", "--workers", "0"], ["fly"], ["check"]]
)
def test_wrong_usage_ends_with_two(words: list[Any]):
    assert run(*words).exit_code == ExitCode.USAGE


# ---- check ---------------------------------------------------------------------------------------------------


def test_check_of_a_sound_data_set_ends_with_zero():
    result = run("check", SMALL)

    assert result.exit_code == ExitCode.DONE
    assert "0 errors" in result.stdout


def test_check_tells_every_fault_in_a_line_and_ends_with_three(faulty: Path):
    result = run("check", faulty)

    assert result.exit_code == ExitCode.BAD_INPUT
    line = next(line for line in result.stderr.splitlines() if "BAD_VALUE" in line)
    assert "order_lines, row 2, column quantity" in line


def test_check_shows_a_table_to_a_person(faulty: Path):
    result = run("check", faulty, FORCE_COLOR="1")

    assert "thousands" in result.stderr
    assert "order_lines, row 2" not in result.stderr


def test_check_as_json_has_all_parts_of_each_finding(faulty: Path):
    document = json.loads(run("check", faulty, "--json").stdout)

    fault = next(finding for finding in document["findings"] if finding["code"] == "BAD_VALUE")
    assert (document["ok"], document["errors"]) == (False, 1)
    assert {name: fault[name] for name in ("table", "row", "column", "value")} == {
        "table": "order_lines",
        "row": 2,
        "column": "quantity",
        "value": "1,000",
    }
    assert document["rows"]["order_lines"] == 6


def test_check_of_unusable_settings_ends_with_three_and_tells_all(faulty: Path):
    (faulty / "settings.csv").write_text("key,value\n")
    result = run("check", faulty, "--json")

    assert result.exit_code == ExitCode.BAD_INPUT
    assert {finding["table"] for finding in json.loads(result.stdout)["findings"]} >= {"settings", "order_lines"}


def test_a_data_set_that_is_not_there_is_a_file_error():
    result = run("check", "no/such/folder")

    assert result.exit_code == ExitCode.FILE_ERROR
    assert "does not exist" in result.stderr


# ---- the other commands --------------------------------------------------------------------------------------


def test_schema_prints_one_table_or_all():
    assert "order_id" in json.loads(run("schema", "orders").stdout)["properties"]
    assert "order_lines" in json.loads(run("schema").stdout)["properties"]


def test_schema_of_an_unknown_table_is_wrong_usage():
    result = run("schema", "order")

    assert result.exit_code == ExitCode.USAGE
    assert "order_lines" in result.stderr


def test_the_demo_plans_the_example_that_comes_with_the_package(planning: Any, tmp_path: Path):
    calls = planning()
    result = run("demo", "--out", tmp_path)

    assert result.exit_code == ExitCode.DONE
    assert calls[0]["snapshot"] == read_snapshot(SMALL)
    assert (tmp_path / "plan.html").exists()


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_made_up_data_set_can_be_read(tmp_path: Path, file_format: str):
    result = run("generate", "--out", tmp_path, "--lines", "12", "--format", file_format)

    assert result.exit_code == ExitCode.DONE
    target = tmp_path if file_format == "csv" else tmp_path / "tables.xlsx"
    assert len(read_snapshot(target).order_lines) == 12


def test_the_doctor_names_versions_processors_and_disk():
    facts = json.loads(run("doctor", "--json").stdout)

    assert facts["core"]["pandas"] == pd.__version__
    assert facts["processors"] == os.cpu_count()
    assert facts["free_disk_gb"] > 0
    assert "pandas" in run("doctor").stdout


def test_the_doctor_misses_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orderopt.cli.doctor.CORE", ("no-such-package",))
    result = run("doctor")

    assert result.exit_code == ExitCode.FILE_ERROR
    assert "no-such-package" in result.stderr


@pytest.mark.parametrize("command", [[], ["plan"], ["check"], ["demo"]])
def test_every_exit_code_stands_in_the_help_and_in_the_docs(command: list[str]):
    shown = run(*command, "--help").stdout
    page = (ROOT / "docs" / "reference" / "command_line.md").read_text("utf-8")

    for code in ExitCode:
        assert f"  {int(code)} " in EXIT_CODES
        assert f" {int(code)} " in shown
        assert f"| {int(code)} |" in page


def test_the_module_is_the_same_program_as_the_command():
    version = subprocess.run(
        [sys.executable, "-m", "orderopt", "--version"], capture_output=True, text=True, check=True
    )

    assert version.stdout == f"orderopt {orderopt.__version__}\n"


def test_the_whole_program_keeps_standard_output_for_data(tmp_path: Path):
    words = [sys.executable, "-m", "orderopt", "demo", "--out", str(tmp_path), "--time-limit", "3", "--workers", "1"]
    result = subprocess.run(words, capture_output=True, text=True, check=True)

    assert result.stdout.startswith("status")
    assert "plan.html" in result.stderr
