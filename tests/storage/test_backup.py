"""A backup is the store at one moment, moves between databases, and is refused when a byte of it differs."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from orderopt.errors import DamagedError, StoreError
from orderopt.storage.backup.dump import back_up
from orderopt.storage.backup.restore import restore
from orderopt.storage.opening import open_store
from orderopt.storage.sql.engines import build_engine
from orderopt.storage.verify import verify

from .living import cancel, fill, receive

NOW = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)


@pytest.fixture(params=["to_sqlite", "to_postgres"])
def empty_engine(request, tmp_path, postgres):
    """A database in which there is nothing at all."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    if request.param == "to_postgres":
        url = postgres.url(postgres.make_database())
    engine = build_engine(url)
    yield engine
    engine.dispose()


def everything(store):
    return list(store.walk()), list(store.events())


def test_a_backup_restores_to_equal_hashes_and_replayed_state_on_any_database(sql_store, empty_engine, tmp_path):
    fill(sql_store)
    archive = back_up(sql_store, tmp_path / "b.orderopt", at=NOW)
    audit = restore(archive.path, empty_engine)
    moved = open_store(empty_engine.url.render_as_string(hide_password=False))
    assert audit == verify(sql_store, domain=False)
    assert everything(moved) == everything(sql_store)
    receive(moved, 77)
    assert verify(moved).num_errors == 0
    moved.close()


def test_a_backup_is_taken_of_one_moment_while_others_write(sql_store, tmp_path, monkeypatch):
    import orderopt.storage.backup.dump as dump

    fill(sql_store)
    before = verify(sql_store).heads
    numbers = iter(range(100, 200))
    plain = dump.dump_table

    def writing_in_between(*arguments):
        receive(sql_store, next(numbers))
        plain(*arguments)

    monkeypatch.setattr(dump, "dump_table", writing_in_between)
    archive = back_up(sql_store, tmp_path / "b.orderopt", at=NOW)
    assert archive.header["heads"] == before
    assert verify(sql_store).heads != before
    engine = build_engine(f"sqlite:///{tmp_path / 'new.db'}")
    assert restore(archive.path, engine).heads == before
    engine.dispose()


def test_two_backups_of_one_store_are_the_same_bytes(sql_store, tmp_path):
    fill(sql_store)
    paths = [back_up(sql_store, tmp_path / name, at=NOW).path for name in ("a", "b")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_damaged_backup(sql_store, store_url, tmp_path):
    fill(sql_store)
    whole = back_up(sql_store, tmp_path / "whole", at=NOW).path.read_bytes()
    cancel(sql_store, 2)
    live = everything(sql_store)
    chance = random.Random(5)
    places = {
        0,
        1,
        3,
        4,
        8,
        9,
        10,
        len(whole) - 1,
        len(whole) - 2,
        len(whole) - 66,
        *chance.sample(range(len(whole)), 60),
    }
    path = tmp_path / "damaged"
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(DamagedError):
            restore(path, sql_store.engine, replace=True)
    for cut in (whole[:-1], whole[:-66], whole[: len(whole) // 2], b"", whole + b"\n", whole[1:]):
        path.write_bytes(cut)
        with pytest.raises(DamagedError):
            restore(path, sql_store.engine, replace=True)
    assert everything(sql_store) == live
    restore(tmp_path / "whole", sql_store.engine, replace=True)
    assert len(everything(sql_store)[1]) == len(live[1]) - 1


def test_a_backup_that_was_made_to_lie_is_refused_and_the_live_store_untouched(sql_store, tmp_path):
    """Someone writes a file with a good seal over other rows: the history in it gives it away."""
    from orderopt.storage.backup.archive_file import open_archive, writing_archive

    fill(sql_store)
    archive = back_up(sql_store, tmp_path / "true", at=NOW)
    live = everything(sql_store)
    header = {name: value for name, value in archive.header.items() if name != "format"}
    with writing_archive(tmp_path / "lie", header) as writer:
        for table, row in archive.rows():
            writer.add(table, [str(cell).replace("12.5", "99.5") if "12.5" in str(cell) else cell for cell in row])
    open_archive(tmp_path / "lie")
    with pytest.raises(DamagedError, match="ALTERED_EVENT"):
        restore(tmp_path / "lie", sql_store.engine, replace=True)
    assert everything(sql_store) == live


def test_a_store_that_holds_something_is_not_overwritten_unasked(sql_store, tmp_path):
    fill(sql_store)
    path = back_up(sql_store, tmp_path / "b", at=NOW).path
    with pytest.raises(StoreError, match="not empty"):
        restore(path, sql_store.engine)
    with pytest.raises(StoreError, match="never overwritten"):
        back_up(sql_store, path, at=NOW)
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".b")] == []


def test_a_failed_backup_leaves_no_file(sql_store, tmp_path, monkeypatch):
    import orderopt.storage.backup.dump as dump

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(dump, "dump_table", fail)
    with pytest.raises(OSError, match="disk full"):
        back_up(sql_store, tmp_path / "b", at=NOW)
    assert not list(tmp_path.glob("*b*part")) + list(tmp_path.glob("b"))
