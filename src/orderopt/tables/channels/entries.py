"""A foreign file as entries: cells by column, with the raw text and the row number, nothing understood yet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from orderopt.errors import InputError
from orderopt.models.finding import Finding
from orderopt.models.life.incoming import RowFault
from orderopt.tables.cells import is_blank, read_text, show
from orderopt.tables.channels.mapping import ChannelMapping
from orderopt.tables.channels.order_x import read_order_x

_DELIMITERS = ",;\t|"
_STRAY = re.compile("[\udc80-\udcff]")


@dataclass
class Entry:
    """A row of a file, or a line of an order in a message."""

    row: int
    raw: str
    cells: dict[str, Any]
    faults: list[RowFault] = field(default_factory=list)


@dataclass
class Entries:
    """All entries of a file, the names of its columns, and totals that a message says of itself."""

    entries: list[Entry]
    columns: tuple[str, ...]
    totals: dict[str, Any] = field(default_factory=dict)


def open_entries(path: Path, mapping: ChannelMapping) -> Entries:
    """Read a file as entries.

    Raises
    ------
    InputError
        If it is not what the mapping says: a CSV file, a workbook, JSON or Order-X.
    """
    if mapping.format == "excel":
        return _open_workbook(path, mapping)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror}") from error
    if mapping.format == "order-x":
        return _open_message(read_order_x(content, path.name), path, mapping)
    text = decode(content, mapping.file.encodings)
    return _open_json(text, path, mapping) if mapping.format == "json" else _open_csv(text, path, mapping)


def decode(content: bytes, encodings: Sequence[str]) -> str:
    """Return bytes as text by the first encoding that fits; where none does, by the first, odd bytes kept apart."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16", *encodings)
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode(encodings[0], errors="surrogateescape")


def _open_csv(text: str, path: Path, mapping: ChannelMapping) -> Entries:
    delimiter = mapping.file.delimiter or _find_delimiter(text, mapping)
    records = [(cells, raw, fault) for cells, raw, fault in _split(text, delimiter)]
    numbered = list(enumerate(records, start=1))
    header_row = mapping.file.header_row
    rows = [(number, cells, raw, fault) for number, (cells, raw, fault) in numbered if number > header_row]
    if header_row and header_row > len(records):
        raise InputError(f"{path.name} has no row {header_row} with the names of its columns")
    header = records[header_row - 1][0] if header_row else _count_columns(cells for _, cells, _, _ in rows)
    return _build_entries(header, rows, path)


def _split(text: str, delimiter: str) -> Iterator[tuple[list[str], str, str | None]]:
    """Yield cells, raw text and, where a line cannot be split, what is the matter; a blank line is an entry, too.

    After a line with a broken quote, reading goes on with the next line, so that it spoils no other.
    """
    lines = list(io.StringIO(text, newline=""))
    begin = 0
    while begin < len(lines):
        reader = csv.reader(iter(lines[begin:]), delimiter=delimiter, strict=True)
        end = begin
        try:
            for cells in reader:
                first, end = end, begin + reader.line_num
                yield cells or [""], "".join(lines[first:end]).rstrip("\r\n"), None
        except csv.Error as error:
            yield [], lines[end].rstrip("\r\n"), f"cannot be split into cells ({error})"
            end += 1
        begin = end


def _find_delimiter(text: str, mapping: ChannelMapping) -> str:
    lines = text.splitlines()
    line = lines[max(mapping.file.header_row, 1) - 1] if len(lines) >= max(mapping.file.header_row, 1) else ""
    wanted = {_fold(name) for column in mapping.columns for name in mapping.names_of(column)}

    def num_known(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([line], delimiter=delimiter), [])
        return sum(_fold(cell) in wanted for cell in cells), len(cells)

    return max(_DELIMITERS, key=num_known)


def _count_columns(rows: Iterator[Sequence[Any]]) -> list[str]:
    return [str(place) for place in range(1, max(map(len, rows), default=0) + 1)]


def _build_entries(
    header: Sequence[Any], rows: Sequence[tuple[int, Sequence[Any], str, str | None]], path: Path
) -> Entries:
    names = ["" if is_blank(cell) else show(cell).strip() for cell in header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        finding = Finding(code="DUPLICATE_COLUMN", table=path.name, row=1, column=twice[0], says="stands there twice")
        raise InputError(f"{path.name} has columns of the same name: {', '.join(twice)}", [finding])
    entries = []
    for number, cells, raw, broken in rows:
        if broken is None and all(map(is_blank, cells)):
            continue
        entry = Entry(number, _clean(raw), dict(zip(names, map(_clean, cells), strict=False)))
        if broken is not None:
            entry.faults.append(
                RowFault(code="BAD_ROW", reason=broken, expected='quotes in pairs, a quote inside as ""')
            )
        elif any(not is_blank(cell) for cell in cells[len(names) :]):
            reason = f"has {len(cells)} cells where the header has {len(names)}"
            entry.faults.append(RowFault(code="BAD_ROW", reason=reason, expected="as many cells as columns"))
        if _STRAY.search(raw):
            reason = "holds bytes that are no text in the channel's encoding"
            entry.faults.append(RowFault(code="BAD_ENCODING", reason=reason, expected="text in one encoding"))
        entries.append(entry)
    return Entries(entries, tuple(name for name in names if name))


def _clean(cell: Any) -> Any:
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if isinstance(cell, str) else cell


def _open_workbook(path: Path, mapping: ChannelMapping) -> Entries:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise InputError('reading workbooks needs python-calamine: pip install "orderopt[excel]"') from error
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheet = mapping.file.sheet or workbook.sheet_names[0]
        if sheet not in workbook.sheet_names:
            raise InputError(f"{path.name} has no sheet {sheet!r}; it has {', '.join(workbook.sheet_names)}")
        records = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise InputError(f"{path} cannot be opened as a workbook ({error})") from error
    header_row = mapping.file.header_row
    rows = [
        (number, cells, "\t".join("" if is_blank(cell) else str(read_text(cell)) for cell in cells), None)
        for number, cells in enumerate(records, start=1)
        if number > header_row
    ]
    if header_row and header_row > len(records):
        raise InputError(f"{path.name} has no row {header_row} with the names of its columns")
    header = records[header_row - 1] if header_row else _count_columns(cells for _, cells, _, _ in rows)
    return _build_entries(header, rows, path)


def _open_json(text: str, path: Path, mapping: ChannelMapping) -> Entries:
    try:
        document = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name} is no JSON: {error}") from error
    return _open_message(document, path, mapping)


def _open_message(document: Any, path: Path, mapping: ChannelMapping) -> Entries:
    orders = _follow(document, mapping.file.orders)
    if not isinstance(orders, list):
        raise InputError(f"{path.name} has no list of orders at {mapping.file.orders or 'its top'!r}")
    entries: list[Entry] = []
    for order in orders:
        entries += _entries_of(order, mapping, len(entries) + 1)
    filled = (name for entry in entries for name, cell in entry.cells.items() if not is_blank(cell))
    columns = tuple(dict.fromkeys(filled))
    totals: dict[str, Any] = {name: _follow(document, where) for name, where in mapping.totals.items()}
    absent = [where for where in mapping.totals.values() if _follow(document, where) is None]
    if absent:
        raise InputError(f"{path.name} does not say its totals at {', '.join(absent)}: it may be cut off")
    return Entries(entries, columns, totals)


def _entries_of(order: Any, mapping: ChannelMapping, first: int) -> list[Entry]:
    lines = _follow(order, mapping.file.lines) if isinstance(order, Mapping) else None
    if not isinstance(lines, list) or not lines:
        reason = f"the order has no lines at {mapping.file.lines!r}"
        fault = RowFault(code="BAD_ROW", reason=reason, expected="an order with a list of lines")
        cells = dict(_flatten(order, "order", ()))
        return [Entry(first, json.dumps(order, ensure_ascii=False, default=str), cells, [fault])]
    head = dict(_flatten(order, "order", tuple(mapping.file.lines.split("."))))
    return [
        Entry(
            number,
            json.dumps({"order": _without(order, mapping.file.lines), "line": line}, ensure_ascii=False, default=str),
            {**head, **dict(_flatten(line, "line", ()))},
        )
        for number, line in enumerate(lines, start=first)
    ]


def _without(order: Mapping[str, Any], path: str) -> dict[str, Any]:
    first = path.partition(".")[0]
    return {name: value for name, value in order.items() if name != first}


def _follow(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _flatten(value: Any, prefix: str, left_out: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield prefix, "; ".join(map(str, value)) if isinstance(value, list) else value
        return
    for name, single in value.items():
        if left_out == (name,):
            continue
        yield from _flatten(single, f"{prefix}.{name}", left_out[1:] if left_out[:1] == (name,) else ())


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
