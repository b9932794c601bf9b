"""What a report means for the orders that depend on it: new dates, and alerts where promises will be missed."""

from __future__ import annotations

from datetime import timedelta

from orderopt.models.life.alert import AlertKind, Subject
from orderopt.models.life.happened.tracking import LineProjected
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import OrderState, SupplyState
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.stages.book import Book
from orderopt.stages.track.alerts import clear_alert, raise_alert
from orderopt.stages.track.hits import find_fed_lines
from orderopt.stages.track.project import Projection

_FOLLOWED = frozenset({OrderState.CONFIRMED, OrderState.IN_EXECUTION})


def follow_supply(supply: SupplyOrder, book: Book) -> None:
    """Record new dates of all order lines that a supply order is for, and raise or settle alerts."""
    projection = Projection(book)
    _watch_supply(supply, projection, book)
    reason = find_reason(supply)
    for order_id, line_no in sorted({(fed.order_id, fed.line_no) for fed in find_fed_lines(supply, book)}):
        follow_line(order_id, line_no, projection, book, reason=reason)


def follow_line(order_id: str, line_no: str, projection: Projection, book: Book, *, reason: str) -> None:
    """Record when a line will arrive, if that has changed, and raise or settle its alert."""
    case = book.get(OrderCase, order_id)
    if case is None or case.state not in _FOLLOWED:
        return
    line = case.line(line_no)
    arrival = projection.find_arrival(case, line)
    if arrival is None:
        return
    if arrival != line.dates.projected:
        case = book.record(case, LineProjected(line_no=line_no, projected=arrival))
    about = Subject(order_id=order_id, line_no=line_no)
    promise = line.dates.last_promise
    if promise is None or arrival <= promise:
        clear_alert(AlertKind.LATE_LINE, about, book, resolution="expected in time again")
        return
    raise_alert(
        AlertKind.LATE_LINE,
        about,
        book,
        reason=reason,
        says=f"expected {arrival.isoformat()}, promised {promise.isoformat()}",
        figures={
            "projected": arrival.isoformat(),
            "promised": promise.isoformat(),
            "late": write_span(arrival - promise),
        },
    )


def find_reason(supply: SupplyOrder) -> str:
    """Return the reason code of why a supply order is late: a stop, a delay that was told, or its kind."""
    stopped = supply.progress.stop_reasons
    if stopped:
        return stopped[0]
    return supply.progress.delay_reason or f"LATE_{supply.kind.upper()}"


def _watch_supply(supply: SupplyOrder, projection: Projection, book: Book) -> None:
    about = Subject(supply_id=supply.supply_id)
    reasons = supply.progress.stop_reasons
    if reasons:
        raise_alert(AlertKind.SUPPLY_STOPPED, about, book, reason=reasons[0], says=f"stopped: {', '.join(reasons)}")
    else:
        clear_alert(AlertKind.SUPPLY_STOPPED, about, book, resolution="runs again, or has ended")
    ready = projection.find_ready(supply)
    if supply.state not in (SupplyState.DONE, SupplyState.CLOSED) and ready > supply.due_at:
        raise_alert(
            AlertKind.SUPPLY_LATE,
            about,
            book,
            reason=find_reason(supply),
            says=f"ready {ready.isoformat()} instead of {supply.due_at.isoformat()}",
            figures={
                "ready": ready.isoformat(),
                "due": supply.due_at.isoformat(),
                "late": write_span(ready - supply.due_at),
            },
        )
    else:
        clear_alert(AlertKind.SUPPLY_LATE, about, book, resolution="done, or in time again")
    _watch_quantity(supply, about, book)


def _watch_quantity(supply: SupplyOrder, about: Subject, book: Book) -> None:
    short = supply.quantity - supply.done
    if supply.progress.whole.is_finished and short > 0:
        raise_alert(
            AlertKind.SUPPLY_SHORT,
            about,
            book,
            reason="SCRAP" if supply.scrapped >= short else "SHORT",
            says=f"ended with {supply.done} of {supply.quantity}, {supply.scrapped} lost",
            figures={"done": str(supply.done), "planned": str(supply.quantity), "scrapped": str(supply.scrapped)},
        )
    else:
        clear_alert(AlertKind.SUPPLY_SHORT, about, book, resolution="the quantity is there, or still to come")


def write_span(span: timedelta) -> str:
    """Return a span in hours, as text."""
    return f"{span / timedelta(hours=1):.1f} h"
