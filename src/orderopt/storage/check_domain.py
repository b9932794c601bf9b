"""Checks across documents: reservations and pegs of orders that have ended, money, and faults of the master data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orderopt.models.consistency import find_inconsistencies
from orderopt.models.finding import Finding, Severity
from orderopt.models.life.document import Document
from orderopt.models.life.master import MasterRecord, build_master
from orderopt.models.life.money_audit import MoneyAudit
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.states import ORDER, SUPPLY, SupplyState
from orderopt.models.life.stock_ledger import StockLedger
from orderopt.models.life.supply_order import SupplyOrder


@dataclass
class Across:
    """What is remembered of documents while they pass by, and asked at the end."""

    orders: dict[str, tuple[bool, frozenset[str]]] = field(default_factory=dict)
    supplies: dict[str, bool] = field(default_factory=dict)
    stock: list[StockLedger] = field(default_factory=list)
    pegged: list[SupplyOrder] = field(default_factory=list)
    master: list[MasterRecord] = field(default_factory=list)
    money: MoneyAudit = field(default_factory=MoneyAudit)

    def look_at(self, document: Document) -> None:
        """Remember what the checks need of a document."""
        self.money.look_at(document)
        if isinstance(document, OrderCase):
            lines = frozenset(line.line_no for line in document.lines)
            self.orders[document.key] = (document.state not in ORDER.ends, lines)
        elif isinstance(document, StockLedger) and document.reservations:
            self.stock.append(document)
        elif isinstance(document, SupplyOrder):
            self.supplies[document.key] = document.state not in SUPPLY.ends
            if document.pegs and document.state not in SUPPLY.ends and document.state is not SupplyState.DONE:
                self.pegged.append(document)
        elif isinstance(document, MasterRecord):
            self.master.append(document)

    def find_faults(self) -> Iterator[Finding]:
        """Yield everything that does not fit together across documents."""
        for ledger in self.stock:
            for kept in ledger.reservations:
                says = self._why_orphaned(kept.order_id, kept.line_no)
                if says:
                    yield _orphaned("ORPHANED_RESERVATION", ledger, f"{kept.quantity} are reserved for {says}")
        for supply in self.pegged:
            for peg in supply.pegs:
                if peg.supply_id is not None and not self.supplies.get(peg.supply_id, False):
                    says = f"{peg.quantity} are meant for supply order {peg.supply_id}, which has ended or is unknown"
                    yield _orphaned("ORPHANED_PEG", supply, says)
                says_order = peg.order_id and self._why_orphaned(peg.order_id, peg.line_no)
                if says_order:
                    yield _orphaned("ORPHANED_PEG", supply, f"{peg.quantity} are meant for {says_order}")
        yield from self.money.find_faults()
        yield from find_master_faults(self.master)

    def _why_orphaned(self, order_id: str, line_no: str | None) -> str | None:
        is_open, lines = self.orders.get(order_id, (None, frozenset()))
        if is_open is None:
            return f"order {order_id}, which does not exist"
        if not is_open:
            return f"order {order_id}, which has ended"
        if line_no is not None and line_no not in lines:
            return f"line {line_no} of order {order_id}, which has no such line"
        return None


def _orphaned(code: str, document: Document, says: str) -> Finding:
    return Finding(code=code, subject=document.stream, says=says, mend="set it free or give it to another order")


def find_master_faults(records: list[MasterRecord]) -> Iterator[Finding]:
    """Yield the faults of the master data: cycles, dead ends, and what does not fit together."""
    snapshot = build_master(records)
    yield from find_inconsistencies(snapshot)
    sources = {row.item_id for table in ("operations", "offers") for row in getattr(snapshot, table)}
    makers: dict[str, str] = {}
    for line in snapshot.bom:
        makers.setdefault(line.component_id, line.item_id)
    for component, parent in makers.items():
        if component not in sources:
            yield Finding(
                code="DEAD_END",
                severity=Severity.WARNING,
                table="bom",
                subject=component,
                says=f"it goes into {parent}, but nobody makes or sells it: only stock can supply it",
                expected="a row of operations or offers",
                mend="add its source",
            )
