"""The commands and their options; what they do stands beside, a file each."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orderopt.cli.db import db_app
from orderopt.cli.desk import order_app
from orderopt.cli.doctor import collect_facts, facts_table
from orderopt.cli.ending import EXIT_CODES, ExitCode, ending
from orderopt.cli.planning import run_plan
from orderopt.cli.talk import Talk, plain
from orderopt.errors import InputError, OrderOptError

if TYPE_CHECKING:
    from orderopt.models.finding import Finding
    from orderopt.models.snapshot import Snapshot


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

app.add_typer(db_app)
app.add_typer(order_app)

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
    with ending(talk):
        run_plan(talk, data, out, file_format.value, strict=strict, options=options)


@app.command(epilog=EXIT_CODES)
def check(
    data: Data,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a data set and tell every fault in it; nothing is planned. Ends with 3 if there is an error."""
    from orderopt.tables.read import read_snapshot

    talk = Talk(as_json=as_json, quiet=quiet)
    with ending(talk):
        try:
            snapshot: Any = read_snapshot(data, strict=False)
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
    talk.show(plain(f"{shown}\n{num_errors} errors, {len(findings) - num_errors} warnings"))
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
    with ending(talk):
        snapshot = generate_snapshot(lines, seed=seed)
        target = out if file_format is FileFormat.CSV else out / "tables.xlsx"
        write_snapshot(snapshot, target, file_format=file_format.value)
        talk.say(f"{snapshot!r} is in {target}")


@app.command(epilog=EXIT_CODES)
def doctor(as_json: AsJson = False) -> None:
    """Tell what orderopt runs on: versions, extras, processors, free disk. Ends with 6 if something is missing."""
    talk = Talk(as_json=as_json, quiet=False)
    facts = collect_facts()
    talk.document(facts)
    talk.show(facts_table(facts))
    missing = [name for name, found in facts["core"].items() if found is None]
    if missing:
        talk.complain(f"missing: {', '.join(missing)}; next: pip install --force-reinstall orderopt")
        raise typer.Exit(int(ExitCode.FILE_ERROR))
