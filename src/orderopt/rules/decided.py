"""A plan's tables as arrays, with every fault of their form: missing columns, bad cells, repeated keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from orderopt.models.finding import Finding
from orderopt.models.plan import PLAN_TABLES
from orderopt.models.record import Record
from orderopt.rules.column import Column, read_amounts, read_flags, read_integers, read_moments, read_texts
from orderopt.rules.exact import Bools, Ints, Texts
from orderopt.rules.violation import HEADER_ROWS, build_findings
from orderopt.rules.wall_clock import DAY, WallClock

AMOUNTS = frozenset({"quantity", "good_quantity", "setup_minutes", "unit_price", "total", "cost"})
MOMENTS = frozenset(
    {
        "start",
        "end",
        "available_at",
        "needed_at",
        "order_at",
        "receive_at",
        "depart_at",
        "arrive_at",
        "due_at",
        "promised_at",
    }
)
INTEGERS = frozenset({"part_no", "op_no", "tardiness_minutes"})
FLAGS = frozenset({"frozen", "on_time"})
SAID = frozenset({"reason", "explanation", "bottleneck", "for"})
"""Columns for people: they must be there, what they say is not judged."""

CHOICES = {
    "source_type": frozenset({"stock", "receipt", "unit", "supplier", "unserved"}),
    "supply_type": frozenset({"stock", "receipt", "job", "purchase"}),
    "demand_type": frozenset({"line", "job"}),
    "parent_type": frozenset({"line", "job", "stock"}),
}
_EXPECTED = {
    "amount": "a number with at most six decimal places",
    "moment": "a time in ISO 8601 within a hundred years of the horizon",
    "integer": "a whole number",
    "flag": "0 or 1",
    "text": "a name",
}
_FARTHEST = 100 * 366 * DAY


@dataclass(frozen=True, eq=False)
class Table:
    """One table of a plan as arrays.

    Attributes
    ----------
    name
        Name of the table.
    size
        Number of rows.
    columns
        Each column of the contract that is judged.
    """

    name: str
    size: int
    columns: Mapping[str, Column]

    def text(self, column: str) -> Texts:
        """Return a column of ids or words; empty cells are the empty text."""
        return self.columns[column].values

    def ints(self, column: str) -> Ints:
        """Return a column of millionths, minutes, whole numbers or flags; bad cells are 0."""
        return self.columns[column].values

    def is_given(self, column: str) -> Bools:
        """Return which cells hold a value that could be read."""
        return self.columns[column].is_given

    def is_off_grid(self, column: str) -> Bools:
        """Return which moments are not whole minutes."""
        return cast("Bools", self.columns[column].is_off_grid)


def _kind(column: str) -> str:
    for kind, columns in (("amount", AMOUNTS), ("moment", MOMENTS), ("integer", INTEGERS), ("flag", FLAGS)):
        if column in columns:
            return kind
    return "text"


def _read_column(series: pd.Series[Any], column: str, clock: WallClock, origin: int) -> Column:
    kind = _kind(column)
    if kind == "amount":
        return read_amounts(series)
    if kind == "integer":
        return read_integers(series)
    if kind == "flag":
        return read_flags(series)
    if kind == "text":
        found = read_texts(series)
        if column not in CHOICES:
            return found
        is_known = pd.Index(found.values).isin(list(CHOICES[column]))
        return Column(found.values, found.is_empty, np.asarray(~is_known & ~found.is_empty, dtype=np.bool_))
    found = read_moments(series, clock)
    is_far = ~found.is_empty & (np.abs(found.values - origin) > _FARTHEST)
    return Column(np.where(is_far, origin, found.values), found.is_empty, found.is_bad | is_far, found.is_off_grid)


def _empty_column(column: str, size: int) -> Column:
    is_text = _kind(column) == "text"
    values = np.full(size, "", dtype=object) if is_text else np.zeros(size, dtype=np.int64)
    nothing = np.zeros(size, dtype=np.bool_)
    return Column(values, ~nothing, nothing, nothing)


def read_tables(
    tables: Mapping[str, pd.DataFrame], clock: WallClock, origin: int
) -> tuple[dict[str, Table], list[Finding]]:
    """Return every table of the contract as arrays, and the faults of their form.

    Parameters
    ----------
    tables
        The plan's tables, from a planner or read from files. Missing ones are taken as empty.
    clock
        The plan's clock, for times without offset.
    origin
        Begin of the horizon, in minutes since the epoch.
    """
    found: dict[str, Table] = {}
    faults: list[Finding] = []
    for name, record in PLAN_TABLES.items():
        frame = tables.get(name)
        if not isinstance(frame, pd.DataFrame):
            faults.append(
                Finding(code="MISSING_TABLE", table=name, subject=f"table {name}", says="the plan lacks this table")
            )
            frame = pd.DataFrame(columns=list(record.columns()))
        table, columns_missing = _read_table(name, record, frame, clock, origin)
        faults += columns_missing
        faults += _judge_cells(table, record, frame)
        faults += _judge_keys(table, record)
        found[name] = table
    return found, faults


def _read_table(
    name: str, record: type[Record], frame: pd.DataFrame, clock: WallClock, origin: int
) -> tuple[Table, list[Finding]]:
    columns: dict[str, Column] = {}
    faults: list[Finding] = []
    required = _required(record)
    names: list[object] = list(frame.columns)
    for column in record.columns():
        places = [place for place, name in enumerate(names) if isinstance(name, str) and name == column]
        if len(places) != 1 and (len(places) > 1 or column in required):
            says = "the column is missing" if not places else f"the column stands {len(places)} times"
            code = "MISSING_COLUMN" if not places else "REPEATED_COLUMN"
            faults.append(Finding(code=code, table=name, column=column, subject=f"table {name}", says=says))
        if column not in SAID:
            columns[column] = (
                _read_column(frame.iloc[:, places[0]], column, clock, origin)
                if places
                else _empty_column(column, len(frame))
            )
    return Table(name, len(frame), columns), faults


def _required(record: type[Record]) -> frozenset[str]:
    return frozenset(
        field.alias or name for name, field in record.model_fields.items() if field.is_required() and name != "extra"
    )


def _judge_cells(table: Table, record: type[Record], frame: pd.DataFrame) -> Iterator[Finding]:
    required = _required(record)
    names: list[object] = list(frame.columns)
    for name, column in table.columns.items():
        if name not in names:
            continue

        def build(row: int, name: str = name, column: Column = column) -> Finding:
            cell = frame.iloc[row, names.index(name)]
            expected = " or ".join(sorted(CHOICES[name])) if name in CHOICES else _EXPECTED[_kind(name)]
            return Finding(
                code="EMPTY_CELL" if column.is_empty[row] else "BAD_VALUE",
                table=table.name,
                row=row + HEADER_ROWS,
                column=name,
                value=str(cell)[:200],
                subject=f"{table.name} row {row + HEADER_ROWS}",
                says=f"{name} is empty" if column.is_empty[row] else f"{name} is {str(cell)[:200]!r}",
                expected=expected,
            )

        yield from build_findings(column.is_bad, build)
        if name in required and name != "lines":
            yield from build_findings(column.is_empty, build)
        yield from build_findings(_is_below(table, name, record) & column.is_given, build)
        if column.is_off_grid is not None and (name not in {"start", "end"}):
            yield from build_findings(column.is_off_grid & column.is_given, _off_grid(table, name))


def _is_below(table: Table, column: str, record: type[Record]) -> Bools:
    """Return which amounts are below what the column allows (zero, or above zero)."""
    if column not in AMOUNTS and column != "tardiness_minutes":
        return np.zeros(table.size, dtype=np.bool_)
    is_positive = column == "quantity" and record.TABLE != "promises"
    values = table.ints(column)
    return np.asarray(values <= 0 if is_positive else values < 0, dtype=np.bool_)


def _off_grid(table: Table, column: str) -> Any:
    def build(row: int) -> Finding:
        return Finding(
            code="OFF_GRID",
            table=table.name,
            row=row + HEADER_ROWS,
            column=column,
            subject=f"{table.name} row {row + HEADER_ROWS}",
            says=f"{column} is not a whole minute",
            expected="times on the grid of one minute",
        )

    return build


def _judge_keys(table: Table, record: type[Record]) -> Iterator[Finding]:
    if not table.size:
        return
    keys = pd.DataFrame({column: table.columns[column].values for column in record.KEY})
    is_repeated = np.asarray(keys.duplicated().to_numpy(), dtype=np.bool_)

    def build(row: int) -> Finding:
        key = ", ".join(f"{column} {keys.iloc[row][column]}" for column in record.KEY)
        return Finding(
            code="DUPLICATE_KEY",
            table=table.name,
            row=row + HEADER_ROWS,
            subject=key,
            says="an earlier row has the same key",
            expected=f"one row for each {', '.join(record.KEY)}",
        )

    yield from build_findings(is_repeated, build)
