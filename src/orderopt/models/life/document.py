"""Documents and payloads: what is true now of one thing, and the facts that made it so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from pydantic import Field

from orderopt.models.life.event import Event
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.sensitive import join, split, write_json

D = TypeVar("D", bound="Document")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who recorded a fact, when and why: what a payload may use beside its own fields."""

    at: datetime
    actor: str
    role: str
    why: str | None = None


class Document(Part):
    """The current state of one thing, folded from its events; it can be thrown away and built again.

    `KIND` names the kind in streams. `version` counts the events that are folded in.
    """

    KIND: ClassVar[str]

    version: int = Field(default=0, ge=0)

    @property
    def key(self) -> str:
        """The thing's name among its kind."""
        raise NotImplementedError

    @property
    def stream(self) -> str:
        """Where its events stand."""
        return name_stream(type(self), self.key)

    def labels(self) -> Mapping[str, str]:
        """Return what the document can be found by."""
        return {}

    def claims(self) -> frozenset[str]:
        """Return names that no other document of the store may claim, for example channel and external id."""
        return frozenset()

    def check(self) -> Self:
        """Return the document itself if its parts agree; raises a child of OrderOptError otherwise."""
        return self


class Payload(Part):
    """A fact, named in the past tense, and what it does to a document.

    Subclasses are known by their class name, which is stored: a name once released stays. Fields may be added
    with defaults; other changes need a new class.
    """

    KINDS: ClassVar[dict[str, type[Payload]]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        known = Payload.KINDS.setdefault(cls.__name__, cls)
        if known.__module__ != cls.__module__:
            raise TypeError(f"two payloads are named {cls.__name__}: {known.__module__} and {cls.__module__}")

    def apply(self, document: Any, stamp: Stamp) -> Document:
        """Return the document after the fact; `document` is None where the fact begins one."""
        raise NotImplementedError


def name_stream(kind: type[Document], key: str) -> str:
    """Return the name of a document's stream."""
    return f"{kind.KIND}/{key}"


def pack(part: Part) -> tuple[str, dict[Sensitivity, str]]:
    """Return a piece as canonical JSON, and apart from it the marked values of each kind likewise."""
    shown, apart = split(part)
    return write_json(shown), {mark: write_json(values) for mark, values in apart.items()}


def unpack(kind: type[D] | type[Payload], text: str, apart: Mapping[Sensitivity, str]) -> Any:
    """Return the piece that :func:`pack` was given; marked values that are not there are None."""
    return kind.model_validate(join(json.loads(text), {mark: json.loads(said) for mark, said in apart.items()}))


def fold(document: D | None, event: Event) -> Document:
    """Return a document after one more event.

    Raises
    ------
    StoreError
        If the event's type is not known: written by a newer version, or by a plug-in that is not installed.
    """
    from orderopt.models.life.payloads import find_payload

    apart = {mark: sealed.text for mark, sealed in event.apart.items() if sealed.text is not None}
    payload: Payload = unpack(find_payload(event.type), event.data, apart)
    after: Document = payload.apply(document, Stamp(event.at, event.actor, event.role, event.why))
    return after.model_copy(update={"version": event.version})
