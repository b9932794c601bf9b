"""Putting documents that were folded anew in place of those that are there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from orderopt.errors import ConflictError, StoreError
from orderopt.storage.sql.rows import chunks, insert_rows
from orderopt.storage.sql.tables import claims, document_apart, documents, events, labels
from orderopt.storage.sql.write import document_row, lock_documents
from orderopt.storage.store import Stored


def replace_documents(connection: Connection, wanted: Sequence[Stored]) -> None:
    """Replace documents, their marked values, labels and claims."""
    if len({one.stream for one in wanted}) != len(wanted):
        raise StoreError("a document is to be replaced twice")
    for some in chunks(sorted(wanted, key=lambda one: one.stream), 500):
        names = [one.stream for one in some]
        lock_documents(connection, names)
        last = {
            stream: (version, digest)
            for stream, version, digest in connection.execute(
                select(events.c.stream, events.c.version, events.c.digest)
                .where(events.c.stream.in_(names))
                .order_by(events.c.version)
            )
        }
        for one in some:
            if (one.version, one.head) != last.get(one.stream):
                raise ConflictError(one.stream, one.version, last.get(one.stream, (0, ""))[0])
        for table in (labels, claims, document_apart, documents):
            connection.execute(delete(table).where(table.c.stream.in_(names)))
        insert_rows(connection, documents, [document_row(one) for one in some])
        marked = [(one.stream, str(mark), text) for one in some for mark, text in one.apart.items()]
        insert_rows(connection, document_apart, marked)
        found_by = [(one.stream, name, one.kind, value) for one in some for name, value in one.labels.items()]
        insert_rows(connection, labels, found_by)
    insert_rows(connection, claims, sorted((claim, one.stream) for one in wanted for claim in one.claims))
