"""Opening balances: what was owed before orderopt kept the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.errors import GuardError
from orderopt.models.finding import Finding
from orderopt.models.life.account import Account, ItemKind, OpenItem, PartyKind
from orderopt.models.life.amounts import Currency, known
from orderopt.models.life.roles import Role
from orderopt.models.measure import PLACES
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.post import open_account, post_item
from orderopt.stages.settle.rates import find_exchange_rate


class EnterOpening(Command):
    """Enter an open item of the time before, or a balance as a whole; the same name and content again changes nothing.

    Attributes
    ----------
    ref
        Its name, for example the old invoice's number.
    amount
        Above 0: owed; below 0: a credit.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    party: PartyKind = PartyKind.CUSTOMER
    party_id: Id
    ref: Id = "opening"
    amount: Annotated[Decimal, Field(decimal_places=PLACES, allow_inf_nan=False)]
    currency: Currency
    issued_on: date
    due_on: date


@does(EnterOpening)
def enter_opening(command: EnterOpening, book: Book) -> Account:
    """Post the item; return the account."""
    account = open_account(book, command.party, command.party_id)
    rate, _ = find_exchange_rate(book, command.currency, command.issued_on)
    item = OpenItem(
        ref=command.ref,
        kind=ItemKind.OPENING,
        issued_on=command.issued_on,
        due_on=command.due_on,
        currency=command.currency,
        rate=rate,
        amount=command.amount,
        open=command.amount,
    )
    before = next((one for one in account.openings if one.ref == command.ref), None)
    if before is None and known(item.amount):
        return post_item(book, command.party, command.party_id, item)
    if before is not None and before != item:
        says = "an opening item of that name says something else"
        raise GuardError(
            f"opening item {command.ref} cannot be entered",
            [Finding(code="OPENING_DIFFERS", subject=command.ref, says=says, mend="enter the difference as well")],
        )
    return account
