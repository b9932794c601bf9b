"""Writing a backup of a whole store while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from orderopt import __version__
from orderopt.storage.backup.archive_file import Archive, ArchiveWriter, open_archive, writing_archive
from orderopt.storage.sql.engines import reading
from orderopt.storage.sql.schema import newest_version
from orderopt.storage.sql.store import SqlStore
from orderopt.storage.sql.tables import metadata
from orderopt.storage.sql.walk import Moment
from orderopt.storage.verify import verify

_AHEAD = 1000


def back_up(store: SqlStore, path: Path, *, at: datetime) -> Archive:
    """Write everything that a store holds at one moment into a file, and read it again.

    Parameters
    ----------
    path
        The file; it must not exist.
    at
        The moment that is written into it.

    Raises
    ------
    StoreError
        If the file exists, or the store cannot be read.
    """
    with reading(store.engine) as connection:
        audit = verify(Moment(connection), domain=False)
        header = {
            **build_header("backup", at),
            "heads": audit.heads,
            "events": audit.events,
            "faults": audit.num_errors,
        }
        with writing_archive(path, header) as writer:
            for table in metadata.sorted_tables:
                dump_table(connection, table, select(table).order_by(*table.primary_key.columns), writer)
    archive = open_archive(path)
    for _ in archive.rows():  # reads to the end, where counts and digests are compared
        pass
    return archive


def build_header(kind: str, at: datetime) -> dict[str, Any]:
    """Return what the first line of any archive says."""
    return {
        "kind": kind,
        "schema": newest_version(),
        "orderopt": __version__,
        "at": at.astimezone(UTC).isoformat(),
        "tables": [[table.name, [column.name for column in table.columns]] for table in metadata.sorted_tables],
    }


def dump_table(connection: Connection, table: Table, query: Select[Any], writer: ArchiveWriter) -> None:
    """Write the rows that a question gives."""
    for row in _rows(connection, query):
        writer.add(table.name, [_to_plain(value) for value in row])


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query, execution_options={"yield_per": _AHEAD})


def _to_plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
