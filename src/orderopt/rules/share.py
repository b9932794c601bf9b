"""Rule *share*: no unit makes more than its share of what is made for order lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import MICRO, sum_all, sum_groups, to_micros
from orderopt.rules.violation import build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_share(facts: Facts) -> Iterator[Finding]:
    """Yield units that make more than `max_share` of all parts; those that only finish begun jobs are not judged."""
    parts, given = facts.parts, facts.given
    begun = sorted({task.job_id for task in given.snapshot.fixed_tasks})
    made = np.flatnonzero((parts.source == "unit") & (parts.line >= 0))
    is_new = ~np.isin(parts.table.text("supply_id")[made].astype(str), begun)
    units = given.units.codes(parts.table.text("source_id")[made])
    by_unit = sum_groups(units, parts.quantity[made], len(given.units))
    new = np.isin(np.arange(len(given.units)), units[is_new])
    total = sum_all(parts.quantity[made])
    rows = list(given.snapshot.unit.values())
    is_over = [
        row.max_share is not None
        and bool(new[place])
        and int(by_unit[place]) * MICRO > to_micros(row.max_share) * total
        for place, row in enumerate(rows)
    ]
    yield from build_findings(
        np.array(is_over, dtype=np.bool_).reshape(-1),
        lambda place: Finding(
            code="UNIT_SHARE",
            table="allocation",
            subject=f"unit {rows[place].unit_id}",
            says=f"it makes {say_amount(by_unit[place])} of {say_amount(total)}",
            expected=f"at most {rows[place].max_share} of it",
        ),
    )
