"""Stage 8, publish: name everything and write the plan's tables as DataFrames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

from orderopt.models.plan import PLAN_TABLES
from orderopt.models.result import DemandType, ParentType, SourceType
from orderopt.solvers.compiled.plant import ceil_whole
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.stages.costs import SupplyCosts
from orderopt.stages.decisions import Decisions
from orderopt.stages.explain import Explainer
from orderopt.stages.quotas import add_quotas
from orderopt.stages.supply import Job, Supply

CENTS = Decimal("0.0001")


def publish(decisions: Decisions) -> dict[str, pd.DataFrame]:
    """Return the plan's tables."""
    _name(decisions)
    writer = _Writer(decisions)
    return {
        "allocation": writer.allocation(),
        "jobs": writer.jobs(),
        "schedule": writer.schedule(),
        "purchases": writer.purchases(),
        "shipments": writer.shipments(),
        "pegging": writer.pegging(),
        "promises": writer.promises(),
    }


def _names(prefix: str, taken: set[str]) -> Iterator[str]:
    for number in count(1):
        name = f"{prefix}{number:04d}"
        if name not in taken:
            yield name


def _name(decisions: Decisions) -> None:
    """Give jobs, purchases and their supplies their names, in the order of the tables."""
    snapshot = decisions.plant.snapshot
    job_names = _names("J", {task.job_id for task in snapshot.fixed_tasks})
    for job in decisions.question.jobs:
        if not job.fixed:
            job.job_id = job.supply.name = next(job_names)
    purchase_names = _names("P", set())
    for purchase in decisions.purchases:
        purchase.purchase_id = purchase.supply.name = next(purchase_names)


class _Writer:
    def __init__(self, decisions: Decisions) -> None:
        self.decisions = decisions
        self.plant = decisions.plant
        self.parts = sorted(
            decisions.parts,
            key=lambda part: (
                part.source_type is SourceType.UNSERVED,
                part.source_type,
                part.source_id or "",
                -part.quantity,
            ),
        )
        order = {line.name: position for position, line in enumerate(self.plant.snapshot.planned_lines)}
        self.parts.sort(key=lambda part: order[part.line.name])
        self.part_no: dict[int, int] = {}
        seen: dict[str, int] = defaultdict(int)
        for part in self.parts:
            seen[part.line.name] += 1
            self.part_no[id(part)] = seen[part.line.name]
        self.job_index = {id(job.supply): position for position, job in enumerate(decisions.question.jobs)}
        last = decisions.question.problem.arrays.job_ptr[1 : len(decisions.question.jobs) + 1] - 1
        self.job_end: list[int] = decisions.schedule.end[last].tolist()
        self.part_of_job = {id(part.job): part for part in self.parts if part.job is not None}

    # ---- tables --------------------------------------------------------------------------------------

    def allocation(self) -> pd.DataFrame:
        decisions, parts = self.decisions, self.parts
        prices = SupplyCosts(self.plant, decisions.question, decisions.schedule, decisions.purchases)
        quotas = add_quotas(self.plant, parts)
        freight: dict[int, Decimal] = defaultdict(Decimal)
        for shipment in decisions.transport.shipments:
            cost = shipment.cost
            for part, quantity in shipment.load:
                freight[id(part)] += cost * quantity / shipment.quantity
        return _frame(
            "allocation",
            {
                "order_id": [part.line.order_id for part in parts],
                "line_no": [part.line.line_no for part in parts],
                "part_no": [self.part_no[id(part)] for part in parts],
                "source_type": [str(part.source_type) for part in parts],
                "source_id": [part.source_id for part in parts],
                "supply_id": [None if part.supply is None else part.supply.name for part in parts],
                "quantity": [part.quantity for part in parts],
                "cost": [
                    (prices.cost(part.supply, part.quantity) + freight[id(part)]).quantize(CENTS) for part in parts
                ],
                "reason": ["; ".join(filter(None, (part.reason, quotas.get(id(part))))) for part in parts],
            },
        )

    def jobs(self) -> pd.DataFrame:
        jobs = self.decisions.question.jobs
        quality = {unit.unit_id: unit.quality for unit in self.plant.snapshot.production_units}
        parents = [self._parent(job) for job in jobs]
        frame = _frame(
            "jobs",
            {
                "job_id": [job.job_id for job in jobs],
                "item_id": [job.item_id for job in jobs],
                "unit_id": [job.unit_id for job in jobs],
                "quantity": [job.started for job in jobs],
                "good_quantity": [job.started * quality[job.unit_id] for job in jobs],
                "parent_type": [kind for kind, _ in parents],
                "parent_id": [name for _, name in parents],
                "available_at": self.job_end,
            },
        )
        return self._moments(frame, "available_at")

    def _parent(self, job: Job) -> tuple[str, str | None]:
        part = self.part_of_job.get(id(job))
        if part is not None:
            return str(ParentType.LINE), part.line.name
        if job.parent is not None:
            return str(ParentType.JOB), job.parent.job_id
        return str(ParentType.STOCK), None

    def schedule(self) -> pd.DataFrame:
        question, schedule = self.decisions.question, self.decisions.schedule
        order = sequence_order(schedule)
        order = order[order < len(question.tasks)]
        tasks = [question.tasks[task] for task in order.tolist()]
        jobs = [job for job, _ in tasks]
        fixed = [job.fixed.get(op_no) for job, op_no in tasks]
        resources = question.problem.arrays.alt_resource[schedule.alternative[order]].tolist()
        frame = _frame(
            "schedule",
            {
                "task_id": [
                    f"{job.job_id}.{op_no}" if given is None else given.task_id
                    for (job, op_no), given in zip(tasks, fixed, strict=True)
                ],
                "job_id": [job.job_id for job in jobs],
                "order_id": [
                    (None if job.line is None else job.line.order_id) if given is None else given.order_id
                    for job, given in zip(jobs, fixed, strict=True)
                ],
                "line_no": [
                    (None if job.line is None else job.line.line_no) if given is None else given.line_no
                    for job, given in zip(jobs, fixed, strict=True)
                ],
                "item_id": [job.item_id for job in jobs],
                "unit_id": [job.unit_id for job in jobs],
                "op_no": [op_no for _, op_no in tasks],
                "resource_id": [self.plant.resources[resource].resource_id for resource in resources],
                "setup_minutes": [
                    Decimal(minutes) if given is None else given.setup_minutes
                    for minutes, given in zip(schedule.setup[order].tolist(), fixed, strict=True)
                ],
                "start": schedule.start[order].tolist(),
                "end": schedule.end[order].tolist(),
                "quantity": [job.started for job in jobs],
                "frozen": [given is not None for given in fixed],
            },
        )
        return self._moments(frame, "start", "end")

    def purchases(self) -> pd.DataFrame:
        wanted: dict[int, list[str]] = defaultdict(list)
        for job in self.decisions.question.jobs:
            for draw in job.draws:
                wanted[id(draw.supply)].append(job.job_id)
        for part in self.parts:
            if part.supply is not None:
                wanted[id(part.supply)].append(part.line.name)
        bought = [(each, each.offer) for each in self.decisions.purchases if each.offer is not None]
        frame = _frame(
            "purchases",
            {
                "purchase_id": [each.purchase_id for each, _ in bought],
                "supplier_id": [each.supplier_id for each, _ in bought],
                "item_id": [each.item_id for each, _ in bought],
                "quantity": [each.quantity for each, _ in bought],
                "order_at": [each.supply.available - ceil_whole(offer.lead_time_days * 1440) for each, offer in bought],
                "receive_at": [each.supply.available for each, _ in bought],
                "unit_price": [offer.unit_price for _, offer in bought],
                "total": [each.quantity * offer.unit_price for each, offer in bought],
                "for": [" ".join(dict.fromkeys(wanted[id(each.supply)])) for each, _ in bought],
            },
        )
        return self._moments(frame, "order_at", "receive_at")

    def shipments(self) -> pd.DataFrame:
        shipments = self.decisions.transport.shipments
        frame = _frame(
            "shipments",
            {
                "shipment_id": [f"S{number:04d}" for number in range(1, len(shipments) + 1)],
                "origin": [each.lane.origin for each in shipments],
                "destination": [each.lane.destination for each in shipments],
                "mode": [each.lane.mode for each in shipments],
                "depart_at": [each.depart for each in shipments],
                "arrive_at": [each.arrive for each in shipments],
                "quantity": [each.quantity for each in shipments],
                "cost": [each.cost for each in shipments],
                "lines": [
                    " ".join(f"{part.line.name}/{self.part_no[id(part)]}" for part, _ in each.load)
                    for each in shipments
                ],
            },
        )
        return self._moments(frame, "depart_at", "arrive_at")

    def pegging(self) -> pd.DataFrame:
        decisions = self.decisions
        arrays = decisions.question.problem.arrays
        starts = decisions.schedule.start.tolist()
        op_nos = [op_no for _, op_no in decisions.question.tasks]
        first = arrays.job_ptr.tolist()
        pegs: dict[tuple[str, str, str, str], tuple[Decimal, int, Supply]] = {}

        def peg(supply: Supply, quantity: Decimal, kind: DemandType, demand: str, needed: int) -> None:
            key = (supply.kind.value, supply.name, kind.value, demand)
            if key in pegs:
                already, earlier, _ = pegs[key]
                pegs[key] = already + quantity, min(earlier, needed), supply
            else:
                pegs[key] = quantity, needed, supply

        for position, job in enumerate(decisions.question.jobs):
            begin, end = first[position], first[position + 1]
            start_of = dict(zip(op_nos[begin:end], starts[begin:end], strict=True))
            for draw in job.draws:
                peg(draw.supply, draw.quantity, DemandType.JOB, job.job_id, start_of[job.steps[draw.step].op_no])
        for part in self.parts:
            if part.supply is not None:
                needed = decisions.transport.available[id(part)]
                peg(part.supply, part.quantity, DemandType.LINE, part.line.name, needed)
        found = list(pegs.values())
        frame = _frame(
            "pegging",
            {
                "supply_type": [key[0] for key in pegs],
                "supply_id": [key[1] for key in pegs],
                "item_id": [supply.item_id for _, _, supply in found],
                "quantity": [quantity for quantity, _, _ in found],
                "demand_type": [key[2] for key in pegs],
                "demand_id": [key[3] for key in pegs],
                "available_at": [self._available(supply) for _, _, supply in found],
                "needed_at": [needed for _, needed, _ in found],
            },
        )
        return self._moments(frame, "available_at", "needed_at")

    def promises(self) -> pd.DataFrame:
        decisions = self.decisions
        explainer = Explainer(self.plant, decisions.question, decisions.schedule, decisions.transport)
        outlooks = decisions.outlooks
        explanations = [explainer.explain(outlook) for outlook in outlooks]
        frame = _frame(
            "promises",
            {
                "order_id": [each.line.order_id for each in outlooks],
                "line_no": [each.line.line_no for each in outlooks],
                "due_at": [self.plant.due(each.line) for each in outlooks],
                "promised_at": [pd.NA if each.promised is None else each.promised for each in outlooks],
                "quantity": [each.served for each in outlooks],
                "tardiness_minutes": [each.tardiness for each in outlooks],
                "on_time": [each.is_on_time for each in outlooks],
                "bottleneck": [each.bottleneck for each in explanations],
                "explanation": [each.text for each in explanations],
            },
        )
        return self._moments(frame, "due_at", "promised_at")

    # ---- helpers -------------------------------------------------------------------------------------

    def _available(self, supply: Supply) -> int:
        position = self.job_index.get(id(supply))
        return supply.available if position is None else self.job_end[position]

    def _moments(self, frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
        origin = pd.Timestamp(self.plant.clock.origin)
        for column in columns:
            minutes = pd.to_numeric(frame[column], errors="coerce").astype("float64")
            moments = origin + pd.to_timedelta(minutes * 60, unit="s")
            frame[column] = pd.DatetimeIndex(moments).as_unit("us").tz_convert(self.plant.clock.zone)
        return frame


def _frame(table: str, columns: dict[str, Sequence[Any]]) -> pd.DataFrame:
    """Return a table of the plan; a table without rows has columns of any kind."""
    if list(columns) != list(PLAN_TABLES[table].columns()):
        raise ValueError(f"{table}: {list(columns)} are not the columns of the contract")
    if not any(len(values) for values in columns.values()):
        return pd.DataFrame({column: np.array([], dtype=object) for column in columns})
    return pd.DataFrame(columns)
