"""Looking at orders: lists, one order, and what happened to it, each without what the asker may not see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from orderopt.errors import NotFoundError
from orderopt.models.life.event import Event
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.outward import INSIDE, show_outside
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.life.sensitive import join, mask
from orderopt.models.life.states import OrderState
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does

EVERYONE = frozenset(Role)


class ListOrders(Command):
    """Ask for orders by state, customer or channel, the most urgent first; a customer gets their own."""

    ROLES: ClassVar[frozenset[Role]] = EVERYONE

    state: OrderState | None = None
    customer_id: Id | None = None
    channel: str | None = None
    is_open: bool | None = None
    limit: int = Field(default=100, ge=1, le=10_000)


class ShowOrder(Command):
    """Ask for one order with all that is true of it now."""

    ROLES: ClassVar[frozenset[Role]] = EVERYONE

    order_id: Id


class ShowHistory(Command):
    """Ask for all that happened to one order."""

    ROLES: ClassVar[frozenset[Role]] = EVERYONE

    order_id: Id


class OrderRow(Part):
    """One order in a list."""

    order_id: str
    state: OrderState
    customer_id: str
    channel: str
    due_at: datetime
    promised_at: datetime | None
    num_lines: int
    num_holds: int
    num_questions: int


class HistoryRow(Part):
    """One thing that happened: when, who, acting as what, why, and its facts."""

    version: int
    at: datetime
    actor: str
    role: str
    type: str
    why: str | None
    facts: dict[str, Any]
    erased: tuple[str, ...] = ()


@does(ListOrders)
def list_orders(query: ListOrders, book: Book) -> list[OrderRow]:
    """Return the orders that fit."""
    wanted = {
        "state": query.state and str(query.state),
        "customer": book.actor.customer_id if book.role is Role.CUSTOMER else query.customer_id,
        "channel": query.channel,
        "open": None if query.is_open is None else str(int(query.is_open)),
    }
    where = {name: value for name, value in wanted.items() if value is not None}
    return [_build_row(case) for case in book.find_page(OrderCase, where, order_by="due", limit=query.limit)]


def _build_row(case: OrderCase) -> OrderRow:
    promises = [line.dates.last_promise for line in case.lines]
    given = [moment for moment in promises if moment is not None]
    return OrderRow(
        order_id=case.key,
        state=case.state,
        customer_id=case.head.customer_id,
        channel=case.head.channel,
        due_at=min(line.ask.requested_at for line in case.lines),
        promised_at=max(given) if len(given) == len(promises) else None,
        num_lines=len(case.lines),
        num_holds=sum(hold.is_active for hold in case.holds),
        num_questions=len(case.open_questions),
    )


@does(ShowOrder)
def show_order(query: ShowOrder, book: Book) -> OrderCase:
    """Return the order, masked; to customers without what stays inside."""
    case = find_visible(book, query.order_id)
    return mask(show_outside(case) if book.role is Role.CUSTOMER else case, book.actor.sees)


def find_visible(book: Book, order_id: str) -> OrderCase:
    """Return an order that the actor may look at; to a customer, those of others do not exist."""
    case = book.need(OrderCase, order_id)
    if book.role is Role.CUSTOMER and case.head.customer_id != book.actor.customer_id:
        raise NotFoundError(f"there is no order {order_id!r}")
    return case


@does(ShowHistory)
def show_history(query: ShowHistory, book: Book) -> list[HistoryRow]:
    """Return what happened, in order, masked."""
    find_visible(book, query.order_id)
    return list(_build_history(book.history(OrderCase, query.order_id), book))


def _build_history(events: list[Event], book: Book) -> Iterator[HistoryRow]:
    for event in events:
        if book.role is Role.CUSTOMER and event.type in INSIDE:
            continue
        shown = {
            mark: json.loads(sealed.text)
            for mark, sealed in event.apart.items()
            if sealed.text is not None and mark in book.actor.sees
        }
        yield HistoryRow(
            version=event.version,
            at=event.at,
            actor=event.actor,
            role=event.role,
            type=event.type,
            why=event.why,
            facts=join(json.loads(event.data), shown),
            erased=tuple(sorted(mark for mark, sealed in event.apart.items() if sealed.is_erased)),
        )
