"""A store in memory: for tests, notebooks and what-if; gone with the process."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import RLock

from orderopt.errors import ClaimTakenError, ConflictError
from orderopt.models.life.event import Event
from orderopt.models.life.part import Sensitivity
from orderopt.storage.store import Stored, Where, Write, fits


class MemoryStore:
    """Keeps everything in dictionaries, behind one lock; the contract of :class:`~orderopt.storage.store.Store`."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._documents: dict[str, Stored] = {}
        self._claims: dict[str, str] = {}
        self._histories: dict[str, list[int]] = {}
        self._events: list[Event] = []

    def append(self, writes: Sequence[Write]) -> None:
        """Keep all writes, or none."""
        with self._lock:
            for write in writes:
                self._check(write)
            for write in writes:
                self._keep(write)

    def _check(self, write: Write) -> None:
        stream = write.after.stream
        found = self._documents.get(stream)
        version = 0 if found is None else found.version
        if version != write.expected:
            raise ConflictError(stream, write.expected, version)
        for claim in write.after.claims:
            holder = self._claims.get(claim, stream)
            if holder != stream:
                raise ClaimTakenError(claim, holder)

    def _keep(self, write: Write) -> None:
        after = write.after
        dropped = write.before.claims - after.claims if write.before else frozenset()
        for claim in dropped:
            del self._claims[claim]
        self._claims.update(dict.fromkeys(after.claims, after.stream))
        self._documents[after.stream] = after
        history = self._histories.setdefault(after.stream, [])
        for event in write.events:
            history.append(len(self._events))
            self._events.append(replace(event, seq=len(self._events) + 1))

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

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
