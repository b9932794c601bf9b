"""What is written and read again is the same: as CSV, as a workbook and as frames."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderopt.models.policy import Policy
from orderopt.models.record import Record
from orderopt.models.snapshot import Snapshot, record_types
from orderopt.tables.columns import Column, Kind, columns_of
from orderopt.tables.frames import snapshot_to_frames
from orderopt.tables.read import read_snapshot
from orderopt.tables.write import write_snapshot

_INKS = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp"))
_WORDS = st.one_of(
    st.text(_INKS, min_size=1, max_size=6),
    st.sampled_from(
        [
            "王芳",
            "产品 7",
            "=1+1",
            "-1",
            "+49 170",
            "@home",
            "'=x",
            "'quoted'",
            "007",
            "1.0",
            "TRUE",
            "nan",
            '"',
            ",",
            "_x0041_",
        ]
    ),
)
_NAMES = st.one_of(_WORDS, st.sampled_from([" lead", "two\nlines", "tail ", "\tx"]))
_DEPARTURES = st.sampled_from(["0-4/16:00", "Mon,Thu/08:00; *\t12:00"])
_FACTORS = st.sampled_from(["12", "0.5", "1/3"])
_MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
_PARENTS = ("items", "customers", "orders", "production_units", "calendars", "resources", "suppliers")


def _cells(column: Column) -> st.SearchStrategy[Any]:
    """Values that any column of this kind takes: shares are numbers too, weekdays are whole numbers."""
    moments = _MOMENTS.map(lambda moment: moment.replace(second=0, microsecond=0)) if column.is_on_grid else _MOMENTS
    words = _NAMES if column.name in {"name", "family", "region", "status", "uom"} else _WORDS
    kinds: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.TEXT: {"departs": _DEPARTURES, "factor": _FACTORS}.get(column.name, words),
        Kind.CHOICE: st.sampled_from(column.choices or ("",)),
        Kind.NUMBER: st.decimals(Decimal("0.000001"), 1, places=6),
        Kind.WHOLE: st.integers(1, 6),
        Kind.FLAG: st.booleans(),
        Kind.MOMENT: moments,
        Kind.CLOCK: st.just("24:00" if column.name == "closes" else "08:00"),
    }
    cells = kinds[column.kind]
    return cells if column.is_required else st.one_of(st.just(column.default), cells)


@st.composite
def _records(draw: st.DrawFn, record_type: type[Record], known: dict[str, list[str]]) -> list[Record]:
    """Draw rows that fit what stands in the tables before."""
    references = record_type.references()
    if any(not known.get(target) for target in references.values()):
        return []
    drawn: dict[tuple[Any, ...], Record] = {}
    for _ in range(draw(st.integers(0, 2))):
        cells = {
            column.field: draw(st.sampled_from(known[references[column.field]]))
            if column.field in references
            else draw(_cells(column))
            for column in columns_of(record_type).values()
        }
        cells |= _fitting(record_type.TABLE, cells)
        extra = draw(st.dictionaries(st.sampled_from(["note", "备注"]), _NAMES.filter(lambda text: bool(text.strip()))))
        record = record_type.model_validate({**cells, "extra": extra})
        drawn.setdefault(record.key or (len(drawn),), record)
    return list(drawn.values())


def _fitting(table: str, cells: dict[str, Any]) -> dict[str, Any]:
    """Mend what must hold between the cells of one row."""
    if table == "order_lines":
        return {"min_split": None}
    if table == "setups":
        return {"forbidden": False}
    if table == "operations":
        waits = cells["max_wait_minutes"] is not None
        return {"transfer_batch": Decimal(5)} | ({"transfer_minutes": None} if waits else {})
    if table in {"calendar_exceptions", "capacity_changes"}:
        return {"ends_at": cells["starts_at"] + timedelta(hours=1)}
    if table == "quotas":
        return {"unit_id": None, "share": Decimal(1)} if cells["supplier_id"] else {"share": Decimal(1)}
    if table in {"offers", "orders"}:
        return {"currency": None}
    if table == "fixed_tasks":
        return {"order_id": None, "line_no": None}
    return {}


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw snapshots in which everything fits together."""
    zone = draw(st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/St_Johns"]))
    start = draw(_MOMENTS)
    extra = draw(st.dictionaries(st.sampled_from(["plant_code"]), _WORDS))
    policy = Policy(horizon_start=start, timezone=zone, currency="CNY", weight_setup=draw(st.decimals(0, 9, places=3)),
                    extra=extra)  # fmt: skip
    tables: dict[str, list[Any]] = {}
    known: dict[str, list[str]] = {}
    for name in (*_PARENTS, *(name for name in record_types() if name not in _PARENTS)):
        record_type = record_types()[name]
        tables[name] = draw(_records(record_type, known))
        if record_type.KEY:
            known[name] = [getattr(record, record_type.KEY[0]) for record in tables[name]]
    units = {resource.resource_id: resource.unit_id for resource in tables["resources"]}
    for name in ("operations", "fixed_tasks"):
        tables[name] = [row for row in tables[name] if row.unit_id == units[row.resource_id]]
    places = {resource.resource_id: resource.capacity for resource in tables["resources"]}
    tables["capacity_changes"] = [
        row for row in tables["capacity_changes"] if row.capacity < places[row.resource_id] > 1
    ]
    tables["quotas"] = list({row.item_id: row for row in tables["quotas"]}.values())
    tables["bom"] = [row for row in tables["bom"] if row.item_id < row.component_id]
    return Snapshot(settings=policy, **{name: tuple(rows) for name, rows in tables.items()})


def _without_findings(snapshot: Snapshot) -> Snapshot:
    assert not any(finding.is_error for finding in snapshot.findings)
    return snapshot.replace(findings=())


@given(snapshots())
def test_a_snapshot_written_as_csv_as_a_workbook_or_as_frames_is_read_as_it_was(snapshot: Snapshot):
    with tempfile.TemporaryDirectory() as folder:
        workbook = Path(folder) / "data.xlsx"
        write_snapshot(snapshot, folder)
        write_snapshot(snapshot, workbook, file_format="xlsx")
        assert _without_findings(read_snapshot(folder)) == snapshot
        assert _without_findings(read_snapshot(workbook)) == snapshot
    assert _without_findings(read_snapshot(snapshot_to_frames(snapshot))) == snapshot


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_same_snapshot_gives_the_same_bytes(
    tables: dict[str, list[dict[str, Any]]], tmp_path: Path, file_format: Any
):
    snapshot = read_snapshot(tables)
    bytes_of = []
    for name in ("first", "second"):
        target = tmp_path / name / "data.xlsx" if file_format == "xlsx" else tmp_path / name
        write_snapshot(snapshot, target, file_format=file_format)
        files = sorted(path for path in (tmp_path / name).iterdir())
        bytes_of.append([(path.name, path.read_bytes()) for path in files])

    assert bytes_of[0] == bytes_of[1]
    assert bytes_of[0]
