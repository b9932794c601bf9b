"""Ending a review without passing it: the order goes back to its sender, or it is rejected."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.review import OrderRejected, ReviewReturned
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.review import Outcome, Stage
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.reserve import set_free
from orderopt.stages.review.clock import read_clock
from orderopt.stages.review.credit import release_credit_holds
from orderopt.stages.review.decide import STAGE_OF, begin_review, end_review
from orderopt.stages.review.first import check_reviewer


class ReturnToDraft(Command):
    """Give an order under review back to its sender, with a reason; the clock stands until it is submitted again."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FIRST_REVIEWER, Role.SECOND_REVIEWER})

    order_id: Id
    reason: str = Field(min_length=1)


class Reject(Command):
    """Reject an order under review, for one of the policy's reason codes; what was kept for it is free."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FIRST_REVIEWER, Role.SECOND_REVIEWER})

    order_id: Id
    code: str
    reason: str | None = None


@does(ReturnToDraft)
def return_to_draft(command: ReturnToDraft, book: Book) -> OrderCase:
    """Take the step; return the order."""
    case, stage = _find_case(command.order_id, "return", book)
    used = read_clock(case, book).used_minutes
    case = set_free(case, book, why=command.reason)
    ended = end_review(begin_review(case, book, stage), book, Outcome.RETURNED, reason=command.reason)
    case = book.record(case, ReviewReturned(review=ended, used_minutes=used), why=command.reason)
    release_credit_holds(case.head.customer_id, book)
    return case


@does(Reject)
def reject(command: Reject, book: Book) -> OrderCase:
    """Take the step; return the order."""
    case, stage = _find_case(command.order_id, "reject", book)
    codes = book.policy.review.reject_codes
    if command.code not in codes:
        raise GuardError(
            f"order {case.key}: there is no reason code {command.code!r}",
            [
                Finding(
                    code="UNKNOWN_CODE",
                    subject=f"order {case.key}",
                    says=f"there is no reason code {command.code!r}",
                    mend=f"use one of {', '.join(sorted(codes))}",
                )
            ],
        )
    case = set_free(case, book, why=command.code)
    said = {"code": command.code, "reason": command.reason}
    ended = end_review(begin_review(case, book, stage), book, Outcome.REJECTED, **said)
    case = book.record(case, OrderRejected(review=ended), why=command.reason or command.code)
    release_credit_holds(case.head.customer_id, book)
    return case


def _find_case(order_id: str, trigger: str, book: Book) -> tuple[OrderCase, Stage]:
    case = book.need(OrderCase, order_id)
    ORDER.step(case.state, trigger, case.key)
    stage = STAGE_OF[case.state]
    check_reviewer(case, book, stage)
    return case, stage
