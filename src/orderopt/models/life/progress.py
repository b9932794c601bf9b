"""Progress of a supply order: reports folded so that order, repeats and delay of their arrival do not matter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Self

from pydantic import Field

from orderopt.models.life.part import Part
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.seen import SeenIds
from orderopt.models.life.sensitive import write_json
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ReportKind(StrEnum):
    """What a report tells; any of them may carry quantities."""

    STARTED = "started"
    COUNTED = "counted"
    FINISHED = "finished"
    STOPPED = "stopped"
    RESUMED = "resumed"
    DELAYED = "delayed"


class Report(Part):
    """What a machine, a person or a supplier tells of a supply order.

    Attributes
    ----------
    source, report_id
        Who tells, and the sender's name for the report; together they are told once.
    happened_at
        When it happened, which may be long before it is told.
    op_no
        The step of the routing that it is about; None: the supply order as a whole.
    good, scrap, rework
        Quantities since the report before; below 0 takes back what was told too much.
    reason
        Reason code of a stop, a delay or a loss.
    expected_at
        Of a delay: when it will be ready instead.
    """

    source: Id
    report_id: Id
    kind: ReportKind
    happened_at: Moment
    op_no: int | None = None
    good: Count = ZERO
    scrap: Count = ZERO
    rework: Count = ZERO
    reason: Id | None = None
    expected_at: Moment | None = None

    @property
    def name(self) -> str:
        """Source and id as one text, without ambiguity."""
        return f"{len(self.source)}:{self.source}{self.report_id}"

    @property
    def digest(self) -> str:
        """A short digest of everything that the report says."""
        return sha256(write_json(self.model_dump(mode="json")).encode()).hexdigest()[:16]

    @property
    def takes_back(self) -> bool:
        """Whether it corrects good quantity downwards."""
        return self.good < 0


class Latest(Part):
    """The last thing that was said of something, by the time at which it happened, with its reason code."""

    at: Moment
    by: str
    value: str | None = None
    reason: str | None = None

    @classmethod
    def of(cls, before: Latest | None, report: Report, value: str | None) -> Latest:
        """Return the later of what was known and what a report says; of equal times, the greater name."""
        said = cls(at=report.happened_at, by=report.name, value=value, reason=report.reason)
        return said if before is None or (said.at, said.by) > (before.at, before.by) else before


class Course(Part):
    """How far something is: a supply order, or one step of it. The sums may be below 0 while reports are missing."""

    good: Count = ZERO
    scrap: Count = ZERO
    rework: Count = ZERO
    started_at: Moment | None = None
    last_at: Moment | None = None
    ended: Latest | None = None
    stopped: Latest | None = None
    expected: Latest | None = None

    def told(self, report: Report) -> Self:
        """Return the course after a report."""
        changes: dict[str, object] = {
            "good": self.good + report.good,
            "scrap": self.scrap + report.scrap,
            "rework": self.rework + report.rework,
            "last_at": max(report.happened_at, self.last_at or report.happened_at),
        }
        kind = report.kind
        if kind is not ReportKind.DELAYED:
            changes["started_at"] = min(report.happened_at, self.started_at or report.happened_at)
        if kind is ReportKind.FINISHED or report.takes_back:
            ended = "finished" if kind is ReportKind.FINISHED else None
            changes["ended"] = Latest.of(self.ended, report, ended)
        if kind in (ReportKind.STOPPED, ReportKind.RESUMED, ReportKind.FINISHED):
            reason = (report.reason or "UNKNOWN") if kind is ReportKind.STOPPED else None
            changes["stopped"] = Latest.of(self.stopped, report, reason)
        if report.expected_at is not None:
            changes["expected"] = Latest.of(self.expected, report, report.expected_at.isoformat())
        return self.model_copy(update=changes)

    @property
    def is_finished(self) -> bool:
        """Whether it was reported finished, and nothing was taken back after that."""
        return self.ended is not None and self.ended.value is not None

    @property
    def stop_reason(self) -> str | None:
        """Reason code of the stop that it stands in; None while it runs."""
        return self.stopped.value if self.stopped else None

    @property
    def lost(self) -> Decimal:
        """Scrap, as far as it is known."""
        return max(ZERO, self.scrap)


class Progress(Part):
    """Everything that was reported of a supply order.

    Attributes
    ----------
    seen
        The reports that are counted.
    whole
        The supply order as such: what its last step makes counts for it, what any step loses is lost for it.
    steps
        Each step of the routing, by its number.
    """

    seen: SeenIds = SeenIds()
    whole: Course = Course()
    steps: Mapping[str, Course] = Field(default_factory=dict)

    def told(self, report: Report, *, is_last_step: bool) -> Progress:
        """Return the progress after a report that was not counted before."""
        steps = dict(self.steps)
        if report.op_no is not None:
            name = str(report.op_no)
            steps[name] = steps.get(name, Course()).told(report)
        counted = report
        if report.op_no is not None and not is_last_step:
            counted = report.model_copy(update={"good": ZERO})
        if report.op_no is not None and not (is_last_step and report.kind is ReportKind.FINISHED):
            delay_or_count = ReportKind.DELAYED if report.kind is ReportKind.DELAYED else ReportKind.COUNTED
            counted = counted.model_copy(update={"kind": delay_or_count})
        return Progress(
            seen=self.seen.with_id(report.name, report.digest),
            whole=self.whole.told(counted),
            steps=dict(sorted(steps.items(), key=lambda item: int(item[0]))),
        )

    @property
    def stop_reasons(self) -> tuple[str, ...]:
        """Reason codes of all stops that it, or a step of it, stands in."""
        found = (course.stop_reason for course in (self.whole, *self.steps.values()))
        return tuple(reason for reason in found if reason is not None)

    @property
    def delay_reason(self) -> str | None:
        """Reason code of the last delay that was told."""
        return self.whole.expected.reason if self.whole.expected else None


Target = tuple[str | None, str | None, str | None]
"""Order and line, or supply order, that something is for."""


class PegCredit(Part):
    """What a supply order has given so far to one of those that it is pegged to.

    Attributes
    ----------
    order_id, line_no, supply_id
        As in the peg. What another supply order gets as its component goes to stock for it.
    good, scrap, rework
        Shares of what was reported.
    missing
        What an order line will not get although it was meant to: the supply order ended short.
    reserved
        Of the good quantity for a supply order, what is usable and reserved for it.
    """

    order_id: Id | None = None
    line_no: Id | None = None
    supply_id: Id | None = None
    good: Count = ZERO
    scrap: Count = ZERO
    rework: Count = ZERO
    missing: Count = ZERO
    reserved: Count = ZERO

    @property
    def target(self) -> Target:
        """Whom it is for."""
        return self.order_id, self.line_no, self.supply_id
