"""Notices: what changed for one department or the customer, and whether they have answered."""

from __future__ import annotations

from enum import StrEnum

from orderopt.models.life.amendment import AnyAmendment
from orderopt.models.life.disposition import Disposition
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class Department(StrEnum):
    """Who is told."""

    PRODUCTION = "production"
    PURCHASING = "purchasing"
    WAREHOUSE = "warehouse"
    TRANSPORT = "transport"
    SALES = "sales"
    FINANCE = "finance"
    CUSTOMER = "customer"


ANSWERS: dict[Department, frozenset[Role]] = {
    Department.PRODUCTION: frozenset({Role.SHOP_FLOOR, Role.PLANNER}),
    Department.PURCHASING: frozenset({Role.PURCHASING}),
    Department.WAREHOUSE: frozenset({Role.WAREHOUSE}),
    Department.TRANSPORT: frozenset({Role.WAREHOUSE, Role.PLANNER}),
    Department.SALES: frozenset({Role.SALES}),
    Department.FINANCE: frozenset({Role.FINANCE}),
    Department.CUSTOMER: frozenset({Role.CUSTOMER, Role.SALES}),
}
"""The roles that may answer for each; sales answers for customers who do so by telephone."""


class Promised(Part):
    """What a change does to the date of a line."""

    line_no: Id
    before: Moment | None = None
    after: Moment | None = None


class Notice(Part):
    """One message about a change, with only what is of concern to its addressee.

    Attributes
    ----------
    change_id
        The change; None: the order was cancelled without one.
    amendments, dispositions, promises
        What changed for the addressee.
    due_at
        When the answer is overdue.
    """

    notice_id: Id
    department: Department
    change_id: Id | None = None
    amendments: tuple[AnyAmendment, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    promises: tuple[Promised, ...] = ()
    sent_at: Moment
    due_at: Moment
    acknowledged_by: str | None = None
    acknowledged_at: Moment | None = None
    remark: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.acknowledged_at is None
