"""Putting checked orders in their place: new, known, changed, or likely there through another channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from orderopt.models.finding import Finding, Severity
from orderopt.models.life.amendment import AnyAmendment, LineAdded
from orderopt.models.life.change import ChangeRequest, Origin
from orderopt.models.life.happened.change import ChangeDrafted
from orderopt.models.life.happened.intake import ContentArrived, LinesArrived, QuestionAsked
from orderopt.models.life.happened.order import HoldPlaced, OrderReceived
from orderopt.models.life.incoming import ROW_FIELDS, RowFault
from orderopt.models.life.order_case import Arrival, OrderCase, name_external
from orderopt.models.life.states import OrderState
from orderopt.stages.book import Book
from orderopt.stages.change.faults import UNCHANGEABLE
from orderopt.stages.change.request import name_change
from orderopt.stages.intake.compare import find_amendments, find_other_differences
from orderopt.stages.intake.duplicates import build_duplicate_hold, content_of, is_likely_duplicate
from orderopt.stages.intake.group import Group
from orderopt.stages.intake.questions import build_question
from orderopt.stages.intake.report import Placed


def look_up(book: Book, channel: str, groups: Sequence[Group]) -> None:
    """Find what is there already, before anything is recorded: the orders themselves, and likely duplicates.

    An order of another customer, or one that has ended and now says something else, is a fault.
    """
    keys = [book.find_claim(name_external(channel, group.ref)) if group.ref else None for group in groups]
    for group, key in zip(groups, keys, strict=True):
        if key is None and group.head is not None and group.good:
            twins = book.find(OrderCase, {"content": content_of(group.head, group.lines)})
            days = book.policy.intake.duplicate_days
            group.twins = [one for one in twins if is_likely_duplicate(group.head, group.lines, one, days)]
    for group, key in zip(groups, keys, strict=True):
        if key is not None:
            group.existing = book.need(OrderCase, key)
            check_existing(group, group.existing)


def check_existing(group: Group, existing: OrderCase) -> None:
    """Find what is the matter with an order that is there already: another customer's, or one that has ended."""
    if group.head is None or not group.good:
        return
    if existing.head.customer_id != group.head.customer_id:
        reason = "the channel has given this name to an order of another customer"
        group.blame(RowFault(field="external_ref", code="OTHER_CUSTOMER", reason=reason))
    elif existing.state in UNCHANGEABLE and _find_changes(existing, group):
        reason = f"order {existing.key} is {existing.state}: it cannot be changed any more"
        group.blame(RowFault(field="external_ref", code="ORDER_ENDED", reason=reason))


def _find_changes(existing: OrderCase, group: Group) -> tuple[AnyAmendment, ...]:
    last = existing.arrivals[-1].digest if existing.arrivals else None
    return () if group.is_whole and group.digest == last else find_amendments(existing, group)


@dataclass
class Placing:
    """Records orders in a book, one after the other.

    Attributes
    ----------
    source
        The file or message, for people.
    batch_id
        The batch that they come with.
    """

    book: Book
    source: str
    batch_id: str | None = None
    _fresh: dict[str, list[OrderCase]] = field(default_factory=lambda: defaultdict(list))

    def place(self, group: Group) -> Placed:
        """Record what becomes of an order whose good rows are used."""
        if group.existing is None:
            return self._place_new(group)
        return self._place_again(group, group.existing)

    def _arrival(self, group: Group, change_id: str | None = None) -> Arrival:
        source = f"{self.source} {group.rows}" if self.batch_id else self.source
        return Arrival(digest=group.digest, source=source, at=self.book.at, change_id=change_id)

    def _place_new(self, group: Group) -> Placed:
        assert group.head is not None
        head = group.head.model_copy(update={"batch_id": self.batch_id})
        content = content_of(head, group.lines)
        days = self.book.policy.intake.duplicate_days
        fresh = [one for one in self._fresh[content] if is_likely_duplicate(head, group.lines, one, days)]
        twins = tuple(one.key for one in (*group.twins, *fresh))
        arrival = self._arrival(group)
        received = OrderReceived(head=head, lines=group.lines, arrival=arrival)
        case = self.book.begin(OrderCase, head.order_id, received, why=f"received from {arrival.source}")
        if twins:
            case = self.book.record(case, HoldPlaced(hold=build_duplicate_hold(case, twins, self.book)))
        case = self._ask_for_missing(case, group)
        self._fresh[content].append(case)
        says = f"order {case.key} is new"
        if twins:
            says = f"{says}; it is held since it is likely the same as {', '.join(twins)}"
        return Placed(
            order_id=case.key, outcome="new", says=says, duplicates=twins, findings=find_warnings(self.book, group)
        )

    def _ask_for_missing(self, case: OrderCase, group: Group) -> OrderCase:
        for name in self.book.policy.intake.ask_for:
            place, own = ROW_FIELDS[name]
            holder = {"head": group.said, "party": group.said.party}.get(place)
            holders = [(None, holder)] if holder else [(m.line_no, m.said) for m in group.good]
            for line_no, said in holders:
                if getattr(said, own) is None:
                    about = f" of line {line_no}" if line_no else ""
                    text = f"Please tell us the {name.replace('_', ' ')}{about}."
                    question = build_question(case, self.book, text, owner="customer", field=name, line_no=line_no)
                    case = self.book.record(case, QuestionAsked(clarification=question))
        return case

    def _place_again(self, group: Group, case: OrderCase) -> Placed:
        amendments = _find_changes(case, group)
        others = find_other_differences(case, group) if not self._is_last(group, case) else ()
        joins = [change.line for change in amendments if isinstance(change, LineAdded)]
        is_draft_of_batch = case.state is OrderState.DRAFT and case.head.batch_id == self.batch_id is not None
        if joins and len(joins) == len(amendments) and not group.is_whole and is_draft_of_batch:
            self.book.record(case, LinesArrived(lines=tuple(joins), arrival=self._arrival(group)))
            lines = ", ".join(line.line_no for line in joins)
            return Placed(order_id=case.key, outcome="lines_added", says=f"order {case.key} has got line {lines}")
        if amendments:
            return self._request_change(group, case, amendments, others)
        if others:
            return self._ask_about(group, case, others)
        says = f"order {case.key} is there with this content already; nothing changed"
        return Placed(order_id=case.key, outcome="unchanged", says=says)

    def _is_last(self, group: Group, case: OrderCase) -> bool:
        return bool(case.arrivals) and case.arrivals[-1].digest == group.digest

    def _request_change(
        self, group: Group, case: OrderCase, amendments: tuple[AnyAmendment, ...], others: tuple[str, ...]
    ) -> Placed:
        change_id = name_change(case)
        lines = {change.line_no for change in amendments if hasattr(change, "line_no")}
        row = next((m.parsed.row for m in group.good if m.line_no in lines), group.good[0].parsed.row)
        arrival = self._arrival(group, change_id)
        earlier = any(one.digest == arrival.digest for one in case.arrivals)
        reason = f"{arrival.source} says something else than the order" + (
            "; it said so before, and may be an old file" if earlier else ""
        )
        change = ChangeRequest(
            change_id=change_id,
            base_revision=case.revision,
            reason=reason,
            requested_by=self.book.actor.name,
            requested_at=self.book.at,
            origin=Origin(
                channel=case.head.channel,
                external_ref=case.head.external_ref,
                batch_id=self.batch_id,
                file=self.source,
                row=row if self.batch_id else None,
            ),
            amendments=amendments,
        )
        case = self.book.record(case, ContentArrived(arrival=arrival), ChangeDrafted(change=change), why=reason)
        if others:
            self._record_question(group, case, others)
        says = f"order {case.key} stays as it is; draft {change_id} asks for what {arrival.source} says"
        return Placed(order_id=case.key, outcome="change_requested", says=says, change_id=change_id)

    def _ask_about(self, group: Group, case: OrderCase, others: tuple[str, ...]) -> Placed:
        case = self.book.record(case, ContentArrived(arrival=self._arrival(group)))
        self._record_question(group, case, others)
        says = f"order {case.key} stays as it is; a question asks about {', '.join(others)}"
        return Placed(order_id=case.key, outcome="question_asked", says=says)

    def _record_question(self, group: Group, case: OrderCase, others: tuple[str, ...]) -> None:
        source = self._arrival(group).source
        text = f"{source} says something else than the order about {', '.join(others)}: which holds?"
        question = build_question(case, self.book, text, owner=case.head.sales_rep or self.book.actor.name)
        self.book.record(case, QuestionAsked(clarification=question))


def find_warnings(book: Book, group: Group) -> tuple[Finding, ...]:
    """Return what is worth a word, though it stands in no order's way."""
    return tuple(
        Finding(
            code="PAST_DATE",
            severity=Severity.WARNING,
            row=member.parsed.row,
            column="requested_at",
            subject=f"{group.order_id}/{line.line_no}",
            says=f"{line.requested_at:%Y-%m-%d %H:%M} UTC is over",
            mend="ask whether the date is right",
        )
        for member in group.good
        if (line := member.line) is not None and line.requested_at < book.at
    )
