"""Reading a channel's file into a delivery, ready for the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orderopt.errors import InputError
from orderopt.models.finding import Finding, Severity
from orderopt.models.life.incoming import Delivery, IncomingRow, RowFault, Totals, is_row_field
from orderopt.tables.cells import Fault, is_blank, read_text, show
from orderopt.tables.channels.entries import Entries, Entry, open_entries
from orderopt.tables.channels.mapping import VITAL, ChannelMapping, Mark, read_mapping
from orderopt.tables.channels.translate import parse_number, translate


def read_delivery(
    path: str | Path, mapping: str | Path | Mapping[str, Any] | ChannelMapping, *, source: str | None = None
) -> Delivery:
    """Read a file of orders as its channel writes it.

    Rows with a fault are part of the delivery, with what is the matter with them: nothing is left out.

    Parameters
    ----------
    path
        The file.
    mapping
        What it looks like: a mapping, its content, its file, or the name of one that comes with orderopt.
    source
        What the file is called in events; None: its name.

    Returns
    -------
    Delivery
        For :class:`~orderopt.stages.intake.receive_batch.ReceiveBatch`.

    Raises
    ------
    InputError
        If the mapping is wrong, or the file is not what it says, or is cut off.
    """
    path = Path(path)
    found = read_mapping(mapping)
    entries = open_entries(path, found)
    return build_delivery(entries, found, source or path.name)


def build_delivery(entries: Entries, mapping: ChannelMapping, source: str) -> Delivery:
    """Return entries as rows with the fields of orders; see :func:`read_delivery`."""
    columns = _find_columns(entries, mapping, source)
    reading = _Reading(mapping, columns, source)
    rows = [row for entry in entries.entries if (row := reading.read(entry)) is not None]
    for mark in mapping.marks:
        if mark.role == "totals" and mark.required and mark not in reading.met:
            says = f"{source} has no row with {mark.equals!r} in column {mark.column}: it may be cut off"
            raise InputError(says, [Finding(code="MISSING_TOTALS", table=source, says=says, mend="get the file again")])
    totals = {
        **reading.totals,
        **{name: _read_total(name, cell, mapping, source) for name, cell in entries.totals.items()},
    }
    used = {
        *(name for names in columns.values() for name in names),
        *(name for mark in mapping.marks for name in _columns_of(mark)),
    }
    return Delivery(
        channel=mapping.channel,
        source=source,
        rows=tuple(rows),
        declared=Totals.model_validate(totals),
        findings=tuple(_say_unused(entries, used, source)),
    )


def _find_columns(entries: Entries, mapping: ChannelMapping, source: str) -> dict[str, tuple[str, ...]]:
    """Map each field to the columns of the file that it may stand in; what every line needs must be there."""
    there = {_fold(name): name for name in reversed(entries.columns)} | {name: name for name in entries.columns}
    columns: dict[str, tuple[str, ...]] = {}
    for name in mapping.columns:
        hits = [there.get(column) or there.get(_fold(column)) for column in mapping.names_of(name)]
        if any(hits):
            columns[name] = tuple(dict.fromkeys(hit for hit in hits if hit is not None))
    if mapping.by_name:
        columns |= {name: (name,) for name in entries.columns if is_row_field(name) and name not in columns}
    marked = {name for mark in mapping.marks for name in mark.columns}
    missing = [name for name in VITAL if name not in {*columns, *mapping.constants, *marked}]
    if missing and any(not entry.faults for entry in entries.entries):
        findings = [
            Finding(
                code="MISSING_COLUMN",
                table=source,
                row=mapping.file.header_row or None,
                column=" or ".join(mapping.names_of(name)) or name,
                says=f"is not there, and {name} cannot be read without it",
                expected=f"the file has {', '.join(entries.columns) or 'no columns'}",
                mend="correct the mapping, or get the file again",
            )
            for name in missing
        ]
        raise InputError(f"{source} does not fit the mapping of channel {mapping.channel}", findings)
    return columns


@dataclass
class _Reading:
    """Goes through entries in order; a row that holds for those after it is remembered."""

    mapping: ChannelMapping
    columns: Mapping[str, tuple[str, ...]]
    source: str
    totals: dict[str, Any] = field(default_factory=dict)
    met: list[Mark] = field(default_factory=list)
    _head: dict[str, str] = field(default_factory=dict)
    _head_faults: Sequence[RowFault] = ()

    def read(self, entry: Entry) -> IncomingRow | None:
        """Return a line of an order, or None for a row that is none."""
        mark = self._find_mark(entry)
        if mark is None:
            said, faults = translate(entry.cells, self.columns, self.mapping)
            fields = {**self._head, **said}
            return IncomingRow(
                row=entry.row, raw=entry.raw, fields=fields, faults=(*entry.faults, *self._head_faults, *faults)
            )
        if mark.role == "order":
            self._head, self._head_faults = translate(
                entry.cells,
                {name: (column,) for name, column in mark.columns.items()},
                self.mapping.model_copy(update={"constants": {}}),
            )
        elif mark.role == "totals":
            self.met.append(mark)
            for name, column in mark.totals.items():
                self.totals[name] = _read_total(name, entry.cells.get(column), self.mapping, self.source, entry.row)
        return None

    def _find_mark(self, entry: Entry) -> Mark | None:
        for mark in self.mapping.marks:
            cell = entry.cells.get(mark.column)
            if not is_blank(cell) and read_text(cell) == mark.equals:
                return mark
        return None


def _read_total(name: str, cell: Any, mapping: ChannelMapping, source: str, row: int | None = None) -> Any:
    number = Fault("MISSING_VALUE", "is empty") if is_blank(cell) else parse_number(cell, mapping.numbers)
    if not isinstance(number, Fault) and name in ("orders", "lines"):
        number = number if number == number.to_integral_value() else Fault("BAD_VALUE", "is not a whole number")
    if isinstance(number, Fault):
        says = f"the declared total of {name} {number.says}"
        finding = Finding(
            code=number.code,
            table=source,
            row=row,
            column=name,
            value=None if is_blank(cell) else show(cell),
            says=says,
        )
        raise InputError(f"{source}: {says}", [finding])
    return number


def _columns_of(mark: Mark) -> Iterator[str]:
    yield mark.column
    yield from mark.columns.values()
    yield from mark.totals.values()


def _say_unused(entries: Entries, used: set[str], source: str) -> Iterator[Finding]:
    for name in entries.columns:
        if name not in used and not name.isdecimal():
            yield Finding(
                code="UNUSED_COLUMN",
                severity=Severity.WARNING,
                table=source,
                column=name,
                says="is not in the channel's mapping; it is kept in the raw text of rows in quarantine only",
                mend="map it to a field, or to extra_… to keep it",
            )


def _fold(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
