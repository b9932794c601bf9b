"""Questions to the tables, and rows as documents and events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, select

from orderopt.models.life.event import Event, Sealed
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.sensitive import write_json
from orderopt.storage.sql.tables import document_apart, documents, event_apart, events
from orderopt.storage.store import Stored

MARKS = tuple(Sensitivity)
_decode = json.JSONDecoder().raw_decode
_DOCUMENT_WIDTH = len(documents.columns)
_EVENT_WIDTH = len(events.columns)


def _with_apart_documents() -> Select[Any]:
    apart = document_apart.c
    return select(
        *documents.columns,
        *(  # no outer joins: SQLite would begin with them and read every document before it looks at labels
            select(apart.text)
            .where(apart.stream == documents.c.stream, apart.mark == str(mark))
            .correlate(documents)
            .scalar_subquery()
            for mark in MARKS
        ),
    )


def _with_apart_events() -> Select[Any]:
    source: FromClause = events
    columns: list[ColumnElement[Any]] = list(events.columns)
    for mark in MARKS:
        apart = event_apart.alias(str(mark))
        same = and_(apart.c.stream == events.c.stream, apart.c.version == events.c.version, apart.c.mark == str(mark))
        source = source.outerjoin(apart, same)
        columns += [apart.c.digest, apart.c.salt, apart.c.text]
    return select(*columns).select_from(source)


DOCUMENTS = _with_apart_documents()
"""Every document with its marked values in one row: one statement sees one moment."""

EVENTS = _with_apart_events()
"""Every event with its seals in one row."""


LOAD = DOCUMENTS.where(documents.c.stream == bindparam("stream"))
"""The document of ``stream``. A question that is kept costs half of one that is made anew."""

HISTORY = EVENTS.where(events.c.stream == bindparam("stream"), events.c.version > bindparam("after")).order_by(
    events.c.version
)
"""The events of ``stream`` beyond version ``after``."""

FOLLOW = EVENTS.where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("page"))
"""The next ``page`` events of all streams beyond place ``after``."""


def to_stored(row: Any) -> Stored:
    """Return a row of :data:`DOCUMENTS` as a document."""
    stream, kind, version, head, text, found, claimed = row[:_DOCUMENT_WIDTH]
    texts = row[_DOCUMENT_WIDTH:]
    apart = {mark: value for mark, value in zip(MARKS, texts, strict=True) if value is not None}
    return Stored(stream, kind, version, head, text, apart, _decode(found)[0], frozenset(_decode(claimed)[0]))


def to_event(row: Any) -> Event:
    """Return a row of :data:`EVENTS` as an event."""
    seq, stream, version, at, actor, role, kind, data, why, previous, digest = row[:_EVENT_WIDTH]
    apart: Mapping[Sensitivity, Sealed] = {}
    if any(row[_EVENT_WIDTH::3]):
        seals = (row[place : place + 3] for place in range(_EVENT_WIDTH, len(row), 3))
        apart = {mark: Sealed(*seal) for mark, seal in zip(MARKS, seals, strict=True) if seal[0] is not None}
    return Event(stream, version, at, actor, role, kind, data, why, apart, previous, digest, seq)


def write_labels(found: Mapping[str, str]) -> str:
    """Return labels as they stand beside a document."""
    return write_json(dict(found))


def write_claims(claimed: Iterable[str]) -> str:
    """Return claims as they stand beside a document."""
    return write_json(sorted(claimed))
