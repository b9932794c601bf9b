"""Proving that a store holds what was recorded: every chain is walked, every document folded again and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from orderopt.models.finding import Finding
from orderopt.models.life.document import Document
from orderopt.storage.check_domain import Across
from orderopt.storage.check_stream import find_chain_faults, find_index_faults, find_sums_that_fail, fold_again
from orderopt.storage.replay import build_stored, replay
from orderopt.storage.store import Shelf, Store, Stored

_REBUILT_AT_ONCE = 500


class Walkable(Protocol):
    """A store, or one moment of it."""

    def walk(self) -> Iterator[Shelf]:
        """Yield everything, a stream at a time, in the order of streams."""
        ...

    def count_places(self) -> tuple[int, int]:
        """Return how many places among all events were given, and how many of these events were archived."""
        ...


@dataclass(frozen=True)
class Audit:
    """What a verification found.

    Attributes
    ----------
    streams, events, erased
        Counts; erased seals cannot be checked, which is what erasing is for.
    heads
        SHA-256 over the names and the heads of all streams: two stores with the same heads have the same history.
    findings
        Everything that is wrong; empty if all is well.
    """

    streams: int
    events: int
    erased: int
    heads: str
    findings: tuple[Finding, ...]

    @property
    def num_errors(self) -> int:
        """How many of the findings are errors; warnings are about master data and old labels."""
        return sum(finding.is_error for finding in self.findings)


def verify(store: Walkable, *, domain: bool = True) -> Audit:
    """Walk through a whole store and prove it.

    Parameters
    ----------
    domain
        Also look for what is recorded well, but makes no sense: reservations of ended orders, sums that do not
        add up, cycles in master data.
    """
    found: list[Finding] = []
    across, heads = Across(), sha256()
    streams = events = erased = 0
    for shelf in store.walk():
        streams += 1
        events += len(shelf.events)
        erased += sum(seal.is_erased for event in shelf.events for seal in event.apart.values())
        head = shelf.events[-1].digest if shelf.events else shelf.archived[1]
        heads.update(f"{shelf.stream}\0{head}\n".encode())
        found.extend(find_chain_faults(shelf))
        found.extend(find_index_faults(shelf))
        document = fold_again(shelf, found)
        if domain and document is not None:
            found.extend(find_sums_that_fail(document))
            across.look_at(document)
    given, archived = store.count_places()
    if given != events + archived:
        says = f"{given} events were recorded, {events} are there and {archived} in archives"
        found.append(Finding(code="LOST_EVENTS", says=says, mend="restore a backup"))
    found.extend(across.find_faults() if domain else ())
    return Audit(streams, events, erased, heads.hexdigest(), tuple(found))


def rebuild(store: Store) -> int:
    """Fold every document from its events again, write those that differ, and return how many did.

    Streams whose events were archived keep their document.
    """
    num_rebuilt = 0
    for some in _in_parts(_find_outdated(store)):
        store.replace(some)
        num_rebuilt += len(some)
    return num_rebuilt


def _find_outdated(store: Store) -> Iterator[Stored]:
    for shelf in store.walk():
        if shelf.archived[0] or not shelf.events:
            continue
        document: Document | None = replay(shelf.events)
        if document is None:
            continue
        again = build_stored(document, shelf.events[-1].digest)
        indexed = (dict(shelf.labels), shelf.claims) == (dict(again.labels), again.claims)
        if again != shelf.document or not indexed:
            yield again


def _in_parts(documents: Iterable[Stored]) -> list[list[Stored]]:
    """Everything is read before anything is written: a store is not changed under a walk through it."""
    wanted = list(documents)
    return [wanted[place : place + _REBUILT_AT_ONCE] for place in range(0, len(wanted), _REBUILT_AT_ONCE)]
