"""Events: what happened to one thing, in order, each chained to the one before by its digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from json.encoder import encode_basestring as quote

from orderopt.models.life.part import Sensitivity

START = "0" * 64
"""What the first event of a stream is chained to."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Values that are stored apart; the chain covers their digest, so that erasing them does not break it.

    Attributes
    ----------
    digest
        SHA-256 of salt and text.
    salt, text
        Both None once erased.
    """

    digest: str
    salt: str | None
    text: str | None

    @classmethod
    def of(cls, text: str) -> Sealed:
        """Return the text, sealed with a new salt."""
        salt = secrets.token_hex(16)
        return cls(_digest(salt + text), salt, text)

    @property
    def is_erased(self) -> bool:
        """Whether the values are gone."""
        return self.text is None

    @property
    def is_intact(self) -> bool:
        """Whether the digest fits; what is erased cannot be checked and counts as intact."""
        return self.salt is None or self.text is None or _digest(self.salt + self.text) == self.digest

    def erased(self) -> Sealed:
        """Return what is left after erasing: the digest."""
        return Sealed(self.digest, None, None)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes
    ----------
    stream, version
        Whose event it is (``order/O-1``), and its place in that stream, from 1.
    at, actor, role
        When it was recorded, by whom, acting as what.
    type, data
        Name of the payload's class, and its fields that everyone may see, as canonical JSON.
    why
        The reason that was given.
    apart
        Its marked fields, as canonical JSON of path and value, sealed.
    previous, digest
        The chain.
    seq
        Place among all events of the store; None until stored.
    """

    stream: str
    version: int
    at: datetime
    actor: str
    role: str
    type: str
    data: str
    why: str | None = None
    apart: Mapping[Sensitivity, Sealed] = field(default_factory=dict)
    previous: str = START
    digest: str = ""
    seq: int | None = None

    def compute_digest(self) -> str:
        """Return the SHA-256 of everything but `seq` and what is sealed; of that, the digests."""
        return compute_digest(
            self.stream,
            self.version,
            (self.at, self.actor, self.role, self.type, self.data, self.why),
            {mark: sealed.digest for mark, sealed in self.apart.items()},
            self.previous,
        )

    def chained(self, previous: str) -> Event:
        """Return the event, chained to the digest of the one before."""
        linked = replace(self, previous=previous)
        return replace(linked, digest=linked.compute_digest())


def compute_digest(
    stream: str,
    version: int,
    said: tuple[datetime, str, str, str, str, str | None],
    seals: Mapping[Sensitivity, str],
    previous: str,
) -> str:
    """Return the digest of an event that is not an object: imports of a million events have no time for objects.

    Parameters
    ----------
    said
        Moment, actor, role, type, data and reason.
    seals
        Digest of what is stored apart, by mark.

    Notes
    -----
    What is hashed is the canonical JSON of all parts in a list, the moment in UTC, the seals as an object.
    """
    at, actor, role, kind, data, why = said
    texts = ",".join(map(quote, (actor, role, kind, data)))
    reason = "null" if why is None else quote(why)
    sealed = ",".join(f'"{mark}":"{seals[mark]}"' for mark in sorted(seals))
    moment = at.astimezone(UTC).isoformat()
    return _digest(f'[{quote(stream)},{version},"{moment}",{texts},{reason},{{{sealed}}},"{previous}"]')


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
