"""Posting to accounts: numbers, new items, credits used for what is owed, and taking that back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from orderopt.models.life.account import Account, ItemKind, OpenItem, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, round_to
from orderopt.models.life.happened.account import (
    AccountOpened,
    ItemLetOff,
    ItemPosted,
    ItemsMatched,
    Move,
)
from orderopt.models.life.happened.billing import InvoiceSettled
from orderopt.models.life.happened.payment import BillSettled, PaymentApplied, PaymentFreed
from orderopt.models.life.invoice import Invoice, Settled, SettlementKind
from orderopt.models.life.numbering import Numbering, NumberTaken
from orderopt.models.life.payment import Application, Payment
from orderopt.models.life.supplier_invoice import SupplierInvoice
from orderopt.stages.book import Book
from orderopt.stages.settle.rates import find_minor_unit


def take_number(book: Book, series: str) -> str:
    """Return the next number of a series; it is used up only if the command is kept, so that no number is missing."""
    found = book.get(Numbering, series)
    fact = NumberTaken(series=series)
    taken = book.begin(Numbering, series, fact) if found is None else book.record(found, fact)
    return taken.number


def open_account(book: Book, party: PartyKind, party_id: str) -> Account:
    """Return the account of a party, opened if it is the first dealing."""
    key = name_account(party, party_id)
    found = book.get(Account, key)
    if found is not None:
        return found
    return book.begin(Account, key, AccountOpened(party=party, party_id=party_id, currency=book.policy.currency))


def post_item(book: Book, party: PartyKind, party_id: str, item: OpenItem) -> Account:
    """Enter an item into the account of a party."""
    return book.record(open_account(book, party, party_id), ItemPosted(item=item))


def match_items(
    book: Book,
    account: Account,
    *,
    credit: OpenItem,
    debit: OpenItem,
    amount: Decimal,
    on: date,
    discount: Decimal = ZERO,
) -> Account:
    """Use a part of a credit for a part of what is owed, and let a discount off; both documents learn of it.

    Parameters
    ----------
    amount
        Above 0; below 0 with what an earlier call had takes that back.
    discount
        For early payment, on top of the amount.
    """
    moves = (Move(item=debit, change=-amount), Move(item=credit, change=amount))
    account = book.record(account, ItemsMatched(moves=moves))
    if discount:
        account = book.record(account, ItemLetOff(item=debit, discounted=discount))
    sign = 1 if account.party is PartyKind.CUSTOMER else -1
    exchange = round_to(sign * amount * (credit.rate - debit.rate), find_minor_unit(book, account.currency))
    for item, other in ((debit, credit), (credit, debit)):
        _note(book, account.party, item, other=other, amount=amount, discount=discount, exchange=exchange, on=on)
    return account


def _note(
    book: Book,
    party: PartyKind,
    item: OpenItem,
    *,
    other: OpenItem,
    amount: Decimal,
    discount: Decimal,
    exchange: Decimal,
    on: date,
) -> None:
    """Tell the document behind an item what it was settled by."""
    if item.kind in (ItemKind.PAYMENT, ItemKind.REFUND):
        payment = book.need(Payment, item.ref)
        if amount < 0:
            book.record(payment, PaymentFreed(refs=(other.ref,)))
        else:
            application = Application(ref=other.ref, amount=amount, discount=discount, exchange=exchange)
            book.record(payment, PaymentApplied(applications=(application,)))
    elif item.kind is not ItemKind.OPENING:
        is_debit = not item.is_credit
        settled = [Settled(kind=_KINDS[other.kind], source=other.ref, amount=amount, on=on, exchange=exchange)]
        if discount and is_debit:
            settled.append(Settled(kind=SettlementKind.DISCOUNT, source=other.ref, amount=discount, on=on))
        note_settled(book, party, item.ref, *settled)


_KINDS = {
    ItemKind.PAYMENT: SettlementKind.PAYMENT,
    ItemKind.REFUND: SettlementKind.REFUND,
    ItemKind.INVOICE: SettlementKind.CREDIT,
    ItemKind.CREDIT_NOTE: SettlementKind.CREDIT,
    ItemKind.OPENING: SettlementKind.CREDIT,
}


def note_settled(book: Book, party: PartyKind, ref: str, *settled: Settled) -> None:
    """Record on a customer's or supplier's invoice what settled it."""
    if party is PartyKind.CUSTOMER:
        book.record(book.need(Invoice, ref), InvoiceSettled(settled=settled))
    else:
        book.record(book.need(SupplierInvoice, ref), BillSettled(settled=settled))
