"""What happened before: planned against actual durations, the ground of risk estimates."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from orderopt.models.measure import Minutes
from orderopt.models.moment import Moment
from orderopt.models.record import Id, Record


class HistoryKind(StrEnum):
    """What kind of thing was planned and then happened."""

    OPERATION = "operation"
    PURCHASE = "purchase"
    TRANSPORT = "transport"
    BREAKDOWN = "breakdown"


class HistoryRecord(Record):
    """One planned duration and the actual one."""

    TABLE = "history"
    KEY = ()

    kind: HistoryKind = Field(description="operation, purchase, transport or breakdown.")
    subject_id: Id = Field(description="The resource, supplier or lane it is about.")
    planned_minutes: Minutes = Field(description="As planned.")
    actual_minutes: Minutes = Field(description="As it was.")
    at: Moment | None = Field(default=None, description="When.")
