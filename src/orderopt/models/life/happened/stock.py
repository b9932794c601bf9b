"""What happens to stock: counted, received, reserved, taken."""

from __future__ import annotations

from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class StockPayload(Payload):
    """Anything that happens to the stock of an item at a site; the first one opens the ledger."""

    item_id: Id
    site: str = ""

    def open(self, document: StockLedger | None) -> StockLedger:
        """Return the ledger, new if there was none."""
        return document or StockLedger(item_id=self.item_id, site=self.site)


class StockMoved(StockPayload):
    """Quantities came (above 0) or went (below 0); the ids say whence or whither."""

    on_hand: Count = ZERO
    in_inspection: Count = ZERO
    blocked: Count = ZERO
    supply_id: Id | None = None
    order_id: Id | None = None
    line_no: Id | None = None

    def apply(self, document: StockLedger | None, stamp: Stamp) -> StockLedger:
        """Add the quantities."""
        before = self.open(document)
        names = ("on_hand", "in_inspection", "blocked")
        return before.model_copy(update={name: getattr(before, name) + getattr(self, name) for name in names})


class StockReserved(StockPayload):
    """A quantity is kept for an order line; below 0: it is set free again."""

    order_id: Id
    line_no: Id
    quantity: Count
    until: Moment | None = None

    def apply(self, document: StockLedger | None, stamp: Stamp) -> StockLedger:
        """Change the reservation."""
        return self.open(document).with_reserved(self.order_id, self.line_no, self.quantity, self.until)


class StockTaken(StockPayload):
    """A quantity that was reserved for an order line has left the shelf for it."""

    order_id: Id
    line_no: Id
    quantity: Count

    def apply(self, document: StockLedger | None, stamp: Stamp) -> StockLedger:
        """Take it off the reservation and off the stock."""
        kept = self.open(document).with_reserved(self.order_id, self.line_no, -self.quantity)
        return kept.model_copy(update={"on_hand": kept.on_hand - self.quantity})


class SafetyStockSet(StockPayload):
    """How much of the stock is not planned with."""

    safety: Count

    def apply(self, document: StockLedger | None, stamp: Stamp) -> StockLedger:
        """Set it."""
        return self.open(document).model_copy(update={"safety": self.safety})


class StockInspected(StockPayload):
    """Some of what waited for inspection is usable, blocked or thrown away."""

    source: Id
    inspection_id: Id
    passed: Count = ZERO
    blocked: Count = ZERO
    scrapped: Count = ZERO

    def apply(self, document: StockLedger | None, stamp: Stamp) -> StockLedger:
        """Move the quantities and remember the inspection."""
        before = self.open(document)
        name = f"{len(self.source)}:{self.source}{self.inspection_id}"
        return before.model_copy(
            update={
                "on_hand": before.on_hand + self.passed,
                "blocked": before.blocked + self.blocked,
                "in_inspection": before.in_inspection - self.passed - self.blocked - self.scrapped,
                "inspected": before.inspected.with_id(name, ""),
            }
        )
