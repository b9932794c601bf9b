"""One command at work: documents loaded as they are asked for, facts collected, all kept together at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from orderopt.errors import ConflictError, NotFoundError
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.document import Document, Payload, fold, name_stream, pack, unpack
from orderopt.models.life.event import START, Event, Sealed
from orderopt.models.life.master import Catalogue
from orderopt.models.life.roles import Actor, Role
from orderopt.models.snapshot import Snapshot
from orderopt.stages.change.assessor import ImpactAssessor
from orderopt.stages.confirm.promiser import Promiser
from orderopt.storage.replay import build_stored
from orderopt.storage.store import Store, Stored, Write, fits

D = TypeVar("D", bound=Document)


CATALOGUE = name_stream(Catalogue, "all")


@dataclass
class _Page:
    """A document on the desk: as it was stored, as it is now, and what happened in between."""

    before: Stored | None
    now: Document
    events: list[Event] = field(default_factory=list)

    @property
    def head(self) -> str:
        """Digest of the last event."""
        if self.events:
            return self.events[-1].digest
        return self.before.head if self.before else START


@dataclass
class Work:
    """What a command reads and records (:class:`~orderopt.stages.book.Book`)."""

    store: Store
    at: datetime
    actor: Actor
    role: Role
    policy: DeskPolicy
    load_master: Callable[[], tuple[int, Snapshot]]
    promiser: Promiser
    assessor: ImpactAssessor
    _pages: dict[str, _Page] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)

    @property
    def master(self) -> Snapshot:
        """Customers, items, sources and calendars."""
        self._read[CATALOGUE], snapshot = self.load_master()
        return snapshot

    def aside(self) -> Work:
        """Return another look, from what was seen so far on; nothing of it is checked or kept in the end."""
        pages = {stream: replace(page, events=list(page.events)) for stream, page in self._pages.items()}
        return replace(self, _pages=pages, _read={})

    def get(self, kind: type[D], key: str) -> D | None:
        """Return a document, with what this command recorded so far."""
        stream = name_stream(kind, key)
        if stream not in self._pages:
            stored = self.store.load(stream)
            if stored is None:
                self._read[stream] = 0
                return None
            self._open(kind, stored)
        return self._pages[stream].now  # type: ignore[return-value]

    def need(self, kind: type[D], key: str) -> D:
        """Return a document; raises NotFoundError if there is none."""
        found = self.get(kind, key)
        if found is None:
            raise NotFoundError(f"there is no {kind.KIND} {key!r}")
        return found

    def find(self, kind: type[D], where: Mapping[str, Any] | None = None) -> list[D]:
        """Return the documents whose labels fit, with what this command recorded so far."""
        for stored in self.store.find(kind.KIND, where):
            if stored.stream not in self._pages:
                self._open(kind, stored)
        return [
            page.now
            for _, page in sorted(self._pages.items())
            if isinstance(page.now, kind) and fits(page.now.labels(), where or {})
        ]

    def find_page(self, kind: type[D], where: Mapping[str, Any] | None = None, *, order_by: str, limit: int) -> list[D]:
        """Return the first documents whose labels fit, by the value of a label."""
        stored = self.store.find(kind.KIND, where, order_by=order_by, limit=limit)
        for one in stored:
            if one.stream not in self._pages:
                self._open(kind, one)
        return [self._pages[one.stream].now for one in stored]  # type: ignore[misc]

    def history(self, kind: type[Document], key: str) -> list[Event]:
        """Return what was kept of a document so far, in order."""
        return self.store.history(name_stream(kind, key))

    def find_claim(self, claim: str) -> str | None:
        """Return the key of the document that has a claim."""
        for page in self._pages.values():
            if claim in page.now.claims():
                return page.now.key
        stream = self.store.find_claim(claim)
        if stream is None or stream in self._pages:  # dropped by this command
            return None
        return stream.split("/", 1)[1]

    def begin(self, kind: type[D], key: str, *payloads: Payload, why: str | None = None) -> D:
        """Record the first facts of a new document; raises ConflictError if it exists."""
        existing = self.get(kind, key)
        if existing is not None:
            raise ConflictError(existing.stream, 0, existing.version)
        return self._add(kind, name_stream(kind, key), payloads, why)

    def record(self, document: D, *payloads: Payload, why: str | None = None) -> D:
        """Record facts of a document and return it as it is then."""
        return self._add(type(document), document.stream, payloads, why)

    def _open(self, kind: type[Document], stored: Stored) -> None:
        self._pages[stored.stream] = _Page(stored, unpack(kind, stored.text, stored.apart))

    def _add(self, kind: type[D], stream: str, payloads: tuple[Payload, ...], why: str | None) -> D:
        page = self._pages.get(stream)
        document = page.now if page else None
        for payload in payloads:
            text, apart = pack(payload)
            version = 1 + (document.version if document else 0)
            event = Event(
                stream=stream,
                version=version,
                at=self.at,
                actor=self.actor.name,
                role=str(self.role),
                type=type(payload).__name__,
                data=text,
                why=why,
                apart={mark: Sealed.of(said) for mark, said in apart.items()},
            ).chained(page.head if page else START)
            document = fold(document, event).check()
            if page is None:
                page = self._pages[stream] = _Page(None, document)
            page.now = document
            page.events.append(event)
        if not isinstance(document, kind):
            raise TypeError(f"{stream}: no {kind.__name__} came of {[type(payload).__name__ for payload in payloads]}")
        return document

    def is_outdated(self) -> bool:
        """Tell whether others have changed a document since this command looked at it.

        Documents are loaded one after the other; what does not fit together may only be of different moments.
        """
        seen = {stream: page.before.version if page.before else 0 for stream, page in self._pages.items()}
        for stream, version in (self._read | seen).items():
            stored = self.store.load(stream)
            if version != (0 if stored is None else stored.version):
                return True
        return False

    def finish(self) -> tuple[Event, ...]:
        """Keep everything that was recorded, in one transaction, and return the events.

        Raises ConflictError if anything that the command looked at has changed meanwhile.
        """
        pages = [page for _, page in sorted(self._pages.items()) if page.events]
        if pages:
            read = {stream: page.now.version for stream, page in self._pages.items() if not page.events}
            absent = {stream: version for stream, version in self._read.items() if stream not in self._pages}
            self.store.append([_build_write(page) for page in pages], absent | read)
        return tuple(event for page in pages for event in page.events)


def _build_write(page: _Page) -> Write:
    return Write(page.before, build_stored(page.now, page.events[-1].digest), tuple(page.events))
