"""Tiers of the objective: which terms come first, and which share of the search each has."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

USUAL_TIERS = (
    "unserved > tardiness + late > change > production + setup + purchase + transport + flow + earliness + makespan"
    " > fairness + preference + quota"
)
"""The order in which terms usually matter."""

_SHARE = re.compile(r"^(?P<terms>[^:]*)(?::\s*(?P<share>\d{1,3})\s*%\s*)?$")


@dataclass(frozen=True)
class Tier:
    """Terms that count together, before all terms of later tiers.

    Attributes
    ----------
    terms
        Their names; within the tier they are weighted and added up.
    share
        Share of the time for scheduling in which this tier is searched for; None: an even part of what is left.
    """

    terms: tuple[str, ...]
    share: float | None = None


def parse_tiers(text: str, known: Collection[str]) -> tuple[Tier, ...]:
    """Return the tiers that a text names, the first the most important.

    Parameters
    ----------
    text
        Terms joined by ``+`` into tiers joined by ``>``, each perhaps with a share of the time:
        ``unserved > tardiness + late : 60% > production + setup``.
    known
        Names of all terms; those that are not named make up a last tier.

    Raises
    ------
    ValueError
        If a tier cannot be read, a term is not known or named twice, or the shares are more than all.

    Examples
    --------
    >>> parse_tiers("a + b: 60% > c", ("a", "b", "c", "d"))[0]
    Tier(terms=('a', 'b'), share=0.6)
    """
    tiers: list[Tier] = []
    named: list[str] = []
    for part in text.split(">"):
        match = _SHARE.match(part.strip())
        if match is None:
            raise ValueError(
                f"{part.strip()!r} is no tier; expected terms joined by + and perhaps a share such as : 60%"
            )
        terms = tuple(term.strip() for term in match["terms"].split("+"))
        for term in terms:
            if term not in known:
                raise ValueError(f"{term!r} is no term of the objective; there are {', '.join(known)}")
            if term in named:
                raise ValueError(f"{term!r} is named twice")
            named.append(term)
        tiers.append(Tier(terms, None if match["share"] is None else int(match["share"]) / 100))
    if sum(tier.share or 0.0 for tier in tiers) > 1.0 + 1e-9:
        raise ValueError("the shares of the tiers are more than 100 % together")
    rest = tuple(term for term in known if term not in named)
    return (*tiers, Tier(rest)) if rest else tuple(tiers)
