"""Returns: goods that come back. Whether they arrive and whether the claim is accepted are two questions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from orderopt.models.life.part import Part, Sensitivity
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.states import ACCEPTANCE, RECEPTION, AcceptanceState, ReceptionState
from orderopt.models.measure import PositiveQuantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ReturnLine(Part):
    """A quantity of an order line that comes back.

    Attributes
    ----------
    announced
        As the return authorisation says.
    received
        Arrived, and the right item.
    accepted, refused
        Of the received quantity, what the claim is accepted for and what not.
    """

    line_no: Id
    announced: PositiveQuantity
    received: Count = ZERO
    accepted: Count = ZERO
    refused: Count = ZERO

    @property
    def undecided(self) -> Decimal:
        """Received, and nobody has decided yet."""
        return self.received - self.accepted - self.refused


class ReturnOutcome(StrEnum):
    """What becomes of goods that came back, and of the claim.

    All but REPLACE credit the customer. RESTOCK puts the goods back on the shelf, REWORK and CREDIT block them, SCRAP
    takes them out; REPLACE blocks them and delivers again.
    """

    RESTOCK = "restock"
    REWORK = "rework"
    SCRAP = "scrap"
    REPLACE = "replace"
    CREDIT = "credit"


class Decision(Part):
    """What was decided on a received quantity; without an outcome the claim is refused."""

    line_no: Id
    quantity: PositiveQuantity
    outcome: ReturnOutcome | None = None
    by: str
    at: Moment


class Arrival(Part):
    """Goods of a return that came in at one time.

    Attributes
    ----------
    quantities
        By line; they wait for inspection at `site`.
    wrong
        Items that nobody announced, with their quantities; kept apart as blocked stock.
    """

    source: Id
    arrival_id: Id
    arrived_at: Moment
    site: str = ""
    quantities: tuple[tuple[Id, Count], ...] = ()
    wrong: tuple[tuple[Id, Count], ...] = ()

    @property
    def name(self) -> tuple[str, str]:
        """Source and id: it counts once."""
        return self.source, self.arrival_id


class Return(Part):
    """A return of an order: authorised, on its way, received; and the decision on the claim.

    Attributes
    ----------
    return_id
        Name within the order, for example ``O-1-R1``: the authorisation number that the customer writes on it.
    expires_at
        By when the goods must be sent.
    reopens_order
        Whether an accepted claim asks for a replacement.
    """

    return_id: Id
    reception: ReceptionState = RECEPTION.first
    acceptance: AcceptanceState = ACCEPTANCE.first
    lines: Annotated[tuple[ReturnLine, ...], Field(min_length=1)]
    reason: Id
    says: Annotated[str | None, Sensitivity.PERSONAL] = None
    announced_at: Moment
    expires_at: Moment | None = None
    sent_at: Moment | None = None
    tracking_no: str | None = None
    arrivals: tuple[Arrival, ...] = ()
    decisions: tuple[Decision, ...] = ()
    reopens_order: bool = False

    @property
    def key(self) -> str:
        """The return's name."""
        return self.return_id

    @property
    def is_coming(self) -> bool:
        """Whether goods may still arrive as announced."""
        return self.reception in (ReceptionState.AWAITING, ReceptionState.IN_TRANSIT)

    @property
    def to_come(self) -> Decimal:
        """What was announced and has not arrived; nothing once nobody waits for it any more."""
        over = (ReceptionState.EXPIRED, ReceptionState.CANCELLED)
        if self.reception in over:
            return ZERO
        return sum((max(ZERO, line.announced - line.received) for line in self.lines), ZERO)

    def line(self, line_no: str) -> ReturnLine | None:
        """Return what is said of an order line, or None."""
        return next((line for line in self.lines if line.line_no == line_no), None)

    def with_received(self, quantities: Sequence[tuple[str, Decimal]]) -> Return:
        """Return the return after quantities arrived."""
        more = dict(quantities)
        lines = tuple(
            line.model_copy(update={"received": line.received + more.get(line.line_no, ZERO)}) for line in self.lines
        )
        return self.model_copy(update={"lines": lines})

    def stepped(self, trigger: str) -> Return:
        """Return the return after a step of its reception; raises UnlawfulStepError."""
        return self.model_copy(update={"reception": RECEPTION.step(self.reception, trigger, self.return_id)})
