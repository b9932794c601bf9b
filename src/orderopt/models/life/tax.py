"""Tax rates and exchange rates as data: which one holds on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from orderopt.errors import NotFoundError
from orderopt.models.life.amounts import Currency, Rate
from orderopt.models.life.document import Document
from orderopt.models.life.part import Part
from orderopt.models.record import Id

TaxShare = Annotated[Decimal, Field(ge=0, lt=10, decimal_places=6, allow_inf_nan=False)]
"""A tax rate as a share: 0.19 is 19 %."""


class TaxRate(Part):
    """What a tax code means from a day on.

    Attributes
    ----------
    category
        UN/CEFACT duty or tax category (list 5305): S standard, Z zero, E exempt, AE reverse charge, O outside.
    """

    starts_on: date
    rate: TaxShare
    category: str = "S"


class TaxCode(Document):
    """All rates of a tax code, by the day from which they hold."""

    KIND: ClassVar[str] = "tax"

    code: Id
    rates: tuple[TaxRate, ...] = ()

    @property
    def key(self) -> str:
        """The code."""
        return self.code

    def find_rate(self, on: date) -> TaxRate:
        """Return the rate of a day; raises NotFoundError before the first."""
        found = [rate for rate in self.rates if rate.starts_on <= on]
        if not found:
            raise NotFoundError(f"tax code {self.code} has no rate on {on.isoformat()}; set one from that day on")
        return max(found, key=lambda rate: rate.starts_on)


class DailyRate(Part):
    """What one unit of a currency is worth from a day on."""

    starts_on: date
    rate: Rate


class ExchangeRate(Document):
    """What one unit of a currency is worth in another, by day.

    Attributes
    ----------
    max_age_days
        How long a rate may be used after its day; None: until the next one.
    """

    KIND: ClassVar[str] = "exchange"

    currency: Currency
    into: Currency
    rates: tuple[DailyRate, ...] = ()
    max_age_days: int | None = None

    @property
    def key(self) -> str:
        """Both currencies, for example ``USD-EUR``."""
        return name_exchange(self.currency, self.into)

    def labels(self) -> Mapping[str, str]:
        """Return both currencies."""
        return {"currency": self.currency, "into": self.into}

    def find_rate(self, on: date) -> DailyRate:
        """Return the rate of a day; raises NotFoundError if there is none, or only one that is too old."""
        found = [rate for rate in self.rates if rate.starts_on <= on]
        newest = max(found, key=lambda rate: rate.starts_on, default=None)
        if newest is None or (self.max_age_days is not None and (on - newest.starts_on).days > self.max_age_days):
            raise NotFoundError(f"there is no rate of {self.currency} in {self.into} for {on.isoformat()}; set one")
        return newest


def name_exchange(currency: str, into: str) -> str:
    """Return the key of an exchange rate."""
    return f"{currency}-{into}"
