"""The second review is passed: dates are promised, and what they are made of is kept."""

from __future__ import annotations

from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.review import CapacityPromised, OrderConfirmed
from orderopt.models.life.hold import Blocks
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.promise import OrderPromise, Origin
from orderopt.models.life.promise_register import REGISTER, PromiseRegister
from orderopt.models.life.review import Outcome, Stage
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER, OrderKind
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.ask import find_promise
from orderopt.stages.confirm.reserve import reserve
from orderopt.stages.review.decide import (
    begin_review,
    check_persons,
    end_review,
    find_holds,
    find_obstacles,
    place_holds,
    refuse,
)
from orderopt.stages.review.registry import Question, judge_order


class PassSecondary(Command):
    """Pass the second review: the order is confirmed, or the quote is given.

    Needs another person than the one who did the first review, no hold on CONFIRM, no rule that fails, every
    warning overridden (but for those that place a hold), and everything that is promised still there. Stock and
    supply are kept as promised: for an order without end, for a quote until it expires, for an inquiry not at all.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SECOND_REVIEWER})

    order_id: Id


@does(PassSecondary)
def pass_secondary(command: PassSecondary, book: Book) -> OrderCase:
    """End the second review; return the order."""
    case = book.need(OrderCase, command.order_id)
    ORDER.step(case.state, "pass_secondary", case.key)
    check_persons(case, book)
    check_until(case, book)
    review = begin_review(case, book, Stage.SECONDARY)
    register = book.get(PromiseRegister, REGISTER)
    promise = find_promise(case, book)
    checks = judge_order(Question(case, book, promise), Stage.SECONDARY)
    obstacles = [*_find_changed(case), *find_holds(case, Blocks.CONFIRM), *find_obstacles(review, checks)]
    refuse(case, "passing the second review", obstacles)
    if case.head.kind is not OrderKind.INQUIRY:
        case = reserve(case, promise, book, until=case.head.valid_until)
        _enter(register, case, promise, book)
    ended = end_review(review, book, Outcome.PASSED, checks=checks)
    case = book.record(case, OrderConfirmed(review=ended, promise=promise))
    return place_holds(case, checks, book)


def _enter(register: PromiseRegister | None, case: OrderCase, promise: OrderPromise, book: Book) -> None:
    """Enter a promise that needs capacity or purchases into the register."""
    if any(line.quantity_from(Origin.MAKE, Origin.BUY) for line in promise.lines):
        fact = CapacityPromised(order_id=case.key)
        if register is None:
            book.begin(PromiseRegister, REGISTER, fact)
        else:
            book.record(register, fact)


def _find_changed(case: OrderCase) -> list[Finding]:
    first = case.passed_review(Stage.PRIMARY)
    if first is not None and first.revision == case.revision:
        return []
    return [
        Finding(
            code="REVIEWED_ANOTHER",
            subject=f"order {case.key}",
            says="it has changed since the first review",
            mend="return it, so that it is reviewed from the begin",
        )
    ]


def check_until(case: OrderCase, book: Book) -> None:
    """Raise GuardError if an inquiry or quote is no longer valid."""
    until = case.head.valid_until
    if case.head.kind is not OrderKind.ORDER and until is not None and until <= book.at:
        raise GuardError(
            f"{case.head.kind} {case.key} was valid until {until.isoformat()}",
            [
                Finding(
                    code="NO_LONGER_VALID",
                    subject=f"order {case.key}",
                    says="it is no longer valid",
                    mend="let it expire and make a new one, or extend it first",
                )
            ],
        )
