"""The company itself, as it stands on its invoices."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from orderopt.models.life.part import Part


class Seller(Part):
    """Who invoices.

    Attributes
    ----------
    country
        ISO 3166-1, two letters.
    vat_id
        Tax number with the country's prefix, for example ``DE123456789``.
    iban
        The account that customers pay into.
    """

    name: Annotated[str, Field(min_length=1)]
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    vat_id: str | None = None
    iban: str | None = None
