"""Releasing an order: work or picking may begin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.happened.order import OrderReleased
from orderopt.models.life.hold import Blocks, HoldType
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER, OrderKind
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.review.credit import judge_credit
from orderopt.stages.review.decide import find_holds, refuse
from orderopt.stages.settle.deposit import find_deposit_lack


class Release(Command):
    """Let work on a confirmed order begin.

    Needs an order (a quote has to be accepted first), no hold on RELEASE, exposure within the credit limit as it is
    now, unless finance has released a credit hold of the order, and a deposit that was agreed to be paid.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.PLANNER, Role.SALES, Role.SHOP_FLOOR, Role.WAREHOUSE})

    order_id: Id


@does(Release)
def release(command: Release, book: Book) -> OrderCase:
    """Take the step; return the order."""
    case = book.need(OrderCase, command.order_id)
    ORDER.step(case.state, "release", case.key)
    refuse(case, "release", [*find_holds(case, Blocks.RELEASE), *find_release_lacks(case, book)])
    return book.record(case, OrderReleased())


def find_release_lacks(case: OrderCase, book: Book) -> Iterator[Finding]:
    """Yield everything but holds that keep work on a confirmed order from beginning."""
    yield from _find_kind(case)
    yield from find_credit_lack(case, book)
    yield from find_deposit_lack(case, book)


def _find_kind(case: OrderCase) -> Iterator[Finding]:
    if case.head.kind is not OrderKind.ORDER:
        says = f"it is {'an' if case.head.kind is OrderKind.INQUIRY else 'a'} {case.head.kind}"
        yield Finding(code="NO_ORDER", subject=f"order {case.key}", says=says, mend="let the customer accept it first")


def find_credit_lack(case: OrderCase, book: Book) -> Iterator[Finding]:
    """Yield a finding if exposure is above the limit now and finance has not let the order pass.

    An active credit hold says so already.
    """
    for hold in case.holds:
        if hold.type is HoldType.CREDIT and (hold.is_active or hold.released_by_rule is None):
            return
    check = judge_credit(case, book)
    if check.code == "CREDIT_OVER":
        yield Finding(code=check.code, subject=f"order {case.key}", says=check.says, mend=check.mend)
