"""Stores of every schema version that was ever released are brought up to date with all they hold.

A file for each version lies in `old/`: the SQL text of a small SQLite file, and a backup made by that version.
`python -m tests.storage.old` wrote them when the version was the newest.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect

from orderopt.errors import StoreError
from orderopt.storage.backup.restore import restore
from orderopt.storage.opening import open_store, upgrade_store
from orderopt.storage.sql.engines import build_engine, writing
from orderopt.storage.sql.schema import known_versions, migrate, read_version
from orderopt.storage.sql.tables import metadata
from orderopt.storage.verify import rebuild, verify

OLD = Path(__file__).resolve().parent / "old"
VERSIONS = known_versions()


@pytest.fixture(params=VERSIONS)
def old_url(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.executescript((OLD / f"{request.param}.sql").read_text("utf-8"))
    return url


def test_every_version_has_its_old_files():
    assert {path.stem for path in OLD.glob("*.sql")} == set(VERSIONS)
    assert {path.stem for path in OLD.glob("*.backup")} == set(VERSIONS)


def test_an_old_store_is_opened_only_after_its_upgrade_and_holds_all_it_held(old_url, request):
    engine = build_engine(old_url)
    before = read_version(engine)
    if before != VERSIONS[-1]:
        with pytest.raises(StoreError, match="orderopt db upgrade"):
            open_store(old_url)
    assert upgrade_store(old_url) == (before, VERSIONS[-1])
    engine.dispose()
    store = open_store(old_url)
    rebuild(store)
    audit = verify(store)
    assert [str(one) for one in audit.findings if one.is_error] == []
    assert (audit.streams, audit.events) == (3, 6)
    assert store.load("order/O-1").labels["customer"] == "C1"
    assert store.find_claim("external/web/W1") == "order/O-1"
    assert store.history("order/O-1")[0].at.microsecond == 123457
    store.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_an_old_version_is_restored_into_the_newest(version, store_url):
    engine = build_engine(store_url)
    audit = restore(OLD / f"{version}.backup", engine)
    engine.dispose()
    store = open_store(store_url)
    assert audit.events == sum(1 for _ in store.events()) == 6
    assert verify(store).num_errors == 0
    store.close()


def test_the_migrations_lead_to_the_tables_that_the_code_works_with(store_url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = build_engine(store_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, *_: name != "orderopt_schema", "compare_type": True},
        )
        differs = [change for change in compare_metadata(context, metadata) if "comment" not in str(change)]
    engine.dispose()
    assert differs == []


def test_a_failed_upgrade_leaves_the_old_store(store_url, tmp_path, monkeypatch, postgres):
    url = f"sqlite:///{tmp_path / 'o.db'}" if "sqlite" in store_url else postgres.url(postgres.make_database())
    engine = build_engine(url)
    migrate(engine, "0001")

    def fail() -> None:
        with writing(engine) as connection:
            from orderopt.storage.sql.schema import migrate_within

            migrate_within(connection)
            raise OSError("the machine fell")

    with pytest.raises(OSError, match="fell"):
        fail()
    assert read_version(engine) == "0001"
    assert not inspect(engine).has_table("archived")
    engine.dispose()


def test_a_newer_store_is_refused(store_url):
    engine = build_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE orderopt_schema SET version_num = '9999'")
    try:
        with pytest.raises(StoreError, match="newer"):
            open_store(store_url)
        with pytest.raises(StoreError, match="newer"):
            upgrade_store(store_url)
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE orderopt_schema SET version_num = '{VERSIONS[-1]}'")
        engine.dispose()
