"""Working off the quarantine: rows are corrected, released into orders, or discarded with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.batch import Batch, QuarantinedRow, RowState
from orderopt.models.life.happened.batch import (
    DifferenceAccepted,
    RowCorrected,
    RowDiscarded,
    RowReleased,
    RowsReleased,
)
from orderopt.models.life.incoming import ROW_FIELDS, IncomingRow, RowFault, is_row_field
from orderopt.models.life.roles import Role
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.intake.group import Group, check_group, group_rows
from orderopt.stages.intake.parse import parse_row
from orderopt.stages.intake.place import Placing
from orderopt.stages.intake.receive_batch import apply_policy, build_report, count_row, known_customer, read_groups
from orderopt.stages.intake.report import BatchReport

_WORKERS = frozenset({Role.SALES, Role.FIRST_REVIEWER})
Why = Annotated[str, Field(min_length=1)]


class CorrectRow(Command):
    """Put right what a waiting row says; it stays in quarantine until it is released.

    Attributes
    ----------
    fields
        New texts by field (:data:`~orderopt.models.life.incoming.ROW_FIELDS`); None takes a field away.
    """

    ROLES: ClassVar[frozenset[Role]] = _WORKERS

    batch_id: Id
    row: int
    fields: Mapping[str, str | None]
    why: str | None = None


class ReleaseRows(Command):
    """Let corrected rows become orders, or lines of the order that the rest of it has become.

    Rows of one order are released together, those of a batch under ``all_or_nothing`` all together.

    Attributes
    ----------
    rows
        None: every order whose rows have no fault any more.

    Raises
    ------
    GuardError
        If a row that was named, or one that must go with it, still has a fault; nothing is changed.
    """

    ROLES: ClassVar[frozenset[Role]] = _WORKERS

    batch_id: Id
    rows: tuple[int, ...] | None = None


class DiscardRow(Command):
    """Give a waiting row up, with a reason; it stays readable and counts as quarantined."""

    ROLES: ClassVar[frozenset[Role]] = _WORKERS

    batch_id: Id
    row: int
    why: Why


class AcceptDifference(Command):
    """Answer for control totals that do not agree, so that the batch's orders can be submitted."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SALES, Role.FIRST_REVIEWER, Role.SECOND_REVIEWER, Role.FINANCE})

    batch_id: Id
    why: Why


@does(CorrectRow)
def correct_row(command: CorrectRow, book: Book) -> tuple[RowFault, ...]:
    """Record what the row says now and return what is still the matter with it."""
    batch = book.need(Batch, command.batch_id)
    row = _need_waiting(batch, command.row)
    unknown = [name for name in command.fields if not is_row_field(name)]
    if unknown:
        raise GuardError(
            f"batch {batch.key} row {row.row} cannot be corrected",
            [
                Finding(code="UNKNOWN_FIELD", column=name, says="is no field of a row", expected=_FIELDS)
                for name in unknown
            ],
        )
    fields = {**(row.fields or {}), **command.fields}
    unread = tuple(fault for fault in row.unread if fault.field is not None and fault.field not in command.fields)
    said = {name: text for name, text in fields.items() if text is not None}
    incoming = IncomingRow(row=row.row, raw=row.raw, fields=said, faults=unread)
    parsed = parse_row(incoming, ZoneInfo(book.policy.timezone))
    (group,) = group_rows([(incoming, parsed)])
    check_group(group, batch.channel, book.master, book.policy, book.at)
    faults = tuple(group.members[0].faults)
    fact = RowCorrected(
        row=row.row,
        fields=said,
        faults=faults,
        unread=unread,
        counted=count_row(parsed),
        customer_id=known_customer(parsed, book.master),
    )
    book.record(batch, fact, why=command.why)
    return faults


_FIELDS = f"one of {', '.join(ROW_FIELDS)}, or extra_…"


@does(ReleaseRows)
def release_rows(command: ReleaseRows, book: Book) -> BatchReport:
    """Check the rows as they are now and place the orders that they make."""
    batch = book.need(Batch, command.batch_id)
    chosen = _choose(batch, command.rows)
    groups = read_groups([row.incoming for row in chosen], batch.channel, book)
    partial = {row.row for row in chosen if row.group in batch.partial_groups}
    apply_policy(groups, batch.accept)
    for group in groups:
        group.is_whole = group.is_whole and not partial & {member.parsed.row for member in group.members}
    _refuse_faulty(batch, groups, is_strict=command.rows is not None or batch.accept == "all_or_nothing")
    placing = Placing(book, batch.source, batch.key)
    placed = []
    released = []
    for group in groups:
        if group.good:
            placed.append(placing.place(group))
            released += [RowReleased(row=m.parsed.row, order_id=placed[-1].order_id) for m in group.good]
    if released:
        batch = book.record(batch, RowsReleased(rows=tuple(released)))
    return build_report(batch, placed, book.actor)


def _choose(batch: Batch, rows: Sequence[int] | None) -> list[QuarantinedRow]:
    if rows is None or batch.accept == "all_or_nothing":
        return list(batch.waiting)
    groups = {_need_waiting(batch, number).group for number in rows}
    if batch.accept == "ignore_failed":
        return [row for row in batch.waiting if row.row in rows]
    return [row for row in batch.waiting if row.group in groups]


def _refuse_faulty(batch: Batch, groups: Sequence[Group], *, is_strict: bool) -> None:
    findings = [
        fault.to_finding(batch.source, member.parsed.row)
        for group in groups
        for member in group.failed
        for fault in member.faults
        if fault.code != "WITHHELD"
    ]
    if findings and is_strict:
        raise GuardError(f"batch {batch.key}: the rows cannot be released", findings)


@does(DiscardRow)
def discard_row(command: DiscardRow, book: Book) -> None:
    """Record that the row is given up."""
    batch = book.need(Batch, command.batch_id)
    _need_waiting(batch, command.row)
    book.record(batch, RowDiscarded(row=command.row), why=command.why)


@does(AcceptDifference)
def accept_difference(command: AcceptDifference, book: Book) -> None:
    """Record who answers for the difference."""
    batch = book.need(Batch, command.batch_id)
    if batch.is_settled:
        says = "its control totals agree, or the difference is accepted already"
        raise GuardError(
            f"batch {batch.key} has no open difference", [Finding(code="NO_DIFFERENCE", subject=batch.key, says=says)]
        )
    book.record(batch, DifferenceAccepted(), why=command.why)


def _need_waiting(batch: Batch, number: int) -> QuarantinedRow:
    row = batch.row(number)
    if row.state is not RowState.WAITING:
        where = f" into {row.order_id}" if row.order_id else ""
        raise GuardError(
            f"batch {batch.key} row {number} is {row.state}{where}",
            [Finding(code="NOT_WAITING", row=number, says="only rows that wait can be worked on")],
        )
    return row
