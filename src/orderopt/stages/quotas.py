"""Quotas in a plan: what each source has had by it, what it was to have, and the words for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from orderopt.models.result import SourceType
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.quotas import Source
from orderopt.stages.shares import is_planned
from orderopt.stages.supply import ZERO, Part

Had = dict[str, dict[Source, Decimal]]
"""What the plan takes from each source of each item that has an agreement."""


def source_of_part(part: Part) -> Source | None:
    """Return who makes or sells a part anew; None where nobody does (jobs that have begun are had already)."""
    if part.source_id is None or not (is_planned(part) or part.source_type is SourceType.SUPPLIER):
        return None
    return part.source_type is SourceType.UNIT, part.source_id


def count_had(plant: Plant, parts: Iterable[Part]) -> Had:
    """Return what the sources of each agreement have by the plan."""
    had: Had = defaultdict(lambda: defaultdict(Decimal))
    for part in parts if plant.agreements else ():
        source, agreement = source_of_part(part), plant.agreements.get(part.line.item_id)
        if agreement is not None and source is not None and source in agreement.quotas:
            had[part.line.item_id][source] += part.quantity
    return had


def sum_beyond(plant: Plant, parts: Iterable[Part]) -> Decimal:
    """Return what sources have beyond their shares, all agreements together."""
    had = count_had(plant, parts)
    return sum((agreement.beyond(had[item_id]) for item_id, agreement in plant.agreements.items()), ZERO)


def add_quotas(plant: Plant, parts: Iterable[Part]) -> dict[int, str]:
    """Return for parts of sources with a quota (by identity) what all sources of the agreement have and should have."""
    parts = list(parts)
    had, texts = count_had(plant, parts), dict[int, str]()
    for part in parts if plant.agreements else ():
        source, agreement = source_of_part(part), plant.agreements.get(part.line.item_id)
        if agreement is None or source is None or source not in agreement.quotas:
            continue
        own = had[part.line.item_id]
        total = sum(own.values(), ZERO)
        shares = "/".join(_plain(agreement.due(each, total)) for each in agreement.quotas)
        now = "/".join(_plain(quota.so_far + own[each]) for each, quota in agreement.quotas.items())
        verb = "catches up" if agreement.quotas[source].so_far + own[source] <= agreement.due(source, total) else "has"
        word = f"{part.source_id} {verb}: {now} of {_plain(agreement.so_far + total)}, agreed {shares}"
        texts[id(part)] = f"quota of {'/'.join(each[1] for each in agreement.quotas)}, {word}"
    return texts


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
