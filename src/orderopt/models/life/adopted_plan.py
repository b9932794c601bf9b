"""What a plan that was adopted leaves behind: its facts, and its part in every order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from orderopt.models.life.document import Document
from orderopt.models.life.part import Part
from orderopt.models.life.quantities import Count
from orderopt.models.measure import PositiveQuantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.models.result import SourceType


class PlannedPart(Part):
    """A part of a line, who serves it, and when it leaves and arrives.

    Attributes
    ----------
    supply_id
        Supply order or stock (``item@site``) that it comes from; None if it is unserved.
    """

    line_no: Id
    part_no: int
    source_type: SourceType
    source_id: str | None = None
    supply_id: str | None = None
    quantity: PositiveQuantity
    reason: str = ""
    departs_at: Moment | None = None
    arrives_at: Moment | None = None


class PlannedLine(Part):
    """What a plan says of a line: how much of it has a source, and by when it is there."""

    line_no: Id
    allocated: Count
    promised_at: Moment | None = None
    explanation: str = ""


class PlannedTask(Part):
    """An operation of a make order on a resource."""

    task_id: Id
    op_no: int
    resource_id: Id
    unit_id: Id
    setup_minutes: Count
    starts_at: Moment
    ends_at: Moment
    quantity: PositiveQuantity


class AdoptedPlan(Document):
    """One plan that became what is to be done."""

    KIND: ClassVar[str] = "plan"

    plan_id: Id
    facts: Mapping[str, str]
    counts: Mapping[str, int]

    @property
    def key(self) -> str:
        """The plan's id."""
        return self.plan_id
