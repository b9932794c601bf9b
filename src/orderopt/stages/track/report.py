"""Progress of supply orders: what machines, people and suppliers report, counted once and in any order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from orderopt.models.finding import Finding
from orderopt.models.life.happened.making import SupplyReported
from orderopt.models.life.happened.supply import SupplyStepped
from orderopt.models.life.progress import Report, ReportKind
from orderopt.models.life.roles import Role
from orderopt.models.life.states import SupplyState
from orderopt.models.life.supply_order import SupplyOrder
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.track.credit import credit_supply
from orderopt.stages.track.follow import follow_supply
from orderopt.stages.track.guard import refuse


class Taken(StrEnum):
    """What became of a report."""

    COUNTED = "counted"
    REPEATED = "repeated"


class ReportProgress(Command):
    """Tell of a supply order what happened: started, counted, finished, stopped, resumed, delayed; or received.

    Needs: the supply order is released. The same report again changes nothing, and reports may come late and
    in any order: quantities and states are the same in the end. A quantity below 0 takes back what was told
    too much, and opens again what was done.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.SHOP_FLOOR, Role.WAREHOUSE, Role.PURCHASING, Role.PLANNER})

    supply_id: Id
    report: Report


@does(ReportProgress)
def report_progress(command: ReportProgress, book: Book) -> Taken:
    """Count a report that is new, credit what it gives, and see what it means for dates."""
    supply, report = book.need(SupplyOrder, command.supply_id), command.report
    if report.name in supply.progress.seen:
        refuse(f"report {report.report_id} of {report.source} was counted before", _find_other(supply, report))
        return Taken.REPEATED
    refuse(f"report on supply order {supply.key} cannot be counted", _find_faults(supply, report, book))
    counted = book.record(supply, SupplyReported(report=report, is_last_step=_is_last_step(supply, report, book)))
    follow_supply(credit_supply(_step(counted, book), book), book)
    return Taken.COUNTED


def _find_other(supply: SupplyOrder, report: Report) -> Iterator[Finding]:
    if supply.progress.seen.differs(report.name, report.digest):
        yield Finding(
            code="REPORT_DIFFERS",
            subject=supply.key,
            says="it said something else then",
            mend="correct with a report of its own name that says the difference",
        )


def _find_faults(supply: SupplyOrder, report: Report, book: Book) -> Iterator[Finding]:
    if supply.state in (SupplyState.PROPOSED, SupplyState.FIRM):
        yield Finding(
            code="NOT_RELEASED",
            subject=supply.key,
            says=f"the supply order is {supply.state}",
            mend="release it and send the report again",
        )
    if supply.state in (SupplyState.CLOSED, SupplyState.CANCELLED):
        yield Finding(
            code="SUPPLY_OVER",
            subject=supply.key,
            says=f"the supply order is {supply.state}",
            mend="book what there is as a stock count",
        )
    if report.happened_at > book.at + timedelta(minutes=book.policy.tracking.clock_skew_minutes):
        yield Finding(
            code="REPORT_FROM_LATER",
            subject=supply.key,
            says=f"it happened at {report.happened_at.isoformat()}, which is still to come",
            mend="set the sender's clock right",
        )
    if report.kind is ReportKind.DELAYED and report.expected_at is None:
        yield Finding(
            code="NO_DATE", subject=supply.key, says="a delay needs a new date", mend="say when it will be ready"
        )


def _is_last_step(supply: SupplyOrder, report: Report, book: Book) -> bool:
    routing = book.master.routing.get((supply.item_id, supply.source_id), {})
    return not routing or report.op_no is None or report.op_no >= max(routing)


def _step(supply: SupplyOrder, book: Book) -> SupplyOrder:
    """Bring the state to where the reports say that it is; the way there depends on their order, the end does not."""
    is_done = _is_done(supply, book)
    if supply.state is SupplyState.DONE and not is_done:
        return book.record(supply, SupplyStepped(trigger="reopen"))
    if supply.state is SupplyState.RELEASED and supply.progress.whole.started_at is not None:
        supply = book.record(supply, SupplyStepped(trigger="start"))
    if supply.state is SupplyState.IN_PROGRESS and is_done:
        return book.record(supply, SupplyStepped(trigger="finish"))
    return supply


def _is_done(supply: SupplyOrder, book: Book) -> bool:
    if supply.done >= supply.quantity:
        return True
    ends_short = book.policy.tracking.under_production == "close_short"
    return ends_short and supply.progress.whole.is_finished
