"""The living order: everything that is true now of one order, from intake to close."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from orderopt.errors import NotFoundError
from orderopt.models.life.adopted_plan import PlannedPart
from orderopt.models.life.billing import BillingTerms, Charge
from orderopt.models.life.change import ChangeRequest
from orderopt.models.life.document import Document
from orderopt.models.life.feedback import Feedback
from orderopt.models.life.hold import Blocks, Hold
from orderopt.models.life.inspection import Inspection
from orderopt.models.life.line import CaseLine, OrderedLine
from orderopt.models.life.notice import Notice
from orderopt.models.life.part import Part
from orderopt.models.life.party import Party, Personal
from orderopt.models.life.returns import Return
from orderopt.models.life.review import Clarification, Outcome, Review, Stage
from orderopt.models.life.sensitive import write_json
from orderopt.models.life.shipment import Shipment
from orderopt.models.life.states import ORDER, OrderKind, OrderState
from orderopt.models.moment import Moment
from orderopt.models.record import Id

__all__ = ["OrderCase", "OrderHead", "Party", "Personal", "build_case", "name_external", "name_want"]


class OrderHead(Part):
    """What holds for the whole order.

    Attributes
    ----------
    channel, external_ref
        Where it came from, and its name there; together they are unique.
    prices_include_tax
        Whether unit prices are gross.
    terms
        Payment terms, for example ``net30``; None: the customer's.
    valid_until
        Until when an inquiry or quote stands.
    """

    order_id: Id
    kind: OrderKind = OrderKind.ORDER
    channel: Id
    external_ref: Id | None = None
    customer_id: Id
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    received_at: Moment
    prices_include_tax: bool = False
    terms: str | None = None
    priority: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    destination: str | None = None
    valid_until: Moment | None = None
    party: Party = Party()
    special_requirements: tuple[str, ...] = ()
    customer_po: str | None = None
    sales_rep: str | None = None
    batch_id: str | None = None
    note: Personal = None
    extra: Mapping[str, Any] = Field(default_factory=dict)


class Arrival(Part):
    """A content of the order that its channel has sent.

    Attributes
    ----------
    digest
        Of the content: the same content sent again has the same.
    source
        The file or message, with its rows.
    change_id
        The change request that came of it; None: the order itself, or nothing that differs.
    """

    digest: str
    source: str
    at: Moment
    change_id: Id | None = None


class OrderCase(Document):
    """One order with all that happened to it folded in.

    Attributes
    ----------
    revision
        Counts the changes of what is asked for: what a change request is based on.
    clock_stopped_at
        Since when the review's clock stands still; None while it runs.
    review_since, review_used
        Since when the review's clock runs; working minutes used before.
    plan_id, parts
        The plan that covers the order, and who serves which part of its lines.
    arrivals
        The contents that the channel has sent, in order; the first one made the order.
    billing
        How it is invoiced; None: as the desk's policy says. Its invoices are documents of their own.
    charges
        Fees, freight and services beside the goods that invoices bear; the fees of changes stand in the changes.
    settled_at
        When it was settled: the begin of the claim window.
    """

    KIND: ClassVar[str] = "order"

    head: OrderHead
    state: OrderState = ORDER.first
    revision: int = 1
    arrivals: tuple[Arrival, ...] = ()
    lines: tuple[CaseLine, ...]
    holds: tuple[Hold, ...] = ()
    reviews: tuple[Review, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    changes: tuple[ChangeRequest, ...] = ()
    notices: tuple[Notice, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[Return, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    submitted_at: Moment | None = None
    clock_stopped_at: Moment | None = None
    review_since: Moment | None = None
    review_used: int = 0
    plan_id: str | None = None
    parts: tuple[PlannedPart, ...] = ()
    billing: BillingTerms | None = None
    charges: tuple[Charge, ...] = ()
    settled_at: Moment | None = None

    @property
    def key(self) -> str:
        """The order's id."""
        return self.head.order_id

    def labels(self) -> Mapping[str, str]:
        """Return what orders can be found by.

        `due` is the earliest date asked for and `answer_due` that of the first notice that is not acknowledged, in
        ISO 8601; `content` is the same for orders of one customer over the same items and quantities. An order that
        is to be delivered has a label ``wants ITEM`` for each item that is not all shipped, and one whose goods may
        come back a label ``awaits_return``.
        """
        head = self.head
        due = min((line.ask.requested_at for line in self.lines), default=None)
        answer_due = min((notice.due_at for notice in self.notices if notice.is_open), default=None)
        found = {
            **dict.fromkeys(self._find_wants(), "1"),
            "answer_due": answer_due.isoformat() if answer_due else None,
            "state": str(self.state),
            "kind": str(head.kind),
            "customer": head.customer_id,
            "channel": head.channel,
            "po": head.customer_po,
            "batch": head.batch_id,
            "due": due.isoformat() if due else None,
            "content": name_content(head.customer_id, [(line.ask.item_id, line.ask.quantity) for line in self.lines]),
            "open": "1" if ORDER.allowed(self.state) else "0",
            "awaits_return": "1" if any(one.is_coming for one in self.returns) else None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _find_wants(self) -> set[str]:
        if self.head.kind is not OrderKind.ORDER or self.state not in (OrderState.CONFIRMED, OrderState.IN_EXECUTION):
            return set()
        return {name_want(line.ask.item_id) for line in self.lines if line.counts.open > 0}

    def claims(self) -> frozenset[str]:
        """Return the claim on channel and external id."""
        return frozenset({name_external(self.head.channel, self.head.external_ref)} - {""})

    def check(self) -> Self:
        """Return the order itself if the counts of every line agree."""
        early = self.billing is not None and self.billing.is_before_shipment
        for line in self.lines:
            line.counts.check(f"{self.key}/{line.line_no}", over=line.may_exceed, invoice_on_order=early)
        return self

    def line(self, line_no: str) -> CaseLine:
        """Return a line by its name.

        Raises
        ------
        NotFoundError
            If the order has no such line.
        """
        for line in self.lines:
            if line.line_no == line_no:
                return line
        raise NotFoundError(
            f"order {self.key} has no line {line_no}; it has {', '.join(x.line_no for x in self.lines)}"
        )

    def with_line(self, changed: CaseLine) -> OrderCase:
        """Return the order with one line exchanged."""
        return self.model_copy(
            update={"lines": tuple(changed if line.line_no == changed.line_no else line for line in self.lines)}
        )

    def change(self, change_id: str) -> ChangeRequest:
        """Return a change request by its name; raises NotFoundError if there is none."""
        for change in self.changes:
            if change.change_id == change_id:
                return change
        raise NotFoundError(f"order {self.key} has no change request {change_id}")

    def with_change(self, changed: ChangeRequest) -> OrderCase:
        """Return the order with one change request exchanged."""
        changes = tuple(changed if one.change_id == changed.change_id else one for one in self.changes)
        return self.model_copy(update={"changes": changes})

    def counted(self, line_no: str, **amounts: Decimal) -> OrderCase:
        """Return the order with amounts added to the counts of a line."""
        line = self.line(line_no)
        return self.with_line(line.model_copy(update={"counts": line.counts.add(**amounts)}))

    def shipment(self, shipment_id: str) -> Shipment:
        """Return a shipment by its name; raises NotFoundError if there is none."""
        for shipment in self.shipments:
            if shipment.shipment_id == shipment_id:
                return shipment
        raise NotFoundError(f"order {self.key} has no shipment {shipment_id}")

    def with_shipment(self, changed: Shipment) -> OrderCase:
        """Return the order with one shipment exchanged."""
        shipments = tuple(changed if one.shipment_id == changed.shipment_id else one for one in self.shipments)
        return self.model_copy(update={"shipments": shipments})

    def returned(self, return_id: str) -> Return:
        """Return a return by its name; raises NotFoundError if there is none."""
        for one in self.returns:
            if one.return_id == return_id:
                return one
        raise NotFoundError(f"order {self.key} has no return {return_id}")

    def with_return(self, changed: Return) -> OrderCase:
        """Return the order with one return exchanged."""
        returns = tuple(changed if one.return_id == changed.return_id else one for one in self.returns)
        return self.model_copy(update={"returns": returns})

    def stepped(self, trigger: str, **changes: Any) -> OrderCase:
        """Return the order after a step of its state, with other changes; raises UnlawfulStepError."""
        return self.model_copy(update={"state": ORDER.step(self.state, trigger, self.key), **changes})

    def holds_on(self, step: Blocks, line_no: str | None = None) -> tuple[Hold, ...]:
        """Return the active holds that block a step of the order, or of one of its lines."""
        return tuple(
            hold
            for hold in self.holds
            if hold.is_active and step in hold.blocks and (hold.line_no is None or line_no in (None, hold.line_no))
        )

    def open_review(self, stage: Stage) -> Review | None:
        """Return the review of a stage that has not ended."""
        return next((one for one in self.reviews if one.stage is stage and one.is_open), None)

    def passed_review(self, stage: Stage) -> Review | None:
        """Return the last review of a stage that was passed."""
        passed = [one for one in self.reviews if one.stage is stage and one.outcome is Outcome.PASSED]
        return passed[-1] if passed else None

    @property
    def promised_at(self) -> Moment | None:
        """When the whole order is promised: its latest line; None while a line has no date."""
        dates = [line.dates.last_promise for line in self.lines if line.dates.last_promise is not None]
        return max(dates) if len(dates) == len(self.lines) else None

    @property
    def open_questions(self) -> tuple[Clarification, ...]:
        """Clarifications that wait for an answer."""
        return tuple(question for question in self.clarifications if question.is_open)


def name_external(channel: str, external_ref: str | None) -> str:
    """Return the claim on an external id; empty if there is none."""
    return f"external/{channel}/{external_ref}" if external_ref else ""


def name_content(customer_id: str, lines: Sequence[tuple[str, Decimal]]) -> str:
    """Return a digest of a customer and of items with their quantities, in whatever order they stand."""
    said = sorted([item_id, format(quantity.normalize(), "f")] for item_id, quantity in lines)
    return hashlib.sha256(write_json([customer_id, said]).encode()).hexdigest()[:16]


def name_want(item_id: str) -> str:
    """Return the label by which orders are found that wait for an item."""
    return f"wants {item_id}"


def build_case(head: OrderHead, lines: tuple[OrderedLine, ...]) -> OrderCase:
    """Return a new order of which nothing has been done."""
    return OrderCase(head=head, lines=tuple(CaseLine.of(line) for line in lines))
