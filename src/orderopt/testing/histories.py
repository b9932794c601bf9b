"""Made-up documents and events for tests of stores; they mean nothing and fold into nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from orderopt.models.life.event import START, Event, Sealed
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.sensitive import write_json
from orderopt.storage.store import Fact, History, Store, Stored, Write

DAY = datetime(2026, 3, 2, 8, 30, 15, 123457, tzinfo=UTC)
_NOTHING: Mapping[Sensitivity, str] = {}


def build_write(
    before: Stored | str,
    *,
    num_events: int = 1,
    apart: Mapping[Sensitivity, str] = _NOTHING,
    labels: Mapping[str, str] | None = None,
    claims: Iterable[str] = (),
    text: Mapping[str, Any] | None = None,
    why: str | None = None,
    at: datetime = DAY,
) -> Write:
    """Return a write of some events onto a document, or onto nothing where `before` is the name of a stream.

    The values of `apart` are sealed in every event and stand beside the document.
    """
    known = None if isinstance(before, str) else before
    stream = before if isinstance(before, str) else before.stream
    version, head = (known.version, known.head) if known else (0, START)
    events: list[Event] = []
    for _ in range(num_events):
        version += 1
        moment = at + timedelta(minutes=version)
        data = write_json({"version": version, "of": stream})
        seals = {mark: Sealed.of(value) for mark, value in apart.items()}
        event = Event(stream, version, moment, "ann", "sales", "MadeUp", data, why, seals).chained(head)
        events.append(event)
        head = event.digest
    after = Stored(
        stream,
        stream.split("/", 1)[0],
        version,
        head,
        write_json(text or {"version": version}),
        dict(apart),
        dict(labels or {}),
        frozenset(claims),
    )
    return Write(known, after, tuple(events))


def put(store: Store, before: Stored | str, **options: Any) -> Stored:
    """Write onto a document in a store, and return the document after it."""
    write = build_write(before, **options)
    store.append([write])
    return write.after


def to_history(write: Write) -> History:
    """Return the write of a new stream as a history that can be imported."""
    facts = [
        Fact(
            event.at,
            event.actor,
            event.role,
            event.type,
            event.data,
            event.why,
            {mark: seal.text for mark, seal in event.apart.items() if seal.text is not None},
        )
        for event in write.events
    ]
    return History(write.after, facts)
