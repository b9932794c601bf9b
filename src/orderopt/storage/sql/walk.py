"""Walking through everything a stream at a time, with one open question for each table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Select, func, select

from orderopt.models.life.event import START
from orderopt.storage.sql.read import DOCUMENTS, EVENTS, to_event, to_stored
from orderopt.storage.sql.tables import archived, claims, counter, documents, events, labels
from orderopt.storage.store import Shelf

_AHEAD = 500
"""Rows that a question holds in memory."""


class _Pile:
    """Rows of one table in the order of streams, handed out stream by stream."""

    def __init__(self, connection: Connection, query: Select[Any], stream_of: Callable[[Any], str]) -> None:
        rows = connection.execute(query, execution_options={"yield_per": _AHEAD})
        self._groups = groupby(rows, stream_of)
        self.stream: str | None = None
        self._rows: list[Any] = []
        self._next()

    def _next(self) -> None:
        self.stream, rows = next(self._groups, (None, iter(())))
        self._rows = list(rows)

    def take(self, stream: str) -> list[Any]:
        """Return the rows of a stream; streams are asked for in order."""
        if self.stream != stream:
            return []
        found = self._rows
        self._next()
        return found


def walk(connection: Connection) -> Iterator[Shelf]:
    """Yield everything, in the order of streams; the connection must see one moment."""
    place = list(events.columns).index(events.c.stream)
    piles = (
        _Pile(connection, DOCUMENTS.order_by(documents.c.stream), lambda row: str(row[0])),
        _Pile(connection, EVENTS.order_by(events.c.stream, events.c.version), lambda row: str(row[place])),
        _Pile(connection, select(labels).order_by(labels.c.stream, labels.c.name), lambda row: str(row[0])),
        _Pile(connection, select(archived).order_by(archived.c.stream), lambda row: str(row[0])),
        _Pile(connection, select(claims).order_by(claims.c.stream, claims.c.claim), lambda row: str(row[1])),
    )
    while waiting := [pile.stream for pile in piles if pile.stream is not None]:
        stream = min(waiting)
        found, happened, found_by, moved, claimed = (pile.take(stream) for pile in piles)
        yield Shelf(
            stream,
            to_stored(found[0]) if found else None,
            tuple(to_event(row) for row in happened),
            {name: value for _, name, _, value in found_by},
            frozenset(claim for claim, _ in claimed),
            (moved[0].version, moved[0].head) if moved else (0, START),
        )


def count_places(connection: Connection) -> tuple[int, int]:
    """Return how many places among all events were given, and how many of these events were archived."""
    given = connection.execute(select(counter.c.value).where(counter.c.name == "seq")).scalar_one()
    moved = connection.execute(select(func.coalesce(func.sum(archived.c.version), 0))).scalar_one()
    return int(given), int(moved)


class Moment:
    """A store as one connection sees it, for verification inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def walk(self) -> Iterator[Shelf]:
        """Yield everything, a stream at a time."""
        return walk(self.connection)

    def count_places(self) -> tuple[int, int]:
        """Return how many places were given, and how many events were archived."""
        return count_places(self.connection)
