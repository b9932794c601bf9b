"""What a command may read and write while it is done, and how commands find what does them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar

from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.document import Document, Payload
from orderopt.models.life.event import Event
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Actor, Role
from orderopt.models.snapshot import Snapshot
from orderopt.stages.change.assessor import ImpactAssessor
from orderopt.stages.confirm.promiser import Promiser

D = TypeVar("D", bound=Document)
C = TypeVar("C", bound="Command")


class Command(Part):
    """Something that someone wants done; `ROLES` may give it. Queries are commands that record nothing."""

    ROLES: ClassVar[frozenset[Role]]


class Book(Protocol):
    """The documents as one command sees them; what it records is kept at its end, all or nothing."""

    @property
    def at(self) -> datetime:
        """The moment of the command, in UTC."""
        ...

    @property
    def actor(self) -> Actor:
        """Who gave the command."""
        ...

    @property
    def role(self) -> Role:
        """The role that allows it."""
        ...

    @property
    def policy(self) -> DeskPolicy:
        """What the company decided."""
        ...

    @property
    def master(self) -> Snapshot:
        """Customers, items, sources and calendars; its orders, stock and receipts are empty."""
        ...

    @property
    def promiser(self) -> Promiser:
        """What says when an order can be there."""
        ...

    @property
    def assessor(self) -> ImpactAssessor:
        """What says what a change does to the plan."""
        ...

    def aside(self) -> Book:
        """Return another look at what is kept, for long calculations whose outcome is checked when it is used.

        It begins with what the command has seen and recorded so far. What else is read there may change before the
        command ends; what is recorded there is not kept.
        """
        ...

    def get(self, kind: type[D], key: str) -> D | None:
        """Return a document, with what this command recorded so far."""
        ...

    def need(self, kind: type[D], key: str) -> D:
        """Return a document; raises NotFoundError if there is none."""
        ...

    def find(self, kind: type[D], where: Mapping[str, Any] | None = None) -> list[D]:
        """Return the documents whose labels fit, with what this command recorded so far."""
        ...

    def find_page(self, kind: type[D], where: Mapping[str, Any] | None = None, *, order_by: str, limit: int) -> list[D]:
        """Return the first documents whose labels fit, by the value of a label; for lists that people look at."""
        ...

    def history(self, kind: type[Document], key: str) -> list[Event]:
        """Return what was kept of a document so far, in order."""
        ...

    def find_claim(self, claim: str) -> str | None:
        """Return the key of the document that has a claim."""
        ...

    def begin(self, kind: type[D], key: str, *payloads: Payload, why: str | None = None) -> D:
        """Record the first facts of a new document; raises ConflictError if it exists."""
        ...

    def record(self, document: D, *payloads: Payload, why: str | None = None) -> D:
        """Record facts of a document and return it as it is then."""
        ...


Doer = Callable[[Any, Book], Any]
_DOERS: dict[type[Command], Doer] = {}


def does(command: type[C]) -> Callable[[Callable[[C, Book], Any]], Callable[[C, Book], Any]]:
    """Register a function as what does a command; it returns the command's result."""

    def register(doer: Callable[[C, Book], Any]) -> Callable[[C, Book], Any]:
        if command in _DOERS:
            raise TypeError(f"{command.__name__} is done by {_DOERS[command].__name__} already")
        _DOERS[command] = doer
        return doer

    return register


def find_doer(command: type[Command]) -> Doer:
    """Return what does a command."""
    return _DOERS[command]


def list_commands() -> tuple[type[Command], ...]:
    """Return every command that something does."""
    return tuple(_DOERS)
