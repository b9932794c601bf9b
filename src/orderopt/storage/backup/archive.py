"""Moving the events of orders that ended long ago into a file; their documents and the heads of their chains stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select

from orderopt.models.life.event import Event, Sealed
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Sensitivity
from orderopt.storage.backup.archive_file import Archive, open_archive, writing_archive
from orderopt.storage.backup.dump import build_header, dump_table
from orderopt.storage.sql.engines import writing
from orderopt.storage.sql.rows import chunks
from orderopt.storage.sql.store import SqlStore
from orderopt.storage.sql.tables import archived, documents, event_apart, events, labels, metadata

_AT_ONCE = 500


@dataclass(frozen=True)
class Moved:
    """What was moved: orders, events, and the file, None if there was nothing to move."""

    orders: int
    events: int
    archive: Archive | None


def archive_orders(store: SqlStore, path: Path, *, before: datetime, at: datetime) -> Moved:
    """Move the events of closed, cancelled, rejected and expired orders into a file.

    The file is whole, sealed and on the disk before anything is removed, and its digest stays in the store. The
    orders can be read, found and claimed as before, and be written to: new events follow from the kept head.

    Parameters
    ----------
    before
        Orders to which nothing has happened since.
    at
        The moment that is recorded.
    """
    with writing(store.engine) as connection:
        found = _find_ended(connection, before)
        if not found:
            return Moved(0, 0, None)
        streams = sorted(stream for stream, _, _ in found)
        with writing_archive(path, {**build_header("archive", at), "orders": len(found)}) as writer:
            for table in metadata.sorted_tables:
                for names in chunks(streams if "stream" in table.columns else [], _AT_ONCE):
                    query = select(table).where(table.c.stream.in_(names)).order_by(*table.primary_key.columns)
                    dump_table(connection, table, query, writer)
        archive = open_archive(path)
        num_events = sum(table == "events" for table, _ in archive.rows())
        for some in chunks(found, _AT_ONCE):
            names = [stream for stream, _, _ in some]
            for table in (archived, event_apart, events):
                connection.execute(delete(table).where(table.c.stream.in_(names)))
            connection.execute(insert(archived), [_to_row(one, archive.digest, at) for one in some])
    return Moved(len(found), num_events, archive)


def _find_ended(connection: Connection, before: datetime) -> Sequence[Any]:
    ended = and_(labels.c.kind == OrderCase.KIND, labels.c.name == "open", labels.c.value == "0")
    last = select(events.c.stream).group_by(events.c.stream).having(func.max(events.c.at) < before)
    query = (
        select(documents.c.stream, documents.c.version, documents.c.head)
        .join(labels, and_(labels.c.stream == documents.c.stream, ended))
        .where(documents.c.stream.in_(last))
        .order_by(documents.c.stream)
        .with_for_update(of=documents)
    )
    return connection.execute(query).all()


def _to_row(one: Any, digest: str, at: datetime) -> dict[str, Any]:
    stream, version, head = one
    return {"stream": stream, "version": version, "head": head, "archive": digest, "at": at}


def read_history(path: Path, stream: str) -> list[Event]:
    """Return the archived events of an order, in order.

    Raises
    ------
    DamagedError
        If the file is not as it was written.
    """
    archive = open_archive(path)
    seals: dict[int, dict[Sensitivity, Sealed]] = {}
    found: list[dict[str, Any]] = []
    for table, row in _rows_of(archive, stream):
        if table == "events":
            found.append(row)
        elif table == "event_apart":
            seal = Sealed(row["digest"], row["salt"], row["text"])
            seals.setdefault(row["version"], {})[Sensitivity(row["mark"])] = seal
    found.sort(key=lambda row: int(row["version"]))
    return [
        Event(**{**row, "at": datetime.fromisoformat(row["at"]), "apart": seals.get(row["version"], {})})
        for row in found
    ]


def _rows_of(archive: Archive, stream: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for table, values in archive.rows():
        row = dict(zip(archive.tables[table], values, strict=True))
        if row.get("stream") == stream:
            yield table, row
