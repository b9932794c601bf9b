"""Questions to the tables, and rows as documents and events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, select

from orderopt.models.life.event import Event, Sealed
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.sensitive import write_json
from orderopt.storage.sql.tables import document_apart, documents, event_apart, events, labels
from orderopt.storage.store import Between, Stored, Where

MARKS = tuple(Sensitivity)
_DOCUMENT_WIDTH = len(documents.columns)
_EVENT_WIDTH = len(events.columns)


def _with_apart_documents() -> Select[Any]:
    source: FromClause = documents
    columns: list[ColumnElement[Any]] = list(documents.columns)
    for mark in MARKS:
        apart = document_apart.alias(str(mark))
        source = source.outerjoin(apart, and_(apart.c.stream == documents.c.stream, apart.c.mark == str(mark)))
        columns.append(apart.c.text)
    return select(*columns).select_from(source)


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


def to_stored(row: Any) -> Stored:
    """Return a row of :data:`DOCUMENTS` as a document."""
    stream, kind, version, head, text, found, claimed = row[:_DOCUMENT_WIDTH]
    texts = row[_DOCUMENT_WIDTH:]
    apart = {mark: value for mark, value in zip(MARKS, texts, strict=True) if value is not None}
    return Stored(stream, kind, version, head, text, apart, json.loads(found), frozenset(json.loads(claimed)))


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


def narrow(query: Select[Any], kind: str, where: Where) -> Select[Any]:
    """Return a query for documents, with what their labels must be."""
    query = query.where(documents.c.kind == kind)
    for position, (name, wanted) in enumerate(where.items()):
        label = labels.alias(f"where_{position}")
        same = and_(label.c.stream == documents.c.stream, label.c.kind == kind, label.c.name == name)
        query = query.join(label, and_(same, *_be(label.c.value, wanted)))
    return query


def _be(value: ColumnElement[str], wanted: str | Between) -> list[ColumnElement[bool]]:
    if not isinstance(wanted, Between):
        return [value == wanted]
    ends = [value >= wanted.low] if wanted.low is not None else []
    return [*ends, value < wanted.high] if wanted.high is not None else ends


def arrange(query: Select[Any], kind: str, order_by: str | None, after: str | None) -> Select[Any]:
    """Return a query for documents, in order."""
    if order_by is None:
        query = query.order_by(documents.c.stream)
        return query if after is None else query.where(documents.c.stream > after)
    label = labels.alias("ordering")
    same = and_(label.c.stream == documents.c.stream, label.c.kind == kind, label.c.name == order_by)
    return query.join(label, same).order_by(label.c.value, label.c.stream)
