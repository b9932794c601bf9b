"""Ageing: what customers owe, or suppliers are owed, by how long it is overdue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

from orderopt.models.life.account import Account, PartyKind
from orderopt.models.life.amounts import ZERO, Price, known, round_to
from orderopt.models.life.part import Part
from orderopt.models.life.roles import Role
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does
from orderopt.stages.settle.rates import find_minor_unit, find_today

LIMITS = (0, 30, 60, 90)
"""Days overdue at which a bucket ends; the last bucket has no end."""


class AgeingRow(Part):
    """What one party owes, in the desk's currency.

    Attributes
    ----------
    not_due
        Before or on the due date.
    to_30, to_60, to_90, above_90
        1 to 30 days overdue, and so on.
    unallocated
        Payments and credits that are not used; below 0.
    disputed
        Of what is owed, what is contested.
    total
        The sum of all but `disputed`.
    """

    party_id: Id
    not_due: Price = ZERO
    to_30: Price = ZERO
    to_60: Price = ZERO
    to_90: Price = ZERO
    above_90: Price = ZERO
    unallocated: Price = ZERO
    disputed: Price = ZERO
    total: Price = ZERO


_BUCKETS = ("not_due", "to_30", "to_60", "to_90", "above_90")


class ReportAgeing(Command):
    """Ask what is owed by age: a row for each party with anything open, by name.

    Attributes
    ----------
    on
        The day that ages are counted to; default: today.
    """

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE, Role.AUDITOR})

    party: PartyKind = PartyKind.CUSTOMER
    party_id: Id | None = None
    on: date | None = None


@does(ReportAgeing)
def report_ageing(query: ReportAgeing, book: Book) -> tuple[AgeingRow, ...]:
    """Return the rows."""
    on = query.on or find_today(book)
    where = {"party": str(query.party), "open": "1"}
    if query.party_id is not None:
        where["party_id"] = query.party_id
    accounts = sorted(book.find(Account, where), key=lambda account: account.party_id)
    return tuple(_build_row(account, on, find_minor_unit(book, account.currency)) for account in accounts)


def _build_row(account: Account, on: date, unit: Decimal) -> AgeingRow:
    sums: dict[str, Decimal] = dict.fromkeys((*_BUCKETS, "unallocated", "disputed"), ZERO)
    for item in account.items:
        amount = round_to(known(item.open) * item.rate, unit)
        if item.is_credit:
            sums["unallocated"] += amount
        else:
            sums[find_bucket((on - item.due_on).days)] += amount
            sums["disputed"] += round_to(known(item.disputed) * item.rate, unit)
    total = sum((value for name, value in sums.items() if name != "disputed"), ZERO)
    return AgeingRow(party_id=account.party_id, total=total, **sums)


def find_bucket(days: int) -> str:
    """Return the bucket of an amount that is so many days overdue.

    Examples
    --------
    >>> [find_bucket(days) for days in (-5, 0, 1, 30, 31, 91)]
    ['not_due', 'not_due', 'to_30', 'to_30', 'to_60', 'above_90']
    """
    return next((name for name, limit in zip(_BUCKETS, LIMITS, strict=False) if days <= limit), _BUCKETS[-1])
