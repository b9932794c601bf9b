"""Whom a change concerns, what of it each of them is told, and who must agree to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderopt.models.life.amendment import Amendment, PriceAmended, TermsAmended
from orderopt.models.life.change import Impact
from orderopt.models.life.desk_policy import ChangePolicy
from orderopt.models.life.disposition import Disposition, Holding
from orderopt.models.life.notice import Department, Notice
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.models.life.supply_order import SupplyKind, SupplyOrder, name_peg_label
from orderopt.stages.book import Book

BINDING = frozenset({OrderState.CONFIRMED, OrderState.IN_EXECUTION, OrderState.COMPLETED})
"""States in which others work for the order already."""

_AMOUNT = frozenset({"quantity", "item", "add_line", "cancel_line", "cancel_order"})
_TOLD: dict[Department, frozenset[str]] = {
    Department.PRODUCTION: _AMOUNT | {"date"},
    Department.PURCHASING: _AMOUNT | {"date"},
    Department.WAREHOUSE: _AMOUNT | {"date", "destination", "party"},
    Department.TRANSPORT: _AMOUNT | {"date", "destination", "party"},
    Department.FINANCE: _AMOUNT | {"price", "terms", "party"},
    Department.SALES: _AMOUNT | {"date", "destination", "party", "price", "terms"},
    Department.CUSTOMER: _AMOUNT | {"date", "destination", "party", "price", "terms"},
}
_KINDS = {
    SupplyKind.MAKE: Department.PRODUCTION,
    SupplyKind.SUBCONTRACT: Department.PURCHASING,
    SupplyKind.BUY: Department.PURCHASING,
    SupplyKind.MOVE: Department.TRANSPORT,
}


def find_keeper(book: Book, disposition: Disposition) -> Department:
    """Return the department that has to do what a disposition says."""
    if disposition.holding is not Holding.SUPPLY:
        return Department.WAREHOUSE
    return _KINDS[book.need(SupplyOrder, disposition.key).kind]


def find_departments(
    book: Book, case: OrderCase, amendments: Sequence[Amendment], dispositions: Sequence[Disposition]
) -> tuple[Department, ...]:
    """Return whom a change concerns: sales and the customer always, others once the order is confirmed.

    Production and purchasing are told of what concerns supply that there is for the order; what is to be made or
    bought more, they learn from the next plan.
    """
    if case.state not in BINDING:
        return (Department.SALES, Department.CUSTOMER)
    kinds = {amendment.kind for amendment in amendments}
    found = {Department.SALES, Department.CUSTOMER, *(find_keeper(book, one) for one in dispositions)}
    supply = book.find(SupplyOrder, {"open": "1", name_peg_label(order_id=case.key): "1"})
    involved = {_KINDS[one.kind] for one in supply}
    always = involved | {Department.FINANCE, Department.WAREHOUSE, Department.TRANSPORT}
    found.update(department for department in always if kinds & _TOLD[department])
    return tuple(department for department in Department if department in found)


def build_notice(
    book: Book, case: OrderCase, change_id: str, impact: Impact, department: Department, **content: Sequence[object]
) -> Notice:
    """Return what a department is told of a change that was applied.

    Parameters
    ----------
    content
        `amendments` and `dispositions` as applied.
    """
    dispositions = tuple(
        one for one in content["dispositions"] if isinstance(one, Disposition) and find_keeper(book, one) is department
    )
    is_dated = department in (Department.SALES, Department.CUSTOMER, Department.TRANSPORT)
    return Notice(
        notice_id=f"{change_id}-{department}",
        department=department,
        change_id=change_id,
        amendments=tuple(
            one for one in content["amendments"] if isinstance(one, Amendment) and one.kind in _TOLD[department]
        ),
        dispositions=dispositions,
        promises=impact.promises if is_dated else (),
        sent_at=book.at,
        due_at=book.at + timedelta(hours=float(book.policy.change.answer_hours)),
    )


def find_approvers(
    book: Book, case: OrderCase, amendments: Sequence[Amendment], impact: Impact
) -> tuple[tuple[Role, ...], int]:
    """Return the roles that must agree to a change, and how many persons at least.

    Sales always; once the order is confirmed also planning where other orders are hurt or work under way is
    touched, purchasing where firm purchases are, finance where prices, terms or more than a little money are, and
    the second reviewer within the fence.
    """
    policy = book.policy.change
    value = abs(impact.value or ZERO)
    persons = 2 if value > policy.two_persons_above else 1
    if case.state not in BINDING:
        return (Role.SALES,), persons
    needed = {Role.SALES}
    if impact.hurts:
        needed.add(Role.PLANNER)
    for disposition in impact.dispositions:
        if disposition.holding is Holding.SUPPLY and disposition.code != "PROPOSAL":
            keeper = find_keeper(book, disposition)
            needed.add(Role.PURCHASING if keeper is Department.PURCHASING else Role.PLANNER)
    money = max(value, impact.fee or ZERO)
    if money > policy.finance_above or any(isinstance(one, PriceAmended | TermsAmended) for one in amendments):
        needed.add(Role.FINANCE)
    if _is_fenced(case, amendments, policy, book.at):
        needed.add(Role.SECOND_REVIEWER)
    return tuple(role for role in Role if role in needed), persons


def _is_fenced(case: OrderCase, amendments: Sequence[Amendment], policy: ChangePolicy, at: datetime) -> bool:
    touched = {getattr(amendment, "line_no", None) for amendment in amendments}
    fence = at + timedelta(days=float(policy.fence_days))
    return policy.fence_days > 0 and any(
        (line.dates.last_promise or line.ask.requested_at) <= fence
        for line in case.lines
        if line.line_no in touched or touched == {None}
    )
