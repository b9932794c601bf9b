"""What happens to an order on its way in: more content, submission, questions and answers."""

from __future__ import annotations

from typing import Annotated, Any

from orderopt.errors import NotFoundError
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.line import CaseLine, OrderedLine
from orderopt.models.life.order_case import Arrival, OrderCase
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.review import Clarification
from orderopt.models.record import Id


class ContentArrived(Payload):
    """The channel sent the order again with another content; the order itself is as it was."""

    arrival: Arrival

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Note the content."""
        return document.model_copy(update={"arrivals": (*document.arrivals, self.arrival)})


class LinesArrived(Payload):
    """Lines that waited in quarantine join the draft that the rest of their order has become."""

    lines: tuple[OrderedLine, ...]
    arrival: Arrival

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the lines."""
        return document.model_copy(
            update={
                "lines": (*document.lines, *map(CaseLine.of, self.lines)),
                "arrivals": (*document.arrivals, self.arrival),
            }
        )


class OrderSubmitted(Payload):
    """The order is complete as far as its sender is concerned: the review's clock runs, from what it had used."""

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step; the moment of the first submission stays."""
        submitted_at = document.submitted_at or stamp.at
        return document.stepped("submit", submitted_at=submitted_at, review_since=stamp.at, clock_stopped_at=None)


class QuestionAsked(Payload):
    """Something is unclear or missing: the review's clock stands still."""

    clarification: Clarification

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the question."""
        return document.model_copy(
            update={
                "clarifications": (*document.clarifications, self.clarification),
                "clock_stopped_at": document.clock_stopped_at or stamp.at,
            }
        )


class QuestionAnswered(Payload):
    """A question has its answer; after the last one the clock runs again."""

    clarification_id: Id
    answer: Annotated[str | None, Sensitivity.PERSONAL] = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Fill in the answer; raises NotFoundError if no such question is open."""
        if all(question.clarification_id != self.clarification_id for question in document.open_questions):
            raise NotFoundError(f"order {document.key} has no open question {self.clarification_id}")
        answered: dict[str, Any] = {"answer": self.answer, "answered_by": stamp.actor, "answered_at": stamp.at}
        questions = tuple(
            question.model_copy(update=answered) if question.clarification_id == self.clarification_id else question
            for question in document.clarifications
        )
        after = document.model_copy(update={"clarifications": questions})
        return after if after.open_questions else after.model_copy(update={"clock_stopped_at": None})
