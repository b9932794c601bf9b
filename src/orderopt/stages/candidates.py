"""For small inputs: allocation, procurement and scheduling decided at once, in one model.

The plan space. Every line (or part of it) is served by a known supply, a purchase or a job; parts of split lines
are multiples of the item's step, all that a supply holds, or the rest. Every need of a component is met by any mix
of supplies and purchases and by at most one job made for it. Purchases are received as early as lead time and weekly
maximum allow, one for each supplier, item and week.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from orderopt.models.network import Lane, Offer
from orderopt.models.order import OrderLine
from orderopt.models.result import SourceType, SupplyType
from orderopt.solvers.compiled.charges import NO_CHARGES
from orderopt.solvers.compiled.integrated import (
    Boarding,
    DemandQuestion,
    IntegratedProblem,
    LineQuestion,
    PartCandidate,
    QuotaQuestion,
    SupplyCandidate,
)
from orderopt.solvers.compiled.open_time import FOREVER
from orderopt.solvers.compiled.plant import Plant, ceil_to, ceil_whole
from orderopt.solvers.compiled.quotas import Source
from orderopt.solvers.compiled.shop import NONE
from orderopt.stages.net import SOURCE_TYPE, running_jobs, source_of
from orderopt.stages.quotas import source_of_part
from orderopt.stages.schedule import ShopQuestion, ask
from orderopt.stages.supply import ZERO, Draw, Job, Ledger, Part, Supply, handed_over
from orderopt.stages.terms import lot_of

MILLION = 1_000_000
MOST_TASKS = 240
"""Candidate tasks up to which the whole question is put into one model."""

MOST_QUANTITIES = (60, 12, 1)
"""Sizes that a job for one demand may be tried in, where its quantity is open; fewer where all are too many."""

MOST_WEEKS = 30


class TooLargeError(Exception):
    """The question has too many candidates for one model."""


@dataclass(eq=False)
class Bought:
    """A purchase that could be made."""

    supplier_id: str
    item_id: str
    offer: Offer
    week: int
    lot: Decimal
    supply: Supply


@dataclass
class Candidates:
    """The question and what its positions stand for.

    Attributes
    ----------
    is_exact
        Whether the candidates hold the whole plan space, so that the model's bound is one on every plan of it.
    """

    problem: IntegratedProblem
    ledger: Ledger
    question: ShopQuestion
    lines: list[OrderLine]
    wanted: list[Decimal]
    parts: list[list[tuple[Part, Lane | None]]]
    demands: list[tuple[Job, int]]
    supplies: list[Supply | Bought]
    is_exact: bool


def gather(plant: Plant) -> Candidates:
    """Return every candidate of a small input, jobs of all sizes where they are few enough.

    Raises
    ------
    TooLargeError
        If there are too many.
    """
    for most_quantities in MOST_QUANTITIES:
        try:
            return _Gatherer(plant, most_quantities).gather()
        except TooLargeError:
            continue
    raise TooLargeError


@dataclass
class _Gatherer:
    plant: Plant
    most_quantities: int
    ledger: Ledger = field(init=False)
    jobs: list[Job] = field(default_factory=list)
    optional: set[int] = field(default_factory=set)
    supplies: list[Supply | Bought] = field(default_factory=list)
    index: dict[int, int] = field(default_factory=dict)
    bought: dict[str, list[int]] = field(default_factory=dict)
    demands: list[tuple[Job, int, str, Decimal, list[tuple[Job, Decimal]]]] = field(default_factory=list)
    is_exact: bool = True
    num_tasks: int = 0
    potentials: dict[str, Decimal] = field(default_factory=dict)

    def gather(self) -> Candidates:
        plant = self.plant
        self.ledger = Ledger(plant)
        lines = list(plant.snapshot.planned_lines)
        left = {line.name: line.quantity for line in lines}
        for job in running_jobs(plant):
            self.ledger.add(job.supply)
            self.jobs.append(job)
            self.num_tasks += len(job.steps)
            self._need(job, 0)
        job_parts = [self._made_parts(line, left[line.name]) for line in lines]
        parts = [self._known_parts(line, left[line.name]) + made for line, made in zip(lines, job_parts, strict=True)]
        of_demand = [self._supplies_of(item_id) for _, _, item_id, _, _ in self.demands]
        shop_parts = [part for found in parts for part, _ in found if part.job is not None]
        question = ask(plant, self.jobs, shop_parts)
        problem = self._problem(question, lines, left, parts, of_demand)
        return Candidates(
            problem,
            self.ledger,
            question,
            lines,
            [left[line.name] for line in lines],
            parts,
            [(job, step) for job, step, *_ in self.demands],
            self.supplies,
            self.is_exact,
        )

    # ---- candidates ----------------------------------------------------------------------------------

    def _made_parts(self, line: OrderLine, wanted: Decimal) -> list[tuple[Part, Lane | None]]:
        plant, found = self.plant, []
        for unit_id in plant.makers.get(line.item_id, ()):
            unit = plant.snapshot.unit[unit_id]
            if not plant.reaches_floor(line, unit_id, SupplyType.JOB):
                continue
            for lane in plant.lanes((unit_id, unit.site), line):
                for quantity in self._quantities(line, wanted):
                    job = self._candidate(line.item_id, unit_id, quantity, line, 0)
                    if job is not None:
                        part = Part(line, SourceType.UNIT, unit_id, quantity, job.supply, job, lane)
                        found.append((part, lane))
        return found

    def _quantities(self, line: OrderLine, wanted: Decimal) -> list[Decimal]:
        if not line.may_split:
            return [wanted]
        step = self.plant.snapshot.item[line.item_id].quantity_step
        least = line.min_split or ZERO
        count = int(wanted // step)
        most = self.most_quantities
        if count > most:
            self.is_exact = False
            places = sorted({max(1, round(count * share / most)) for share in range(1, most + 1)})
        else:
            places = list(range(1, count + 1))
        amounts = {step * place for place in places} | {wanted} | {wanted - step * place for place in places}
        for unit_id in self.plant.makers.get(line.item_id, ()):
            quality = self.plant.snapshot.unit[unit_id].quality
            if quality < 1:  # all the good output of a whole number of steps
                good = {step * place * quality for place in places}
                amounts |= good | {wanted - each for each in good}
        for supply in self.ledger.supplies(line.item_id):  # what is left where a supply gives all it holds
            amounts |= {wanted - supply.free - step * place for place in (0, *places)}
        return sorted(amount for amount in amounts if max(min(least, wanted), ZERO) <= amount <= wanted and amount)

    def _candidate(
        self, item_id: str, unit_id: str, quantity: Decimal, line: OrderLine | None, level: int
    ) -> Job | None:
        plant = self.plant
        unit = plant.snapshot.unit[unit_id]
        started = plant.started(item_id, quantity, unit.quality)
        steps = plant.routings[item_id, unit_id]
        if level > 12 or any(not plant.usable(step, started) for step in steps):
            return None
        self.num_tasks += len(steps)
        if self.num_tasks > MOST_TASKS:
            raise TooLargeError
        supply = Supply(SupplyType.JOB, "", item_id, started * unit.quality, FOREVER, unit.site, unit_id)
        job = Job(item_id, unit_id, started, supply, steps, line)
        self._need(job, level + 1)
        self.jobs.append(job)
        self.optional.add(id(job))
        return job

    def _need(self, job: Job, level: int) -> None:
        """Note what a job draws, and the jobs that could be made for it."""
        open_steps = [position for position, step in enumerate(job.steps) if step.op_no not in job.fixed]
        for position in open_steps:
            for component in job.steps[position].components:
                need = job.started * component.need_per_unit
                item_id = component.component_id
                makers: list[tuple[Job, Decimal]] = []
                for unit_id in self.plant.makers.get(item_id, ()):
                    for quantity in self._component_quantities(item_id, unit_id, need):
                        made = self._candidate(item_id, unit_id, quantity, job.line, level)
                        if made is not None:
                            made.parent = job
                            makers.append((made, made.supply.free))
                            job.draws.append(Draw(made.supply, quantity, position))
                self.demands.append((job, position, item_id, need, makers))

    def _component_quantities(self, item_id: str, unit_id: str, need: Decimal) -> list[Decimal]:
        """Return the quantities that a job for a need may deliver: all of it, or less beside other supplies."""
        has_others = any(True for _ in self.ledger.supplies(item_id)) or (item_id in self.plant.sellers)
        if not has_others:
            return [need]
        quality = self.plant.snapshot.unit[unit_id].quality
        step = self.plant.snapshot.item[item_id].quantity_step
        count = int(self.plant.started(item_id, need, quality) / step)
        if count > self.most_quantities:
            self.is_exact = False
            return [need]
        return [step * place * quality for place in range(1, count)] + [need]

    def _potential(self, item_id: str) -> Decimal:
        """Return the most of an item that all lines and jobs together could need."""
        if item_id not in self.potentials:
            snapshot = self.plant.snapshot
            total = sum((line.quantity for line in snapshot.planned_lines if line.item_id == item_id), ZERO)
            for row in snapshot.bom:
                if row.component_id != item_id:
                    continue
                qualities = [snapshot.unit[unit].quality for unit in self.plant.makers.get(row.item_id, ())]
                if qualities:
                    rounding = snapshot.item[row.item_id].quantity_step * len(snapshot.planned_lines)
                    total += (self._potential(row.item_id) / min(qualities) + rounding) * row.need_per_unit
            total += sum((task.quantity for task in snapshot.fixed_tasks), ZERO)
            self.potentials[item_id] = total
        return self.potentials[item_id]

    def _known_parts(self, line: OrderLine, wanted: Decimal) -> list[tuple[Part, Lane | None]]:
        plant, found = self.plant, []
        for position in self._supplies_of(line.item_id):
            each = self.supplies[position]
            supply = each.supply if isinstance(each, Bought) else each
            if not line.may_split and not isinstance(each, Bought) and supply.free < wanted:
                continue
            if not plant.reaches_floor(line, supply.origin, supply.kind):
                continue
            kind, source = SOURCE_TYPE[supply.kind], source_of(supply)
            found += [
                (Part(line, kind, source, ZERO, supply, None, lane), lane)
                for lane in plant.lanes((supply.origin, supply.site), line)
            ]
        return found

    def _supplies_of(self, item_id: str) -> list[int]:
        positions = []
        for supply in self.ledger.supplies(item_id):
            if id(supply) not in self.index:
                self.index[id(supply)] = len(self.supplies)
                self.supplies.append(supply)
            positions.append(self.index[id(supply)])
        if item_id not in self.bought:
            self.bought[item_id] = []
            for supplier_id, offers in self.plant.sellers.get(item_id, {}).items():
                for bought in self._purchases(supplier_id, item_id, offers):
                    self.bought[item_id].append(len(self.supplies))
                    self.supplies.append(bought)
        return positions + self.bought[item_id]

    def _purchases(self, supplier_id: str, item_id: str, offers: tuple[Offer, ...]) -> list[Bought]:
        plant, found = self.plant, []
        step = plant.snapshot.item[item_id].quantity_step
        open_time = plant.supplier_open_time(supplier_id)
        for offer in offers:
            first = plant.receivable(supplier_id, offer)
            if first >= FOREVER:
                continue
            lot = lot_of(step, offer.lot_multiple)
            week = plant.week(first)
            num_weeks = self._weeks_needed(offer, lot)
            for number in range(num_weeks):
                at = first if number == 0 else open_time.next_open(plant.weeks[week + number])
                if at >= plant.weeks[week + number + 1]:
                    continue
                supply = Supply(SupplyType.PURCHASE, "", item_id, ZERO, at, None, supplier_id)
                found.append(Bought(supplier_id, item_id, offer, week + number, lot, supply))
        return found

    def _weeks_needed(self, offer: Offer, lot: Decimal) -> int:
        """Return over how many weeks purchases of an offer could be spread."""
        if offer.max_per_week is None:
            return 1
        quality = self.plant.snapshot.supplier[offer.supplier_id].quality
        a_week = int(offer.max_per_week / lot)
        lots = ceil_whole(self._potential(offer.item_id) / quality / lot) + 1
        weeks = -(-lots // a_week) + 1 if a_week else 1
        if weeks > MOST_WEEKS:
            self.is_exact = False
        return min(weeks, MOST_WEEKS)

    # ---- the question --------------------------------------------------------------------------------

    def _problem(
        self,
        question: ShopQuestion,
        lines: list[OrderLine],
        left: dict[str, Decimal],
        parts: list[list[tuple[Part, Lane | None]]],
        of_demand: list[list[int]],
    ) -> IntegratedProblem:
        plant = self.plant
        job_index = {id(job): position for position, job in enumerate(question.jobs)}
        task_index = {(id(job), op_no): task for task, (job, op_no) in enumerate(question.tasks)}
        line_index = {name: position for position, name in enumerate(question.lines)}
        supplies = tuple(self._supply(each, question) for each in self.supplies)
        line_questions = []
        for line, found in zip(lines, parts, strict=True):
            groups: dict[tuple[str, str | None, int], list[int]] = defaultdict(list)
            candidates = []
            for place, (part, lane) in enumerate(found):
                position = -1 if part.job is not None else self._position(part.supply)
                key = (str(part.source_type), part.source_id, position)
                groups[key].append(place)
                candidates.append(
                    PartCandidate(
                        NONE if part.job is None else job_index[id(part.job)],
                        position,
                        _micro(part.quantity),
                        self._boarding(lane, part.quantity),
                        self._ready(part),
                        plant.release(line),
                        plant.unit_index[part.source_id]
                        if part.source_type is SourceType.UNIT and part.source_id
                        else -1,
                        self._dislike(part),
                    )
                )
            wanted = left[line.name]
            line_questions.append(
                LineQuestion(
                    _micro(wanted),
                    line.may_split,
                    _micro(line.min_split or ZERO),
                    plant.due(line),
                    plant.minute_cost[line.name],
                    plant.unserved_cost[line.name] * float(wanted / line.quantity),
                    line_index.get(line.name, -1),
                    tuple(candidates),
                    tuple(tuple(group) for group in groups.values()),
                    plant.charges.get(line.name, NO_CHARGES),
                )
            )
        demands = tuple(
            DemandQuestion(
                job_index[id(job)],
                task_index[id(job), job.steps[step].op_no],
                _micro(need),
                tuple(positions),
                tuple((job_index[id(maker)], _micro(good)) for maker, good in makers),
            )
            for (job, step, _, need, makers), positions in zip(self.demands, of_demand, strict=True)
        )
        shares = tuple(
            (position, float(unit.max_share))
            for position, unit in enumerate(plant.snapshot.production_units)
            if unit.max_share is not None
        )
        known = [supply.available for supply in supplies if supply.available < FOREVER]
        return IntegratedProblem(
            question.problem,
            tuple(job_index[id(job)] for job in question.jobs if id(job) in self.optional),
            tuple(line_questions),
            demands,
            supplies,
            shares,
            max(known, default=0),
            self._quotas(lines, parts),
        )

    def _quotas(self, lines: list[OrderLine], parts: list[list[tuple[Part, Lane | None]]]) -> tuple[QuotaQuestion, ...]:
        """Return the agreements about ordered items, and which candidates count for whom."""
        found = []
        weight = float(self.plant.snapshot.settings.weight_quota)
        for item_id, agreement in self.plant.agreements.items():
            takers: dict[Source, list[tuple[int, int]]] = {source: [] for source in agreement.quotas}
            for number, (line, candidates) in enumerate(zip(lines, parts, strict=True)):
                for place, (part, _) in enumerate(candidates if line.item_id == item_id else ()):
                    source = source_of_part(part)
                    if source in takers:
                        takers[source].append((number, place))
            shares = [Fraction(quota.share) for quota in agreement.quotas.values()]
            whole = math.lcm(*(share.denominator for share in shares))
            found.append(
                QuotaQuestion(
                    tuple(int(share * whole) for share in shares),
                    whole,
                    tuple(_micro(quota.so_far) for quota in agreement.quotas.values()),
                    tuple(tuple(each) for each in takers.values()),
                    weight / MILLION,
                )
            )
        return tuple(found)

    def _ready(self, part: Part) -> int:
        assert part.supply is not None
        return handed_over(self.plant, part.supply, part.line)

    def _dislike(self, part: Part) -> float:
        """Return the weighted cost of a millionth of a part for who makes or sells it; what has begun costs nothing."""
        is_unit = part.job is not None
        if not (is_unit or part.source_type is SourceType.SUPPLIER) or part.source_id is None:
            return 0.0
        return self.plant.dislike(part.line.item_id, part.source_id, is_unit=is_unit) / MILLION

    def _position(self, supply: Supply | None) -> int:
        for position, each in enumerate(self.supplies):
            if each is supply or (isinstance(each, Bought) and each.supply is supply):
                return position
        raise KeyError("supply is not a candidate")

    def _supply(self, each: Supply | Bought, question: ShopQuestion) -> SupplyCandidate:
        if isinstance(each, Supply):
            job = next(
                (
                    position
                    for position, found in enumerate(question.jobs)
                    if found.supply is each and each.available >= FOREVER
                ),
                NONE,
            )
            return SupplyCandidate(_micro(each.free), each.available, job)
        plant, offer = self.plant, each.offer
        quality = plant.snapshot.supplier[each.supplier_id].quality
        step = plant.snapshot.item[each.item_id].quantity_step
        needed = ceil_whole(ceil_to(self._potential(each.item_id) / quality, step) / each.lot) + 1
        least = ceil_whole(max(offer.from_quantity, offer.min_quantity or ZERO) / each.lot)
        most = max(least, needed)
        breaks = plant.sellers[each.item_id][each.supplier_id]
        above = [other.from_quantity for other in breaks if other.from_quantity > offer.from_quantity]
        if above:
            most = min(most, ceil_whole(min(above) / each.lot) - 1)
        if offer.max_per_week is not None:
            most = min(most, int(offer.max_per_week / each.lot))
        price = float(offer.unit_price * each.lot * plant.snapshot.settings.weight_purchase)
        weeks = sorted(
            {(other.supplier_id, other.item_id, other.week) for other in self.supplies if isinstance(other, Bought)}
        )
        week = weeks.index((each.supplier_id, each.item_id, each.week))
        if most < least:
            most = least = 0
        return SupplyCandidate(int(each.lot * quality * MILLION), each.supply.available, NONE, price, least, most, week)

    def _boarding(self, lane: Lane | None, quantity: Decimal) -> Boarding:
        if lane is None:
            return Boarding()
        weight = float(self.plant.snapshot.settings.weight_transport)
        leaves = self.plant.departures(lane)
        lanes = [(each.origin, each.destination, each.mode) for each in self.plant.snapshot.lanes]
        shipments = 1
        if lane.capacity is not None and quantity and leaves is None:
            shipments = ceil_whole(quantity / lane.capacity)
        return Boarding(
            self.plant.lead(lane),
            None if leaves is None else tuple(leaves),
            lanes.index((lane.origin, lane.destination, lane.mode)) if leaves is not None else -1,
            float(lane.cost_fixed) * weight * shipments,
            float(lane.cost_per_unit) * weight / MILLION,
            None if lane.capacity is None else _micro(lane.capacity),
        )


def _micro(quantity: Decimal) -> int:
    return int(quantity * MILLION)
