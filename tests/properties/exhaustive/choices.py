"""Every way to serve one order line: which sources, how much of each, on which lanes."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from exhaustive.facts import arrive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exhaustive.facts import Facts
    from orderopt.models.network import Lane
    from orderopt.models.order import OrderLine


@dataclass(frozen=True)
class Source:
    """Something that can serve a line.

    `kind` is ``stock``, ``receipt``, ``unit``, ``fixed`` (a job that has begun) or ``supplier``; `holds` is the
    most it can give, None where it has no end.
    """

    kind: str
    name: str
    origins: tuple[str, ...]
    holds: Fraction | None = None


@dataclass(frozen=True)
class Part:
    """A quantity of a line from one source; purchases name the week they are received in."""

    kind: str
    name: str
    week: int
    quantity: Fraction
    lane: Lane | None


@dataclass(frozen=True)
class Choice:
    """One way to serve one line, and a cost it cannot go below."""

    line: OrderLine
    parts: tuple[Part, ...]
    unserved: Fraction
    floor: float


def build_choices(facts: Facts, line: OrderLine) -> list[Choice]:
    """Return every way to serve a line, cheapest lower bound first."""
    sources = list(_read_sources(facts, line))
    choices = [
        _build_choice(facts, line, parts)
        for quantities in _build_quantities(facts, line, sources)
        for parts in itertools.product(
            *(
                list(_build_parts(facts, line, source, quantity))
                for source, quantity in zip(sources, quantities, strict=True)
                if quantity
            )
        )
    ]
    return sorted(choices, key=lambda choice: choice.floor)


def _read_sources(facts: Facts, line: OrderLine) -> Iterator[Source]:
    snapshot = facts.snapshot
    for row in snapshot.stock:
        if row.item_id == line.item_id and row.free:
            yield Source("stock", row.name, _places(row.site), Fraction(row.free))
    for receipt in snapshot.receipts:
        if receipt.item_id == line.item_id:
            yield Source("receipt", receipt.receipt_id, _places(receipt.site), Fraction(receipt.quantity))
    for job_id, tasks in facts.fixed_jobs.items():
        task = tasks[0]
        if task.item_id == line.item_id and facts.may_serve(line, snapshot.unit[task.unit_id]):
            good = Fraction(task.quantity) * facts.unit_quality(task.unit_id)
            yield Source("fixed", job_id, _places(task.unit_id, snapshot.unit[task.unit_id].site), good)
    for unit_id in snapshot.units_of_item.get(line.item_id, ()):
        if facts.may_serve(line, snapshot.unit[unit_id]):
            yield Source("unit", unit_id, _places(unit_id, snapshot.unit[unit_id].site))
    for supplier_id in facts.suppliers_of(line.item_id):
        if facts.may_serve(line, snapshot.supplier[supplier_id]):
            yield Source("supplier", supplier_id, (supplier_id,))


def _places(*names: str | None) -> tuple[str, ...]:
    return tuple(name for name in names if name is not None)


def _build_quantities(facts: Facts, line: OrderLine, sources: list[Source]) -> Iterator[tuple[Fraction, ...]]:
    """Yield the quantity of each source; what is missing to the line's quantity stays unserved."""
    whole, nothing = Fraction(line.quantity), Fraction(0)
    if not line.may_split:
        candidates: Iterator[tuple[Fraction, ...]] = iter(
            tuple(whole if index == chosen else nothing for index in range(len(sources)))
            for chosen in range(-1, len(sources))
        )
    else:
        grid = _find_grid(facts, line, sources)
        counts = _share_out(int(whole / grid), len(sources))
        candidates = (tuple(count * grid for count in shares) for shares in counts)
    least = Fraction(line.min_split or 0) if line.may_split else nothing
    for quantities in candidates:
        if all(
            not quantity or (quantity >= least and (source.holds is None or quantity <= source.holds))
            for source, quantity in zip(sources, quantities, strict=True)
        ):
            yield quantities


def count_splits(facts: Facts, line: OrderLine) -> int:
    """Return how many ways there are to share out a line, lanes and weeks apart."""
    sources = list(_read_sources(facts, line))
    if not line.may_split:
        return len(sources) + 1
    return math.comb(int(Fraction(line.quantity) / _find_grid(facts, line, sources)) + len(sources), len(sources))


def _find_grid(facts: Facts, line: OrderLine, sources: list[Source]) -> Fraction:
    """Return the largest quantity of which everything that limits a part is a multiple.

    Some best plan has no part in between: what flows from sources to lines has its vertices on this grid.
    """
    step = Fraction(facts.snapshot.item[line.item_id].quantity_step)
    others = [other for other in facts.lines if other.item_id == line.item_id]
    lots = [
        step * (facts.unit_quality(source.name) if source.kind == "unit" else facts.supplier_quality(source.name))
        for source in sources
        if source.kind in {"unit", "supplier"}
    ]
    limits = [
        *(Fraction(other.quantity) for other in others),
        *(Fraction(other.min_split) for other in others if other.min_split is not None),
        *(source.holds for source in sources if source.holds is not None),
        *(Fraction(lane.capacity) for lane in facts.snapshot.lanes if lane.capacity is not None),
    ]
    numbers = [step, *lots, *limits]
    scale = math.lcm(*(number.denominator for number in numbers))
    return Fraction(math.gcd(*(int(number * scale) for number in numbers)), scale)


def _share_out(most: int, num_sources: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to take at most so many from some sources."""
    if not num_sources:
        yield ()
        return
    for count in range(most + 1):
        for others in _share_out(most - count, num_sources - 1):
            yield count, *others


def _build_parts(facts: Facts, line: OrderLine, source: Source, quantity: Fraction) -> Iterator[Part]:
    weeks = facts.weeks_of(source.name, line.item_id) if source.kind == "supplier" else range(1)
    for lane in facts.lanes(source.origins, line):
        for week in weeks:
            if source.kind != "supplier" or facts.smallest_buy(source.name, line.item_id, week, quantity):
                yield Part(source.kind, source.name, week, quantity, lane)


def _build_choice(facts: Facts, line: OrderLine, parts: tuple[Part, ...]) -> Choice:
    unserved = Fraction(line.quantity) - sum(part.quantity for part in parts)
    cost, arrivals = facts.unserved_cost(line, unserved), []
    for part in parts:
        available, source_cost = _floor_of(facts, line, part)
        depart = available
        if part.lane is not None and part.lane.departs is not None:
            depart = next(facts.clock.departures(part.lane.departs, available))
        arrivals.append(arrive(facts, part.lane, depart))
        cost += source_cost + read_freight(facts, part) + read_dislike(facts, line, part)
    late = facts.arrival_cost(line, max(arrivals)) if arrivals else 0.0
    return Choice(line, parts, unserved, float(cost) + late)


def read_freight(facts: Facts, part: Part) -> Fraction:
    """Return what the travel of a part costs, the fixed cost of departures that may be shared left out."""
    if part.lane is None:
        return Fraction(0)
    num_shipments = len(list(read_chunks(part.lane, part.quantity))) if part.lane.departs is None else 0
    fixed = num_shipments * Fraction(part.lane.cost_fixed)
    return facts.weight["transport"] * (fixed + Fraction(part.lane.cost_per_unit) * part.quantity)


def read_dislike(facts: Facts, line: OrderLine, part: Part) -> Fraction:
    """Return the weighted cost of a part for who makes or sells it."""
    return facts.weight["preference"] * facts.lack(part.kind, part.name, line.item_id) * part.quantity


def read_beyond(facts: Facts, choices: tuple[Choice, ...]) -> Fraction:
    """Return what sources have beyond their quotas where lines are served so."""
    return facts.beyond_quotas(
        (choice.line.item_id, part.kind, part.name, part.quantity) for choice in choices for part in choice.parts
    )


def read_chunks(lane: Lane | None, quantity: Fraction) -> Iterator[Fraction]:
    """Yield the quantities of the shipments that leave at once with a part: as few as the capacity allows."""
    most = quantity if lane is None or lane.capacity is None else Fraction(lane.capacity)
    while quantity > most:
        yield most
        quantity -= most
    yield quantity


def read_ready(facts: Facts, kind: str, name: str) -> int:
    """Return the minute from which a stock or a receipt is there."""
    if kind == "stock":
        row = next(row for row in facts.snapshot.stock if row.name == name)
        return 0 if row.available_at is None else max(0, facts.clock.minute(row.available_at))
    receipt = next(row for row in facts.snapshot.receipts if row.receipt_id == name)
    return max(0, facts.clock.minute(receipt.available_at))


def _floor_of(facts: Facts, line: OrderLine, part: Part) -> tuple[int, Fraction]:
    """Return a minute before which a part is not there and a cost that it does not go below."""
    if part.kind in {"stock", "receipt"}:
        return max(facts.release(line), read_ready(facts, part.kind, part.name)), Fraction(0)
    if part.kind == "supplier":
        buy = facts.smallest_buy(part.name, line.item_id, part.week, part.quantity)
        assert buy is not None
        rows = facts.offers(part.name, line.item_id)
        price = min(Fraction(row.unit_price) for row in rows)
        leads = min(row.lead_time_days for row in rows) * 1440
        receive = buy.receive if len(rows) == 1 else int(leads)
        return receive, facts.weight["purchase"] * price * part.quantity / facts.supplier_quality(part.name)
    if part.kind == "fixed":
        return 0, Fraction(0)
    quantity = facts.round_up(line.item_id, part.quantity / facts.unit_quality(part.name))
    steps = facts.snapshot.routing[line.item_id, part.name]
    minutes, cost = max(facts.start, facts.release(line)), Fraction(0)
    for rows in steps.values():
        works = [(facts.work_minutes(row, quantity), facts.minute_cost[row.resource_id]) for row in rows]
        minutes += min(work for work, _ in works)
        cost += min(work * price for work, price in works)
    return minutes, cost
