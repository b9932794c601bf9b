"""Change requests: what shall be changed of an order, why, what it would do, and who has agreed."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from orderopt.models.life.amendment import AnyAmendment, Price
from orderopt.models.life.disposition import Disposition
from orderopt.models.life.notice import Department, Promised
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.roles import Role
from orderopt.models.life.states import CHANGE, ChangeState
from orderopt.models.moment import Moment
from orderopt.models.record import Id

SignedMoney = Annotated[Decimal | None, Field(allow_inf_nan=False), Sensitivity.PRICE]


class Origin(Part):
    """Where a request came from if nobody wrote it by hand.

    Attributes
    ----------
    channel, external_ref
        As of the order.
    batch_id, file, row
        The import that brought other content than the order has.
    """

    channel: str | None = None
    external_ref: str | None = None
    batch_id: str | None = None
    file: str | None = None
    row: int | None = None


class Hurt(Part):
    """Another order's line that would be later, or of which less would be delivered.

    Attributes
    ----------
    minutes
        How much later against its due date.
    unserved
        How much less would be delivered.
    """

    order_id: Id
    line_no: Id
    before: Moment | None = None
    after: Moment | None = None
    minutes: int = Field(ge=0)
    unserved: Count = ZERO


class Impact(Part):
    """What a change would do.

    Attributes
    ----------
    base_revision
        The revision of the order that was looked at.
    planned
        Whether it was planned with and without the change; if not, `promises`, `hurts` and `cost` are empty.
    promises
        New dates of the order's own lines.
    hurts
        Lines of *other* orders that would be later.
    cost
        Difference of the plan's cost; above 0: dearer.
    value
        Difference of the order's value before tax; above 0: more is to be paid.
    fee
        What the change itself costs the customer once it is applied, net or gross as the order's prices are.
    dispositions
        Supply that loses its demand, and what would become of it by rule.
    departments
        Whom it concerns.
    approvers
        The roles that must agree.
    persons
        How many different people that must be at least.
    """

    base_revision: int
    assessed_at: Moment
    planned: bool = False
    promises: tuple[Promised, ...] = ()
    hurts: tuple[Hurt, ...] = ()
    cost: SignedMoney = None
    value: SignedMoney = None
    fee: Price = None
    dispositions: tuple[Disposition, ...] = ()
    departments: tuple[Department, ...] = ()
    approvers: tuple[Role, ...] = ()
    persons: int = 1


class Approval(Part):
    """Someone agreed, acting as one of the roles that must."""

    role: Role
    by: str
    at: Moment


class ChangeRequest(Part):
    """A request to change an order; the order itself stays as it is until it is applied.

    Attributes
    ----------
    base_revision
        The order's revision that the amendments start from.
    origin
        Set if an import made it.
    amendments
        What shall be changed; applied together or not at all.
    impact
        The last assessment; None: not assessed.
    approvals
        Given since the last assessment.
    ended_because, ended_by, ended_at
        Why, by whom and when it was rejected, withdrawn or outdated.
    applied_by, applied_at
        Who made the order ask for it, and when.
    dispositions
        What became of orphaned supply when it was applied.
    """

    change_id: Id
    state: ChangeState = CHANGE.first
    base_revision: int
    reason: str = Field(min_length=1)
    requested_by: str
    requested_at: Moment
    origin: Origin | None = None
    amendments: tuple[AnyAmendment, ...] = Field(min_length=1)
    impact: Impact | None = None
    approvals: tuple[Approval, ...] = ()
    ended_because: str | None = None
    ended_by: str | None = None
    ended_at: Moment | None = None
    applied_by: str | None = None
    applied_at: Moment | None = None
    dispositions: tuple[Disposition, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it can still be applied."""
        return self.state in (
            ChangeState.DRAFT,
            ChangeState.SUBMITTED,
            ChangeState.ASSESSED,
            ChangeState.APPROVED,
            ChangeState.STALE,
        )

    @property
    def missing_approvals(self) -> tuple[Role, ...]:
        """The roles that have not agreed yet."""
        needed = self.impact.approvers if self.impact else ()
        return tuple(role for role in needed if role not in {approval.role for approval in self.approvals})

    @property
    def has_all_approvals(self) -> bool:
        """Whether everyone whom the impact asks for has agreed."""
        persons = len({approval.by for approval in self.approvals})
        return self.impact is not None and not self.missing_approvals and persons >= self.impact.persons
