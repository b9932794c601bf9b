"""The first review: claimed, warnings overridden, passed."""

from __future__ import annotations

from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.happened.review import PrimaryPassed, ReviewClaimed, WarningOverridden
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.review import Answer, CheckResult, Outcome, Override, Stage
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.states import ORDER
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.confirm.ask import find_promise
from orderopt.stages.review.decide import STAGE_OF, begin_review, check_persons, end_review, find_obstacles, refuse
from orderopt.stages.review.registry import Question, judge_order

REVIEWERS = frozenset({Role.FIRST_REVIEWER, Role.SECOND_REVIEWER})
_ROLE_OF = {Stage.PRIMARY: Role.FIRST_REVIEWER, Stage.SECONDARY: Role.SECOND_REVIEWER}


class Claim(Command):
    """Take an order for review: the first one if it is submitted or in it, the second one if it is there.

    A review that somebody else has claimed is taken over. Refused with GuardError where who did the first review
    claims the second.
    """

    ROLES: ClassVar[frozenset[Role]] = REVIEWERS

    order_id: Id


class CheckOrder(Command):
    """Ask what the rules of a stage say of an order now; records nothing."""

    ROLES: ClassVar[frozenset[Role]] = REVIEWERS | {Role.SALES, Role.ADMINISTRATOR}

    order_id: Id
    stage: Stage


class OverrideWarning(Command):
    """Let a warning of the running review pass, with one of the policy's reason codes.

    Needs the warning to be there: failures cannot be overridden, and warnings that place a hold need not be.
    """

    ROLES: ClassVar[frozenset[Role]] = REVIEWERS

    order_id: Id
    rule: str
    line_no: Id | None = None
    code: str
    reason: str | None = None


class PassPrimary(Command):
    """Pass the first review: no rule fails, and every warning is overridden."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FIRST_REVIEWER})

    order_id: Id


@does(Claim)
def claim(command: Claim, book: Book) -> OrderCase:
    """Open the review, with what the rules say now; return the order."""
    case = book.need(OrderCase, command.order_id)
    stage = STAGE_OF.get(case.state, Stage.PRIMARY)
    if case.state not in STAGE_OF:
        ORDER.step(case.state, "claim", case.key)
    check_reviewer(case, book, stage)
    review = begin_review(case, book, stage).model_copy(
        update={"claimed_at": book.at, "checks": judge(case, book, stage)}
    )
    return book.record(case, ReviewClaimed(review=review))


@does(CheckOrder)
def check_order(query: CheckOrder, book: Book) -> tuple[CheckResult, ...]:
    """Return the answers, without the amounts that the asker may not see."""
    checks = judge(book.need(OrderCase, query.order_id), book, query.stage)
    return tuple(mask(check, book.actor.sees) for check in checks)


@does(OverrideWarning)
def override_warning(command: OverrideWarning, book: Book) -> OrderCase:
    """Note the override in the running review; return the order."""
    case = book.need(OrderCase, command.order_id)
    stage = STAGE_OF.get(case.state)
    if stage is None or case.open_review(stage) is None:
        raise _refused(case, "NOT_CLAIMED", "no review is running", "claim the order first")
    check_reviewer(case, book, stage)
    codes = book.policy.review.override_codes
    if command.code not in codes:
        raise _refused(case, "UNKNOWN_CODE", "there is no such reason code", f"use one of {', '.join(sorted(codes))}")
    if not any(
        (check.rule, check.line_no) == (command.rule, command.line_no)
        and check.answer is Answer.WARN
        and check.hold is None
        for check in judge(case, book, stage)
    ):
        says = f"{command.rule} gives no warning that could be overridden"
        raise _refused(case, "NO_SUCH_WARNING", says, "ask for the checks")
    override = Override(
        rule=command.rule,
        line_no=command.line_no,
        code=command.code,
        reason=command.reason,
        by=book.actor.name,
        at=book.at,
    )
    return book.record(case, WarningOverridden(stage=stage, override=override), why=command.reason)


@does(PassPrimary)
def pass_primary(command: PassPrimary, book: Book) -> OrderCase:
    """End the first review; return the order."""
    case = book.need(OrderCase, command.order_id)
    ORDER.step(case.state, "pass_primary", case.key)
    review = begin_review(case, book, Stage.PRIMARY)
    checks = judge(case, book, Stage.PRIMARY)
    refuse(case, "passing the first review", find_obstacles(review, checks))
    ended = end_review(review, book, Outcome.PASSED, checks=checks)
    return book.record(case, PrimaryPassed(review=ended))


def judge(case: OrderCase, book: Book, stage: Stage) -> tuple[CheckResult, ...]:
    """Return what the rules of a stage say of an order; for the second one a promise is found first."""
    promise = find_promise(case, book) if stage is Stage.SECONDARY else None
    return judge_order(Question(case, book, promise), stage)


def check_reviewer(case: OrderCase, book: Book, stage: Stage) -> None:
    """Raise GuardError if who gives the command may not decide in a stage of the order's review."""
    role = _ROLE_OF[stage]
    if role not in book.actor.roles:
        says = f"the {stage} review needs the role {role}"
        raise _refused(case, "OTHER_ROLE", says, "let somebody with that role do it")
    if stage is Stage.SECONDARY:
        check_persons(case, book)


def _refused(case: OrderCase, code: str, says: str, mend: str) -> GuardError:
    return GuardError(
        f"order {case.key}: {says}", [Finding(code=code, subject=f"order {case.key}", says=says, mend=mend)]
    )
