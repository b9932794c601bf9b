"""Writes a decision of the exhaustive planner as the tables of a plan, and adds up what it costs exactly."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pandas as pd

from exhaustive.choices import read_beyond
from exhaustive.sequence import read_length, read_spread
from orderopt.models.plan import PLAN_TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exhaustive.choices import Choice, Part
    from exhaustive.facts import Buy, Facts
    from exhaustive.material import Bucket
    from exhaustive.sequence import Decision, Trip

Row = dict[str, Any]


def to_decimal(number: Fraction | int) -> Decimal:
    """Return a fraction as a decimal (exact where it terminates)."""
    fraction = Fraction(number)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


class PlanWriter:
    """Writes one decision as tables.

    Parameters
    ----------
    facts
        The facts of the snapshot.
    decision
        What was decided.
    """

    def __init__(self, facts: Facts, decision: Decision) -> None:
        self.facts, self.decision, self.structure = facts, decision, decision.structure
        self.buys: dict[Bucket, Buy] = {}
        for supply in decision.supplies:
            self.buys |= supply.buys
        self.pegs: dict[tuple[str, str, str, str, str], list[Any]] = {}
        self.job_ids = [
            draft.fixed[0].job_id if draft.fixed else f"job-{index}" for index, draft in enumerate(self.structure.jobs)
        ]
        self.ends = [facts.clock.minute(draft.fixed[-1].end) if draft.fixed else 0 for draft in self.structure.jobs]
        for placement in decision.placements:
            self.ends[placement.job] = max(self.ends[placement.job], placement.end)

    def write(self) -> dict[str, pd.DataFrame]:
        """Return all tables by name."""
        allocation = list(self._write_allocation())
        self._write_component_pegs()
        rows = {
            "allocation": allocation,
            "jobs": list(self._write_jobs()),
            "schedule": list(self._write_schedule()),
            "purchases": list(self._write_purchases()),
            "shipments": list(self._write_shipments()),
            "pegging": list(self._write_pegs()),
            "promises": list(self._write_promises()),
        }
        return {
            name: pd.DataFrame(rows[name], columns=list(record.columns()), dtype=object)
            for name, record in PLAN_TABLES.items()
        }

    def add_up_terms(self) -> dict[str, Fraction]:
        """Return each term of the objective, exact and before its weight."""
        facts, snapshot = self.facts, self.facts.snapshot
        terms = dict.fromkeys(facts.weight, Fraction(0))
        for choice in self.structure.choices:
            line, priority = choice.line, snapshot.priority(choice.line)
            full = Fraction(line.full_unserved_cost(priority))
            terms["unserved"] += full * choice.unserved / Fraction(line.quantity)
            per_day = Fraction(line.daily_tardiness_cost) * Fraction(priority)
            terms["tardiness"] += per_day * self._late(choice) / 1440
            terms["preference"] += sum(
                facts.lack(part.kind, part.name, line.item_id) * part.quantity for part in choice.parts
            )
            arrivals = [trip.arrive for trip in self._trips(choice)]
            if arrivals:
                early = max(0, facts.clock.minute(line.due_at) - max(arrivals))
                cost = line.quantity if line.earliness_cost is None else line.earliness_cost
                once = 1 if line.late_cost is None else line.late_cost
                terms["late"] += Fraction(priority) * Fraction(once) * (self._late(choice) > 0)
                terms["earliness"] += Fraction(cost) * Fraction(priority) * early / 1440
                terms["flow"] += Fraction(priority) * max(0, max(arrivals) - facts.release(line)) / 1440
        for placement in self.decision.placements:
            price = Fraction(snapshot.resource[placement.row.resource_id].cost_per_hour)
            terms["production"] += price * (placement.setup + placement.work) / 60
            terms["setup"] += placement.setup_cost / (facts.weight["setup"] or 1)
        terms["purchase"] += sum((buy.quantity * buy.price for buy in self.buys.values()), Fraction(0))
        terms["transport"] += sum((Fraction(row["cost"]) for row in self._write_shipments()), Fraction(0))
        terms["quota"] += read_beyond(facts, self.structure.choices)
        terms["makespan"] += read_length(facts, [placement.end for placement in self.decision.placements])
        terms["fairness"] += read_spread(facts, self.structure, self.decision.placements)
        return terms

    # -- lines ------------------------------------------------------------------------------------------------
    def _trips(self, choice: Choice) -> list[Trip]:
        return [trip for trip in self.decision.trips if trip.line == choice.line.name]

    def _late(self, choice: Choice) -> int:
        arrivals = [trip.arrive for trip in self._trips(choice)]
        return max([0, *(arrival - self.facts.clock.minute(choice.line.due_at) for arrival in arrivals)])

    def _write_allocation(self) -> Iterator[Row]:
        for choice in self.structure.choices:
            for number, part in enumerate(choice.parts):
                yield self._write_part(choice, number, part)
            if choice.unserved:
                yield {
                    **self._name(choice),
                    "part_no": len(choice.parts) + 1,
                    "source_type": "unserved",
                    "source_id": None,
                    "supply_id": None,
                    "quantity": to_decimal(choice.unserved),
                    "cost": Decimal(0),
                    "reason": "cheapest",
                }

    def _name(self, choice: Choice) -> Row:
        return {"order_id": choice.line.order_id, "line_no": choice.line.line_no}

    def _write_part(self, choice: Choice, number: int, part: Part) -> Row:
        name, needed = choice.line.name, min(trip.depart for trip in self._trips(choice) if trip.number == number)
        if part.kind in {"unit", "fixed"}:
            job = self.structure.job_of_part[name, number]
            source_type, source_id, supply_id = "unit", self.structure.jobs[job].unit_id, self.job_ids[job]
            peg_type, available = "job", self.ends[job]
        elif part.kind == "supplier":
            bucket = part.name, choice.line.item_id, part.week
            source_type, source_id, supply_id = "supplier", part.name, _name_purchase(bucket)
            peg_type, available = "purchase", self.buys[bucket].receive
        else:
            source_type, source_id, supply_id = part.kind, part.name, part.name
            if part.kind == "stock":
                source_id = part.name.removeprefix(f"{choice.line.item_id}@") or part.name
            peg_type, available = part.kind, self._read_store(part.kind, part.name)
        self._peg(peg_type, supply_id, choice.line.item_id, "line", name, part.quantity, available, needed)
        return {
            **self._name(choice),
            "part_no": number + 1,
            "source_type": source_type,
            "source_id": source_id,
            "supply_id": supply_id,
            "quantity": to_decimal(part.quantity),
            "cost": Decimal(0),
            "reason": "cheapest",
        }

    def _write_promises(self) -> Iterator[Row]:
        for choice in self.structure.choices:
            arrivals = [trip.arrive for trip in self._trips(choice)]
            late = self._late(choice)
            yield {
                **self._name(choice),
                "due_at": choice.line.due_at.astimezone(self.facts.clock.zone),
                "promised_at": self.facts.clock.moment(max(arrivals)) if arrivals else None,
                "quantity": choice.line.quantity - to_decimal(choice.unserved),
                "tardiness_minutes": late,
                "on_time": not late and not choice.unserved,
                "bottleneck": None,
                "explanation": "cheapest",
            }

    def _write_shipments(self) -> Iterator[Row]:
        loads: dict[tuple[object, ...], list[Trip]] = {}
        for index, trip in enumerate(self.decision.trips):
            if trip.lane is not None:
                alone = index if trip.lane.departs is None else None
                loads.setdefault((trip.lane.key, trip.depart, alone), []).append(trip)
        for number, trips in enumerate(loads.values(), start=1):
            lane, first = trips[0].lane, trips[0]
            assert lane is not None
            quantity = sum((trip.quantity for trip in trips), Fraction(0))
            yield {
                "shipment_id": f"ship-{number}",
                "origin": lane.origin,
                "destination": lane.destination,
                "mode": lane.mode,
                "depart_at": self.facts.clock.moment(first.depart),
                "arrive_at": self.facts.clock.moment(first.arrive),
                "quantity": to_decimal(quantity),
                "cost": lane.cost_fixed + lane.cost_per_unit * to_decimal(quantity),
                "lines": " ".join(f"{trip.line}/{trip.number + 1}" for trip in trips),
            }

    # -- supplies ---------------------------------------------------------------------------------------------
    def _read_store(self, kind: str, name: str) -> int:
        if kind == "stock":
            row = next(row for row in self.facts.snapshot.stock if row.name == name)
            return 0 if row.available_at is None else max(0, self.facts.clock.minute(row.available_at))
        receipt = next(row for row in self.facts.snapshot.receipts if row.receipt_id == name)
        return max(0, self.facts.clock.minute(receipt.available_at))

    def _write_component_pegs(self) -> None:
        starts = {(placement.job, placement.op_no): placement.start for placement in self.decision.placements}
        flows = {key: amount for supply in self.decision.supplies for key, amount in supply.flows.items()}
        for index, need in enumerate(self.structure.needs):
            consumer, start = self.job_ids[need.job], starts[need.job, need.op_no]
            if need.child is not None:
                made = need.amount - need.rest
                self._peg(
                    "job", self.job_ids[need.child], need.component, "job", consumer, made, self.ends[need.child], start
                )
            for (flow_index, (kind, name)), amount in flows.items():
                if flow_index == index:
                    purchase = name if isinstance(name, tuple) else None
                    supply_id = _name_purchase(purchase) if purchase else str(name)
                    available = self.buys[purchase].receive if purchase else self._read_store(kind, supply_id)
                    self._peg(kind, supply_id, need.component, "job", consumer, amount, available, start)

    def _peg(self, kind: str, supply_id: str, item_id: str, demand: str, demand_id: str, *rest: Any) -> None:
        quantity, available, needed = rest
        peg = self.pegs.setdefault((kind, supply_id, item_id, demand, demand_id), [Fraction(0), available, needed])
        peg[0] += quantity
        peg[2] = min(peg[2], needed)

    def _write_pegs(self) -> Iterator[Row]:
        for (kind, supply_id, item_id, demand, demand_id), (quantity, available, needed) in self.pegs.items():
            yield {
                "supply_type": kind,
                "supply_id": supply_id,
                "item_id": item_id,
                "quantity": to_decimal(quantity),
                "demand_type": demand,
                "demand_id": demand_id,
                "available_at": self.facts.clock.moment(available),
                "needed_at": self.facts.clock.moment(needed),
            }

    def _write_purchases(self) -> Iterator[Row]:
        for bucket, buy in self.buys.items():
            purchase_id = _name_purchase(bucket)
            takers = [key[4] for key in self.pegs if key[:2] == ("purchase", purchase_id)]
            yield {
                "purchase_id": purchase_id,
                "supplier_id": bucket[0],
                "item_id": bucket[1],
                "quantity": to_decimal(buy.quantity),
                "order_at": self.facts.clock.moment(0),
                "receive_at": self.facts.clock.moment(buy.receive),
                "unit_price": to_decimal(buy.price),
                "total": to_decimal(buy.price * buy.quantity),
                "for": " ".join(takers),
            }

    # -- making -----------------------------------------------------------------------------------------------
    def _write_jobs(self) -> Iterator[Row]:
        for index, draft in enumerate(self.structure.jobs):
            served = [name for (name, _), job in self.structure.job_of_part.items() if job == index]
            parent_type, parent_id = ("line", served[0]) if served else ("stock", None)
            if draft.parent is not None:
                parent_type, parent_id = "job", self.job_ids[draft.parent]
            yield {
                "job_id": self.job_ids[index],
                "item_id": draft.item_id,
                "unit_id": draft.unit_id,
                "quantity": to_decimal(draft.quantity),
                "good_quantity": to_decimal(draft.good),
                "parent_type": parent_type,
                "parent_id": parent_id,
                "available_at": self.facts.clock.moment(self.ends[index]),
            }

    def _write_schedule(self) -> Iterator[Row]:
        for task in self.facts.snapshot.fixed_tasks:
            row = {column: getattr(task, column) for column in type(task).columns()}
            moments = {column: row[column].astimezone(self.facts.clock.zone) for column in ("start", "end")}
            yield {**row, **moments, "frozen": True}
        for placement in self.decision.placements:
            draft = self.structure.jobs[placement.job]
            yield {
                "task_id": f"{self.job_ids[placement.job]}/{placement.op_no}",
                "job_id": self.job_ids[placement.job],
                "order_id": None if draft.line is None else draft.line.order_id,
                "line_no": None if draft.line is None else draft.line.line_no,
                "item_id": draft.item_id,
                "unit_id": draft.unit_id,
                "op_no": placement.op_no,
                "resource_id": placement.row.resource_id,
                "setup_minutes": Decimal(placement.setup),
                "start": self.facts.clock.moment(placement.start),
                "end": self.facts.clock.moment(placement.end),
                "quantity": to_decimal(draft.quantity),
                "frozen": False,
            }


def _name_purchase(bucket: Bucket) -> str:
    supplier_id, item_id, week = bucket
    return f"buy-{supplier_id}-{item_id}-{week}"
