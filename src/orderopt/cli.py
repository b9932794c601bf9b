"""The batch door: one command for each thing one does with a data set.

Standard output is data, standard error is talk.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from orderopt.errors import (
    CancelledError,
    IncorrectPlanError,
    InputError,
    NoAnswerError,
    OrderOptError,
    UnknownStrategyError,
)

if TYPE_CHECKING:
    from orderopt.models.finding import Finding
    from orderopt.models.plan import Plan
    from orderopt.models.snapshot import Snapshot
    from orderopt.solvers.budget import Progress

EXIT_CODES = """\b
Exit codes:
  0    done; the plan keeps every rule
  2    wrong usage
  3    faults in the input
  4    proven that no plan exists
  5    no plan within the time limit
  6    a file could not be read or written
  130  interrupted; the best plan so far was written
"""


class ExitCode(IntEnum):
    """How a command ended, for scripts."""

    DONE = 0
    USAGE = 2
    BAD_INPUT = 3
    INFEASIBLE = 4
    NO_PLAN = 5
    FILE_ERROR = 6
    INTERRUPTED = 130


class FileFormat(StrEnum):
    """How tables are written."""

    CSV = "csv"
    XLSX = "xlsx"


app = typer.Typer(
    name="orderopt",
    help="Plan customer orders end to end.\n\n" + EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Data = Annotated[Path, typer.Argument(help="A folder of CSV files, or an .xlsx workbook.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder to write the plan into.", show_default=False)]
TimeLimit = Annotated[float, typer.Option(min=0.1, help="Seconds for the whole command, loading included.")]
Strategy = Annotated[str, typer.Option(help="Name of the strategy.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Where all randomness comes from.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Threads; 1 makes the same plan each time. Default: all processors.")
]
Format = Annotated[FileFormat, typer.Option("--format", help="How the tables of the plan are written.")]


class Talk:
    """What is said on standard error and shown on standard output."""

    def __init__(self, *, as_json: bool, quiet: bool) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self.err = Console(file=sys.stderr, stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Say something that a quiet run leaves out."""
        if not self.quiet:
            self.err.print(text, markup=False)

    def complain(self, text: str) -> None:
        """Say what went wrong."""
        self.err.print(text, markup=False)

    def show(self, what: Any) -> None:
        """Show a result that a program does not read."""
        if not (self.quiet or self.as_json):
            self.out.print(what)

    def document(self, content: Any) -> None:
        """Print the one JSON document of a command."""
        if self.as_json:
            sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")

    def list_findings(self, findings: Sequence[Finding]) -> None:
        """Tell every finding: as a table to a person, a line each to a program; quiet: errors only."""
        told = [finding for finding in findings if finding.is_error or not self.quiet]
        if not (told and self.err.is_terminal):
            for finding in told:
                self.complain(str(finding))
            return
        table = Table("", "code", "table", "row", "column", "what", "next", show_lines=False, box=None, pad_edge=False)
        for finding in told:
            subject = f"{finding.subject}: " if finding.subject else ""
            expected = f" (expected: {finding.expected})" if finding.expected else ""
            cells = (
                finding.severity.value,
                finding.code,
                finding.table or "",
                str(finding.row or ""),
                finding.column or "",
                f"{subject}{finding.says}{expected}",
                finding.mend or "",
            )
            table.add_row(*(_plain(cell) for cell in cells), style="red" if finding.is_error else "yellow")
        self.err.print(table, soft_wrap=False)


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text)


@contextmanager
def _ending(talk: Talk) -> Iterator[None]:
    """Turn what can go wrong into words and an exit code."""
    try:
        yield
    except InputError as error:
        code = ExitCode.BAD_INPUT if error.findings else ExitCode.FILE_ERROR
        says, findings = str(error).splitlines()[0], error.findings
    except UnknownStrategyError as error:
        code, says, findings = ExitCode.USAGE, str(error), ()
    except CancelledError as error:
        code, says, findings = ExitCode.INTERRUPTED, str(error), ()
    except NoAnswerError as error:
        code, says, findings = ExitCode.NO_PLAN, str(error), ()
    except IncorrectPlanError:
        raise
    except (OSError, OrderOptError) as error:
        code, says, findings = ExitCode.FILE_ERROR, str(error), ()
    else:
        return
    talk.list_findings(findings)
    talk.complain(f"orderopt: {says}")
    faults = [finding.model_dump(mode="json") for finding in findings]
    talk.document({"error": says, "exit_code": int(code), "findings": faults})
    raise typer.Exit(int(code))


def _read(data: Path, *, strict: bool) -> Snapshot:
    from orderopt.tables.read import read_snapshot

    return read_snapshot(data, strict=strict)


def _print_version(wanted: bool) -> None:
    if wanted:
        from orderopt import __version__

        sys.stdout.write(f"orderopt {__version__}\n")
        raise typer.Exit


@app.callback()
def _front(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command(epilog=EXIT_CODES)
def plan(
    context: typer.Context,
    data: Data,
    out: Out,
    time_limit: TimeLimit = 30.0,
    strategy: Strategy = "auto",
    seed: Seed = 0,
    workers: Workers = None,
    file_format: Format = FileFormat.CSV,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse to plan if the input has any fault.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a data set, make a plan and write it: tables, summary.json, faults.csv and plan.html.

    Rows with faults are told and left out; so are rows that would be planned wrongly without them. Ctrl-C ends the
    search and writes the best plan so far; a second one ends at once.
    """
    started = context.obj if isinstance(context.obj, float) else time.monotonic()
    talk = Talk(as_json=as_json, quiet=quiet)
    if out.resolve() == data.resolve():
        raise typer.BadParameter("the plan must not be written among the tables it is made from", param_hint="--out")
    options = {"strategy": strategy, "seed": seed, "workers": workers, "time_limit": time_limit, "started": started}
    with _ending(talk):
        _run_plan(talk, data, out, file_format, strict=strict, options=options)


def _run_plan(
    talk: Talk, data: Path, out: Path, file_format: FileFormat, *, strict: bool, options: dict[str, Any]
) -> None:
    from orderopt.tables.lock import holding
    from orderopt.tables.write import write_findings

    with holding(out), _stop_signals(talk) as stop:
        try:
            snapshot = _read(data, strict=strict)
        except InputError as error:
            write_findings(error.findings, out / "faults.csv")
            raise
        write_findings(snapshot.findings, out / "faults.csv")
        talk.list_findings(snapshot.findings)
        talk.say(repr(snapshot))
        made = _plan_beside(talk, snapshot, stop, options)
        files = _write(made, out, file_format)
    _report(talk, made, files)
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


_STOPPING = (signal.SIGINT, signal.SIGTERM)


class _Stop:
    """Ctrl-C and SIGTERM, turned into an event; a second one ends the process at once.

    The signals are blocked in all threads and asked for by the main thread: solvers put handlers of their own in the
    place of Python's, and a blocked signal reaches none of them. Where signals cannot be blocked, handlers do.
    """

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.event = threading.Event()
        self.can_block = hasattr(signal, "sigtimedwait")

    def obey(self, *_: Any) -> None:
        """Set the event, and leave the next signal to the system."""
        self.event.set()
        for number in _STOPPING:
            signal.signal(number, signal.SIG_DFL)
        if self.can_block:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
        self.talk.complain("Stopping; the best plan so far will be written. Once more ends at once.")

    def wait(self, worker: threading.Thread) -> None:
        """Wait for a thread, with an open ear."""
        while worker.is_alive():
            if not self.can_block or self.event.is_set():
                worker.join(timeout=0.1)
            elif signal.sigtimedwait(_STOPPING, 0.05) is not None:
                self.obey()


@contextmanager
def _stop_signals(talk: Talk) -> Iterator[_Stop]:
    stop = _Stop(talk)
    if threading.current_thread() is not threading.main_thread():
        stop.can_block = False
        yield stop
        return
    handlers = {number: signal.signal(number, stop.obey) for number in _STOPPING}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING) if stop.can_block else set()
    try:
        yield stop
    finally:
        if stop.can_block:
            while signal.sigtimedwait(_STOPPING, 0) is not None:
                pass  # it came too late to stop anything
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _plan_beside(talk: Talk, snapshot: Snapshot, stop: _Stop, options: dict[str, Any]) -> Plan:
    """Plan in a thread of its own, so that the main thread can listen while a solver is at work."""
    from orderopt.stages.plan import plan as make_plan

    answers: list[Plan] = []
    faults: list[BaseException] = []

    with _progress(talk) as on_progress:

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


@contextmanager
def _progress(talk: Talk) -> Iterator[Callable[[Progress], None]]:
    """Show progress as one living line, if a person is looking."""
    if talk.quiet or not talk.err.is_terminal:
        yield lambda _: None
        return
    with talk.err.status("planning …") as line:

        def tell(event: Progress) -> None:
            cost = "" if event.objective is None else f"  cost {event.objective:,.2f}"
            gap = "" if event.gap is None else f"  gap {event.gap:.1%}"
            line.update(_plain(f"{event.seconds:5.1f} s  {event.stage}: {event.message}{cost}{gap}"))

        yield tell


def _write(made: Plan, out: Path, file_format: FileFormat) -> dict[str, str]:
    from orderopt.tables.write import write_plan

    target = out if file_format is FileFormat.CSV else out / "plan.xlsx"
    write_plan(made, target, file_format=file_format.value)
    made.report(out / "plan.html")
    return {
        "tables": str(target),
        "summary": str(out / "summary.json"),
        "page": str(out / "plan.html"),
        "faults": str(out / "faults.csv"),
    }


def _report(talk: Talk, made: Plan, files: dict[str, str]) -> None:
    findings = [finding.model_dump(mode="json") for finding in made.snapshot.findings]
    talk.document({**made.summary.model_dump(mode="json"), "files": files, "findings": findings})
    talk.show(_kpi_table(made))
    num_errors = sum(finding.is_error for finding in made.snapshot.findings)
    if num_errors:
        talk.complain(f"{num_errors} faults in the input; the rows are not in the plan (see {files['faults']})")
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


@app.command(epilog=EXIT_CODES)
def check(
    data: Data,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a data set and tell every fault in it; nothing is planned. Ends with 3 if there is an error."""
    talk = Talk(as_json=as_json, quiet=quiet)
    with _ending(talk):
        try:
            snapshot: Any = _read(data, strict=False)
            findings = snapshot.findings
        except InputError as error:
            if not error.findings:
                raise
            snapshot, findings = None, error.findings
        _show_check(talk, snapshot, findings)


def _show_check(talk: Talk, snapshot: Snapshot | None, findings: Sequence[Finding]) -> None:
    from orderopt.models.snapshot import record_types

    num_errors = sum(finding.is_error for finding in findings)
    rows = {} if snapshot is None else {name: len(getattr(snapshot, name)) for name in record_types()}
    talk.list_findings(findings)
    talk.document(
        {
            "ok": not num_errors,
            "errors": num_errors,
            "warnings": len(findings) - num_errors,
            "rows": rows,
            "findings": [finding.model_dump(mode="json") for finding in findings],
        }
    )
    shown = "the settings cannot be used" if snapshot is None else repr(snapshot).strip("<>")
    talk.show(_plain(f"{shown}\n{num_errors} errors, {len(findings) - num_errors} warnings"))
    if num_errors:
        raise typer.Exit(int(ExitCode.BAD_INPUT))


@app.command(epilog=EXIT_CODES)
def schema(
    table: Annotated[str | None, typer.Argument(help="A table, settings or summary; none: all.")] = None,
) -> None:
    """Print the JSON Schema of the tables."""
    from orderopt.tables.schema import build_schema

    try:
        document = build_schema(table)
    except OrderOptError as error:
        raise typer.BadParameter(str(error)) from error
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


@app.command(epilog=EXIT_CODES)
def demo(
    context: typer.Context,
    out: Out = Path("out"),
    time_limit: TimeLimit = 10.0,
    seed: Seed = 0,
    workers: Workers = None,
    quiet: Quiet = False,
) -> None:
    """Plan the small example that comes with orderopt."""
    from importlib.resources import as_file, files

    with as_file(files("orderopt.testing") / "small") as data:
        plan(context, data, out, time_limit=time_limit, seed=seed, workers=workers, quiet=quiet)


@app.command(epilog=EXIT_CODES)
def generate(
    out: Out,
    lines: Annotated[int, typer.Option(min=1, help="Number of order lines.")] = 100,
    seed: Seed = 0,
    file_format: Format = FileFormat.CSV,
    quiet: Quiet = False,
) -> None:
    """Write a made-up data set of any size, to try things out."""
    from orderopt.tables.write import write_snapshot
    from orderopt.testing.generate import generate_snapshot

    talk = Talk(as_json=False, quiet=quiet)
    with _ending(talk):
        snapshot = generate_snapshot(lines, seed=seed)
        target = out if file_format is FileFormat.CSV else out / "tables.xlsx"
        write_snapshot(snapshot, target, file_format=file_format.value)
        talk.say(f"{snapshot!r} is in {target}")


CORE = (
    "ortools",
    "pulp",
    "highspy",
    "numba",
    "numpy",
    "pandas",
    "networkx",
    "pydantic",
    "typer",
    "rich",
    "jinja2",
    "bokeh",
)
EXTRAS = {
    "excel": ("xlsxwriter", "python-calamine"),
    "plot": ("matplotlib",),
    "notebook": ("anywidget",),
}


@app.command(epilog=EXIT_CODES)
def doctor(as_json: AsJson = False) -> None:
    """Tell what orderopt runs on: versions, extras, processors, free disk. Ends with 6 if something is missing."""
    from orderopt import __version__

    talk = Talk(as_json=as_json, quiet=False)
    core = {name: _version_of(name) for name in CORE}
    extras = {extra: {name: _version_of(name) for name in names} for extra, names in EXTRAS.items()}
    facts = {
        "orderopt": __version__,
        "python": sys.version.split()[0],
        "platform": sys.platform,
        "processors": os.cpu_count(),
        "free_disk_gb": round(shutil.disk_usage(Path.cwd()).free / 1e9, 1),
        "core": core,
        "extras": extras,
    }
    talk.document(facts)
    talk.show(_doctor_table(facts))
    missing = [name for name, found in core.items() if found is None]
    if missing:
        talk.complain(f"missing: {', '.join(missing)}; next: pip install --force-reinstall orderopt")
        raise typer.Exit(int(ExitCode.FILE_ERROR))


def _version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _doctor_table(facts: dict[str, Any]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in facts.items():
        if not isinstance(value, dict):
            table.add_row(name, str(value))
    for name, found in facts["core"].items():
        table.add_row(name, found or "missing")
    for extra, packages in facts["extras"].items():
        for name, found in packages.items():
            table.add_row(name, found or _plain(f'not here; pip install "orderopt[{extra}]"'))
    return table
