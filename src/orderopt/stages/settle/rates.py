"""Tax rates and exchange rates: setting them, and finding the one of a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from orderopt.models.life.amounts import Currency, Rate, find_unit
from orderopt.models.life.happened.billing import ExchangeRateSet, TaxRateSet
from orderopt.models.life.roles import Role
from orderopt.models.life.tax import DailyRate, ExchangeRate, TaxCode, TaxRate, TaxShare, name_exchange
from orderopt.models.record import Id
from orderopt.stages.book import Book, Command, does

NO_TAX = TaxRate(starts_on=date.min, rate=Decimal(0), category="O")
"""Of lines without a tax code."""


class SetTaxRate(Command):
    """Say which rate a tax code has from a day on; the same day again corrects it. Invoices that exist stay."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    code: Id
    rate: TaxShare
    starts_on: date
    category: str = "S"


class SetExchangeRate(Command):
    """Say what one unit of a currency is worth in another from a day on."""

    ROLES: ClassVar[frozenset[Role]] = frozenset({Role.FINANCE})

    currency: Currency
    into: Currency
    rate: Rate
    starts_on: date
    max_age_days: int | None = None


@does(SetTaxRate)
def set_tax_rate(command: SetTaxRate, book: Book) -> TaxCode:
    """Record the rate."""
    rate = TaxRate(starts_on=command.starts_on, rate=command.rate, category=command.category)
    fact = TaxRateSet(code=command.code, rate=rate)
    found = book.get(TaxCode, command.code)
    return book.begin(TaxCode, command.code, fact) if found is None else book.record(found, fact)


@does(SetExchangeRate)
def set_exchange_rate(command: SetExchangeRate, book: Book) -> ExchangeRate:
    """Record the rate."""
    key = name_exchange(command.currency, command.into)
    fact = ExchangeRateSet(
        currency=command.currency,
        into=command.into,
        rate=DailyRate(starts_on=command.starts_on, rate=command.rate),
        max_age_days=command.max_age_days,
    )
    found = book.get(ExchangeRate, key)
    return book.begin(ExchangeRate, key, fact) if found is None else book.record(found, fact)


def find_today(book: Book) -> date:
    """Return the day of a command in the zone of the desk's policy."""
    return book.at.astimezone(ZoneInfo(book.policy.timezone)).date()


def find_tax_rate(book: Book, code: str | None, on: date) -> tuple[str | None, TaxRate]:
    """Return the tax code of a line, the policy's if it has none, and the rate of a day."""
    used = code or book.policy.settlement.tax_code
    return (None, NO_TAX) if used is None else (used, book.need(TaxCode, used).find_rate(on))


def find_exchange_rate(book: Book, currency: str, on: date) -> tuple[Decimal, date | None]:
    """Return what a currency is worth in the desk's on a day, and the day of that rate; 1 for the desk's own."""
    if currency == book.policy.currency:
        return Decimal(1), None
    found = book.need(ExchangeRate, name_exchange(currency, book.policy.currency)).find_rate(on)
    return found.rate, found.starts_on


def find_minor_unit(book: Book, currency: str) -> Decimal:
    """Return the smallest amount of a currency, as the company counts it."""
    return find_unit(currency, book.policy.settlement.places)
