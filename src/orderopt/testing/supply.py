"""Where a generated plant gets things from and sends them: suppliers, offers, stock, receipts and lanes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from orderopt.models.network import Lane, Offer, ProductionUnit, Receipt, ReceiptKind, Stock, Supplier
from orderopt.testing.amounts import build_decimal, round_up
from orderopt.testing.demand import LARGEST_QUANTITY
from orderopt.testing.names import OVERSEAS, REGIONS, SUPPLIERS, build_name
from orderopt.testing.shifts import DAY, START

if TYPE_CHECKING:
    import numpy as np

    from orderopt.testing.needs import Needs
    from orderopt.testing.products import Products
    from orderopt.testing.size import Size

RESALE_SHARE = 0.1
"""Share of finished goods that a supplier sells too, dearly."""


def build_suppliers(size: Size, rng: np.random.Generator) -> tuple[Supplier, ...]:
    """Draw suppliers with their quality and punctuality."""
    return tuple(
        Supplier(
            supplier_id=f"S-{index + 1:03}",
            name=build_name(SUPPLIERS, index),
            quality=build_decimal(float(rng.choice((1.0, 1.0, 0.99, 0.98))), 2),
            on_time_rate=build_decimal(float(rng.uniform(0.82, 0.99)), 2),
        )
        for index in range(size.num_suppliers)
    )


def build_offers(
    size: Size, products: Products, needs: Needs, suppliers: tuple[Supplier, ...], rng: np.random.Generator
) -> tuple[Offer, ...]:
    """Draw one or two suppliers for each material, with price breaks, minimum, multiple and weekly maximum."""
    offers: list[Offer] = []
    first = len(products.made)
    for place, material in enumerate(products.materials):
        weekly = needs.wanted[first + place] / size.weeks
        names = _choose_suppliers(place, suppliers, rng)
        for supplier_id in names:
            price = float(rng.uniform(1.5, 40.0))
            offers += _build_breaks(supplier_id, material.item_id, weekly, price, int(rng.integers(3, 13)), len(names))
    return tuple(offers)


def build_resale_offers(
    size: Size,
    products: Products,
    needs: Needs,
    suppliers: tuple[Supplier, ...],
    unit_costs: dict[str, float],
    rng: np.random.Generator,
) -> tuple[Offer, ...]:
    """Draw suppliers that sell some finished goods too, for a third more than making them costs."""
    offers: list[Offer] = []
    for place, made in enumerate(products.finished):
        if rng.random() < RESALE_SHARE:
            weekly = needs.wanted[place] / size.weeks
            supplier = suppliers[int(rng.integers(len(suppliers)))]
            price = 1.35 * unit_costs[made.item.item_id]
            offers += _build_breaks(supplier.supplier_id, made.item.item_id, 0.2 * weekly, price, 14, 1)
    return tuple(offers)


def _choose_suppliers(place: int, suppliers: tuple[Supplier, ...], rng: np.random.Generator) -> list[str]:
    chosen = [suppliers[place % len(suppliers)].supplier_id]
    if rng.random() < 0.5:
        second = (place + 1 + int(rng.integers(len(suppliers) - 1))) % len(suppliers)
        chosen.append(suppliers[second].supplier_id)
    return chosen


def _build_breaks(
    supplier_id: str, item_id: str, weekly: float, price: float, lead_days: int, num_suppliers: int
) -> list[Offer]:
    """Build up to three price breaks; the suppliers of an item can deliver twice what is used in a week."""
    lot = 10 if weekly > 50 else 5
    minimum = round_up(max(0.1 * weekly, lot), lot)
    most = round_up(max(2.0 * weekly / num_suppliers, 4 * minimum, 4 * LARGEST_QUANTITY), lot)
    starts = sorted({0, round_up(0.5 * weekly, lot), round_up(weekly, lot)})
    return [
        Offer(
            supplier_id=supplier_id,
            item_id=item_id,
            lead_time_days=Decimal(lead_days),
            unit_price=build_decimal(price * (1 - 0.06 * rank), 2),
            currency="EUR",
            min_quantity=Decimal(minimum),
            lot_multiple=Decimal(lot),
            max_per_week=Decimal(most),
            from_quantity=Decimal(start),
        )
        for rank, start in enumerate(start for start in starts if start <= most)
    ]


def build_stock(
    size: Size,
    products: Products,
    needs: Needs,
    offers: tuple[Offer, ...],
    units: tuple[ProductionUnit, ...],
    rng: np.random.Generator,
) -> tuple[Stock, ...]:
    """Stock made items as the needs say, and materials for about the time that buying takes."""
    rows: list[Stock] = []
    for index, made in enumerate(products.made):
        free = int(needs.stocked[index])
        if free:
            safety = free // 10
            site = units[made.units[0]].site
            rows.append(
                Stock(
                    item_id=made.item.item_id,
                    on_hand=Decimal(free + safety),
                    site=site,
                    safety_stock=Decimal(safety),
                )
            )
    lead_days = {offer.item_id: float(offer.lead_time_days) for offer in offers}
    for place, material in enumerate(products.materials):
        daily = needs.wanted[len(products.made) + place] / (7 * size.weeks)
        safety = round(daily)
        days = (lead_days[material.item_id] + 5) * float(rng.uniform(0.8, 1.3))
        rows.append(
            Stock(
                item_id=material.item_id,
                on_hand=Decimal(round(days * daily) + safety),
                site=units[place % len(units)].site,
                safety_stock=Decimal(safety),
            )
        )
    return tuple(rows)


def build_receipts(
    size: Size, products: Products, needs: Needs, units: tuple[ProductionUnit, ...], rng: np.random.Generator
) -> tuple[Receipt, ...]:
    """Have a third of the materials, and a few parts, on their way already."""
    rows: list[Receipt] = []
    for index, item in enumerate(products.items):
        is_material = index >= len(products.made)
        if index < len(products.finished) or rng.random() > (0.33 if is_material else 0.1):
            continue
        quantity = round(needs.wanted[index] / (7 * size.weeks) * float(rng.uniform(1, 4)))
        if quantity:
            rows.append(
                Receipt(
                    receipt_id=f"R-{len(rows) + 1:04}",
                    item_id=item.item_id,
                    quantity=Decimal(quantity),
                    available_at=START + int(rng.integers(1, 8)) * DAY + timedelta(hours=10),
                    site=units[index % len(units)].site,
                    kind=ReceiptKind.PURCHASE if is_material else ReceiptKind.WIP,
                )
            )
    return tuple(rows)


def build_lanes(
    size: Size, units: tuple[ProductionUnit, ...], offers: tuple[Offer, ...], rng: np.random.Generator
) -> tuple[Lane, ...]:
    """Link every site with every region, some by express too; suppliers of finished goods with most regions."""
    lanes: list[Lane] = []
    for site in dict.fromkeys(unit.site for unit in units if unit.site is not None):
        for region in REGIONS[: size.num_regions]:
            lanes.append(_build_lane(size, site, region, rng))
            if rng.random() < 0.15:
                lanes.append(_build_express(site, region))
    for supplier_id in dict.fromkeys(offer.supplier_id for offer in offers if offer.item_id.startswith("FG-")):
        lanes += [
            _build_lane(size, supplier_id, region, rng) for region in REGIONS[: size.num_regions] if rng.random() < 0.7
        ]
    return tuple(lanes)


def _build_lane(size: Size, origin: str, region: str, rng: np.random.Generator) -> Lane:
    """Build a lane that leaves at once, or on a timetable, then with room for what goes there on a busy day."""
    daily = size.num_lines * 15 / (5 * size.weeks * size.num_regions)
    has_timetable = rng.random() < 0.4
    hours = int(rng.integers(2, 30))
    return Lane(
        origin=origin,
        destination=region,
        mode="air" if region in OVERSEAS else "road",
        lead_time_hours=Decimal(40 + hours if region in OVERSEAS else hours),
        cost_fixed=Decimal(int(rng.integers(40, 180))),
        cost_per_unit=build_decimal(float(rng.uniform(0.2, 1.2)), 2),
        capacity=Decimal(round_up(2 * LARGEST_QUANTITY + 2 * daily, 10)) if has_timetable else None,
        departs=("0-4/16:00", "0,2,4/12:00", "0-4/10:00; 0-4/18:00")[int(rng.integers(3))] if has_timetable else None,
    )


def _build_express(origin: str, region: str) -> Lane:
    return Lane(
        origin=origin,
        destination=region,
        mode="express",
        lead_time_hours=Decimal(24 if region in OVERSEAS else 4),
        cost_fixed=Decimal(260),
        cost_per_unit=Decimal(3),
    )
