"""Receiving one order from a channel that hands in values, such as a form, a portal or a host program."""

from __future__ import annotations

from typing import ClassVar

from orderopt.errors import GuardError, NotAllowedError
from orderopt.models.life.batch import digest_of
from orderopt.models.life.incoming import Channel, IncomingOrder, RowFault
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.roles import Role
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.intake.group import Group, Member, check_group
from orderopt.stages.intake.parse import Parsed
from orderopt.stages.intake.place import Placing, check_existing, look_up
from orderopt.stages.intake.report import Placed


class ReceiveOrder(Command):
    """Take in one order; customers may send their own.

    The same order again (same channel and external reference) changes nothing; with another content it becomes
    the draft of a change request.

    Attributes
    ----------
    new_id
        Its name here; None: ``external_ref@channel``, or a name made of the content and the moment.
    source
        Where it stands, for people: the name of a message or form.

    Raises
    ------
    GuardError
        With every fault, by line (`row` counts lines from 1) and field; nothing is kept.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.ADMINISTRATOR, Role.CUSTOMER})

    channel: Channel
    order: IncomingOrder
    new_id: Id | None = None
    source: str | None = None


@does(ReceiveOrder)
def receive_order(command: ReceiveOrder, book: Book) -> Placed:
    """Check the order and put it in its place."""
    order = command.order
    if book.role is Role.CUSTOMER and order.head.customer_id != book.actor.customer_id:
        raise NotAllowedError(f"{book.actor.name} may not order for another customer")
    group = Group(
        ref=(order.head.external_ref or "").strip() or None,
        members=[Member(Parsed(row, order.head, line)) for row, line in enumerate(order.lines, start=1)],
    )
    if not group.members:
        fault = RowFault(field="lines", code="MISSING_VALUE", reason="the order has no lines", expected="a line")
        raise GuardError("the order cannot be taken in", [fault.to_finding(command.channel, 0, "add a line")])
    group.order_id = command.new_id or _name(command, group, book)
    check_group(group, command.channel, book.master, book.policy, book.at)
    look_up(book, command.channel, [group])
    if group.existing is None:
        _check_name(command, group, book)
    if group.failed:
        findings = [
            fault.to_finding(
                command.source or command.channel, member.parsed.row, "correct the order and send it again"
            )
            for member in group.failed
            for fault in member.faults
            if fault.code != "WITHHELD"
        ]
        raise GuardError(f"the order cannot be taken in: {len(findings)} in the way", findings)
    return Placing(book, command.source or command.channel).place(group)


def _name(command: ReceiveOrder, group: Group, book: Book) -> str:
    if group.ref is not None:
        return f"{group.ref}@{command.channel}"
    said = command.order.model_dump(mode="json", exclude_none=True)
    return f"{digest_of(said, book.at.isoformat())[:12]}@{command.channel}"


def _check_name(command: ReceiveOrder, group: Group, book: Book) -> None:
    """Find an order that has the name already: the same one, or another one."""
    there = book.get(OrderCase, group.order_id)
    if there is None:
        return
    if (there.head.channel, there.head.external_ref) == (command.channel, group.ref):
        group.existing = there
        check_existing(group, there)
    else:
        reason = f"the name {group.order_id} belongs to another order"
        group.blame(RowFault(field="order_id", code="NAME_TAKEN", reason=reason, expected="a name of its own"))
