"""Stage 8, publish: name everything and write the plan's tables as DataFrames."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

from orderopt.models.plan import PLAN_TABLES
from orderopt.models.result import DemandType, ParentType, SourceType
from orderopt.solvers.compiled.plant import Plant, ceil_whole
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.stages.explain import Explainer
from orderopt.stages.promise import Outlook
from orderopt.stages.schedule import ShopQuestion
from orderopt.stages.ship import Transport
from orderopt.stages.supply import ZERO, Job, Part, Purchase, Supply

CENTS = Decimal("0.0001")


@dataclass(frozen=True)
class Decisions:
    """Everything decided, before it has names."""

    plant: Plant
    parts: tuple[Part, ...]
    purchases: tuple[Purchase, ...]
    question: ShopQuestion
    schedule: ShopSchedule
    transport: Transport
    outlooks: tuple[Outlook, ...]


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
        self.purchase_of = {id(purchase.supply): purchase for purchase in decisions.purchases}
        self.job_end, self.step_start = self._times()
        self.part_of_job = {id(part.job): part for part in self.parts if part.job is not None}
        self._job_costs: dict[int, Decimal] = {}

    def _times(self) -> tuple[list[int], dict[tuple[int, int], int]]:
        question, schedule = self.decisions.question, self.decisions.schedule
        arrays = question.problem.arrays
        ends = [int(schedule.end[arrays.job_ptr[job + 1] - 1]) for job in range(len(question.jobs))]
        starts = {
            (int(arrays.task_job[task]), op_no): int(schedule.start[task])
            for task, (_, op_no) in enumerate(question.tasks)
        }
        return ends, starts

    # ---- tables --------------------------------------------------------------------------------------

    def allocation(self) -> pd.DataFrame:
        freight: dict[int, Decimal] = defaultdict(Decimal)
        for shipment in self.decisions.transport.shipments:
            for part, quantity in shipment.load:
                freight[id(part)] += shipment.cost * quantity / shipment.quantity
        return _frame(
            "allocation",
            [
                {
                    "order_id": part.line.order_id,
                    "line_no": part.line.line_no,
                    "part_no": self.part_no[id(part)],
                    "source_type": str(part.source_type),
                    "source_id": part.source_id,
                    "supply_id": None if part.supply is None else part.supply.name,
                    "quantity": part.quantity,
                    "cost": (self._supply_cost(part.supply, part.quantity) + freight[id(part)]).quantize(CENTS),
                    "reason": part.reason,
                }
                for part in self.parts
            ],
        )

    def jobs(self) -> pd.DataFrame:
        rows = []
        for position, job in enumerate(self.decisions.question.jobs):
            part = self.part_of_job.get(id(job))
            parent: tuple[ParentType, str | None] = (ParentType.STOCK, None)
            if part is not None:
                parent = (ParentType.LINE, part.line.name)
            elif job.parent is not None:
                parent = (ParentType.JOB, job.parent.job_id)
            rows.append(
                {
                    "job_id": job.job_id,
                    "item_id": job.item_id,
                    "unit_id": job.unit_id,
                    "quantity": job.started,
                    "good_quantity": job.started * self.plant.snapshot.unit[job.unit_id].quality,
                    "parent_type": str(parent[0]),
                    "parent_id": parent[1],
                    "available_at": self.job_end[position],
                }
            )
        return self._moments(_frame("jobs", rows), "available_at")

    def schedule(self) -> pd.DataFrame:
        question, schedule = self.decisions.question, self.decisions.schedule
        arrays = question.problem.arrays
        rows = []
        for task in sequence_order(schedule):
            job, op_no = question.tasks[task]
            fixed = job.fixed.get(op_no)
            line = job.line
            rows.append(
                {
                    "task_id": f"{job.job_id}.{op_no}" if fixed is None else fixed.task_id,
                    "job_id": job.job_id,
                    "order_id": (None if line is None else line.order_id) if fixed is None else fixed.order_id,
                    "line_no": (None if line is None else line.line_no) if fixed is None else fixed.line_no,
                    "item_id": job.item_id,
                    "unit_id": job.unit_id,
                    "op_no": op_no,
                    "resource_id": self.plant.resources[
                        int(arrays.alt_resource[schedule.alternative[task]])
                    ].resource_id,
                    "setup_minutes": Decimal(int(schedule.setup[task])) if fixed is None else fixed.setup_minutes,
                    "start": int(schedule.start[task]),
                    "end": int(schedule.end[task]),
                    "quantity": job.started,
                    "frozen": fixed is not None,
                }
            )
        return self._moments(_frame("schedule", rows), "start", "end")

    def purchases(self) -> pd.DataFrame:
        wanted: dict[int, list[str]] = defaultdict(list)
        for job in self.decisions.question.jobs:
            for draw in job.draws:
                wanted[id(draw.supply)].append(job.job_id)
        for part in self.parts:
            if part.supply is not None:
                wanted[id(part.supply)].append(part.line.name)
        rows = []
        for purchase in self.decisions.purchases:
            assert purchase.offer is not None
            lead = ceil_whole(purchase.offer.lead_time_days * 1440)
            rows.append(
                {
                    "purchase_id": purchase.purchase_id,
                    "supplier_id": purchase.supplier_id,
                    "item_id": purchase.item_id,
                    "quantity": purchase.quantity,
                    "order_at": purchase.supply.available - lead,
                    "receive_at": purchase.supply.available,
                    "unit_price": purchase.offer.unit_price,
                    "total": purchase.quantity * purchase.offer.unit_price,
                    "for": " ".join(dict.fromkeys(wanted[id(purchase.supply)])),
                }
            )
        return self._moments(_frame("purchases", rows), "order_at", "receive_at")

    def shipments(self) -> pd.DataFrame:
        rows = [
            {
                "shipment_id": f"S{number:04d}",
                "origin": shipment.lane.origin,
                "destination": shipment.lane.destination,
                "mode": shipment.lane.mode,
                "depart_at": shipment.depart,
                "arrive_at": shipment.arrive,
                "quantity": shipment.quantity,
                "cost": shipment.cost,
                "lines": " ".join(f"{part.line.name}/{self.part_no[id(part)]}" for part, _ in shipment.load),
            }
            for number, shipment in enumerate(self.decisions.transport.shipments, start=1)
        ]
        return self._moments(_frame("shipments", rows), "depart_at", "arrive_at")

    def pegging(self) -> pd.DataFrame:
        pegs: dict[tuple[str, ...], list[Any]] = {}

        def peg(supply: Supply, quantity: Decimal, kind: DemandType, demand: str, needed: int) -> None:
            key = (str(supply.kind), supply.name, str(kind), demand)
            if key in pegs:
                pegs[key][0] += quantity
                pegs[key][1] = min(pegs[key][1], needed)
            else:
                pegs[key] = [quantity, needed, supply]

        for position, job in enumerate(self.decisions.question.jobs):
            for draw in job.draws:
                needed = self.step_start[position, job.steps[draw.step].op_no]
                peg(draw.supply, draw.quantity, DemandType.JOB, job.job_id, needed)
        for part in self.parts:
            if part.supply is not None:
                needed = self.decisions.transport.available[id(part)]
                peg(part.supply, part.quantity, DemandType.LINE, part.line.name, needed)
        return self._moments(
            _frame(
                "pegging",
                [
                    {
                        "supply_type": kind,
                        "supply_id": name,
                        "item_id": supply.item_id,
                        "quantity": quantity,
                        "demand_type": demand_type,
                        "demand_id": demand,
                        "available_at": self._available(supply),
                        "needed_at": needed,
                    }
                    for (kind, name, demand_type, demand), (quantity, needed, supply) in pegs.items()
                ],
            ),
            "available_at",
            "needed_at",
        )

    def promises(self) -> pd.DataFrame:
        decisions = self.decisions
        explainer = Explainer(self.plant, decisions.question, decisions.schedule, decisions.transport)
        rows = []
        for outlook in decisions.outlooks:
            explanation = explainer.explain(outlook)
            rows.append(
                {
                    "order_id": outlook.line.order_id,
                    "line_no": outlook.line.line_no,
                    "due_at": self.plant.due(outlook.line),
                    "promised_at": pd.NA if outlook.promised is None else outlook.promised,
                    "quantity": outlook.served,
                    "tardiness_minutes": outlook.tardiness,
                    "on_time": outlook.is_on_time,
                    "bottleneck": explanation.bottleneck,
                    "explanation": explanation.text,
                }
            )
        return self._moments(_frame("promises", rows), "due_at", "promised_at")

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

    def _supply_cost(self, supply: Supply | None, quantity: Decimal) -> Decimal:
        """Return what a quantity of a supply costs to make or buy; stock and receipts cost nothing more."""
        if supply is None:
            return ZERO
        purchase = self.purchase_of.get(id(supply))
        if purchase is not None and purchase.offer is not None:
            quality = self.plant.snapshot.supplier[purchase.supplier_id].quality
            return purchase.quantity * purchase.offer.unit_price * quantity / (purchase.quantity * quality)
        position = self.job_index.get(id(supply))
        if position is None:
            return ZERO
        job = self.decisions.question.jobs[position]
        good = job.started * self.plant.snapshot.unit[job.unit_id].quality
        return self._job_cost(position, job) * quantity / good

    def _job_cost(self, position: int, job: Job) -> Decimal:
        if position not in self._job_costs:
            self._job_costs[position] = sum(
                (self._supply_cost(draw.supply, draw.quantity) for draw in job.draws), self._work_cost(position)
            )
        return self._job_costs[position]

    def _work_cost(self, position: int) -> Decimal:
        arrays, schedule = self.decisions.question.problem.arrays, self.decisions.schedule
        cost = ZERO
        for task in range(int(arrays.job_ptr[position]), int(arrays.job_ptr[position + 1])):
            if arrays.task_is_fixed[task]:
                continue
            alternative = int(schedule.alternative[task])
            resource = self.plant.resources[int(arrays.alt_resource[alternative])]
            minutes = int(arrays.alt_work[alternative]) + int(schedule.setup[task])
            cost += minutes * resource.cost_per_hour / 60
        return cost


def _frame(table: str, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    columns = PLAN_TABLES[table].columns()
    if rows:
        return pd.DataFrame(list(rows), columns=list(columns))
    return pd.DataFrame({column: np.array([], dtype=object) for column in columns})
