"""A book to try things in: it shows what commands would do, and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from orderopt.errors import ConflictError, NotFoundError
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.document import Document, Payload, Stamp, name_stream
from orderopt.models.life.event import Event
from orderopt.models.life.roles import Actor, Role
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book
from orderopt.stages.change.assessor import ImpactAssessor
from orderopt.stages.confirm.promiser import Promiser

D = TypeVar("D", bound=Document)


class Scratch:
    """A :class:`~orderopt.stages.book.Book` on top of another one: what is recorded in it is forgotten with it."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._changed: dict[str, Document] = {}

    @property
    def at(self) -> datetime:
        """The moment of the command."""
        return self._book.at

    @property
    def actor(self) -> Actor:
        """Who gave the command."""
        return self._book.actor

    @property
    def role(self) -> Role:
        """The role that allows it."""
        return self._book.role

    @property
    def policy(self) -> DeskPolicy:
        """What the company decided."""
        return self._book.policy

    @property
    def master(self) -> Snapshot:
        """Customers, items, sources and calendars."""
        return self._book.master

    @property
    def promiser(self) -> Promiser:
        """What says when an order can be there."""
        return self._book.promiser

    @property
    def assessor(self) -> ImpactAssessor:
        """What says what a change does to the plan."""
        return self._book.assessor

    def aside(self) -> Scratch:
        """Return the book itself: nothing of it is kept in any case."""
        return self

    def get(self, kind: type[D], key: str) -> D | None:
        """Return a document as it would be."""
        changed = self._changed.get(name_stream(kind, key))
        return self._book.get(kind, key) if changed is None else changed  # type: ignore[return-value]

    def need(self, kind: type[D], key: str) -> D:
        """Return a document as it would be; raises NotFoundError if there is none."""
        found = self.get(kind, key)
        if found is None:
            raise NotFoundError(f"there is no {kind.KIND} {key!r}")
        return found

    def find(self, kind: type[D], where: Mapping[str, Any] | None = None) -> list[D]:
        """Return the documents whose labels would be these."""
        found: dict[str, Document] = {document.stream: document for document in self._book.find(kind, where)}
        for stream, document in self._changed.items():
            found.pop(stream, None)
            if isinstance(document, kind) and _fits(document, where or {}):
                found[stream] = document
        return [document for _, document in sorted(found.items()) if isinstance(document, kind)]

    def find_page(self, kind: type[D], where: Mapping[str, Any] | None = None, *, order_by: str, limit: int) -> list[D]:
        """Return the first documents by the value of a label, as they would be."""
        found = [
            (one.labels()[order_by], one.stream, one) for one in self.find(kind, where) if order_by in one.labels()
        ]
        return [one for *_, one in sorted(found, key=lambda row: row[:2])[:limit]]

    def history(self, kind: type[Document], key: str) -> list[Event]:
        """Return what was kept of a document; what is only tried is not in it."""
        return self._book.history(kind, key)

    def find_claim(self, claim: str) -> str | None:
        """Return the key of the document that would have a claim."""
        for document in self._changed.values():
            if claim in document.claims():
                return document.key
        return self._book.find_claim(claim)

    def begin(self, kind: type[D], key: str, *payloads: Payload, why: str | None = None) -> D:
        """Try the first facts of a new document."""
        if self.get(kind, key) is not None:
            raise ConflictError(name_stream(kind, key), 0, 1)
        return self._try(None, payloads, why)

    def record(self, document: D, *payloads: Payload, why: str | None = None) -> D:
        """Try facts of a document and return it as it would be."""
        return self._try(self.need(type(document), document.key), payloads, why)

    def _try(self, document: D | None, payloads: tuple[Payload, ...], why: str | None) -> D:
        stamp = Stamp(self.at, self.actor.name, str(self.role), why)
        tried: Any = document
        for payload in payloads:
            tried = payload.apply(tried, stamp).check()
        self._changed[tried.stream] = tried
        return tried  # type: ignore[no-any-return]


def _fits(document: Document, where: Mapping[str, Any]) -> bool:
    labels = document.labels()
    return all(labels.get(name) == value for name, value in where.items())
