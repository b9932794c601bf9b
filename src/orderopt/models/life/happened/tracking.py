"""What happens to the lines of an order while it is made: credited, taken from stock, inspected."""

from __future__ import annotations

from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.inspection import Inspection
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class LineCredited(Payload):
    """A supply order has made, received or lost something for a line; below 0 takes back.

    Attributes
    ----------
    passed
        Of the good quantity, what needs no inspection.
    missing
        What the supply order will not give although a peg said so.
    """

    line_no: Id
    supply_id: Id
    good: Count = ZERO
    scrap: Count = ZERO
    rework: Count = ZERO
    passed: Count = ZERO
    missing: Count = ZERO

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the quantities."""
        return document.counted(
            self.line_no,
            produced=self.good,
            scrapped=self.scrap,
            reworked=self.rework,
            qc_passed=self.passed,
            allocated=-self.missing,
        )


class LineTaken(Payload):
    """Stock was taken for a line, or put back (below 0); it was inspected before."""

    line_no: Id
    site: str = ""
    quantity: Count

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Count it as there and inspected."""
        return document.counted(self.line_no, from_stock=self.quantity, qc_passed=self.quantity)


class LineInspected(Payload):
    """Some of a line was inspected."""

    inspection: Inspection

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the inspection and count what it says."""
        said = self.inspection
        counted = document.counted(
            said.line_no,
            qc_passed=said.passed,
            qc_rejected=said.rejected,
            reworked=said.rework,
            scrapped=said.scrapped,
        )
        return counted.model_copy(update={"inspections": (*document.inspections, said)})


class LineProjected(Payload):
    """A line is expected at another time than before."""

    line_no: Id
    projected: Moment

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the date beside what was promised."""
        line = document.line(self.line_no)
        dates = line.dates.model_copy(update={"projected": self.projected})
        return document.with_line(line.model_copy(update={"dates": dates}))
