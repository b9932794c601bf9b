"""The states of orders, supply, shipments, changes and returns, and the lawful steps between them."""

from __future__ import annotations

from enum import StrEnum

from orderopt.models.life.machine import Machine, build_steps


class OrderKind(StrEnum):
    """How binding an order is: an inquiry reserves nothing, a quote until it expires, an order until it ends."""

    INQUIRY = "inquiry"
    QUOTE = "quote"
    ORDER = "order"


class OrderState(StrEnum):
    """Where an order stands; all other statuses are derived from quantities."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    PRIMARY_REVIEW = "primary_review"
    SECONDARY_REVIEW = "secondary_review"
    CONFIRMED = "confirmed"
    IN_EXECUTION = "in_execution"
    COMPLETED = "completed"
    SETTLED = "settled"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


_O = OrderState
_REVIEWS = (_O.PRIMARY_REVIEW, _O.SECONDARY_REVIEW)
_BEFORE_EXECUTION = (_O.DRAFT, _O.SUBMITTED, *_REVIEWS, _O.CONFIRMED)

ORDER = Machine(
    "order",
    _O.DRAFT,
    build_steps(
        (_O.DRAFT, "submit", _O.SUBMITTED, "no blocking fault, no open question, control totals agree"),
        (_O.SUBMITTED, "claim", _O.PRIMARY_REVIEW, ""),
        (_O.PRIMARY_REVIEW, "pass_primary", _O.SECONDARY_REVIEW, "customer, item, price and completeness pass"),
        (
            _O.SECONDARY_REVIEW,
            "pass_secondary",
            _O.CONFIRMED,
            "another person than the first reviewer; date, terms, credit and requirements pass; no hold on CONFIRM",
        ),
        (_REVIEWS, "return", _O.DRAFT, "a reason; the clock stops"),
        (_REVIEWS, "reject", _O.REJECTED, "a reason code"),
        (_O.CONFIRMED, "review_again", _O.PRIMARY_REVIEW, "a reviewed field has changed and nothing is released"),
        (_O.CONFIRMED, "release", _O.IN_EXECUTION, "no hold on RELEASE; a deposit that is due is paid"),
        (_BEFORE_EXECUTION, "expire", _O.EXPIRED, "an inquiry or quote whose valid_until has passed"),
        (_BEFORE_EXECUTION, "cancel", _O.CANCELLED, "a reason; a disposition for every supply"),
        (_O.IN_EXECUTION, "cancel", _O.CANCELLED, "nothing shipped; a disposition for every supply"),
        (_O.IN_EXECUTION, "complete", _O.COMPLETED, "all open lines inspected and shipped within tolerance"),
        (_O.COMPLETED, "reopen", _O.IN_EXECUTION, "an increase was applied, or a claim asks for a replacement"),
        (_O.COMPLETED, "settle", _O.SETTLED, "invoiced less credited is paid or written off"),
        (_O.SETTLED, "reopen", _O.IN_EXECUTION, "a claim within its window asks for a replacement"),
        (_O.SETTLED, "close", _O.CLOSED, "the claim window is over"),
    ),
)
"""The order's own machine. Cancelling the rest of an order that has shipped is a change, not a step."""


class SupplyState(StrEnum):
    """Where a supply order stands."""

    PROPOSED = "proposed"
    FIRM = "firm"
    RELEASED = "released"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CLOSED = "closed"
    CANCELLED = "cancelled"


_S = SupplyState

SUPPLY = Machine(
    "supply order",
    _S.PROPOSED,
    build_steps(
        (_S.PROPOSED, "firm", _S.FIRM, ""),
        (_S.PROPOSED, "withdraw", _S.CANCELLED, "the planner may"),
        (_S.FIRM, "release", _S.RELEASED, "no hold on RELEASE of the orders it is for"),
        (_S.FIRM, "cancel", _S.CANCELLED, "a disposition; a fee if the supplier asks one"),
        (_S.RELEASED, "start", _S.IN_PROGRESS, ""),
        (_S.RELEASED, "cancel", _S.CANCELLED, "can still be cancelled; a disposition"),
        (_S.RELEASED, "finish", _S.DONE, "a receipt reported before any start"),
        (_S.IN_PROGRESS, "finish", _S.DONE, ""),
        (_S.IN_PROGRESS, "cancel", _S.CANCELLED, "what is made so far has a disposition"),
        (_S.DONE, "reopen", _S.IN_PROGRESS, "a correction takes some of the quantity back"),
        (_S.DONE, "close", _S.CLOSED, "matched and paid, or made and counted"),
    ),
)


class ShipmentState(StrEnum):
    """Where a shipment stands."""

    PLANNED = "planned"
    PACKED = "packed"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    CANCELLED = "cancelled"


_H = ShipmentState

SHIPMENT = Machine(
    "shipment",
    _H.PLANNED,
    build_steps(
        (_H.PLANNED, "pack", _H.PACKED, "inspected quantities only"),
        (_H.PACKED, "ship", _H.SHIPPED, "no hold on SHIP"),
        (_H.SHIPPED, "deliver", _H.DELIVERED, "proof of delivery"),
        (_H.SHIPPED, "except", _H.EXCEPTION, "the carrier reports damage, loss or refusal"),
        (_H.EXCEPTION, "resume", _H.SHIPPED, ""),
        (_H.EXCEPTION, "deliver", _H.DELIVERED, ""),
        ((_H.PLANNED, _H.PACKED), "cancel", _H.CANCELLED, "before it ships; what it held is reserved again"),
    ),
)


class ChangeState(StrEnum):
    """Where a change request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSESSED = "assessed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    STALE = "stale"
    APPLIED = "applied"
    ACKNOWLEDGED = "acknowledged"


_C = ChangeState
_OPEN_CHANGES = (_C.DRAFT, _C.SUBMITTED, _C.ASSESSED, _C.APPROVED)

CHANGE = Machine(
    "change request",
    _C.DRAFT,
    build_steps(
        (_C.DRAFT, "submit", _C.SUBMITTED, "a reason and at least one change"),
        (_C.SUBMITTED, "assess", _C.ASSESSED, "the impact is known"),
        (_C.ASSESSED, "approve", _C.APPROVED, "everyone whom the impact asks for has agreed"),
        (_C.ASSESSED, "reject", _C.REJECTED, "a reason"),
        (_C.SUBMITTED, "reject", _C.REJECTED, "a reason"),
        (_OPEN_CHANGES, "withdraw", _C.WITHDRAWN, ""),
        ((_C.SUBMITTED, _C.ASSESSED, _C.APPROVED), "outdate", _C.STALE, "another change was applied in between"),
        (_C.STALE, "assess", _C.ASSESSED, "assessed again from the new version"),
        (_C.STALE, "withdraw", _C.WITHDRAWN, ""),
        (_C.APPROVED, "apply", _C.APPLIED, "the order is at the version that was assessed"),
        (_C.APPLIED, "acknowledge", _C.ACKNOWLEDGED, "every party that was told has answered"),
    ),
)


class ReceptionState(StrEnum):
    """Where the goods of a return are."""

    AWAITING = "awaiting"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    SHORT = "short"
    WRONG_ITEM = "wrong_item"
    LOST = "lost"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_R = ReceptionState
_COMING = (_R.AWAITING, _R.IN_TRANSIT)

RECEPTION = Machine(
    "return (reception)",
    _R.AWAITING,
    build_steps(
        (_R.AWAITING, "send", _R.IN_TRANSIT, ""),
        (_COMING, "receive", _R.RECEIVED, "all that was announced"),
        (_COMING, "receive_short", _R.SHORT, "less than announced"),
        (_COMING, "receive_wrong", _R.WRONG_ITEM, ""),
        (_R.IN_TRANSIT, "lose", _R.LOST, ""),
        (_R.AWAITING, "expire", _R.EXPIRED, "the time for sending it back is over"),
        (_R.AWAITING, "cancel", _R.CANCELLED, ""),
        ((_R.SHORT, _R.LOST), "receive", _R.RECEIVED, "the rest has come after all"),
    ),
)


class AcceptanceState(StrEnum):
    """Whether the claim behind a return is accepted."""

    PENDING = "pending"
    MANUAL = "manual"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


_A = AcceptanceState

ACCEPTANCE = Machine(
    "return (acceptance)",
    _A.PENDING,
    build_steps(
        (_A.PENDING, "ask", _A.MANUAL, "no rule decides"),
        (
            (_A.PENDING, _A.MANUAL),
            "accept",
            _A.ACCEPTED,
            "received; an outcome: restock, rework, scrap, replace, credit",
        ),
        ((_A.PENDING, _A.MANUAL), "reject", _A.REJECTED, "a reason"),
    ),
)


class PaymentState(StrEnum):
    """Where a payment or refund stands; only a settled one counts."""

    PENDING = "pending"
    SETTLED = "settled"
    FAILED = "failed"
    REVERSED = "reversed"


_P = PaymentState

PAYMENT = Machine(
    "payment",
    _P.PENDING,
    build_steps(
        (_P.PENDING, "settle", _P.SETTLED, "the bank or payment service confirms"),
        (_P.PENDING, "fail", _P.FAILED, "a reason; nothing was paid"),
        (_P.SETTLED, "reverse", _P.REVERSED, "a chargeback or a returned debit; what it paid is open again"),
    ),
)


class BillState(StrEnum):
    """Where a supplier's invoice stands."""

    RECEIVED = "received"
    MATCHED = "matched"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


_B = BillState

BILL = Machine(
    "supplier invoice",
    _B.RECEIVED,
    build_steps(
        ((_B.RECEIVED, _B.HELD), "match", _B.MATCHED, "every line agrees with order and receipt within tolerance"),
        (_B.RECEIVED, "hold", _B.HELD, "a line does not agree"),
        (_B.HELD, "approve", _B.APPROVED, "a reason, by another person than recorded it"),
        (_B.HELD, "reject", _B.REJECTED, "a reason; nothing is owed"),
    ),
)

MACHINES = (ORDER, SUPPLY, SHIPMENT, CHANGE, RECEPTION, ACCEPTANCE, PAYMENT, BILL)
"""Every machine, for the diagram and the test that walks all pairs."""
