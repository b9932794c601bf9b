"""How gladly a source is taken: given by the planner, or told from how it stands beside the other sources of an item.

In each of three criteria (strong, fast, reliable) a source has the share of the others that it beats, ties by half (a
Borda count); the weighted mean of what can be compared is its preference. It knows no units, so that suppliers with a
weekly maximum compare with units that have none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from orderopt.models.network import Offer, ProductionUnit, Supplier
from orderopt.models.snapshot import Snapshot

Key = tuple[bool, str]
"""Whether a source is a unit, and its name."""


@dataclass(frozen=True)
class Standing:
    """What is compared of a source: how strong, fast and reliable it is, more being better (None: not known).

    `given` is the preference that the planner says, if any.
    """

    marks: tuple[Fraction | None, Fraction | None, Fraction]
    given: Fraction | None


def find_preferences(snapshot: Snapshot, item_id: str) -> dict[Key, Fraction]:
    """Return the preference of each unit and supplier of an item, 0 to 1."""
    settings = snapshot.settings
    weights = [Fraction(each) for each in (settings.prefer_strong, settings.prefer_fast, settings.prefer_reliable)]
    standings: dict[Key, Standing] = {
        (True, unit_id): _of_unit(snapshot.unit[unit_id]) for unit_id in snapshot.units_of_item.get(item_id, ())
    }
    for supplier_id, offers in snapshot.offers_of_item.get(item_id, {}).items():
        standings[False, supplier_id] = _of_supplier(snapshot.supplier[supplier_id], offers)
    return {
        key: standing.given if standing.given is not None else _mean(standing, standings, key, weights)
        for key, standing in standings.items()
    }


def _of_unit(unit: ProductionUnit) -> Standing:
    marks = (
        None if unit.usual_per_week is None else Fraction(unit.usual_per_week),
        None if unit.usual_lead_days is None else -Fraction(unit.usual_lead_days),
        Fraction(unit.rating) * (1 if unit.on_time_rate is None else Fraction(unit.on_time_rate)),
    )
    return Standing(marks, None if unit.preference is None else Fraction(unit.preference))


NO_LIMIT = Fraction(10**18)


def _of_supplier(supplier: Supplier, offers: Sequence[Offer]) -> Standing:
    limits = [NO_LIMIT if offer.max_per_week is None else Fraction(offer.max_per_week) for offer in offers]
    marks = (
        max(limits),
        -min(Fraction(offer.lead_time_days) for offer in offers),
        Fraction(supplier.rating) * (1 if supplier.on_time_rate is None else Fraction(supplier.on_time_rate)),
    )
    return Standing(marks, None if offers[0].preference is None else Fraction(offers[0].preference))


def _mean(own: Standing, standings: dict[Key, Standing], key: Key, weights: Sequence[Fraction]) -> Fraction:
    total, weighed = Fraction(0), Fraction(0)
    others = [standing for other, standing in standings.items() if other != key]
    for criterion, (value, weight) in enumerate(zip(own.marks, weights, strict=True)):
        values = [other.marks[criterion] for other in others]
        known = [each for each in values if each is not None]
        if value is None or not known or not weight:
            continue
        beaten = sum(Fraction(2 * (value > each) + (value == each), 2) for each in known)
        total += weight * beaten / len(known)
        weighed += weight
    return total / weighed if weighed else Fraction(1)
