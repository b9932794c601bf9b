"""What suppliers ask: price breaks, lots, and the first week in which they deliver."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from orderopt.models.measure import PLACES
from orderopt.models.network import Offer
from orderopt.solvers.compiled.plant import Plant, ceil_to


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """One price break of an offer.

    Attributes
    ----------
    least
        Smallest quantity that may be bought at it.
    lot
        Every quantity bought is a multiple of it.
    until
        From this quantity on the next break is in force; None: it is the last.
    """

    offer: Offer
    least: Decimal
    lot: Decimal
    until: Decimal | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a supplier asks for an item.

    Attributes
    ----------
    breaks
        Price breaks in rising order.
    quality
        Good share of what is bought.
    first_week
        Week in which the first purchase can be received.
    """

    breaks: tuple[PriceBreak, ...]
    quality: Decimal
    first_week: int

    def size(self, quantity: Decimal) -> tuple[Offer, Decimal] | None:
        """Return the cheapest lawful purchase of at least a quantity: the break in force and what is bought."""
        best: tuple[Offer, Decimal] | None = None
        for each in self.breaks:
            bought = ceil_to(max(quantity, each.least), each.lot)
            if each.until is not None and bought >= each.until:
                continue
            most = each.offer.max_per_week
            if most is not None and bought > most:
                continue
            if best is None or bought * each.offer.unit_price < best[1] * best[0].unit_price:
                best = each.offer, bought
        return best


def find_terms(plant: Plant, supplier_id: str, item_id: str) -> Terms | None:
    """Return what a supplier asks for an item; None if it does not offer it."""
    offers = plant.sellers.get(item_id, {}).get(supplier_id, ())
    if not offers:
        return None
    step = plant.snapshot.item[item_id].quantity_step
    breaks = tuple(
        PriceBreak(
            offer,
            max(offer.from_quantity, offer.min_quantity or Decimal(0)),
            lot_of(step, offer.lot_multiple),
            None if following is None else following.from_quantity,
        )
        for offer, following in zip(offers, (*offers[1:], None), strict=True)
    )
    first = plant.week(min(plant.receivable(supplier_id, offer) for offer in offers))
    return Terms(breaks, plant.snapshot.supplier[supplier_id].quality, first)


def lot_of(step: Decimal, multiple: Decimal | None) -> Decimal:
    """Return the least quantity that is a multiple of both the item's step and the offer's multiple."""
    if multiple is None:
        return step
    places = Decimal(10) ** PLACES
    return Decimal(math.lcm(int(step * places), int(multiple * places))) / places
