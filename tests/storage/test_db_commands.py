"""`orderopt db …`: what each command says, leaves behind, and ends with."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from orderopt.cli.commands import app
from orderopt.storage.opening import open_store
from orderopt.storage.sql.engines import build_engine
from orderopt.storage.sql.schema import migrate
from orderopt.storage.verify import verify

from .living import cancel, fill


def run(*words, url=None):
    environment = {"COLUMNS": "200", "ORDEROPT_DB": url or ""}
    return CliRunner(env=environment).invoke(app, ["db", *map(str, words)])


def answer(*words, url=None, code=0):
    result = run(*words, "--json", url=url)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


@pytest.fixture
def new_url(request, store_url, tmp_path):
    """A place where no store is yet, on the database of `store_url`."""
    if store_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'new.db'}"
    server = request.getfixturevalue("postgres")
    return server.url(server.make_database())


def test_init_makes_a_store_and_leaves_one_that_is_there(new_url):
    assert answer("init", url=new_url)["schema"] == "0002"
    store = open_store(new_url)
    fill(store, 2)
    heads = verify(store).heads
    store.close()
    assert run("init", url=new_url).exit_code == 0
    assert answer("check", url=new_url)["heads"] == heads


def test_a_file_name_is_a_url(tmp_path):
    assert run("init", "--url", tmp_path / "orders.db").exit_code == 0
    assert (tmp_path / "orders.db").exists()


def test_check_counts_and_ends_with_three_where_something_is_wrong(store_url):
    store = open_store(store_url)
    fill(store)
    found = answer("check", url=store_url)
    assert (found["ok"], found["errors"]) == (True, 0)
    assert found["events"] == sum(1 for _ in store.events())
    cancel(store, 1)
    store.close()
    found = answer("check", url=store_url, code=3)
    assert [one["code"] for one in found["findings"] if one["severity"] == "error"] == ["ORPHANED_RESERVATION"]
    assert "ORPHANED_RESERVATION" in run("check", url=store_url).stderr


def test_a_backup_goes_from_one_database_to_the_other(store_url, new_url, tmp_path):
    store = open_store(store_url)
    fill(store)
    store.close()
    made = answer("backup", tmp_path / "b", url=store_url)
    back = answer("restore", tmp_path / "b", url=new_url)
    assert (back["heads"], back["events"]) == (made["heads"], made["events"])
    assert answer("check", url=new_url)["heads"] == made["heads"]


def test_restore_refuses_a_damaged_file_and_a_store_that_is_not_empty(store_url, tmp_path):
    store = open_store(store_url)
    fill(store)
    assert run("backup", tmp_path / "b", url=store_url).exit_code == 0
    cancel(store, 1)
    heads = verify(store).heads
    refused = run("restore", tmp_path / "b", url=store_url)
    assert refused.exit_code == 6
    assert "not empty" in refused.stderr
    whole = (tmp_path / "b").read_bytes()
    (tmp_path / "b").write_bytes(whole[:100] + bytes([whole[100] ^ 4]) + whole[101:])
    found = answer("restore", tmp_path / "b", "--replace", url=store_url, code=6)
    assert "damaged" in found["error"]
    assert verify(store).heads == heads
    (tmp_path / "b").write_bytes(whole)
    assert run("restore", tmp_path / "b", "--replace", url=store_url).exit_code == 0
    assert verify(store).heads != heads
    store.close()


def test_archive_moves_what_has_ended(store_url, tmp_path):
    store = open_store(store_url)
    fill(store)
    cancel(store, 2)
    store.close()
    found = answer("archive", tmp_path / "old", "--before", "2026-03-03", url=store_url)
    assert (found["orders"], found["events"]) == (1, 3)
    assert run("check", url=store_url).exit_code == 0
    assert answer("archive", tmp_path / "none", "--before", "2026-03-03", url=store_url)["file"] is None


def test_upgrade_brings_an_old_store_up_to_date(new_url):
    engine = build_engine(new_url)
    migrate(engine, "0001")
    engine.dispose()
    refused = run("check", url=new_url)
    assert refused.exit_code == 6
    assert "orderopt db upgrade" in refused.stderr
    assert run("doctor", url=new_url).exit_code == 6
    assert answer("upgrade", url=new_url) | {"says": ""} == {
        "says": "",
        "before": "0001",
        "after": "0002",
        "rebuilt": 0,
    }
    assert answer("upgrade", url=new_url)["before"] == "0002"
    assert run("check", url=new_url).exit_code == 0


def test_doctor_tells_versions_and_settings(sqlite_url):
    store = open_store(sqlite_url)
    fill(store, 2)
    store.close()
    found = answer("doctor", url=sqlite_url)
    assert found["settings"] == {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
    assert found["documents"]["order"] == 2
    assert found["pages"] == "ok"
    assert "orders.db" in run("doctor", url=sqlite_url).stdout


def test_doctor_complains_about_a_server_that_does_not_wait_for_the_disk(postgres_url):
    found = answer("doctor", url=postgres_url, code=6)
    assert {one["subject"] for one in found["findings"]} == {"fsync", "synchronous_commit"}


def test_what_is_not_there_is_told_with_what_to_do(tmp_path, postgres):
    for word in ("check", "upgrade", "doctor"):
        result = run(word, url=f"sqlite:///{tmp_path / 'no.db'}")
        assert result.exit_code == 6
        assert "orderopt db init" in result.stderr
    assert not (tmp_path / "no.db").exists()
    assert "orderopt db init" in run("check", url=postgres.url(postgres.make_database())).stderr
    assert run("check", url="mysql://root@host/x").exit_code == 6
    assert run("check", url="memory:").exit_code == 6


def test_passwords_are_never_shown():
    result = run("check", url="postgresql://ann:secret@nowhere.invalid:1/orders")
    assert result.exit_code == 6
    assert "secret" not in result.output
    assert "secret" not in run("check", url="postgresql//ann:secret@host").output


def test_the_other_commands_load_no_database(tmp_path):
    code = "import sys, orderopt.cli.commands as _; print('sqlalchemy' in sys.modules, 'alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_an_error_of_the_database_shows_no_values(sql_store):
    from orderopt.errors import StoreError
    from orderopt.testing.histories import put

    with create_engine(sql_store.engine.url).begin() as connection:
        connection.execute(text("ALTER TABLE documents RENAME TO hidden"))
    try:
        with pytest.raises(StoreError) as caught:
            put(sql_store, "order/secret-name", labels={"x": "secret-name"})
        assert "secret-name" not in str(caught.value)
        assert caught.value.__cause__ is None
    finally:
        with create_engine(sql_store.engine.url).begin() as connection:
            connection.execute(text("ALTER TABLE hidden RENAME TO documents"))
