"""A generator of realistic plants of any size, for tests, benchmarks and examples."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import numpy as np

from orderopt.models.policy import Policy
from orderopt.models.snapshot import Snapshot
from orderopt.testing.costs import judge_unit_costs
from orderopt.testing.demand import build_customers, build_orders, draw_wishes
from orderopt.testing.features import add_features
from orderopt.testing.machines import build_groups, build_operations, build_resources, build_setups, build_units
from orderopt.testing.needs import judge_needs
from orderopt.testing.products import build_products
from orderopt.testing.shifts import DAY, START, ZONE, build_exceptions, build_shifts, judge_open_minutes
from orderopt.testing.size import build_size
from orderopt.testing.supply import (
    build_lanes,
    build_offers,
    build_receipts,
    build_resale_offers,
    build_stock,
    build_suppliers,
)


def generate_snapshot(
    num_lines: int,
    *,
    seed: int = 0,
    load: float = 0.85,
    setups: bool = True,
    transport: bool = True,
    features: Collection[str] = (),
) -> Snapshot:
    """Return a made-up plant with `num_lines` order lines, the same for the same arguments.

    Several units at fewer sites saw, mill, turn, paint, cure and assemble finished goods from made parts and
    bought materials (two levels, shared components). Machines of a group are alternatives; they work one or
    two shifts with public holidays, ovens hold four tasks and run round the clock; mills and paint shops have
    changeovers. Materials have suppliers with price breaks, minimum, multiple and weekly maximum. Work is set
    so that the most loaded machine group is busy for the share `load` of the horizon, if its tasks are not too
    few; the horizon is six weeks (less below 72 lines).

    Parameters
    ----------
    num_lines
        Number of order lines, from 1; 10 to 100,000 is what it is made for.
    seed
        Of the only random generator used.
    load
        Share of its open minutes for which the most loaded machine group works. Expected changeovers are
        counted in, lines are taken as spread evenly over the units that can make them.
    setups
        Whether machines have families and changeovers.
    transport
        Whether half of the lines go to a destination by a lane; else everything is collected.
    features
        What the plant has beside: names of :data:`orderopt.testing.features.FEATURES`.

    Raises
    ------
    ValueError
        If `num_lines` is below 1 or `load` is not positive.

    Examples
    --------
    >>> generate_snapshot(10, seed=1)
    <Snapshot from 2026-04-27 06:00 CEST: 5 orders, 10 lines, 11 items, 11 resources>
    """
    if num_lines < 1 or load <= 0:
        raise ValueError(f"num_lines must be at least 1 and load above 0, not {num_lines} and {load}")
    rng = np.random.default_rng(seed)
    size = build_size(num_lines)
    start, end = START + timedelta(hours=6), START + 7 * size.weeks * DAY
    shifts, exceptions = build_shifts(), build_exceptions()
    products = build_products(size, rng, setups=setups)
    wishes = draw_wishes(size, rng)
    needs = judge_needs(products, wishes, rng)
    units = build_units(size, rng)
    open_minutes = judge_open_minutes(shifts, exceptions, start, end, ZONE)
    groups = build_groups(size, products, needs, open_minutes, load, rng)
    customers = build_customers(size, rng)
    suppliers = build_suppliers(size, rng)
    offers = build_offers(size, products, needs, suppliers, rng)
    unit_costs = judge_unit_costs(products, groups, offers)
    offers += build_resale_offers(size, products, needs, suppliers, unit_costs, rng)
    orders, lines = build_orders(size, wishes, products, customers, unit_costs, rng, transport=transport)
    resources = build_resources(groups, rng, setups=setups)
    plant = Snapshot(
        settings=Policy(horizon_start=start, horizon_end=end, timezone=ZONE.key, currency="EUR"),
        customers=customers,
        items=products.items,
        orders=orders,
        order_lines=lines,
        production_units=units,
        resources=resources,
        operations=build_operations(products, needs, groups, rng),
        setups=build_setups(groups, rng) if setups else (),
        calendars=tuple(shifts),
        calendar_exceptions=tuple(exceptions),
        bom=products.bom,
        stock=build_stock(size, products, needs, offers, units, rng),
        receipts=build_receipts(size, products, needs, units, rng),
        suppliers=suppliers,
        offers=offers,
        lanes=build_lanes(size, units, offers, rng),
    )
    return add_features(plant, features)
