"""Supply orders: what is made, bought or moved, for which order lines, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from orderopt.errors import QuantityError
from orderopt.models.life.adopted_plan import PlannedTask
from orderopt.models.life.disposition import Disposition
from orderopt.models.life.document import Document
from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.progress import PegCredit, Progress, Target
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.states import SUPPLY, SupplyState
from orderopt.models.measure import Money, PositiveQuantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class SupplyKind(StrEnum):
    """How it comes about."""

    MAKE = "make"
    BUY = "buy"
    MOVE = "move"
    SUBCONTRACT = "subcontract"


class SupplyPeg(Part):
    """A quantity of the supply that is meant for an order line, or for another supply order as its component.

    It counts in all, what has been given of it already included.
    """

    order_id: Id | None = None
    line_no: Id | None = None
    supply_id: Id | None = None
    quantity: Count

    @property
    def target(self) -> Target:
        """Whom it is for."""
        return self.order_id, self.line_no, self.supply_id


class SupplyOrder(Document):
    """One job, purchase or move.

    Attributes
    ----------
    source_id
        Production unit, supplier, or site that it comes from.
    site
        Where it arrives.
    done, scrapped
        Good and lost quantity so far.
    invoiced
        What the supplier has invoiced of it.
    is_cancellable
        Whether it can still be called off once it is firm.
    plan_id, tasks
        The plan that proposed it, and what it keeps busy when.
    dispositions
        What became of quantities that lost their demand.
    progress, credits, to_stock, sent
        What was reported, to which pegs and how much to stock it went, and what a move took from its origin.
    """

    KIND: ClassVar[str] = "supply"

    supply_id: Id
    kind: SupplyKind
    item_id: Id
    source_id: Id
    site: str = ""
    quantity: PositiveQuantity
    done: Count = ZERO
    scrapped: Count = ZERO
    invoiced: Count = ZERO
    starts_at: Moment | None = None
    due_at: Moment
    state: SupplyState = SUPPLY.first
    pegs: tuple[SupplyPeg, ...] = ()
    unit_cost: Annotated[Money | None, Sensitivity.PRICE] = None
    is_cancellable: bool = True
    plan_id: str | None = None
    tasks: tuple[PlannedTask, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    progress: Progress = Progress()
    credits: tuple[PegCredit, ...] = ()
    to_stock: Count = ZERO
    sent: Count = ZERO

    @property
    def key(self) -> str:
        """The supply order's id."""
        return self.supply_id

    def labels(self) -> Mapping[str, str]:
        """Return state, kind, item and source; ``open`` says whether anything is still to come.

        Each order and each supply order that it is for has a label of its own, ``for order O-1`` or
        ``for supply M-1``, with the value 1.
        """
        return {
            **{name_peg_label(peg.order_id, peg.supply_id): "1" for peg in self.pegs},
            "state": str(self.state),
            "kind": str(self.kind),
            "item": self.item_id,
            "source": self.source_id,
            "due": self.due_at.isoformat(),
            "open": "0" if self.state in SUPPLY.ends or self.state is SupplyState.DONE else "1",
        }

    def given(self, target: Target) -> Decimal:
        """Return what it has given already to one of those that it is for."""
        return sum((one.good for one in self.credits if one.target == target), ZERO)

    @property
    def pegged(self) -> Decimal:
        """Sum of all pegs."""
        return sum((peg.quantity for peg in self.pegs), ZERO)

    @property
    def to_come(self) -> Decimal:
        """What is still expected."""
        return max(ZERO, self.quantity - self.done - self.scrapped)

    def stepped(self, trigger: str) -> Self:
        """Return the supply order after a step of its state; raises UnlawfulStepError."""
        return self.model_copy(update={"state": SUPPLY.step(self.state, trigger, self.key)})

    def check(self) -> Self:
        """Return the supply order itself if no more is pegged than there will be, and nothing is below 0."""
        for name in ("done", "scrapped"):
            if getattr(self, name) < 0:
                raise QuantityError(f"supply {self.key}: {name} would be {getattr(self, name)}")
        if any(peg.quantity <= 0 for peg in self.pegs) or self.pegged > max(self.quantity, self.done):
            raise QuantityError(f"supply {self.key}: {self.pegged} would be pegged of {self.quantity}")
        return self


def name_peg_label(order_id: str | None = None, supply_id: str | None = None) -> str:
    """Return the label by which the supply for an order, or for another supply order, is found."""
    return f"for supply {supply_id}" if supply_id else f"for order {order_id}"
