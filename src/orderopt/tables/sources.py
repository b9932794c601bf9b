"""Where tables come from: a folder of CSV files, a workbook, or frames in memory; cells as they stand there."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orderopt.errors import InputError
from orderopt.models.finding import Finding, Severity
from orderopt.tables.cells import Fault, is_blank, show
from orderopt.tables.guard import without_guard

FIRST_ROW = 2
"""Row of a table's first record, as a spreadsheet counts: the header is row 1."""


@dataclass
class RawTable:
    """A table before its cells are understood.

    Attributes
    ----------
    name
        The file's or sheet's name.
    columns
        Cells by header; None where a row has none.
    rows
        Row number of each record.
    spoilt
        What is the matter with whole records, by position.
    is_csv
        Whether text that would be a formula is guarded by an apostrophe.
    """

    name: str
    columns: dict[str, list[Any]]
    rows: Sequence[int]
    spoilt: dict[int, Fault] = field(default_factory=dict)
    is_csv: bool = False

    def texts(self, column: str) -> list[Any]:
        """Return the cells of a text column, guards against formulas taken off."""
        cells = self.columns[column]
        return [without_guard(cell) if cell[:1] == "'" else cell for cell in cells] if self.is_csv else cells


@dataclass
class Source:
    """Everything that was found in one place.

    `lost` has the names of tables that are there but could not be opened.
    """

    tables: dict[str, RawTable] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)


def open_source(source: object) -> Source:
    """Find the tables in a folder, a workbook or a mapping.

    Parameters
    ----------
    source
        Path of a folder of CSV files or of an .xlsx workbook, or a mapping from table name to a DataFrame, a
        list of dicts or (for settings) a dict.

    Raises
    ------
    InputError
        If there is nothing of the kind.
    """
    if isinstance(source, Mapping):
        return _open_frames(source)
    if not isinstance(source, (str, Path)):
        raise InputError(
            f"a {type(source).__name__} is no data set: "
            "give a folder of CSV files, an .xlsx workbook or a dict of frames"
        )
    path = Path(source)
    if path.is_dir():
        return _open_folder(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: give a folder of CSV files or an .xlsx workbook")
    if path.suffix.lower() not in {".xlsx", ".xlsm"}:
        raise InputError(f"{path} is neither a folder of CSV files nor an .xlsx workbook")
    return _open_workbook(path)


def _unreadable(table: str, says: str, expected: str, row: int | None = None) -> Finding:
    return Finding(code="UNREADABLE_FILE", table=table, row=row, says=says, expected=expected)


def _open_folder(folder: Path) -> Source:
    found = Source()
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".csv" and not path.name.startswith(".") and path.is_file():
            _open_csv(path, found)
    return found


def _open_csv(path: Path, found: Source) -> None:
    name = path.stem
    try:
        content = path.read_bytes()
    except OSError as error:
        found.lost.add(name)
        found.findings.append(_unreadable(name, f"{path.name} cannot be opened: {error.strerror}", "a readable file"))
        return
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4096]:
        found.lost.add(name)
        found.findings.append(_unreadable(name, f"{path.name} is not UTF-8 text", "CSV in UTF-8"))
        return
    text = content.decode("utf-8-sig", errors="surrogateescape")
    is_utf8 = text.isascii() or not re.search("[\udc80-\udcff]", text)
    records, faults = _split_csv(text)
    found.findings += [
        _unreadable(name, says, 'quotes in pairs, a quote inside a cell as ""', row) for row, says in faults
    ]
    if faults:
        found.lost.add(name)
    table = _build_table(name, records, found, is_csv=True)
    if table is None:
        return
    if len(table.columns) == 1 and ";" in next(iter(table.columns)):
        found.lost.add(name)
        found.findings.append(_unreadable(name, "cells are separated by semicolons", "cells separated by commas", 1))
        return
    if not is_utf8:
        _spoil_bytes(table)
    found.tables[name] = table


def _split_csv(text: str) -> tuple[list[list[str]], list[tuple[int, str]]]:
    """Split CSV text into records; a record with broken quotes stays empty and is told apart."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True)), []
    except csv.Error:
        pass
    records: list[list[str]] = []
    faults: list[tuple[int, str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begin = reader.line_num + 1
        try:
            records.append(next(reader))
        except StopIteration:
            return records, faults
        except csv.Error as error:
            records.append([])
            lines = f"line {begin}" if reader.line_num <= begin else f"lines {begin} to {reader.line_num}"
            faults.append((len(records), f"{lines} cannot be split into cells ({error})"))


def _spoil_bytes(table: RawTable) -> None:
    for name, cells in table.columns.items():
        for position, cell in enumerate(cells):
            if cell and not cell.isascii() and re.search("[\udc80-\udcff]", cell):
                cells[position] = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                says = f"column {name} holds bytes that are not UTF-8: {cells[position]!r}"
                table.spoilt[position] = Fault("BAD_ROW", says, "text in UTF-8")


def _name_columns(header: Sequence[Any], table: str, found: Source) -> list[str | None]:
    """Return the name of each column, None for one whose name another has already."""
    names: list[str | None] = []
    for place, cell in enumerate(header, start=1):
        text = "" if is_blank(cell) else show(cell)
        text = text.strip().encode("utf-8", "replace").decode() or f"column_{place}"
        if text in names:
            found.findings.append(
                Finding(
                    code="DUPLICATE_COLUMN",
                    table=table,
                    row=1,
                    column=text,
                    says="stands in the header twice",
                    expected="each column once",
                    mend="the first is used; remove or rename the other",
                )
            )
        names.append(None if text in names else text)
    return names


def _build_table(
    name: str, records: Sequence[Sequence[Any]], found: Source, *, is_csv: bool, first_row: int = 1
) -> RawTable | None:
    """Turn rows of cells, the header first, into columns; blank rows are left out."""
    full = [
        (row, record)
        for row, record in enumerate(records, start=first_row)
        if record and not all(map(is_blank, record))
    ]
    if not full:
        found.findings.append(
            Finding(code="EMPTY_TABLE", severity=Severity.WARNING, table=name, says="has no header; taken as empty")
        )
        return RawTable(name, {}, (), is_csv=is_csv)
    header = _trim(full[0][1])
    names = _name_columns(header, name, found)
    body = [record for _, record in full[1:]]
    spoilt: dict[int, Fault] = {}
    for position, record in enumerate(body):
        if len(record) > len(names) and not all(map(is_blank, record[len(names) :])):
            says = f"has {len(_trim(record))} cells where the header has {len(names)}"
            spoilt[position] = Fault("BAD_ROW", says, "as many cells as columns; a comma inside a cell needs quotes")
    width = len(names)
    filler = "" if is_csv else None
    rows = (record if len(record) <= width else record[:width] for record in body)
    cells = _columns(rows, width, filler)
    columns = {text: column for text, column in zip(names, cells, strict=True) if text is not None}
    for place, text in enumerate(names):
        if text == f"column_{place + 1}" and is_blank(header[place]) and all(map(is_blank, columns[text])):
            del columns[text]
    return RawTable(name, columns, [row for row, _ in full[1:]], spoilt, is_csv)


def _columns(rows: Iterable[Sequence[Any]], width: int, filler: Any) -> list[list[Any]]:
    full = [row if len(row) == width else [*row, *[filler] * (width - len(row))] for row in rows]
    return [list(column) for column in zip(*full, strict=True)] if full else [[] for _ in range(width)]


def _trim(record: Sequence[Any]) -> Sequence[Any]:
    end = len(record)
    while end and is_blank(record[end - 1]):
        end -= 1
    return record[:end]


def _open_workbook(path: Path) -> Source:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise InputError('reading .xlsx needs python-calamine: pip install "orderopt[excel]"') from error
    found = Source()
    try:
        workbook = CalamineWorkbook.from_path(path)
        for name in workbook.sheet_names:
            records = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            table = _build_table(name, records, found, is_csv=False)
            if table is not None:
                found.tables[name] = table
    except (CalamineError, OSError) as error:
        raise InputError(f"{path} cannot be opened as a workbook ({error}); save it as .xlsx") from error
    return found


def _open_frames(source: Mapping[Any, Any]) -> Source:
    found = Source()
    for name, frame in source.items():
        try:
            found.tables[str(name)] = RawTable(str(name), *_columns_of_frame(frame))
        except (TypeError, AttributeError):
            found.lost.add(str(name))
            says = f"is a {type(frame).__name__}"
            found.findings.append(_unreadable(str(name), says, "a DataFrame or a list of dicts"))
    return found


def _columns_of_frame(frame: Any) -> tuple[dict[str, list[Any]], Sequence[int]]:
    if hasattr(frame, "iloc") and hasattr(frame, "columns"):
        names = [str(name) for name in frame.columns]
        series = [frame.iloc[:, place] for place in range(len(names))]
        columns = {
            name: cells.astype(object).where(cells.notna(), None).tolist()
            for name, cells in zip(names, series, strict=True)
        }
        return columns, range(FIRST_ROW, FIRST_ROW + len(frame))
    if isinstance(frame, Mapping):
        frame = [{"key": key, "value": value} for key, value in frame.items()]
    elif isinstance(frame, (str, bytes)):
        raise TypeError
    elif hasattr(frame, "to_dicts"):
        frame = frame.to_dicts()
    records = [dict(record) for record in frame]
    names = list(dict.fromkeys(str(name) for record in records for name in record))
    return {name: [record.get(name) for record in records] for name in names}, range(
        FIRST_ROW, FIRST_ROW + len(records)
    )
