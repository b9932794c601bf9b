"""What a plan costs: every term of the objective, exact, from tables alone."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from orderopt.models.policy import TERMS
from orderopt.models.scorecard import Scorecard
from orderopt.rules.changeover import build_sequence
from orderopt.rules.exact import MICRO, sum_all, sum_groups, to_micros
from orderopt.rules.facts import NOTHING
from orderopt.rules.preference import build_preference
from orderopt.rules.promise import build_on_time
from orderopt.rules.purchasing import build_bought
from orderopt.rules.quota import build_quota
from orderopt.rules.wall_clock import DAY

if TYPE_CHECKING:
    from orderopt.rules.facts import Facts

_PLACES = Decimal("0.000001")
_PRECISION = 100
"""Digits of intermediate results: enough for exact products of decimals with six places."""


def build_scorecard(facts: Facts) -> Scorecard:
    """Return every term of the objective, their weighted sum, and what the plan counts.

    Terms are computed exactly and rounded at the end to six decimal places.
    """
    exact = {
        "unserved": _unserved(facts),
        "tardiness": _tardiness(facts),
        "late": _late(facts),
        "earliness": _earliness(facts),
        "flow": _flow(facts),
        "makespan": _makespan(facts),
        "production": _production(facts),
        "setup": _setup(facts),
        "purchase": _purchase(facts),
        "transport": _transport(facts),
        "fairness": _fairness(facts),
        "preference": build_preference(facts),
        "quota": build_quota(facts),
        "change": Fraction(0),
    }
    settings = facts.given.snapshot.settings
    weights = settings.weights()
    tiers = [
        sum((Fraction(weights[term]) * exact[term] for term in tier.terms), Fraction(0))
        for tier in settings.ranked_terms()
    ]
    return Scorecard(
        terms={term: _round(exact[term]) for term in TERMS},
        weights=weights,
        objective=_round(sum(tiers, Fraction(0))),
        tiers=tuple(_round(tier) for tier in tiers),
        counts=_counts(facts),
    )


def _round(value: Fraction) -> Decimal:
    with localcontext(prec=_PRECISION):
        return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_PLACES).normalize() + Decimal(0)


def _unserved(facts: Facts) -> Fraction:
    lines = facts.given.lines
    missing = np.asarray(np.maximum(lines.quantity[:-1] - facts.served, 0))
    total = Decimal(0)
    with localcontext(prec=_PRECISION):
        for place in np.flatnonzero(missing):
            customer, order = lines.priorities(int(place))
            cost = lines.rows[place].full_unserved_cost(customer * order)
            whole = int(lines.quantity[place])
            total += cost if missing[place] == whole else cost * int(missing[place]) / whole
        return Fraction(total)


def _tardiness(facts: Facts) -> Fraction:
    lines, total = facts.given.lines, 0
    for place in np.flatnonzero(facts.tardiness):
        customer, order = lines.priorities(int(place))
        cost = to_micros(lines.rows[place].daily_tardiness_cost)
        total += int(facts.tardiness[place]) * cost * to_micros(customer) * to_micros(order)
    return Fraction(total, DAY * MICRO**3)


def _late(facts: Facts) -> Fraction:
    lines, total = facts.given.lines, 0
    for place in np.flatnonzero(facts.tardiness):
        customer, order = lines.priorities(int(place))
        total += to_micros(lines.rows[place].once_late_cost) * to_micros(customer) * to_micros(order)
    return Fraction(total, MICRO**3)


def _earliness(facts: Facts) -> Fraction:
    lines, total = facts.given.lines, 0
    early = np.where(facts.promised > NOTHING, lines.due[:-1] - facts.promised, 0)
    for place in np.flatnonzero(early > 0):
        customer, order = lines.priorities(int(place))
        cost = to_micros(lines.rows[place].daily_earliness_cost)
        total += int(early[place]) * cost * to_micros(customer) * to_micros(order)
    return Fraction(total, DAY * MICRO**3)


def _flow(facts: Facts) -> Fraction:
    lines, total = facts.given.lines, 0
    since = np.maximum(lines.release[:-1], facts.given.horizon_start)
    minutes = np.where(facts.promised > NOTHING, facts.promised - since, 0)
    for place in np.flatnonzero(minutes > 0):
        customer, order = lines.priorities(int(place))
        total += int(minutes[place]) * to_micros(customer) * to_micros(order)
    return Fraction(total, DAY * MICRO**2)


def _makespan(facts: Facts) -> Fraction:
    ends = facts.tasks.end[facts.tasks.is_placed]
    return Fraction(int(ends.max(initial=facts.given.horizon_start)) - facts.given.horizon_start, DAY)


def _production(facts: Facts) -> Fraction:
    tasks, resources = facts.tasks, facts.given.resources
    rows = np.flatnonzero(tasks.is_planned & tasks.is_placed)
    minutes = sum_groups(tasks.resource[rows], tasks.open_time.minutes[rows], len(resources.names))
    total = sum(int(spent) * int(cost) for spent, cost in zip(minutes, resources.cost_per_hour, strict=False))
    return Fraction(total, 60 * MICRO)


def _setup(facts: Facts) -> Fraction:
    sequence = build_sequence(facts)
    counted = sequence.changeover[facts.tasks.is_planned[sequence.rows]]
    return Fraction(sum_all(facts.given.changeovers.cost[counted]), MICRO)


def _purchase(facts: Facts) -> Fraction:
    bought = build_bought(facts)
    low, high = bought.total()
    said = bought.table.ints("total")
    is_right = (bought.offer < 0) | ((said >= low) & (said <= high))
    wrong = sum(
        int(bought.table.ints("quantity")[row]) * to_micros(bought.offers[bought.offer[row]].unit_price)
        for row in np.flatnonzero(~is_right)
    )
    return Fraction(sum_all(said[is_right]), MICRO) + Fraction(wrong, MICRO**2)


def _transport(facts: Facts) -> Fraction:
    freight = facts.freight
    lanes, size = freight.lanes, len(freight.lanes.rows)
    quantity = sum_groups(freight.lane, freight.quantity, size)
    count = np.bincount(freight.lane[freight.lane >= 0], minlength=size)
    total = sum(
        int(count[lane]) * int(lanes.cost_fixed[lane]) * MICRO + lanes.cost_per_unit[lane] * int(quantity[lane])
        for lane in range(size)
    )
    return Fraction(total, MICRO**2)


def _fairness(facts: Facts) -> Fraction:
    """Return the spread of load over the units that have a routing and are open at all."""
    given, tasks = facts.given, facts.tasks
    resources, begin, end = given.resources, given.horizon_start, given.horizon_end
    placed = np.flatnonzero(tasks.is_placed)
    spent = sum_groups(resources.unit[tasks.resource[placed]], tasks.open_time.minutes[placed], len(given.units))
    minutes = [
        int((span.spans[:, 1] - span.spans[:, 0]).sum())
        for span in (given.open_time(calendar_id, begin, end) for calendar_id in resources.calendar_ids)
    ]
    offered = [0] * (len(given.units) + 1)
    for unit, calendar, capacity in zip(resources.unit, resources.calendar[:-1], resources.capacity, strict=False):
        offered[unit] += minutes[calendar] * int(capacity)
    makers = np.unique(given.routings.routing_unit[:-1])
    loads = [Fraction(int(spent[unit]), offered[unit]) for unit in makers if offered[unit] > 0]
    return max(loads) - min(loads) if loads else Fraction(0)


def _counts(facts: Facts) -> dict[str, int]:
    lines = facts.given.lines
    return {
        "lines": len(lines),
        "lines_on_time": int(build_on_time(facts).sum()),
        "lines_late": int((facts.tardiness > 0).sum()),
        "lines_unserved": int(np.asarray(facts.served < lines.quantity[:-1], dtype=np.bool_).sum()),
        "jobs": facts.jobs.size,
        "tasks": facts.tasks.size,
        "purchases": facts.tables["purchases"].size,
        "shipments": facts.freight.size,
    }
