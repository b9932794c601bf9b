"""Alerts: something deviates, someone owns it, and somehow it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from orderopt.models.life.document import Document, Payload, Stamp
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class AlertKind(StrEnum):
    """What deviates."""

    LATE_LINE = "late_line"
    SUPPLY_LATE = "supply_late"
    SUPPLY_STOPPED = "supply_stopped"
    SUPPLY_SHORT = "supply_short"
    REJECTED = "rejected"
    CARRIER_TROUBLE = "carrier_trouble"
    SHORT_DELIVERY = "short_delivery"
    RETURN_TROUBLE = "return_trouble"


USUAL_OWNER: dict[AlertKind, Role] = {
    AlertKind.LATE_LINE: Role.PLANNER,
    AlertKind.SUPPLY_LATE: Role.PLANNER,
    AlertKind.SUPPLY_STOPPED: Role.SHOP_FLOOR,
    AlertKind.SUPPLY_SHORT: Role.PLANNER,
    AlertKind.REJECTED: Role.SHOP_FLOOR,
    AlertKind.CARRIER_TROUBLE: Role.WAREHOUSE,
    AlertKind.SHORT_DELIVERY: Role.SALES,
    AlertKind.RETURN_TROUBLE: Role.WAREHOUSE,
}
"""The role that owns an alert until a person does."""


class Subject(Part):
    """What an alert is about."""

    order_id: Id | None = None
    line_no: Id | None = None
    supply_id: Id | None = None
    shipment_id: Id | None = None
    return_id: Id | None = None


class Alert(Document):
    """One deviation of one thing; when it comes back after it was settled, the same alert opens again.

    Attributes
    ----------
    reason
        Reason code of the cause.
    owner
        A role until it is given to a person.
    num_times
        How often it was raised.
    resolution
        How it was settled, in words; by whom and when.
    """

    KIND: ClassVar[str] = "alert"

    alert_id: Id
    kind: AlertKind
    about: Subject
    reason: str
    says: str
    figures: Mapping[str, str] = Field(default_factory=dict)
    owner: str
    raised_at: Moment
    num_times: int = 1
    resolution: str | None = None
    resolved_by: str | None = None
    resolved_at: Moment | None = None

    @property
    def key(self) -> str:
        """The alert's id."""
        return self.alert_id

    @property
    def is_open(self) -> bool:
        """Whether it waits for someone."""
        return self.resolved_at is None

    def labels(self) -> Mapping[str, str]:
        """Return kind, owner, whether it is open, and what it is about."""
        about = {name.removesuffix("_id"): value for name, value in self.about if value is not None}
        return {"kind": str(self.kind), "owner": self.owner, "open": "1" if self.is_open else "0", **about}


class AlertRaised(Payload):
    """Something deviates, or deviates again."""

    alert_id: Id
    kind: AlertKind
    about: Subject
    reason: str
    says: str
    figures: Mapping[str, str] = Field(default_factory=dict)
    owner: str

    def apply(self, document: Alert | None, stamp: Stamp) -> Alert:
        """Open the alert; who owned it before owns it again."""
        said = dict(self)
        if document is not None:
            said |= {"owner": document.owner, "num_times": document.num_times + 1}
        return Alert(**said, raised_at=stamp.at)


class AlertChanged(Payload):
    """It still deviates, and by other figures."""

    reason: str
    says: str
    figures: Mapping[str, str] = Field(default_factory=dict)

    def apply(self, document: Alert, stamp: Stamp) -> Alert:
        """Take over what is said now."""
        return document.model_copy(update=dict(self))


class AlertAssigned(Payload):
    """Someone else owns it now."""

    owner: Id

    def apply(self, document: Alert, stamp: Stamp) -> Alert:
        """Change the owner."""
        return document.model_copy(update={"owner": self.owner})


class AlertResolved(Payload):
    """It is settled."""

    resolution: str = Field(min_length=1)
    reason: str | None = None

    def apply(self, document: Alert, stamp: Stamp) -> Alert:
        """Close the alert."""
        said = {"resolution": self.resolution, "resolved_by": stamp.actor, "resolved_at": stamp.at}
        return document.model_copy(update=said | ({"reason": self.reason} if self.reason else {}))
