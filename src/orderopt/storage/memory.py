"""A store in memory: for tests, notebooks and what-if; gone with the process."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from threading import RLock

from orderopt.errors import ConflictError
from orderopt.models.life.event import START, Event
from orderopt.models.life.part import Sensitivity
from orderopt.storage.admit import Kept, check_reads, check_shape, check_writes
from orderopt.storage.chain import chain
from orderopt.storage.store import NO_READS, History, Shelf, Stored, Where, Write, fits


class MemoryStore:
    """Keeps everything in dictionaries, behind one lock; the contract of :class:`~orderopt.storage.store.Store`."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._documents: dict[str, Stored] = {}
        self._claims: dict[str, str] = {}
        self._histories: dict[str, list[int]] = {}
        self._events: list[Event] = []

    def append(self, writes: Sequence[Write], reads: Mapping[str, int] = NO_READS) -> None:
        """Keep all writes, or none."""
        check_shape(writes)
        with self._lock:
            check_reads(reads, {one: self._documents[one].version for one in reads if one in self._documents})
            found = {write.after.stream: self._documents.get(write.after.stream) for write in writes}
            kept = {stream: Kept(one.version, tuple(one.apart)) for stream, one in found.items() if one}
            check_writes(writes, kept, self._claims)
            for write in writes:
                self._put(write.after)
                for event in write.events:
                    self._add(event)
            self._own(write.after for write in writes)

    def _put(self, after: Stored) -> None:
        before = self._documents.get(after.stream)
        for claim in before.claims - after.claims if before else ():
            if self._claims.get(claim) == after.stream:
                del self._claims[claim]
        self._documents[after.stream] = after

    def _own(self, documents: Iterable[Stored]) -> None:
        for one in documents:
            self._claims.update(dict.fromkeys(one.claims, one.stream))

    def _add(self, event: Event) -> None:
        self._histories.setdefault(event.stream, []).append(len(self._events))
        self._events.append(replace(event, seq=len(self._events) + 1, at=event.at.astimezone(UTC)))

    def import_histories(self, histories: Iterable[History]) -> int:
        """Keep new streams with all their events, and return the number of events."""
        num_events = 0
        for history in histories:
            events = tuple(link.to_event(0) for link in chain(history))
            after = replace(history.document, version=len(events), head=events[-1].digest if events else START)
            self.append([Write(None, after, events)])
            num_events += len(events)
        return num_events

    def load(self, stream: str) -> Stored | None:
        """Return the document of a stream, or None."""
        return self._documents.get(stream)

    def find_claim(self, claim: str) -> str | None:
        """Return the stream that has a claim."""
        return self._claims.get(claim)

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
        with self._lock:
            found = [one for one in self._documents.values() if one.kind == kind and fits(one.labels, where or {})]
        if order_by is not None:
            found = sorted(
                (one for one in found if order_by in one.labels), key=lambda x: (x.labels[order_by], x.stream)
            )
        else:
            found.sort(key=lambda one: one.stream)
            if after is not None:
                found = found[bisect_right(found, after, key=lambda one: one.stream) :]
        return found[:limit]

    def count(self, kind: str, where: Where | None = None) -> int:
        """Return how many documents fit."""
        return len(self.find(kind, where))

    def history(self, stream: str, after: int = 0) -> list[Event]:
        """Return the events of a stream beyond a version, in order."""
        with self._lock:
            return [self._events[position] for position in self._histories.get(stream, [])[after:]]

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the events of all streams beyond a place, in order."""
        position = after
        while position < len(self._events):
            yield self._events[position]
            position += 1

    def erase(self, streams: Sequence[str], mark: Sensitivity) -> None:
        """Forget the sealed values of a mark; digests stay."""
        with self._lock:
            for stream in streams:
                for position in self._histories.get(stream, []):
                    event = self._events[position]
                    apart = {kind: seal.erased() if kind is mark else seal for kind, seal in event.apart.items()}
                    self._events[position] = replace(event, apart=apart)
                if stream in self._documents:
                    found = self._documents[stream]
                    left = {kind: text for kind, text in found.apart.items() if kind is not mark}
                    self._documents[stream] = replace(found, apart=left)

    def walk(self) -> Iterator[Shelf]:
        """Yield everything, a stream at a time."""
        with self._lock:
            claims: defaultdict[str, set[str]] = defaultdict(set)
            for claim, stream in self._claims.items():
                claims[stream].add(claim)
            names = sorted({*self._documents, *self._histories, *claims})
            shelves = [
                Shelf(name, found, tuple(self.history(name)), found.labels if found else {}, frozenset(claims[name]))
                for name, found in ((name, self._documents.get(name)) for name in names)
            ]
        yield from shelves

    def count_places(self) -> tuple[int, int]:
        """Return how many events there are, and that none was archived."""
        return len(self._events), 0

    def replace(self, documents: Iterable[Stored]) -> None:
        """Put documents in place of those of the same streams."""
        with self._lock:
            wanted = list(documents)
            for one in wanted:
                history = self._histories.get(one.stream, [])
                if not history or (one.version, one.head) != (len(history), self._events[history[-1]].digest):
                    raise ConflictError(one.stream, one.version, len(history))
            for one in wanted:
                self._put(one)
            self._own(wanted)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
