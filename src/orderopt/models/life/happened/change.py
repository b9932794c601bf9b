"""What happens to change requests and notices, and to what a change leaves behind."""

from __future__ import annotations

from typing import Any, ClassVar

from orderopt.models.life.amend import amend
from orderopt.models.life.amendment import AnyAmendment
from orderopt.models.life.change import Approval, ChangeRequest, Impact
from orderopt.models.life.disposition import Disposition
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.happened.order import OrderStepped
from orderopt.models.life.notice import Notice
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import Count
from orderopt.models.life.roles import Role
from orderopt.models.life.states import CHANGE
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.record import Id


class ChangeDrafted(Payload):
    """Someone, or an import, asks for a change; nothing of the order changes."""

    change: ChangeRequest

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the request."""
        return document.model_copy(update={"changes": (*document.changes, self.change)})


class ChangeStepped(Payload):
    """A request took a step of its state; children name it."""

    TRIGGER: ClassVar[str]

    change_id: Id

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step and note what else the child says."""
        change = document.change(self.change_id)
        state = CHANGE.step(change.state, self.TRIGGER, f"{document.key}/{change.change_id}")
        return document.with_change(change.model_copy(update={"state": state, **self.notes(change, stamp)}))

    def notes(self, change: ChangeRequest, stamp: Stamp) -> dict[str, Any]:
        """Return what else changes of the request."""
        return {}


class ChangeSubmitted(ChangeStepped):
    """The request is to be looked at; it starts from what the order says now."""

    TRIGGER: ClassVar[str] = "submit"

    base_revision: int
    amendments: tuple[AnyAmendment, ...]

    def notes(self, change: ChangeRequest, stamp: Stamp) -> dict[str, Any]:
        """Start from the order as it is."""
        return {"base_revision": self.base_revision, "amendments": self.amendments}


class ChangeAssessed(ChangeStepped):
    """The impact is known; what others agreed to before no longer counts."""

    TRIGGER: ClassVar[str] = "assess"

    amendments: tuple[AnyAmendment, ...]
    impact: Impact

    def notes(self, change: ChangeRequest, stamp: Stamp) -> dict[str, Any]:
        """Note the impact and start from the revision that it was found at."""
        return {
            "base_revision": self.impact.base_revision,
            "amendments": self.amendments,
            "impact": self.impact,
            "approvals": (),
        }


class ApprovalGiven(Payload):
    """Someone who must agree did so."""

    change_id: Id
    role: Role

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the approval."""
        change = document.change(self.change_id)
        approval = Approval(role=self.role, by=stamp.actor, at=stamp.at)
        return document.with_change(change.model_copy(update={"approvals": (*change.approvals, approval)}))


class ChangeApproved(ChangeStepped):
    """Everyone whom the impact asks for has agreed."""

    TRIGGER: ClassVar[str] = "approve"


class _ChangeEnded(ChangeStepped):
    because: str

    def notes(self, change: ChangeRequest, stamp: Stamp) -> dict[str, Any]:
        """Note the reason."""
        return {"ended_because": self.because, "ended_by": stamp.actor, "ended_at": stamp.at}


class ChangeRejected(_ChangeEnded):
    """Someone who must agree did not."""

    TRIGGER: ClassVar[str] = "reject"


class ChangeWithdrawn(_ChangeEnded):
    """Whoever asked for it no longer wants it."""

    TRIGGER: ClassVar[str] = "withdraw"


class ChangeOutdated(_ChangeEnded):
    """Another change was applied in between: what was found out about this one no longer holds."""

    TRIGGER: ClassVar[str] = "outdate"


class ChangeApplied(ChangeStepped):
    """The order asks for something else from now on."""

    TRIGGER: ClassVar[str] = "apply"

    amendments: tuple[AnyAmendment, ...]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Amend the order and count its revision on."""
        after = amend(document, self.amendments).model_copy(update={"revision": document.revision + 1})
        stepped = super().apply(after, stamp)
        assert isinstance(stepped, OrderCase)
        return stepped

    def notes(self, change: ChangeRequest, stamp: Stamp) -> dict[str, Any]:
        """Note when and by whom."""
        return {
            "amendments": self.amendments,
            "applied_by": stamp.actor,
            "applied_at": stamp.at,
            "ended_because": None,
        }


class ChangeDisposed(Payload):
    """What became of the supply that a change left without a demand."""

    change_id: Id
    dispositions: tuple[Disposition, ...]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Note it with the request."""
        change = document.change(self.change_id)
        return document.with_change(change.model_copy(update={"dispositions": self.dispositions}))


class ChangeAcknowledged(ChangeStepped):
    """Everyone who was told has answered."""

    TRIGGER: ClassVar[str] = "acknowledge"


class OrderIncreased(OrderStepped):
    """A change asks for more of an order that was complete: it is taken up again."""

    TRIGGER: ClassVar[str] = "reopen"


class OrderShortClosed(OrderStepped):
    """A change gave up the rest of an order of which something has shipped: it is complete."""

    TRIGGER: ClassVar[str] = "complete"


class NoticeSent(Payload):
    """A department or the customer is told what changed for them."""

    notice: Notice

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the notice."""
        return document.model_copy(update={"notices": (*document.notices, self.notice)})


class NoticeAcknowledged(Payload):
    """The addressee has answered."""

    notice_id: Id
    remark: str | None = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Mark the notice."""
        answered = {"acknowledged_by": stamp.actor, "acknowledged_at": stamp.at, "remark": self.remark}
        notices = tuple(
            notice.model_copy(update=answered) if notice.notice_id == self.notice_id else notice
            for notice in document.notices
        )
        return document.model_copy(update={"notices": notices})


class GoodsReleased(Payload):
    """Goods that were made or taken for a line, and are not packed, are no longer for it.

    Attributes
    ----------
    passed
        Of the quantity, what was inspected.
    """

    line_no: Id
    quantity: Count
    passed: Count

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take them off the line, what came from stock first."""
        line = document.line(self.line_no)
        from_stock = min(self.quantity, line.counts.from_stock)
        counts = line.counts.add(from_stock=-from_stock, produced=from_stock - self.quantity, qc_passed=-self.passed)
        return document.with_line(line.model_copy(update={"counts": counts}))


class SupplyDisposed(Payload):
    """A quantity of a supply order lost its demand; what becomes of it was decided."""

    disposition: Disposition

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Keep the decision."""
        return document.model_copy(update={"dispositions": (*document.dispositions, self.disposition)})
