"""What happens to an order in review: claimed, judged, overridden, ended; confirmed, accepted, reviewed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from orderopt.errors import NotFoundError
from orderopt.models.life.document import Payload, Stamp
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import LinePromise, OrderPromise
from orderopt.models.life.promise_register import PromiseRegister
from orderopt.models.life.quantities import Count
from orderopt.models.life.review import Override, Review, Stage
from orderopt.models.life.states import OrderKind, OrderState
from orderopt.models.moment import Moment
from orderopt.models.record import Id


class ReviewClaimed(Payload):
    """Somebody reviews the order; an open review of the same stage is taken over."""

    review: Review

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Open the review; a submitted order is under review now."""
        is_first = document.state is OrderState.SUBMITTED
        return _put(document.stepped("claim") if is_first else document, self.review)


class WarningOverridden(Payload):
    """A reviewer lets a warning pass."""

    stage: Stage
    override: Override

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Note it in the open review."""
        review = document.open_review(self.stage)
        if review is None:
            raise NotFoundError(f"order {document.key} has no open {self.stage} review")
        return _put(document, review.model_copy(update={"overrides": (*review.overrides, self.override)}))


class ReviewEnded(Payload):
    """A review has ended; children say how."""

    review: Review

    TRIGGER: ClassVar[str] = ""

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the review and take the step."""
        return _put(document, self.review).stepped(self.TRIGGER)


class PrimaryPassed(ReviewEnded):
    """The first review is passed."""

    TRIGGER: ClassVar[str] = "pass_primary"


class OrderRejected(ReviewEnded):
    """A reviewer rejects the order."""

    TRIGGER: ClassVar[str] = "reject"


class ReviewReturned(ReviewEnded):
    """The order goes back to be completed; the clock stands.

    Attributes
    ----------
    used_minutes
        Working minutes of the time limit that are used up.
    """

    used_minutes: int = 0

    TRIGGER: ClassVar[str] = "return"

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the review, take the step, stop the clock."""
        back = super().apply(document, stamp)
        return back.model_copy(update={"review_used": self.used_minutes, "clock_stopped_at": stamp.at})


class OrderConfirmed(ReviewEnded):
    """The second review is passed; dates are promised."""

    promise: OrderPromise

    TRIGGER: ClassVar[str] = "pass_secondary"

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Keep the review and the promises, take the step."""
        return _promise(super().apply(document, stamp), self.promise.lines)


class DatesPromised(Payload):
    """New dates are promised to the customer; the first ones stay known."""

    lines: tuple[LinePromise, ...]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Put the dates in place of the last ones."""
        return _promise(document, self.lines)


class AllocationCounted(Payload):
    """More of some lines has a source; below 0: less."""

    amounts: Mapping[str, Count]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Add the quantities."""
        for line_no, amount in self.amounts.items():
            line = document.line(line_no)
            document = document.with_line(line.model_copy(update={"counts": line.counts.add(allocated=amount)}))
        return document


class ReviewAsked(Payload):
    """Something that was reviewed has changed: the order is reviewed again, on a new clock.

    `fields` says what has changed.
    """

    fields: tuple[str, ...]

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Go back to the first review."""
        return document.stepped("review_again", review_since=stamp.at, review_used=0)


class CapacityPromised(Payload):
    """An order was promised something that is still to be made or bought."""

    order_id: Id

    def apply(self, document: PromiseRegister | None, stamp: Stamp) -> PromiseRegister:
        """Count it."""
        before = document or PromiseRegister()
        return before.model_copy(update={"num_promises": before.num_promises + 1, "last_order": self.order_id})


class QuoteAccepted(Payload):
    """The customer takes a quote: it is an order."""

    customer_po: Id | None = None

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Make it an order that does not expire."""
        said: dict[str, Any] = {"kind": OrderKind.ORDER, "valid_until": None}
        if self.customer_po is not None:
            said["customer_po"] = self.customer_po
        return document.model_copy(update={"head": document.head.model_copy(update=said)})


class QuoteAsked(Payload):
    """The customer wants a quote for what they inquired about."""

    valid_until: Moment

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Make it a quote."""
        said = {"kind": OrderKind.QUOTE, "valid_until": self.valid_until}
        return document.model_copy(update={"head": document.head.model_copy(update=said)})


class QuoteExtended(Payload):
    """An inquiry or quote stands longer, or shorter, than was said."""

    valid_until: Moment

    def apply(self, document: OrderCase, stamp: Stamp) -> OrderCase:
        """Change the date."""
        head = document.head.model_copy(update={"valid_until": self.valid_until})
        return document.model_copy(update={"head": head})


def _put(document: OrderCase, review: Review) -> OrderCase:
    """Return the order with a review in place of the open one of its stage, or after all others."""
    kept = tuple(one for one in document.reviews if not (one.is_open and one.stage is review.stage))
    return document.model_copy(update={"reviews": (*kept, review)})


def _promise(document: OrderCase, promises: tuple[LinePromise, ...]) -> OrderCase:
    for promise in promises:
        line = document.line(promise.line_no)
        said = {
            "first_promise": line.dates.first_promise or promise.promised_at,
            "last_promise": promise.promised_at,
            "cause": promise.cause,
        }
        document = document.with_line(line.model_copy(update={"dates": line.dates.model_copy(update=said)}))
    return document
