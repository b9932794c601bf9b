"""The contract of a store: documents with their events, written together or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from orderopt.models.life.event import START, Event
from orderopt.models.life.part import Sensitivity


class Between(NamedTuple):
    """Label values from `low` on and below `high`, as texts; None leaves an end open."""

    low: str | None = None
    high: str | None = None


NO_READS: Mapping[str, int] = MappingProxyType({})
"""Writes that rest on nothing but their own streams."""

Where = Mapping[str, str | Between]
"""What labels must be; all of them must fit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as it is kept.

    Attributes
    ----------
    stream, kind, version
        Whose it is, of what kind, and how many events are folded into it.
    head
        Digest of the last of these events.
    text, apart
        The document as canonical JSON, and its marked values likewise, by mark.
    labels, claims
        What it can be found by, and names that it alone may have.
    """

    stream: str
    kind: str
    version: int = 0
    head: str = START
    text: str = "{}"
    apart: Mapping[Sensitivity, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    claims: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Write:
    """New events of one stream and the document after them.

    The events count on from the version of `before`, and are chained to its head; `before` is None for a new
    stream.
    """

    before: Stored | None
    after: Stored
    events: tuple[Event, ...]

    @property
    def expected(self) -> int:
        """The version that the stream must have for the write to be valid."""
        return 0 if self.before is None else self.before.version


class Fact(NamedTuple):
    """One event of a history that is imported: not chained yet."""

    at: datetime
    actor: str
    role: str
    type: str
    data: str
    why: str | None = None
    apart: Mapping[Sensitivity, str] = {}


class History(NamedTuple):
    """A new stream that is imported whole: its document, and all events that lead to it.

    `document` needs neither version nor head: they follow from the facts.
    """

    document: Stored
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that a store keeps of one stream, for verification.

    Attributes
    ----------
    document
        None if there are events but no document.
    events
        In order; without those that were archived.
    labels, claims
        What the document can really be found by, and what it really holds.
    archived
        Version and digest of the last event that was moved into an archive; 0 and the start if none was.
    """

    stream: str
    document: Stored | None
    events: tuple[Event, ...]
    labels: Mapping[str, str]
    claims: frozenset[str]
    archived: tuple[int, str] = (0, START)


class Store(Protocol):
    """Where documents and events are kept. Every call is one transaction."""

    def append(self, writes: Sequence[Write], reads: Mapping[str, int] = NO_READS) -> None:
        """Keep all writes, or none; when this returns, they survive a crash.

        Every stream stands in one write at most. A claim that one write drops can be taken by another.

        Parameters
        ----------
        reads
            Versions of other streams that the writes rest on, 0 for those that were not there: what was decided
            from them still holds at the moment of writing, or nothing is kept.

        Raises
        ------
        ConflictError
            If a stream is not at the version that a write expects or a read had, or if values were erased in between
            that the write would bring back.
        ClaimTakenError
            If a claim of a document belongs to another stream.
        """
        ...

    def import_histories(self, histories: Iterable[History]) -> int:
        """Keep new streams with all their events, fast, and return the number of events.

        What is imported is taken as it is given; :func:`orderopt.storage.verify.verify` replays it. A store may
        keep some thousand streams at a time: after an error those before it are there.

        Raises
        ------
        ConflictError
            If a stream exists already.
        ClaimTakenError
            If a claim of a document belongs to another stream.
        """
        ...

    def load(self, stream: str) -> Stored | None:
        """Return the document of a stream, or None if it has no events."""
        ...

    def find_claim(self, claim: str) -> str | None:
        """Return the stream that has a claim."""
        ...

    def find(
        self,
        kind: str,
        where: Where | None = None,
        *,
        order_by: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Stored]:
        """Return the documents of a kind whose labels fit.

        Parameters
        ----------
        order_by
            A label: documents with it, by its value, then by stream. Default: by stream. All orders are those of
            Unicode code points.
        after
            Without `order_by`: only streams that come after this one, for paging.
        """
        ...

    def count(self, kind: str, where: Where | None = None) -> int:
        """Return how many documents fit."""
        ...

    def history(self, stream: str, after: int = 0) -> list[Event]:
        """Return the events of a stream beyond a version, in order, without those that were archived."""
        ...

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yield the events of all streams with a `seq` beyond `after`, in the order of `seq`.

        `seq` counts without gaps, in the order in which transactions became visible: whoever has read up to an
        event never misses one before it.
        """
        ...

    def erase(self, streams: Sequence[str], mark: Sensitivity) -> None:
        """Forget the sealed values of a mark in all events and documents of some streams; digests stay."""
        ...

    def walk(self) -> Iterator[Shelf]:
        """Yield everything, a stream at a time, in the order of streams, as of one moment."""
        ...

    def count_places(self) -> tuple[int, int]:
        """Return how many places among all events were given, and how many of these events were archived."""
        ...

    def replace(self, documents: Iterable[Stored]) -> None:
        """Put documents, with their labels and claims, in place of those of the same streams.

        Raises
        ------
        ConflictError
            If a stream has other events than those that the document was folded from.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def fits(labels: Mapping[str, str], where: Where) -> bool:
    """Tell whether labels are what is asked for."""
    for name, wanted in where.items():
        value = labels.get(name)
        if value is None:
            return False
        if isinstance(wanted, Between):
            if (wanted.low is not None and value < wanted.low) or (wanted.high is not None and value >= wanted.high):
                return False
        elif value != wanted:
            return False
    return True
