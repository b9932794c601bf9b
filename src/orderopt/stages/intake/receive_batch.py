"""Receiving a file or message of orders: accepted by policy, the rest in quarantine, no row lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from zoneinfo import ZoneInfo

from orderopt.models.finding import Finding
from orderopt.models.life.batch import (
    Accept,
    Batch,
    QuarantinedRow,
    add_totals,
    digest_of,
    name_row,
)
from orderopt.models.life.happened.batch import BatchReceived
from orderopt.models.life.incoming import Delivery, IncomingRow, RowFault, Totals
from orderopt.models.life.part import Sensitivity
from orderopt.models.life.roles import Actor, Role
from orderopt.models.snapshot import Snapshot
from orderopt.stages.book import Book, Command, does
from orderopt.stages.intake.check import count_amount
from orderopt.stages.intake.group import Group, Member, check_group, group_rows
from orderopt.stages.intake.parse import Parsed, parse_row
from orderopt.stages.intake.place import Placing, find_warnings, look_up
from orderopt.stages.intake.report import BatchReport, Placed


class ReceiveBatch(Command):
    """Take in the orders of a file or message whose rows are mapped to the fields of orders.

    Faulty rows wait in quarantine. What comes a second time changes nothing: whole files, orders, and rows that
    wait already. Orders with another content than before become drafts of change requests.

    Attributes
    ----------
    accept
        What becomes of good rows where others fail; None: the desk's policy.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.ADMINISTRATOR})

    delivery: Delivery
    accept: Accept | None = None


@does(ReceiveBatch)
def receive_batch(command: ReceiveBatch, book: Book) -> BatchReport:
    """Check all rows, place the orders, keep the rest."""
    delivery = command.delivery
    accept = command.accept or book.policy.intake.accept
    batch_id = name_batch(delivery, accept)
    known = book.get(Batch, batch_id)
    groups = read_groups(delivery.rows, delivery.channel, book)
    if known is not None:
        there = [group.existing.key for group in groups if group.existing is not None]
        return build_report(known, [_unchanged(order_id) for order_id in there], book.actor, is_known=True)
    apply_policy(groups, accept)
    kept, num_known = _build_quarantine(groups, delivery.channel, book)
    batch = _build_batch(command, batch_id, accept, groups, kept, num_known, book)
    placing = Placing(book, delivery.source, batch_id)
    placed = [placing.place(group) for group in groups if group.good]
    batch = book.begin(Batch, batch_id, BatchReceived(batch=batch), why=f"received from {delivery.source}")
    known_rows = [m for g in groups for m in g.failed if m.parsed.row not in {row.row for row in kept}]
    return build_report(batch, placed, book.actor, more=_say(delivery.source, known_rows))


def name_batch(delivery: Delivery, accept: Accept) -> str:
    """Return the name of a batch: the same for the same rows and totals under the same policy."""
    rows = [digest_row(delivery.channel, row) for row in delivery.rows]
    declared = delivery.declared.model_dump(mode="json")
    return f"{delivery.channel}-{digest_of(rows, declared, accept)[:12]}"


def digest_row(channel: str, row: IncomingRow) -> str:
    """Return what a row is known by when it comes again, wherever it stands then."""
    return digest_of(channel, row.raw if row.raw is not None else sorted((row.fields or {}).items()))


def read_groups(rows: Sequence[IncomingRow], channel: str, book: Book) -> list[Group]:
    """Return rows as checked orders, with what is there already."""
    zone = ZoneInfo(book.policy.timezone)
    groups = group_rows((row, parse_row(row, zone)) for row in rows)
    master = book.master  # asked for once: the desk looks each time whether it has changed
    for group in groups:
        check_group(group, channel, master, book.policy, book.at)
        if group.ref is None and not group.members[0].is_unreadable:
            reason = "the order has no name at its sender: it could not be known again"
            expected = "a number or name of the order"
            group.blame(RowFault(field="external_ref", code="MISSING_VALUE", reason=reason, expected=expected))
    look_up(book, channel, groups)
    return groups


def apply_policy(groups: Sequence[Group], accept: Accept) -> None:
    """Withhold the good rows that the policy does not let in."""
    failed = [member.parsed.row for group in groups for member in group.failed]
    for group in groups:
        if group.failed and accept != "ignore_failed":
            group.withhold()
        group.is_whole = not group.failed
    if failed and accept == "all_or_nothing":
        shown = ", ".join(map(str, failed[:10])) + (", …" if len(failed) > 10 else "")
        for group in groups:
            group.withhold_because(f"waits for the other rows of its batch with a fault: {shown}")


def count_row(parsed: Parsed) -> Totals:
    """Return what a row counts for the control totals."""
    return Totals(quantity=parsed.line.quantity, amount=count_amount(parsed.line))


def _build_quarantine(groups: Sequence[Group], channel: str, book: Book) -> tuple[list[QuarantinedRow], int]:
    """Return the rows that this batch keeps, and how many wait in an earlier one already."""
    kept = []
    num_known = 0
    master = book.master
    for group in groups:
        for member in group.failed:
            assert member.incoming is not None
            digest = digest_row(channel, member.incoming)
            if book.find_claim(name_row(channel, digest)) is not None:
                num_known += 1
            else:
                kept.append(_quarantine(group, member, digest, master))
    return sorted(kept, key=lambda row: row.row), num_known


def _quarantine(group: Group, member: Member, digest: str, master: Snapshot) -> QuarantinedRow:
    incoming = member.incoming
    assert incoming is not None
    fields = dict(incoming.fields or {})
    if group.good:
        fields["line_no"] = member.line_no  # its place among its order's rows, which are gone when it is released
    return QuarantinedRow(
        row=incoming.row,
        raw=incoming.raw,
        fields=fields,
        faults=tuple(member.faults),
        unread=incoming.faults,
        digest=digest,
        group=group.name,
        counted=count_row(member.parsed),
        customer_id=known_customer(member.parsed, master),
    )


def known_customer(parsed: Parsed, master: Snapshot) -> str | None:
    """Return whom a row is about; None where its text is no customer, and so might be anything."""
    return parsed.head.customer_id if parsed.head.customer_id in master.customer else None


def _build_batch(
    command: ReceiveBatch,
    batch_id: str,
    accept: Accept,
    groups: Sequence[Group],
    kept: Sequence[QuarantinedRow],
    num_known: int,
    book: Book,
) -> Batch:
    delivery = command.delivery
    waiting = {row.row for row in kept}
    own = {row.group for row in kept}
    others = [m.parsed for group in groups for m in group.members if m.parsed.row not in waiting]
    partial = frozenset(group.name for group in groups if group.good and group.name in own)
    return Batch(
        batch_id=batch_id,
        channel=delivery.channel,
        source=delivery.source,
        accept=accept,
        received_at=book.at,
        num_rows=len(delivery.rows),
        num_accepted=sum(len(group.good) for group in groups),
        num_known=num_known,
        num_orders=sum(group.name not in own or group.name in partial for group in groups),
        declared=delivery.declared,
        totals=add_totals(count_row(parsed) for parsed in others),
        rows=tuple(kept),
        partial_groups=partial,
        findings=(*delivery.findings, *(note for group in groups for note in find_warnings(book, group))),
    )


def _unchanged(order_id: str) -> Placed:
    return Placed(order_id=order_id, outcome="unchanged", says=f"the file with order {order_id} came in before")


def build_report(
    batch: Batch, placed: Sequence[Placed], actor: Actor, *, is_known: bool = False, more: Sequence[Finding] = ()
) -> BatchReport:
    """Return the figures of a batch as it is now, for someone to see."""
    sees = Sensitivity.PERSONAL in actor.sees
    faults = [fault.to_finding(batch.source, row.row, sees=sees) for row in batch.waiting for fault in row.faults]
    return BatchReport(
        batch_id=batch.key,
        is_known=is_known,
        num_rows=batch.num_rows,
        num_accepted=batch.accepted,
        num_quarantined=batch.quarantined,
        placed=tuple(placed),
        findings=(*faults, *more, *batch.findings),
        differences=batch.differences,
    )


def _say(source: str, members: Sequence[Member]) -> list[Finding]:
    mend = "it waits in quarantine already, in an earlier batch"
    return [fault.to_finding(source, member.parsed.row, mend) for member in members for fault in member.faults]
