"""The term *quota*: what units and suppliers have beyond the share of an item that was agreed."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import MICRO

if TYPE_CHECKING:
    from orderopt.models.network import Quota
    from orderopt.rules.facts import Facts


def build_quota(facts: Facts) -> Fraction:
    """Return the quantity beyond shares, all agreements together; parts of begun jobs are in ``so_far`` already."""
    snapshot = facts.given.snapshot
    agreements: dict[str, list[Quota]] = defaultdict(list)
    for quota in snapshot.quotas:
        agreements[quota.item_id].append(quota)
    had = _count(facts, set(agreements)) if agreements else {}
    total = Fraction(0)
    for item_id, quotas in agreements.items():
        has = [
            Fraction(quota.so_far) + had.get((item_id, kind, name), 0)
            for quota in quotas
            for kind, name in [("supplier", quota.supplier_id) if quota.unit_id is None else ("unit", quota.unit_id)]
        ]
        shares = [Fraction(quota.share) * sum(has) for quota in quotas]
        total += sum((max(own - share, Fraction(0)) for own, share in zip(has, shares, strict=True)), Fraction(0))
    return total


def _count(facts: Facts, items: set[str]) -> dict[tuple[str, str, str | None], Fraction]:
    """Return what parts take from each unit and supplier, by item, kind and name."""
    parts, given = facts.parts, facts.given
    begun = {task.job_id for task in given.snapshot.fixed_tasks}
    sources, supplies = parts.table.text("source_id"), parts.table.text("supply_id")
    had: dict[tuple[str, str, str | None], Fraction] = defaultdict(Fraction)
    for row in np.flatnonzero(((parts.source == "unit") | (parts.source == "supplier")) & (parts.line >= 0)):
        item_id, kind = given.lines.rows[parts.line[row]].item_id, str(parts.source[row])
        if item_id in items and not (kind == "unit" and supplies[row] in begun):
            had[item_id, kind, str(sources[row])] += Fraction(int(parts.quantity[row]), MICRO)
    return had
