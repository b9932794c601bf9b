"""Keeping writes inside one transaction: first everything is checked under lock, then everything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from orderopt.errors import StoreError
from orderopt.models.life.event import Event, Sealed
from orderopt.models.life.part import Sensitivity
from orderopt.storage.admit import Kept, check_writes
from orderopt.storage.sql.read import write_claims, write_labels
from orderopt.storage.sql.rows import Row, chunks, insert_rows
from orderopt.storage.sql.tables import (
    build_moment_writer,
    claims,
    counter,
    document_apart,
    documents,
    event_apart,
    events,
    labels,
)
from orderopt.storage.store import Stored, Write

_MANY = 500
"""Names in one question."""


def keep(connection: Connection, writes: Sequence[Write]) -> None:
    """Keep all writes; raises ConflictError or ClaimTakenError before anything is written.

    Notes
    -----
    Locks are taken in one order, so that writers wait for each other and do not lock each other out: documents
    by stream, claims, and last the counter of places, which nobody holds longer than it takes to add the events
    and to commit.
    """
    ordered = sorted(writes, key=lambda write: write.after.stream)
    wanted = {claim for write in writes for claim in write.after.claims - _claims_before(write)}
    kept = lock_documents(connection, [write.after.stream for write in ordered])
    check_writes(writes, kept, find_holders(connection, wanted))
    _update(connection, [write for write in ordered if write.before])
    _insert_documents(connection, [write.after for write in ordered if not write.before])
    put_apart(connection, [write.after for write in ordered if write.before is None or _apart_differs(write)])
    _put_labels(connection, ordered)
    dropped = sorted((claim,) for write in writes for claim in _claims_before(write) - write.after.claims)
    _delete_each(connection, claims, ("claim",), dropped)
    taken = sorted((claim, w.after.stream) for w in writes for claim in w.after.claims - _claims_before(w))
    insert_rows(connection, claims, taken)
    add_events(connection, [event for write in writes for event in write.events])


def _claims_before(write: Write) -> frozenset[str]:
    return write.before.claims if write.before else frozenset()


def _apart_differs(write: Write) -> bool:
    return write.before is None or dict(write.before.apart) != dict(write.after.apart)


def lock_documents(connection: Connection, streams: Sequence[str]) -> dict[str, Kept]:
    """Lock the documents of streams that exist, and return what there is of them."""
    versions = lock_versions(connection, streams)
    marks: dict[str, list[Sensitivity]] = {}
    for names in chunks(versions, _MANY):
        query = select(document_apart.c.stream, document_apart.c.mark).where(document_apart.c.stream.in_(names))
        for stream, mark in connection.execute(query):
            marks.setdefault(stream, []).append(Sensitivity(mark))
    return {stream: Kept(version, marks.get(stream, ())) for stream, version in versions.items()}


def lock_versions(connection: Connection, streams: Sequence[str], *, for_reading: bool = False) -> dict[str, int]:
    """Lock the documents of streams that exist, against writers or against everybody, and return their versions."""
    versions: dict[str, int] = {}
    for names in chunks(streams, _MANY):
        query = select(documents.c.stream, documents.c.version).where(documents.c.stream.in_(names))
        locked = query.order_by(documents.c.stream).with_for_update(read=for_reading)
        versions.update(map(tuple, connection.execute(locked)))
    return versions


def find_holders(connection: Connection, wanted: Iterable[str]) -> dict[str, str]:
    """Return who has claims, of those that are taken."""
    holders: dict[str, str] = {}
    for names in chunks(sorted(wanted), _MANY):
        query = select(claims.c.claim, claims.c.stream).where(claims.c.claim.in_(names))
        holders.update(map(tuple, connection.execute(query)))
    return holders


_UPDATE = (
    update(documents)
    .where(and_(documents.c.stream == bindparam("of"), documents.c.version == bindparam("expected")))
    .values({name: bindparam(f"new_{name}") for name in ("version", "head", "text", "labels", "claims")})
)


def _update(connection: Connection, writes: Sequence[Write]) -> None:
    if not writes:
        return
    values = [{"expected": write.expected, **_new_values(write.after)} for write in writes]
    if connection.execute(_UPDATE, values).rowcount != len(writes):
        raise StoreError("documents changed although they are locked; nothing was written")


def _new_values(after: Stored) -> dict[str, Any]:
    return {
        "of": after.stream,
        "new_version": after.version,
        "new_head": after.head,
        "new_text": after.text,
        "new_labels": write_labels(after.labels),
        "new_claims": write_claims(after.claims),
    }


def document_row(one: Stored) -> Row:
    """Return a document as a row."""
    found, claimed = write_labels(one.labels), write_claims(one.claims)
    return (one.stream, one.kind, one.version, one.head, one.text, found, claimed)


def _insert_documents(connection: Connection, found: Sequence[Stored]) -> None:
    insert_rows(connection, documents, [document_row(one) for one in found])


def put_apart(connection: Connection, found: Sequence[Stored]) -> None:
    """Put the marked values of documents in place of those that are there."""
    _delete_each(connection, document_apart, ("stream",), [(one.stream,) for one in found if one.version > 1])
    insert_rows(
        connection,
        document_apart,
        [(one.stream, str(mark), text) for one in found for mark, text in one.apart.items()],
    )


def _put_labels(connection: Connection, writes: Sequence[Write]) -> None:
    old, new = [], []
    for write in writes:
        before, after = (write.before.labels if write.before else {}), write.after
        old += [(after.stream, name) for name, value in before.items() if after.labels.get(name) != value]
        new += [
            (after.stream, name, after.kind, value) for name, value in after.labels.items() if before.get(name) != value
        ]
    _delete_each(connection, labels, ("stream", "name"), old)
    insert_rows(connection, labels, new)


def _delete_each(connection: Connection, table: Any, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if rows:
        statement = delete(table).where(and_(*(table.c[name] == bindparam(f"of_{name}") for name in names)))
        connection.execute(statement, [{f"of_{n}": v for n, v in zip(names, row, strict=True)} for row in rows])


def take_places(connection: Connection, num_events: int) -> int:
    """Return the first of some places in the order of all events; others wait until the transaction ends."""
    connection.execute(update(counter).where(counter.c.name == "seq").values(value=counter.c.value + num_events))
    last: int = connection.execute(select(counter.c.value).where(counter.c.name == "seq")).scalar_one()
    return last - num_events + 1


def add_events(connection: Connection, added: Sequence[Event]) -> None:
    """Add events behind all others."""
    first = take_places(connection, len(added))
    moment = build_moment_writer(connection.dialect.name)
    insert_rows(connection, events, [_event_row(one, seq, moment) for seq, one in enumerate(added, first)])
    insert_rows(
        connection,
        event_apart,
        [seal_row(one.stream, one.version, mark, seal) for one in added for mark, seal in one.apart.items()],
    )


def _event_row(event: Event, seq: int, moment: Callable[[datetime], Any]) -> Row:
    return (
        seq,
        event.stream,
        event.version,
        moment(event.at),
        event.actor,
        event.role,
        event.type,
        event.data,
        event.why,
        event.previous,
        event.digest,
    )


def seal_row(stream: str, version: int, mark: Sensitivity, seal: Sealed) -> Row:
    """Return sealed values as a row."""
    return (stream, version, str(mark), seal.digest, seal.salt, seal.text)
