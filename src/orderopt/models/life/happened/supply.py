"""What happens to supply orders: proposed, moved, pegged, made, cancelled."""

from __future__ import annotations

from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.supply_order import SupplyOrder, SupplyPeg
from orderopt.models.measure import PositiveQuantity
from orderopt.models.moment import Moment


class SupplyProposed(Payload):
    """A plan, or a person, proposes a supply order."""

    supply: SupplyOrder

    def apply(self, document: SupplyOrder | None, stamp: Stamp) -> SupplyOrder:
        """Begin it."""
        return self.supply


class SupplyStepped(Payload):
    """Its state took a step, for example ``firm`` or ``release``."""

    trigger: str

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Take the step."""
        return document.stepped(self.trigger)


class SupplyRescheduled(Payload):
    """Its dates or its quantity are others now; None leaves one as it is."""

    starts_at: Moment | None = None
    due_at: Moment | None = None
    quantity: PositiveQuantity | None = None

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Change what is said."""
        said = {name: value for name, value in self if value is not None}
        return document.model_copy(update=said)


class SupplyPegged(Payload):
    """For whom it is, from now on."""

    pegs: tuple[SupplyPeg, ...]

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Put the pegs in place of those before."""
        return document.model_copy(update={"pegs": self.pegs})


class SupplyCounted(Payload):
    """Good and lost quantity were reported; below 0 corrects an earlier report."""

    done: Count = ZERO
    scrapped: Count = ZERO

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Add the quantities."""
        counts = {"done": document.done + self.done, "scrapped": document.scrapped + self.scrapped}
        return document.model_copy(update=counts)
