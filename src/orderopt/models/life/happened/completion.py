"""What happens at the end of execution: completed, and what the customer says of it."""

from __future__ import annotations

from orderopt.errors import NotFoundError
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.feedback import Feedback
from orderopt.models.life.order_case import OrderCase


class OrderCompleted(Payload):
    """Everything was made, inspected and shipped as it must; the customer is asked how it was."""

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Take the step and ask."""
        return document.stepped("complete", feedback=(*document.feedback, Feedback(asked_at=stamp.at)))


class FeedbackGiven(Payload):
    """The customer answered the oldest open question for feedback."""

    feedback: Feedback

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the answer."""
        for position, one in enumerate(document.feedback):
            if one.answered_at is None:
                after = (*document.feedback[:position], self.feedback, *document.feedback[position + 1 :])
                return document.model_copy(update={"feedback": after})
        raise NotFoundError(f"order {document.key}: no feedback was asked for")
