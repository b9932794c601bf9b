"""Likely duplicates: the same order through two channels, or twice under one purchase order of the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderopt.models.life.hold import USUAL_BLOCKS, Hold, HoldType
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead, name_content
from orderopt.models.life.states import OrderState
from orderopt.stages.book import Book
from orderopt.stages.intake.questions import next_hold_id

_OFF = frozenset({OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED})


def content_of(head: OrderHead, lines: Sequence[OrderedLine]) -> str:
    """Return what orders over the same items and quantities of one customer have in common."""
    return name_content(head.customer_id, [(line.item_id, line.quantity) for line in lines])


def is_likely_duplicate(head: OrderHead, lines: Sequence[OrderedLine], other: OrderCase, days: int) -> bool:
    """Tell whether an order with the same content as another one is likely the same order.

    It is if both name the same purchase order of the customer; and if they came through different channels,
    at least one names none, and no line is wanted more than `days` apart.
    """
    if other.state in _OFF or other.head.kind is not head.kind:
        return False
    one_po, other_po = head.customer_po, other.head.customer_po
    if one_po is not None and other_po is not None:
        return one_po.strip().casefold() == other_po.strip().casefold()
    if head.channel == other.head.channel:
        return False
    apart = (abs(one - two) for one, two in zip(_dates(lines), _dates([x.ask for x in other.lines]), strict=True))
    return max(apart) <= timedelta(days=days)


def find_unnoticed_twins(case: OrderCase, book: Book) -> tuple[str, ...]:
    """Return likely duplicates of an order that no hold of either names: two that came in at the same moment."""
    asks = [line.ask for line in case.lines]
    days = book.policy.intake.duplicate_days
    others = book.find(OrderCase, {"content": content_of(case.head, asks)})
    return tuple(
        other.key
        for other in others
        if other.key != case.key
        and is_likely_duplicate(case.head, asks, other, days)
        and not _names(case, other)
        and not _names(other, case)
    )


def _names(case: OrderCase, other: OrderCase) -> bool:
    return any(hold.type is HoldType.DUPLICATE and other.key in hold.about for hold in case.holds)


def build_duplicate_hold(case: OrderCase, twins: Sequence[str], book: Book) -> Hold:
    """Return the hold of an order that is likely the same as others."""
    return Hold(
        hold_id=next_hold_id(case),
        type=HoldType.DUPLICATE,
        blocks=USUAL_BLOCKS[HoldType.DUPLICATE],
        reason=f"likely the same order as {', '.join(twins)}",
        about=tuple(twins),
        placed_by=book.actor.name,
        placed_at=book.at,
    )


def _dates(lines: Sequence[OrderedLine]) -> list[datetime]:
    ordered = sorted(lines, key=lambda line: (line.item_id, line.quantity, line.requested_at))
    return [line.requested_at for line in ordered]
