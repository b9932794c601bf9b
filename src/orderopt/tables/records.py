"""From cells to records: a whole table at once where nothing is wrong, every fault by row and column where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from orderopt.models.finding import Finding, Severity
from orderopt.tables.cells import CLOCK_EXPECTED, Fault, Noted, is_blank, read_cells, read_text, show
from orderopt.tables.columns import Column, Kind, columns_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pydantic_core import ErrorDetails

    from orderopt.models.record import Record
    from orderopt.tables.sources import RawTable

_SAID = Fault("", "")
"""In cells of a required column that is not there: said once for the table, not in each row."""

_CHUNK = 10_000
"""Rows that are turned into records together: enough to be fast, few enough to be light."""


@dataclass(frozen=True)
class Refusal:
    """A row that is not used, and what could be read of it."""

    table: str
    row: int
    cells: dict[str, Any]


@dataclass
class Reading:
    """What came of a table."""

    table: str
    records: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@cache
def _adapter_of(record_type: type[Record]) -> TypeAdapter[list[Record]]:
    return TypeAdapter(list[record_type])  # type: ignore[valid-type]


def read_records(raw: RawTable, record_type: type[Record], zone: ZoneInfo) -> Reading:
    """Read the records of a table and everything that is the matter with it.

    Parameters
    ----------
    raw
        The cells.
    record_type
        What each row is.
    zone
        Time zone of times without offset.
    """
    reading = Reading(record_type.TABLE)
    if not raw.columns:
        return reading
    values = _read_columns(raw, record_type, zone, reading)
    for begin in range(0, len(raw.rows), _CHUNK):
        _read_chunk(raw, range(begin, min(begin + _CHUNK, len(raw.rows))), record_type, values, reading)
    return reading


def _read_chunk(
    raw: RawTable, span: range, record_type: type[Record], values: dict[str, list[Any]], reading: Reading
) -> None:
    """Read the records of some rows; where one is wrong, find all that is wrong, then read the others again."""
    rows = _build_rows(raw, span, values, columns_of(record_type))
    faults: dict[int, list[Finding]] = {
        position: [_finding(raw, position, None, fault)] for position, fault in raw.spoilt.items() if position in span
    }
    try:
        records = _validate(rows, record_type)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            position = span.start + int(details["loc"][0])
            if position not in raw.spoilt:
                faults.setdefault(position, []).extend(_explain(raw, position, details, record_type, values))
        records = _validate(
            [row for position, row in zip(span, rows, strict=True) if position not in faults], record_type
        )
    else:
        records = [record for position, record in zip(span, records, strict=True) if position not in faults]
    reading.records += records
    reading.rows += [raw.rows[position] for position in span if position not in faults]
    for position in sorted(faults):
        reading.findings += faults[position]
        cells = {name: cell for name, cell in rows[position - span.start].items() if not isinstance(cell, Fault)}
        reading.refusals.append(Refusal(reading.table, raw.rows[position], cells))


def _validate(rows: list[dict[str, Any]], record_type: type[Record]) -> list[Record]:
    records = _adapter_of(record_type).validate_python(rows)
    # All rows of a table set the same fields; one set for all of them saves a third of the memory.
    shared = set(rows[0]) if rows else set()
    for record in records:
        object.__setattr__(record, "__pydantic_fields_set__", shared)
    return records


def _read_columns(raw: RawTable, record_type: type[Record], zone: ZoneInfo, reading: Reading) -> dict[str, list[Any]]:
    columns = columns_of(record_type)
    values: dict[str, list[Any]] = {}
    for column in columns.values():
        if column.name in raw.columns:
            cells = raw.texts(column.name) if column.kind is Kind.TEXT else raw.columns[column.name]
            values[column.field] = _take_notes(raw, column, read_cells(cells, column, zone), reading)
        elif column.is_required:
            values[column.field] = [_SAID] * len(raw.rows)
            reading.findings.append(_missing_column(raw, column, columns))
    for name in raw.columns:
        if name not in columns:
            reading.findings.append(_unknown_column(raw, name, columns))
    return values


def _take_notes(raw: RawTable, column: Column, values: list[Any], reading: Reading) -> list[Any]:
    if not any(type(value) is Noted for value in values):
        return values
    for position, value in enumerate(values):
        if isinstance(value, Noted):
            reading.findings.append(_finding(raw, position, column, value.note, Severity.WARNING))
            values[position] = value.value
    return values


def _build_rows(
    raw: RawTable, span: range, values: dict[str, list[Any]], columns: dict[str, Column]
) -> list[dict[str, Any]]:
    names = tuple(values)
    chunk = slice(span.start, span.stop)
    cells_by_row = zip(*(cells[chunk] for cells in values.values()), strict=True)
    rows = [dict(zip(names, cells, strict=True)) for cells in cells_by_row] if names else [{} for _ in span]
    for name in raw.columns:
        if name in columns:
            continue
        for row, cell in zip(rows, raw.texts(name)[chunk], strict=True):
            if not is_blank(cell):
                text = read_text(cell)
                row.setdefault("extra", {})[name] = str(cell) if isinstance(text, Fault) else text
    return rows


def _finding(
    raw: RawTable, position: int, column: Column | None, fault: Fault, severity: Severity = Severity.ERROR
) -> Finding:
    cell = raw.columns[column.name][position] if column and column.name in raw.columns else None
    value = None if is_blank(cell) else show(cell)
    says = f"{value!r} {fault.says}" if value is not None and fault.is_about_cell else fault.says
    mends = {"BAD_VALUE": "correct the cell", "MISSING_VALUE": "fill in the cell", "BAD_ROW": "correct the row"}
    return Finding(
        code=fault.code,
        severity=severity,
        table=raw.name,
        row=raw.rows[position],
        column=column.name if column else None,
        value=value,
        says=says,
        expected=fault.expected,
        mend=fault.mend or mends.get(fault.code),
    )


def _explain(
    raw: RawTable, position: int, details: ErrorDetails, record_type: type[Record], values: dict[str, list[Any]]
) -> list[Finding]:
    """Say what pydantic found, or what was found before it about the same cell."""
    columns = columns_of(record_type)
    by_field = {column.field: column for column in columns.values()}
    place = details["loc"][1] if len(details["loc"]) > 1 else None
    column = by_field.get(str(place))
    if column is None:
        says = details["msg"].removeprefix("Value error, ")
        column = columns.get(says.split(" ", 1)[0])
        return [_finding(raw, position, column, Fault("BAD_VALUE", says, is_about_cell=False))]
    cell = values[column.field][position]
    if isinstance(cell, Fault):
        return [_finding(raw, position, column, cell)] if cell.code else []
    return [_finding(raw, position, column, explain_error(details, column))]


def explain_error(details: ErrorDetails, column: Column) -> Fault:
    """Turn one complaint of a model about one value into words for a planner."""
    context = details.get("ctx", {})
    kind = details["type"]
    limits = {
        "greater_than": "a number above {gt}",
        "greater_than_equal": "a number of at least {ge}",
        "less_than": "a number below {lt}",
        "less_than_equal": "a number of at most {le}",
        "decimal_max_places": "at most {decimal_places} decimal places; round it first",
    }
    if kind in limits:
        return Fault("BAD_VALUE", "is out of range", limits[kind].format(**context))
    if column.choices:
        return Fault("BAD_VALUE", "is none of the words allowed", f"one of {', '.join(column.choices)}")
    if column.kind is Kind.CLOCK:
        return Fault("BAD_VALUE", "is not a time of day", CLOCK_EXPECTED)
    if kind == "string_pattern_mismatch":
        return Fault("BAD_VALUE", "is not a name", "a name without blanks at either end or line breaks")
    return Fault("BAD_VALUE", details["msg"].removeprefix("Value error, "), column.description or None)


def _missing_column(raw: RawTable, column: Column, columns: dict[str, Column]) -> Finding:
    alike = [name for name in raw.columns if name not in columns and _fold(name) == _fold(column.name)]
    mend = f"rename column {alike[0]!r}" if alike else "add the column"
    return Finding(
        code="MISSING_COLUMN",
        table=raw.name,
        row=1,
        column=column.name,
        says=f"is not there; none of the {len(raw.rows)} rows can be used",
        expected=column.description,
        mend=mend,
    )


def _unknown_column(raw: RawTable, name: str, columns: dict[str, Column]) -> Finding:
    alike = [known for known in columns if _fold(known) == _fold(name)]
    return Finding(
        code="UNKNOWN_COLUMN",
        severity=Severity.WARNING,
        table=raw.name,
        row=1,
        column=name,
        says="is no column of this table; its cells are kept beside the records, not planned with",
        expected=f"one of {', '.join(columns)}",
        mend=f"rename it to {alike[0]}" if alike else "remove it, or leave it",
    )


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
