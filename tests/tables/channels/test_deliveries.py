"""Foreign files: encodings, delimiters, numbers, dates, words, totals; every row is there, read or not."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stages.intake.desks import SALES, case_of, make_desk

from orderopt.errors import InputError
from orderopt.models.life.incoming import Totals
from orderopt.stages.intake.receive_batch import ReceiveBatch
from orderopt.tables.cells import Fault
from orderopt.tables.channels.deliveries import read_delivery
from orderopt.tables.channels.mapping import NumberForm
from orderopt.tables.channels.translate import parse_number

COLUMNS = {"external_ref": "no", "item_id": "sku", "quantity": "qty", "requested_at": "due", "customer_id": "who"}
HEADER = "no,sku,qty,due,who\n"


def write(tmp_path, text: str | bytes, name: str = "orders.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(tmp_path, text: str | bytes, name: str = "orders.csv", **mapping):
    return read_delivery(write(tmp_path, text, name), {"channel": "shop", "columns": COLUMNS} | mapping)


def fields(delivery):
    return [dict(row.fields) for row in delivery.rows]


def faults(delivery):
    return [(row.row, fault.field, fault.code) for row in delivery.rows for fault in row.faults]


def test_rows_have_the_number_that_a_spreadsheet_shows_and_their_raw_text(tmp_path):
    delivery = read(tmp_path, HEADER + 'A,P,1,2026-01-20,C-1\n\nB,"P ""x"", y",2,2026-01-20,C-1\r\n')
    assert [(row.row, row.raw) for row in delivery.rows] == [
        (2, "A,P,1,2026-01-20,C-1"),
        (4, 'B,"P ""x"", y",2,2026-01-20,C-1'),
    ]
    assert delivery.rows[1].fields["item_id"] == 'P "x", y'
    assert delivery.source == "orders.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp950", "big5"])
def test_a_chinese_file_is_read_in_any_of_its_encodings(tmp_path, encoding):
    text = "訂單編號,客戶編號,料號,數量,單位,交貨日期,備註\n甲-1,C-1,P,2,箱,2026-01-20,請小心\n"
    delivery = read_delivery(write(tmp_path, text.encode(encoding)), "csv")
    assert fields(delivery) == [
        {
            "external_ref": "甲-1",
            "customer_id": "C-1",
            "item_id": "P",
            "quantity": "2",
            "unit": "箱",
            "requested_at": "2026-01-20T00:00:00+00:00",
            "note": "請小心",
        }
    ]


def test_bytes_of_no_encoding_spoil_their_row_only(tmp_path):
    text = HEADER.encode() + b"A,P,1,2026-01-20,C-1\nB,P\xff,1,2026-01-20,C-1\n"
    assert faults(read(tmp_path, text)) == [(3, None, "BAD_ENCODING")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    text = "no,sku,qty,due,who\nA,P,1,2026-01-20,C-1\n".replace(",", delimiter)
    assert fields(read(tmp_path, text))[0]["customer_id"] == "C-1"


def test_a_broken_quote_or_a_cell_too_many_spoils_its_row_only(tmp_path):
    delivery = read(tmp_path, HEADER + 'A,"P,1,2026-01-20,C-1\nB,P,1,2026-01-20,C-1\nC,P,1,5,2026-01-20,C-1\n')
    assert faults(delivery) == [(2, None, "BAD_ROW"), (4, None, "BAD_ROW"), (4, "requested_at", "BAD_VALUE")]
    assert delivery.rows[0].raw == 'A,"P,1,2026-01-20,C-1'
    assert delivery.rows[1].fields["external_ref"] == "B"


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    text = "no,sku,qty,due,who,text\n=1+1,P,1,2026-01-20,C-1,@SUM(A1)\n"
    delivery = read(tmp_path, text, columns={**COLUMNS, "note": "text"})
    assert (delivery.rows[0].fields["external_ref"], delivery.rows[0].fields["note"]) == ("=1+1", "@SUM(A1)")
    desk = make_desk()
    desk.do(ReceiveBatch(delivery=delivery), by=SALES)
    assert case_of(desk, "=1+1@shop").lines[0].ask.note == "@SUM(A1)"


def test_numbers_and_dates_are_read_as_the_channel_writes_them(tmp_path):
    delivery = read(
        tmp_path,
        "no;sku;qty;due;who;off\n"
        "A;P;1.234,50;31.12.2026 17:30;C-1;5 %\nB;P;1.23;31.12.2026;C-1;\nC;P;1;12/31/2026;C-1;\n",
        columns={**COLUMNS, "discount": "off"},
        numbers={"decimal": ",", "thousands": "."},
        dates={"formats": ["%d.%m.%Y %H:%M", "%d.%m.%Y"], "zone": "Asia/Taipei", "time": "24:00"},
    )
    first, second, third = fields(delivery)
    assert (first["quantity"], first["requested_at"]) == ("1234.5", "2026-12-31T09:30:00+00:00")
    assert first["discount"] == "0.05"
    assert second["requested_at"] == "2026-12-31T16:00:00+00:00"
    assert "requested_at" not in third
    assert faults(delivery) == [(3, "quantity", "BAD_VALUE"), (4, "requested_at", "BAD_VALUE")]
    assert delivery.rows[2].faults[0].expected == "written as %d.%m.%Y %H:%M or %d.%m.%Y"


def test_words_units_and_item_codes_are_translated_and_constants_fill_in(tmp_path):
    delivery = read(
        tmp_path,
        "no,sku,qty,due,who,unit,kind\nA,4711,1,2026-01-20,C-1,箱,Q\nB,4711,1,2026-01-20,C-2,pcs,?\n",
        columns={**COLUMNS, "unit": "unit", "kind": "kind"},
        words={"unit": {"箱": "CT"}, "kind": {"Q": "quote", "*": "order"}},
        customer_items={"C-1": {"4711": "P"}},
        constants={"currency": "TWD", "unit": "EA"},
    )
    first, second = fields(delivery)
    assert (first["item_id"], first["unit"], first["kind"], first["currency"]) == ("P", "CT", "quote", "TWD")
    assert (second["item_id"], second["unit"], second["kind"]) == ("4711", "pcs", "order")


def test_a_column_that_is_not_mapped_is_told(tmp_path):
    delivery = read(tmp_path, "no,sku,qty,due,who,gift\nA,P,1,2026-01-20,C-1,yes\n")
    assert [(one.code, one.column) for one in delivery.findings] == [("UNUSED_COLUMN", "gift")]
    assert "yes" in delivery.rows[0].raw
    kept = read(
        tmp_path, "no,sku,qty,due,who,gift\nA,P,1,2026-01-20,C-1,yes\n", columns={**COLUMNS, "extra_gift": "gift"}
    )
    assert not kept.findings
    assert fields(kept)[0]["extra_gift"] == "yes"


def test_a_file_of_another_channel_is_refused_with_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="does not fit the mapping of channel shop") as caught:
        read(tmp_path, "order,product,due\nA,P,2026-01-20\n")
    assert [one.column for one in caught.value.findings] == ["no", "sku", "qty"]
    assert "the file has order, product, due" in caught.value.findings[0].expected


def test_two_columns_of_one_name_are_refused(tmp_path):
    with pytest.raises(InputError, match="same name: qty"):
        read(tmp_path, "no,sku,qty,qty\nA,P,1,2\n")


MARKS = [{"role": "totals", "column": "no", "equals": "TOTAL", "totals": {"orders": "sku", "quantity": "qty"}}]


def test_a_row_of_totals_declares_and_is_no_line(tmp_path):
    delivery = read(tmp_path, HEADER + "A,P,1,2026-01-20,C-1\nTOTAL,1,2.50,,\n", marks=MARKS)
    assert delivery.declared == Totals(orders=1, quantity=Decimal("2.50"))
    assert len(delivery.rows) == 1
    desk = make_desk()
    report = desk.do(ReceiveBatch(delivery=delivery), by=SALES)
    assert [(one.name, one.counted) for one in report.differences] == [("quantity", "1")]


@pytest.mark.parametrize(
    ("trailer", "says"),
    [("", "may be cut off"), ("TOTAL,x,1,,\n", "orders is not a number"), ("TOTAL,1,,,\n", "is empty")],
)
def test_a_file_without_its_totals_is_refused(tmp_path, trailer, says):
    with pytest.raises(InputError, match=says):
        read(tmp_path, HEADER + "A,P,1,2026-01-20,C-1\n" + trailer, marks=MARKS)


def test_records_without_names_with_heads_and_lines_are_read_by_their_marks(tmp_path):
    text = "H|A|C-1|PO-1\nL|P|1|20260120\nL|R|2|20260121\nX|ignored\nH|B|C-2|PO-2\nL|P|3|20260122\nT|2|3\n"
    delivery = read(
        tmp_path,
        text,
        columns={"item_id": "2", "quantity": "3", "requested_at": "4"},
        file={"header_row": 0, "delimiter": "|"},
        dates={"formats": ["%Y%m%d"]},
        marks=[
            {
                "role": "order",
                "column": "1",
                "equals": "H",
                "columns": {"external_ref": "2", "customer_id": "3", "customer_po": "4"},
            },
            {"role": "skip", "column": "1", "equals": "X"},
            {"role": "totals", "column": "1", "equals": "T", "totals": {"orders": "2", "lines": "3"}},
        ],
    )
    assert [(row.row, row.fields["external_ref"], row.fields["item_id"]) for row in delivery.rows] == [
        (2, "A", "P"),
        (3, "A", "R"),
        (6, "B", "P"),
    ]
    desk = make_desk()
    report = desk.do(ReceiveBatch(delivery=delivery), by=SALES)
    assert (report.new_orders, report.differences) == (("A@shop", "B@shop"), ())
    assert case_of(desk, "A@shop").head.customer_po == "PO-1"


def test_a_workbook_of_a_sales_representative_is_read(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    from datetime import datetime

    path = tmp_path / "rep.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("orders")
        for place, row in enumerate(
            [
                ["Order sheet", "Customer", "Item", "Quantity", "Wanted", "Unit price", "Remark"],
                [1001, "C-1", "P", 0.1 + 0.2, datetime(2026, 1, 20), 2.5, "=1+1"],
                [1001, "C-1", "R", 2, "2026-01-21", None, None],
            ]
        ):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                elif cell is not None:
                    sheet.write(place, column, cell)
    delivery = read_delivery(path, "sales_rep")
    first, second = fields(delivery)
    assert (first["external_ref"], first["quantity"], first["unit_price"]) == ("1001", "0.3", "2.5")
    assert (first["requested_at"], first["note"]) == ("2026-01-20T00:00:00+00:00", "=1+1")
    assert second["requested_at"] == "2026-01-21T00:00:00+00:00"
    desk = make_desk()
    assert desk.do(ReceiveBatch(delivery=delivery), by=SALES).new_orders == ("1001@sales_rep",)


EDI = {
    "control": {"orders": 2, "lines": 3, "quantity": 6},
    "orders": [
        {
            "order_number": "4500",
            "buyer": {"id": "C-1"},
            "requested_at": "2026-01-20T08:00+01:00",
            "ship_to": {"id": "DOCK-3", "name": "Ann"},
            "lines": [
                {
                    "number": 10,
                    "item": "P",
                    "quantity": 1,
                    "unit": "CT",
                    "unit_price": 2.40,
                    "requested_at": "2026-01-19",
                },
                {"number": 20, "item": "R", "quantity": 2},
            ],
        },
        {
            "order_number": "4501",
            "buyer": {"id": "C-1"},
            "requested_at": "2026-01-20",
            "lines": [{"item": "P", "quantity": 3}],
        },
    ],
}


def test_a_message_in_json_is_read_with_its_control_totals(tmp_path):
    delivery = read_delivery(write(tmp_path, json.dumps(EDI), "orders.json"), "edi")
    desk = make_desk()
    report = desk.do(ReceiveBatch(delivery=delivery), by=SALES)
    assert (report.new_orders, report.differences) == (("4500@edi", "4501@edi"), ())
    case = case_of(desk, "4500@edi")
    assert [(line.line_no, line.counts.ordered) for line in case.lines] == [("10", 12), ("20", 2)]
    assert case.lines[0].ask.unit_price == Decimal("0.2")
    assert (case.head.destination, case.head.party.name) == ("DOCK-3", "Ann")
    assert [f"{line.ask.requested_at:%d %H}" for line in case.lines] == ["19 00", "20 07"]
    assert json.loads(delivery.rows[1].raw)["line"]["item"] == "R"


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("{", "is no JSON"),
        ("[]", "no list of orders"),
        ('{"orders": {}}', "no list of orders"),
        ('{"orders": []}', "may be cut off"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_what_is_no_message_is_refused(tmp_path, message, says):
    with pytest.raises(InputError, match=says):
        read_delivery(write(tmp_path, message, "orders.json"), "edi")


def test_an_order_without_lines_is_a_row_with_a_fault(tmp_path):
    message = {"control": {"orders": 2, "lines": 1, "quantity": 3}, "orders": ["?", EDI["orders"][1]]}
    delivery = read_delivery(write(tmp_path, json.dumps(message), "orders.json"), "edi")
    assert faults(delivery) == [(1, None, "BAD_ROW")]
    report = make_desk().do(ReceiveBatch(delivery=delivery), by=SALES)
    assert (report.num_accepted, report.num_quarantined) == (1, 1)


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "number"),
    [
        ("1,234.5", ".", ",", "1234.5"),
        ("1.234,5", ",", ".", "1234.5"),
        ("1\u00a0234,5", ",", " ", "1234.5"),
        ("1'234.5", ".", "'", "1234.5"),
        ("-0,5", ",", ".", "-0.5"),
        ("12,34", ".", ",", None),
        ("1,2345", ".", ",", None),
        ("1.5", ",", ".", None),
        ("1,5", ".", "", None),
        ("", ".", "", None),
        ("5 kg", ".", "", None),
        ("１２", ".", "", None),
        ("1_000", ".", "", None),
        ("Infinity", ".", "", None),
    ],
)
def test_a_number_is_read_as_it_is_written_or_not_at_all(text, decimal, thousands, number):
    found = parse_number(text, NumberForm(decimal=decimal, thousands=thousands))
    assert isinstance(found, Fault) if number is None else found == Decimal(number)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "x.csv"
    path.write_bytes(HEADER.encode() + content)
    delivery = read_delivery(path, {"channel": "shop", "columns": COLUMNS})
    report = make_desk().do(ReceiveBatch(delivery=delivery), by=SALES)
    assert report.num_accepted + report.num_quarantined == len(delivery.rows)
