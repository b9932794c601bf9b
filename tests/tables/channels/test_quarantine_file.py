"""The quarantine goes out as a file that no spreadsheet runs, and comes back corrected."""

from __future__ import annotations

import csv

import pytest
from tests.stages.intake.desks import SALES, make_desk, receive, row

from orderopt.errors import InputError
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.intake.release import CorrectRow, DiscardRow, ReleaseRows
from orderopt.stages.intake.show import ShowBatch
from orderopt.tables.channels.quarantine_file import read_corrections, write_quarantine

BAD = (
    row(2, quantity="-3", note="=HYPERLINK(1)", raw="=cmd,2"),
    row(3, requested_at="", valid_until="2030-01-01"),
    row(4, item_id="X"),
)


def show(desk, report, by=SALES):
    return desk.do(ShowBatch(batch_id=report.batch_id), by=by)


def test_formulas_are_guarded_and_every_fault_is_told(tmp_path):
    desk = make_desk()
    write_quarantine(show(desk, receive(desk, *BAD)), tmp_path / "q.csv")
    with (tmp_path / "q.csv").open(newline="") as file:
        first, second, _ = csv.DictReader(file)
    assert (first["row"], first["raw"], first["note"], first["quantity"]) == ("2", "'=cmd,2", "'=HYPERLINK(1)", "-3")
    assert first["faults"] == "quantity: BAD_QUANTITY: -3 is out of range"
    assert (second["requested_at"], second["valid_until"]) == ("", "2030-01-01")


def test_a_file_that_nobody_changed_corrects_nothing(tmp_path):
    desk = make_desk()
    batch = show(desk, receive(desk, *BAD))
    write_quarantine(batch, tmp_path / "q.csv")
    assert read_corrections(batch, tmp_path / "q.csv") == {}


def test_corrections_in_the_file_release_the_rows(tmp_path):
    desk = make_desk()
    report = receive(desk, *BAD)
    desk.do(DiscardRow(batch_id=report.batch_id, row=4, why="a test"), by=SALES)
    batch = show(desk, report)
    path = tmp_path / "q.csv"
    write_quarantine(batch, path)
    text = path.read_text("utf-8").replace(",-3,", ",3,").replace("2030-01-01", "2031-01-01")
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(text.splitlines()))
        rows[1] |= {"requested_at": "2026-01-20", "valid_until": ""}
        rows[2] |= {"item_id": "P"}  # given up: it does not come back by a file
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    corrections = read_corrections(batch, path)
    assert corrections == {2: {"quantity": "3"}, 3: {"requested_at": "2026-01-20", "valid_until": None}}
    for number, fields in corrections.items():
        assert desk.do(CorrectRow(batch_id=report.batch_id, row=number, fields=fields), by=SALES) == ()
    assert len(desk.do(ReleaseRows(batch_id=report.batch_id), by=SALES).new_orders) == 2


def test_who_may_not_see_personal_data_gets_no_texts(tmp_path):
    desk = make_desk()
    masked = show(desk, receive(desk, *BAD), by=Actor.of("root", Role.ADMINISTRATOR))
    write_quarantine(masked, tmp_path / "q.csv")
    assert "HYPERLINK" not in (tmp_path / "q.csv").read_text("utf-8")


@pytest.mark.parametrize(("content", "says"), [("row\n9\n", "has a row '9'"), ("a\n1\n", "not the quarantine")])
def test_a_file_of_something_else_is_refused(tmp_path, content, says):
    desk = make_desk()
    (tmp_path / "q.csv").write_text(content, "utf-8")
    with pytest.raises(InputError, match=says):
        read_corrections(show(desk, receive(desk, *BAD)), tmp_path / "q.csv")


def test_a_file_that_is_not_there_is_named(tmp_path):
    desk = make_desk()
    with pytest.raises(InputError, match="cannot be read"):
        read_corrections(show(desk, receive(desk, *BAD)), tmp_path / "q.csv")
