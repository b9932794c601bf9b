"""Chaining the events of an imported history, mostly without making objects of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from orderopt.models.life.event import START, Event, Sealed, compute_digest
from orderopt.models.life.part import Sensitivity
from orderopt.storage.store import Fact, History

_NO_SEALS: dict[Sensitivity, Sealed] = {}
_NO_DIGESTS: dict[Sensitivity, str] = {}


class Link(NamedTuple):
    """An event of an imported history with its place in the chain."""

    stream: str
    version: int
    fact: Fact
    previous: str
    digest: str
    seals: Mapping[Sensitivity, Sealed]

    def to_event(self, seq: int) -> Event:
        """Return the event as an object."""
        said = self.fact._replace(apart={})._asdict()
        said["apart"] = dict(self.seals)
        return Event(self.stream, self.version, **said, previous=self.previous, digest=self.digest, seq=seq)


def chain(history: History) -> Iterator[Link]:
    """Yield the events of a history, chained."""
    stream, previous = history.document.stream, START
    for version, fact in enumerate(history.facts, start=1):
        at, actor, role, kind, data, why, apart = fact
        if apart:
            seals = {mark: Sealed.of(text) for mark, text in apart.items()}
            digests = {mark: seal.digest for mark, seal in seals.items()}
        else:
            seals, digests = _NO_SEALS, _NO_DIGESTS
        digest = compute_digest(stream, version, (at, actor, role, kind, data, why), digests, previous)
        yield Link(stream, version, fact, previous, digest, seals)
        previous = digest
