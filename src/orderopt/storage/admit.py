"""What every store checks before it keeps something, in the same order and with the same words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from orderopt.errors import ClaimTakenError, ConflictError, StoreError
from orderopt.models.life.event import START
from orderopt.models.life.part import Sensitivity
from orderopt.storage.store import Write


class Kept(NamedTuple):
    """What a store has of a stream that is to be written: version of the document, and its marks."""

    version: int = 0
    marks: Collection[Sensitivity] = ()


NOTHING = Kept()


def check_shape(writes: Sequence[Write]) -> None:
    """Check that the events of each write fit its documents; no look into the store.

    Raises
    ------
    StoreError
        If they do not: a mistake of the caller.
    """
    if len({write.after.stream for write in writes}) != len(writes):
        raise StoreError("a stream stands in two writes of one append")
    for write in writes:
        stream, after = write.after.stream, write.after
        version, head = write.expected, write.before.head if write.before else START
        for event in write.events:
            version += 1
            if (event.stream, event.version, event.previous) != (stream, version, head):
                raise StoreError(f"{stream}: event {event.version} does not follow version {version - 1}")
            head = event.digest
        if not write.events or (after.version, after.head) != (version, head):
            raise StoreError(f"{stream}: the document is not the one after its events")


def check_writes(writes: Sequence[Write], kept: Mapping[str, Kept], holders: Mapping[str, str]) -> None:
    """Check that a store is as some writes expect it.

    Parameters
    ----------
    kept
        What there is of the streams of the writes.
    holders
        Who has the claims of the writes.

    Raises
    ------
    ConflictError, ClaimTakenError
        For the first write that does not fit.
    """
    dropped = {claim for write in writes if write.before for claim in write.before.claims - write.after.claims}
    held = {claim: holder for claim, holder in holders.items() if claim not in dropped}
    for write in writes:
        stream = write.after.stream
        found = kept.get(stream, NOTHING)
        if found.version != write.expected or (write.before and not set(write.before.apart) <= set(found.marks)):
            raise ConflictError(stream, write.expected, found.version)
        for claim in sorted(write.after.claims):
            holder = held.setdefault(claim, stream)
            if holder != stream:
                raise ClaimTakenError(claim, holder)


def check_reads(reads: Mapping[str, int], versions: Mapping[str, int]) -> None:
    """Check that streams are as they were read; raises ConflictError for the first that is not."""
    for stream, version in sorted(reads.items()):
        if versions.get(stream, 0) != version:
            raise ConflictError(stream, version, versions.get(stream, 0))
