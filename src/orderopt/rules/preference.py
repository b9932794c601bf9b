"""The term *preference*: what is made and bought for lines, counted by how gladly each source is taken."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from orderopt.rules.exact import MICRO

if TYPE_CHECKING:
    from decimal import Decimal

    from orderopt.models.snapshot import Snapshot
    from orderopt.rules.facts import Facts

ENDLESS = Fraction(10) ** 30


def build_preference(facts: Facts) -> Fraction:
    """Return the quantity of each part, times what its source lacks of a preference of 1; begun jobs not counted."""
    parts, given = facts.parts, facts.given
    if not given.snapshot.settings.weight_preference:
        return Fraction(0)
    begun = {task.job_id for task in given.snapshot.fixed_tasks}
    sources, supplies = parts.table.text("source_id"), parts.table.text("supply_id")
    total = Fraction(0)
    known: dict[str, dict[tuple[str, str], Fraction]] = {}
    for row in np.flatnonzero(((parts.source == "unit") | (parts.source == "supplier")) & (parts.line >= 0)):
        kind = str(parts.source[row])
        if kind == "unit" and supplies[row] in begun:
            continue
        item_id = given.lines.rows[parts.line[row]].item_id
        if item_id not in known:
            known[item_id] = _prefer(given.snapshot, item_id)
        lacks = 1 - known[item_id].get((kind, str(sources[row])), Fraction(1))
        total += lacks * int(parts.quantity[row])
    return total / MICRO


def _prefer(snapshot: Snapshot, item_id: str) -> dict[tuple[str, str], Fraction]:
    """Return the preference of every unit and supplier of an item."""
    said: dict[tuple[str, str], Decimal | None] = {}
    criteria: tuple[dict[tuple[str, str], Fraction], ...] = ({}, {}, {})  # the more the better
    for operation in snapshot.operations:
        if operation.item_id != item_id:
            continue
        unit, name = snapshot.unit[operation.unit_id], ("unit", operation.unit_id)
        said[name] = unit.preference
        if unit.usual_per_week is not None:
            criteria[0][name] = Fraction(unit.usual_per_week)
        if unit.usual_lead_days is not None:
            criteria[1][name] = -Fraction(unit.usual_lead_days)
        criteria[2][name] = _trust(unit.quality, unit.quality_rating, unit.on_time_rate)
    for offer in sorted(snapshot.offers, key=lambda offer: offer.from_quantity):
        if offer.item_id != item_id:
            continue
        supplier, name = snapshot.supplier[offer.supplier_id], ("supplier", offer.supplier_id)
        said.setdefault(name, offer.preference)
        most = ENDLESS if offer.max_per_week is None else Fraction(offer.max_per_week)
        criteria[0][name] = max(most, criteria[0].get(name, most))
        soon = -Fraction(offer.lead_time_days)
        criteria[1][name] = max(soon, criteria[1].get(name, soon))
        criteria[2][name] = _trust(supplier.quality, supplier.quality_rating, supplier.on_time_rate)
    settings = snapshot.settings
    weights = (settings.prefer_strong, settings.prefer_fast, settings.prefer_reliable)
    found = {}
    for name, preference in said.items():
        places = [
            (Fraction(weight), _place(name, values))
            for weight, values in zip(weights, criteria, strict=True)
            if weight and name in values and len(values) > 1
        ]
        whole = sum((weight for weight, _ in places), Fraction(0))
        mean = sum((weight * place for weight, place in places), Fraction(0)) / whole if whole else Fraction(1)
        found[name] = mean if preference is None else Fraction(preference)
    return found


def _trust(quality: Decimal, rating: Decimal | None, on_time: Decimal | None) -> Fraction:
    return Fraction(quality if rating is None else rating) * Fraction(1 if on_time is None else on_time)


def _place(name: tuple[str, str], values: dict[tuple[str, str], Fraction]) -> Fraction:
    """Return the share of the others that a source beats, ties by half."""
    below = sum(value < values[name] for value in values.values())
    level = sum(value == values[name] for value in values.values()) - 1
    return Fraction(2 * below + level, 2 * (len(values) - 1))
