"""Which jobs a decision about the lines entails, and where their components come from."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from exhaustive.choices import Choice, Part, read_ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exhaustive.facts import Buy, Facts
    from orderopt.models.order import OrderLine
    from orderopt.models.result import FixedTask

Bucket = tuple[str, str, int]
"""Supplier, item and week: what one purchase is made for."""

SupplyKey = tuple[str, object]
"""``stock`` and its name, ``receipt`` and its id, or ``purchase`` and its bucket."""


@dataclass(frozen=True)
class JobDraft:
    """A job before it is scheduled; `steps` are those that are not fixed or finished."""

    item_id: str
    unit_id: str
    quantity: Fraction
    good: Fraction
    line: OrderLine | None
    parent: int | None
    steps: tuple[int, ...]
    fixed: tuple[FixedTask, ...] = ()


@dataclass(frozen=True)
class Need:
    """What a step of a job draws of a component; `child` makes some of it, `rest` comes from elsewhere."""

    job: int
    op_no: int
    component: str
    amount: Fraction
    child: int | None = None
    rest: Fraction = Fraction(0)


@dataclass(frozen=True)
class Structure:
    """All jobs of a decision, their needs, and which job serves each part that is made."""

    choices: tuple[Choice, ...]
    jobs: tuple[JobDraft, ...]
    needs: tuple[Need, ...]
    job_of_part: dict[tuple[str, int], int]


@dataclass(frozen=True)
class Supply:
    """Where the needs of one component come from: what is bought, and when each need can be met."""

    cost: float
    ready: tuple[int, ...]
    flows: dict[tuple[int, SupplyKey], Fraction]
    buys: dict[Bucket, Buy]


def build_structures(facts: Facts, choices: tuple[Choice, ...]) -> Iterator[Structure]:
    """Yield every set of jobs that makes what the lines ask of units, component jobs included."""
    jobs: list[JobDraft] = []
    fixed_index: dict[str, int] = {}
    for job_id, tasks in facts.fixed_jobs.items():
        fixed_index[job_id] = len(jobs)
        jobs.append(_build_fixed_job(facts, tasks))
    job_of_part: dict[tuple[str, int], int] = {}
    for choice in choices:
        for number, part in enumerate(choice.parts):
            if part.kind == "fixed":
                job_of_part[choice.line.name, number] = fixed_index[part.name]
            elif part.kind == "unit":
                job_of_part[choice.line.name, number] = len(jobs)
                jobs.append(_build_line_job(facts, choice.line, part))
    for all_jobs, needs in _expand(facts, tuple(jobs), (), 0):
        yield Structure(choices, all_jobs, needs, job_of_part)


def _build_line_job(facts: Facts, line: OrderLine, part: Part) -> JobDraft:
    quantity = facts.round_up(line.item_id, part.quantity / facts.unit_quality(part.name))
    steps = tuple(facts.snapshot.routing[line.item_id, part.name])
    return JobDraft(line.item_id, part.name, quantity, quantity * facts.unit_quality(part.name), line, None, steps)


def _build_fixed_job(facts: Facts, tasks: tuple[FixedTask, ...]) -> JobDraft:
    task = tasks[0]
    routing = facts.snapshot.routing[task.item_id, task.unit_id]
    steps = tuple(op_no for op_no in routing if op_no > tasks[-1].op_no)
    quantity = Fraction(task.quantity)
    line = facts.line.get(f"{task.order_id}/{task.line_no}")
    good = quantity * facts.unit_quality(task.unit_id)
    return JobDraft(task.item_id, task.unit_id, quantity, good, line, None, steps, tasks)


def _expand(
    facts: Facts, jobs: tuple[JobDraft, ...], needs: tuple[Need, ...], done: int
) -> Iterator[tuple[tuple[JobDraft, ...], tuple[Need, ...]]]:
    """Yield jobs and needs with a decision for each need; `done` jobs have had their needs decided."""
    if done == len(jobs):
        yield jobs, needs
        return
    for new_jobs, new_needs in _serve(facts, jobs, needs, list(_read_needs(facts, jobs[done], done))):
        yield from _expand(facts, new_jobs, new_needs, done + 1)


def _read_needs(facts: Facts, job: JobDraft, index: int) -> Iterator[Need]:
    first = next(iter(facts.snapshot.routing[job.item_id, job.unit_id]))
    for row in facts.snapshot.components.get(job.item_id, ()):
        op_no = first if row.op_no is None else row.op_no
        if op_no in job.steps:
            yield Need(index, op_no, row.component_id, job.quantity * Fraction(row.need_per_unit))


def _serve(
    facts: Facts, jobs: tuple[JobDraft, ...], needs: tuple[Need, ...], open_needs: list[Need]
) -> Iterator[tuple[tuple[JobDraft, ...], tuple[Need, ...]]]:
    if not open_needs:
        yield jobs, needs
        return
    need, *others = open_needs
    yield from _serve(facts, jobs, (*needs, replace(need, rest=need.amount)), others)
    step = Fraction(facts.snapshot.item[need.component].quantity_step)
    for unit_id in facts.units_of(need.component):
        quality = facts.unit_quality(unit_id)
        most = facts.round_up(need.component, need.amount / quality)
        for count in range(1, int(most / step) + 1):
            good = count * step * quality
            steps = tuple(facts.snapshot.routing[need.component, unit_id])
            job = JobDraft(need.component, unit_id, count * step, good, jobs[need.job].line, need.job, steps)
            rest = max(Fraction(0), need.amount - good)
            yield from _serve(facts, (*jobs, job), (*needs, replace(need, child=len(jobs), rest=rest)), others)


class Materials:
    """Finds where components come from, and remembers it.

    Parameters
    ----------
    facts
        The facts of the snapshot.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[tuple[object, ...], list[Supply]] = {}

    def build_supplies(self, structure: Structure) -> Iterator[tuple[Supply, ...]]:
        """Yield every combination of supplies of all components of a structure that may be best."""
        drawn = read_drawn(structure.choices)
        items = sorted({need.component for need in structure.needs if need.rest} | {key[2] for key in drawn})
        found = []
        for item_id in items:
            rests = tuple((i, need.rest) for i, need in enumerate(structure.needs) if need.component == item_id)
            taken = tuple(
                sorted(
                    (kind, name, week, amount) for (kind, name, item, week), amount in drawn.items() if item == item_id
                )
            )
            key = (item_id, rests, taken)
            if key not in self._known:
                self._known[key] = _find_supplies(self._facts, item_id, rests, taken)
            found.append(self._known[key])
        return itertools.product(*found)


def read_drawn(choices: tuple[Choice, ...]) -> dict[tuple[str, str, str, int], Fraction]:
    """Return what the lines themselves draw, by kind, name, item and week of the source."""
    drawn: dict[tuple[str, str, str, int], Fraction] = {}
    for choice in choices:
        for part in choice.parts:
            if part.kind in {"stock", "receipt", "supplier"}:
                key = part.kind, part.name, choice.line.item_id, part.week
                drawn[key] = drawn.get(key, Fraction(0)) + part.quantity
    return drawn


def _find_supplies(
    facts: Facts,
    item_id: str,
    rests: tuple[tuple[int, Fraction], ...],
    taken: tuple[tuple[str, str, int, Fraction], ...],
) -> list[Supply]:
    used = {(kind, name, week): amount for kind, name, week, amount in taken}
    needs = {index: rest for index, rest in rests if rest}
    total = sum(needs.values(), Fraction(0))
    holds: dict[SupplyKey, tuple[Fraction, int]] = {}
    for kind, name, held in _read_stores(facts, item_id):
        left = held - used.get((kind, name, 0), 0)
        if left < 0:
            return []
        holds[kind, name] = left, read_ready(facts, kind, name)
    levels: list[list[tuple[Bucket, Buy | None]]] = []
    for supplier_id in facts.suppliers_of(item_id):
        for week in facts.weeks_of(supplier_id, item_id):
            direct = used.get(("supplier", supplier_id, week), Fraction(0))
            levels.append(list(_read_levels(facts, (supplier_id, item_id, week), direct, total)))
    found: list[Supply] = []
    for picked in itertools.product(*levels):
        buys = {bucket: buy for bucket, buy in picked if buy is not None}
        if any(_is_better_together(facts, buys, bucket, used) for bucket in buys):
            continue
        cost = float(facts.weight["purchase"] * sum(buy.quantity * buy.price for buy in buys.values()))
        all_holds = dict(holds)
        for bucket, buy in buys.items():
            direct = used.get(("supplier", bucket[0], bucket[2]), Fraction(0))
            all_holds["purchase", bucket] = buy.quantity * facts.supplier_quality(bucket[0]) - direct, buy.receive
        if sum(held for held, _ in all_holds.values()) >= total:
            for ready, flows in _find_flows(needs, all_holds).items():
                found.append(Supply(cost, ready, flows, buys))
    return _keep_undominated(found)


def _is_better_together(
    facts: Facts, buys: dict[Bucket, Buy], bucket: Bucket, used: dict[tuple[str, str, int], Fraction]
) -> bool:
    """Say whether a purchase could as well be added to that of the week before, so that it need not be looked at."""
    supplier_id, item_id, week = bucket
    before, later = buys.get((supplier_id, item_id, week - 1)), buys[bucket]
    if week == 0 or used.get(("supplier", supplier_id, week)):
        return False
    quantity = later.quantity + (before.quantity if before else 0)
    both = facts.smallest_buy(supplier_id, item_id, week - 1, quantity * facts.supplier_quality(supplier_id))
    if both is None or both.quantity != quantity:
        return False
    return all(buy is None or (both.price <= buy.price and both.receive <= buy.receive) for buy in (before, later))


def _read_stores(facts: Facts, item_id: str) -> Iterator[tuple[str, str, Fraction]]:
    for row in facts.snapshot.stock:
        if row.item_id == item_id:
            yield "stock", row.name, Fraction(row.free)
    for receipt in facts.snapshot.receipts:
        if receipt.item_id == item_id:
            yield "receipt", receipt.receipt_id, Fraction(receipt.quantity)


def _read_levels(
    facts: Facts, bucket: Bucket, direct: Fraction, total: Fraction
) -> Iterator[tuple[Bucket, Buy | None]]:
    """Yield every purchase that may make sense: from what lines draw to what all needs together draw."""
    supplier_id, item_id, week = bucket
    step = Fraction(facts.snapshot.item[item_id].quantity_step)
    quality = facts.supplier_quality(supplier_id)
    if not direct:
        yield bucket, None
        if not total:
            return
    largest = Fraction(0)
    buy = facts.smallest_buy(supplier_id, item_id, week, direct or step * quality)
    while buy is not None:
        yield bucket, buy
        largest = buy.quantity
        if largest * quality >= direct + total:
            break
        buy = facts.smallest_buy(supplier_id, item_id, week, (largest + step) * quality)
    for row in facts.offers(supplier_id, item_id):
        if row.from_quantity > largest:  # more than is needed, for the price
            buy = facts.smallest_buy(supplier_id, item_id, week, Fraction(row.from_quantity) * quality)
            if buy is not None:
                yield bucket, buy


def _find_flows(
    needs: dict[int, Fraction], holds: dict[SupplyKey, tuple[Fraction, int]]
) -> dict[tuple[int, ...], dict[tuple[int, SupplyKey], Fraction]]:
    """Return, for each vector of minutes at which the needs can be met, one way to meet them.

    Filling one pair of need and supply after the other to the brim, in every order, meets every vertex of the
    transport polytope, and some vertex is best.
    """
    order, supplies = sorted(needs), list(holds)
    found: dict[tuple[int, ...], dict[tuple[int, SupplyKey], Fraction]] = {}
    seen: set[tuple[object, ...]] = set()

    def fill(
        rests: tuple[Fraction, ...],
        held: tuple[Fraction, ...],
        ready: tuple[int, ...],
        flows: dict[tuple[int, SupplyKey], Fraction],
    ) -> None:
        if (rests, held, ready) in seen:
            return
        seen.add((rests, held, ready))
        if not any(rests):
            found.setdefault(ready, flows)
            return
        for i, rest in enumerate(rests):
            for s, hold in enumerate(held):
                amount = min(rest, hold)
                if amount:
                    fill(
                        (*rests[:i], rest - amount, *rests[i + 1 :]),
                        (*held[:s], hold - amount, *held[s + 1 :]),
                        (*ready[:i], max(ready[i], holds[supplies[s]][1]), *ready[i + 1 :]),
                        {**flows, (order[i], supplies[s]): amount},
                    )

    fill(tuple(needs[i] for i in order), tuple(holds[s][0] for s in supplies), (0,) * len(order), {})
    return found


def _keep_undominated(supplies: list[Supply]) -> list[Supply]:
    kept: list[Supply] = []
    for supply in sorted(supplies, key=lambda supply: (supply.cost, supply.ready)):
        if not any(
            other.cost <= supply.cost
            and all(a <= b for a, b in zip(other.ready, supply.ready, strict=True))
            and not _is_later(other, supply)
            for other in kept
        ):
            kept.append(supply)
    return kept


def _is_later(other: Supply, supply: Supply) -> bool:
    """Say whether a purchase that both make (a line may wait for it) is received later in `other`."""
    return any(bucket in other.buys and other.buys[bucket].receive > buy.receive for bucket, buy in supply.buys.items())
