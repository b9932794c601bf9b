"""Rule *quality floor*: units and suppliers are rated no lower than line, customer and item ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import build_ints, to_micros
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from orderopt.models.network import ProductionUnit, Supplier
    from orderopt.rules.exact import Bools, Ints
    from orderopt.rules.facts import Facts
    from orderopt.rules.given import Given
    from orderopt.rules.names import Names

UNRATED = 2**62
"""As a rating: there is no such source, which is another rule's business."""


def judge_quality_floor(facts: Facts) -> Iterator[Finding]:
    """Yield parts, jobs and purchases whose unit or supplier is rated below the floor; begun jobs are facts.

    Parts are held against the floors of their line, its customer and its item; jobs and purchases, whatever they
    are for, against that of their item.
    """
    if not _has_floors(facts.given):
        return
    yield from _judge_parts(facts)
    jobs, purchases = facts.jobs, facts.tables["purchases"]
    items = _item_floors(facts.given)
    rated = _ratings(facts.given.units, facts.given.snapshot.unit.values())[jobs.unit]
    asked = items[jobs.item]
    yield from _findings("jobs", ~facts.has_fixed_task, rated, asked, [jobs.name(row) for row in range(jobs.size)])
    sellers = facts.given.suppliers.codes(purchases.text("supplier_id"))
    rated = _ratings(facts.given.suppliers, facts.given.snapshot.supplier.values())[sellers]
    asked = items[facts.given.items.codes(purchases.text("item_id"))]
    names = [f"purchase {name}" for name in purchases.text("purchase_id")]
    yield from _findings("purchases", np.ones(len(names), dtype=np.bool_), rated, asked, names)


def _judge_parts(facts: Facts) -> Iterator[Finding]:
    parts, given = facts.parts, facts.given
    sources = parts.table.text("source_id")
    rated = np.full(parts.size, UNRATED, dtype=np.int64)
    for kind, names, records in (
        ("unit", given.units, given.snapshot.unit.values()),
        ("supplier", given.suppliers, given.snapshot.supplier.values()),
    ):
        own = np.flatnonzero(parts.source == kind)
        rated[own] = _ratings(names, records)[names.codes(sources[own])]
    asked = _line_floors(given)[parts.line]
    names_of_parts = [parts.name(row) for row in range(parts.size)]
    yield from _findings("allocation", parts.line >= 0, rated, asked, names_of_parts)


def _findings(table: str, judged: Bools, rated: Ints, asked: Ints, names: list[str]) -> Iterator[Finding]:
    yield from build_findings(
        np.asarray(judged & (rated < asked), dtype=np.bool_),
        lambda row: Finding(
            code="QUALITY_FLOOR",
            table=table,
            row=row + HEADER_ROWS,
            subject=names[row],
            says=f"its source is rated {say_amount(rated[row])}",
            expected=f"a source rated at least {say_amount(asked[row])}",
        ),
    )


def _has_floors(given: Given) -> bool:
    snapshot = given.snapshot
    floors = (row.quality_floor for rows in (snapshot.customers, snapshot.items, snapshot.order_lines) for row in rows)
    return any(floor is not None for floor in floors)


def _micros(floor: Decimal | None) -> int:
    return 0 if floor is None else to_micros(floor)


def _item_floors(given: Given) -> Ints:
    return build_ints([*(_micros(item.quality_floor) for item in given.snapshot.item.values()), 0])


def _line_floors(given: Given) -> Ints:
    """Return the highest floor that holds for each planned line."""
    snapshot, floors = given.snapshot, []
    for line in given.lines.rows:
        customer = snapshot.customer.get(snapshot.order[line.order_id].customer_id)
        item = snapshot.item.get(line.item_id)
        floors.append(max(_micros(row.quality_floor) for row in (line, customer, item) if row is not None))
    return build_ints([*floors, 0])


def _ratings(names: Names, records: Iterable[ProductionUnit] | Iterable[Supplier]) -> Ints:
    """Return the rating of each source by code, in millionths; an unknown one counts as rated."""
    ratings = [
        to_micros(record.quality if record.quality_rating is None else record.quality_rating) for record in records
    ]
    assert len(ratings) == len(names)
    return build_ints([*ratings, UNRATED])
