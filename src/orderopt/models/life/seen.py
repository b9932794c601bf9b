"""Which reports have been counted already: exact, and small where senders number their reports."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import Field

from orderopt.models.life.part import Part

_NUMBERED = re.compile(r"(.*?)([0-9]{1,18})", re.DOTALL)
_RECENT = 32

Run = tuple[int, int]
"""First and last number of an unbroken row, both included."""


class SeenIds(Part):
    """A set of ids. Ids that end in a number are kept as runs: a thousand consecutive ones take no more than one.

    Attributes
    ----------
    runs
        By width of the number and what stands before it: the numbers, in rising order.
    others
        Ids that do not end in a number.
    recent
        The last few ids with a digest of what they said, so that the same id with other content is noticed.

    Examples
    --------
    >>> seen = SeenIds().with_id("R-09", "").with_id("R-10", "").with_id("R-12", "")
    >>> dict(seen.runs)
    {'2:R-': ((9, 10), (12, 12))}
    >>> "R-10" in seen, "R-11" in seen, "R-9" in seen
    (True, False, False)
    """

    runs: Mapping[str, tuple[Run, ...]] = Field(default_factory=dict)
    others: tuple[str, ...] = ()
    recent: tuple[tuple[str, str], ...] = ()

    def __contains__(self, name: str) -> bool:
        key, number = _split(name)
        if key is None:
            return name in self.others
        return any(low <= number <= high for low, high in self.runs.get(key, ()))

    def with_id(self, name: str, digest: str) -> SeenIds:
        """Return the set with one more id."""
        recent = (*self.recent, (name, digest))[-_RECENT:]
        key, number = _split(name)
        if key is None:
            return self.model_copy(update={"others": tuple(sorted({*self.others, name})), "recent": recent})
        runs = {**self.runs, key: _insert(self.runs.get(key, ()), number)}
        return self.model_copy(update={"runs": dict(sorted(runs.items())), "recent": recent})

    def differs(self, name: str, digest: str) -> bool:
        """Tell whether an id was seen lately with other content; of older ids that is not known."""
        return any(known == name and said != digest for known, said in self.recent)


def _split(name: str) -> tuple[str | None, int]:
    found = _NUMBERED.fullmatch(name)
    return (f"{len(found[2])}:{found[1]}", int(found[2])) if found else (None, 0)


def _insert(runs: tuple[Run, ...], number: int) -> tuple[Run, ...]:
    merged: list[Run] = []
    for low, high in sorted((*runs, (number, number))):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)
