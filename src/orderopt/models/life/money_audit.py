"""Whether money adds up across documents: orders, their invoices, payments and accounts say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, ItemKind, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, known
from orderopt.models.life.document import Document
from orderopt.models.life.invoice import Invoice, InvoiceLineKind, Settled, SettlementKind
from orderopt.models.life.order_case import OrderCase
from orderopt.models.life.payment import Payment
from orderopt.models.life.states import BillState
from orderopt.models.life.supplier_invoice import SupplierInvoice

Sums = dict[tuple[str, str], Decimal]
_BY_PAYMENT = (SettlementKind.PAYMENT, SettlementKind.REFUND)
_OWED = (BillState.MATCHED, BillState.APPROVED)


@dataclass
class MoneyAudit:
    """What is remembered of documents while they pass by, and compared at the end.

    Attributes
    ----------
    is_whole
        Whether all documents of the store pass by: then what accounts and payments say must be known, too.
    counted, said
        Quantities by order line as ``O-1/1`` and ``invoiced`` or ``credited``: by the order, by its documents.
    open_here, open_there
        Signed open amounts by account and document: by the documents, by the accounts.
    invoices
        Names of all invoices, suppliers' ones too, and notes.
    settled, used
        Amounts by document and payment: by the documents, by the payments.
    """

    is_whole: bool = True
    counted: Sums = field(default_factory=dict)
    said: Sums = field(default_factory=dict)
    open_here: Sums = field(default_factory=dict)
    open_there: Sums = field(default_factory=dict)
    invoices: set[str] = field(default_factory=set)
    settled: Sums = field(default_factory=dict)
    used: Sums = field(default_factory=dict)

    def look_at(self, document: Document) -> None:
        """Remember what is said of money in a document; others than the five kinds say nothing."""
        if isinstance(document, OrderCase):
            for line in document.lines:
                for name in ("invoiced", "credited"):
                    self.counted[f"{document.key}/{line.line_no}", name] = getattr(line.counts, name)
        elif isinstance(document, Invoice):
            self._look_at_invoice(document)
        elif isinstance(document, SupplierInvoice):
            account = name_account(PartyKind.SUPPLIER, document.supplier_id)
            self.open_here[account, document.key] = document.open if document.state in _OWED else ZERO
            self._look_at_settled(document.key, document.settled)
        elif isinstance(document, Payment):
            account = name_account(document.party, document.party_id)
            sign = 1 if document.is_refund else -1
            self.open_here[account, document.key] = sign * document.unused if document.is_settled else ZERO
            for one in document.applied:
                _add(self.used, one.ref, document.key, known(one.amount))
        elif isinstance(document, Account):
            for item in document.items:
                if item.kind is not ItemKind.OPENING:
                    self.open_there[document.key, item.ref] = known(item.open)

    def _look_at_invoice(self, document: Invoice) -> None:
        account = name_account(PartyKind.CUSTOMER, document.customer_id)
        self.open_here[account, document.number] = document.sign * document.open
        self._look_at_settled(document.number, document.settled)
        name = "credited" if document.is_credit else "invoiced"
        for line in document.lines:
            if line.kind is InvoiceLineKind.GOODS and line.order_line is not None:
                _add(self.said, f"{document.order_id}/{line.order_line}", name, line.quantity)

    def _look_at_settled(self, ref: str, settled: tuple[Settled, ...]) -> None:
        self.invoices.add(ref)
        for one in settled:
            if one.kind in _BY_PAYMENT:
                _add(self.settled, ref, one.source, known(one.amount))

    def find_faults(self) -> Iterator[Finding]:
        """Yield everything that two documents say differently."""
        for subject, name in _find_differences(self.counted, self.said, is_whole=True):
            yield _differs("COUNT_DIFFERS", subject, f"{name} is not the sum of its documents")
        for account, ref in _find_differences(self.open_here, self.open_there, is_whole=self.is_whole):
            yield _differs("OPEN_DIFFERS", ref, f"what is open of it is not what account {account} says")
        for ref, payment in _find_differences(self.settled, self.used, is_whole=True):
            if ref in self.invoices:  # refunds of payments, and opening items, are settled without a document
                yield _differs("PAYMENT_DIFFERS", ref, f"payment {payment} does not say what it says")


def _find_differences(here: Sums, there: Sums, *, is_whole: bool) -> list[tuple[str, str]]:
    names = here.keys() | there.keys() if is_whole else here.keys()
    return sorted(name for name in names if here.get(name, ZERO) != there.get(name, ZERO))


def _add(sums: Sums, first: str, second: str, amount: Decimal) -> None:
    sums[first, second] = sums.get((first, second), ZERO) + amount


def _differs(code: str, subject: str, says: str) -> Finding:
    return Finding(
        code=code, subject=subject, says=says, mend="compare its events; restore a backup if they are damaged"
    )
