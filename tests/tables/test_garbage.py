"""Whatever stands in the tables: reading ends with a snapshot that fits together, or with all that is wrong."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from orderopt.errors import InputError
from orderopt.models.consistency import find_inconsistencies
from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot, record_types
from orderopt.tables.columns import columns_of
from orderopt.tables.read import read_snapshot

_IDS = st.sampled_from(["A", "B", "U", "R", "day", "1", "10"])
_CELLS = st.one_of(
    _IDS,
    _IDS,
    st.sampled_from(["2026-01-05T08:00", "2026-01-06", "08:00", "16:00", "0", "1", "2", "0.5", "purchase", "EUR"]),
    st.sampled_from([None, "", " ", "x ", "-1", "1,5", "nan", "1e400", "9" * 5000, "\x00", "=1", "é"]),
    st.sampled_from([True, 0, 1.0, float("nan"), float("inf"), Decimal(3), pd.NaT, pd.NA, [1], {"a": 1}, b"x", object]),
    st.sampled_from([date(2026, 1, 5), time(8), timedelta(days=1), datetime(2026, 1, 5), pd.Timestamp("2026-01-05")]),
    st.sampled_from([datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), 10**40, -(10**13), 5e-324]),
)  # fmt: skip
_TABLES = {"settings": Policy, **record_types()}


@st.composite
def _rows(draw: st.DrawFn, table: str) -> list[dict[str, Any]]:
    if table == "settings":
        keys = draw(st.lists(st.sampled_from([*columns_of(Policy), "other"]), max_size=3))
        start = [{"key": "horizon_start", "value": "2026-01-05T08:00"}] if draw(st.booleans()) else []
        return [*start, *({"key": key, "value": draw(_CELLS)} for key in keys)]
    columns = [*columns_of(_TABLES[table]), "other"]
    return [
        {column: draw(_CELLS) for column in columns if draw(st.integers(0, 9))} for _ in range(draw(st.integers(0, 4)))
    ]


@st.composite
def _garbage(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(list(_TABLES)), unique=True, max_size=7))
    return {name: draw(_rows(name)) for name in ("settings", *names)}


def _read_somehow(source: Any) -> Snapshot | None:
    try:
        snapshot = read_snapshot(source, strict=False)
    except InputError as error:
        snapshot = None
        findings = error.findings
    else:
        findings = snapshot.findings
    assert snapshot is not None or any(finding.is_error for finding in findings)
    return snapshot


@given(_garbage())
def test_garbage_in_tables_gives_findings_and_never_a_snapshot_that_contradicts_itself(tables: dict[str, Any]):
    snapshot = _read_somehow(tables)

    if snapshot is not None:
        assert [str(finding) for finding in find_inconsistencies(snapshot) if finding.is_error] == []


@given(_garbage())
def test_every_row_that_is_not_in_the_snapshot_is_told(tables: dict[str, Any]):
    snapshot = _read_somehow(tables)

    if snapshot is None:
        return
    missing_columns = {finding.table for finding in snapshot.findings if finding.code == "MISSING_COLUMN"}
    for name in record_types():
        rows = [row for row in tables.get(name, []) if any(not _is_nothing(cell) for cell in row.values())]
        told = {finding.row for finding in snapshot.findings if finding.table == name and finding.is_error} - {None, 1}
        if name not in missing_columns and name not in {"customers", "fixed_tasks"}:
            assert len(rows) == len(getattr(snapshot, name)) + len(told)


def _is_nothing(cell: Any) -> bool:
    return (
        cell is None or cell is pd.NaT or cell is pd.NA or cell != cell or (isinstance(cell, str) and not cell.strip())
    )


@given(st.binary(max_size=200), st.sampled_from(["orders", "items", "settings", "calendars"]))
def test_any_bytes_in_a_file_give_findings_and_no_crash(content: bytes, name: str):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "settings.csv").write_text("key,value\nhorizon_start,2026-01-05\n")
        (Path(folder) / f"{name}.csv").write_bytes(content)
        snapshot = _read_somehow(folder)

    assert snapshot is None or snapshot.findings


@given(st.text(st.sampled_from("\",;\n\r'=1aé\x00 "), max_size=60))
def test_any_text_in_a_file_gives_findings_and_no_crash(content: str):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "settings.csv").write_text("key,value\nhorizon_start,2026-01-05\n")
        (Path(folder) / "items.csv").write_bytes(f"item_id,name\n{content}".encode())
        snapshot = _read_somehow(folder)

    assert snapshot is not None
    assert snapshot.findings
