"""Importing whole histories: rows are built straight from facts, without objects in between."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from orderopt.errors import StoreError
from orderopt.storage.admit import check_writes
from orderopt.storage.chain import chain
from orderopt.storage.sql.read import write_claims, write_labels
from orderopt.storage.sql.rows import Row, insert_rows
from orderopt.storage.sql.tables import (
    build_moment_writer,
    claims,
    document_apart,
    documents,
    event_apart,
    events,
    labels,
)
from orderopt.storage.sql.write import find_holders, lock_documents, seal_row, take_places
from orderopt.storage.store import History, Write


def import_histories(connection: Connection, histories: Sequence[History]) -> int:
    """Keep new streams with all their events, and return the number of events."""
    found = [history.document for history in histories]
    if len({one.stream for one in found}) != len(found) or not all(history.facts for history in histories):
        raise StoreError("every imported stream stands in one history, with at least one fact")
    kept = lock_documents(connection, sorted(one.stream for one in found))
    holders = find_holders(connection, (claim for one in found for claim in one.claims))
    check_writes([Write(None, one, ()) for one in found], kept, holders)

    seq = take_places(connection, sum(len(history.facts) for history in histories))
    first, moment = seq, build_moment_writer(connection.dialect.name)
    document_rows: list[Row] = []
    event_rows: list[Row] = []
    seal_rows: list[Row] = []
    for history in histories:
        one, version, head = history.document, 0, ""
        for stream, version, fact, previous, head, seals in chain(history):
            at, actor, role, kind, data, why, _ = fact
            event_rows.append((seq, stream, version, moment(at), actor, role, kind, data, why, previous, head))
            seal_rows.extend(seal_row(stream, version, mark, seal) for mark, seal in seals.items())
            seq += 1
        found_by, claimed = write_labels(one.labels), write_claims(one.claims)
        document_rows.append((one.stream, one.kind, version, head, one.text, found_by, claimed))
    insert_rows(connection, documents, document_rows)
    insert_rows(connection, document_apart, [(x.stream, str(m), text) for x in found for m, text in x.apart.items()])
    insert_rows(connection, labels, [(x.stream, n, x.kind, value) for x in found for n, value in x.labels.items()])
    insert_rows(connection, claims, [(claim, x.stream) for x in found for claim in x.claims])
    insert_rows(connection, events, event_rows)
    insert_rows(connection, event_apart, seal_rows)
    return seq - first
