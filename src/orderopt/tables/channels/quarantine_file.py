"""The quarantine of a batch as a CSV file, for people to look at and to correct."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from orderopt.errors import InputError
from orderopt.models.life.batch import Batch, RowState
from orderopt.models.life.incoming import RowFault, is_row_field
from orderopt.tables.guard import without_guard
from orderopt.tables.write import write_texts

_FIXED = ("row", "state", "faults", "raw")


def write_quarantine(batch: Batch, path: str | Path) -> None:
    """Write the rows of a batch's quarantine: number, state, faults, raw text, and a column for each field.

    What the batch does not show (:class:`~orderopt.stages.intake.show.ShowBatch` masks it) is empty.
    """
    fields = list(dict.fromkeys(name for row in batch.rows for name in (*(row.fields or {}), *_named(row.faults))))
    rows = [
        (
            str(row.row),
            str(row.state),
            "; ".join(f"{fault.field or 'row'}: {fault.code}: {fault.reason}" for fault in row.faults),
            row.raw or "",
            *((row.fields or {}).get(name, "") for name in fields),
        )
        for row in batch.rows
    ]
    write_texts((*_FIXED, *fields), rows, path)


def _named(faults: Iterable[RowFault]) -> list[str]:
    return [fault.field for fault in faults if fault.field is not None and is_row_field(fault.field)]


def read_corrections(batch: Batch, path: str | Path) -> dict[int, dict[str, str | None]]:
    """Return what somebody changed in a file of :func:`write_quarantine`, by row and field; emptied cells are None.

    Each is what a :class:`~orderopt.stages.intake.release.CorrectRow` asks for. Only waiting rows count.

    Raises
    ------
    InputError
        If the file is not one of this batch.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a CSV file in UTF-8: {error}") from error
    waiting = {str(row.row): row for row in batch.rows if row.state is RowState.WAITING}
    known = {str(row.row) for row in batch.rows}
    found: dict[int, dict[str, str | None]] = {}
    for cells in rows:
        number = cells.get("row") or ""
        if number not in known:
            raise InputError(f"{path} is not the quarantine of batch {batch.key}: it has a row {number!r}")
        if number in waiting:
            before = waiting[number].fields or {}
            after = {
                name: without_guard(cell or "").strip() for name, cell in cells.items() if is_row_field(name or "")
            }
            changed = {name: text or None for name, text in after.items() if text != before.get(name, "").strip()}
            if changed:
                found[int(number)] = changed
    return found
