"""Announcing a return, following it, and receiving what comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from orderopt.models.finding import Finding
from orderopt.models.life.alert import AlertKind, Subject
from orderopt.models.life.happened.taking_back import ReturnAnnounced, ReturnArrived, ReturnStepped
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.returns import Arrival, Return, ReturnLine
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState, ReceptionState
from orderopt.models.measure import PositiveQuantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.ship_out.plan_shipment import Quantities, find_twice
from orderopt.stages.track.alerts import clear_alert, raise_alert
from orderopt.stages.track.credit import move_stock
from orderopt.stages.track.guard import refuse
from orderopt.stages.track.report import Taken

_SALES = frozenset({Role.SALES})
_STORE = frozenset({Role.WAREHOUSE})
_TAKEN_IN = frozenset({ReceptionState.AWAITING, ReceptionState.IN_TRANSIT, ReceptionState.SHORT, ReceptionState.LOST})
_TROUBLE = frozenset({ReceptionState.SHORT, ReceptionState.WRONG_ITEM, ReceptionState.LOST})


class AnnounceReturn(Command):
    """Authorise a customer to send delivered goods back.

    Needs: an order that is not closed, and no more than was delivered and is not on its way back already.

    Parameters
    ----------
    days
        How long the customer has to send them; None: without end.
    """

    ROLES: ClassVar[frozenset[Role]] = _SALES | {Role.CUSTOMER}

    order_id: Id
    lines: Quantities
    reason: Id
    says: str | None = None
    days: int | None = Field(default=None, ge=1)


class TellReturnSent(Command):
    """Say that the customer has sent the goods."""

    ROLES: ClassVar[frozenset[Role]] = _SALES | _STORE | {Role.CUSTOMER}

    order_id: Id
    return_id: Id
    sent_at: Moment | None = None
    tracking_no: str | None = None


class ReceiveReturn(Command):
    """Take in what came of a return; it waits for inspection at the site. An arrival counts once.

    Needs: a return that is awaited or on its way, or of which the rest comes after all. An arrival of the same name
    that says something else is refused.

    Parameters
    ----------
    wrong
        Items that nobody announced, with quantities; they are kept apart as blocked stock.
    is_last
        Whether nothing more is waited for: what is missing then makes the return short.
    """

    ROLES: ClassVar[frozenset[Role]] = _STORE

    order_id: Id
    return_id: Id
    source: Id
    arrival_id: Id
    quantities: tuple[tuple[Id, PositiveQuantity], ...] = ()
    wrong: tuple[tuple[Id, PositiveQuantity], ...] = ()
    site: str = ""
    arrived_at: Moment | None = None
    is_last: bool = True


class EndReturn(Command):
    """Say that a return will not come: lost on its way, or cancelled before it was sent."""

    ROLES: ClassVar[frozenset[Role]] = _SALES | _STORE

    order_id: Id
    return_id: Id
    is_lost: bool
    reason: str = Field(min_length=1)


class ExpireReturns(Command):
    """Let all returns end that were not sent in time: for a clock to call. Returns their names."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.ADMINISTRATOR})


@does(AnnounceReturn)
def announce_return(command: AnnounceReturn, book: Book) -> str:
    """Record the return and give its name."""
    case = book.need(OrderCase, command.order_id)
    refuse(f"order {case.key} cannot be returned like this", _find_faults(case, command.lines))
    back = Return(
        return_id=f"{case.key}-R{len(case.returns) + 1}",
        lines=tuple(ReturnLine(line_no=line_no, announced=quantity) for line_no, quantity in command.lines),
        reason=command.reason,
        says=command.says,
        announced_at=book.at,
        expires_at=None if command.days is None else book.at + timedelta(days=command.days),
    )
    book.record(case, ReturnAnnounced(back=back))
    return back.key


def _find_faults(case: OrderCase, lines: Sequence[tuple[str, Decimal]]) -> Iterator[Finding]:
    if case.state is OrderState.CLOSED:
        says = "it is closed: the claim window is over"
        yield Finding(code="ORDER_CLOSED", subject=case.key, says=says, mend="make a new order")
    yield from find_twice(case.key, tuple(lines))
    for line_no, quantity in lines:
        counts = case.line(line_no).counts
        coming = sum(
            (
                max(ZERO, line.announced - line.received)
                for back in case.returns
                if back.is_coming
                for line in back.lines
                if line.line_no == line_no
            ),
            ZERO,
        )
        most = counts.delivered - counts.return_received - coming
        if quantity > most:
            says = f"{quantity} to come back, {most} delivered and not on its way back"
            yield Finding(code="TOO_MUCH", subject=f"{case.key}/{line_no}", says=says, mend="announce less")


@does(TellReturnSent)
def tell_return_sent(command: TellReturnSent, book: Book) -> None:
    """Record the step."""
    case = book.need(OrderCase, command.order_id)
    sent = command.sent_at or book.at
    book.record(
        case,
        ReturnStepped(return_id=command.return_id, trigger="send", sent_at=sent, tracking_no=command.tracking_no),
    )


@does(ReceiveReturn)
def receive_return(command: ReceiveReturn, book: Book) -> Taken:
    """Count what came, once, and bring it into the house."""
    case = book.need(OrderCase, command.order_id)
    found = case.returned(command.return_id)
    known = next((one for one in found.arrivals if one.name == (command.source, command.arrival_id)), None)
    if known is not None:
        refuse(f"arrival {command.arrival_id} of {found.key} was counted before", _find_other(known, command))
        return Taken.REPEATED
    refuse(f"return {found.key} cannot be received like this", _find_arrival_faults(found, command))
    arrival = Arrival(
        source=command.source,
        arrival_id=command.arrival_id,
        arrived_at=command.arrived_at or book.at,
        site=command.site,
        quantities=command.quantities,
        wrong=command.wrong,
    )
    trigger = _find_trigger(found.with_received(command.quantities), command)
    case = book.record(case, ReturnArrived(return_id=found.key, arrival=arrival, trigger=trigger))
    for line_no, quantity in command.quantities:
        item_id = case.line(line_no).ask.item_id
        move_stock(book, item_id, command.site, in_inspection=quantity, order_id=case.key, line_no=line_no)
    for item_id, quantity in command.wrong:
        move_stock(book, item_id, command.site, blocked=quantity, order_id=case.key)
    _watch(case, found.key, book)
    return Taken.COUNTED


def _find_other(known: Arrival, command: ReceiveReturn) -> Iterator[Finding]:
    said = (command.quantities, command.wrong, command.site)
    if said != (known.quantities, known.wrong, known.site):
        says = "it said something else then"
        yield Finding(code="REPORT_DIFFERS", subject=known.arrival_id, says=says, mend="give a new one its own name")


def _watch(case: OrderCase, return_id: str, book: Book) -> None:
    """Raise or settle the alert of a return."""
    found = case.returned(return_id)
    about = Subject(order_id=case.key, return_id=return_id)
    if found.reception in _TROUBLE:
        reason, says = found.reception.upper(), f"the return is {found.reception}, {found.to_come} did not come"
        raise_alert(AlertKind.RETURN_TROUBLE, about, book, reason=reason, says=says)
    else:
        clear_alert(AlertKind.RETURN_TROUBLE, about, book, resolution=f"the return is {found.reception}")


def _find_arrival_faults(found: Return, command: ReceiveReturn) -> Iterator[Finding]:
    if found.reception not in _TAKEN_IN:
        says = f"it is {found.reception}"
        yield Finding(code="NOT_EXPECTED", subject=found.key, says=says, mend="announce another return")
    if not (command.quantities or command.wrong):
        yield Finding(code="NOTHING", subject=found.key, says="nothing came", mend="say what came")
    yield from find_twice(found.key, command.quantities)
    for line_no, quantity in command.quantities:
        line = found.line(line_no)
        most = ZERO if line is None else line.announced - line.received
        if quantity > most:
            says = f"{quantity} came, {most} announced and not here yet"
            yield Finding(code="TOO_MUCH", subject=f"{found.key}/{line_no}", says=says, mend="announce another return")


def _find_trigger(after: Return, command: ReceiveReturn) -> str | None:
    is_whole = all(line.received == line.announced for line in after.lines)
    if is_whole:
        return "receive"
    if not (command.is_last and after.is_coming):
        return None
    return "receive_wrong" if command.wrong and not command.quantities else "receive_short"


@does(EndReturn)
def end_return(command: EndReturn, book: Book) -> ReceptionState:
    """Record the step; return where the goods are."""
    case = book.need(OrderCase, command.order_id)
    stepped = ReturnStepped(return_id=command.return_id, trigger="lose" if command.is_lost else "cancel")
    case = book.record(case, stepped, why=command.reason)
    _watch(case, command.return_id, book)
    return case.returned(command.return_id).reception


@does(ExpireReturns)
def expire_returns(command: ExpireReturns, book: Book) -> tuple[str, ...]:
    """Record the step of every return whose time is over."""
    ended = []
    for case in book.find(OrderCase, {"awaits_return": "1"}):
        for back in case.returns:
            is_late = back.expires_at is not None and back.expires_at <= book.at
            if back.reception is ReceptionState.AWAITING and is_late:
                case = book.record(case, ReturnStepped(return_id=back.key, trigger="expire"))  # noqa: PLW2901
                ended.append(back.key)
    return tuple(ended)
