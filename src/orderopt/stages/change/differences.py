"""What another version of an order asks for, as amendments: the content of a draft change request."""

from __future__ import annotations

from collections.abc import Sequence
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
    TermsAmended,
)
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead, Party


def find_differences(case: OrderCase, head: OrderHead, lines: Sequence[OrderedLine]) -> tuple[Any, ...]:
    """Return the amendments that make an order ask for what another version of it asks for.

    Parameters
    ----------
    case
        The order as it is.
    head, lines
        The other version. What it leaves out (None) is not a change; a line that is missing is cancelled if
        something of it is still to be shipped.

    Returns
    -------
    tuple
        Amendments, `before` filled in; empty if both ask for the same.
    """
    found = _compare_heads(case.head, head)
    known = {line.line_no: line for line in case.lines}
    for line in lines:
        if line.line_no not in known:
            found.append(LineAdded(line=line))
        else:
            found.extend(_compare_lines(known[line.line_no].ask, line))
    kept = {line.line_no for line in lines}
    found.extend(
        LineCancelled(line_no=line.line_no, before=line.counts.open)
        for line in case.lines
        if line.line_no not in kept and line.counts.open > 0
    )
    return tuple(found)


def _compare_heads(was: OrderHead, says: OrderHead) -> list[Amendment]:
    found: list[Amendment] = []
    if says.terms is not None and says.terms != was.terms:
        found.append(TermsAmended(before=was.terms, after=says.terms))
    if says.destination is not None and says.destination != was.destination:
        found.append(DestinationAmended(before=was.destination, after=says.destination))
    if says.party not in (was.party, Party()):
        found.append(PartyAmended(before=was.party, after=says.party))
    return found


def _compare_lines(was: OrderedLine, says: OrderedLine) -> list[Amendment]:
    line_no = was.line_no
    found: list[Amendment] = []
    if says.item_id != was.item_id:
        found.append(ItemAmended(line_no=line_no, before=was.item_id, after=says.item_id))
    if says.quantity != was.quantity:
        found.append(QuantityAmended(line_no=line_no, before=was.quantity, after=says.quantity))
    if says.requested_at != was.requested_at:
        found.append(DateAmended(line_no=line_no, before=was.requested_at, after=says.requested_at))
    if says.destination is not None and says.destination != was.destination:
        found.append(DestinationAmended(line_no=line_no, before=was.destination, after=says.destination))
    if (says.unit_price is not None and says.unit_price != was.unit_price) or says.discount != was.discount:
        found.append(
            PriceAmended(
                line_no=line_no,
                before=was.unit_price,
                after=says.unit_price if says.unit_price is not None else was.unit_price,
                discount_before=was.discount,
                discount_after=says.discount,
            )
        )
    return found
