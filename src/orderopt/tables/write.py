"""Writing snapshots and plans: whole or not at all, and the same bytes for the same content."""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from orderopt.errors import InputError, OrderOptError
from orderopt.models.finding import Finding
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.record import Record
from orderopt.models.snapshot import record_types
from orderopt.tables.columns import Column, Kind, columns_of
from orderopt.tables.frames import extra_columns, settings_rows
from orderopt.tables.guard import with_guard
from orderopt.tables.read import EXPECTED_TABLES
from orderopt.tables.text import value_text

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pandas as pd

    from orderopt.models.plan import Plan
    from orderopt.models.snapshot import Snapshot

FileFormat = Literal["csv", "xlsx"]
_TEXTS = {Kind.TEXT, Kind.CHOICE}
_LARGE = 20_000
"""Rows from which a workbook is written row by row, not held in memory."""
_SHEET_ROWS = 1_048_575


class Sheet:
    """A table ready to be written: its header, what its columns hold, and its rows as text."""

    def __init__(
        self, name: str, header: Sequence[str], kinds: Sequence[Kind], rows: Sequence[tuple[str, ...]]
    ) -> None:
        self.name = name
        self.header = tuple(header)
        self.kinds = tuple(kinds)
        self.rows = rows


def write_snapshot(snapshot: Snapshot, target: str | Path, *, file_format: FileFormat = "csv") -> None:
    """Write a snapshot so that reading it again gives an equal one.

    Parameters
    ----------
    snapshot
        What to write. Its findings are not written.
    target
        A folder (made where it is not there; input tables that the snapshot does not have are removed from it),
        or the path of a workbook.
    file_format
        ``csv``: a file for each table in the folder; ``xlsx``: one workbook with a sheet for each.
    """
    sheets = [Sheet("settings", ("key", "value"), (Kind.TEXT, Kind.TEXT), list(settings_rows(snapshot.settings)))]
    zone = snapshot.settings.zone
    for name, record_type in record_types().items():
        records = getattr(snapshot, name)
        if records or name in EXPECTED_TABLES:
            sheets.append(_sheet_of_records(record_type, records, zone))
    _write_sheets(sheets, Path(target), file_format, owned=("settings", *record_types()))


def write_plan(plan: Plan, target: str | Path, *, file_format: FileFormat = "csv") -> None:
    """Write the tables of a plan and its summary.

    Parameters
    ----------
    plan
        What to write.
    target
        A folder for ``csv``; the path of a workbook for ``xlsx`` (its summary is the sheet ``summary``, and
        ``summary.json`` beside it).
    file_format
        ``csv`` or ``xlsx``.
    """
    zone = plan.snapshot.settings.zone
    path = Path(target)
    frames = plan.to_frames()
    sheets = [_sheet_of_frame(record_type, frames[name], zone) for name, record_type in PLAN_TABLES.items()]
    summary = plan.summary.model_dump(mode="json")
    if file_format == "xlsx":
        rows = [(key, "" if value is None else str(value)) for key, value in _flatten(summary)]
        sheets.append(Sheet("summary", ("key", "value"), (Kind.TEXT, Kind.TEXT), rows))
    _write_sheets(sheets, path, file_format, owned=tuple(PLAN_TABLES))
    folder = path if file_format == "csv" else path.parent
    write_text(plan.summary.model_dump_json(indent=2) + "\n", folder / "summary.json")


def write_findings(findings: Iterable[Finding], path: str | Path) -> None:
    """Write findings as one CSV table."""
    header = tuple(Finding.model_fields)
    rows = [
        tuple("" if getattr(finding, name) is None else str(getattr(finding, name)) for name in header)
        for finding in findings
    ]
    write_texts(header, rows, path)


def write_texts(header: Sequence[str], rows: Sequence[tuple[str, ...]], path: str | Path) -> None:
    """Write texts as one CSV table, guarded against spreadsheets that would run them as formulas."""
    write_text(_csv_text(Sheet("texts", header, [Kind.TEXT] * len(header), rows)), path)


def write_text(text: str, path: str | Path) -> None:
    """Write a text file (UTF-8) whole or not at all."""
    with replacing(Path(path)) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary file in the same folder that takes the place of `path` when all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_plan_tables(source: str | Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a written plan as text cells (empty where there is nothing).

    Parameters
    ----------
    source
        The folder or workbook that :func:`write_plan` wrote.

    Raises
    ------
    InputError
        If a table of the plan is not there.
    """
    import pandas as pd

    from orderopt.tables.cells import is_blank, read_text
    from orderopt.tables.sources import open_source

    found = open_source(source).tables
    missing = [name for name in PLAN_TABLES if name not in found]
    if missing:
        raise InputError(
            f"{source} holds no whole plan: {', '.join(missing)} not found; give the folder or workbook of a plan"
        )
    frames = {}
    for name, record_type in PLAN_TABLES.items():
        columns = {}
        for header in found[name].columns:
            column = columns_of(record_type).get(header)
            is_text = column is None or column.kind in _TEXTS
            cells = found[name].texts(header) if is_text else found[name].columns[header]
            columns[header] = ["" if is_blank(cell) else str(read_text(cell)) for cell in cells]
        frames[name] = pd.DataFrame(columns, dtype=object)
    return frames


def _flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = enumerate(value, start=1)
    else:
        yield prefix, value
    for key, part in parts:
        yield from _flatten(part, f"{prefix}.{key}" if prefix else str(key))


def _sheet_of_records(record_type: type[Record], records: Sequence[Record], zone: ZoneInfo) -> Sheet:
    columns = list(columns_of(record_type).values())
    extra = extra_columns(records)
    texts = [_texts((getattr(record, column.field) for record in records), column, zone) for column in columns]
    texts += [["" if name not in record.extra else str(record.extra[name]) for record in records] for name in extra]
    header = [*(column.name for column in columns), *extra]
    kinds = [*(column.kind for column in columns), *[Kind.TEXT] * len(extra)]
    return Sheet(record_type.TABLE, header, kinds, list(zip(*texts, strict=True)))


def _sheet_of_frame(record_type: type[Record], frame: pd.DataFrame, zone: ZoneInfo) -> Sheet:
    columns = list(columns_of(record_type).values())
    texts = [_texts(frame[column.name].tolist(), column, zone) for column in columns]
    kinds = [column.kind for column in columns]
    return Sheet(record_type.TABLE, [column.name for column in columns], kinds, list(zip(*texts, strict=True)))


def _texts(values: Iterable[Any], column: Column, zone: ZoneInfo) -> list[str]:
    if column.kind is not Kind.MOMENT:
        return [value_text(value, column.kind, zone) for value in values]
    known: dict[Any, str] = {}
    texts = []
    for value in values:
        if value not in known:
            known[value] = value_text(value, column.kind, zone)
        texts.append(known[value])
    return texts


def _write_sheets(sheets: list[Sheet], target: Path, file_format: FileFormat, owned: Sequence[str]) -> None:
    if file_format == "xlsx":
        _write_workbook(sheets, target)
        return
    if file_format != "csv":
        raise OrderOptError(f"{file_format!r} is no file format: give 'csv' or 'xlsx'")
    target.mkdir(parents=True, exist_ok=True)
    # All files are whole before the first one takes its place, so that a failure leaves the old tables standing.
    staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=target))
    try:
        for sheet in sheets:
            (staging / f"{sheet.name}.csv").write_text(_csv_text(sheet), encoding="utf-8", newline="")
        for sheet in sheets:
            (staging / f"{sheet.name}.csv").replace(target / f"{sheet.name}.csv")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    for name in set(owned) - {sheet.name for sheet in sheets}:
        (target / f"{name}.csv").unlink(missing_ok=True)


def _csv_text(sheet: Sheet) -> str:
    guarded = [place for place, kind in enumerate(sheet.kinds) if kind in _TEXTS]
    rows: Iterable[Sequence[str]] = sheet.rows
    if any(row[place][:1] in _SUSPECT for row in sheet.rows for place in guarded):
        rows = (
            [with_guard(cell) if place in guarded else cell for place, cell in enumerate(row)] for row in sheet.rows
        )
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(sheet.header)
    writer.writerows(rows)
    return file.getvalue()


_SUSPECT = frozenset("'=+-@\t\r\n＝＋－＠")


def _write_workbook(sheets: list[Sheet], target: Path) -> None:
    try:
        import xlsxwriter
    except ImportError as error:
        raise OrderOptError('writing .xlsx needs xlsxwriter: pip install "orderopt[excel]"') from error

    longest = max(sheets, key=lambda sheet: len(sheet.rows))
    if len(longest.rows) > _SHEET_ROWS:
        raise OrderOptError(f"{longest.name} has more rows than a sheet can hold ({_SHEET_ROWS:,}); write csv instead")
    options = {
        "constant_memory": len(longest.rows) > _LARGE,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": len(longest.rows) <= _LARGE,
    }
    with replacing(target) as temporary:
        workbook = xlsxwriter.Workbook(str(temporary), options)
        workbook.set_properties({"created": datetime(2000, 1, 1)})  # the same content gives the same bytes
        bold = workbook.add_format({"bold": True})
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.name)
            page.freeze_panes(1, 0)
            for place, text in enumerate(sheet.header):
                _write_text(page, 0, place, text, bold)
            for number, row in enumerate(sheet.rows, start=1):
                for place, text in enumerate(row):
                    if text:
                        _write_cell(page, number, place, text, sheet.kinds[place])
        workbook.close()


def _write_cell(page: Any, row: int, place: int, text: str, kind: Kind) -> None:
    """Write a number as a number where that loses nothing, everything else as text, never a formula."""
    if kind in {Kind.NUMBER, Kind.WHOLE, Kind.FLAG} and Decimal(repr(float(text))) == Decimal(text):
        page.write_number(row, place, float(text))
    else:
        _write_text(page, row, place, text)


def _write_text(page: Any, row: int, place: int, text: str, *formats: Any) -> None:
    if page.write_string(row, place, text, *formats) != 0:
        raise OrderOptError(f"a sheet cannot hold a text of {len(text):,} characters; write csv instead")
