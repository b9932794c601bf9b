"""What happens when a plan is adopted."""

from __future__ import annotations

from collections.abc import Mapping

from orderopt.models.life.adopted_plan import AdoptedPlan, PlannedLine, PlannedPart
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.record import Id


class PlanAdopted(Payload):
    """A plan is what is to be done from now on."""

    plan_id: Id
    facts: Mapping[str, str]
    counts: Mapping[str, int]

    def apply(self, document: AdoptedPlan | None, stamp: Stamp) -> AdoptedPlan:
        """Keep its facts."""
        return AdoptedPlan(plan_id=self.plan_id, facts=self.facts, counts=self.counts)


class OrderPlanned(Payload):
    """A plan says who serves an order's lines, and when they are there.

    A promise that was given stands while the plan keeps it; a later date becomes the last promise.
    """

    plan_id: Id
    lines: tuple[PlannedLine, ...]
    parts: tuple[PlannedPart, ...]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Put the plan in place of the one before."""
        for planned in self.lines:
            document = document.with_line(_plan_line(document.line(planned.line_no), planned))
        return document.model_copy(update={"plan_id": self.plan_id, "parts": self.parts})


def _plan_line(line: CaseLine, planned: PlannedLine) -> CaseLine:
    counts = line.counts.model_copy(update={"allocated": planned.allocated})
    dates = line.dates.model_copy(update={"projected": planned.promised_at})
    if planned.promised_at is not None:
        if dates.first_promise is None:
            dates = dates.model_copy(update={"first_promise": planned.promised_at})
        if dates.last_promise is None or planned.promised_at > dates.last_promise:
            dates = dates.model_copy(update={"last_promise": planned.promised_at})
    return line.model_copy(update={"counts": counts, "dates": dates})
