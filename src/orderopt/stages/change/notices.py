"""Notices of changes: who still has to answer, who is late, and answering."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from orderopt.errors import NotAllowedError, NotFoundError
from orderopt.models.life.change import ChangeRequest
from orderopt.models.life.happened.change import ChangeAcknowledged, NoticeAcknowledged
from orderopt.models.life.notice import ANSWERS, Department, Notice
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Actor, Role
from orderopt.models.life.sensitive import mask
from orderopt.models.life.states import CHANGE
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.change.log import show_change

READERS = frozenset(role for roles in ANSWERS.values() for role in roles)


class AcknowledgeNotice(Command):
    """Answer a notice on behalf of its department; once all are answered, the change is acknowledged.

    A notice that is answered already is left as it is. Refused with NotAllowedError for other departments.
    """

    ROLES: ClassVar[frozenset[Role]] = READERS

    order_id: Id
    notice_id: Id
    remark: str | None = None


class ListNotices(Command):
    """Ask for notices that wait for an answer, the most urgent first; customers get those of their own orders."""

    ROLES: ClassVar[frozenset[Role]] = READERS | {Role.ADMINISTRATOR, Role.AUDITOR}

    department: Department | None = None
    overdue: bool = False
    limit: int = Field(default=1000, ge=1, le=10_000)


class NoticeRow(Part):
    """A notice in a list."""

    order_id: Id
    is_overdue: bool
    notice: Notice


@does(AcknowledgeNotice)
def acknowledge_notice(command: AcknowledgeNotice, book: Book) -> ChangeRequest | None:
    """Record the answer; return the change that it is about."""
    case = book.need(OrderCase, command.order_id)
    notice = next((one for one in case.notices if one.notice_id == command.notice_id), None)
    if notice is None or not may_read(book.actor, notice):
        raise NotFoundError(f"order {case.key} has no notice {command.notice_id}")
    if not book.actor.roles & ANSWERS[notice.department]:
        needed = ", ".join(sorted(ANSWERS[notice.department]))
        raise NotAllowedError(f"{command.notice_id} is for {notice.department}: it needs one of {needed}")
    if notice.is_open:
        case = book.record(case, NoticeAcknowledged(notice_id=notice.notice_id, remark=command.remark))
        case = _acknowledge_change(book, case, notice.change_id)
    return None if notice.change_id is None else show_change(case.change(notice.change_id), book)


def _acknowledge_change(book: Book, case: OrderCase, change_id: str | None) -> OrderCase:
    waiting = any(one.is_open and one.change_id == change_id for one in case.notices)
    if change_id is None or waiting or not CHANGE.allows(case.change(change_id).state, "acknowledge"):
        return case
    return book.record(case, ChangeAcknowledged(change_id=change_id))


@does(ListNotices)
def list_notices(query: ListNotices, book: Book) -> list[NoticeRow]:
    """Return open notices by due time, masked."""
    own = {"customer": str(book.actor.customer_id)} if book.role is Role.CUSTOMER else {}
    rows = [
        NoticeRow(order_id=case.key, is_overdue=notice.due_at < book.at, notice=mask(notice, book.actor.sees))
        for case in book.find_page(OrderCase, own, order_by="answer_due", limit=query.limit)
        for notice in case.notices
        if notice.is_open
        and query.department in (None, notice.department)
        and may_read(book.actor, notice)
        and (notice.due_at < book.at or not query.overdue)
    ]
    return sorted(rows, key=lambda row: (row.notice.due_at, row.notice.notice_id))


def may_read(actor: Actor, notice: Notice) -> bool:
    """Tell whether someone may see a notice: a customer only those to customers."""
    return actor.roles != {Role.CUSTOMER} or notice.department is Department.CUSTOMER
