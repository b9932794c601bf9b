"""How an order that has come again differs from what it is: as amendments of a change request."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from orderopt.models.life.amendment import (
    AnyAmendment,
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
from orderopt.models.life.line import CaseLine, OrderedLine
from orderopt.models.life.order_case import OrderCase
from orderopt.stages.intake.group import Group, Member

_LINE_DETAILS = ("tax_code", "ship_policy", "may_split", "spec", "special_requirements", "over", "under", "lot", "note")
_HEAD_DETAILS = ("customer_po", "currency", "kind", "prices_include_tax", "priority", "valid_until", "note")


def find_amendments(case: OrderCase, group: Group) -> tuple[AnyAmendment, ...]:
    """Return what would have to change of an order for it to be what came in; what was not said stays."""
    assert group.head is not None
    found: list[AnyAmendment] = list(_compare_heads(case, group))
    pairs = _match(case, group)
    for line, member in pairs:
        if line is not None:
            found += _compare_lines(line, member)
        else:
            found.append(LineAdded(line=_with_free_number(case, member, found)))
    met = {line.line_no for line, _ in pairs if line is not None}
    if group.is_whole:
        missing = [line for line in case.lines if line.line_no not in met and line.counts.open > 0]
        found += [LineCancelled(line_no=line.line_no, before=line.counts.open) for line in missing]
    return tuple(found)


def find_other_differences(case: OrderCase, group: Group) -> tuple[str, ...]:
    """Return the names of what differs beside what amendments can say, lines as ``2.lot``."""
    assert group.head is not None
    found = [
        name
        for name in _HEAD_DETAILS
        if getattr(group.said, name) is not None and getattr(group.head, name) != getattr(case.head, name)
    ]
    if group.said.special_requirements not in (None, case.head.special_requirements):
        found.append("special_requirements")
    for line, member in _match(case, group):
        if line is None or member.line is None:
            continue
        found += [
            f"{line.line_no}.{name}"
            for name in _LINE_DETAILS
            if getattr(member.said, name) is not None and getattr(member.line, name) != getattr(line.ask, name)
        ]
    return tuple(found)


def _match(case: OrderCase, group: Group) -> list[tuple[CaseLine | None, Member]]:
    """Pair the rows with the order's lines: by line number, or without one by item, the same quantity first."""
    free = {line.line_no: line for line in case.lines}
    pairs: list[tuple[CaseLine | None, Member]] = []
    loose: list[Member] = []
    for member in group.good:
        if member.said.line_no:
            pairs.append((free.pop(member.said.line_no, None), member))
        else:
            loose.append(member)
    for is_same_quantity in (True, False):
        for member in list(loose):
            assert member.line is not None
            found = next((line for line in free.values() if _fits(line, member.line, is_same_quantity)), None)
            if found is not None:
                pairs.append((free.pop(found.line_no), member))
                loose.remove(member)
    return pairs + [(None, member) for member in loose]


def _fits(line: CaseLine, other: OrderedLine, is_same_quantity: bool) -> bool:
    return line.ask.item_id == other.item_id and (not is_same_quantity or line.counts.ordered == other.quantity)


def _with_free_number(case: OrderCase, member: Member, found: list[AnyAmendment]) -> OrderedLine:
    assert member.line is not None
    taken = {line.line_no for line in case.lines}
    taken |= {change.line.line_no for change in found if isinstance(change, LineAdded)}
    if member.line.line_no not in taken:
        return member.line
    number = next(str(n) for n in range(1, len(taken) + 2) if str(n) not in taken)
    return member.line.model_copy(update={"line_no": number})


def _compare_heads(case: OrderCase, group: Group) -> Iterator[AnyAmendment]:
    said, head = group.said, case.head
    if said.terms is not None and said.terms != head.terms:
        yield TermsAmended(before=head.terms, after=said.terms)
    if said.destination is not None and said.destination != head.destination:
        yield DestinationAmended(before=head.destination, after=said.destination)
    party = head.party.model_copy(update={name: value for name, value in said.party if value is not None})
    if party != head.party:
        yield PartyAmended(before=head.party, after=party)


def _compare_lines(line: CaseLine, member: Member) -> Iterator[AnyAmendment]:
    new, old = member.line, line.ask
    assert new is not None
    named: dict[str, Any] = {"line_no": line.line_no}
    if new.item_id != old.item_id:
        yield ItemAmended(before=old.item_id, after=new.item_id, **named)
    if new.quantity != line.counts.ordered:
        yield QuantityAmended(before=line.counts.ordered, after=new.quantity, **named)
    if new.requested_at != old.requested_at:
        yield DateAmended(before=old.requested_at, after=new.requested_at, **named)
    if member.said.destination is not None and new.destination != old.destination:
        yield DestinationAmended(before=old.destination, after=new.destination, **named)
    yield from _compare_prices(member, new, old, named)


def _compare_prices(member: Member, new: OrderedLine, old: OrderedLine, named: dict[str, Any]) -> Iterator[Any]:
    price: Decimal | None = new.unit_price if new.unit_price is not None else old.unit_price
    discount = new.discount if member.said.discount is not None else old.discount
    if (price, discount) != (old.unit_price, old.discount):
        yield PriceAmended(
            before=old.unit_price,
            after=price if price != old.unit_price else None,
            discount_before=old.discount,
            discount_after=discount if discount != old.discount else None,
            **named,
        )
