"""The command `plan`, step by step: read, plan, write, report."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from orderopt.cli.ending import ExitCode
from orderopt.cli.stop import Stop, stop_signals
from orderopt.cli.talk import Talk, showing_progress
from orderopt.errors import InputError

if TYPE_CHECKING:
    from orderopt.models.plan import Plan
    from orderopt.models.snapshot import Snapshot
    from orderopt.tables.write import FileFormat


def run_plan(
    talk: Talk, data: Path, out: Path, file_format: FileFormat, *, strict: bool, options: dict[str, Any]
) -> None:
    """Read, plan, write and report; every run writes its faults.

    Raises
    ------
    typer.Exit
        With the code that says how it went, if that is not 0.
    """
    from orderopt.tables.lock import holding
    from orderopt.tables.read import read_snapshot
    from orderopt.tables.write import write_findings

    with holding(out), stop_signals(talk) as stop:
        try:
            snapshot = read_snapshot(data, strict=strict)
        except InputError as error:
            write_findings(error.findings, out / "faults.csv")
            raise
        write_findings(snapshot.findings, out / "faults.csv")
        talk.list_findings(snapshot.findings)
        talk.say(repr(snapshot))
        made = plan_beside(talk, snapshot, stop, options)
        files = write_made(made, out, file_format)
    report_plan(talk, made, files)
    _judge_ending(made, is_cancelled=stop.event.is_set())


def _judge_ending(made: Plan, *, is_cancelled: bool) -> None:
    from orderopt.models.summary import Status

    codes = {
        Status.INFEASIBLE: ExitCode.INFEASIBLE,
        Status.UNKNOWN: ExitCode.NO_PLAN,
        Status.CANCELLED: ExitCode.INTERRUPTED,
    }
    code = ExitCode.INTERRUPTED if is_cancelled else codes.get(made.summary.status, ExitCode.DONE)
    if code is not ExitCode.DONE:
        raise typer.Exit(int(code))


def plan_beside(talk: Talk, snapshot: Snapshot, stop: Stop, options: dict[str, Any]) -> Plan:
    """Plan in a thread of its own, so that the main thread can listen while a solver is at work."""
    from orderopt.stages.plan import plan as make_plan

    answers: list[Plan] = []
    faults: list[BaseException] = []

    with showing_progress(talk) as on_progress:

        def work() -> None:
            try:
                answers.append(make_plan(snapshot, on_progress=on_progress, cancel=stop.event, **options))
            except BaseException as error:  # noqa: BLE001 - raised again below, in the main thread
                faults.append(error)

        worker = threading.Thread(target=work, name="planning", daemon=True)
        worker.start()
        stop.wait(worker)
    if faults:
        raise faults[0]
    return answers[0]


def write_made(made: Plan, out: Path, file_format: FileFormat) -> dict[str, str]:
    """Write tables, summary and page of a plan; return where each is."""
    from orderopt.tables.write import write_plan

    target = out if file_format == "csv" else out / "plan.xlsx"
    write_plan(made, target, file_format=file_format)
    made.report(out / "plan.html")
    return {
        "tables": str(target),
        "summary": str(out / "summary.json"),
        "page": str(out / "plan.html"),
        "faults": str(out / "faults.csv"),
    }


def report_plan(talk: Talk, made: Plan, files: dict[str, str]) -> None:
    """Tell of a plan: its summary to a program, a table to a person."""
    findings = [finding.model_dump(mode="json") for finding in made.snapshot.findings]
    talk.document({**made.summary.model_dump(mode="json"), "files": files, "findings": findings})
    talk.show(_kpi_table(made))
    num_errors = sum(finding.is_error for finding in made.snapshot.findings)
    if num_errors and files:
        talk.complain(f"{num_errors} faults in the input; the rows are not in the plan (see {files['faults']})")
    if files:
        talk.say(f"Open {files['page']} in a browser; the tables of the plan are in {files['tables']}.")


def _kpi_table(made: Plan) -> Table:
    from orderopt.views.kpis import count_lines

    summary, counts = made.summary, count_lines(made)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("status", str(summary.status))
    table.add_row("lines", f"{counts.lines:,}")
    for name, number in (("on time", counts.on_time), ("late", counts.late), ("unserved", counts.unserved)):
        table.add_row(f"  {name}", f"{number:,}")
    table.add_row(f"objective ({summary.currency})", f"{summary.objective:,.2f}")
    for name, amount in summary.terms.items():
        if amount:
            weight = summary.weights.get(name, 1)
            table.add_row(f"  {name}" if weight == 1 else f"  {name} (weight {weight:g})", f"{amount:,.2f}")
    table.add_row("bound", "none" if summary.bound is None else f"{summary.bound:,.2f}")
    table.add_row("gap", "unknown" if summary.gap is None else f"{summary.gap:.2%}")
    table.add_row("strategy", summary.strategy)
    table.add_row("seconds", f"{summary.seconds.get('total', sum(summary.seconds.values())):.1f}")
    memory = summary.peak_memory_mb
    table.add_row("peak memory (MB)", "unknown" if memory is None else f"{memory:,.0f}")
    return table
