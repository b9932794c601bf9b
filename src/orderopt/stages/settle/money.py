"""What happens to any payment, of a customer or to a supplier: posting, allocation, and taking both back."""

from __future__ import annotations

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, OpenItem, PartyKind, name_account
from orderopt.models.life.amounts import ZERO, known, round_to
from orderopt.models.life.happened.account import ItemWithdrawn
from orderopt.models.life.happened.payment import PaymentRecorded, PaymentStepped
from orderopt.models.life.invoice import Invoice
from orderopt.models.life.payment import Allocating, Payment
from orderopt.models.life.states import PAYMENT, PaymentState
from orderopt.models.life.supplier_invoice import SupplierInvoice
from orderopt.stages.book import Book
from orderopt.stages.review.credit import release_credit_holds
from orderopt.stages.settle.allocate import Target, allocate_credit
from orderopt.stages.settle.post import match_items, post_item
from orderopt.stages.settle.rates import find_exchange_rate, find_minor_unit

_SAYS = ("party", "party_id", "is_refund", "amount", "currency", "value_on", "refunds")


def record_payment(book: Book, payment: Payment, *, is_settled: bool) -> Payment:
    """Record a payment, once; settled if it is.

    Raises
    ------
    GuardError
        If a payment of that id says something else, or its amount is no multiple of the minor unit.
    """
    known_one = book.get(Payment, payment.key)
    if known_one is not None:
        differs = [name for name in _SAYS if getattr(known_one, name) != getattr(payment, name)]
        if differs:
            says = f"it is known with other content: {', '.join(differs)}"
            mend = "record it under its own id, or reverse the one that is there"
            raise _refuse(payment, Finding(code="PAYMENT_DIFFERS", subject=payment.key, says=says, mend=mend))
        if is_settled and known_one.state is PaymentState.PENDING:
            return step_payment(book, known_one, "settle")
        return known_one
    amount = known(payment.amount)
    if round_to(amount, find_minor_unit(book, payment.currency)) != amount:
        says = f"its amount has more places than {payment.currency} has"
        raise _refuse(payment, Finding(code="PLACES", subject=payment.key, says=says, mend="round it as it was paid"))
    rate, rate_on = find_exchange_rate(book, payment.currency, payment.value_on)
    dated = payment.model_copy(update={"rate": rate, "rate_on": rate_on})
    recorded = book.begin(Payment, payment.key, PaymentRecorded(payment=dated))
    return step_payment(book, recorded, "settle") if is_settled else recorded


def step_payment(book: Book, payment: Payment, trigger: str, why: str | None = None) -> Payment:
    """Record that a pending payment was settled or has failed; once it is settled it is posted and used.

    Credit holds of a customer that are no longer needed are lifted.
    """
    payment = book.record(payment, PaymentStepped(trigger=trigger, failure=why), why=why)
    if not payment.is_settled:
        return payment
    account = post_item(book, payment.party, payment.party_id, payment.item)
    if payment.is_refund:
        credit = find_item(book, account, known_ref(payment.refunds))
        amount = min(known(payment.amount), max(ZERO, -account.open_of(credit.ref)))
        if amount:  # less, if the credit was used otherwise while the refund was on its way
            match_items(book, account, credit=credit, debit=payment.item, amount=amount, on=payment.value_on)
    elif payment.allocating is not Allocating.NOTHING:
        allocate_credit(book, account, payment.item, _find_targets(account, payment), on=payment.value_on)
    fall_exposure(book, payment.party, payment.party_id)
    return book.need(Payment, payment.key)


def known_ref(ref: str | None) -> str:
    """Return the name of the credit that a refund pays out."""
    assert ref is not None, "a refund names a credit"
    return ref


def _find_targets(account: Account, payment: Payment) -> list[Target] | None:
    """Return the documents that a payment names, those left out that were settled otherwise meanwhile."""
    if payment.allocating is Allocating.OLDEST:
        return None
    return [(ref, None) for ref in dict.fromkeys(payment.named) if account.open_of(ref) > 0]


def reverse_payment(book: Book, payment: Payment, why: str) -> Payment:
    """Take a settled payment back: every match, its discounts too, then the payment itself."""
    PAYMENT.step(payment.state, "reverse", payment.key)
    account = book.need(Account, name_account(payment.party, payment.party_id))
    for used in payment.applied:
        other = find_item(book, account, used.ref)
        credit, debit = (other, payment.item) if payment.is_refund else (payment.item, other)
        account = match_items(
            book,
            account,
            credit=credit,
            debit=debit,
            amount=-known(used.amount),
            discount=-known(used.discount),
            on=payment.value_on,
        )
    book.record(account, ItemWithdrawn(ref=payment.key), why=why)
    return book.record(book.need(Payment, payment.key), PaymentStepped(trigger="reverse", failure=why), why=why)


def find_item(book: Book, account: Account, ref: str) -> OpenItem:
    """Return an item as it was posted, open or settled, from the document that it came from."""
    opening = next((item for item in account.openings if item.ref == ref), None)
    if opening is not None:
        return opening
    payment = book.get(Payment, ref)
    if payment is not None:
        return payment.item
    if account.party is PartyKind.CUSTOMER:
        return book.need(Invoice, ref).item
    return book.need(SupplierInvoice, ref).item


def fall_exposure(book: Book, party: PartyKind, party_id: str) -> None:
    """Lift the credit holds of a customer that are no longer needed."""
    if party is PartyKind.CUSTOMER:
        release_credit_holds(party_id, book)


def _refuse(payment: Payment, *findings: Finding) -> GuardError:
    return GuardError(f"payment {payment.key} cannot be recorded", findings)
