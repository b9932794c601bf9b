"""Disputes and deductions: amounts that a customer contests, and how they end; write-offs."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, PartyKind, name_account
from orderopt.models.life.amounts import known
from orderopt.models.life.happened.account import ItemDisputed, ItemLetOff
from orderopt.models.life.happened.billing import DisputeEnded, DisputeOpened, InvoiceSettled
from orderopt.models.life.invoice import Dispute, DisputeReason, Invoice, Resolution, Settled, SettlementKind
from orderopt.models.life.roles import Role
from orderopt.models.measure import PositiveMoney
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.credit import credit_sum
from orderopt.stages.settle.money import fall_exposure
from orderopt.stages.settle.rates import find_today


class OpenDispute(Command):
    """Record that a customer contests an amount of an invoice, or has kept it back. Returns the dispute's id.

    Needs an invoice of which that much is open and not contested yet.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.SALES})

    number: Id
    amount: PositiveMoney
    reason: DisputeReason
    owner: str = Field(min_length=1)


class EndDispute(Command):
    """End a dispute: the claim is upheld and to be paid, credited by a credit note, or written off."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    number: Id
    dispute_id: Id
    resolution: Resolution
    reason: str = Field(min_length=1)


class WriteOff(Command):
    """Give up what is open of an invoice, or an amount of it, with a reason. Returns the invoice."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    number: Id
    reason: str = Field(min_length=1)
    amount: PositiveMoney | None = None


@does(OpenDispute)
def open_dispute(command: OpenDispute, book: Book) -> str:
    """Record the dispute, and on the account how much is contested."""
    invoice = book.need(Invoice, command.number)
    if invoice.is_credit or command.amount > invoice.open - invoice.disputed:
        says = "less than that is open and not contested"
        raise _refuse(invoice, Finding(code="ABOVE_OPEN", subject=invoice.number, says=says, mend="contest less"))
    dispute = Dispute(
        dispute_id=f"{invoice.number}-D{len(invoice.disputes) + 1}",
        reason=command.reason,
        amount=command.amount,
        owner=command.owner,
        opened_at=book.at,
    )
    _note(book, book.record(invoice, DisputeOpened(dispute=dispute)))
    return dispute.dispute_id


@does(EndDispute)
def end_dispute(command: EndDispute, book: Book) -> Invoice:
    """Record the end, and credit or write off as it says."""
    invoice = book.need(Invoice, command.number)
    ended = DisputeEnded(dispute_id=command.dispute_id, resolution=command.resolution)
    amounts = {one.dispute_id: known(one.amount) for one in invoice.disputes}
    invoice = book.record(invoice, ended, why=command.reason)
    _note(book, invoice)
    amount = min(amounts[command.dispute_id], invoice.open)
    if command.resolution is Resolution.CREDITED:
        credit_sum(book, invoice, amounts[command.dispute_id], command.reason)
    elif command.resolution is Resolution.WRITTEN_OFF and amount:
        write_off(WriteOff(number=invoice.number, amount=amount, reason=command.reason), book)
    return book.need(Invoice, invoice.number)


@does(WriteOff)
def write_off(command: WriteOff, book: Book) -> Invoice:
    """Lower what is open, on the invoice and on the account."""
    invoice = book.need(Invoice, command.number)
    amount = invoice.open if command.amount is None else command.amount
    if invoice.is_credit or not 0 < amount <= invoice.open:
        says = "a credit note cannot be written off" if invoice.is_credit else "less than that is open"
        raise _refuse(invoice, Finding(code="ABOVE_OPEN", subject=invoice.number, says=says, mend="write off less"))
    account = book.need(Account, name_account(PartyKind.CUSTOMER, invoice.customer_id))
    book.record(account, ItemLetOff(item=invoice.item, written_off=amount), why=command.reason)
    settled = Settled(kind=SettlementKind.WRITE_OFF, source=invoice.number, amount=amount, on=find_today(book))
    invoice = book.record(invoice, InvoiceSettled(settled=(settled,)), why=command.reason)
    fall_exposure(book, PartyKind.CUSTOMER, invoice.customer_id)
    return invoice


def _note(book: Book, invoice: Invoice) -> None:
    """Say on the account how much of the item is contested now."""
    account = book.need(Account, name_account(PartyKind.CUSTOMER, invoice.customer_id))
    if account.find_item(invoice.number):
        disputed = min(invoice.disputed, invoice.open)
        book.record(account, ItemDisputed(ref=invoice.number, disputed=disputed))


def _refuse(invoice: Invoice, *findings: Finding) -> GuardError:
    return GuardError(f"{invoice.number}: this is not possible", findings)
