"""Importing a channel's file from the command line."""

from __future__ import annotations

import json

import pytest
from tests.stages.intake.desks import MASTER
from typer.testing import CliRunner

from orderopt.cli.commands import app
from orderopt.desk import OrderDesk
from orderopt.models.life.roles import Actor, Role
from orderopt.stages.master import PutMaster
from orderopt.storage.opening import open_store

TEXT = (
    "order-id,buyer-id,sku,quantity,latest-delivery-date\n"
    "T-1,C-1,P,1,2126-01-20\n"
    "T-2,C-1,P,-3,2026-01-20\n"
    "T-3,C-1,R,2,2026-01-20\n"
)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.csv").write_text(TEXT, "utf-8")
    store = open_store("sqlite:///orders.db", create=True)
    OrderDesk(store).do(PutMaster.of(MASTER), by=Actor.of("root", Role.ADMINISTRATOR))
    store.close()
    return tmp_path


def run(*words: str):
    environment = {
        "COLUMNS": "200",
        "ORDEROPT_DB": "sqlite:///orders.db",
        "ORDEROPT_ACTOR": "sam",
        "ORDEROPT_ROLES": "sales",
    }
    return CliRunner(env=environment).invoke(app, ["order", "import", *words])


def test_an_import_tells_what_became_of_the_rows_and_a_second_one_adds_nothing(shop):
    first = run("m.csv", "-m", "marketplace", "--json")
    assert first.exit_code == 0, first.output
    report = json.loads(first.stdout)
    assert (report["num_rows"], report["num_accepted"], report["num_quarantined"]) == (3, 1, 2)
    assert [one["order_id"] for one in report["placed"]] == ["T-3@marketplace"]
    assert {(one["row"], one["column"], one["code"]) for one in report["findings"] if one["severity"] == "error"} == {
        (2, "requested_at", "BAD_DATE"),
        (3, "quantity", "BAD_QUANTITY"),
    }
    again = run("m.csv", "-m", "marketplace")
    assert again.exit_code == 0, again.output
    assert "1 of 3 rows in orders, 2 in quarantine" in again.stderr
    assert "0 new, 1 unchanged" in again.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("m.csv", "-m", "nowhere"), 6, "there is no mapping 'nowhere'"),
        (("m.csv", "-m", "edi"), 6, "is no JSON"),
        (("n.csv", "-m", "csv"), 6, "cannot be opened"),
        (("m.csv", "-m", "sales_rep"), 6, "cannot be opened as a workbook"),
        (("m.csv", "-m", "csv"), 3, "does not fit the mapping"),
        (("m.csv", "-m", "marketplace", "--accept", "some"), 3, "accept"),
    ],
)
def test_what_cannot_be_imported_is_said_with_an_exit_code(shop, words, code, says):
    result = run(*words)
    assert result.exit_code == code, result.output
    assert says in result.stderr
