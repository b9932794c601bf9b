"""Inspecting what was made for a line, and what lies uninspected in stock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from orderopt.errors import QuantityError
from orderopt.models.finding import Finding
from orderopt.models.life.alert import AlertKind, Subject
from orderopt.models.life.happened.order import HoldPlaced
from orderopt.models.life.happened.stock import StockInspected
from orderopt.models.life.happened.tracking import LineInspected
from orderopt.models.life.hold import USUAL_BLOCKS, Hold, HoldType
from orderopt.models.life.inspection import Inspection, Measured, find_deviations
from orderopt.models.life.line import CaseLine
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.quantities import ZERO, Count
from orderopt.models.life.roles import Role
from orderopt.models.life.states import OrderState
from orderopt.models.life.stock_ledger import StockLedger, name_stock
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.measure import Quantity
from orderopt.models.moment import Moment
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.track.alerts import raise_alert
from orderopt.stages.track.credit import move_stock, reserve_components
from orderopt.stages.track.guard import refuse
from orderopt.stages.track.report import Taken

_INSPECTORS = frozenset({Role.SHOP_FLOOR, Role.WAREHOUSE})


class Inspect(Command):
    """Say of a line what passed, what cannot be used and what goes back to be reworked; below 0 corrects.

    Needs: the order is in execution; no more than is there and uninspected; for what passes, every
    characteristic that the line asks for measured and within its range; for the rest, a reason code.

    Parameters
    ----------
    rejected_to
        Where rejected goods go: thrown away, or kept as blocked stock at `site`.
    """

    ROLES: ClassVar[frozenset[Role]] = _INSPECTORS

    order_id: Id
    line_no: Id
    source: Id
    inspection_id: Id
    inspected_at: Moment | None = None
    passed: Count = ZERO
    rejected: Count = ZERO
    rework: Count = ZERO
    measured: Measured = Field(default_factory=dict)
    reason: Id | None = None
    rejected_to: Literal["scrap", "blocked"] = "scrap"
    site: str = ""


class InspectStock(Command):
    """Say of stock that waits for inspection what is usable, what is blocked and what is thrown away.

    Parameters
    ----------
    supply_id
        The supply order that it came from: what passes is reserved for the supply orders that wait for it.
    """

    ROLES: ClassVar[frozenset[Role]] = _INSPECTORS

    item_id: Id
    site: str = ""
    source: Id
    inspection_id: Id
    passed: Quantity = ZERO
    blocked: Quantity = ZERO
    scrapped: Quantity = ZERO
    supply_id: Id | None = None


@does(Inspect)
def inspect(command: Inspect, book: Book) -> Taken:
    """Count the inspection once; hold the line if too much of it was rejected."""
    case = book.need(OrderCase, command.order_id)
    line = case.line(command.line_no)
    inspection = _build_inspection(command, line, book)
    known = next((one for one in case.inspections if one.name == inspection.name), None)
    subject = f"{case.key}/{line.line_no}"
    if known is not None:
        refuse(f"inspection {command.inspection_id} of {subject} was counted before", _find_other(known, inspection))
        return Taken.REPEATED
    refuse(f"{subject} cannot be inspected like this", _find_faults(case, line, command))
    case = book.record(case, LineInspected(inspection=inspection))
    if command.rejected and command.rejected_to == "blocked":
        place = {"order_id": case.key, "line_no": line.line_no}
        move_stock(book, line.ask.item_id, command.site, blocked=command.rejected, **place)
    _watch_rejected(case, command, book)
    return Taken.COUNTED


def _build_inspection(command: Inspect, line: CaseLine, book: Book) -> Inspection:
    return Inspection(
        source=command.source,
        inspection_id=command.inspection_id,
        line_no=command.line_no,
        inspected_at=command.inspected_at or book.at,
        passed=command.passed,
        rejected=command.rejected,
        rework=command.rework,
        scrapped=command.rejected if command.rejected_to == "scrap" else ZERO,
        measured=command.measured,
        reason=command.reason,
        confirms=command.passed > 0 and not any(find_deviations(line.ask.spec, command.measured)),
    )


def _find_other(known: Inspection, now: Inspection) -> Iterator[Finding]:
    if known != now.model_copy(update={"inspected_at": known.inspected_at, "confirms": known.confirms}):
        says = "it said something else then"
        yield Finding(code="REPORT_DIFFERS", subject=known.line_no, says=says, mend="correct with one of its own name")


def _find_faults(case: OrderCase, line: CaseLine, command: Inspect) -> Iterator[Finding]:
    subject = f"{case.key}/{line.line_no}"
    if case.state is not OrderState.IN_EXECUTION:
        yield Finding(code="NOT_IN_EXECUTION", subject=subject, says=f"the order is {case.state}", mend="release it")
    total = command.passed + command.rejected + max(ZERO, command.rework)
    if total > line.counts.uninspected:
        says = f"{total} inspected, {line.counts.uninspected} wait for it"
        yield Finding(code="NOTHING_TO_INSPECT", subject=subject, says=says, mend="report what was made first")
    if command.passed > 0:
        for name, asked, found in find_deviations(line.ask.spec, command.measured):
            code = "NOT_MEASURED" if found == "nothing" else "OUT_OF_SPECIFICATION"
            says = f"{name} must be {asked}, measured: {found}"
            yield Finding(code=code, subject=subject, says=says, mend="reject it, rework it, or measure again")
    if (command.rejected or command.rework) and command.reason is None:
        yield Finding(code="NO_REASON", subject=subject, says="rejected without a reason", mend="give a reason code")


def _watch_rejected(case: OrderCase, command: Inspect, book: Book) -> None:
    counts = case.line(command.line_no).counts
    inspected = counts.qc_passed + counts.qc_rejected
    if command.rejected <= 0 or counts.qc_rejected <= book.policy.tracking.hold_above_rejected * inspected:
        return
    reason = command.reason or "REJECTED"
    figures = {"rejected": str(counts.qc_rejected), "inspected": str(inspected)}
    about = Subject(order_id=case.key, line_no=command.line_no)
    says = f"{counts.qc_rejected} of {inspected} rejected"
    raise_alert(AlertKind.REJECTED, about, book, reason=reason, says=says, figures=figures)
    if any(hold.is_active and hold.type is HoldType.QUALITY and hold.line_no == command.line_no for hold in case.holds):
        return
    hold = Hold(
        hold_id=f"{case.key}-Q{1 + sum(one.type is HoldType.QUALITY for one in case.holds)}",
        type=HoldType.QUALITY,
        blocks=USUAL_BLOCKS[HoldType.QUALITY],
        reason=f"{says}: {reason}",
        line_no=command.line_no,
        placed_by=book.actor.name,
        placed_at=book.at,
    )
    book.record(case, HoldPlaced(hold=hold))


@does(InspectStock)
def inspect_stock(command: InspectStock, book: Book) -> Taken:
    """Count the inspection once."""
    ledger = book.need(StockLedger, name_stock(command.item_id, command.site))
    if f"{len(command.source)}:{command.source}{command.inspection_id}" in ledger.inspected:
        return Taken.REPEATED
    total = command.passed + command.blocked + command.scrapped
    if total > ledger.in_inspection:
        raise QuantityError(f"stock {ledger.key}: {total} inspected, {ledger.in_inspection} wait for it")
    said = command.model_dump(exclude={"supply_id"})
    book.record(ledger, StockInspected.model_validate(said))
    if command.supply_id is not None:
        reserve_components(book.need(SupplyOrder, command.supply_id), command.passed, book)
    return Taken.COUNTED
