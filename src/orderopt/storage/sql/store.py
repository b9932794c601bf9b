"""The store on a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Engine, delete, select, update

from orderopt.models.life.event import Event
from orderopt.models.life.part import Sensitivity
from orderopt.storage.admit import check_reads, check_shape
from orderopt.storage.sql.bulk import import_histories
from orderopt.storage.sql.engines import reading, repeat, writing
from orderopt.storage.sql.find import ask, build_count, build_find, choose_way
from orderopt.storage.sql.read import FOLLOW, HISTORY, LOAD, to_event, to_stored
from orderopt.storage.sql.replace import replace_documents
from orderopt.storage.sql.rows import chunks
from orderopt.storage.sql.tables import claims, document_apart, event_apart
from orderopt.storage.sql.walk import count_places, walk
from orderopt.storage.sql.write import keep, lock_documents, lock_versions
from orderopt.storage.store import NO_READS, History, Shelf, Stored, Where, Write

_PAGE = 1000
_AT_ONCE = 500
_STREAMS_AT_ONCE = 2000


class SqlStore:
    """Keeps everything in a database; the contract of :class:`~orderopt.storage.store.Store`.

    Parameters
    ----------
    engine
        Made by :func:`orderopt.storage.sql.engines.build_engine`; its tables are there.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def append(self, writes: Sequence[Write], reads: Mapping[str, int] = NO_READS) -> None:
        """Keep all writes, or none."""
        check_shape(writes)

        def work() -> None:
            with writing(self.engine) as connection:
                check_reads(reads, lock_versions(connection, sorted(reads), for_reading=True))
                keep(connection, writes)

        if writes:
            repeat(work)

    def import_histories(self, histories: Iterable[History]) -> int:
        """Keep new streams with all their events, some thousand streams in a transaction."""
        num_events = 0
        for some in chunks(histories, _STREAMS_AT_ONCE):

            def work(some: Sequence[History] = some) -> int:
                with writing(self.engine) as connection:
                    return import_histories(connection, some)

            num_events += repeat(work)
        return num_events

    def load(self, stream: str) -> Stored | None:
        """Return the document of a stream, or None."""
        with reading(self.engine) as connection:
            row = connection.execute(LOAD, {"stream": stream}).one_or_none()
        return None if row is None else to_stored(row)

    def find_claim(self, claim: str) -> str | None:
        """Return the stream that has a claim."""
        with reading(self.engine) as connection:
            return connection.execute(select(claims.c.stream).where(claims.c.claim == claim)).scalar_one_or_none()

    def find(
        self,
        kind: str,
        where: Where | None = None,
        *,
        order_by: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Stored]:
        """Return the documents of a kind whose labels fit."""
        form, values = ask(kind, where or {}, order_by, after, limit)
        with reading(self.engine) as connection:
            query = build_find(choose_way(connection, form, values))
            return [to_stored(row) for row in connection.execute(query, values).all()]

    def count(self, kind: str, where: Where | None = None) -> int:
        """Return how many documents fit."""
        form, values = ask(kind, where or {}, None, None, None)
        with reading(self.engine) as connection:
            return int(connection.execute(build_count(form), values).scalar_one())

    def history(self, stream: str, after: int = 0) -> list[Event]:
        """Return the events of a stream beyond a version, in order."""
        with reading(self.engine) as connection:
            rows = connection.execute(HISTORY, {"stream": stream, "after": after}).all()
        return [to_event(row) for row in rows]

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the events of all streams beyond a place, in order, a page in each transaction."""
        last: int | None = after
        while last is not None:
            with reading(self.engine) as connection:
                page = [to_event(row) for row in connection.execute(FOLLOW, {"after": last, "page": _PAGE}).all()]
            yield from page
            last = page[-1].seq if page else None

    def erase(self, streams: Sequence[str], mark: Sensitivity) -> None:
        """Forget the sealed values of a mark; digests stay."""

        def work() -> None:
            with writing(self.engine) as connection:
                for names in chunks(sorted(set(streams)), _AT_ONCE):
                    lock_documents(connection, names)
                    seals, shown = event_apart.c, document_apart.c
                    sealed = update(event_apart).where(seals.stream.in_(names), seals.mark == str(mark))
                    connection.execute(sealed.values(salt=None, text=None))
                    connection.execute(delete(document_apart).where(shown.stream.in_(names), shown.mark == str(mark)))

        repeat(work)

    def walk(self) -> Iterator[Shelf]:
        """Yield everything, a stream at a time, as of one moment."""
        with reading(self.engine) as connection:
            yield from walk(connection)

    def count_places(self) -> tuple[int, int]:
        """Return how many places among all events were given, and how many of these events were archived."""
        with reading(self.engine) as connection:
            return count_places(connection)

    def replace(self, documents: Iterable[Stored]) -> None:
        """Put documents in place of those of the same streams."""
        wanted = list(documents)

        def work() -> None:
            with writing(self.engine) as connection:
                replace_documents(connection, wanted)

        repeat(work)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
