"""The end of an order: settled when everything is invoiced and paid, closed when no claim can come any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.bills import OrderBills
from orderopt.models.life.happened.billing import OrderClosed, OrderSettled
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.life.states import ORDER, AcceptanceState, OrderState
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.documents import find_bills
from orderopt.stages.settle.due import find_charges


class SettleOrder(Command):
    """Settle an order that is complete.

    Needs: of every line, invoiced less credited is what the customer has kept; deposits are taken off and charges
    invoiced; nothing is open of any document (paid, credited, or written off), and no credit of it is unused; no
    return waits for a decision.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    order_id: Id


class CloseOrder(Command):
    """Close an order that is settled, once its claim window is over."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.SALES})

    order_id: Id


class CloseSettledOrders(Command):
    """Close all settled orders whose claim window is over, as a nightly job does. Returns their ids."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.SALES})


@does(SettleOrder)
def settle_order(command: SettleOrder, book: Book) -> OrderCase:
    """Take the step."""
    order = book.need(OrderCase, command.order_id)
    ORDER.step(order.state, "settle", order.key)
    findings = list(find_unsettled(order, find_bills(book, order.key)))
    if findings:
        raise GuardError(f"order {order.key} cannot be settled", findings)
    return book.record(order, OrderSettled())


@does(CloseOrder)
def close_order(command: CloseOrder, book: Book) -> OrderCase:
    """Take the step."""
    order = book.need(OrderCase, command.order_id)
    ORDER.step(order.state, "close", order.key)
    over = find_claim_end(order, book)
    if over is not None and book.at < over:
        says = f"claims may come until {over.isoformat(timespec='minutes')}"
        raise GuardError(
            f"order {order.key} cannot be closed",
            [Finding(code="CLAIM_WINDOW", subject=order.key, says=says, mend="close it after that")],
        )
    return book.record(order, OrderClosed())


@does(CloseSettledOrders)
def close_settled_orders(command: CloseSettledOrders, book: Book) -> tuple[str, ...]:
    """Take the step for each."""
    closed = []
    for order in book.find(OrderCase, {"state": str(OrderState.SETTLED)}):
        over = find_claim_end(order, book)
        if over is None or over <= book.at:
            book.record(order, OrderClosed())
            closed.append(order.key)
    return tuple(closed)


def find_claim_end(order: OrderCase, book: Book) -> datetime | None:
    """Return when the claim window of a settled order is over."""
    days = timedelta(days=book.policy.settlement.claim_days)
    return None if order.settled_at is None else order.settled_at + days


def find_unsettled(order: OrderCase, bills: OrderBills) -> Iterator[Finding]:
    """Yield all that keeps an order from being settled."""
    for line in order.lines:
        counts = line.counts
        billed, kept = counts.invoiced - counts.credited, counts.shipped - counts.return_accepted
        if billed != kept:
            says = f"invoiced less credited is {billed}, kept by the customer is {kept}"
            mend = "invoice the rest" if billed < kept else "issue a credit note"
            yield Finding(code="NOT_BILLED", subject=f"{order.key}/{line.line_no}", says=says, mend=mend)
    for charge in find_charges(order, bills):
        yield Finding(code="CHARGE_OPEN", subject=charge.charge_id, says="it is not invoiced", mend="invoice it")
    for deposit, part, _ in bills.deposits_left():
        says = f"line {part.no} was not taken off an invoice"
        yield Finding(code="DEPOSIT_LEFT", subject=deposit.number, says=says, mend="credit the deposit")
    for document in bills.unsettled:
        says = "a credit is not used or paid out" if document.is_credit else "something of it is open"
        mend = "allocate or refund it" if document.is_credit else "wait for the payment, or write it off"
        yield Finding(code="OPEN", subject=document.number, says=says, mend=mend)
    for found in order.returns:
        waits = found.acceptance in (AcceptanceState.PENDING, AcceptanceState.MANUAL)
        if waits and any(line.undecided for line in found.lines):
            yield Finding(code="RETURN_OPEN", subject=found.key, says="nobody has decided on it", mend="decide")
