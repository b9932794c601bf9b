"""What a change is worth: the order's value before and after, and the fee for what is no longer wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from orderopt.models.life.amounts import find_unit, round_to
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO


def find_value(case: OrderCase) -> Decimal:
    """Return what the lines of an order come to before tax and rounding; lines without a price count nothing."""
    return sum((_price(line) * (line.counts.ordered - line.counts.cancelled) for line in case.lines), ZERO)


def find_fee(before: OrderCase, after: OrderCase, policy: DeskPolicy, at: datetime) -> Decimal:
    """Return what a customer pays for what is no longer wanted.

    Of all steps of the policy that fit the order's state and the days to the line's date, the largest share counts,
    of the value that is cancelled, rounded line by line to the currency's unit; lines without a price cost nothing.
    """
    unit = find_unit(before.head.currency, policy.settlement.places)
    fee = ZERO
    for line, fewer in _find_fewer(before, after):
        due = line.dates.last_promise or line.ask.requested_at
        shares = [
            step.share
            for step in policy.change.fees
            if before.state in step.states
            and (step.within_days is None or due - at <= timedelta(days=float(step.within_days)))
        ]
        fee += round_to(max(shares, default=ZERO) * _price(line) * fewer, unit)
    return fee


def _find_fewer(before: OrderCase, after: OrderCase) -> Iterator[tuple[CaseLine, Decimal]]:
    for line in before.lines:
        now = after.line(line.line_no).counts
        fewer = (line.counts.ordered - line.counts.cancelled) - (now.ordered - now.cancelled)
        if fewer > 0:
            yield line, fewer


def _price(line: CaseLine) -> Decimal:
    return (line.ask.unit_price or ZERO) * (1 - line.ask.discount)
