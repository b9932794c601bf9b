"""Rows that belong to one order, checked together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from orderopt.models.life.batch import digest_of
from orderopt.models.life.desk_policy import DeskPolicy
from orderopt.models.life.incoming import FIELD_OF, ROW_FIELDS, IncomingHead, IncomingLine, IncomingRow, RowFault
from orderopt.models.life.line import OrderedLine
from orderopt.models.life.order_case import OrderCase, OrderHead
from orderopt.models.life.party import Party
from orderopt.models.snapshot import Snapshot
from orderopt.stages.intake.check import FaultError, build_head, build_line, check_head, check_line
from orderopt.stages.intake.parse import Parsed


@dataclass
class Member:
    """A row of a group, and what came of checking it."""

    parsed: Parsed
    incoming: IncomingRow | None = None
    line_no: str = ""
    line: OrderedLine | None = None
    faults: list[RowFault] = field(default_factory=list)

    @property
    def is_unreadable(self) -> bool:
        """Whether a fault is about the row as a whole, so that its fields say nothing."""
        return any(fault.field is None and fault.code != "WITHHELD" for fault in self.faults)

    @property
    def said(self) -> IncomingLine:
        """What the channel says of the line."""
        return self.parsed.line


@dataclass
class Group:
    """The rows of one order.

    Attributes
    ----------
    ref
        The order's name at the sender; None: it has none.
    order_id
        The name that it will have here.
    said
        What the rows together say of the whole order.
    head
        That as the head of an order; None if something is the matter with it.
    is_whole
        Whether the lines are all that the order has: what is not among them is no longer wanted.
    existing, twins
        The order that is there already; others that are likely the same order.
    """

    ref: str | None
    members: list[Member]
    order_id: str = ""
    said: IncomingHead = field(default_factory=IncomingHead)
    head: OrderHead | None = None
    is_whole: bool = True
    existing: OrderCase | None = None
    twins: list[OrderCase] = field(default_factory=list)

    @property
    def name(self) -> str:
        """A digest that rows of one order share."""
        return digest_of("group", self.ref if self.ref is not None else f"row {self.members[0].parsed.row}")

    @property
    def good(self) -> list[Member]:
        """Rows that can be used."""
        return [member for member in self.members if not member.faults]

    @property
    def failed(self) -> list[Member]:
        """Rows that cannot."""
        return [member for member in self.members if member.faults]

    @property
    def lines(self) -> tuple[OrderedLine, ...]:
        """The lines that can be used."""
        return tuple(member.line for member in self.good if member.line is not None)

    @property
    def rows(self) -> str:
        """The rows in words, for example ``rows 2, 3``."""
        numbers = [str(member.parsed.row) for member in self.good]
        return f"row{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"

    def blame(self, fault: RowFault) -> None:
        """Say of the whole order what is the matter: of the first row that has the field, and of the rest."""
        name = fault.field or ""
        holders = [m for m in self.members if m.incoming is None or name in (m.incoming.fields or {})]
        (holders or self.members)[0].faults.append(fault)
        self.head = None
        self.withhold()

    def withhold(self) -> None:
        """Keep back the rows that are good for the sake of those that are not."""
        rows = ", ".join(str(member.parsed.row) for member in self.failed)
        self.withhold_because(f"waits for the order's other rows with a fault: {rows}")

    def withhold_because(self, reason: str) -> None:
        """Keep back the rows that are good, for a reason."""
        for member in self.good:
            member.faults.append(RowFault(code="WITHHELD", reason=reason))

    @property
    def digest(self) -> str:
        """A digest of the content: the same for the same order sent again."""
        assert self.head is not None
        hidden = {"order_id", "channel", "received_at", "batch_id"}
        lines = [
            _plain(line.model_dump(exclude=set() if member.said.line_no else {"line_no"}))
            for member, line in zip(self.good, self.lines, strict=True)
        ]
        return digest_of(_plain(self.head.model_dump(exclude=hidden)), sorted(lines, key=repr))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(single) for key, single in sorted(value.items()) if single not in (None, (), {})}
    return [_plain(single) for single in value] if isinstance(value, tuple | list) else value


def group_rows(rows: Iterable[tuple[IncomingRow, Parsed]]) -> list[Group]:
    """Return the rows by the order that they belong to, orders by their first row; a row without one is alone."""
    groups: dict[object, Group] = {}
    for incoming, parsed in rows:
        ref = parsed.head.external_ref
        key = ref if ref is not None else (parsed.row,)
        group = groups.setdefault(key, Group(ref, []))
        group.members.append(Member(parsed, incoming, faults=list(parsed.faults)))
    return list(groups.values())


def check_group(group: Group, channel: str, master: Snapshot, policy: DeskPolicy, at: datetime) -> None:
    """Check all rows of an order and build its head and lines where nothing is the matter with them.

    A fault of what holds for the whole order fails all its rows.
    """
    _merge(group)
    _number(group)
    group.order_id = group.order_id or f"{group.ref}@{channel}"
    for member in group.members:
        if member.is_unreadable:
            continue
        currency = group.said.currency or policy.currency
        told = {fault.field for fault in member.faults}
        found = check_line(member.said, master, at, policy.intake.latest_days, currency)
        member.faults += [fault for fault in found if fault.field not in told]
        if not member.faults:
            try:
                member.line = build_line(member.said, member.line_no, master)
            except FaultError as error:
                member.faults.append(error.fault)
    told = {fault.field for member in group.members for fault in member.faults}
    is_readable = any(not member.is_unreadable for member in group.members)
    heads = [fault for fault in check_head(group.said, master, at) if is_readable and fault.field not in told]
    for fault in heads:
        group.blame(fault)
    if is_readable and not heads and not told & _HEAD_FIELDS:
        _build(group, channel, policy, at)
    else:
        group.withhold()


_HEAD_FIELDS = frozenset(name for name, (place, _) in ROW_FIELDS.items() if place == "head")


def _build(group: Group, channel: str, policy: DeskPolicy, at: datetime) -> None:
    fixed = {"order_id": group.order_id, "channel": channel, "at": at}
    said = group.said.model_copy(update={"currency": group.said.currency or policy.currency})
    try:
        group.head = build_head(said, fixed)
    except FaultError as error:
        group.blame(error.fault)


def _merge(group: Group) -> None:
    """Put together what the rows say of the order; a row that says something else than one before has a fault."""
    said: dict[str, Any] = {}
    party: dict[str, Any] = {}
    first: dict[str, int] = {}
    for member in group.members:
        head = member.parsed.head
        parts: Sequence[tuple[str, dict[str, Any], Any]] = (
            *(("head", said, pair) for pair in head if pair[0] not in ("party", "extra")),
            *(("party", party, pair) for pair in head.party),
        )
        for place, target, (name, value) in parts:
            if value is None:
                continue
            field_name = FIELD_OF[place, name]
            if target.setdefault(name, value) != value:
                reason = f"is another than in row {first[field_name]} of the same order"
                member.faults.append(RowFault(field=field_name, code="INCONSISTENT_ORDER", reason=reason))
            first.setdefault(field_name, member.parsed.row)
    extra = {name: value for member in reversed(group.members) for name, value in member.parsed.head.extra.items()}
    group.said = IncomingHead.model_validate(said | {"party": Party(**party), "extra": extra})


def _number(group: Group) -> None:
    """Give every row a line number: its own, or its place."""
    taken = {member.said.line_no: member.parsed.row for member in reversed(group.members) if member.said.line_no}
    for place, member in enumerate(group.members, start=1):
        own = member.said.line_no
        member.line_no = own or str(place)
        if taken.setdefault(member.line_no, member.parsed.row) != member.parsed.row:
            reason = f"the line stands in row {taken[member.line_no]} already"
            member.faults.append(RowFault(field="line_no", code="DUPLICATE_LINE", reason=reason))
