"""What is written: plain, exact, whole, and safe to open in a spreadsheet."""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orderopt.errors import InputError, OrderOptError
from orderopt.models.customer import Customer
from orderopt.models.finding import Finding
from orderopt.models.plan import PLAN_TABLES, Plan
from orderopt.models.result import AllocationPart, Job, Peg, Promise, Purchase, Shipment, Task
from orderopt.models.snapshot import Snapshot
from orderopt.models.summary import Status, Summary
from orderopt.tables import write
from orderopt.tables.frames import records_to_frame, snapshot_to_frames
from orderopt.tables.read import read_snapshot
from orderopt.tables.write import read_plan_tables, replacing, write_findings, write_plan, write_snapshot

AT = datetime(2026, 1, 5, 7, tzinfo=UTC)

Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture
def plan(tables: Tables) -> Plan:
    """A plan with one row in each table, whatever it is worth."""
    snapshot = read_snapshot(tables)
    line = {"order_id": "O1", "line_no": "1"}
    rows = [
        AllocationPart(**line, part_no=1, source_type="unit", source_id="U1", supply_id="J1", quantity=Decimal("10.50"),
                       cost=Decimal("1E+2"), reason="=cheapest"),
        Job(job_id="J1", item_id="DESK", unit_id="U1", quantity=11, good_quantity=11, parent_type="line",
            parent_id="O1/1", available_at=AT),
        Task(**line, task_id="T1", job_id="J1", item_id="DESK", unit_id="U1", op_no=10, resource_id="SAW",
             setup_minutes=0, start=AT, end=AT, quantity=11, frozen=False),
        Purchase(purchase_id="P1", supplier_id="S1", item_id="LAMP", quantity=2, order_at=AT, receive_at=AT,
                 unit_price="9.5", total=19, **{"for": "O1/2"}),
        Shipment(shipment_id="V1", origin="U1", destination="Ulm", depart_at=AT, arrive_at=AT, quantity=1, cost=0,
                 lines="O1/1/1"),
        Peg(supply_type="job", supply_id="J1", item_id="DESK", quantity=10, demand_type="line", demand_id="O1/1",
            available_at=AT, needed_at=AT),
        Promise(**line, due_at=AT, promised_at=None, quantity=0, tardiness_minutes=0, on_time=False, explanation="无"),
    ]  # fmt: skip
    zone = snapshot.settings.zone
    frames = {row.TABLE: records_to_frame(type(row), [row], zone) for row in rows}
    summary = Summary(
        status=Status.FEASIBLE, currency="EUR", objective=1.5, terms={"setup": 1.5}, weights={"setup": 1.0}, bound=None,
        gap=None, strategy="auto", stop_reason="done", seed=0, workers=1, time_limit=None, counts={},
    )  # fmt: skip
    return Plan(snapshot, summary, frames)


def test_a_plan_is_written_in_the_columns_of_the_contract(plan: Plan, tmp_path: Path):
    write_plan(plan, tmp_path, file_format="csv")

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*(f"{name}.csv" for name in PLAN_TABLES), "summary.json"]
    )
    for name, record_type in PLAN_TABLES.items():
        assert (tmp_path / f"{name}.csv").read_text("utf-8").splitlines()[0] == ",".join(record_type.columns())
    assert json.loads((tmp_path / "summary.json").read_text("utf-8"))["objective"] == 1.5


def test_numbers_are_plain_times_have_offsets_and_flags_are_zero_or_one(plan: Plan, tmp_path: Path):
    write_plan(plan, tmp_path, file_format="csv")

    assert (tmp_path / "allocation.csv").read_bytes().splitlines()[1] == b"O1,1,1,unit,U1,J1,10.5,100,'=cheapest"
    assert b"2026-01-05T08:00+01:00" in (tmp_path / "schedule.csv").read_bytes()
    assert (tmp_path / "schedule.csv").read_text("utf-8").endswith(",11,0\n")
    assert (tmp_path / "promises.csv").read_bytes().count(b"\r") == 0
    assert (tmp_path / "promises.csv").read_text("utf-8").splitlines()[1] == "O1,1,2026-01-05T08:00+01:00,,0,0,0,,无"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_written_plan_is_read_again_as_text(plan: Plan, tmp_path: Path, file_format: Any):
    target = tmp_path / "plan.xlsx" if file_format == "xlsx" else tmp_path
    write_plan(plan, target, file_format=file_format)

    frames = read_plan_tables(target)

    assert list(frames) == list(PLAN_TABLES)
    assert frames["allocation"].iloc[0].tolist() == ["O1", "1", "1", "unit", "U1", "J1", "10.5", "100", "=cheapest"]
    assert frames["promises"]["promised_at"].tolist() == [""]
    assert frames["schedule"]["start"].tolist() == ["2026-01-05T08:00+01:00"]


def test_a_folder_without_a_whole_plan_is_refused(plan: Plan, tmp_path: Path):
    write_plan(plan, tmp_path, file_format="csv")
    (tmp_path / "jobs.csv").unlink()

    with pytest.raises(InputError, match="jobs"):
        read_plan_tables(tmp_path)


def test_a_workbook_holds_no_formulas(tables: Tables, tmp_path: Path):
    snapshot = read_snapshot(tables).replace(customers=(Customer(customer_id="C1", name="=1+1"),))
    write_snapshot(snapshot, tmp_path / "data.xlsx", file_format="xlsx")

    with zipfile.ZipFile(tmp_path / "data.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert sheets
    assert not any(b"<f>" in sheet for sheet in sheets)
    assert read_snapshot(tmp_path / "data.xlsx").customers[0].name == "=1+1"


def test_a_csv_file_guards_text_that_would_be_a_formula(tables: Tables, tmp_path: Path):
    write_snapshot(read_snapshot(tables).replace(customers=(Customer(customer_id="-1", name="@home"),)), tmp_path)

    assert (tmp_path / "customers.csv").read_text().splitlines()[1].startswith("-1,'@home,1,")


def test_a_number_that_a_spreadsheet_would_round_is_kept_as_text(tables: Tables, tmp_path: Path):
    exact = Decimal("123456789012.123457")
    customer = Customer(customer_id="C1", credit_limit=exact)
    write_snapshot(read_snapshot(tables).replace(customers=(customer,)), tmp_path / "d.xlsx", file_format="xlsx")

    assert read_snapshot(tmp_path / "d.xlsx").customers[0].credit_limit == exact


def test_writing_takes_away_input_tables_that_are_no_longer_there_and_nothing_else(tables: Tables, tmp_path: Path):
    snapshot = read_snapshot(tables)
    write_snapshot(snapshot, tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    write_snapshot(snapshot.replace(stock=()), tmp_path)

    assert not (tmp_path / "stock.csv").exists()
    assert (tmp_path / "notes.txt").exists()
    assert read_snapshot(tmp_path).stock == ()


def test_a_failure_while_writing_leaves_the_old_tables_whole(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    snapshot = read_snapshot(tables)
    write_snapshot(snapshot, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    csv_text = write._csv_text

    def fail_at_stock(sheet: Any) -> str:
        if sheet.name == "stock":
            raise OSError("disk full")
        return csv_text(sheet)

    monkeypatch.setattr(write, "_csv_text", fail_at_stock)
    with pytest.raises(OSError, match="disk full"):
        write_snapshot(snapshot.replace(items=()), tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_takes_its_place_only_when_all_went_well(tmp_path: Path):
    path = tmp_path / "page.html"
    path.write_text("old")

    def fail_half_way() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail_half_way()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_findings_are_written_as_a_table(tmp_path: Path):
    write_findings([Finding(code="BAD_VALUE", table="orders", row=2, says="=x")], tmp_path / "faults.csv")

    assert (tmp_path / "faults.csv").read_text().splitlines()[1].startswith("BAD_VALUE,error,orders,2,")
    assert "'=x" in (tmp_path / "faults.csv").read_text()


def test_an_unknown_format_is_refused(tables: Tables, tmp_path: Path):
    with pytest.raises(OrderOptError, match="csv"):
        write_snapshot(read_snapshot(tables), tmp_path, file_format="ods")  # type: ignore[arg-type]


def test_a_text_too_long_for_a_sheet_is_refused_and_never_cut(tables: Tables, tmp_path: Path):
    snapshot = read_snapshot(tables).replace(customers=(Customer(customer_id="C1", name="x" * 40_000),))

    with pytest.raises(OrderOptError, match="csv"):
        write_snapshot(snapshot, tmp_path / "d.xlsx", file_format="xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_large_workbook_is_written_row_by_row_and_read_the_same(tables: Tables, tmp_path: Path):
    snapshot = read_snapshot({**tables, "items": [*tables["items"], *({"item_id": f"I{n}"} for n in range(20_001))]})
    write_snapshot(snapshot, tmp_path / "d.xlsx", file_format="xlsx")

    assert read_snapshot(tmp_path / "d.xlsx") == snapshot


def test_frames_have_exact_numbers_aware_times_and_the_columns_of_the_contract(tables: Tables):
    frames = snapshot_to_frames(read_snapshot(tables))

    lines = frames["order_lines"]
    assert lines["due_at"].iloc[0] == pd.Timestamp("2026-01-09T16:00+01:00")
    assert str(lines["due_at"].dt.tz) == "Europe/Berlin"
    assert lines["quantity"].tolist() == [Decimal(10), Decimal(2)]
    assert lines["may_split"].dtype == bool
    assert len(frames["receipts"]) == 0
    assert "available_at" in frames["receipts"].columns


@pytest.mark.parametrize("package", ["xlsxwriter", "python_calamine"])
def test_without_the_extra_the_next_step_is_said(
    tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
):
    snapshot = read_snapshot(tables)
    path = tmp_path / "d.xlsx"
    write_snapshot(snapshot, path, file_format="xlsx")
    monkeypatch.setitem(sys.modules, package, None)

    acts = {
        "xlsxwriter": lambda: write_snapshot(snapshot, path, file_format="xlsx"),
        "python_calamine": lambda: read_snapshot(path),
    }

    with pytest.raises(OrderOptError, match=r"orderopt\[excel\]"):
        acts[package]()


def test_a_snapshot_without_customers_says_nothing_about_them(tables: Tables, tmp_path: Path):
    snapshot: Snapshot = read_snapshot(tables).replace(customers=(), orders=(), order_lines=())
    write_snapshot(snapshot, tmp_path)

    assert not (tmp_path / "customers.csv").exists()
    assert read_snapshot(tmp_path) == snapshot
