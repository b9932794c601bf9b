"""Rule *quality and lots*: started and bought quantities fit the item's step, good ones the unit's quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.finding import Finding
from orderopt.rules.exact import MICRO, Affine
from orderopt.rules.violation import HEADER_ROWS, build_findings, say_amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orderopt.rules.facts import Facts


def judge_quality(facts: Facts) -> Iterator[Finding]:
    """Yield quantities that are no multiple of the item's step, and good quantities that are not right.

    Jobs with fixed tasks have been started: their quantity is a fact. A good quantity with more than six
    decimal places may be rounded either way.
    """
    yield from _judge_steps(facts)
    yield from _judge_good(facts)


def _judge_steps(facts: Facts) -> Iterator[Finding]:
    given, jobs, purchases = facts.given, facts.jobs, facts.tables["purchases"]
    step = given.quantity_step
    yield from build_findings(
        (jobs.quantity % step[jobs.item] != 0) & ~facts.has_fixed_task,
        lambda row: Finding(
            code="QUANTITY_STEP",
            table="jobs",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=jobs.name(row),
            says=f"its quantity is {say_amount(jobs.quantity[row])}",
            expected=f"a multiple of {say_amount(step[jobs.item[row]])}",
        ),
    )
    items, quantity = given.items.codes(purchases.text("item_id")), purchases.ints("quantity")
    yield from build_findings(
        quantity % step[items] != 0,
        lambda row: Finding(
            code="QUANTITY_STEP",
            table="purchases",
            row=row + HEADER_ROWS,
            column="quantity",
            subject=f"purchase {purchases.text('purchase_id')[row]}",
            says=f"its quantity is {say_amount(quantity[row])}",
            expected=f"a multiple of {say_amount(step[items[row]])}",
        ),
    )


def _judge_good(facts: Facts) -> Iterator[Finding]:
    jobs, quality = facts.jobs, facts.given.unit_quality
    share = Affine([0] * len(quality), quality.tolist(), [MICRO] * len(quality))
    low, high = share.floor(jobs.unit, jobs.quantity), share.ceil(jobs.unit, jobs.quantity)
    is_wrong = (jobs.good < low) | (jobs.good > high)
    yield from build_findings(
        np.asarray(is_wrong & (jobs.unit >= 0), dtype=np.bool_),
        lambda row: Finding(
            code="GOOD_QUANTITY",
            table="jobs",
            row=row + HEADER_ROWS,
            column="good_quantity",
            subject=jobs.name(row),
            says=f"good_quantity is {say_amount(jobs.good[row])}",
            expected=f"{say_amount(low[row])}: {say_amount(jobs.quantity[row])} started at quality "
            f"{say_amount(quality[jobs.unit[row]])}",
        ),
    )
