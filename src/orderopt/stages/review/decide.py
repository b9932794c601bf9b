"""What the steps of both reviews share: who may decide, what the rules say, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from orderopt.errors import GuardError
from orderopt.models.finding import Finding, Severity
from orderopt.models.life.happened.order import HoldPlaced
from orderopt.models.life.hold import USUAL_BLOCKS, Blocks, Hold, HoldType
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.review import Answer, CheckResult, Outcome, Review, Stage
from orderopt.models.life.states import OrderState
from orderopt.stages.book import Book
from orderopt.stages.review.clock import read_clock
from orderopt.stages.review.credit import AUTO_RELEASE

STAGE_OF = {OrderState.PRIMARY_REVIEW: Stage.PRIMARY, OrderState.SECONDARY_REVIEW: Stage.SECONDARY}
"""Which review an order in a state is in."""


def begin_review(case: OrderCase, book: Book, stage: Stage) -> Review:
    """Return the review of a stage by who gives the command: the open one, or a new one."""
    found = case.open_review(stage)
    if found is not None:
        return found.model_copy(update={"reviewer": book.actor.name, "revision": case.revision})
    return Review(
        stage=stage,
        reviewer=book.actor.name,
        claimed_at=book.at,
        due_at=read_clock(case, book).due_at,
        revision=case.revision,
    )


def end_review(review: Review, book: Book, outcome: Outcome, **said: Any) -> Review:
    """Return a review as it ends now."""
    return review.model_copy(update={"ended_at": book.at, "outcome": outcome, **said})


def check_persons(case: OrderCase, book: Book) -> None:
    """Raise GuardError if who gives the command has done the first review: two persons decide."""
    first = case.passed_review(Stage.PRIMARY)
    if first is not None and first.reviewer == book.actor.name:
        raise GuardError(
            f"order {case.key}: the second review cannot be done by who did the first",
            [
                Finding(
                    code="SAME_PERSON",
                    subject=f"order {case.key}",
                    says=f"{first.reviewer} passed the first review",
                    mend="let somebody else do the second",
                )
            ],
        )


def find_obstacles(review: Review, checks: Sequence[CheckResult]) -> list[Finding]:
    """Return a finding for each check that fails, and for each warning that nobody has let pass."""
    return [
        Finding(
            code=check.code,
            severity=Severity.ERROR if check.answer is Answer.FAIL else Severity.WARNING,
            subject=check.line_no and f"line {check.line_no}",
            says=f"{check.says} ({check.rule})",
            value=", ".join(f"{name} {value}" for name, value in check.figures.items()) or None,
            mend=check.mend or ("override it with a reason code" if check.answer is Answer.WARN else None),
        )
        for check in checks
        if check.answer is Answer.FAIL
        or (check.answer is Answer.WARN and check.hold is None and not review.is_overridden(check))
    ]


def find_holds(case: OrderCase, step: Blocks) -> list[Finding]:
    """Return a finding for each hold that blocks a step of an order."""
    return [
        Finding(
            code="HELD",
            subject=f"hold {hold.hold_id}",
            says=f"a {hold.type} hold blocks {step}: {hold.reason}",
            mend="have it released",
        )
        for hold in case.holds_on(step)
    ]


def refuse(case: OrderCase, step: str, obstacles: Sequence[Finding]) -> None:
    """Raise GuardError if something stands in the way of a step."""
    if obstacles:
        raise GuardError(f"order {case.key}: {step} is not possible yet", obstacles)


def place_holds(case: OrderCase, checks: Iterable[CheckResult], book: Book) -> OrderCase:
    """Place the holds that checks ask for, unless one of that type is active already."""
    for check in checks:
        if check.hold is None or check.answer is not Answer.WARN:
            continue
        if any(hold.is_active and hold.type is check.hold and hold.line_no == check.line_no for hold in case.holds):
            continue
        case = book.record(case, HoldPlaced(hold=build_hold(case, book, check.hold, check.says, check.line_no)))
    return case


def build_hold(case: OrderCase, book: Book, kind: HoldType, reason: str, line_no: str | None = None) -> Hold:
    """Return a new hold on an order or on one of its lines, with what its type usually blocks."""
    return Hold(
        hold_id=f"{case.key}-H{len(case.holds) + 1}",
        type=kind,
        blocks=USUAL_BLOCKS[kind],
        reason=reason,
        line_no=line_no,
        placed_by=book.actor.name,
        placed_at=book.at,
        auto_release=AUTO_RELEASE if kind is HoldType.CREDIT else None,
    )
