"""What stands in the way of a change: never below what is packed, shipped or invoiced, and nothing after the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from orderopt.errors import GuardError, NotFoundError, UnlawfulStepError
from orderopt.models.finding import Finding
from orderopt.models.life.amend import amend
from orderopt.models.life.amendment import (
    Amendment,
    DateAmended,
    DestinationAmended,
    ItemAmended,
    LineAdded,
    LineCancelled,
    PriceAmended,
    QuantityAmended,
    RestCancelled,
)
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO
from orderopt.models.life.states import ORDER, OrderState
from orderopt.models.snapshot import Snapshot

UNCHANGEABLE = ORDER.ends | {OrderState.SETTLED}
"""States in which nothing can be changed any more; what a customer still wants is a new order or a claim."""


def check_amendments(case: OrderCase, amendments: Sequence[Amendment], master: Snapshot) -> None:
    """Raise an error that says everything that stands in the way of a change.

    Raises
    ------
    UnlawfulStepError
        If the order has ended.
    GuardError
        With every fault.
    """
    if case.state in UNCHANGEABLE:
        raise UnlawfulStepError(f"order {case.key}", str(case.state), "change", ORDER.allowed(case.state))
    faults = [*_find_clashes(case, amendments), *_find_faults(case, amendments, master)]
    if not faults:
        faults = [*_find_idle(case, amendments), *_find_shortfalls(case, amend(case, amendments))]
    if faults:
        raise GuardError(f"order {case.key} cannot be changed like this", faults)


def _find_clashes(case: OrderCase, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    for place, times in Counter(amendment.place for amendment in amendments).items():
        if times > 1:
            yield _fault(case, "TWICE", place, "is changed twice in one request", "say it once")
    if any(isinstance(one, RestCancelled) for one in amendments) and len(amendments) > 1:
        yield _fault(case, "ALL_OR_SOME", None, "is cancelled and changed in one request", "choose one")
    sized = Counter(one.line_no for one in amendments if isinstance(one, QuantityAmended | LineCancelled))
    for line_no, times in sized.items():
        if times > 1:
            yield _fault(case, "TWICE", line_no, "gets a new quantity and is cancelled in one request", "choose one")


def _find_idle(case: OrderCase, amendments: Sequence[Amendment]) -> Iterator[Finding]:
    for amendment in amendments:
        if amend(case, (amendment,)) == case:
            yield _fault(case, "NO_CHANGE", amendment.place, "is so already", "leave it out")


def _find_faults(case: OrderCase, amendments: Sequence[Amendment], master: Snapshot) -> Iterator[Finding]:
    for amendment in amendments:
        if isinstance(amendment, LineAdded):
            yield from _check_added(case, amendment, master)
        elif isinstance(amendment, RestCancelled):
            if all(line.counts.open == 0 for line in case.lines):
                yield _fault(case, "NOTHING_OPEN", None, "has nothing left to cancel", None)
        elif (line_no := getattr(amendment, "line_no", None)) is not None:
            try:
                line = case.line(line_no)
            except NotFoundError as error:
                yield _fault(case, "UNKNOWN_LINE", line_no, str(error), "name one of its lines")
                continue
            check = _CHECKS.get(type(amendment))
            if check is not None:
                yield from check(case, line, amendment)
            if isinstance(amendment, ItemAmended):
                yield from _check_item(case, amendment.line_no, amendment.after, master)


def _check_added(case: OrderCase, amendment: LineAdded, master: Snapshot) -> Iterator[Finding]:
    if any(line.line_no == amendment.line_no for line in case.lines):
        yield _fault(case, "LINE_EXISTS", amendment.line_no, "is there already", "choose another line number")
    yield from _check_item(case, amendment.line_no, amendment.line.item_id, master)


def _check_item(case: OrderCase, line_no: str, item_id: str, master: Snapshot) -> Iterator[Finding]:
    if item_id not in master.item:
        yield _fault(case, "UNKNOWN_ITEM", line_no, f"asks for item {item_id}, which is not known", "use a known item")


def _check_date(case: OrderCase, line: CaseLine, amendment: DateAmended) -> Iterator[Finding]:
    if line.counts.open == 0:
        yield _fault(case, "NOTHING_OPEN", line.line_no, "has nothing left to ship", "leave the date as it is")


def _check_line_item(case: OrderCase, line: CaseLine, amendment: ItemAmended) -> Iterator[Finding]:
    counts = line.counts
    if counts.packed or counts.shipped or counts.invoiced != counts.credited:
        mend = "cancel the rest of the line and add a line with the other item"
        yield _fault(case, "ITEM_HAS_LEFT", line.line_no, "is packed, shipped or invoiced in part", mend)


def _check_destination(case: OrderCase, line: CaseLine, amendment: DestinationAmended) -> Iterator[Finding]:
    if line.counts.open == 0:
        yield _fault(case, "NOTHING_OPEN", line.line_no, "has nothing left to ship", "leave the destination as it is")
    if line.counts.packed > line.counts.shipped:
        yield _fault(case, "PACKED", line.line_no, "is packed for the old destination", "cancel the shipment first")


def _check_price(case: OrderCase, line: CaseLine, amendment: PriceAmended) -> Iterator[Finding]:
    if line.counts.invoiced > line.counts.credited:
        yield _fault(case, "INVOICED", line.line_no, "is invoiced at the old price", "credit the invoice first")


def _check_cancelled(case: OrderCase, line: CaseLine, amendment: LineCancelled) -> Iterator[Finding]:
    if line.counts.open == 0:
        yield _fault(case, "NOTHING_OPEN", line.line_no, "has nothing left to cancel", "leave it out")
    elif amendment.quantity is not None and amendment.quantity > line.counts.open:
        says = f"has {line.counts.open} left to cancel, not {amendment.quantity}"
        yield _fault(case, "BELOW_SHIPPED", line.line_no, says, "cancel less")


_CHECKS: dict[type[Amendment], Callable[[OrderCase, CaseLine, Any], Iterator[Finding]]] = {
    DateAmended: _check_date,
    ItemAmended: _check_line_item,
    DestinationAmended: _check_destination,
    PriceAmended: _check_price,
    LineCancelled: _check_cancelled,
}


def _find_shortfalls(before: OrderCase, after: OrderCase) -> Iterator[Finding]:
    """Yield the lines of which more has left, or is invoiced, than would be wanted."""
    for line in before.lines:
        was, now = line.counts, after.line(line.line_no).counts
        if (now.wanted, now.cancelled) == (was.wanted, was.cancelled):
            continue
        most = now.wanted * (1 + (line.ask.over or ZERO))
        if now.shipped > most:
            says = f"would be {now.wanted}, and {now.shipped} are shipped"
            yield _fault(before, "BELOW_SHIPPED", line.line_no, says, "take back goods by a return")
        elif now.packed > most:
            says = f"would be {now.wanted}, and {now.packed} are packed or shipped"
            yield _fault(before, "BELOW_PACKED", line.line_no, says, "cancel the shipment that is packed first")
        net: Decimal = now.invoiced - now.credited
        if net > (now.ordered - now.cancelled) * (1 + (line.ask.over or ZERO)):
            says = f"would be {now.ordered - now.cancelled}, and {net} are invoiced"
            yield _fault(before, "BELOW_INVOICED", line.line_no, says, "credit the difference first")


def _fault(case: OrderCase, code: str, place: str | None, says: str, mend: str | None) -> Finding:
    subject = f"order {case.key}" if place is None else f"order {case.key}/{place}"
    return Finding(code=code, subject=subject, says=says, mend=mend)
