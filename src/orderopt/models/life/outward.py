"""What of an order stays inside the house: other orders that a change hurts, supply, who agreed, and their notices."""

from __future__ import annotations

from orderopt.models.life.change import ChangeRequest, Impact
from orderopt.models.life.notice import Department
from orderopt.models.life.order_case import OrderCase

INSIDE = frozenset({"ApprovalGiven", "ChangeAssessed", "ChangeDisposed", "NoticeSent"})
"""Events of an order that customers do not see; what is for them they see in the order."""


def show_outside(case: OrderCase) -> OrderCase:
    """Return an order as its customer may see it: of changes their content, new dates, value and fee."""
    return case.model_copy(
        update={
            "changes": tuple(show_change_outside(change) for change in case.changes),
            "notices": tuple(one for one in case.notices if one.department is Department.CUSTOMER),
        }
    )


def show_change_outside(change: ChangeRequest) -> ChangeRequest:
    """Return a change request as the customer may see it."""
    impact = None if change.impact is None else _show_impact(change.impact)
    return change.model_copy(update={"impact": impact, "approvals": (), "dispositions": ()})


def _show_impact(impact: Impact) -> Impact:
    inside = {"hurts": (), "cost": None, "dispositions": (), "departments": (), "approvers": ()}
    return impact.model_copy(update=inside)
