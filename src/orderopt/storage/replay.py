"""Folding a document from its events once more, and laying a document out as it is kept."""

from __future__ import annotations

from collections.abc import Iterable

from orderopt.models.life.document import Document, fold, pack
from orderopt.models.life.event import Event
from orderopt.storage.store import Stored


def replay(events: Iterable[Event]) -> Document | None:
    """Return the document that events lead to; None if there are none."""
    document: Document | None = None
    for event in events:
        document = fold(document, event)
    return document


def build_stored(document: Document, head: str) -> Stored:
    """Return a document as a store keeps it.

    Parameters
    ----------
    head
        Digest of the last event that is folded in.
    """
    text, apart = pack(document)
    return Stored(
        stream=document.stream,
        kind=document.KIND,
        version=document.version,
        head=head,
        text=text,
        apart=apart,
        labels=dict(document.labels()),
        claims=document.claims(),
    )
