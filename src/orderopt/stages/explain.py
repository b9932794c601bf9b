"""Stage 7, explain: what binds the arrival of a line, followed backwards through the plan.

From the task that ends last the chain goes back to whatever its start had to wait for: the step before, a
component, the task before it on its resource, closed hours, or a release. What held it up longest is named as the
bottleneck.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from orderopt.models.result import SourceType, SupplyType
from orderopt.solvers.compiled.plant import Plant
from orderopt.solvers.compiled.shop import ShopSchedule
from orderopt.solvers.compiled.shop_terms import sequence_order
from orderopt.stages.promise import Outlook
from orderopt.stages.schedule import ShopQuestion
from orderopt.stages.ship import Transport
from orderopt.stages.supply import Part

NOTHING = -1


class Cause(StrEnum):
    """What can hold up a line."""

    CAPACITY = "capacity"
    MATERIAL = "material"
    LEAD_TIME = "lead_time"
    CALENDAR = "calendar"
    RELEASE = "release"
    FROZEN = "frozen"
    TRANSPORT = "transport"
    WORK = "work"
    SUPPLY = "supply"


@dataclass(frozen=True)
class Explanation:
    """Why a line arrives when it does.

    Attributes
    ----------
    bottleneck
        ``cause: name``, for example ``capacity: M3``; None where nothing is served.
    text
        The chain in words.
    """

    bottleneck: str | None
    text: str


class Explainer:
    """Follows chains of waiting through a schedule.

    Parameters
    ----------
    plant, question, schedule, transport
        The plan so far.
    """

    def __init__(self, plant: Plant, question: ShopQuestion, schedule: ShopSchedule, transport: Transport) -> None:
        self.plant, self.question, self.schedule, self.transport = plant, question, schedule, transport
        # Lists, not arrays: chains are followed task by task.
        self.resource: list[int] = question.problem.arrays.alt_resource[schedule.alternative].tolist()
        self.start: list[int] = schedule.start.tolist()
        self.end: list[int] = schedule.end.tolist()
        self.lag: list[int] = question.problem.arrays.alt_lag[schedule.alternative].tolist()
        self.first: list[int] = question.problem.arrays.job_ptr.tolist()
        self.capacity = [question.problem.capacity(resource) for resource in range(question.problem.num_resources)]
        self.job_index = {id(job.supply): position for position, job in enumerate(question.jobs)}
        self.before = self._before()

    def _before(self) -> list[int]:
        """Return the task that stands before each task on its resource (capacity 1 only)."""
        last = [NOTHING] * len(self.capacity)
        before = [NOTHING] * len(self.start)
        for task in sequence_order(self.schedule).tolist():
            resource = self.resource[task]
            if self.capacity[resource] == 1:
                before[task] = last[resource]
                last[resource] = task
        return before

    def explain(self, outlook: Outlook) -> Explanation:
        """Return what binds a line."""
        unserved = [part for part in outlook.parts if part.source_type is SourceType.UNSERVED]
        missing = "; ".join(f"{_plain(part.quantity)} unserved: {part.reason}" for part in unserved)
        part = outlook.last
        if part is None:
            return Explanation(None, missing)
        waits = self._waits_of_part(part)
        state = "on time" if outlook.tardiness == 0 else f"late by {duration(outlook.tardiness)}"
        total: dict[tuple[Cause, str], int] = defaultdict(int)
        for cause, name, minutes in waits:
            total[cause, name] += minutes
        held = {key: spent for key, spent in total.items() if key[0] is not Cause.WORK and spent > 0} or dict(total)
        (cause, name), minutes = max(held.items(), key=lambda item: item[1])
        steps = ", ".join(
            f"{_WORDS[each]} {who} ({duration(spent)})"
            for (each, who), spent in sorted(total.items(), key=lambda item: -item[1])[:4]
            if spent > 0
        )
        text = f"{state}; {steps or 'nothing to wait for'}"
        if missing:
            text += f"; {missing}"
        return Explanation(f"{cause}: {name}", text)

    def _waits_of_part(self, part: Part) -> list[tuple[Cause, str, int]]:
        waits: list[tuple[Cause, str, int]] = []
        assert part.supply is not None
        available = self.transport.available[id(part)]
        if part.lane is not None:
            lane = f"{part.lane.origin} → {part.lane.destination}"
            waits.append((Cause.TRANSPORT, lane, self.transport.arrival[id(part)] - available))
        position = self.job_index.get(id(part.supply))
        if position is None:
            waits.append(self._supply_wait(part.supply.kind, part.supply.name, part.source_id, available))
        else:
            waits += self._waits_of_job(position)
        return waits

    def _supply_wait(
        self, kind: SupplyType, name: str, source_id: str | None, available: int
    ) -> tuple[Cause, str, int]:
        if kind is SupplyType.PURCHASE:
            return Cause.LEAD_TIME, f"supplier {source_id}", available
        return Cause.SUPPLY, name, available

    def _waits_of_job(self, position: int) -> list[tuple[Cause, str, int]]:
        """Follow the chain of waiting back from the last task of a job."""
        is_fixed = self.question.problem.arrays.task_is_fixed
        waits: list[tuple[Cause, str, int]] = []
        task = self.first[position + 1] - 1
        for _ in range(10_000):
            resource = self.resource[task]
            name = self.plant.resources[resource].resource_id
            start, end = self.start[task], self.end[task]
            if is_fixed[task]:
                waits.append((Cause.FROZEN, name, end - max(0, min(start, end))))
                return waits
            worked = self.plant.open_time(resource).between(start, end)
            waits.append((Cause.WORK, name, worked))
            if end - start > worked:
                waits.append((Cause.CALENDAR, name, end - start - worked))
            ready, following = self._ready(task)
            before = self.before[task]
            free = self.end[before] if before != NOTHING else -1
            if free > ready:
                waits.append((Cause.CAPACITY, name, free - ready))
                if start > free:
                    waits.append((Cause.CALENDAR, name, start - free))
            elif start > ready:
                cause = Cause.CALENDAR if self.capacity[resource] == 1 else Cause.CAPACITY
                waits.append((cause, name, start - ready))
            if isinstance(following, int):
                task = following
                continue
            waits.append(following)
            return waits
        return waits

    def _ready(self, task: int) -> tuple[int, int | tuple[Cause, str, int]]:
        """Return when a task could have started, and the task (or the fact) that this is due to."""
        arrays = self.question.problem.arrays
        job, op_no = self.question.tasks[task]
        release = self.plant.release(job.line)
        base = Cause.FROZEN if release == self.plant.start and self.plant.start > 0 else Cause.RELEASE
        ready: int = release
        following: int | tuple[Cause, str, int] = (
            base,
            "planning start" if release == self.plant.start else "release of the line",
            release,
        )
        if task > self.first[int(arrays.task_job[task])] and self.end[task - 1] + self.lag[task - 1] >= ready:
            ready, following = self.end[task - 1] + self.lag[task - 1], task - 1
        for link in range(int(arrays.link_ptr[task]), int(arrays.link_ptr[task + 1])):
            last = self.first[int(arrays.link_job[link]) + 1] - 1
            if self.end[last] > ready:
                ready, following = self.end[last], last
        for draw in job.draws:
            if job.steps[draw.step].op_no == op_no and id(draw.supply) not in self.job_index:
                at = draw.supply.available
                if at > ready:
                    name = f"{draw.supply.item_id}"
                    if draw.supply.kind is SupplyType.PURCHASE:
                        name += f" from {draw.supply.origin}"
                    ready, following = at, (Cause.MATERIAL, name, at - release)
        return ready, following


_WORDS = {
    Cause.CAPACITY: "waits for",
    Cause.MATERIAL: "waits for component",
    Cause.LEAD_TIME: "lead time of",
    Cause.CALENDAR: "closed hours of",
    Cause.RELEASE: "from",
    Cause.FROZEN: "fixed work on",
    Cause.TRANSPORT: "on the way",
    Cause.WORK: "work on",
    Cause.SUPPLY: "supply",
}


def duration(minutes: int) -> str:
    """Return minutes as people say them, for example ``2 d 3 h``."""
    days, rest = divmod(int(minutes), 1440)
    hours, left = divmod(rest, 60)
    parts = [f"{amount} {unit}" for amount, unit in ((days, "d"), (hours, "h"), (left, "min")) if amount]
    return " ".join(parts[:2]) or "0 min"


def _plain(quantity: Decimal) -> str:
    return f"{quantity:f}".rstrip("0").rstrip(".") if "." in f"{quantity:f}" else f"{quantity:f}"
