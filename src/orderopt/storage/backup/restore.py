"""Restoring a backup, in one transaction that is only completed once everything in it is proved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, inspect, select, text

from orderopt.errors import DamagedError, StoreError
from orderopt.storage.backup.archive_file import Archive, open_archive
from orderopt.storage.sql.engines import show_url, writing
from orderopt.storage.sql.rows import Row, chunks, insert_named
from orderopt.storage.sql.schema import VERSIONS, known_versions, migrate_within
from orderopt.storage.sql.tables import build_moment_writer, metadata
from orderopt.storage.sql.walk import Moment
from orderopt.storage.verify import Audit, verify

_AT_ONCE = 5000
_MOMENTS = {"at"}
"""Columns of any table that hold moments."""


def restore(path: Path, engine: Engine, *, replace: bool = False) -> Audit:
    """Put a backup into a database and return the proof that it is all there.

    Parameters
    ----------
    engine
        A new database, or an empty store.
    replace
        Also take the place of a store that holds something.

    Raises
    ------
    DamagedError
        If one byte of the file is not as it was written, or what it holds does not fit together; the database is
        then as it was.
    StoreError
        If the store is not empty, or the backup is of a newer orderopt.
    """
    archive = open_archive(path)
    schema = archive.header["schema"]
    if archive.header["kind"] != "backup":
        raise StoreError(f"{path} holds archived orders and is no backup")
    if schema not in known_versions():
        raise StoreError(f"{path} is of schema version {schema}, which is newer than this orderopt")
    with writing(engine) as connection:
        _make_room(connection, replace=replace)
        migrate_within(connection, schema)
        load_rows(connection, archive)
        migrate_within(connection)
        audit = verify(Moment(connection), domain=False)
        _compare(archive, audit)
    return audit


def _make_room(connection: Connection, *, replace: bool) -> None:
    there = set(inspect(connection).get_table_names())
    if not replace and "events" in there:
        events, documents = metadata.tables["events"], metadata.tables["documents"]
        if any(connection.execute(select(func.count()).select_from(table)).scalar() for table in (events, documents)):
            raise StoreError(
                f"the store at {show_url(connection.engine.url)} is not empty; next: restore into a new one, "
                "or say --replace"
            )
    for name in [*(table.name for table in reversed(metadata.sorted_tables)), VERSIONS]:
        if name in there:
            connection.execute(text(f"DROP TABLE {name}"))


def load_rows(connection: Connection, archive: Archive) -> None:
    """Put the rows of an archive into tables that have its columns."""
    connection.execute(text("DELETE FROM counter"))  # a new store has its row already
    moment = build_moment_writer(connection.dialect.name)
    for name, rows in groupby(archive.rows(), lambda pair: pair[0]):
        columns = archive.tables[name]
        places = [place for place, column in enumerate(columns) if column in _MOMENTS]
        for some in chunks(_with_moments(rows, places, moment), _AT_ONCE):
            insert_named(connection, name, columns, some)


def _with_moments(rows: Any, places: list[int], moment: Any) -> Iterator[Row]:
    for _, values in rows:
        for place in places:
            values[place] = moment(datetime.fromisoformat(values[place]))
        yield tuple(values)


def _compare(archive: Archive, audit: Audit) -> None:
    """Check that what was restored is what was backed up; faults that were there already come back as they were."""
    errors = [finding for finding in audit.findings if finding.is_error]
    header = archive.header
    if (audit.heads, audit.events) != (header["heads"], header["events"]):
        raise DamagedError(f"{archive.path}: the events are not those of the store it was made from")
    if len(errors) > header["faults"]:
        raise DamagedError(f"{archive.path}: {len(errors)} faults, first {errors[0]}; nothing was changed")
