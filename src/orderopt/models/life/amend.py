"""Applying amendments to an order: what it asks for afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from orderopt.models.life.amendment import (
    Amendment,
    DateAmended,
    DestinationAmended,
    ItemAmended,
    LineAdded,
    LineCancelled,
    PartyAmended,
    PriceAmended,
    QuantityAmended,
    RestCancelled,
    TermsAmended,
)
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase


def amend(case: OrderCase, amendments: Sequence[Amendment]) -> OrderCase:
    """Return an order with amendments made; nothing else of it changes, and nothing is checked."""
    for amendment in amendments:
        case = _MAKES[type(amendment)](case, amendment)
    return case


def fill_before(case: OrderCase, amendments: Sequence[Amendment]) -> tuple[Any, ...]:
    """Return amendments that say what the order says now as `before`; lines must exist."""
    return tuple(
        amendment.model_copy(update=_BEFORE[type(amendment)](case, amendment))
        if type(amendment) in _BEFORE
        else amendment
        for amendment in amendments
    )


def _with_ask(case: OrderCase, line_no: str, **asked: Any) -> OrderCase:
    line = case.line(line_no)
    return case.with_line(line.model_copy(update={"ask": line.ask.model_copy(update=asked)}))


def _with_head(case: OrderCase, **said: Any) -> OrderCase:
    return case.model_copy(update={"head": case.head.model_copy(update=said)})


def _amend_quantity(case: OrderCase, change: QuantityAmended) -> OrderCase:
    line = case.line(change.line_no)
    counts = line.counts.model_copy(update={"ordered": change.after})
    ask = line.ask.model_copy(update={"quantity": change.after})
    return case.with_line(line.model_copy(update={"ask": ask, "counts": counts}))


def _amend_price(case: OrderCase, change: PriceAmended) -> OrderCase:
    asked: dict[str, Any] = {} if change.after is None else {"unit_price": change.after}
    if change.discount_after is not None:
        asked["discount"] = change.discount_after
    return _with_ask(case, change.line_no, **asked)


def _amend_destination(case: OrderCase, change: DestinationAmended) -> OrderCase:
    if change.line_no is None:
        return _with_head(case, destination=change.after)
    return _with_ask(case, change.line_no, destination=change.after)


def _add_line(case: OrderCase, change: LineAdded) -> OrderCase:
    return case.model_copy(update={"lines": (*case.lines, CaseLine.of(change.line))})


def _cancel_line(case: OrderCase, change: LineCancelled) -> OrderCase:
    line = case.line(change.line_no)
    quantity = line.counts.open if change.quantity is None else change.quantity
    return case.with_line(line.model_copy(update={"counts": line.counts.add(cancelled=quantity)}))


def _cancel_rest(case: OrderCase, change: RestCancelled) -> OrderCase:
    for line in case.lines:
        case = _cancel_line(case, LineCancelled(line_no=line.line_no))
    return case


_MAKES: dict[type[Amendment], Callable[[OrderCase, Any], OrderCase]] = {
    QuantityAmended: _amend_quantity,
    DateAmended: lambda case, change: _with_ask(case, change.line_no, requested_at=change.after),
    ItemAmended: lambda case, change: _with_ask(case, change.line_no, item_id=change.after),
    DestinationAmended: _amend_destination,
    TermsAmended: lambda case, change: _with_head(case, terms=change.after),
    PriceAmended: _amend_price,
    PartyAmended: lambda case, change: _with_head(case, party=change.after),
    LineAdded: _add_line,
    LineCancelled: _cancel_line,
    RestCancelled: _cancel_rest,
}

_BEFORE: dict[type[Amendment], Callable[[OrderCase, Any], dict[str, Any]]] = {
    QuantityAmended: lambda case, change: {"before": case.line(change.line_no).counts.ordered},
    DateAmended: lambda case, change: {"before": case.line(change.line_no).ask.requested_at},
    ItemAmended: lambda case, change: {"before": case.line(change.line_no).ask.item_id},
    DestinationAmended: lambda case, change: {
        "before": case.head.destination if change.line_no is None else case.line(change.line_no).ask.destination
    },
    TermsAmended: lambda case, change: {"before": case.head.terms},
    PriceAmended: lambda case, change: {
        "before": case.line(change.line_no).ask.unit_price,
        "discount_before": case.line(change.line_no).ask.discount,
    },
    PartyAmended: lambda case, change: {"before": case.head.party},
    LineCancelled: lambda case, change: {"before": case.line(change.line_no).counts.open},
}
