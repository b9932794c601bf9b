"""Reading a data set: what comes in, and that every fault is told with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orderopt.errors import InputError
from orderopt.models.finding import Finding
from orderopt.models.snapshot import Snapshot
from orderopt.tables.read import read_snapshot

Tables = dict[str, list[dict[str, Any]]]


def _places(findings: tuple[Finding, ...]) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(finding.code, finding.table, finding.row, finding.column) for finding in findings]


def _errors(snapshot: Snapshot) -> list[tuple[str, str | None, int | None, str | None]]:
    return _places(tuple(finding for finding in snapshot.findings if finding.is_error))


def _write(folder: Path, name: str, content: str | bytes) -> None:
    folder.mkdir(exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    (folder / f"{name}.csv").write_bytes(data)


def _write_tables(folder: Path, tables: Tables) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    return folder


def test_a_sound_data_set_has_no_findings(tables: Tables):
    snapshot = read_snapshot(tables)

    assert snapshot.findings == ()
    assert snapshot.settings.horizon_start == datetime(2026, 1, 5, 7, tzinfo=UTC)
    assert snapshot.order_lines[0].quantity == Decimal(10)
    assert snapshot.customers[0].name == "王芳"


def test_folder_workbook_frames_and_lists_hold_the_same(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    workbook = tmp_path / "data.xlsx"
    with pd.ExcelWriter(workbook, engine="xlsxwriter") as writer:
        for name, rows in tables.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, index=False)
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}

    expected = read_snapshot(tables)

    assert read_snapshot(folder) == expected
    assert read_snapshot(str(workbook)) == expected
    assert read_snapshot(frames) == expected


def test_numbers_and_dates_of_a_spreadsheet_are_understood(tables: Tables, tmp_path: Path):
    numeric = {
        "orders": [{"order_id": 1001, "customer_id": "C1"}],
        "order_lines": [
            {"order_id": 1001, "line_no": 1, "item_id": "DESK", "quantity": 0.1, "due_at": datetime(2026, 1, 9, 16)}
        ],
    }
    workbook = tmp_path / "data.xlsx"
    with pd.ExcelWriter(workbook, engine="xlsxwriter") as writer:
        for name, rows in {**tables, **numeric}.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, index=False)

    line = read_snapshot(workbook).order_lines[0]

    assert (line.order_id, line.line_no, line.quantity) == ("1001", "1", Decimal("0.1"))
    assert line.due_at == datetime(2026, 1, 9, 15, tzinfo=UTC)


def test_a_byte_order_mark_blank_rows_and_other_files_do_no_harm(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "items", b"\xef\xbb\xbfitem_id,name\r\n\r\nDESK,\r\n,\r\nTOP,x\r\nLAMP,\r\n")
    (folder / "README.md").write_text("hello")
    (folder / ".hidden.csv").write_text("no,table")

    snapshot = read_snapshot(folder)

    assert [item.item_id for item in snapshot.items] == ["DESK", "TOP", "LAMP"]


def test_all_faults_of_all_tables_are_told_at_once_with_their_places(tables: Tables):
    tables["items"].append({"item_id": None})
    tables["order_lines"][0]["quantity"] = "1,000"
    tables["order_lines"].append(
        {"order_id": "O1", "line_no": "3", "item_id": "DESK", "quantity": "0", "due_at": "soon"}
    )
    tables["suppliers"][0]["quality"] = "1.5"
    tables["strange"] = [{"a": 1}]

    with pytest.raises(InputError) as caught:
        read_snapshot(tables)

    assert _places(caught.value.findings) == [
        ("MISSING_VALUE", "items", 5, "item_id"),
        ("BAD_VALUE", "order_lines", 2, "quantity"),
        ("NO_SOURCE", "order_lines", 3, "item_id"),
        ("BAD_VALUE", "order_lines", 4, "quantity"),
        ("BAD_VALUE", "order_lines", 4, "due_at"),
        ("BAD_VALUE", "suppliers", 2, "quality"),
        ("WITHHELD", "offers", 2, None),
        ("UNKNOWN_TABLE", "strange", None, None),
    ]
    comma = caught.value.findings[1]
    assert comma.value == "1,000"
    assert "thousands" in str(comma.expected)
    assert isinstance(caught.value.snapshot, Snapshot)


def test_a_bad_row_never_loses_the_good_ones(tables: Tables):
    tables["order_lines"][0]["quantity"] = "many"

    snapshot = read_snapshot(tables, strict=False)

    assert [line.line_no for line in snapshot.order_lines] == ["2"]
    assert _errors(snapshot) == [("BAD_VALUE", "order_lines", 2, "quantity")]


def test_a_fault_in_row_ten_thousand_and_something_has_its_own_row_number(tables: Tables):
    tables["items"] += [{"item_id": f"I{number}"} for number in range(25_000)]
    tables["items"][20_001]["quantity_step"] = "-1"

    snapshot = read_snapshot(tables, strict=False)

    assert _errors(snapshot) == [("BAD_VALUE", "items", 20_003, "quantity_step")]
    assert len(snapshot.items) == 25_002


def test_row_numbers_count_blank_rows_and_rows_with_line_breaks_as_a_spreadsheet_does(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "items", 'item_id,name,quantity_step\nDESK,"two\nlines",\n\nTOP,,x\nLAMP,,\n')

    snapshot = read_snapshot(folder, strict=False)

    assert ("BAD_VALUE", "items", 4, "quantity_step") in _errors(snapshot)


def test_a_missing_column_is_told_once_and_a_near_miss_is_named(tables: Tables):
    tables["orders"] = [{"Order ID": "O1", "customer_id": "C1"}, {"Order ID": "O2", "customer_id": "C1"}]

    snapshot = read_snapshot(tables, strict=False)

    missing = [finding for finding in snapshot.findings if finding.code == "MISSING_COLUMN"]
    assert _places(tuple(missing)) == [("MISSING_COLUMN", "orders", 1, "order_id")]
    assert "Order ID" in str(missing[0].mend)
    assert snapshot.orders == ()


def test_an_unknown_column_is_a_warning_and_its_cells_are_kept_as_text(tables: Tables):
    tables["items"][0]["colour"] = "red"
    tables["items"][1]["colour"] = 7.0

    snapshot = read_snapshot(tables)

    assert _places(snapshot.findings) == [("UNKNOWN_COLUMN", "items", 1, "colour")]
    assert [item.extra for item in snapshot.items] == [{"colour": "red"}, {"colour": "7"}, {}]


def test_an_unknown_setting_is_a_warning_and_kept(tables: Tables):
    tables["settings"].append({"key": "weight_beauty", "value": 3})

    snapshot = read_snapshot(tables)

    assert [finding.code for finding in snapshot.findings] == ["UNKNOWN_KEY"]
    assert snapshot.settings.extra == {"weight_beauty": "3"}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (None, "MISSING_TABLE"),
        ([{"key": "timezone", "value": "Europe/Berlin"}], "MISSING_VALUE"),
        ([{"key": "horizon_start", "value": "Monday"}], "BAD_VALUE"),
        ([{"key": "horizon_start", "value": "2026-01-05"}, {"key": "timezone", "value": "Mars/North"}], "BAD_VALUE"),
        ([{"key": "horizon_start", "value": "2026-01-05"}, {"key": "frozen_until", "value": "x"}], "BAD_VALUE"),
        ([{"name": "horizon_start", "value": "2026-01-05"}], "MISSING_COLUMN"),
        ([{"key": "horizon_start", "value": "2026-01-05"}, {"key": "horizon_start", "value": "2027"}], "DUPLICATE_KEY"),
        (7, "UNREADABLE_FILE"),
    ],
)
def test_unusable_settings_end_the_reading_but_all_other_faults_are_told(
    tables: Tables, strict: bool, settings: Any, code: str
):
    del tables["settings"]
    if settings is not None:
        tables["settings"] = settings
    tables["order_lines"][0]["quantity"] = "x"

    with pytest.raises(InputError) as caught:
        read_snapshot(tables, strict=strict)

    assert code in [finding.code for finding in caught.value.findings if finding.table == "settings"]
    assert ("BAD_VALUE", "order_lines", 2, "quantity") in _places(caught.value.findings)


def test_a_setting_that_has_a_default_falls_back_to_it_with_an_error(tables: Tables):
    tables["settings"] += [{"key": "weight_setup", "value": "-1"}, {"key": "horizon_end", "value": "2025-01-01"}]

    snapshot = read_snapshot(tables, strict=False)

    assert _errors(snapshot) == [("BAD_VALUE", "settings", 4, "value"), ("BAD_VALUE", "settings", 5, "value")]
    assert snapshot.settings.weight_setup == 1
    assert snapshot.settings.horizon_end is None


def test_a_setting_given_twice_keeps_its_first_value(tables: Tables):
    tables["settings"].append(dict(tables["settings"][0]))

    snapshot = read_snapshot(tables, strict=False)

    assert _errors(snapshot) == [("DUPLICATE_KEY", "settings", 4, "value")]
    assert snapshot.settings.horizon_start.year == 2026


@pytest.mark.parametrize("name", ["items", "orders", "order_lines"])
def test_a_table_without_which_there_is_nothing_to_plan_is_missed(tables: Tables, name: str):
    del tables[name]

    snapshot = read_snapshot(tables, strict=False)

    assert ("MISSING_TABLE", name, None, None) in _errors(snapshot)


def test_times_off_the_grid_are_rounded_as_the_contract_says_and_told(tables: Tables):
    tables["order_lines"][0] |= {"due_at": "2026-01-09T16:00:59", "release_at": "2026-01-06T08:00:01"}

    snapshot = read_snapshot(tables)

    line = snapshot.order_lines[0]
    assert (line.due_at.minute, line.release_at and line.release_at.minute) == (0, 1)
    assert _places(snapshot.findings) == [
        ("ROUNDED_TIME", "order_lines", 2, "due_at"),
        ("ROUNDED_TIME", "order_lines", 2, "release_at"),
    ]


def test_a_comma_too_many_refuses_the_row_and_not_its_neighbours(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "stock", "item_id,on_hand\nTOP,1,000\nLAMP,5\n")

    snapshot = read_snapshot(folder, strict=False)

    assert _errors(snapshot) == [("BAD_ROW", "stock", 2, None)]
    assert [row.item_id for row in snapshot.stock] == ["LAMP"]


def test_bytes_that_are_not_utf8_refuse_their_row_only(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "customers", b"customer_id,name\nC1,Anna\nC2,J\xf6rg\n")

    snapshot = read_snapshot(folder, strict=False)

    assert _errors(snapshot) == [("BAD_ROW", "customers", 3, None)]
    assert "UTF-8" in str(snapshot.findings[0])


def test_a_broken_quote_is_told_with_its_lines_and_the_rows_around_it_are_read(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "receipts", 'receipt_id,item_id,quantity,available_at\nR1,TOP,1,2026-01-06\nR2,"T"OP,1,2026-01-06\n'
           "R3,TOP,1,2026-01-06\n")  # fmt: skip

    snapshot = read_snapshot(folder, strict=False)

    assert _errors(snapshot) == [("UNREADABLE_FILE", "receipts", 3, None)]
    assert [receipt.receipt_id for receipt in snapshot.receipts] == ["R1", "R3"]


@pytest.mark.parametrize("content", [b"item_id;name\nDESK;x\n", "item_id,name\nDESK,x\n".encode("utf-16")])
def test_a_file_of_another_dialect_is_told_and_what_hangs_on_it_is_withheld(
    tables: Tables, tmp_path: Path, content: bytes
):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "items", content)

    snapshot = read_snapshot(folder, strict=False)

    codes = {(code, table) for code, table, _, _ in _errors(snapshot)}
    assert ("UNREADABLE_FILE", "items") in codes
    assert ("WITHHELD", "order_lines") in codes
    assert snapshot.order_lines == ()


def test_a_column_that_stands_twice_is_told_and_the_first_is_used(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "stock", "item_id,on_hand,on_hand\nTOP,1,2\n")

    snapshot = read_snapshot(folder, strict=False)

    assert _errors(snapshot) == [("DUPLICATE_COLUMN", "stock", 1, "on_hand")]
    assert snapshot.stock[0].on_hand == 1


def test_an_empty_file_is_an_empty_table_with_a_warning(tables: Tables, tmp_path: Path):
    folder = _write_tables(tmp_path / "data", tables)
    _write(folder, "receipts", "")

    snapshot = read_snapshot(folder)

    assert _places(snapshot.findings) == [("EMPTY_TABLE", "receipts", None, None)]


def test_something_that_is_no_table_is_told_as_such(tables: Tables):
    snapshot = read_snapshot({**tables, "stock": 7}, strict=False)

    assert ("UNREADABLE_FILE", "stock", None, None) in _errors(snapshot)


@pytest.mark.parametrize("source", [7, "no/such/folder", None])
def test_a_source_that_is_no_data_set_is_refused_with_the_next_step(source: Any):
    with pytest.raises(InputError, match="CSV files"):
        read_snapshot(source)


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path):
    path = tmp_path / "data.xlsx"
    path.write_text("not a workbook")

    with pytest.raises(InputError, match="workbook"):
        read_snapshot(path)


def test_an_id_with_a_blank_at_its_end_is_refused_not_trimmed(tables: Tables):
    tables["items"].append({"item_id": "SHELF "})

    assert _errors(read_snapshot(tables, strict=False)) == [("BAD_VALUE", "items", 5, "item_id")]


def test_more_than_six_places_are_refused_and_never_rounded(tables: Tables):
    tables["stock"][0]["on_hand"] = "0.1234567"

    snapshot = read_snapshot(tables, strict=False)

    assert _errors(snapshot) == [("BAD_VALUE", "stock", 2, "on_hand")]
    assert "6 decimal places" in str(snapshot.findings[0])


def test_a_word_that_is_not_allowed_is_answered_with_those_that_are(tables: Tables):
    tables["items"][0]["make_policy"] = "mto"

    snapshot = read_snapshot(tables, strict=False)

    assert "MTO, MTS, ATO" in str(snapshot.findings[0])


def test_settings_may_be_given_as_a_plain_dict(tables: Tables):
    snapshot = read_snapshot({**tables, "settings": {"horizon_start": "2026-01-05", "currency": "CHF"}})

    assert snapshot.settings.currency == "CHF"


def test_customers_are_taken_from_the_orders_where_there_is_no_such_table(tables: Tables):
    del tables["customers"]

    snapshot = read_snapshot(tables)

    assert [customer.customer_id for customer in snapshot.customers] == ["C1"]
    assert _places(snapshot.findings) == [("MISSING_TABLE", "customers", None, None)]
