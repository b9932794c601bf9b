"""What is reported of supply orders, and for whom it counts."""

from __future__ import annotations

from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.progress import PegCredit, Report
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.supply_order import SupplyOrder


class SupplyReported(Payload):
    """Someone told how far it is."""

    report: Report
    is_last_step: bool = True

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Fold the report in; what is not yet told of cannot be less than nothing."""
        progress = document.progress.told(self.report, is_last_step=self.is_last_step)
        counts = {"done": max(ZERO, progress.whole.good), "scrapped": progress.whole.lost}
        return document.model_copy(update={"progress": progress, **counts})


class SupplyCredited(Payload):
    """What it has given so far to its pegs and to stock, and taken from where a move comes from."""

    credits: tuple[PegCredit, ...]
    to_stock: Count = ZERO
    sent: Count = ZERO

    def apply(self, document: SupplyOrder, stamp: Stamp) -> SupplyOrder:
        """Put it in place of what was known before."""
        return document.model_copy(update=dict(self))
