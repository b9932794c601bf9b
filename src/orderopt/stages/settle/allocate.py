"""Using credits for what is owed: the oldest first, or what is named, with the discount that early payment earns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, ItemKind, OpenItem
from orderopt.models.life.amounts import ZERO, known, round_to
from orderopt.models.life.invoice import Invoice, SettlementKind
from orderopt.stages.book import Book
from orderopt.stages.settle.post import match_items
from orderopt.stages.settle.rates import find_minor_unit

Target = tuple[str, Decimal | None]
"""A document and how much of the credit is for it; None: all that is open, as far as the credit goes."""


def allocate_credit(
    book: Book, account: Account, credit: OpenItem, targets: Sequence[Target] | None, *, on: date
) -> Account:
    """Use a credit for documents, and return the account after it; what is left stays unallocated.

    A discount is let off where the customer pays in time and keeps it back: where the amount named for a document,
    the payment as a whole, or what is left of it, is too little without the discount and enough with it.

    Parameters
    ----------
    credit
        A payment or credit note as it is open in the account.
    targets
        Default: all that is owed in the credit's currency, the earliest due date first.

    Raises
    ------
    GuardError
        If a document is not open, has another currency, or less of it is open than is named.
    """
    chosen: list[Target] = (
        [(item.ref, None) for item in account.debits if item.currency == credit.currency]
        if targets is None
        else list(targets)
    )
    _guard(account, credit, chosen)
    left = -account.open_of(credit.ref)
    offers = {ref: _find_discount(book, account.item(ref), credit) for ref, _ in chosen}
    needed = sum((known(account.item(ref).open) - offers[ref] for ref, _ in chosen), ZERO)
    takes_all = len(chosen) > 0 and left == needed and all(amount is None for _, amount in chosen)
    for ref, named in chosen:
        debit = account.item(ref)
        owed, offer = known(debit.open), offers[ref]
        amount = min(left, owed if named is None else named)
        discount = offer if takes_all or owed - offer <= amount < owed else ZERO
        amount = min(amount, owed - discount)
        if amount > 0:
            account = match_items(book, account, credit=credit, debit=debit, amount=amount, discount=discount, on=on)
            left -= amount
    return account


def _find_discount(book: Book, debit: OpenItem, credit: OpenItem) -> Decimal:
    """Return the discount that a customer may keep back from an invoice by a payment; 0 if it is late or none."""
    if debit.kind is not ItemKind.INVOICE or credit.kind is not ItemKind.PAYMENT:
        return ZERO
    invoice = book.get(Invoice, debit.ref)
    if invoice is None or invoice.discount_until is None or credit.issued_on > invoice.discount_until:
        return ZERO
    given = sum((known(one.amount) for one in invoice.settled if one.kind is SettlementKind.DISCOUNT), ZERO)
    credited = sum((known(one.amount) for one in invoice.settled if one.kind is SettlementKind.CREDIT), ZERO)
    base = invoice.gross - credited
    return ZERO if given else round_to(base * invoice.discount, find_minor_unit(book, invoice.currency))


def _guard(account: Account, credit: OpenItem, targets: Sequence[Target]) -> None:
    found = []
    if len({ref for ref, _ in targets}) < len(targets):
        found.append(Finding(code="NAMED_TWICE", says="a document is named twice", mend="name each once"))
    for ref, amount in targets:
        debit = account.find_item(ref)
        if debit is None or debit.is_credit:
            found.append(Finding(code="NOT_OPEN", subject=ref, says="nothing of it is open", mend="leave it out"))
        elif debit.currency != credit.currency:
            says = f"it is in {debit.currency}, the credit in {credit.currency}"
            found.append(Finding(code="CURRENCY", subject=ref, says=says, mend="record the payment in its currency"))
        elif amount is not None and not 0 < amount <= known(debit.open):
            says = "the amount named is not above 0, or above what is open"
            found.append(Finding(code="ABOVE_OPEN", subject=ref, says=says, mend="name less; the rest stays a credit"))
    named = sum((amount for _, amount in targets if amount is not None), ZERO)
    if named > -account.open_of(credit.ref):
        says = "more is named than is left of it"
        found.append(Finding(code="ABOVE_CREDIT", subject=credit.ref, says=says, mend="name less"))
    if found:
        raise GuardError(f"{credit.ref} cannot be allocated", found)
