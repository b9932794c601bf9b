"""Checks of one stream: its chain, its seals, and whether its document is what its events lead to."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from orderopt.errors import OrderOptError
from orderopt.models.finding import Finding, Severity
from orderopt.models.life.document import Document, pack, unpack
from orderopt.models.life.payloads import find_document_types
from orderopt.storage.replay import build_stored, replay
from orderopt.storage.store import Shelf, Stored

_RESTORE = "restore a backup"
_REBUILD = "orderopt db upgrade builds documents from their events again"


def find_chain_faults(shelf: Shelf) -> Iterator[Finding]:
    """Yield every place where the events of a stream do not follow from each other, or were altered."""
    version, head = shelf.archived
    for event in shelf.events:
        version += 1
        if event.version != version:
            yield _fault(shelf, "LOST_EVENTS", f"event {version} is missing: {event.version} comes next", _RESTORE)
            version = event.version
        elif event.previous != head:
            yield _fault(shelf, "BROKEN_CHAIN", f"event {version} does not follow from the one before", _RESTORE)
        if event.compute_digest() != event.digest:
            yield _fault(shelf, "ALTERED_EVENT", f"event {version} is not what was recorded", _RESTORE)
        for mark, seal in event.apart.items():
            if not seal.is_intact:
                yield _fault(shelf, "ALTERED_EVENT", f"{mark} values of event {version} were altered", _RESTORE)
        head = event.digest
    if shelf.document is None:
        yield _fault(shelf, "NO_DOCUMENT", f"there are {version} events and no document", _REBUILD)
    elif (shelf.document.version, shelf.document.head) != (version, head):
        says = f"the document is at version {shelf.document.version}, the events end at {version}"
        yield _fault(shelf, "LOST_EVENTS", says, _RESTORE)


def find_index_faults(shelf: Shelf) -> Iterator[Finding]:
    """Yield where a document is found by other labels, or has other claims, than stand beside it."""
    if shelf.document is None:
        if shelf.labels or shelf.claims:
            yield _fault(shelf, "WRONG_INDEX", "labels or claims of a document that is not there", _RESTORE)
        return
    if dict(shelf.labels) != dict(shelf.document.labels):
        yield _fault(shelf, "WRONG_INDEX", "it is not found by its labels", _REBUILD)
    if shelf.claims != shelf.document.claims:
        yield _fault(shelf, "WRONG_INDEX", "its claims are not held", _REBUILD)


def fold_again(shelf: Shelf, found: list[Finding]) -> Document | None:
    """Fold a stream again and return its document, if there is one to be had; what is wrong is added to `found`.

    Where events were archived the document is taken as it stands.
    """
    kept = shelf.document
    if shelf.archived[0]:
        return _read(shelf, found)
    try:
        document = replay(shelf.events)
    except ValidationError as error:  # its text holds values
        found.append(_fault(shelf, "UNREADABLE", f"{error.error_count()} fields of an event cannot be read", _RESTORE))
        return None
    except (OrderOptError, LookupError, TypeError, AttributeError, ValueError) as error:
        says = str(error) if isinstance(error, OrderOptError) else type(error).__name__
        found.append(_fault(shelf, "UNREADABLE", f"the events cannot be folded: {says}", _RESTORE))
        return None
    if document is not None and kept is not None:
        found.extend(_compare(shelf, kept, document))
    return document


def _read(shelf: Shelf, found: list[Finding]) -> Document | None:
    kept = shelf.document
    kind = find_document_types().get(kept.kind) if kept else None
    if kept is None or kind is None:
        return None
    try:
        return unpack(kind, kept.text, kept.apart)  # type: ignore[no-any-return]
    except (ValueError, LookupError, TypeError):
        found.append(_fault(shelf, "UNREADABLE", "the document cannot be read", _RESTORE))
        return None


def _compare(shelf: Shelf, kept: Stored, document: Document) -> Iterator[Finding]:
    again = build_stored(document, kept.head)
    if (kept.text, dict(kept.apart)) != (again.text, dict(again.apart)) and _rewrite(kept, document) != pack(document):
        yield _fault(shelf, "WRONG_DOCUMENT", "the document is not what its events lead to", _REBUILD)
    if dict(kept.labels) != dict(again.labels) or kept.claims != again.claims:
        says = "the document has other labels or claims than this version of orderopt gives it"
        yield _fault(shelf, "OLD_LABELS", says, _REBUILD, Severity.WARNING)


def _rewrite(kept: Stored, document: Document) -> object:
    """Return a kept document as it is written today: an older orderopt left out fields that have defaults since."""
    try:
        return pack(unpack(type(document), kept.text, kept.apart))
    except (ValueError, LookupError, TypeError):
        return None


def find_sums_that_fail(document: Document) -> Iterator[Finding]:
    """Yield what does not add up within a document: quantities and money."""
    try:
        document.check()
    except OrderOptError as error:
        yield Finding(code="DOES_NOT_ADD_UP", subject=document.stream, says=str(error), mend="correct it by a command")


def _fault(shelf: Shelf, code: str, says: str, mend: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=code, severity=severity, subject=shelf.stream, says=says, mend=mend)
