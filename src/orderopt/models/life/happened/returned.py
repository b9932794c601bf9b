"""What is decided on goods that came back."""

from __future__ import annotations

from orderopt.errors import QuantityError
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.returns import Decision, Return, ReturnOutcome
from orderopt.models.life.states import ACCEPTANCE, OrderState
from orderopt.models.record import Id


class ReturnDecided(Payload):
    """Claims on received goods were accepted or refused; a replacement reopens an order that was complete.

    `trigger` is the step of the return's acceptance, if the decisions end it: ``accept``, ``reject`` or ``ask``.
    """

    return_id: Id
    decisions: tuple[Decision, ...] = ()
    trigger: str | None = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Count what was accepted and what is to be delivered again; keep the decisions."""
        replaces = False
        for one in self.decisions:
            if one.outcome is None:
                continue
            line = document.line(one.line_no)
            again = one.quantity if one.outcome is ReturnOutcome.REPLACE else ZERO
            counts = line.counts.add(return_accepted=one.quantity, replaced=again)
            document = document.with_line(line.model_copy(update={"counts": counts}))
            replaces = replaces or bool(again)
        document = document.with_return(self._decide(document.returned(self.return_id)))
        if replaces and document.state in (OrderState.COMPLETED, OrderState.SETTLED):
            return document.stepped("reopen")
        return document

    def _decide(self, found: Return) -> Return:
        lines = []
        for line in found.lines:
            mine = [one for one in self.decisions if one.line_no == line.line_no]
            accepted = sum((one.quantity for one in mine if one.outcome is not None), line.accepted)
            refused = sum((one.quantity for one in mine if one.outcome is None), line.refused)
            lines.append(line.model_copy(update={"accepted": accepted, "refused": refused}))
            if lines[-1].undecided < 0:
                raise QuantityError(f"return {found.key}: more would be decided of line {line.line_no} than came back")
        state = ACCEPTANCE.step(found.acceptance, self.trigger, found.key) if self.trigger else found.acceptance
        replaces = any(one.outcome is ReturnOutcome.REPLACE for one in self.decisions)
        return found.model_copy(
            update={
                "lines": tuple(lines),
                "acceptance": state,
                "decisions": (*found.decisions, *self.decisions),
                "reopens_order": found.reopens_order or replaces,
            }
        )
